"""Recall of every edit by every embedder, as a dot plot in SVG. Legible on light and dark pages."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape

from benchmarks.material.edits import DIHEDRAL, UPRIGHT
from benchmarks.models.figures import EIGHT, Figures

ROW = 17  # all in pixels
LEFT, RIGHT, TOP = 150, 20, 62
WIDTH = 760
COLORS = ("#e4572e", "#2f86d6", "#2a9d5c", "#b07cd8", "#c9a227", "#8c8c8c", "#35b5c4", "#d96aa7", "#7d6b4f")
STYLE = """
text { font: 12px system-ui, sans-serif; fill: #24292f }
.grid { stroke: #24292f; stroke-opacity: .15 }
.other { fill-opacity: .85 }
@media (prefers-color-scheme: dark) { text { fill: #e6edf3 } .grid { stroke: #e6edf3 } }
"""


def plot(found: Mapping[str, Figures]) -> str:
    """Draw recall at the rate of false pairs, sorted by that of the first embedder, then by all of them."""

    def order(edit: str) -> tuple[float, float]:
        recalls = [figures.per_edit[edit][1] for figures in found.values()]
        return -recalls[0], -sum(recalls)

    upright = sorted(UPRIGHT, key=order)
    edits = [*upright, *DIHEDRAL, *(edit + EIGHT for edit in DIHEDRAL)]
    height = TOP + ROW * len(edits) + 10
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" '
        f'height="{height}" role="img">',
        "<title>Recall of each edit at one false pair in a million</title>",
        f"<style>{STYLE}</style>",
        *_legend(list(found)),
        *_axis(height - 10),
    ]
    for number, edit in enumerate(edits):
        y = TOP + ROW * (number + 0.5)
        parts.append(f'<line class="grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y}" y2="{y}"/>')
        parts.append(f'<text x="{LEFT - 10}" y="{y + 4}" text-anchor="end">{escape(edit)}</text>')
        # The first embedder is drawn last, on top.
        for place, (name, figures) in reversed(list(enumerate(found.items()))):
            recall = figures.per_edit[edit][1]
            parts.append(
                f'<circle cx="{_x(recall):.1f}" cy="{y}" {_dot(place)}>'
                f"<title>{escape(f'{name}, {edit}: {recall:.3f}')}</title></circle>"
            )
    return "\n".join([*parts, "</svg>"]) + "\n"


def _legend(names: list[str]) -> list[str]:
    parts = []
    gap = (WIDTH - RIGHT - 10 - sum(_width(name) for name in names)) / max(1, len(names) - 1)
    x = 10.0
    for place, name in enumerate(names):
        parts.append(f'<circle cx="{x + 6:.0f}" cy="16" {_dot(place)}/>')
        parts.append(f'<text x="{x + 15:.0f}" y="20">{escape(name)}</text>')
        x += _width(name) + gap
    return parts


def _width(name: str) -> float:
    """Estimate the pixels that a name and its dot take."""
    return 15 + 6.5 * len(name)


def _axis(bottom: int) -> list[str]:
    parts = [f'<text x="10" y="{TOP - 12}">recall at FPR 1e-6</text>']
    for tenths in range(0, 11, 2):
        x = _x(tenths / 10)
        parts.append(f'<line class="grid" x1="{x}" x2="{x}" y1="{TOP - 6}" y2="{bottom}"/>')
        parts.append(f'<text x="{x}" y="{TOP - 12}" text-anchor="middle">{tenths / 10:g}</text>')
    return parts


def _x(recall: float) -> float:
    return LEFT + recall * (WIDTH - RIGHT - LEFT)


def _dot(place: int) -> str:
    """The looks of an embedder: the first one stands out."""
    color = COLORS[place % len(COLORS)]
    return f'class="other" r="4" fill="{color}"' if place else f'r="5.5" fill="{color}"'
