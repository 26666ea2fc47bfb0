"""Draws packages as boxes in rows, and arrows between them, as SVG."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean
from textwrap import wrap
from xml.sax.saxutils import escape

Edges = frozenset[tuple[str, str]]

WIDTH = 960.0
BOX_WIDTH = 214.0
BOX_HEIGHT = 74.0
GAP = 44.0  # between two rows
MARGIN = 12.0
LETTERS = 36  # of a question, in one line of a box
INK, PALE, LINE = "#1f2328", "#f6f8fa", "#59636e"


@dataclass(frozen=True, slots=True)
class Box:
    """Where a package is drawn."""

    x: float
    y: float
    width: float
    height: float

    @property
    def center(self) -> float:
        """The middle, from left to right."""
        return self.x + self.width / 2


@dataclass(frozen=True, slots=True)
class Label:
    """What stands in a box."""

    name: str
    text: str = ""


def rows_of(names: Sequence[str], edges: Edges) -> list[list[str]]:
    """Return rows, the lowest first: each name stands above all that its arrows lead to."""
    level: dict[str, int] = {}
    for name in names:  # what an arrow leads to comes before
        level[name] = max((level[target] + 1 for source, target in edges if source == name), default=0)
    rows: list[list[str]] = [[] for _ in range(max(level.values()) + 1)]
    for name in names:
        rows[level[name]].append(name)
    return rows


def placed(rows: Sequence[Sequence[str]], edges: Edges) -> dict[str, Box]:
    """Return the box of each name. Those of the topmost row are together as wide as the picture."""
    boxes: dict[str, Box] = {}
    top = MARGIN
    for row in reversed(rows):
        if not boxes:
            step = (WIDTH - 2 * MARGIN + GAP) / len(row)
            for place, name in enumerate(row):
                boxes[name] = Box(MARGIN + step * place, top, step - GAP, BOX_HEIGHT)
        else:
            ordered = sorted(row, key=lambda name: _mean_above(name, edges, boxes, rows))
            step = (WIDTH - 2 * MARGIN) / len(row)
            for place, name in enumerate(ordered):
                x = MARGIN + step * (place + 0.5) - BOX_WIDTH / 2
                boxes[name] = Box(x, top, BOX_WIDTH, BOX_HEIGHT)
        top += BOX_HEIGHT + GAP
    for row in rows[1:-1]:
        below = [boxes[target].center for source, target in edges if source == row[0]]
        if len(row) == 1 and below:
            box = boxes[row[0]]
            boxes[row[0]] = Box(fmean(below) - box.width / 2, box.y, box.width, box.height)
    return boxes


def _mean_above(
    name: str, edges: Edges, boxes: Mapping[str, Box], rows: Sequence[Sequence[str]]
) -> tuple[float, int]:
    """Return where what leads to a name stands on average, not counting the topmost row."""
    place = next(row for row in rows if name in row).index(name)
    above = [boxes[source].center for source, target in edges if target == name and source not in rows[-1]]
    return (fmean(above), place) if above else (WIDTH / 2, place)


def height_of(boxes: Iterable[Box]) -> float:
    """Return how high a picture of boxes is."""
    return max(box.y + box.height for box in boxes) + MARGIN


def box_svg(box: Box, label: Label, fill: str, ink: str = INK) -> str:
    """Return a box with a name, and a few lines below it."""
    lines = wrap(label.text.replace("`", ""), int(LETTERS * box.width / BOX_WIDTH))
    first = box.y + box.height / 2 + 5 - 7 * len(lines)
    parts = [
        f'<rect x="{box.x:.0f}" y="{box.y:.0f}" width="{box.width:.0f}" height="{box.height:.0f}" rx="6" '
        f'fill="{fill}" stroke="{LINE}"/>',
        f'<text x="{box.center:.0f}" y="{first:.0f}" class="name" fill="{ink}">{escape(label.name)}</text>',
    ]
    parts += [
        f'<text x="{box.center:.0f}" y="{first + 16 + 13 * number:.0f}" class="small" fill="{ink}">'
        f"{escape(line)}</text>"
        for number, line in enumerate(lines)
    ]
    return "\n".join(parts)


def arrows_svg(edges: Edges, boxes: Mapping[str, Box], color: str, width: float) -> str:
    """Return arrows between boxes: from the lower side of one to the upper side of another."""
    parts = []
    for source, target in sorted(edges):
        leaving = sorted((t for s, t in edges if s == source), key=lambda name: (boxes[name].center, name))
        coming = sorted((s for s, t in edges if t == target), key=lambda name: (boxes[name].center, name))
        upper, lower = boxes[source], boxes[target]
        end = _port(lower, coming.index(source), len(coming))
        start = _port(upper, leaving.index(target), len(leaving))
        if upper.width > BOX_WIDTH:  # straight down, where it can
            start = min(max(end, upper.x + MARGIN), upper.x + upper.width - MARGIN)
        x, y = start, upper.y + upper.height
        path = f"M{x:.0f} {y:.0f}"
        for top in sorted({box.y for box in boxes.values() if y < box.y < lower.y}):  # past other rows
            row = [box for box in boxes.values() if box.y == top]
            path += _aside(x, aside := _beside(x, row), y, top) + f" V{top + row[0].height:.0f}"
            x, y = aside, top + row[0].height
        path += _aside(x, end, y, lower.y - 1)
        parts.append(
            f'<path d="{path}" fill="none" stroke="{color}" stroke-width="{width:g}" marker-end="url(#tip)"/>'
        )
    return "\n".join(parts)


def _aside(x: float, end: float, top: float, bottom: float) -> str:
    """Return the part of a path that leads down between two rows, and aside."""
    bend = (top + bottom) / 2
    return f" C{x:.0f} {bend:.0f} {end:.0f} {bend:.0f} {end:.0f} {bottom:.0f}"


def _beside(x: float, row: Sequence[Box]) -> float:
    """Return where an arrow passes the boxes of a row, as near to its place as can be."""
    for box in row:
        if box.x - MARGIN < x < box.x + box.width + MARGIN:
            return box.x - MARGIN if x < box.center else box.x + box.width + MARGIN
    return x


def _port(box: Box, place: int, count: int) -> float:
    """Return where one of several arrows meets a box, from left to right."""
    return box.center + (place - (count - 1) / 2) * min(30.0, box.width / (count + 1))


def arcs_svg(edges: Edges, boxes: Mapping[str, Box], first: str, color: str) -> str:
    """Return arrows between boxes of a column: those from the first box on the left, others on the right."""
    parts = []
    for source, target in sorted(edges):
        upper, lower = boxes[source], boxes[target]
        start, end = upper.y + upper.height * 0.7, lower.y + lower.height * 0.3
        side = -1 if source == first else 1
        x = upper.x if side < 0 else upper.x + upper.width
        bulge = x + side * (12 + 0.11 * (end - start))
        parts.append(
            f'<path d="M{x:.0f} {start:.0f} C{bulge:.0f} {start:.0f} {bulge:.0f} {end:.0f} '
            f'{x:.0f} {end:.0f}" fill="none" stroke="{color}" stroke-width="1.4" marker-end="url(#tip)"/>'
        )
    return "\n".join(parts)


def svg(width: float, height: float, title: str, body: Iterable[str]) -> str:
    """Return a whole picture."""
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height:.0f}" '
            f'width="{width:.0f}" height="{height:.0f}" role="img">',
            f"<title>{escape(title)}</title>",
            "<style>text{font-family:ui-sans-serif,system-ui,sans-serif;text-anchor:middle}"
            ".name{font-size:15px;font-weight:600}.small{font-size:11px}</style>",
            '<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8" '
            'markerUnits="userSpaceOnUse" orient="auto"><path d="M0 0 8 4 0 8z" fill="context-stroke"/>'
            "</marker></defs>",
            f'<rect width="{width:.0f}" height="{height:.0f}" fill="#ffffff"/>',
            *body,
            "</svg>\n",
        ]
    )
