"""The table of `benchmarks.scale`, how each cost grows, and what ten million vectors would need."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

Figures = Mapping[str, Any]

SECONDS = (
    ("catalog: write", "catalog"),
    ("block: write", "block"),
    ("graph: build", "build"),
    ("append 1,000", "append 1000"),
    ("append 100", "append 100"),
    ("graph: verify and load", "load"),
    ("`query` of an indexed image, whole process", "cold"),
    ("the same with `--hnsw`", "cold graph"),
    ("one query, exact", "exact, one"),
    ("one query, graph", "graph, one"),
    ("1,000 queries, exact", "exact, 1000"),
    ("1,000 queries, graph", "graph, 1000"),
    ("all pairs", "all pairs"),
    ("full frames with five regions of each", "region pairs"),
)
BYTES = (
    ("disk: catalog", "catalog bytes"),
    ("disk: block", "block bytes"),
    ("disk: graph", "graph bytes"),
    ("memory: `query`, mapped file included", "cold memory"),
    ("memory: `query --hnsw`", "cold graph memory"),
    ("memory: build the graph", "build memory"),
)
NUMBERS = (
    ("`query` beside `import numpy`, CPU", "cold ratio"),
    ("`query` beside `import numpy`, clock", "cold ratio wall"),
    ("all pairs beside the bare product", "all pairs ratio"),
    ("full frames with regions beside the bare product", "region pairs ratio"),
    ("recall@10 of the graph", "recall@10"),
    ("recall of the neighbors under the threshold", "recall of pairs"),
)
PAPER = 10_000_000


def report(found: Mapping[int, Figures]) -> str:
    """Return the table in Markdown."""
    sizes = list(found)
    lines = [
        "<!-- written by `make bench-scale` -->",
        "",
        "| CPU seconds | "
        + " | ".join(f"{size:,}" for size in sizes)
        + f" | grows as | {PAPER:,}, on paper |",
        "|---|" + "---|" * (len(sizes) + 2),
    ]
    lines += [_row(found, label, name, _seconds) for label, name in SECONDS]
    lines += [
        "",
        "If more than 1,000 vectors, and more than a twentieth of the graph, are appended, they go into the "
        "graph too.",
        "Of more than 20,000 pictures, a fifth tells what frames with regions of all would take.",
    ]
    lines += ["", "| bytes | " + " | ".join(f"{size:,}" for size in sizes) + f" | grows as | {PAPER:,} |"]
    lines += ["|---|" + "---|" * (len(sizes) + 2)]
    lines += [_row(found, label, name, _bytes) for label, name in BYTES]
    lines += ["", "| | " + " | ".join(f"{size:,}" for size in sizes) + " |", "|---|" + "---|" * len(sizes)]
    for label, name in NUMBERS:
        values = (f"{found[size][name]:.4g}" if name in found[size] else "–" for size in sizes)
        lines.append(f"| {label} | " + " | ".join(values) + " |")
    return "\n".join(lines) + "\n"


def _row(found: Mapping[int, Figures], label: str, name: str, written: Callable[[float], str]) -> str:
    known = {size: float(figures[name]) for size, figures in found.items() if figures.get(name)}
    cells = [written(known[size]) + _mark(found[size], name) if size in known else "–" for size in found]
    if len(known) < 2:
        return f"| {label} | " + " | ".join(cells) + " | – | – |"
    (before, low), (last, high) = list(known.items())[-2:]
    power = math.log(high / low) / math.log(last / before)
    paper = written(high * (PAPER / last) ** max(power, 0.0))
    grows = f"n^{power:.2f}" if power > 0.05 else "–"
    return f"| {label} | " + " | ".join(cells) + f" | {grows} | {paper} |"


def _mark(figures: Figures, name: str) -> str:
    return " (from a sample)" if name == "all pairs" and figures.get("all pairs sampled") else ""


def _seconds(value: float) -> str:
    if value < 1:
        return f"{1e3 * value:.3g} ms"
    return f"{value:.3g} s" if value < 1000 else f"{value / 3600:.2g} h"


def _bytes(value: float) -> str:
    return f"{value / 1e6:.3g} MB" if value < 1e9 else f"{value / 1e9:.3g} GB"
