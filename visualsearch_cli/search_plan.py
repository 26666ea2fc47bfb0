"""Which way to search is cheaper: through the graph, or through every vector.

Exact search reads all vectors from the catalog, then costs one pass over them a query; the graph must be
read and its checksum verified, then a query is nearly free. The costs were measured by
`make bench-search`; only their ratios matter.
"""

from __future__ import annotations

from enum import Enum


class Method(str, Enum):
    """How to search."""

    AUTO = "auto"
    EXACT = "exact"
    HNSW = "hnsw"


# Seconds of CPU at 100,000 vectors of 256 values, on one thread of a 2.5 GHz Xeon.
READ_VECTOR = 2.0e-6  # from the catalog into one matrix
EXACT_VECTOR_ALONE = 7e-8  # the share of one vector in the product of one query: bound by memory
EXACT_VECTOR = 8e-9  # the same when many queries share a product
LOAD_VECTOR = 2.5e-6  # of a graph: its checksum and hnswlib's own reading
GRAPH_QUERY_ALONE = 1.3e-3
GRAPH_QUERY = 5.3e-4


def cheaper_method(vectors: int, queries: int) -> Method:
    """Return the method with the smaller expected time for a number of queries answered together."""
    alone = queries == 1
    exact = vectors * (READ_VECTOR + queries * (EXACT_VECTOR_ALONE if alone else EXACT_VECTOR))
    graph = vectors * LOAD_VECTOR + queries * (GRAPH_QUERY_ALONE if alone else GRAPH_QUERY)
    return Method.HNSW if graph < exact else Method.EXACT
