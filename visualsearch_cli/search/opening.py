"""Opens what a query searches: every vector, or the graph; from a file, and what was appended since."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from functools import cached_property
from typing import TYPE_CHECKING

from visualsearch_cli.errors import GraphUnavailable, IndexCorrupt, IndexNotFound, IndexStoreError
from visualsearch_cli.index.records import EVERYTHING, Frames
from visualsearch_cli.progress import UNHEARD, Messages
from visualsearch_cli.search.plan import FEW, Method, cheaper_method
from visualsearch_cli.vectors.checks import VectorsRefused
from visualsearch_cli.vectors.combined import CombinedIndex, MeasuredIndex, ReplacedWhenDamaged
from visualsearch_cli.vectors.exact import ExactIndex, Products
from visualsearch_cli.vectors.graph_library import graph_library

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from visualsearch_cli.index.block_rows import VectorBlock
    from visualsearch_cli.index.catalog import Catalog
    from visualsearch_cli.index.folder import IndexFolder
    from visualsearch_cli.index.records import BlockFile, Filter, Manifest, StoredVectors
    from visualsearch_cli.vectors.index import Embeddings, Neighbors, Searchable

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
    vectors = _Vectors(folder, catalog, block, frames, messages)
    if filter == EVERYTHING:
        return vectors.every()
    return FilteredIndex(lambda: vectors.every(keeping=True), lambda: vectors.let_through(filter), share)


class FilteredIndex:
    """Vectors of which some count. If few of all pass the filter, these are found first, and compared alone.

    Else all are compared, and the filter comes after the search: until it turns out that what is near does
    not pass, and the index is narrowed.
    """

    def __init__(
        self, every: Callable[[], Searchable], passing: Callable[[], Searchable], share: float
    ) -> None:
        """`share` is about how much of all vectors passes the filter."""
        self._passing = passing
        self.is_narrow = share < FEW  # whether hardly anything but what passes is held
        self._index = passing() if self.is_narrow else every()

    def __len__(self) -> int:
        """The number of vectors held."""
        return len(self._index)

    def search(self, queries: Embeddings, k: int) -> Neighbors:
        """Find the k nearest vectors of each query, of those that are held."""
        return self._index.search(queries, k)

    def narrow(self) -> None:
        """From now on, hold what passes."""
        if not self.is_narrow:
            self._index, self.is_narrow = self._passing(), True


class _Vectors:
    """The vectors of an index, in a block file and beside it."""

    def __init__(
        self,
        folder: IndexFolder,
        catalog: Catalog,
        block: BlockFile | None,
        frames: Frames,
        messages: Messages,
    ) -> None:
        self._folder = folder
        self._catalog = catalog
        self._block = block
        self._frames = frames
        self._messages = messages

    def every(self, *, keeping: bool = False) -> Searchable:
        """Return all: the mapped block, and what it does not hold; those of the catalog if it is damaged.

        keeping: the products of a search, so that of what a filter lets through nothing is compared again.
        """
        if self._block is None:
            return self._of_catalog()
        try:
            rows = self._rows
        except IndexStoreError as error:
            self._messages.note(_instead_of(error))
            return self._of_catalog()
        rows.products = Products() if keeping else None
        tail = self._catalog.all_vectors(self._block.last_id, self._frames)
        return self._or_of_catalog(
            CombinedIndex([rows, _exact(self._folder, tail)]) if len(tail.ids) else rows
        )

    def let_through(self, filter: Filter) -> Searchable:
        """Return the vectors of contents that a filter lets through, and perhaps some more."""
        import numpy as np

        if not self._catalog.has_facts():
            return _exact(self._folder, self._catalog.vectors(filter.within, frames=self._frames))
        contents = self._catalog.contents_where(filter)
        self._messages.detail(f"{len(contents)} contents pass the filter: comparing with their vectors alone")
        parts: list[Searchable] = []
        last = 0
        if self._block is not None:
            try:
                parts.append(self._some(self._rows, contents))
                last = self._block.last_id
            except IndexStoreError as error:
                self._messages.note(_instead_of(error))
        tail = self._catalog.all_vectors(last, self._frames)
        chosen = np.isin(tail.content_ids, contents)
        if chosen.any() or not parts:
            parts.append(_exact(self._folder, tail.part(chosen)))
        full = [part for part in parts if len(part)] or parts[:1]
        return self._or_of_catalog(full[0] if len(full) == 1 else CombinedIndex(full))

    def _some(self, rows: VectorBlock, contents: npt.NDArray[np.int64]) -> Searchable:
        """Return the vectors of some contents in a block: copied if few, else the others are passed over."""
        import numpy as np

        from visualsearch_cli.index.block_rows import MaskedBlock

        if not rows.products and len(contents) <= LOOKED_UP:
            ids = np.array(self._catalog.ids_of(contents.tolist(), self._frames), np.int64)
            return _exact(self._folder, rows.part(rows.rows_with(ids)))
        mask = np.isin(rows.content_ids, contents)
        is_small = mask.sum() < COPIED * len(mask) and not rows.products
        if is_small or not mask.any():
            return _exact(self._folder, rows.part(mask))
        return MaskedBlock(rows, mask)

    @cached_property
    def _rows(self) -> VectorBlock:
        """The block, mapped. Raises IndexStoreError."""
        from visualsearch_cli.index.block_files import BlockFolder

        assert self._block is not None
        manifest = self._catalog.manifest()
        return BlockFolder(self._folder.path).open(self._block, manifest.model.dim, manifest.bits)

    def _of_catalog(self) -> Searchable:
        return _exact(self._folder, self._catalog.all_vectors(frames=self._frames))

    def _or_of_catalog(self, index: Searchable) -> Searchable:
        """Return an index, in the place of which the catalog's vectors come if a search finds it damaged."""
        return ReplacedWhenDamaged(
            index, self._of_catalog, lambda error: self._messages.note(_instead_of(error))
        )


def _instead_of(error: IndexStoreError) -> str:
    return f"{error}; reading the vectors from the catalog instead"


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
            rows = BlockFolder(folder.path).open(block, manifest.model.dim, manifest.bits)
            index = MeasuredIndex(index, rows)
    tail = catalog.all_vectors(graph.last_id, frames)
    if not len(tail.ids):
        return index
    return CombinedIndex([index, _exact(folder, tail)])
