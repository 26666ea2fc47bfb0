"""What an index costs as it grows: a table, a plot, and how each cost grows.

    python -m benchmarks.scale [--sizes N …] [--photos FOLDER] [--work FOLDER] [--output FILE.md]

Vectors are drawn, shaped like embeddings of photographs (see `vectors`; with --photos, of those).
Each step runs in a process of its own and its figures are kept in the work folder: a run that was
interrupted goes on with the next step. One thread is used for products, two for building the graph.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.cost.processes import Cost, output_of
from benchmarks.scale.plot import plot
from benchmarks.scale.report import report

SIZES = (10_000, 100_000)
COLD_RUNS = 9
ENVIRONMENT = {**os.environ, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
STEPS = ("vectors", "catalog", "build", "load", "warm", "cold", "all_pairs", "region_pairs", "append", "disk")

Figures = dict[str, Any]


def main() -> None:
    """Measure each size, write the table and the plot."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES)
    parser.add_argument("--photos", type=Path)
    parser.add_argument("--work", type=Path, default=Path("scale"))
    parser.add_argument("--output", type=Path, default=Path("docs/scale-measured.md"))
    options = parser.parse_args()
    options.work.mkdir(parents=True, exist_ok=True)
    embedded = options.work / "photographs.npy"
    if options.photos and not embedded.exists():
        import numpy as np

        from benchmarks.scale.vectors import embedded as embed_folder

        np.save(embedded, embed_folder(options.photos))
    for count in options.sizes:
        measure(count, options.work.absolute() / str(count))
    read = {
        int(path.parent.name): json.loads(path.read_text("utf-8"))
        for path in options.work.glob("*/figures.json")
    }
    found = {size: figures for size, figures in read.items() if set(STEPS) <= set(figures["steps"])}
    found = dict(sorted(found.items()))
    options.output.write_text(report(found), "utf-8")
    options.output.with_suffix(".svg").write_text(plot(found), "utf-8")


def measure(count: int, folder: Path) -> Figures:
    """Run the steps of one size that have no figures yet."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "figures.json"
    figures: Figures = json.loads(path.read_text("utf-8")) if path.exists() else {"steps": []}
    for step in STEPS:
        if step in figures["steps"]:
            continue
        begun = time.perf_counter()
        figures |= cold(folder) if step == "cold" else run_step(step, count, folder)
        figures["steps"].append(step)
        path.write_text(json.dumps(figures, indent=1), "utf-8")
        print(f"{count:,}: {step}, {time.perf_counter() - begun:.0f} s", flush=True)
    return figures


def run_step(step: str, count: int, folder: Path) -> Figures:
    """Run a step in its own process; note its memory at most, in bytes."""
    command = [sys.executable, "-m", "benchmarks.scale.steps", step, str(count), str(folder)]
    out, cost = output_of(command, env=ENVIRONMENT)
    figures: Figures = json.loads(out)
    return {**figures, f"{step} memory": cost.peak_bytes}


def cold(folder: Path) -> Figures:
    """Ask for the neighbors of an indexed picture in a new process, beside importing numpy, in turns."""
    program = [sys.executable, "-m", "visualsearch_cli", "query", str(folder / "photos/00000/00000007.jpg")]
    sides = {
        "numpy": [sys.executable, "-c", "import numpy"],
        "cold": [*program, "--index", str(folder / "index")],
        "cold graph": [*program, "--index", str(folder / "index"), "--hnsw"],
    }
    costs: dict[str, list[Cost]] = {name: [] for name in sides}
    for number in range(COLD_RUNS + 1):
        for name, command in sides.items():
            if name == "cold graph" and number > 3:
                continue
            _, cost = output_of(command)
            if number:  # the first run brings the files into memory
                costs[name].append(cost)
    figures: Figures = {}
    for name, found in costs.items():
        figures[f"{name} wall"] = median(cost.wall for cost in found)
        figures[name] = median(cost.cpu for cost in found)
        figures[f"{name} memory"] = max(cost.peak_bytes for cost in found)
    pairs = list(zip(costs["cold"], costs["numpy"], strict=True))
    figures["cold ratio"] = median(a.cpu / b.cpu for a, b in pairs)
    figures["cold ratio wall"] = median(a.wall / b.wall for a, b in pairs)
    return figures


if __name__ == "__main__":
    main()
