"""Can the smaller of two pictures show the writing of the larger one?"""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageDraw

from tests.helpers import documents
from tests.helpers.pictures import photograph
from visualsearch_cli.verdicts.comparison import NOTHING_LOST, LostMarks
from visualsearch_cli.verdicts.opencv.full_size.fine_marks import lost_marks
from visualsearch_cli.verdicts.opencv.full_size.registration.lay_out import lay_as_found
from visualsearch_cli.verdicts.rules import is_illegible

Picture = Image.Image


def lost(picture: Picture, scale: float) -> LostMarks:
    """Return what a picture loses that is reduced to a part of its sides."""
    size = (round(picture.width * scale), round(picture.height * scale))
    small = picture.resize(size, Image.Resampling.LANCZOS)
    coarse, fine = (np.asarray(one.convert("RGB")) for one in (small, picture))
    return lost_marks(lay_as_found(coarse, fine, np.eye(3)), fine)


def table() -> Picture:
    """Large letters in a grid of fine lines."""
    page = Image.new("RGB", (600, 400), (255, 255, 255))
    drawing = ImageDraw.Draw(page)
    for row in range(5):
        drawing.line((0, 80 * row + 70, 600, 80 * row + 70), (0, 0, 0), 1)
        for column in range(6):
            drawing.rectangle(
                (100 * column + 20, 80 * row + 15, 100 * column + 60, 80 * row + 55), (30, 30, 90)
            )
            drawing.rectangle(
                (100 * column + 30, 80 * row + 25, 100 * column + 50, 80 * row + 45), (255, 255, 255)
            )
    return page


PAGES = {"log": lambda: documents.log_file(1), "timetable": lambda: documents.timetable(1)}


@pytest.mark.slow
@pytest.mark.parametrize("page", PAGES)
def test_small_type_is_lost_at_a_quarter_and_not_at_two_thirds(page: str) -> None:
    assert is_illegible(lost(PAGES[page](), 0.25))
    assert not is_illegible(lost(PAGES[page](), 0.67))


def test_ruled_lines_and_large_signs_are_shown() -> None:
    assert not is_illegible(lost(table(), 0.25))


@pytest.mark.parametrize("name", ["chelsea", "coffee", "astronaut"])
def test_a_photograph_loses_no_writing(name: str) -> None:
    assert not is_illegible(lost(photograph(name), 0.25))


def test_what_is_as_large_loses_nothing() -> None:
    assert lost(documents.log_file(1), 1.0) == NOTHING_LOST
