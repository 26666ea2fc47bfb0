"""An SQLite connection whose failures are ours, and whose transactions are explicit."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from operator import itemgetter
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

from visualsearch_cli.atomic import CREATE, remove_leftovers, replacing, temporary_name
from visualsearch_cli.errors import (
    IndexCorrupt,
    IndexLocked,
    IndexNotFound,
    IndexStoreError,
    IndexVersionUnsupported,
)
from visualsearch_cli.index.disks.claims import check_reading
from visualsearch_cli.index.sqlite.guards import StepCounter, check_file, check_schema, has_other_names
from visualsearch_cli.index.sqlite.migrations import APPLICATION_ID, FORMAT_VERSION, MIGRATIONS

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

T = TypeVar("T")

Types: TypeAlias = frozenset[type]
"""The types that the values of a column may have, as Python sees them."""

INTEGER: Types = frozenset({int})
TEXT: Types = frozenset({str})
BLOB: Types = frozenset({bytes})
NULL: Types = frozenset({type(None)})
ANY: Types = frozenset({int, float, str, bytes, type(None)})

_TYPE_NAMES = {int: "a whole number", float: "a number", str: "a text", bytes: "bytes", type(None): "null"}

FIRST_WAIT_S = 1.0  # until it is found out whether there are locks at all
PAGE = 8192  # bytes of a new catalog's: seven vectors with their heads fit in, and in two of 4096 only six
BUSY_TIMEOUT_S = 60.0  # readers are brief, and so are commits: waiting that long means a stuck process


class Database:
    """A catalog file. The rollback journal is used, not WAL: a catalog may lie on a network share or a
    read-only disk, where WAL's shared memory cannot work."""

    def __init__(self, path: Path, *, writable: bool) -> None:
        self.path = path
        self._steps = StepCounter()
        self._ours = _InOurWords(path, self._steps)
        self._is_patient = False
        self._connection = self._connect(writable)
        try:
            with self._ours:
                self._connection.execute("PRAGMA foreign_keys = ON")
                self._connection.execute("PRAGMA synchronous = FULL")
                self._connection.execute(f"PRAGMA query_only = {0 if writable else 1}")
                self._steps.bound(self._connection, self.path)
                self._waiting(self._check_format)
        except BaseException:
            self._connection.close()
            raise

    def _connect(self, writable: bool) -> sqlite3.Connection:
        if not self.path.is_file():
            raise IndexNotFound(f"{self.path} does not exist: run `visualsearch index PATH` first")
        check_file(self.path)
        if not writable:
            check_reading(self.path.parent)
        # Readers also open for writing where they may: only so can SQLite roll back what a killed
        # writer left half-done. query_only keeps them from changing anything themselves. What has other
        # names, nothing is ever written to: a writer gave it a copy of its own.
        mode = "ro" if has_other_names(self.path) else "rw"
        with self._ours:
            return sqlite3.connect(
                f"{self.path.absolute().as_uri()}?mode={mode}",
                uri=True,
                timeout=FIRST_WAIT_S,
                isolation_level=None,
            )

    def _check_format(self) -> None:
        connection = self._connection
        application = connection.execute("PRAGMA application_id").fetchone()[0]
        version = connection.execute("PRAGMA user_version").fetchone()[0]
        if application != APPLICATION_ID:
            raise IndexCorrupt(
                f"{self.path} is not a catalog of visualsearch (application id {application:#x}, "
                f"expected {APPLICATION_ID:#x}): use another folder with --index DIR"
            )
        if version > FORMAT_VERSION:
            raise IndexVersionUnsupported(
                f"{self.path} has format {version}, this program knows up to {FORMAT_VERSION}: "
                "upgrade visualsearch-cli"
            )
        check_schema(connection, self.path, version)

    def close(self) -> None:
        """Let go of the file."""
        self._connection.close()

    def wait_at_most(self, milliseconds: int) -> None:
        """From now on, wait no longer than this for a lock that another process has."""
        with self._ours:
            self._connection.execute(f"PRAGMA busy_timeout = {milliseconds}")
        self._is_patient = True  # or the first wait that is in vain is followed by a long one

    def rows(self, sql: str, parameters: Sequence[Any] | Mapping[str, Any] = ()) -> list[Any]:
        """Run a query and return all its rows: no cursor stays open, so no lock does."""
        with self._ours:
            return self._waiting(lambda: self._connection.execute(sql, parameters).fetchall())

    def table(
        self,
        name: str,
        columns: Mapping[str, Types],
        sql: str,
        parameters: Sequence[Any] | Mapping[str, Any] = (),
    ) -> list[Any]:
        """Run a query of a table, and check that its values are of the types of their columns.

        SQLite itself does not look that closely: a damaged page may hold a text where a number was. Raises
        IndexCorrupt.
        """
        rows = self.rows(sql, parameters)
        for place, (column, types) in enumerate(columns.items()):
            if not types.issuperset(map(type, map(itemgetter(place), rows))):  # no bytecode for each row
                row = next(row for row in rows if type(row[place]) not in types)
                first = next(iter(columns))
                where = f", in the row with {first} {ascii(row[0])[:60]}" if place else ""
                raise damaged(
                    self.path,
                    f"{name}.{column} is {ascii(row[place])[:60]}, expected {described(types)}{where}",
                )
        return rows

    def numbers(
        self, name: str, column: str, sql: str, parameters: Sequence[Any] = ()
    ) -> npt.NDArray[np.int64]:
        """Run a query of one column of whole numbers of a table. Returns them, of shape (n,), in any order.

        SQLite joins them to one text, of a billion bytes at most, which numpy reads: several times as fast as
        a row for each. Raises IndexCorrupt where a value is no whole number.
        """
        import numpy as np

        joined = f"SELECT group_concat({column}), total(typeof({column}) <> 'integer') FROM ({sql})"
        text, others = self.rows(joined, parameters)[0]
        if others:
            raise damaged(self.path, f"{name}.{column} is not {described(INTEGER)} in {others:.0f} rows")
        return np.fromstring(text or "", np.int64, sep=",")

    def run(self, sql: str, parameters: Sequence[Any] | Mapping[str, Any] = ()) -> sqlite3.Cursor:
        """Run a statement that changes something."""
        with self._ours:
            return self._waiting(lambda: self._connection.execute(sql, parameters))

    def run_many(self, sql: str, parameters: Iterable[Sequence[Any]]) -> int:
        """Run a statement for each set of parameters. Returns how many rows were changed."""
        with self._ours:
            return self._connection.executemany(sql, parameters).rowcount

    @contextmanager
    def transaction(self, kind: str = "IMMEDIATE") -> Iterator[None]:
        """Commit at the end, or change nothing."""
        self.run(f"BEGIN {kind}")
        try:
            yield
        except BaseException:
            if self._connection.in_transaction:
                self._connection.rollback()
            raise
        try:
            self.run("COMMIT")
        except BaseException:
            if self._connection.in_transaction:
                self._connection.rollback()
            raise

    def _waiting(self, call: Callable[[], T]) -> T:
        """Call what needs a lock. If another process has it, wait; if there are none, tell so soon."""
        try:
            return call()
        except sqlite3.OperationalError as error:
            if self._is_patient or not _is_locked(error) or _has_no_locks(self.path.parent):
                raise
        self._connection.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_S * 1000:.0f}")
        self._is_patient = True
        return call()


class _InOurWords:
    """Within it, what SQLite raises is said in our words. There is one for all statements: to make one for
    each takes as long as many of them do."""

    __slots__ = ("_path", "_steps")

    def __init__(self, path: Path, steps: StepCounter) -> None:
        self._path = path
        self._steps = steps

    def __enter__(self) -> None:
        self._steps.count = 0

    def __exit__(self, kind: object, error: BaseException | None, traceback: object) -> None:
        if isinstance(error, (sqlite3.Error, UnicodeDecodeError)):
            raise translate(error, self._path) from error
        if isinstance(error, MemoryError):  # of SQLite, where a damaged page says that it holds gigabytes
            raise IndexCorrupt(
                f"{self._path} asks for more memory than there is: it is damaged, or memory is short; "
                "run `visualsearch check`, or index again into a new folder"
            ) from error


def _is_locked(error: Exception) -> bool:
    return "locked" in str(error) or "busy" in str(error)


def _has_no_locks(folder: Path) -> bool:
    """Tell whether a folder is known to lie where SQLite can lock nothing."""
    try:
        return refuses_locks(folder)
    except OSError:
        return False  # nothing can be made there, so it cannot be told


def rows_since(
    path: Path,
    version: int,
    name: str,
    columns: Mapping[str, Types],
    sql: str,
    parameters: Sequence[Any] = (),
) -> list[Any]:
    """Run a query of a table, as `Database.table` does. A catalog of an older format, which has no such table
    yet, has no rows."""
    database = Database(path, writable=False)
    try:
        is_older = database.rows("PRAGMA user_version")[0][0] < version
        return [] if is_older else database.table(name, columns, sql, parameters)
    finally:
        database.close()


Writer: TypeAlias = Callable[[], AbstractContextManager["Database | None"]]
"""Opens a catalog for writing, for as long as it lasts, or gives None where that cannot be."""


def described(types: Types) -> str:
    """Return types in words."""
    return " or ".join(sorted(_TYPE_NAMES[type] for type in types))


def damaged(path: Path, why: str) -> IndexCorrupt:
    """Say what is wrong with the rows of a catalog."""
    return IndexCorrupt(f"{path} is damaged ({why}): index again into a new folder")


def translate(error: sqlite3.Error | UnicodeDecodeError, path: Path) -> IndexStoreError:
    """Say what an SQLite error means for the user."""
    text = str(error)
    if _is_locked(error):
        if _has_no_locks(path.parent):
            return IndexStoreError(
                f"{path} lies on a file system that refuses locks ({text}): index again into a folder on "
                "another one with --index DIR, or mount it so that it has locks (SMB: with nobrl)"
            )
        return IndexLocked(f"{path} is in use by another process: wait for it to end ({text})")
    if text == "interrupted":  # by `guards.bound_time`
        return IndexCorrupt(
            f"{path} is damaged (a statement takes longer than all that it holds can take): "
            "index again into a new folder"
        )
    if "malformed" in text or "not a database" in text or "corrupt" in text:
        return IndexCorrupt(
            f"{path} is damaged ({text}): delete its folder and index again, or restore a backup"
        )
    if isinstance(error, (sqlite3.OperationalError, sqlite3.NotSupportedError)):
        if "no such" in text:
            return IndexCorrupt(f"{path} lacks a part ({text}): delete its folder and index again")
        if "decode" in text:
            return IndexCorrupt(f"{path} is damaged ({text}): delete its folder and index again")
        return IndexStoreError(f"{path} cannot be used ({text}): check free space and permissions")
    return IndexCorrupt(
        f"{path} contains something that it should not ({text}): index again into a new folder"
    )


def create(path: Path, manifest: Mapping[str, str]) -> None:
    """Make a catalog of the current format. Nothing is at `path` until it is whole.

    The caller holds the lock. Raises IndexStoreError, and OSError if no file can be made.
    """
    remove_leftovers(path.parent)
    try:
        with replacing(path) as partial:
            _fill(partial, manifest)
    except sqlite3.Error as error:
        raise translate(error, path) from error


def refuses_locks(folder: Path) -> bool:
    """Tell whether a folder lies where SQLite can lock nothing: on a share over SMB, as it is mounted if
    nothing else is said. It is tried out on a new file, which nobody else has open.

    Raises OSError if no file can be made there.
    """
    path = folder / temporary_name()
    os.close(os.open(path, CREATE, 0o600))
    try:
        connection = sqlite3.connect(path, timeout=0, isolation_level=None)
        try:
            connection.execute("CREATE TABLE tried (number INTEGER)")
            connection.execute("SELECT * FROM tried").fetchall()
        finally:
            connection.close()
    except sqlite3.OperationalError as error:
        return _is_locked(error) or "locking" in str(error)
    finally:
        for name in (path.name, f"{path.name}-journal"):
            path.with_name(name).unlink(missing_ok=True)
    return False


def _fill(path: Path, manifest: Mapping[str, str]) -> None:
    """Make the tables of a catalog in an empty file."""
    connection = sqlite3.connect(path, isolation_level=None)
    try:
        connection.execute(f"PRAGMA page_size = {PAGE}")
        connection.execute("BEGIN")
        for step in MIGRATIONS:
            for statement in step:
                connection.execute(statement)
        connection.executemany("INSERT INTO manifest VALUES (?, ?)", manifest.items())
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.execute(f"PRAGMA user_version = {FORMAT_VERSION}")
        connection.execute("COMMIT")
    finally:
        connection.close()


def migrate(path: Path) -> None:
    """Bring an older catalog to the current format, step by step. The caller holds the lock."""
    database = Database(path, writable=True)
    try:
        version = database.rows("PRAGMA user_version")[0][0]
        for number, step in enumerate(MIGRATIONS[version:], start=version + 1):
            with database.transaction():
                for statement in step:
                    database.run(statement)
                database.run(f"PRAGMA user_version = {number}")
    finally:
        database.close()
