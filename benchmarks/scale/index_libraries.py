"""Our index beside other libraries for nearest neighbors, on the same vectors in the same run.

    python -m benchmarks.scale.index_libraries [--count N] [--only NAME …] [--work FOLDER] [--output FILE.md]

Vectors are those of `benchmarks.scale`. Graphs have the same parameters everywhere (16 links, 200 candidates
while building). How many candidates a search keeps is chosen for each library as the fewest of a list that
reach the same recall; then all are asked in turns, on one thread. A cold query is a new process that loads
the saved file and asks once; one that imports numpy alone is subtracted. Figures are CPU seconds.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

from benchmarks.cost.processes import output_of
from benchmarks.scale.libraries import LIBRARIES, Library, built_by
from benchmarks.scale.vectors import draw
from visualsearch_cli.vectors.exact import ExactIndex
from visualsearch_cli.vectors.index import Neighbors
from visualsearch_cli.vectors.recall import TIE_TOLERANCE

K = 10
QUERIES = 1_000
TARGET = 0.95
WIDTHS = (16, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512, 768, 1_024, 1_536, 2_048, 3_072, 4_096)
COLD_WIDTH = 256  # of a first question
ROUNDS = 5
COLD_RUNS = 5
THREADS = 1

Figures = dict[str, Any]


def main() -> None:
    """Build what is not built yet, ask, write a table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--count", type=int, default=100_000)
    parser.add_argument("--only", nargs="+", choices=sorted(LIBRARIES), default=list(LIBRARIES))
    parser.add_argument("--work", type=Path, default=Path("libraries"))
    parser.add_argument("--vectors", type=Path, help="a .npy file: the last 1,000 rows are the queries")
    parser.add_argument("--output", type=Path, default=Path("docs/index-libraries-measured.md"))
    parser.add_argument("--child", nargs=2, metavar=("STEP", "NAME"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    folder = options.work / str(options.count)
    if options.child:
        step, name = options.child
        print(json.dumps(build(folder, name) if step == "build" else cold(folder, name)))
        return
    folder.mkdir(parents=True, exist_ok=True)
    if not (folder / "vectors.npy").exists():
        rows = np.load(options.vectors) if options.vectors else draw(options.count + QUERIES, 1)
        np.save(folder / "vectors.npy", np.concatenate([rows[: options.count], rows[-QUERIES:]]))
    found = measure(folder, options)
    options.output.write_text(table(options.count, found), "utf-8")
    print(table(options.count, found))


def child(options: argparse.Namespace, step: str, name: str) -> tuple[Figures, float]:
    """Run a step in its own process. Returns its figures, and its CPU seconds from outside."""
    command = [sys.executable, "-m", "benchmarks.scale.index_libraries", "--count", str(options.count)]
    command += ["--work", str(options.work), "--child", step, name]
    environment = {**os.environ, "OPENBLAS_NUM_THREADS": "1"}
    out, cost = output_of(command, env=environment)
    return {**json.loads(out), "memory": cost.peak_bytes}, cost.cpu


def measure(folder: Path, options: argparse.Namespace) -> dict[str, Figures]:
    """Return the figures of each library; what was built before is not built again."""
    found: dict[str, Figures] = {}
    for name in options.only:
        path = folder / f"{built_by(name)}.json"
        if not path.exists():
            figures, _ = child(options, "build", built_by(name))
            path.write_text(json.dumps(figures), "utf-8")
            print(f"built {name}: {figures['build']:.0f} s", flush=True)
        found[name] = json.loads(path.read_text("utf-8"))
    colds: dict[str, list[float]] = {name: [] for name in ["nothing", *options.only]}
    for number in range(COLD_RUNS + 1):
        for name, costs in colds.items():
            _, seconds = child(options, "cold", name)
            if number:
                costs.append(seconds)
    for name in options.only:
        pairs = zip(colds[name], colds["nothing"], strict=True)
        found[name]["cold"] = median(own - nothing for own, nothing in pairs)
    ask(folder, options.only, found)
    return found


def build(folder: Path, name: str) -> Figures:
    """Build an index and save it."""
    vectors = np.load(folder / "vectors.npy", mmap_mode="r")[:-QUERIES]
    library = LIBRARIES[name]()
    start, wall = time.process_time(), time.perf_counter()
    library.build(vectors, THREADS)
    built = time.process_time() - start
    figures: Figures = {"build": built, "build wall": time.perf_counter() - wall}
    library.save(folder / name)
    files = [folder / f"{name}.file", *folder.glob(f"{name}.file/*")]
    figures["bytes"] = sum(path.stat().st_size for path in files if path.is_file())
    return figures


def cold(folder: Path, name: str) -> Figures:
    """Load a saved index and ask once; of `nothing`, do all but that."""
    query = np.load(folder / "vectors.npy", mmap_mode="r")[-1:].copy()
    if name != "nothing":
        library = LIBRARIES[name]()
        library.load(folder / built_by(name), COLD_WIDTH)
        library.search(query, K)
    return {}


def ask(folder: Path, names: Sequence[str], found: dict[str, Figures]) -> None:
    """Find the width that each library needs, then ask all of them in turns."""
    rows = np.load(folder / "vectors.npy", mmap_mode="r")
    queries = rows[-QUERIES:].copy()
    ids = np.arange(1, len(rows) - QUERIES + 1)
    exact = ExactIndex.from_arrays(ids, np.ascontiguousarray(rows[:-QUERIES])).search(queries, K)
    ready: dict[str, Library] = {}
    for name in names:
        library = LIBRARIES[name]()
        library.load(folder / built_by(name), WIDTHS[0])
        for width in WIDTHS if library.approximate else WIDTHS[:1]:
            library.widen(width)
            recall = recall_of(library.search(queries, K), exact, rows, queries)
            found[name] |= {"width": width if library.approximate else None, "recall": recall}
            if recall >= TARGET:
                break
        ready[name] = library
    seconds: dict[str, list[float]] = {name: [] for name in names}
    for _ in range(ROUNDS):
        for name, library in ready.items():
            start = time.process_time()
            library.search(queries, K)
            seconds[name].append(time.process_time() - start)
    for name in names:
        found[name]["query"] = median(seconds[name]) / QUERIES


def recall_of(rows: np.ndarray[Any, Any], exact: Neighbors, vectors: Any, queries: Any) -> float:
    """Return recall@10 by distances measured anew: of equal vectors any will do."""
    there = rows >= 0
    near = 1 - np.einsum("qkd,qd->qk", vectors[np.maximum(rows, 0)].astype(np.float64), queries)
    right = there & (near <= exact.distances[:, -1:] + TIE_TOLERANCE)
    return float(right.mean())


def table(count: int, found: dict[str, Figures]) -> str:
    """Return the figures in Markdown."""
    lines = [
        "<!-- written by `make bench-index-libraries` -->",
        "",
        f"{count:,} vectors of 256 values, recall@10 of at least {TARGET}, CPU seconds",
        "",
        "| index | build | file | cold query | candidates | recall@10 | one of 1,000 queries | queries/s |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for name, row in found.items():
        lines.append(
            f"| {LIBRARIES[name].title} | {row['build']:.3g} s | {row['bytes'] / 1e6:.0f} MB "
            f"| {1e3 * row['cold']:.0f} ms | {row['width'] or '–'} | {row['recall']:.3f} "
            f"| {1e3 * row['query']:.3f} ms | {1 / row['query']:,.0f} |"
        )
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
