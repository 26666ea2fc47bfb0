"""Takes what a store knows into an index in a temporary folder, in which it is asked as any other."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from visualsearch_cli.index.carried.catalog_store import WritableCatalogStore
from visualsearch_cli.index.folder import IndexFolder
from visualsearch_cli.index.joined.merging import merge
from visualsearch_cli.index.open import OpenIndex, open_index, open_reader, open_writer
from visualsearch_cli.index.records import FileKey, Root
from visualsearch_cli.index.roots import is_below, key_of
from visualsearch_cli.store.memory_of_store import memory_of_store
from visualsearch_cli.store.mounted import path_of_file
from visualsearch_cli.store.port import batches

if TYPE_CHECKING:
    from visualsearch_cli.index.carried.carried_rows import CarriedFile
    from visualsearch_cli.index.model import ModelChoice
    from visualsearch_cli.index.records import Manifest
    from visualsearch_cli.pictures.reader import Decoding
    from visualsearch_cli.progress import Messages, Progress
    from visualsearch_cli.store.mounted import MountedRoots
    from visualsearch_cli.store.port import Store


@contextmanager
def open_gathered(
    store: Store,
    name: str,
    mounts: MountedRoots,
    places: Sequence[str],
    choice: ModelChoice,
    decoding: Decoding,
    progress: Progress,
    messages: Messages,
) -> Iterator[OpenIndex]:
    """Open all that a store knows as an index; with places, absolute, only what is at and below them.

    `name` is what the store is remembered by. Nothing is written to the store: what is found out is kept in a
    memory of this machine.
    """
    manifest = store.manifest()
    memory = memory_of_store(name, manifest)
    with empty_index(manifest) as folder:
        with folder.lock(), open_writer(folder) as catalog:
            gather(store, WritableCatalogStore(catalog), mounts, places, progress)
            if memory is not None:
                with open_reader(memory) as kept:
                    merge(kept, catalog)  # what is said to be no duplicates
        with open_index(folder, choice, decoding, messages) as opened:
            yield opened._replace(memory=memory)


@contextmanager
def empty_index(manifest: Manifest) -> Iterator[IndexFolder]:
    """Make an index for the vectors of a store, in a folder that is removed at the end."""
    with tempfile.TemporaryDirectory(prefix="visualsearch-") as place:
        folder = IndexFolder(Path(os.path.realpath(place)) / "gathered")
        with folder.lock():
            folder.create(manifest.model, None, manifest.params)
        yield folder


def gather(
    store: Store,
    target: WritableCatalogStore,
    mounts: MountedRoots,
    places: Sequence[str],
    progress: Progress,
) -> None:
    """Take the files of a store into an empty catalog, and the contents that they have."""
    names = store.roots()
    target.put_roots(map(mounts.here, names))
    placing = Placing(target, mounts)
    total = store.counts()
    with progress.step("Reading the store", total.contents + total.images) as advance:
        if not places:
            for contents in batches(store.contents()):
                target.put_contents(contents)
                advance(len(contents))
        for root, below in parts_of(names, mounts, places):
            for files in batches(store.files(root, below)):
                if places:
                    wanted = {file.content for file in files if file.content is not None}
                    target.put_contents(list(store.contents(wanted - target.known(wanted))))
                placing.put(files)
                advance(len(files))
    target.catalog.summarize()


class Placing:
    """Puts files of a store below the roots that they have here. Where one root lies in another, a file that
    two writers know is one file."""

    def __init__(self, target: WritableCatalogStore, mounts: MountedRoots) -> None:
        """The catalog has the roots already."""
        self._target = target
        self._mounts = mounts
        self._roots = target.catalog.roots()
        paths = [root.path for root in self._roots]
        self._nested = any(is_below(a, b) for a in paths for b in paths if a != b)

    def put(self, files: Iterable[CarriedFile]) -> None:
        """Put files, whose contents are there; those whose contents are not are left out."""
        here = [self._placed(self._mounts.file_here(file)) for file in files]
        known = self._target.known(file.content for file in here if file.content is not None)
        whole = [file for file in here if file.content is None or file.content in known]
        self._target.put_files(list({(file.root, file.relpath): file for file in whole}.values()))

    def _placed(self, file: CarriedFile) -> CarriedFile:
        if not self._nested:
            return file
        key = key_of(path_of_file(file), self._roots)
        assert key is not None  # its own root is among them, if no nearer one
        root = next(root.path for root in self._roots if root.id == key.root_id)
        return file._replace(root=root, relpath=os.fsencode(key.relpath))


def place_in_store(key: FileKey, roots: Sequence[Root], mounts: MountedRoots) -> tuple[str, bytes]:
    """Return where a place of a catalog is in the store: the name of its root, and the path below it."""
    root = next(root.path for root in roots if root.id == key.root_id)
    return mounts.there(root), b"" if key.relpath == "." else os.fsencode(key.relpath)


def parts_of(
    names: Sequence[str], mounts: MountedRoots, places: Sequence[str]
) -> Iterator[tuple[str, bytes]]:
    """Yield the roots, and the paths in them, that hold all of some places; without places, all roots."""
    for name in names:
        here = mounts.here(name)
        if not places or any(is_below(here, place) for place in places):
            yield name, b""
            continue
        for place in places:
            if is_below(place, here):
                yield name, os.fsencode(os.path.relpath(place, here).replace(os.sep, "/"))
