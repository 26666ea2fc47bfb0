"""What a catalog file must be before SQLite is let near it, and before a statement of ours runs in it.

An index comes with a folder that may be anybody's. SQLite trusts the files that it opens: what a journal says
is done, and a table may be a view that calculates for years. So the file, those beside it, and the schema
have to be as this program writes them.
"""

from __future__ import annotations

import os
import sqlite3
import stat
from collections.abc import Sequence
from pathlib import Path

from visualsearch_cli.atomic import NO_FOLLOW, READ
from visualsearch_cli.errors import IndexCorrupt
from visualsearch_cli.index.sqlite.migrations import MIGRATIONS

BESIDE = ("-journal", "-wal", "-shm")  # what SQLite opens beside a database, some of it for writing

SUPER_JOURNAL = bytes.fromhex("d9d505f920a163d7")
"""How a journal ends that names a second one: SQLite deletes that file, wherever it is, after it has rolled
back. A transaction over several databases has one; this program has no such transactions. See
sqlite.org/fileformat.html, "The Rollback Journal"."""

VERSIONS = slice(18, 20)  # of the header: 1 and 1 for a rollback journal, 2 for a write-ahead log
ROLLBACK = b"\1\1"

STEP = 1_000_000  # instructions of SQLite's machine between two looks at how many there were: some 10 ms
STEPS_AT_LEAST = 100  # for any statement: an empty catalog has its schema to be read
BYTES_PER_STEP = 20_000
"""A statement may take a step for so many bytes of its catalog. A vector has 1,000 bytes and more, a row of
`images` 100, and a pass over all of them takes 30 instructions for each, `check` 500: a tenth of this."""


HOLLOW_BYTES, HOLLOW_SHARE = 1 << 26, 64  # from which on a file may be hollow, and what share is on the disk


def check_file(path: Path) -> None:
    """Look at a catalog file and at those beside it, before SQLite does. Raises IndexCorrupt."""
    real = os.path.realpath(path)  # where SQLite looks, if the catalog is a link
    for suffix in BESIDE:
        beside = Path(real + suffix)
        try:
            state = os.lstat(beside)
        except OSError:
            continue
        if not stat.S_ISREG(state.st_mode):
            what = f"a link to {os.readlink(beside)}" if stat.S_ISLNK(state.st_mode) else "no regular file"
            raise IndexCorrupt(f"{beside} is {what}, and an index is not written through one: remove it")
        if state.st_nlink > 1:
            raise IndexCorrupt(
                f"{beside} has {state.st_nlink} names (hard links), and what is written to one is written to "
                "all: remove it"
            )
        end = max(0, state.st_size - len(SUPER_JOURNAL))
        # A writer that ends just now deletes its journal: what is gone has no end.
        if suffix == "-journal" and _read(beside, end, len(SUPER_JOURNAL)) == SUPER_JOURNAL:
            raise IndexCorrupt(
                f"{beside} would have another file deleted, and this program writes no such journal: "
                f"remove it, then run `visualsearch check`"
            )
    if has_other_names(path) and os.path.lexists(real + "-journal"):
        raise IndexCorrupt(
            f"{path} has other names (hard links), and a change of it was not finished: what is taken back "
            "in one is taken back in all. Let a copy take its place "
            f"(cp {path.name} copy; mv copy {path.name}), then run `visualsearch check`"
        )
    if _is_hollow(path):
        raise IndexCorrupt(
            f"{path} is damaged ({os.stat(path).st_size} bytes, of which hardly any is on the disk): "
            "index again into a new folder"
        )
    versions = _read(path, 0, 100)[VERSIONS]
    if len(versions) == 2 and versions != ROLLBACK:  # what is shorter, SQLite says
        raise IndexCorrupt(
            f"{path} is kept with a write-ahead log (its header has {versions.hex()}, expected "
            f"{ROLLBACK.hex()}), as no index of this program is: index again into a new folder"
        )


def has_other_names(path: Path) -> bool:
    """Tell whether a catalog file has further names (hard links), in a backup or a stranger's folder."""
    try:
        return os.stat(path).st_nlink > 1
    except OSError:
        return False


def _is_hollow(path: Path) -> bool:
    """Tell whether a file is nearly all holes: how long a statement may take is told by its size.

    Vectors hardly shrink where a file system compresses; some tell no blocks at all.
    """
    try:
        state = os.stat(path)
    except OSError:
        return False
    blocks = getattr(state, "st_blocks", 0)
    return bool(blocks) and state.st_size > HOLLOW_BYTES and blocks * 512 * HOLLOW_SHARE < state.st_size


def check_schema(connection: sqlite3.Connection, path: Path, version: int) -> None:
    """Check that a catalog has no table, view, trigger or index but those of its format.

    What it lacks is said when it is asked for. Raises IndexCorrupt.
    """
    rows = connection.execute("SELECT type, name, sql FROM sqlite_schema").fetchall()
    if foreign := _foreign(rows, _statements(version)):
        kind, name = (ascii(part)[1:-1][:60] for part in map(str, foreign))
        raise IndexCorrupt(
            f"{path} is damaged (its {kind} {name} is not as this program makes it): "
            "index again into a new folder"
        )


class StepCounter:
    """How long a statement takes, in steps of STEP instructions. `count` is set to 0 before each."""

    def __init__(self) -> None:
        self.count = 0
        self._most = STEPS_AT_LEAST

    def bound(self, connection: sqlite3.Connection, path: Path) -> None:
        """Let no statement take more time than what a catalog holds can need: pages of a damaged file can
        lead in circles."""
        self._most = STEPS_AT_LEAST + os.stat(path).st_size // BYTES_PER_STEP
        connection.set_progress_handler(self._is_too_much, STEP)

    def _is_too_much(self) -> bool:
        self.count += 1
        return self.count > self._most


def _foreign(rows: Sequence[tuple[str, str, str | None]], known: frozenset[str]) -> tuple[str, str] | None:
    for kind, name, sql in rows:
        if sql is None:
            continue  # an index that belongs to a table's own keys
        if sql not in known and not (kind == "table" and str(name).startswith("sqlite_")):
            return (
                kind,
                name,
            )  # sqlite_sequence and sqlite_stat1 are SQLite's own: nobody else may name one so
    return None


def _statements(version: int) -> frozenset[str]:
    """Return what SQLite keeps of the statements of a format: they are written as it keeps them."""
    return frozenset(statement for step in MIGRATIONS[:version] for statement in step)


def _read(path: Path, start: int, count: int) -> bytes:
    """Return some bytes of a file, none if they cannot be read: then SQLite cannot read them either."""
    try:
        with os.fdopen(os.open(path, READ & ~NO_FOLLOW), "rb", buffering=0) as file:
            file.seek(start)
            return file.read(count)
    except OSError:
        return b""
