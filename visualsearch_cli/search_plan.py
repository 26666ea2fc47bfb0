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
GRAPH_QUERY_ALONE = 2.0e-3  # at 100,000 vectors
GRAPH_QUERY = 1.2e-3
GRAPH_GROWTH = 0.3  # a query costs as the number of vectors to this power: more of them miss the cache


def cheaper_method(vectors: int, queries: int, unmapped: int = 0) -> Method:
    """Return the method with the smaller expected time for a number of queries answered together.

    `unmapped` of the vectors are in no block file.
    """
    alone = queries == 1
    exact = unmapped * READ_VECTOR + vectors * queries * (EXACT_VECTOR_ALONE if alone else EXACT_VECTOR)
    query = (GRAPH_QUERY_ALONE if alone else GRAPH_QUERY) * (vectors / 100_000) ** GRAPH_GROWTH
    return Method.HNSW if vectors * LOAD_VECTOR + queries * query < exact else Method.EXACT
