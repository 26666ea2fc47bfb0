"""Draws an evaluation as SVG: a bar for each measure, and which class was taken for which."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from jinja2 import Environment

from visualsearch_cli.atomic import OutputKind, generated_by, written_whole
from visualsearch_cli.named_tuples import NamedTuple
from visualsearch_cli.reports.environment import environment

if TYPE_CHECKING:
    from visualsearch_cli.evaluation.classification import Classification

NAMES, BARS = 260, 600  # units: room for names, and the length of a bar of 1
LINE = 24  # units from one bar to the next
LARGEST, SMALLEST, MATRIX = 28, 6, 840  # units: sides of a cell of the matrix, and of all of it
MOST_LETTERS = 20  # of the name of a column
LEAST_WRITTEN = 18  # units of a cell that a count is written into


DRAWING = OutputKind("a drawing that `visualsearch eval --plot` wrote", generated_by("visualsearch eval"))


class Bars(NamedTuple):
    """Measures that are drawn below each other."""

    heading: str
    values: Sequence[tuple[str, float]]  # name, and value from 0 to 1


class Cell(NamedTuple):
    """How many pictures of a class were taken for one."""

    row: int  # the class they are of
    column: int
    pictures: int
    share: float  # of the pictures of the class


def write_drawing(
    title: str, parts: Sequence[Bars], classification: Classification | None, file: Path
) -> None:
    """Write the drawing.

    Raises OutputRefused if the file may not be written over, VisualSearchError if it cannot be written.
    """
    names = [] if classification is None else [its.name for its in classification.classes]
    side = max(SMALLEST, min(LARGEST, MATRIX // max(1, len(names))))
    text = _environment().get_template("evaluation.svg.jinja").render(
        title=title,
        parts=parts,
        names=names,
        cells=[] if classification is None else _cells(classification),
        side=side,
        is_written=side >= LEAST_WRITTEN,
        left=NAMES,
        length=BARS,
        room=30 + 8 * min(MOST_LETTERS, max(map(len, names), default=0)),
        letters=MOST_LETTERS,
        line=LINE,
    )  # fmt: skip
    with written_whole(file, DRAWING) as stream:
        stream.write(text.encode("utf-8"))


def _cells(classification: Classification) -> list[Cell]:
    found = []
    for row, counts in enumerate(classification.confusion):
        total = max(1, sum(counts))
        found += [Cell(row, column, n, n / total) for column, n in enumerate(counts) if n]
    return found


@lru_cache(maxsize=1)
def _environment() -> Environment:
    return environment("visualsearch_cli.plots")
