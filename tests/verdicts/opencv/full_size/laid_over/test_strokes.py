"""A stroke more in writing that both pictures show, told from a mark of its own."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from tests.helpers.images import scene
from visualsearch_cli.pictures.image import Pixels
from visualsearch_cli.verdicts.opencv.full_size.laid_over.strokes import is_written_on
from visualsearch_cli.verdicts.opencv.full_size.registration.lay_out import lay_as_found

WIDTH, HEIGHT = 320, 200
WHITE, YELLOW, BLACK = (255, 255, 255), (255, 240, 60), (0, 0, 0)
SEGMENTS = {"5": "afgcd", "6": "afgcde", "8": "abcdefg", "1": "bc", "7": "abc", "": ""}
ENDS = {
    "a": (0, 0, 1, 0),
    "b": (1, 0, 1, 1),
    "c": (1, 1, 1, 2),
    "d": (0, 2, 1, 2),
    "e": (0, 1, 0, 2),
    "f": (0, 0, 0, 1),
}
ENDS["g"] = (0, 1, 1, 1)


def meter(text: str, color: tuple[int, int, int] = WHITE) -> Pixels:
    """A photograph with digits of seven segments."""
    pixels = (scene(WIDTH, HEIGHT) // 3 + 60).astype(np.uint8)
    for number, digit in enumerate(text):
        left, top = 60 + 36 * number, 70
        for segment in SEGMENTS[digit]:
            x0, y0, x1, y1 = (20 * side for side in ENDS[segment])
            cv2.line(pixels, (left + x0, top + y0), (left + x1, top + y1), color, 4, cv2.LINE_AA)
    return pixels


def told(one: Pixels, other: Pixels) -> bool:
    down, right = np.nonzero(np.abs(one.astype(int) - other).max(axis=2) > 60)
    box = (int(right.min()), int(down.min()), int(right.max()) + 1, int(down.max()) + 1)
    found = is_written_on(lay_as_found(one, other, np.eye(3)), box, None)
    assert found == is_written_on(lay_as_found(other, one, np.eye(3)), box, None)
    return found


@pytest.mark.parametrize("color", [WHITE, YELLOW, BLACK])
@pytest.mark.parametrize(("text", "other"), [("5718", "6718"), ("5715", "5716"), ("8115", "8175")])
def test_a_stroke_more_makes_another_digit(text: str, other: str, color: tuple[int, int, int]) -> None:
    assert told(meter(text, color), meter(other, color))


def test_writing_that_one_has_alone_is_a_mark() -> None:
    assert not told(meter(""), meter("5718"))


def test_a_mark_of_another_ink_or_width_is_drawn_over() -> None:
    lettered = meter("5718")
    for color, width in ((BLACK, 4), (WHITE, 12)):
        marked = lettered.copy()
        cv2.line(marked, (60, 125), (190, 125), color, width, cv2.LINE_AA)
        assert not told(lettered, marked)


def test_a_disc_of_that_ink_is_drawn_over() -> None:
    marked = meter("5718")
    cv2.circle(marked, (230, 90), 5, WHITE, cv2.FILLED)
    assert not told(meter("5718"), marked)
