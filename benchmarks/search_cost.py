"""What a search costs each way, through the graph or through every vector: the numbers of `search_plan.py`.

    OPENBLAS_NUM_THREADS=1 python -m benchmarks.search_cost [N ...]

Exact search reads all vectors from the catalog first, the graph is verified and loaded first. Repeats of all
measurements alternate, so that a busy moment falls on every one of them. Printed are medians of CPU time on
one thread: the wall clock would also count what else the machine does.
"""

from __future__ import annotations

import sqlite3
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from statistics import median

import numpy as np

from tests.vectors import realistic_vectors
from visualsearch_cli.embedder import Embeddings
from visualsearch_cli.exact import ExactIndex
from visualsearch_cli.hnsw import HnswIndex, file_checksum
from visualsearch_cli.index import IndexParams, VectorIds

DIM = 256
K = 10
BATCH = 100
REPEATS = 7
PARAMS = IndexParams()


def main() -> None:
    print(
        f"{'vectors':>8} {'read/vector':>12} {'exact/vector: 1':>16} {f'of {BATCH}':>9} {'load/vector':>12} "
        f"{'graph: 1':>9} {f'of {BATCH}':>9} {'graph wins from':>16}"
    )
    for n in [int(arg) for arg in sys.argv[1:]] or [1_000, 10_000, 100_000]:
        cost = measure(n)
        exact_query, exact_batch = cost["exact, one"], cost["exact, batch"] / BATCH
        graph_query, graph_batch = cost["graph, one"], cost["graph, batch"] / BATCH
        crossing = (cost["load"] - cost["read"]) / (exact_batch - graph_batch)
        print(
            f"{n:>8} {cost['read'] / n * 1e6:>9.3f} us {exact_query / n * 1e9:>13.1f} ns "
            f"{exact_batch / n * 1e9:>6.1f} ns {cost['load'] / n * 1e6:>9.3f} us "
            f"{graph_query * 1e3:>6.3f} ms {graph_batch * 1e3:>6.3f} ms "
            f"{f'{max(crossing, 1):.0f} queries' if exact_batch > graph_batch else 'never':>16}"
        )


def measure(n: int) -> dict[str, float]:
    """Return the median CPU seconds of each way's steps, for n vectors."""
    vectors = realistic_vectors(n + BATCH, DIM, 0)
    vectors, queries = vectors[:n], vectors[n:]
    ids = np.arange(1, n + 1, dtype=np.int64)
    with tempfile.TemporaryDirectory() as folder:
        catalog, graph = Path(folder, "catalog.sqlite"), Path(folder, "graph.bin")
        write_catalog(catalog, ids, vectors)
        index = HnswIndex(DIM, PARAMS, threads=1)
        index.add(ids, vectors)
        index.save(graph)
        checksum = file_checksum(graph)
        exact = ExactIndex.from_arrays(ids, vectors)
        steps: dict[str, Callable[[], object]] = {
            "read": lambda: ExactIndex.from_arrays(*read_catalog(catalog)),
            "load": lambda: HnswIndex.load(graph, DIM, n, PARAMS, checksum, threads=1),
            "exact, one": lambda: exact.search(queries[:1], K),
            "exact, batch": lambda: exact.search(queries, K),
            "graph, one": lambda: index.search(queries[:1], K),
            "graph, batch": lambda: index.search(queries, K),
        }
        seconds: dict[str, list[float]] = defaultdict(list)
        for _ in range(REPEATS):
            for name, step in steps.items():
                start = time.process_time()
                step()
                seconds[name].append(time.process_time() - start)
    return {name: median(values) for name, values in seconds.items()}


def write_catalog(path: Path, ids: VectorIds, vectors: Embeddings) -> None:
    with sqlite3.connect(path) as database:
        database.execute("CREATE TABLE embeddings (id INTEGER PRIMARY KEY, vector BLOB NOT NULL)")
        rows = ((id_, vector.tobytes()) for id_, vector in zip(ids.tolist(), vectors, strict=True))
        database.executemany("INSERT INTO embeddings VALUES (?, ?)", rows)
    database.close()


def read_catalog(path: Path) -> tuple[VectorIds, Embeddings]:
    database = sqlite3.connect(path)
    rows = database.execute("SELECT id, vector FROM embeddings ORDER BY id").fetchall()
    database.close()
    ids = np.fromiter((row[0] for row in rows), dtype=np.int64, count=len(rows))
    vectors = np.frombuffer(b"".join(row[1] for row in rows), dtype=np.float32)
    return ids, vectors.reshape(len(rows), DIM)


if __name__ == "__main__":
    main()
