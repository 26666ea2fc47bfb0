"""What differs between two laid-out pictures, place by place."""

from __future__ import annotations

from io import BytesIO
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from PIL import Image

from tests.helpers.pictures import photograph
from visualsearch_cli.pictures.formats import Codec, Compression
from visualsearch_cli.verdicts.comparison import Difference
from visualsearch_cli.verdicts.opencv.full_size import fitted
from visualsearch_cli.verdicts.opencv.full_size.laid_over.writing import is_rewritten
from visualsearch_cli.verdicts.opencv.full_size.registration.lay_out import lay_as_found
from visualsearch_cli.verdicts.opencv.full_size.residual import (
    Left,
    Prediction,
    planes,
    predict,
    samples,
    unfitted,
)
from visualsearch_cli.verdicts.opencv.full_size.toning import toning_beside

LOSSLESS = Compression(Codec.NONE)


def test_the_color_of_a_weave_is_told_though_no_pixel_of_it_is_still() -> None:
    chance = np.random.default_rng(5)
    ground = np.full((200, 200, 3), 240, np.uint8)
    blue, gray = ground.copy(), ground.copy()
    weave = chance.normal(1, 0.12, (120, 120, 1))
    blue[40:160, 40:160] = np.clip(weave * (99, 152, 156), 0, 255)
    gray[40:160, 40:160] = np.clip(weave * (137, 137, 137), 0, 255)
    laid = lay_as_found(blue, gray, np.eye(3))
    tiles = [planes(laid, part) for part in samples(laid)]
    untouched = unfitted(laid, LOSSLESS, LOSSLESS)
    assert toning_beside(tiles, untouched, 1.0).tint > 10
    same = [tile._replace(fine=tile.coarse) for tile in tiles]
    assert toning_beside(same, untouched, 1.0).tint == 0


def test_pale_writing_on_one_ground_is_told() -> None:
    one = np.full((60, 80, 3), 90, np.uint8)
    other = one.copy()
    one[20:40, 30:33] = 165  # an upright stroke
    one[20:23, 30:42] = 165
    other[20:40, 39:42] = 165
    other[37:40, 30:42] = 165
    laid = lay_as_found(one, other, np.eye(3))
    box = (28, 18, 44, 42)
    assert is_rewritten(laid, box, None)
    assert not is_rewritten(lay_as_found(one, one.copy(), np.eye(3)), box, None)


def test_parts_of_one_blur_are_told_together(monkeypatch: pytest.MonkeyPatch) -> None:
    laid: Any = SimpleNamespace(inside=np.ones((400, 600), np.bool_))
    boxes = [(100, 100, 120, 120), (126, 104, 140, 130), (400, 300, 440, 340)]
    places = [Difference(box, box, strength=3.0, pixels=400) for box in boxes]
    asked: list[object] = []

    def is_obscured(_laid: object, box: object, _toning: object, *, exact: bool) -> bool:
        asked.append((box, exact))
        return True

    monkeypatch.setattr(fitted, "is_obscured", is_obscured)
    assert fitted._told_together(places, [True, False, False], laid, None) == [True, True, False]
    assert asked == [((100, 100, 140, 130), False)], "the last one stands alone, and was asked about before"


@pytest.mark.slow
def test_what_codecs_explain_is_asked_only_where_something_may_differ(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """And what is seen is the same as if it were asked everywhere."""
    picture = np.asarray(photograph("coffee").convert("RGB").resize((1800, 1200), Image.Resampling.BICUBIC))
    picture = picture[:1100, :1700]
    grain = np.random.default_rng(3).normal(0, 3, (*picture.shape[:2], 1))
    grained = np.clip(picture + grain, 0, 255).astype(np.uint8)
    stored = BytesIO()
    Image.fromarray(grained).save(stored, "JPEG", quality=70)
    copy = np.array(Image.open(stored))
    copy[700:716, 900:904] = 255 - copy[700:716, 900:904]  # a stroke
    laid = lay_as_found(copy, grained, np.eye(3))
    lossy = Compression(Codec.JPEG, (8,) * 64, (12,) * 64)
    prediction, _ = predict(laid, [planes(laid, part) for part in samples(laid)], lossy, LOSSLESS, None)
    asked: list[bool] = []
    may_differ = Left.may_differ

    def noted(left: Left, given: Prediction) -> bool:
        asked.append(may_differ(left, given))
        return asked[-1]

    monkeypatch.setattr(Left, "may_differ", noted)
    found = fitted._strengths(laid, prediction, [])
    assert 0 < sum(asked) < len(asked) / 2
    monkeypatch.setattr(Left, "may_differ", lambda *_: True)
    everywhere = fitted._strengths(laid, prediction, [])
    told, here = (
        np.where(each > fitted.SEEN * fitted.STRENGTH_STEPS, each, 0) for each in (everywhere, found)
    )
    assert told.any()
    assert np.array_equal(told, here)
