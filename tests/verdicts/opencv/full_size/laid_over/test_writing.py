"""Writing in the place of other writing, on whatever ground, told from marks that one picture alone has."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from tests.helpers.images import scene
from visualsearch_cli.pictures.image import Pixels
from visualsearch_cli.verdicts.opencv.full_size.laid_over.writing import is_rewritten
from visualsearch_cli.verdicts.opencv.full_size.registration.lay_out import lay_as_found

WIDTH, HEIGHT = 320, 200
WHITE, YELLOW, BLACK = (255, 255, 255), (255, 240, 60), (0, 0, 0)
Color = tuple[int, int, int]


def written(text: str, color: Color, *, outlined: bool = False, at: int = 30) -> Pixels:
    """A photograph with a line of text over it."""
    pixels = (scene(WIDTH, HEIGHT) // 2 + 60).astype(np.uint8)
    if outlined:
        cv2.putText(pixels, text, (at, 96), cv2.FONT_HERSHEY_SIMPLEX, 1.0, (0, 0, 0), 6, cv2.LINE_AA)
    cv2.putText(pixels, text, (at, 96), cv2.FONT_HERSHEY_SIMPLEX, 1.0, color, 2, cv2.LINE_AA)
    return np.asarray(pixels, np.uint8)


def saved(pixels: Pixels, quality: int) -> Pixels:
    _, packed = cv2.imencode(".jpg", pixels[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, quality])
    decoded = cv2.imdecode(packed, cv2.IMREAD_COLOR)
    assert decoded is not None
    return np.asarray(decoded[..., ::-1], np.uint8)


def told(one: Pixels, other: Pixels) -> bool:
    down, right = np.nonzero(np.abs(one.astype(int) - other).max(axis=2) > 80)
    box = (int(right.min()), int(down.min()), int(right.max()) + 1, int(down.max()) + 1)
    found = is_rewritten(lay_as_found(one, other, np.eye(3)), box, None)
    assert found == is_rewritten(lay_as_found(other, one, np.eye(3)), box, None)
    return found


@pytest.mark.parametrize("quality", [95, 60])
@pytest.mark.parametrize("outlined", [False, True])
@pytest.mark.parametrize("color", [WHITE, YELLOW, BLACK])
@pytest.mark.parametrize("others", [("17:42:12", "17:47:12"), ("see you", "at noon")])
def test_other_writing_in_one_ink(
    others: tuple[str, str], color: Color, outlined: bool, quality: int
) -> None:
    one, other = (written(text, color, outlined=outlined and color != BLACK) for text in others)
    assert told(one, saved(other, quality))


@pytest.mark.parametrize("color", [WHITE, YELLOW, BLACK])
def test_writing_that_one_has_alone_is_a_mark(color: Color) -> None:
    assert not told(written("", color), saved(written("see you", color), 90))
    assert not told(written("", color), written("see you", color, outlined=True))


def test_writing_of_two_colors_is_two_marks() -> None:
    assert not told(written("see you", WHITE), written("at noon", BLACK))


@pytest.mark.parametrize("by", [1, 2])
def test_writing_that_lies_off_a_little_is_no_other(by: int) -> None:
    assert not told(written("see you", WHITE), written("see you", WHITE, at=30 + by))


def test_what_was_obscured_is_not_rewritten() -> None:
    lettered = written("see you", WHITE)
    blurred, barred = lettered.copy(), lettered.copy()
    blurred[70:104, 20:200] = cv2.GaussianBlur(lettered, (0, 0), 6)[70:104, 20:200]
    barred[70:104, 20:200] = 0
    assert not told(lettered, blurred)
    assert not told(lettered, barred)
