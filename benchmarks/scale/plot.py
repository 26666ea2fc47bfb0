"""How the costs of an index grow, on two logarithmic axes, in SVG. Legible on light and dark pages."""

from __future__ import annotations

import math
from collections.abc import Mapping
from html import escape
from typing import Any

from benchmarks.models.plot import COLORS, STYLE

LINES = (
    ("build the graph", "build"),
    ("all pairs", "all pairs"),
    ("append 100", "append 100"),
    ("load the graph", "load"),
    ("query, whole process", "cold"),
    ("1,000 queries, exact", "exact, 1000"),
    ("1,000 queries, graph", "graph, 1000"),
    ("one query, exact", "exact, one"),
    ("one query, graph", "graph, one"),
)
WIDTH, HEIGHT = 760, 460  # all in pixels
LEFT, RIGHT, TOP, BOTTOM = 70, 190, 30, 40


def plot(found: Mapping[int, Mapping[str, Any]]) -> str:
    """Draw CPU seconds over the number of vectors."""
    known = {
        label: [(size, float(figures[name])) for size, figures in found.items() if figures.get(name)]
        for label, name in LINES
    }
    known = {label: points for label, points in known.items() if points}
    values = [value for points in known.values() for _, value in points]
    low, high = math.floor(math.log10(min(values))), math.ceil(math.log10(max(values)))
    first, last = math.log10(min(found)), math.log10(max(max(found), 10 * min(found)))

    def x(size: float) -> float:
        return LEFT + (math.log10(size) - first) / (last - first) * (WIDTH - LEFT - RIGHT)

    def y(value: float) -> float:
        return HEIGHT - BOTTOM - (math.log10(value) - low) / (high - low) * (HEIGHT - TOP - BOTTOM)

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" '
        f'height="{HEIGHT}" role="img">',
        "<title>CPU seconds over the number of vectors</title>",
        f"<style>{STYLE}</style>",
        '<text x="10" y="18">CPU seconds, over the number of vectors</text>',
    ]
    for power in range(low, high + 1):
        at = y(10.0**power)
        parts.append(f'<line class="grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{at:.1f}" y2="{at:.1f}"/>')
        parts.append(f'<text x="{LEFT - 8}" y="{at + 4:.1f}" text-anchor="end">{_label(power)}</text>')
    for size in found:
        parts.append(
            f'<line class="grid" x1="{x(size):.1f}" x2="{x(size):.1f}" y1="{TOP}" y2="{HEIGHT - BOTTOM}"/>'
        )
        parts.append(f'<text x="{x(size):.1f}" y="{HEIGHT - 16}" text-anchor="middle">{size:,}</text>')
    ends = _spread({label: y(points[-1][1]) for label, points in known.items()})
    for place, (label, points) in enumerate(known.items()):
        color = COLORS[place % len(COLORS)]
        line = " ".join(f"{x(size):.1f},{y(value):.1f}" for size, value in points)
        parts.append(f'<polyline points="{line}" fill="none" stroke="{color}" stroke-width="2"/>')
        for size, value in points:
            parts.append(
                f'<circle cx="{x(size):.1f}" cy="{y(value):.1f}" r="4" fill="{color}">'
                f"<title>{escape(f'{label}, {size:,}: {value:.3g} s')}</title></circle>"
            )
        name = escape(label)
        parts.append(
            f'<text x="{WIDTH - RIGHT + 12}" y="{ends[label] + 4:.1f}">'
            f'<tspan style="fill:{color}">●</tspan> {name}</text>'
        )
    return "\n".join([*parts, "</svg>"]) + "\n"


def _spread(wanted: Mapping[str, float]) -> dict[str, float]:
    """Move labels apart so that none covers another."""
    placed: dict[str, float] = {}
    last = -math.inf
    for label, at in sorted(wanted.items(), key=lambda item: item[1]):
        last = max(at, last + 16)
        placed[label] = last
    return placed


def _label(power: int) -> str:
    return f"{10.0**power:g} s" if power > -3 else f"{10.0 ** (power + 3):g} ms"
