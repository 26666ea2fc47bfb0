"""Keep an index sound: verify it, write its derived files again, forget what is gone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from visualsearch_cli.errors import GraphUnavailable, IndexStoreError, VisualSearchError
from visualsearch_cli.index.block_files import BlockFolder
from visualsearch_cli.index.derived import block_problems, update_derived
from visualsearch_cli.index.exclusion import Exclusion, Patterns
from visualsearch_cli.index.graph_files import GraphFolder
from visualsearch_cli.index.open import open_reader, open_writer
from visualsearch_cli.index.records import FileKey
from visualsearch_cli.index.roots import away_mounts, is_emptied, is_offline, key_of
from visualsearch_cli.indexing.scanner import native
from visualsearch_cli.indexing.stores import Places
from visualsearch_cli.named_tuples import NamedTuple
from visualsearch_cli.progress import UNHEARD, Messages, Progress

if TYPE_CHECKING:
    from collections.abc import Sequence

    from visualsearch_cli.index.catalog import Catalog
    from visualsearch_cli.index.folder import IndexFolder
    from visualsearch_cli.index.writer import CatalogWriter


def problems_of(folder: IndexFolder, messages: Messages = UNHEARD) -> list[str]:
    """Verify every page, reference and checksum of an index, without the images; say what is wrong."""
    with open_reader(folder) as catalog, catalog.snapshot():
        problems = catalog.problems()
        store = GraphFolder(folder.path)
        models = catalog.models()
        of_models = [seen.manifest() for seen in models]
        for manifest, graph in ((each, graph) for each in of_models for graph in each.graphs):
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
                for seen in models
                for wrong in block_problems(seen, BlockFolder(folder.path))
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
    left_out: int = 0  # of these, files that are there, in places that are left out
    emptied: tuple[tuple[str, int], ...] = ()  # roots without a file that stay, and their images


def count_forgettable(
    folder: IndexFolder, places: Sequence[str] = (), *, stores: bool = False, emptied: bool = False
) -> Forgotten:
    """Return what `forget` would forget. Raises VisualSearchError if the index knows nothing of a place."""
    with open_reader(folder) as catalog:
        if places:
            known = {id for place in places for id in _images_at(folder, catalog, place)}
            return Forgotten(len(known))
        away = [root for root in catalog.roots() if is_offline(root, catalog)]
        ids = {root.id for root in away}
        left_out = len(_left_out(catalog, ids, stores=stores)[0])
        files = left_out + sum(catalog.counts(r.id).missing for r in catalog.roots() if r.id not in ids)
        empty = {root: _files_of(catalog, root.id) for root in away if is_emptied(root, catalog)}
        if emptied:
            return Forgotten(files + sum(empty.values()), left_out)
        return Forgotten(files, left_out, tuple((root.path, count) for root, count in empty.items()))


def forget(
    folder: IndexFolder,
    places: Sequence[str],
    progress: Progress,
    messages: Messages = UNHEARD,
    *,
    stores: bool = False,
    emptied: bool = False,
) -> Forgotten:
    """Forget missing files and those in places that are left out; or all files at and below absolute places,
    which are pictures, folders, roots, or disks inside them. Vectors that nothing refers to go, too. With
    `stores`, files in places that are left out stay.

    What is offline stays: a folder without any file as well, for it may be where a disk is mounted. With
    `emptied` such a root is forgotten.

    Raises VisualSearchError, and forgets nothing, if the index knows of nothing at a place.
    """
    with folder.lock(), open_writer(folder) as catalog:
        if places:
            for place in places:
                _images_at(folder, catalog, place)  # before anything goes
            forgotten = Forgotten(sum(_forgotten_at(catalog, place) for place in places))
        else:
            forgotten = _forgotten(catalog, stores=stores, emptied=emptied)
        update_derived(catalog, BlockFolder(folder.path), GraphFolder(folder.path), progress, messages)
    return forgotten


def _images_at(folder: IndexFolder, catalog: Catalog, place: str) -> list[int]:
    """Return the ids of images at a place and below it. Raises VisualSearchError if there is none."""
    root_id = _root_id(catalog, place)
    mount = away_mounts(catalog).get(place)
    known = FileKey(root_id, ".") if root_id is not None else mount
    return _below(catalog, known or _known_below(folder, catalog, place))[0]


def _forgotten_at(catalog: CatalogWriter, place: str) -> int:
    """Forget what is at a place and below it. Returns how many images that were: none, if a place around it
    was forgotten before."""
    if mount := away_mounts(catalog).get(place):
        forgotten = catalog.prune_files(*_below(catalog, mount))
        catalog.set_mounts([key for key in catalog.mounts() if key != mount])
        return forgotten
    if (root_id := _root_id(catalog, place)) is not None:
        return catalog.prune_roots([root_id])
    key = key_of(place, catalog.roots())
    return 0 if key is None else catalog.prune_files(*_below(catalog, key))


def _forgotten(catalog: CatalogWriter, *, stores: bool, emptied: bool) -> Forgotten:
    away = [root for root in catalog.roots() if is_offline(root, catalog)]
    empty = [root for root in away if is_emptied(root, catalog)]
    ids = {root.id for root in away}
    images, skipped = _left_out(catalog, ids, stores=stores)
    files = catalog.prune(images, skipped, sorted(ids))
    if emptied:
        return Forgotten(files + catalog.prune_roots([root.id for root in empty]), len(images))
    return Forgotten(files, len(images), tuple((root.path, _files_of(catalog, root.id)) for root in empty))


def _files_of(catalog: Catalog, root_id: int) -> int:
    counts = catalog.counts(root_id)
    return counts.images + counts.missing


def _left_out(catalog: Catalog, away: set[int], *, stores: bool) -> tuple[list[int], list[int]]:
    """Return the ids of images, and of skipped files, that `index` leaves out below their roots: in places
    of other programs, by patterns of earlier runs, or by what their folders say. With `stores`, the first
    do not count.

    What is missing is not among them, nor what lies in roots that are away.
    """
    images: list[int] = []
    skipped: list[int] = []
    roots = catalog.roots()
    said = catalog.exclude()
    patterns = Patterns((), {root.path: said[root.id] for root in roots if root.id in said})
    for root in roots:
        if root.id in away:
            continue
        places = Places(root.path)
        exclusion = Exclusion(patterns, [root.path], [])
        for path, id, _, _, missing, reason in catalog.known_files(FileKey(root.id, ".")):
            if missing:
                continue
            if exclusion.leaves_out(native(path)) or (not stores and places.leaves_out(native(path))):
                (images if reason is None else skipped).append(id)
    return images, skipped


def _below(catalog: Catalog, place: FileKey) -> tuple[list[int], list[int]]:
    """Return the ids of images, and of skipped files, at a place."""
    known = [(id, reason) for _, id, _, _, _, reason in catalog.known_files(place)]
    return [id for id, reason in known if reason is None], [id for id, reason in known if reason is not None]


def _root_id(catalog: Catalog, root: str) -> int | None:
    return next((known.id for known in catalog.roots() if known.path == root), None)


def _known_below(folder: IndexFolder, catalog: Catalog, place: str) -> FileKey:
    """Return where a folder inside a root is in the catalog. Raises VisualSearchError if nothing is known."""
    roots = catalog.roots()
    key = key_of(place, roots)
    if key is None or not catalog.has_files(key):
        raise VisualSearchError(
            f"{folder.path} knows of nothing at {place}: its roots are {', '.join(r.path for r in roots)}"
        )
    return key
