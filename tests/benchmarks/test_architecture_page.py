"""The pictures and tables of docs/architecture.md say what the code says."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping

import pytest

from benchmarks.figures.architecture import documents
from benchmarks.figures.drawing import placed, rows_of
from benchmarks.figures.packages import direct, order, packages
from benchmarks.figures.walks import COMMANDS, Walk, walks
from benchmarks.places import PROJECT

CHAIN = frozenset({("top", "middle"), ("middle", "bottom"), ("top", "bottom")})


@pytest.fixture(scope="module")
def seen() -> Mapping[str, Walk]:
    """The walks of all commands, made once."""
    return walks()


@pytest.mark.slow
def test_the_page_and_its_pictures_match_the_code(seen: Mapping[str, Walk]) -> None:
    for path, text in documents(seen).items():
        assert path.read_text(encoding="utf-8") == text, f"{path}: run `make architecture`, and read it again"


@pytest.mark.slow
def test_no_command_enters_a_package_from_more_than_two_others(seen: Mapping[str, Walk]) -> None:
    assert seen.keys() == COMMANDS.keys()
    modules = {package.name for package in packages() if package.is_module}
    for command, walk in seen.items():
        entered = Counter(called for _, called in walk if called not in modules)
        assert entered, command
        most = 3 if command == "query" else 2  # it asks `duplicates` for the best original, too
        assert max(entered.values()) <= most, f"{command}: {entered.most_common(3)}"


def test_packages_are_found_with_their_imports() -> None:
    known = {package.name: package for package in packages()}
    assert tuple(known) == order()
    assert set(known["vectors"].imports) < {*order()[: order().index("vectors")]}
    assert "index" in known["search"].imports
    assert known["pictures"].question == "What is in a picture file?"


def test_contributing_lists_the_packages_in_their_order() -> None:
    text = (PROJECT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    table = text[text.index("| package |") : text.index("| folder |")]
    first_cells = " ".join(row.split("|")[1] for row in table.splitlines() if row.startswith("|"))
    names = [name.removesuffix("/") for name in re.findall(r"`([a-z_/]+)`", first_cells)]
    assert names == list(order())


def test_an_arrow_that_others_imply_is_not_direct() -> None:
    assert direct(CHAIN) == CHAIN - {("top", "bottom")}


def test_boxes_stand_in_rows_and_do_not_overlap() -> None:
    names = [package.name for package in packages() if not package.is_module]
    edges = frozenset((p.name, other) for p in packages() for other in p.imports if other in names)
    assert rows_of(["bottom", "middle", "top"], CHAIN) == [["bottom"], ["middle"], ["top"]]
    boxes = placed(rows_of(names, edges), direct(edges))
    assert boxes.keys() == set(names)
    for source, target in edges:
        assert boxes[source].y + boxes[source].height < boxes[target].y
    for name, box in boxes.items():
        beside = [other for key, other in boxes.items() if key != name and other.y == box.y]
        assert all(other.x >= box.x + box.width or other.x + other.width <= box.x for other in beside)


def test_the_text_of_every_box_lies_in_it() -> None:
    """By the lines, and roughly by their lengths: what hung out of boxes hung out of the picture, too."""
    drawn = (PROJECT / "docs" / "architecture.svg").read_text(encoding="utf-8")
    boxes = [
        tuple(map(int, found))
        for found in re.findall(r'<rect x="(\d+)" y="(\d+)" width="(\d+)" height="(\d+)"', drawn)
    ]
    texts = re.findall(r'<text x="(\d+)" y="(\d+)" class="(\w+)"[^>]*>([^<]+)<', drawn)
    assert len(boxes) == len(packages())
    for x, y, kind, text in texts:
        half = len(text) * (4.5 if kind == "name" else 2.6)
        assert any(
            left <= int(x) - half and int(x) + half <= left + width and top + 8 < int(y) < top + height - 2
            for left, top, width, height in boxes
        ), text
