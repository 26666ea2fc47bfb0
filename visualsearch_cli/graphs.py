"""When the HNSW graph of an index is written anew, and in which order.

A graph holds the embeddings up to some id; what was appended since is searched beside it, exactly. So a
small append costs nothing here, and a graph that is lost costs time, never an answer.
"""

from __future__ import annotations

from typing import Protocol

from visualsearch_cli.catalog import Catalog, GraphFile, WritableCatalog
from visualsearch_cli.errors import IndexCorrupt, IndexNotFound
from visualsearch_cli.index import IndexParams, VectorIndex
from visualsearch_cli.progress import Progress

SMALL_TAIL = 1_000  # vectors beside the graph that cost less to search than to insert
TAIL_SHARE = 0.05  # of the graph's vectors
STALE_SHARE = 0.2  # of the graph's vectors that belong to nothing: then it is built from scratch
INSERT_CHUNK = 2_000  # vectors between two moves of the progress bar


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

    def sweep(self, keep: GraphFile | None) -> None:
        """Delete the graph files of other generations, and what an interrupted run left."""


def is_worth_writing(catalog: Catalog, graph: GraphFile | None) -> bool:
    """Tell whether enough vectors lie beside the graph (or inside it for nothing)."""
    if graph is None:
        return catalog.vector_count() > 0
    tail = catalog.vector_count(after_id=graph.last_id)
    return tail > max(SMALL_TAIL, TAIL_SHARE * graph.count) or _is_stale(catalog, graph)


def _is_stale(catalog: Catalog, graph: GraphFile) -> bool:
    """Tell whether too many of the vectors inside belong to nothing any more."""
    inside = catalog.vector_count() - catalog.vector_count(after_id=graph.last_id)
    return inside < graph.count * (1 - STALE_SHARE)


def update_graph(
    catalog: WritableCatalog, store: GraphStore, progress: Progress, *, rebuild: bool = False
) -> GraphFile | None:
    """Write a new generation if that is worth it. Returns it, or None if nothing was written.

    Order: the file under a new name, synced; the catalog names it (the commit); older files go. A crash
    in between leaves a file that nothing names, which the next update sweeps away.
    """
    manifest = catalog.manifest()
    graph = None if rebuild else manifest.graph
    if graph and not store.exists(graph):
        graph = None
    if not is_worth_writing(catalog, graph):
        store.sweep(keep=manifest.graph)
        return None
    index, last_id = _base(catalog, store, graph)
    stored = catalog.all_vectors(after_id=last_id)
    if not len(index) and not len(stored.ids):
        return None
    with progress.step("Building the graph", len(stored.ids)) as advance:
        for start in range(0, len(stored.ids), INSERT_CHUNK):
            part = slice(start, start + INSERT_CHUNK)
            index.add(stored.ids[part], stored.vectors[part])
            advance(len(stored.ids[part]))
    generation = manifest.graph.generation + 1 if manifest.graph else 1
    last_id = int(stored.ids[-1]) if len(stored.ids) else last_id
    written = store.save(index, generation, last_id)
    catalog.set_graph(written)
    store.sweep(keep=written)
    return written


def _base(catalog: Catalog, store: GraphStore, graph: GraphFile | None) -> tuple[VectorIndex, int]:
    """Return the graph to append to, and the last id inside it."""
    manifest = catalog.manifest()
    if graph and not _is_stale(catalog, graph):
        try:
            return store.load(graph, manifest.model.dim, manifest.params), graph.last_id
        except (IndexCorrupt, IndexNotFound):
            pass  # derived data: it is built again below
    return store.create(manifest.model.dim, manifest.params), 0
