"""Keep an index sound: verify it, write its derived files again, forget what is gone."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from visualsearch_cli.errors import GraphUnavailable, IndexStoreError, VisualSearchError
from visualsearch_cli.index.block_files import BlockFolder
from visualsearch_cli.index.derived import block_problems, update_derived
from visualsearch_cli.index.graph_files import GraphFolder
from visualsearch_cli.index.open import open_reader, open_writer
from visualsearch_cli.index.records import FileKey
from visualsearch_cli.index.roots import away_mounts, is_offline
from visualsearch_cli.indexing.scanner import native
from visualsearch_cli.indexing.stores import Places
from visualsearch_cli.progress import UNHEARD, Messages, Progress

if TYPE_CHECKING:
    from collections.abc import Sequence

    from visualsearch_cli.index.catalog import Catalog
    from visualsearch_cli.index.folder import IndexFolder


def problems_of(folder: IndexFolder, messages: Messages = UNHEARD) -> list[str]:
    """Verify every page, reference and checksum of an index, without the images; say what is wrong."""
    with open_reader(folder) as catalog, catalog.snapshot():
        problems = catalog.problems()
        manifest = catalog.manifest()
        store = GraphFolder(folder.path)
        for graph in manifest.graphs:
            wrong = store.verify(graph)
            if wrong is None:
                try:
                    store.load(graph, manifest.model.dim, manifest.params)
                except GraphUnavailable as error:
                    messages.note(f"of {graph.name} the checksum alone was verified: {error}")
                except IndexStoreError as error:
                    wrong = str(error)
            if wrong is not None:
                problems.append(f"graph: {wrong}: run `visualsearch check --repair`")
        if not problems:  # else the catalog itself may be what is wrong
            problems += [
                f"vectors: {wrong}: run `visualsearch check --repair`"
                for wrong in block_problems(catalog, BlockFolder(folder.path))
            ]
    return problems


def repair(folder: IndexFolder, progress: Progress, messages: Messages = UNHEARD) -> None:
    """Write the derived files of an index again, from its catalog."""
    with folder.lock(), open_writer(folder) as catalog:
        blocks, graphs = BlockFolder(folder.path), GraphFolder(folder.path)
        update_derived(catalog, blocks, graphs, progress, messages, rebuild=True)


class Forgotten(NamedTuple):
    """How many files were forgotten."""

    files: int
    left_out: int  # of these, files that are there, in places that are left out


def count_forgettable(folder: IndexFolder, root: str | None, *, stores: bool = False) -> Forgotten:
    """Return what `forget` would forget. Raises VisualSearchError if there is no such root."""
    with open_reader(folder) as catalog:
        if mount := _mount(catalog, root):
            return Forgotten(len(_below(catalog, mount)[0]), 0)
        root_id = _root_id(folder, catalog, root)
        counts = catalog.counts(root_id)
        if root_id is not None:
            return Forgotten(counts.images + counts.missing, 0)
        images = () if stores else _left_out(catalog)[0]
        return Forgotten(counts.missing + len(images), len(images))


def forget(
    folder: IndexFolder,
    root: str | None,
    progress: Progress,
    messages: Messages = UNHEARD,
    *,
    stores: bool = False,
) -> Forgotten:
    """Forget missing files and those in places that are left out, or all files of a root or of a disk inside
    one; and vectors that nothing refers to. With `stores`, files in places that are left out stay.

    Raises VisualSearchError if there is no such root.
    """
    images: Sequence[int] = ()
    skipped: Sequence[int] = ()
    with folder.lock(), open_writer(folder) as catalog:
        if mount := _mount(catalog, root):
            forgotten = catalog.prune_files(*_below(catalog, mount))
            catalog.set_mounts([key for key in catalog.mounts() if key != mount])
        else:
            root_id = _root_id(folder, catalog, root)
            if root_id is None and not stores:
                images, skipped = _left_out(catalog)
            forgotten = catalog.prune(root_id, images, skipped)
        update_derived(catalog, BlockFolder(folder.path), GraphFolder(folder.path), progress, messages)
    return Forgotten(forgotten, len(images))


def _left_out(catalog: Catalog) -> tuple[list[int], list[int]]:
    """Return the ids of images, and of skipped files, in places that `index` leaves out below their roots.

    What is missing is not among them, and what is offline is left alone.
    """
    images: list[int] = []
    skipped: list[int] = []
    for root in catalog.roots():
        if is_offline(root, catalog):
            continue
        places = Places(root.path)
        for path, id, _, _, missing, reason in catalog.known_files(FileKey(root.id, ".")):
            if not missing and places.leaves_out(native(path)):
                (images if reason is None else skipped).append(id)
    return images, skipped


def _mount(catalog: Catalog, root: str | None) -> FileKey | None:
    """Return the place of a disk that was mounted inside a root, and is not there now."""
    return None if root is None else away_mounts(catalog).get(root)


def _below(catalog: Catalog, place: FileKey) -> tuple[list[int], list[int]]:
    """Return the ids of images, and of skipped files, at a place."""
    known = [(id, reason) for _, id, _, _, _, reason in catalog.known_files(place)]
    return [id for id, reason in known if reason is None], [id for id, reason in known if reason is not None]


def _root_id(folder: IndexFolder, catalog: Catalog, root: str | None) -> int | None:
    if root is None:
        return None
    roots = {known.path: known.id for known in catalog.roots()}
    if root not in roots:
        raise VisualSearchError(f"{root} is not a root of {folder.path}, which has {', '.join(roots)}")
    return roots[root]
