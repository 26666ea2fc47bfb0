"""A thing that each of two pictures shows in another place, told from marks that were drawn over."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from tests.helpers.images import scene
from visualsearch_cli.pictures.image import Pixels
from visualsearch_cli.verdicts.comparison import Difference
from visualsearch_cli.verdicts.opencv.full_size.laid_over.elsewhere import elsewhere
from visualsearch_cli.verdicts.opencv.full_size.registration.lay_out import lay_as_found

WIDTH, HEIGHT = 320, 200
HERE, THERE = (70, 60), (240, 130)
RED, BLUE = (200, 60, 40), (40, 60, 210)
Point = tuple[int, int]


def with_disc(
    at: Point | None, radius: int = 14, color: tuple[int, int, int] = RED, soft: float = 1.0
) -> Pixels:
    """A photograph with a soft disc on it."""
    pixels = (scene(WIDTH, HEIGHT) // 3 + 100).astype(np.float32)
    if at is None:
        return pixels.astype(np.uint8)
    cover = np.zeros((HEIGHT, WIDTH), np.float32)
    cv2.circle(cover, at, radius, 1.0, cv2.FILLED)
    share = np.asarray(cv2.GaussianBlur(cover, (0, 0), soft), np.float32)[..., None]
    return np.rint(pixels * (1 - share) + np.array(color, np.float32) * share).astype(np.uint8)


def place(at: Point) -> Difference:
    x, y = at
    box = (x - 18, y - 18, x + 18, y + 18)
    return Difference(box, box, 8.0, 700)


def told(one: Pixels, other: Pixels) -> list[bool]:
    places = [place(HERE), place(THERE)]
    found = elsewhere(places, lay_as_found(one, other, np.eye(3)), None)
    assert found == elsewhere(places, lay_as_found(other, one, np.eye(3)), None)
    return found


@pytest.mark.parametrize("soft", [1.0, 3.0])
def test_a_thing_that_was_taken_elsewhere(soft: float) -> None:
    one, other = (with_disc(at, soft=soft) for at in (HERE, THERE))
    assert told(one, other) == [True, True]


def test_what_one_picture_has_twice_is_drawn_over() -> None:
    both = with_disc(HERE)
    both[THERE[1] - 30 : THERE[1] + 30, THERE[0] - 30 : THERE[0] + 30] = with_disc(THERE)[
        THERE[1] - 30 : THERE[1] + 30, THERE[0] - 30 : THERE[0] + 30
    ]
    assert told(with_disc(None), both) == [False, False]


def test_two_marks_of_other_colors_or_sizes_are_two_marks() -> None:
    assert told(with_disc(HERE), with_disc(THERE, color=BLUE)) == [False, False]
    assert told(with_disc(HERE), with_disc(THERE, radius=6)) == [False, False]


def test_it_counts_only_if_most_of_what_differs_is_so() -> None:
    one, other = with_disc(HERE), with_disc(THERE)
    other[10:190, 120:190] = 20
    box = (120, 10, 190, 190)
    laid = lay_as_found(one, other, np.eye(3))
    places = [*map(place, (HERE, THERE)), Difference(box, box, 8.0, 70 * 180)]
    assert elsewhere(places, laid, None) == [False] * 3
