"""When the HNSW graphs of an index are written anew, and in which order.

There is one of the full frames and, in an index that holds them, one of the regions: a search of full frames
meets no regions, and is as exact and as fast as without them. A graph holds the embeddings up to some id;
what was appended since is searched beside it, exactly. So a small append costs nothing here, and a graph
that is lost costs time, never an answer.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol

from visualsearch_cli.errors import IndexCorrupt, IndexNotFound
from visualsearch_cli.index.records import Catalog, Frames, GraphFile, StoredVectors, WritableCatalog
from visualsearch_cli.progress import Progress
from visualsearch_cli.vectors.index import IndexParams, VectorIndex

SMALL_TAIL = 1_000  # vectors beside the graph that cost less to search than to insert
TAIL_SHARE = 0.05  # of the graph's vectors
STALE_SHARE = 0.2  # of the graph's vectors that belong to nothing: then it is built from scratch
INSERT_CHUNK = 2_000  # vectors in memory besides the graph, and between two moves of the progress bar


class GraphStore(Protocol):
    """The graph files of one index folder."""

    def create(self, dim: int, params: IndexParams) -> VectorIndex:
        """Return an empty graph in memory."""

    def load(self, graph: GraphFile, dim: int, params: IndexParams) -> VectorIndex:
        """Return a saved graph. Raises IndexCorrupt, or IndexNotFound if the file is not there."""

    def save(self, index: VectorIndex, generation: int, last_id: int) -> GraphFile:
        """Write a graph under the name of its generation. Nothing is at that name until it is whole."""

    def exists(self, graph: GraphFile) -> bool:
        """Tell whether the file of a graph is there; its checksum is verified when it is loaded."""

    def verify(self, graph: GraphFile) -> str | None:
        """Return what is wrong with a saved graph's file, if anything."""

    def sweep(self, keep: Sequence[GraphFile]) -> None:
        """Delete the other graph files, and what an interrupted run left."""


def is_worth_writing(catalog: Catalog, graph: GraphFile | None, frames: Frames = Frames.FULL) -> bool:
    """Tell whether enough vectors lie beside the graph (or inside it for nothing)."""
    if graph is None:
        return catalog.vector_count(frames=frames) > 0
    tail = catalog.vector_count(graph.last_id, frames)
    return tail > max(SMALL_TAIL, TAIL_SHARE * graph.count) or _is_stale(catalog, graph, frames)


def _is_stale(catalog: Catalog, graph: GraphFile, frames: Frames) -> bool:
    """Tell whether too many of the vectors inside belong to nothing any more."""
    inside = catalog.vector_count(frames=frames) - catalog.vector_count(graph.last_id, frames)
    return inside < graph.count * (1 - STALE_SHARE)


def update_graphs(
    catalog: WritableCatalog, store: GraphStore, progress: Progress, *, rebuild: bool = False
) -> list[GraphFile]:
    """Write a new generation of each graph for which that is worth it. Returns those that were written.

    Order: the file under a new name, synced; the catalog names it (the commit); older files go. A crash
    in between leaves a file that nothing names, which the next update sweeps away.
    """
    written = [_updated(catalog, store, progress, frames, rebuild) for frames in Frames]
    return [graph for graph in written if graph]


def _updated(
    catalog: WritableCatalog, store: GraphStore, progress: Progress, frames: Frames, rebuild: bool
) -> GraphFile | None:
    manifest = catalog.manifest()
    graph = None if rebuild else manifest.graph_of(frames)
    if graph and not store.exists(graph):
        graph = None
    if not is_worth_writing(catalog, graph, frames):
        store.sweep(keep=manifest.graphs)
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
    generation = max((known.generation for known in manifest.graphs), default=0) + 1
    written = store.save(index, generation, last_id)
    catalog.set_graph(written, frames)
    store.sweep(keep=catalog.manifest().graphs)
    return written


def _base(
    catalog: Catalog, store: GraphStore, graph: GraphFile | None, frames: Frames
) -> tuple[VectorIndex, int]:
    """Return the graph to append to, and the last id inside it."""
    manifest = catalog.manifest()
    if graph and not _is_stale(catalog, graph, frames):
        try:
            return store.load(graph, manifest.model.dim, manifest.params), graph.last_id
        except (IndexCorrupt, IndexNotFound):
            pass  # derived data: it is built again below
    return store.create(manifest.model.dim, manifest.params), 0


def in_parts(catalog: Catalog, after: int, frames: Frames, size: int) -> Iterator[StoredVectors]:
    """Yield the vectors with a larger id, so many at a time: memory does not grow with the index."""
    while len((stored := catalog.all_vectors(after, frames, size)).ids):
        yield stored
        after = int(stored.ids[-1])
