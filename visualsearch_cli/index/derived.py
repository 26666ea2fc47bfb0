"""What is derived from the catalog, brought up to date at the end of a run: blocks of vectors, and graphs.

Both are files that the catalog names. Each holds the vectors up to an id; what was appended since lies
beside it, in the catalog alone, until it is worth writing. What is lost, damaged or stale is written again.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Protocol

from visualsearch_cli.errors import (
    GraphLibraryMissing,
    GraphUnavailable,
    IndexCorrupt,
    IndexNotFound,
    IndexStoreError,
)
from visualsearch_cli.index.records import BlockFile, Frames, GraphFile, StoredVectors
from visualsearch_cli.progress import UNHEARD, Messages, Progress
from visualsearch_cli.vectors.index import IndexParams, VectorIndex

if TYPE_CHECKING:
    from visualsearch_cli.index.block_files import BlockFolder
    from visualsearch_cli.index.block_rows import VectorBlock
    from visualsearch_cli.index.catalog import Catalog
    from visualsearch_cli.index.writer import CatalogWriter

STALE_SHARE = 0.2  # of the vectors in a file that belong to nothing: then it is written from scratch

WORTH_WRITING = 1_000  # fewer vectors are read from the catalog in 2 ms: no block is made for them
CHUNK = 8_192  # vectors in memory at once while a block is written

SMALL_TAIL = 1_000  # vectors beside the graph that cost less to search than to insert
TAIL_SHARE = 0.05  # of the graph's vectors: likewise
INSERT_CHUNK = 2_000  # vectors in memory besides the graph, and between two moves of the progress bar


class GraphStore(Protocol):
    """The graph files of one index folder."""

    def create(self, dim: int, params: IndexParams) -> VectorIndex:
        """Return an empty graph in memory. Raises GraphUnavailable if none can be made here."""

    def load(self, graph: GraphFile, dim: int, params: IndexParams) -> VectorIndex:
        """Return a saved graph.

        Raises IndexCorrupt, IndexNotFound if the file is not there, and GraphUnavailable.
        """

    def save(self, index: VectorIndex, generation: int, last_id: int) -> GraphFile:
        """Write a graph under the name of its generation. Nothing is at that name until it is whole."""

    def exists(self, graph: GraphFile) -> bool:
        """Tell whether the file of a graph is there; its checksum is verified when it is loaded."""

    def verify(self, graph: GraphFile) -> str | None:
        """Return what is wrong with a saved graph's file, if anything."""

    def sweep(self, keep: Sequence[GraphFile]) -> None:
        """Delete the other graph files, and what an interrupted run left."""


def update_derived(
    catalog: CatalogWriter,
    blocks: BlockFolder,
    graphs: GraphStore,
    progress: Progress,
    messages: Messages = UNHEARD,
    *,
    rebuild: bool = False,
) -> None:
    """Summarize what changed, then write what is new to blocks and graphs, where that is worth it.

    Where no graph can be made, there is none, or an older one beside which more lies: every search can do
    without.
    """
    catalog.summarize(rebuild=rebuild)
    models = catalog.models()
    for seen in models:
        update_blocks(seen, blocks, progress, rebuild=rebuild)
    try:
        for seen in models:
            update_graphs(seen, graphs, progress, rebuild=rebuild)
    except GraphUnavailable as error:
        say = messages.detail if isinstance(error, GraphLibraryMissing) else messages.note
        say(f"{error}; until then, queries compare every vector")
        for seen in models if rebuild else ():
            for frames in Frames:
                graph = seen.manifest().graph_of(frames)
                if graph and graphs.verify(graph):
                    seen.set_graph(None, frames)


def is_stale(catalog: Catalog, file: BlockFile | GraphFile, frames: Frames) -> bool:
    """Tell whether too many of the vectors inside a file belong to nothing any more."""
    inside = catalog.vector_count(frames=frames) - catalog.vector_count(file.last_id, frames)
    return inside < file.vectors * (1 - STALE_SHARE)


def in_parts(catalog: Catalog, after: int, frames: Frames, size: int) -> Iterator[StoredVectors]:
    """Yield the vectors with a larger id, so many at a time: memory does not grow with the index."""
    while len((stored := catalog.all_vectors(after, frames, size)).ids):
        yield stored
        after = int(stored.ids[-1])


def update_blocks(
    catalog: CatalogWriter, folder: BlockFolder, progress: Progress, *, rebuild: bool = False
) -> list[BlockFile]:
    """Bring each block of a model up to date. Returns those that changed.

    Order: rows behind the last one that counts, synced; the catalog says that they count (the commit). A
    block that is damaged, or much of which belongs to nothing, becomes a new file; older files go last.
    """
    changed = [_updated_block(catalog, folder, progress, frames, rebuild) for frames in Frames]
    folder.sweep(keep=catalog.manifest().all_blocks)
    return [block for block in changed if block]


def _updated_block(
    catalog: CatalogWriter, folder: BlockFolder, progress: Progress, frames: Frames, rebuild: bool
) -> BlockFile | None:
    manifest = catalog.manifest()
    block = None if rebuild else manifest.block_of(frames)
    if block and (is_stale(catalog, block, frames) or not folder.exists(block)):
        block = None
    total = catalog.vector_count(block.last_id if block else 0, frames)
    form = manifest.model.dim, manifest.bits
    if block and total and not _can_grow(folder, block, *form):
        block, total = None, catalog.vector_count(frames=frames)
    after = block.last_id if block else 0
    if not total:
        if not block and manifest.block_of(frames):
            catalog.set_block(None, frames)
        return None
    if not block and total < WORTH_WRITING and not manifest.block_of(frames):
        return None
    number = 1 + max((folder.number_of(known) for known in manifest.all_blocks), default=0)
    with progress.step("Writing vectors", total) as advance:

        def parts() -> Iterator[StoredVectors]:
            for stored in in_parts(catalog, after, frames, CHUNK):
                yield stored
                advance(len(stored.ids))

        written = folder.append(block, parts(), number, *form)
    catalog.set_block(written, frames)
    return written


def _can_grow(folder: BlockFolder, block: BlockFile, dim: int, bits: int) -> bool:
    """Tell whether a block is what it should be, as far as that is seen at once."""
    try:
        folder.open(block, dim, bits)
    except IndexStoreError:
        return False  # derived data: it is written again
    return True


def block_problems(catalog: Catalog, folder: BlockFolder) -> list[str]:
    """Compare every row of the blocks with the catalog; say what is wrong."""
    manifest = catalog.manifest()
    found = []
    for frames in Frames:
        if block := manifest.block_of(frames):
            try:
                rows = folder.open(block, manifest.model.dim, manifest.bits)
                found += _differences(catalog, rows, block, frames)
            except IndexStoreError as error:
                found.append(str(error))
    return found


def _differences(catalog: Catalog, rows: VectorBlock, block: BlockFile, frames: Frames) -> list[str]:
    import numpy as np  # here, because a run that finds nothing new has no need of it

    ids = np.ascontiguousarray(rows.ids)
    if (np.diff(ids) <= 0).any():
        return [f"{block.name} has vectors that are not in the order of their ids"]
    wrong = 0
    for stored in _up_to(catalog, block.last_id, frames):
        places = np.searchsorted(ids, stored.ids)  # rows of what was forgotten since lie between them
        if places[-1] >= len(ids) or (ids[places] != stored.ids).any():
            return [f"{block.name} lacks vectors that the catalog has"]
        first = int(places[0])
        copy = rows.part(slice(first, int(places[-1]) + 1))
        here = places - first
        differ = (copy.vectors[here] != stored.vectors).any(axis=1)
        differ |= (copy.content_ids[here] != stored.content_ids) | (copy.regions[here] != stored.regions)
        wrong += int(differ.sum())
    return [f"{block.name} has {wrong} vectors that differ from those of the catalog"] if wrong else []


def _up_to(catalog: Catalog, last: int, frames: Frames) -> Iterator[StoredVectors]:
    """Yield the vectors up to an id, part by part."""
    import numpy as np

    for stored in in_parts(catalog, 0, frames, CHUNK):
        count = int(np.searchsorted(stored.ids, last, side="right"))
        if count:
            yield StoredVectors(
                stored.ids[:count],
                stored.content_ids[:count],
                stored.regions[:count],
                stored.vectors[:count],
            )
        if count < len(stored.ids):
            return


def update_graphs(
    catalog: CatalogWriter, store: GraphStore, progress: Progress, *, rebuild: bool = False
) -> list[GraphFile]:
    """Write a new generation of each graph of a model for which that is worth it. Returns those that were
    written.

    Order: the file under a new name, synced; the catalog names it (the commit); older files go. A crash
    in between leaves a file that nothing names, which the next update sweeps away.
    """
    written = [_updated_graph(catalog, store, progress, frames, rebuild) for frames in Frames]
    return [graph for graph in written if graph]


def _updated_graph(
    catalog: CatalogWriter, store: GraphStore, progress: Progress, frames: Frames, rebuild: bool
) -> GraphFile | None:
    manifest = catalog.manifest()
    graph = None if rebuild else manifest.graph_of(frames)
    if graph and not store.exists(graph):
        graph = None
    if not is_worth_writing(catalog, graph, frames):
        store.sweep(keep=manifest.all_graphs)
        return None
    index, last_id = _base(catalog, store, graph, frames)
    total = catalog.vector_count(last_id, frames)
    if not len(index) and not total:
        return None
    what = "Building the graph" if frames is Frames.FULL else "Building the graph of regions"
    with progress.step(what, total) as advance:
        for stored in in_parts(catalog, last_id, frames, INSERT_CHUNK):
            index.add(stored.ids, stored.vectors)
            last_id = int(stored.ids[-1])
            advance(len(stored.ids))
    generation = max((known.generation for known in manifest.all_graphs), default=0) + 1
    written = store.save(index, generation, last_id)
    catalog.set_graph(written, frames)
    store.sweep(keep=catalog.manifest().all_graphs)
    return written


def is_worth_writing(catalog: Catalog, graph: GraphFile | None, frames: Frames = Frames.FULL) -> bool:
    """Tell whether enough vectors lie beside the graph (or inside it for nothing)."""
    if graph is None:
        return catalog.vector_count(frames=frames) > 0
    tail = catalog.vector_count(graph.last_id, frames)
    return tail > max(SMALL_TAIL, TAIL_SHARE * graph.vectors) or is_stale(catalog, graph, frames)


def _base(
    catalog: Catalog, store: GraphStore, graph: GraphFile | None, frames: Frames
) -> tuple[VectorIndex, int]:
    """Return the graph to append to, and the last id inside it."""
    manifest = catalog.manifest()
    if graph and not is_stale(catalog, graph, frames):
        try:
            return store.load(graph, manifest.model.dim, manifest.params), graph.last_id
        except (IndexCorrupt, IndexNotFound):
            pass  # derived data: it is built again below
    return store.create(manifest.model.dim, manifest.params), 0
