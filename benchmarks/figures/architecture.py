"""Draws docs/architecture.svg and docs/walks.svg, and writes the tables of docs/architecture.md."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from benchmarks.figures.drawing import (
    BOX_HEIGHT,
    BOX_WIDTH,
    GAP,
    LINE,
    MARGIN,
    PALE,
    WIDTH,
    Box,
    Edges,
    Label,
    arcs_svg,
    arrows_svg,
    box_svg,
    height_of,
    placed,
    rows_of,
    svg,
)
from benchmarks.figures.packages import Package, direct, packages
from benchmarks.figures.walks import Walk, walks
from benchmarks.places import DOCS

PAGE = DOCS / "architecture.md"
COLUMNS = 4  # of modules
MODULE_HEIGHT = BOX_HEIGHT + 14  # for four lines
NARROW, LOW, BETWEEN, TITLE = 116.0, 30.0, 14.0, 40.0  # sizes in the picture of walks
FAINT = "#c4cad1"
COLORS = {"index": "#0969da", "query": "#1a7f37", "dupes": "#bc4c00", "apply": "#8250df"}


def main() -> None:
    """Write all three files."""
    for path, text in documents(walks()).items():
        path.write_text(text, encoding="utf-8")


def documents(seen: Mapping[str, Walk]) -> dict[Path, str]:
    """Return the text of each file that is made from the code, and from the walks of commands."""
    known = packages()
    names = [package.name for package in known if not package.is_module]
    edges = frozenset(
        (package.name, other) for package in known for other in package.imports if other in names
    )
    boxes = placed(rows_of(names, edges), direct(edges))
    found = {
        name: frozenset((caller, called) for caller, called in walk if called in names)
        for name, walk in seen.items()
    }
    page = PAGE.read_text(encoding="utf-8")
    page = _with_part(page, "packages", packages_table(known))
    page = _with_part(page, "walks", walks_table(list(reversed(names)), found))
    return {
        DOCS / "architecture.svg": packages_picture(known, direct(edges), boxes),
        DOCS / "walks.svg": walks_picture(list(reversed(names)), found),
        PAGE: page,
    }


def packages_picture(known: tuple[Package, ...], edges: Edges, boxes: Mapping[str, Box]) -> str:
    """Return the packages with their direct imports, above the modules that all may use."""
    modules = [package for package in known if package.is_module]
    body = [arrows_svg(edges, boxes, LINE, 1.4)]
    body += [
        box_svg(boxes[package.name], Label(package.name, package.question), PALE)
        for package in known
        if not package.is_module
    ]
    top = height_of(boxes.values()) - MARGIN + GAP
    step = (WIDTH - 2 * MARGIN) / COLUMNS
    width = min(BOX_WIDTH, step - GAP / 4)
    for place, module in enumerate(modules):
        row, column = divmod(place, COLUMNS)
        left = MARGIN + step * (column + 0.5) - width / 2
        box = Box(left, top + row * (MODULE_HEIGHT + GAP / 4), width, MODULE_HEIGHT)
        body.append(box_svg(box, Label(module.name, module.question), "#ffffff"))
    high = top - (-len(modules) // COLUMNS) * (MODULE_HEIGHT + GAP / 4) + MARGIN
    return svg(WIDTH, high, "The packages of visualsearch and their imports", body)


def walks_picture(names: list[str], found: Mapping[str, Walk]) -> str:
    """Return a column of the packages for each command, topmost first, with the calls between them."""
    step = WIDTH / len(found)
    body = []
    for place, (command, walk) in enumerate(found.items()):
        middle = step * (place + 0.5)
        entered = {package for call in walk for package in call}
        boxes = {
            name: Box(middle - NARROW / 2, TITLE + row * (LOW + BETWEEN), NARROW, LOW)
            for row, name in enumerate(names)
        }
        color = COLORS[command]
        body.append(f'<text x="{middle:.0f}" y="24" class="name" fill="{color}">{command}</text>')
        body.append(arcs_svg(walk, boxes, names[0], color))
        for name, box in boxes.items():
            if name in entered:
                body.append(box_svg(box, Label(name), color, "#ffffff"))
            else:
                body.append(box_svg(box, Label(name), "#ffffff", FAINT))
    high = TITLE + len(names) * (LOW + BETWEEN)
    return svg(WIDTH, high, "Which packages each command walks through", body)


def packages_table(known: tuple[Package, ...]) -> str:
    """Return the packages, topmost first, with all that they import."""
    lines = ["| package | what it answers or holds | imports |", "|---|---|---|"]
    lines += [
        f"| `{package.name}` | {package.question} | {', '.join(package.imports) or '–'} |"
        for package in reversed(known)
    ]
    return "\n".join(lines)


def walks_table(names: list[str], found: Mapping[str, Walk]) -> str:
    """Return from which packages each command enters each package."""
    lines = [f"| package | {' | '.join(f'`{name}`' for name in found)} |", "|---" * (len(found) + 1) + "|"]
    for package in names[1:]:
        cells = [
            " and ".join(caller for caller in names if (caller, package) in walk) for walk in found.values()
        ]
        if any(cells):
            lines.append(f"| `{package}` | {' | '.join(f'from {cell}' if cell else '' for cell in cells)} |")
    return "\n".join(lines)


def _with_part(page: str, name: str, text: str) -> str:
    """Return a page with the part between two comments exchanged."""
    part = re.compile(f"(<!-- {name} -->\n).*?(\n<!-- /{name} -->)", re.DOTALL)
    if not part.search(page):
        raise SystemExit(f"{PAGE} has no part <!-- {name} --> … <!-- /{name} -->: add it")
    return part.sub(lambda found: found[1] + text + found[2], page)


if __name__ == "__main__":
    main()
