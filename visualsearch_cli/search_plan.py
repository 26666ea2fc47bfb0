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


# Seconds, for vectors of 256 values.
READ_VECTOR = 1.5e-6  # from the catalog into one matrix
EXACT_VECTOR = 3.0e-8  # the share of one vector in one query's product, in a batch
LOAD_VECTOR = 2.6e-6  # of a graph: checksum and hnswlib's own reading
GRAPH_QUERY = 7.0e-4


def cheaper_method(vectors: int, queries: int) -> Method:
    """Return the method with the smaller expected time for a number of queries at once."""
    exact = vectors * (READ_VECTOR + queries * EXACT_VECTOR)
    graph = vectors * LOAD_VECTOR + queries * GRAPH_QUERY
    return Method.HNSW if graph < exact else Method.EXACT
