"""Opens what a query searches: every vector, or the graph; from a file, and what was appended since."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from visualsearch_cli.errors import GraphUnavailable, IndexCorrupt, IndexNotFound, IndexStoreError
from visualsearch_cli.index.records import Frames
from visualsearch_cli.progress import UNHEARD, Messages
from visualsearch_cli.search.plan import Method, cheaper_method
from visualsearch_cli.vectors.checks import VectorsRefused
from visualsearch_cli.vectors.combined import CombinedIndex, MeasuredIndex, ReplacedWhenDamaged
from visualsearch_cli.vectors.exact import ExactIndex
from visualsearch_cli.vectors.graph_library import graph_library

if TYPE_CHECKING:
    from visualsearch_cli.index.catalog import Catalog
    from visualsearch_cli.index.folder import IndexFolder
    from visualsearch_cli.index.records import BlockFile, FileKey, Manifest, StoredVectors
    from visualsearch_cli.vectors.index import Searchable


def open_vectors(
    folder: IndexFolder,
    catalog: Catalog,
    method: Method,
    queries: int,
    ef_search: int | None,
    within: FileKey | None,
    frames: Frames = Frames.FULL,
    messages: Messages = UNHEARD,
) -> Searchable:
    """Return what to search for a number of queries: full frames, or regions.

    A damaged or missing graph is no reason to fail: every vector is compared instead, unless the graph
    was asked for with a number of candidates. Nor is one that nothing here can search, nor a damaged block
    of vectors: they are read from the catalog. Below a folder a graph would return mostly what is not wanted:
    there, too, vectors are compared.
    """
    manifest = catalog.manifest()
    block = manifest.block_of(frames)
    beside = catalog.vector_count(block.last_id if block else 0, frames)
    count = beside + (block.count if block else 0)  # what is in the block need not be counted again
    if method is Method.AUTO:
        method = cheaper_method(count, queries, manifest.params.for_search(count).ef_search, beside)
        if within is not None or manifest.graph_of(frames) is None:
            method = Method.EXACT
        if ef_search is not None:
            method = Method.HNSW
    if method is Method.HNSW:
        try:
            return _graph(folder, catalog, manifest, ef_search, frames, messages)
        except (IndexCorrupt, IndexNotFound, GraphUnavailable) as error:
            if ef_search is not None and not isinstance(error, GraphUnavailable):
                raise
            messages.note(f"{error}; comparing every vector instead")
    messages.detail(f"comparing with every vector ({count})")
    if within is None and block is not None:
        try:
            return _block(folder, catalog, manifest, block, frames, messages)
        except IndexStoreError as error:
            messages.note(f"{error}; reading the vectors from the catalog instead")
    return _exact(folder, catalog.vectors(within, frames=frames))


def _block(
    folder: IndexFolder,
    catalog: Catalog,
    manifest: Manifest,
    block: BlockFile,
    frames: Frames,
    messages: Messages,
) -> Searchable:
    """Return the mapped block, and beside it the vectors it does not hold."""
    from visualsearch_cli.index.block_files import BlockFolder

    rows = BlockFolder(folder.path).open(block, manifest.model.dim)
    tail = catalog.all_vectors(block.last_id, frames)
    index = CombinedIndex([rows, _exact(folder, tail)]) if len(tail.ids) else rows
    return ReplacedWhenDamaged(
        index,
        lambda: _exact(folder, catalog.all_vectors(frames=frames)),
        lambda error: messages.note(f"{error}; reading the vectors from the catalog instead"),
    )


def _exact(folder: IndexFolder, stored: StoredVectors) -> ExactIndex:
    """Return an index of vectors as they are stored. Raises IndexCorrupt if they are no unit vectors."""
    try:
        return ExactIndex.from_arrays(stored.ids, stored.vectors)
    except VectorsRefused as error:
        raise IndexCorrupt(
            f"{folder.catalog_path} is damaged ({error}): run `visualsearch check`, then index again"
        ) from error


def _graph(
    folder: IndexFolder,
    catalog: Catalog,
    manifest: Manifest,
    ef_search: int | None,
    frames: Frames,
    messages: Messages,
) -> Searchable:
    """Return the graph, and beside it the vectors it does not hold."""
    from visualsearch_cli.index.block_files import BlockFolder
    from visualsearch_cli.index.graph_files import GraphFolder

    graph = manifest.graph_of(frames)
    if graph is None:
        graph_library()  # without which there is none, and none can be built
        raise IndexNotFound(f"{folder.path} has no graph yet: run `visualsearch index` first")
    if ef_search is None:
        params = manifest.params.for_search(graph.count)
    else:
        params = replace(manifest.params, ef_search=ef_search)
    messages.detail(
        f"searching the graph of generation {graph.generation} ({graph.count} vectors, "
        f"{params.ef_search} candidates)"
    )
    index: Searchable = GraphFolder(folder.path).load(graph, manifest.model.dim, params)
    if block := manifest.block_of(frames):
        with suppress(IndexStoreError):
            index = MeasuredIndex(index, BlockFolder(folder.path).open(block, manifest.model.dim))
    tail = catalog.all_vectors(graph.last_id, frames)
    if not len(tail.ids):
        return index
    return CombinedIndex([index, _exact(folder, tail)])
