"""What runs over several indexes found out, kept in the state folder of the user.

A memory belongs to a set of indexes. It knows which pairs of pictures were compared, and the groups of the
last run: no files, and no vectors. None is ever needed: what is lost is found out again.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from visualsearch_cli.atomic import replacing, state_folder
from visualsearch_cli.errors import IndexStoreError
from visualsearch_cli.fields import Fields, Malformed, parsed
from visualsearch_cli.index.folder import IndexFolder
from visualsearch_cli.named_tuples import NamedTuple

if TYPE_CHECKING:
    from visualsearch_cli.index.records import Manifest

PLACE = "joined"
NAMES = "indexes.json"
SCHEMA = "visualsearch/joined/1"
MOST_MEMORIES = 20  # those that were not used for longest go


README = """\
Here visualsearch keeps what it found out about pictures of several indexes, which indexes.json names: the
pairs that were compared, and the groups of the last `visualsearch dupes` over them. Deleting this folder only
costs the time to compare them again.
"""


class Memory(NamedTuple):
    """A memory, and what it is of."""

    folder: IndexFolder
    indexes: tuple[IndexFolder, ...]


def memory_of(folders: Sequence[IndexFolder], manifest: Manifest) -> IndexFolder | None:
    """Return the memory of a set of indexes, which is made if there is none; None if that cannot be.

    `manifest` is that of one of them.
    """
    paths = sorted(os.path.realpath(folder.path) for folder in folders)
    name = hashlib.sha256("\0".join(paths).encode("utf-8", "surrogateescape")).hexdigest()[:32]
    try:
        place = state_folder() / PLACE
        found = IndexFolder(place / name)
        if not (found.path / NAMES).is_file():
            with found.lock():
                found.create(manifest.model, None, manifest.params, README)
                names = [str(folder.path.absolute()) for folder in folders]
                with replacing(found.path / NAMES) as written:
                    written.write_text(json.dumps({"schema": SCHEMA, "indexes": names}), encoding="ascii")
        os.utime(found.path)
        _forget_oldest(place)
    except (OSError, IndexStoreError):
        return None
    return found


def memories() -> list[Memory]:
    """Return all memories, the one that was used last first."""
    try:
        folders = _by_time(state_folder() / PLACE)
    except OSError:
        return []
    return [found for folder in folders if (found := _memory_in(folder)) is not None]


def _memory_in(folder: Path) -> Memory | None:
    try:
        document = Fields(parsed((folder / NAMES).read_bytes()), "")
        if document.text("schema") != SCHEMA:
            return None
        paths = document.paths("indexes")
    except (OSError, Malformed):
        return None
    memory = IndexFolder(folder)
    return Memory(memory, tuple(IndexFolder(path) for path in paths)) if memory.exists() else None


def _by_time(place: Path) -> list[Path]:
    return sorted(place.iterdir(), key=lambda folder: folder.stat().st_mtime_ns, reverse=True)


def _forget_oldest(place: Path) -> None:
    for folder in _by_time(place)[MOST_MEMORIES:]:
        shutil.rmtree(folder, ignore_errors=True)
