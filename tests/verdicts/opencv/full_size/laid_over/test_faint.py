"""Faint writing: what is left of one stroke beside what is left of others that are as faint."""

from __future__ import annotations

from functools import partial
from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from tests.helpers import documents
from tests.helpers.pictures import photograph
from visualsearch_cli.pictures.formats import Codec, Compression
from visualsearch_cli.pictures.image import Pixels
from visualsearch_cli.verdicts.opencv.full_size import residual
from visualsearch_cli.verdicts.opencv.full_size.laid_over import faint
from visualsearch_cli.verdicts.opencv.full_size.laid_over.faint import faint_differences, may_differ_faintly
from visualsearch_cli.verdicts.opencv.full_size.registration.laid_out import LaidOut
from visualsearch_cli.verdicts.opencv.full_size.registration.lay_out import lay_as_found
from visualsearch_cli.verdicts.opencv.full_size.residual import left_of_luma, unfitted
from visualsearch_cli.verdicts.opencv.pixels import grey

LOSSY = Compression(Codec.OTHER)
DIGIT = (595, 595, 625, 630)  # the last of the total, in pixels of the receipt: left, top, right, bottom


def webp(picture: Image.Image, quality: int) -> Pixels:
    stream = BytesIO()
    picture.save(stream, "WEBP", quality=quality)
    return np.asarray(Image.open(stream).convert("RGB"), np.uint8)


def laid(total: str, quality: int = 80) -> LaidOut:
    one, other = documents.receipt("18.36"), documents.receipt(total)
    return lay_as_found(np.asarray(one, np.uint8), webp(other, quality), np.eye(3))


@pytest.mark.slow
@pytest.mark.parametrize("large", [False, True])
def test_a_faint_digit_is_told_where_a_codec_was_there(large: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    if large:  # looked at in parts, some of which tell what is usual
        monkeypatch.setattr(faint, "samples", partial(residual.samples, count=9, side=192))
    pair = laid("18.38")
    places = faint_differences(pair, unfitted(pair, LOSSY, LOSSY))
    assert places
    for place in places:
        left, top, right, bottom = place.box_a
        assert place.faint
        assert place.strength >= 1
        assert left > DIGIT[0] - 10
        assert right < DIGIT[2] + 10
        assert top > DIGIT[1] - 10
        assert bottom < DIGIT[3] + 10


@pytest.mark.slow
@pytest.mark.parametrize("quality", [40, 60, 80, 95])
def test_a_small_page_is_looked_at_if_a_faint_digit_is_another(quality: int) -> None:
    for total, differs in (("18.38", True), ("18.36", False)):
        pair = laid(total, quality)
        coarse, fine = (grey(side).astype(np.float32) for side in (pair.coarse, pair.fine))
        left = left_of_luma(coarse, fine, np.ones(coarse.shape, np.bool_)).power
        assert may_differ_faintly(pair, left) == differs


@pytest.mark.slow
@pytest.mark.parametrize("quality", [40, 60, 80, 95])
def test_what_a_codec_leaves_of_faint_writing_is_no_stroke(quality: int) -> None:
    pair = laid("18.36", quality)
    assert faint_differences(pair, unfitted(pair, LOSSY, LOSSY)) == []


@pytest.mark.slow
def test_at_the_very_rim_nothing_is_a_stroke() -> None:
    pair = laid("18.36")
    spot = pair.fine.copy()
    spot[:2, 300:306] = spot[400:406, :2] = 66  # on a table of about 52 levels
    pair = pair._replace(fine=spot)
    assert faint_differences(pair, unfitted(pair, LOSSY, LOSSY)) == []


def test_a_photograph_has_much_that_is_as_faint() -> None:
    picture = photograph("coffee")
    pair = lay_as_found(np.asarray(picture, np.uint8), webp(picture, 60), np.eye(3))
    assert faint_differences(pair, unfitted(pair, LOSSY, LOSSY)) == []


def test_nothing_is_told_of_what_is_too_small_to_have_much_alike() -> None:
    one = np.full((8, 8, 3), 240, np.uint8)
    other = one.copy()
    other[3:6, 3:6] = 225
    pair = lay_as_found(one, other, np.eye(3))
    assert faint_differences(pair, unfitted(pair, LOSSY, LOSSY)) == []
