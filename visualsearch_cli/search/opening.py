"""Opens what a query searches: every vector, or the graph; from a file, and what was appended since."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING

from visualsearch_cli.errors import GraphUnavailable, IndexCorrupt, IndexNotFound, IndexStoreError
from visualsearch_cli.index.records import EVERYTHING, Frames
from visualsearch_cli.progress import UNHEARD, Messages
from visualsearch_cli.search.plan import FEW, Method, cheaper_method
from visualsearch_cli.vectors.checks import VectorsRefused
from visualsearch_cli.vectors.combined import CombinedIndex, MeasuredIndex, ReplacedWhenDamaged
from visualsearch_cli.vectors.exact import ExactIndex
from visualsearch_cli.vectors.graph_library import graph_library

if TYPE_CHECKING:
    from visualsearch_cli.index.catalog import Catalog
    from visualsearch_cli.index.folder import IndexFolder
    from visualsearch_cli.index.records import BlockFile, Filter, Manifest, StoredVectors
    from visualsearch_cli.vectors.index import Embeddings, Neighbors, Searchable

MOST_AFTER = 5_000  # neighbors to which a filter is applied after the search
LOOKED_UP = 15_000  # contents whose vectors are looked up: for more, all rows of a block are passed over
COPIED = 0.2  # of a block: so many rows are copied together; of more, the others are passed over


def planned(
    catalog: Catalog,
    queries: int,
    ef_search: int | None,
    filter: Filter = EVERYTHING,
    frames: Frames = Frames.FULL,
    *,
    one_by_one: bool = False,
) -> Method:
    """Return how to search for a number of queries that come together, or one by one.

    Of what passes a filter a graph would return too little: there, vectors are compared.
    """
    manifest = catalog.manifest()
    if ef_search is not None:
        return Method.HNSW
    if filter != EVERYTHING or manifest.graph_of(frames) is None:
        return Method.EXACT
    count, beside = _counts(catalog, manifest, frames)
    candidates = manifest.params.for_search(count).ef_search
    return cheaper_method(count, queries, candidates, beside, one_by_one=one_by_one)


def _counts(catalog: Catalog, manifest: Manifest, frames: Frames) -> tuple[int, int]:
    """Return how many vectors there are, and how many of them are in no block file."""
    block = manifest.block_of(frames)
    beside = catalog.vector_count(block.last_id if block else 0, frames)
    return beside + (block.vectors if block else 0), beside  # what is in the block need not be counted again


def open_vectors(
    folder: IndexFolder,
    catalog: Catalog,
    method: Method,
    ef_search: int | None,
    filter: Filter = EVERYTHING,
    frames: Frames = Frames.FULL,
    messages: Messages = UNHEARD,
    share: float = 1.0,
) -> Searchable:
    """Return what to search: full frames, or regions. What a filter lets through is among them, and where
    that is most of an index, so is the rest. `method` is what `planned` says.

    A damaged or missing graph is no reason to fail: every vector is compared instead, unless the graph
    was asked for with a number of candidates. Nor is one that nothing here can search, nor a damaged block
    of vectors: they are read from the catalog.
    """
    manifest = catalog.manifest()
    block = manifest.block_of(frames)
    if method is Method.HNSW:
        try:
            return _graph(folder, catalog, manifest, ef_search, frames, messages)
        except (IndexCorrupt, IndexNotFound, GraphUnavailable) as error:
            if ef_search is not None and not isinstance(error, GraphUnavailable):
                raise
            messages.note(f"{error}; comparing every vector instead")
    count, _ = _counts(catalog, manifest, frames)
    messages.detail(f"comparing with every vector ({count})")

    def every() -> Searchable:
        if block is not None:
            try:
                return _block(folder, catalog, manifest, block, frames, messages)
            except IndexStoreError as error:
                messages.note(f"{error}; reading the vectors from the catalog instead")
        return _exact(folder, catalog.all_vectors(frames=frames))

    if filter == EVERYTHING:
        return every()
    return FilteredIndex(every, lambda: _let_through(folder, catalog, block, filter, frames, messages), share)


class FilteredIndex:
    """Vectors of which some count. If few of all pass the filter, these are found first, and compared alone.

    Else all are compared, and the filter comes after the search: until it turns out that what is near does
    not pass.
    """

    def __init__(
        self, every: Callable[[], Searchable], passing: Callable[[], Searchable], share: float
    ) -> None:
        """`share` is about how much of all vectors passes the filter."""
        self._passing = passing
        self._is_narrowed = share < FEW
        self._index = passing() if self._is_narrowed else every()

    def __len__(self) -> int:
        """The number of vectors held."""
        return len(self._index)

    def search(self, queries: Embeddings, k: int) -> Neighbors:
        """Find the k nearest vectors of each query, among them all that pass."""
        if k > MOST_AFTER and not self._is_narrowed:
            self._index, self._is_narrowed = self._passing(), True
        return self._index.search(queries, min(k, max(1, len(self._index))))


def _let_through(
    folder: IndexFolder,
    catalog: Catalog,
    block: BlockFile | None,
    filter: Filter,
    frames: Frames,
    messages: Messages,
) -> Searchable:
    """Return the vectors of contents that a filter lets through."""
    import numpy as np

    if not catalog.has_facts():
        return _exact(folder, catalog.vectors(filter.within, frames=frames))
    contents = catalog.contents_where(filter)
    messages.detail(f"{len(contents)} contents pass the filter: comparing with their vectors alone")
    last = 0
    parts: list[Searchable] = []
    if block is not None:
        from visualsearch_cli.index.block_files import BlockFolder
        from visualsearch_cli.index.block_rows import MaskedBlock

        try:
            rows = BlockFolder(folder.path).open(block, catalog.manifest().model.dim)
            if len(contents) <= LOOKED_UP:
                ids = np.array(catalog.ids_of(contents.tolist(), frames), np.int64)
                parts.append(_exact(folder, rows.part(rows.rows_with(ids))))
            else:
                mask = np.isin(rows.content_ids, contents)
                is_small = mask.sum() < COPIED * len(mask)
                parts.append(_exact(folder, rows.part(mask)) if is_small else MaskedBlock(rows, mask))
            last = block.last_id
        except IndexStoreError as error:
            messages.note(f"{error}; reading the vectors from the catalog instead")
    tail = catalog.all_vectors(last, frames)
    chosen = np.isin(tail.content_ids, contents)
    if chosen.any() or not parts:
        parts.append(_exact(folder, tail.part(chosen)))
    full = [part for part in parts if len(part)] or parts[:1]
    return full[0] if len(full) == 1 else CombinedIndex(full)


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
        params = manifest.params.for_search(graph.vectors)
    else:
        params = manifest.params._replace(ef_search=ef_search)
    messages.detail(
        f"searching the graph of generation {graph.generation} ({graph.vectors} vectors, "
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
