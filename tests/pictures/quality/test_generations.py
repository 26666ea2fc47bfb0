"""Which of two pictures went through a lossy codec once more, by what is left of fine detail."""

from __future__ import annotations

from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from tests.helpers.photographs import originals
from visualsearch_cli.pictures.quality.generations import richer
from visualsearch_cli.pictures.quality.past import Floats

CERTAIN = 4.0
"""Standard errors."""


def saved(image: Image.Image, format_: str, quality: int) -> Image.Image:
    stream = BytesIO()
    image.save(stream, format_, quality=quality)
    with Image.open(stream) as found:
        shown: Image.Image = found.convert("RGB")
        return shown


def light_of(image: Image.Image) -> Floats:
    return np.asarray(image.convert("L"), np.float32)


def told(a: Image.Image, b: Image.Image) -> float:
    one, two = light_of(a), light_of(b)
    found = richer(one, two, np.ones(one.shape, np.bool_))
    assert richer(two, one, np.ones(one.shape, np.bool_)) == pytest.approx(-found)
    return found


@pytest.mark.slow
@pytest.mark.parametrize("format_", ["WEBP", "AVIF", "HEIF"])
def test_what_is_saved_again_has_lost_detail_however_finely(format_: str) -> None:
    if format_ == "HEIF":
        pytest.importorskip("pillow_heif").register_heif_opener()
    photograph = originals()[1].crop((0, 0, 384, 384))
    coarse, fine = (saved(photograph, format_, quality) for quality in (50, 80))
    assert told(coarse, saved(coarse, format_, 80)) > CERTAIN
    assert told(saved(fine, format_, 50), fine) < -CERTAIN
    assert told(coarse, fine) < -CERTAIN  # both are of one picture


def test_where_little_differs_nothing_is_told() -> None:
    photograph = originals()[1]
    assert told(photograph, photograph) == 0.0
    changed = photograph.copy()
    changed.paste("red", (0, 0, 40, 40))  # a few blocks
    assert told(photograph, changed) == 0.0
