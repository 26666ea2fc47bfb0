"""Which way to search is cheaper: through the graph, or through every vector.

Exact search passes once over all vectors for a query, or once for a whole block of queries; the graph must be
read and its checksum verified, then a query is nearly free. The costs were measured by `make bench-scale`;
only their ratios matter.
"""

from __future__ import annotations

from enum import Enum


class Method(str, Enum):
    """How to search."""

    AUTO = "auto"
    EXACT = "exact"
    HNSW = "hnsw"


# Seconds of CPU at 256 values a vector, on one thread of a 2.5 GHz Xeon.
READ_VECTOR = 2.0e-6  # from the tables of the catalog, where no block file holds it
EXACT_VECTOR_ALONE = 1.3e-7  # the share of one vector in the product of one query: bound by memory
EXACT_VECTOR = 6.5e-9  # the same when many queries share a product
LOAD_VECTOR = 3.1e-6  # of a graph: its checksum and hnswlib's own reading
GRAPH_CANDIDATE = 4.8e-6  # a query costs in proportion to the candidates that it keeps

FEW = 0.03
"""Of all vectors: if a smaller share passes a filter, it is found before the search, and compared alone."""


def cheaper_method(
    vectors: int, queries: int, candidates: int, unmapped: int = 0, *, one_by_one: bool = False
) -> Method:
    """Return the method with the smaller expected time for a number of queries, answered together or one by
    one.

    candidates: kept by a search of the graph (`ef_search`). `unmapped` of the vectors are in no block file.
    """
    alone = queries == 1 or one_by_one
    exact = unmapped * READ_VECTOR + vectors * queries * (EXACT_VECTOR_ALONE if alone else EXACT_VECTOR)
    graph = vectors * LOAD_VECTOR + queries * candidates * GRAPH_CANDIDATE
    return Method.HNSW if graph < exact else Method.EXACT
