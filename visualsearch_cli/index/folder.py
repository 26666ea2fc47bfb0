"""The folder of an index: its files, its lock, and how it comes into being."""

from __future__ import annotations

import datetime
import json
import os
import re
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from visualsearch_cli import __version__
from visualsearch_cli.atomic import READ, is_temporary, make_own, replacing, state_folder
from visualsearch_cli.embedders.embedder import ModelSpec
from visualsearch_cli.embedders.weights import PROJECTION, projection_in
from visualsearch_cli.errors import IndexCorrupt, IndexLocked, IndexStoreError
from visualsearch_cli.fields import Fields, Malformed, parsed
from visualsearch_cli.index.disks.claims import claimed
from visualsearch_cli.index.records import INDEX_FOLDER, Manifest
from visualsearch_cli.index.sqlite.migrations import FORMAT_VERSION
from visualsearch_cli.index.sqlite.rows import manifest_rows
from visualsearch_cli.vectors.index import FULL_BITS, IndexParams

README = """\
This folder is an index of the images around it, made by visualsearch: catalog.sqlite knows the files and
their vectors. Two kinds of files are derived from it: vectors.*, the vectors in rows to be read fast, and
hnsw.*.bin, a search graph. If there is a projection.model, it makes the vectors shorter. No image is in
here and none depends on it: deleting this folder only costs the time to index again.
"""


DERIVED = ("hnsw.", "vectors.", "catalog.sqlite", PROJECTION)
"""How names begin that an interrupted run may leave."""

POINTER = "elsewhere.json"
"""Stands in the place of an index whose file system refuses locks, and names the one of this user."""

LARGEST_POINTER = 10_000  # bytes: more is none

_POINTED = re.compile("[0-9a-f]{32}")

POINTER_SCHEMA = "visualsearch/elsewhere/1"
POINTER_README = """\
visualsearch was asked to make an index here, but this file system refuses the locks that keep it whole. The
index lies in the state folder of the user who made it, under the name in elsewhere.json.
"""

WRITTEN_IN_PLACE = ("lock", "catalog.sqlite", "catalog.sqlite-journal")  # all else gets a new file


def _named(name: str) -> Path:
    return state_folder() / "indexes" / name


def _pointed_to(pointer: Path) -> Path:
    """Return the folder that a pointer names. Raises IndexCorrupt if it is none."""
    try:
        with os.fdopen(os.open(pointer, READ), "rb") as stream:
            document = Fields(parsed(stream.read(LARGEST_POINTER)), f"{POINTER}: ")
        name = document.text("name")
        if document.text("schema") != POINTER_SCHEMA or not _POINTED.fullmatch(name):
            raise Malformed(f"{POINTER} names {name!r}, which is not one of our indexes")
    except (OSError, Malformed) as error:
        raise IndexCorrupt(f"{pointer} cannot be followed ({error}): delete it and index again") from error
    return _named(name)


def _is_file(path: Path) -> bool:
    """Tell whether a file is there. Raises PermissionError if that is not told: since Python 3.14, `is_file`
    takes it for absent."""
    try:
        return stat.S_ISREG(os.stat(path).st_mode)
    except PermissionError:
        raise
    except (OSError, ValueError):
        return False


class IndexFolder:
    """An index on disk, existing or to be made."""

    def __init__(self, path: Path) -> None:
        """Take the folder itself, or the folder that holds a `.visualsearch`.

        Raises IndexStoreError if this user may not look into it; IndexCorrupt if a pointer leads nowhere.
        """
        try:
            inner = path / INDEX_FOLDER
            self.path = inner if not _is_file(path / "catalog.sqlite") and inner.is_dir() else path
            self.asked = self.path  # where it was to be: another folder, if there is a pointer to this one
            if not self.exists() and (pointer := self.path / POINTER).is_file():
                self.path = _pointed_to(pointer)
        except PermissionError as error:
            raise IndexStoreError(
                f"{path} may not be looked into ({error.strerror}): ask its owner to let you, or pass "
                "--index DIR for another index"
            ) from error

    @property
    def catalog_path(self) -> Path:
        """Where the catalog is."""
        return self.path / "catalog.sqlite"

    def exists(self) -> bool:
        """Tell whether there is an index."""
        return self.catalog_path.is_file()

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Be the one writer. The lock dies with its process.

        Raises IndexLocked at once if another process holds it.
        """
        from filelock import FileLock, Timeout  # a reader needs no lock, and not to wait for its import

        try:
            self._prepare()
            if not self.exists() and self.path == self.asked:
                self._avoid_refused_locks()
            lock = FileLock(self.path / "lock", timeout=0)
            lock.acquire()
        except Timeout as error:
            raise IndexLocked(
                f"{self.path} is being written by another process: wait for it to end, "
                "or use another index with --index DIR"
            ) from error
        except OSError as error:
            raise self._unwritable(error) from error
        try:
            with claimed(self.path):
                if self.exists():
                    self._make_own()
                yield
        finally:
            lock.release()

    def _prepare(self) -> None:
        if not self.exists() and self.path.is_dir():
            strangers = {entry.name for entry in self.path.iterdir()} - {"README", "lock", POINTER}
            if not all(name.startswith(DERIVED) or is_temporary(name) for name in strangers):
                raise IndexStoreError(
                    f"{self.path} is not an index and not empty: "
                    f"pass --index {self.path / INDEX_FOLDER} to keep one inside it"
                )
        self.path.mkdir(parents=True, exist_ok=True)
        for name in WRITTEN_IN_PLACE:
            if (link := self.path / name).is_symlink():
                raise IndexStoreError(
                    f"{link} is a symbolic link to {os.readlink(link)}, and an index is not written "
                    "through links: put the file itself there, or remove the link"
                )

        with suppress(FileNotFoundError):
            state = os.lstat(lock := self.path / "lock")
            if state.st_nlink > 1 and state.st_size:  # some versions of filelock empty it
                raise IndexStoreError(
                    f"{lock} has {state.st_nlink} names (hard links) and holds {state.st_size} bytes, and no "
                    "lock of an index holds any: remove it"
                )

    def _make_own(self) -> None:
        """Write to no catalog that has another name, in a backup of hard links perhaps: a copy takes its
        place. The caller holds the lock."""
        from visualsearch_cli.index.sqlite.guards import check_file  # late: it imports sqlite3

        check_file(self.catalog_path)  # an unfinished change is for the catalog that it was made in
        try:
            make_own(self.catalog_path)
        except OSError as error:
            raise self._unwritable(error) from error

    def _avoid_refused_locks(self) -> None:
        """Go to the state folder of the user where SQLite can lock nothing, and leave a pointer to there."""
        from visualsearch_cli.index.sqlite.database import refuses_locks

        if not refuses_locks(self.path):
            return
        name = os.urandom(16).hex()
        with replacing(self.path / "README") as readme:
            readme.write_text(POINTER_README, encoding="utf-8")
        with replacing(self.path / POINTER) as pointer:
            pointer.write_text(json.dumps({"schema": POINTER_SCHEMA, "name": name}) + "\n", encoding="ascii")
        self.path = _named(name)
        self._prepare()

    def _unwritable(self, error: OSError) -> IndexStoreError:
        return IndexStoreError(
            f"{self.path} cannot be written ({error.strerror}): choose another place with --index DIR"
        )

    def create(
        self,
        model: ModelSpec,
        weights_path: Path | None,
        params: IndexParams,
        about: str = README,
        second: tuple[ModelSpec, Path | None] | None = None,
        bits: int = FULL_BITS,
    ) -> None:
        """Make an empty index of one model, or of two: the second comes with its file of weights, if it has
        one. `about` tells people what it is. Of each value of a vector it keeps so many bits. The caller
        holds the lock."""
        from visualsearch_cli.index.sqlite.database import create

        now = datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds")
        manifest = Manifest(
            format_version=FORMAT_VERSION,
            created_by=__version__,
            created=now,
            model=model,
            weights_path=os.path.abspath(weights_path) if weights_path else None,
            params=params,
            graph=None,
            bits=bits,
        )
        if second is not None:
            where = os.path.abspath(second[1]) if second[1] else None
            manifest = manifest._replace(other=manifest._replace(model=second[0], weights_path=where))
        try:
            with replacing(self.path / "README") as readme:
                readme.write_text(about, encoding="utf-8")
            create(self.catalog_path, manifest_rows(manifest))
        except OSError as error:
            raise self._unwritable(error) from error

    def put_projection(self, content: bytes) -> Path:
        """Write the file that makes vectors shorter, see `index --dim`. The caller holds the lock."""
        path = self.path / PROJECTION
        try:
            with replacing(path) as temporary:
                temporary.write_bytes(content)
        except OSError as error:
            raise self._unwritable(error) from error
        return path

    def take_projection(self, source: IndexFolder, model: ModelSpec) -> None:
        """Take over the file that makes vectors of a model shorter, if another index has it. The caller holds
        the lock."""
        path = projection_in(source.path, model.weights)
        if path is not None:
            self.put_projection(path.read_bytes())

    def migrate(self) -> None:
        """Bring an older index to the current format. The caller holds the lock."""
        from visualsearch_cli.index.sqlite.database import migrate

        migrate(self.catalog_path)
