"""Milvus Lite beside Qdrant's local mode, through their own clients: which could be the store?

    python -m benchmarks.scale.engine_candidates [--count 5000] [--asked 50]

Needs pymilvus with milvus-lite, and qdrant-client. Both keep their rows in a file and run in this process:
times are its CPU time, and that by the clock. Vectors are drawn as those of photographs lie, with a number by
which a filter leaves few rows. Recall is the share of the neighbors under the threshold that is given: among
all, where a filter leaves 20 rows, and after a tenth was removed.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import numpy as np
import numpy.typing as npt

from benchmarks.scale.vectors import DIM, draw

THRESHOLD = 0.2  # cosine distance
K = 20
FEW = 20  # rows that a filter leaves
BATCH = 1000
PAGE = 4000  # rows that are read out together

Rows = npt.NDArray[np.float32]


class Engine(Protocol):
    """What is measured."""

    def upsert(self, first: int, rows: Rows) -> None:
        """Write rows under numbers from `first` on."""

    def remove(self, numbers: Sequence[int]) -> None:
        """Remove some."""

    def nearest(self, row: Rows, least: int = 0) -> list[int]:
        """Return the K nearest of a row, (dim,), of numbers from `least` on."""

    def within(self, row: Rows) -> list[int]:
        """Return all under the threshold, by a range search, up to 1,000."""

    def export(self) -> int:
        """Read all rows out, with vectors, and count them."""

    def close(self) -> None:
        """Let go of the file."""


class Milvus:
    """Milvus Lite with its FLAT index, as the store uses it."""

    module = "pymilvus"

    def __init__(self, place: Path) -> None:
        from pymilvus import DataType, MilvusClient

        self._client = MilvusClient(str(place / "candidates.db"))
        schema = self._client.create_schema(auto_id=False)
        schema.add_field("id", DataType.INT64, is_primary=True)
        schema.add_field("vector", DataType.FLOAT_VECTOR, dim=DIM)
        index = self._client.prepare_index_params()
        index.add_index("vector", index_type="FLAT", metric_type="COSINE")
        self._client.create_collection("rows", schema=schema, index_params=index)

    def upsert(self, first: int, rows: Rows) -> None:
        self._client.upsert("rows", [{"id": first + n, "vector": row} for n, row in enumerate(rows)])

    def remove(self, numbers: Sequence[int]) -> None:
        self._client.delete("rows", ids=list(numbers))

    def nearest(self, row: Rows, least: int = 0) -> list[int]:
        (found,) = self._client.search("rows", [row.tolist()], limit=K, filter=f"id >= {least}")
        return [hit["id"] for hit in found]

    def within(self, row: Rows) -> list[int]:
        range_ = {"metric_type": "COSINE", "params": {"radius": 1 - THRESHOLD, "range_filter": 1.0001}}
        (found,) = self._client.search("rows", [row.tolist()], limit=1000, search_params=range_)
        return [hit["id"] for hit in found]

    def export(self) -> int:
        rows = self._client.query_iterator("rows", batch_size=PAGE, output_fields=["id", "vector"])
        count = 0
        while page := rows.next():
            count += len(page)
        return count

    def close(self) -> None:
        self._client.close()


class Qdrant:
    """Qdrant's local mode."""

    module = "qdrant_client"

    def __init__(self, place: Path) -> None:
        from qdrant_client import QdrantClient, models

        self._models: Any = models
        self._client: Any = QdrantClient(path=str(place / "candidates"))
        size = models.VectorParams(size=DIM, distance=models.Distance.COSINE)
        self._client.create_collection("rows", vectors_config=size)

    def upsert(self, first: int, rows: Rows) -> None:
        point = self._models.PointStruct
        points = [
            point(id=first + n, vector=row.tolist(), payload={"number": first + n})
            for n, row in enumerate(rows)
        ]
        self._client.upsert("rows", points)

    def remove(self, numbers: Sequence[int]) -> None:
        self._client.delete("rows", points_selector=list(numbers))

    def nearest(self, row: Rows, least: int = 0) -> list[int]:
        models = self._models
        wanted = models.Filter(must=[models.FieldCondition(key="number", range=models.Range(gte=least))])
        found = self._client.query_points(
            "rows", row.tolist(), limit=K, query_filter=wanted if least else None
        )
        return [hit.id for hit in found.points]

    def within(self, row: Rows) -> list[int]:
        found = self._client.query_points("rows", row.tolist(), limit=1000, score_threshold=1 - THRESHOLD)
        return [hit.id for hit in found.points]

    def export(self) -> int:
        count, offset = 0, None
        while True:
            page, offset = self._client.scroll("rows", limit=PAGE, offset=offset, with_vectors=True)
            count += len(page)
            if offset is None:
                return count

    def close(self) -> None:
        self._client.close()


class Took(NamedTuple):
    """How long something took, in seconds."""

    cpu: float
    clock: float

    def rate(self, count: int) -> str:
        """Return how many of `count` a second that is."""
        return f"{count / self.cpu:,.0f} / {count / self.clock:,.0f} a second"

    def milliseconds(self) -> str:
        """Return it in milliseconds."""
        return f"{1000 * self.cpu:.1f} / {1000 * self.clock:.1f} ms"


def took(call: Callable[[], object]) -> Took:
    """Return how long a call takes."""
    cpu, clock = time.process_time(), time.perf_counter()
    call()
    return Took(time.process_time() - cpu, time.perf_counter() - clock)


def median(call: Callable[[int], object], asked: Sequence[int]) -> Took:
    """Return how long a question takes, the median of both times."""
    each = [took(lambda number=number: call(number)) for number in asked]  # type: ignore[misc]
    return Took(float(np.median([one.cpu for one in each])), float(np.median([one.clock for one in each])))


def import_seconds(module: str) -> Took:
    """Return how much longer Python takes with a module: the best of three."""

    def best(code: str) -> Took:
        found = []
        for _ in range(3):
            clock, cpu = time.perf_counter(), os.times()
            subprocess.run([sys.executable, "-c", code], check=True)
            now = os.times()
            used = now.children_user + now.children_system - cpu.children_user - cpu.children_system
            found.append(Took(used, time.perf_counter() - clock))
        return min(found)

    bare, full = best("import numpy"), best(f"import numpy, {module}")
    return Took(full.cpu - bare.cpu, full.clock - bare.clock)


def recall(
    found: Callable[[int], list[int]], rows: Rows, asked: Sequence[int], alive: npt.NDArray[np.bool_]
) -> float:
    """Return which share of the K nearest under the threshold, of the rows that are alive, is found."""
    given = expected = 0
    for number in asked:
        products = np.where(alive, rows @ rows[number], -1.0)
        near = np.flatnonzero(products >= 1 - THRESHOLD)
        best = set(near[np.argsort(-products[near], kind="stable")][:K].tolist())
        ties = set(near[products[near] >= min((products[n] for n in best), default=1) - 1e-6].tolist())
        hits = set(found(number))
        given += min(len(hits & ties), len(best))
        expected += len(best)
    return given / expected if expected else 1.0


def measured(engine: Engine, rows: Rows, asked: Sequence[int]) -> dict[str, str]:
    """Return the figures of an engine."""
    count = len(rows)
    found: dict[str, str] = {}

    def write() -> None:
        for first in range(0, count, BATCH):
            engine.upsert(first, rows[first : first + BATCH])

    found["written"] = took(write).rate(count)
    everything = np.ones(count, bool)
    found["one question, median"] = median(lambda n: engine.nearest(rows[n]), asked).milliseconds()
    found["neighbors found"] = f"{recall(lambda n: engine.nearest(rows[n]), rows, asked, everything):.4f}"
    last = everything & (np.arange(count) >= count - FEW)
    few = list(range(count - FEW, count))
    found[f"found, where a filter leaves {FEW}"] = (
        f"{recall(lambda n: engine.nearest(rows[n], count - FEW), rows, few, last):.4f}"
    )
    found["one range search, median"] = median(lambda n: engine.within(rows[n]), asked).milliseconds()
    exported = 0

    def export() -> None:
        nonlocal exported
        exported = engine.export()

    read = took(export)
    found["read out"] = read.rate(count) if exported == count else f"{exported:,} of {count:,}"
    gone = list(range(0, count, 10))
    found["a tenth removed"] = took(lambda: engine.remove(gone)).rate(len(gone))
    alive = np.arange(count) % 10 != 0
    found["neighbors found after that"] = (
        f"{recall(lambda n: engine.nearest(rows[n]), rows, asked, alive):.4f}"
    )
    return found


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--count", type=int, default=5_000)
    parser.add_argument("--asked", type=int, default=50)
    options = parser.parse_args()
    warnings.simplefilter("ignore")  # Qdrant's, that local mode is not for so many
    rows = draw(options.count, seed=22)
    asked = np.random.default_rng(7).choice(options.count, options.asked, replace=False).tolist()
    columns = []
    for kind in (Milvus, Qdrant):
        imported = import_seconds(kind.module)
        with tempfile.TemporaryDirectory() as place:
            engine: Engine = kind(Path(place))
            try:
                found = measured(engine, rows, asked)
            finally:
                engine.close()
        columns.append({"import, beside numpy": imported.milliseconds(), **found})
    print("| | Milvus Lite, FLAT | Qdrant, local mode |\n|---|---|---|")
    for name in columns[0]:
        print(f"| {name} | {' | '.join(column[name] for column in columns)} |")


if __name__ == "__main__":
    main()
