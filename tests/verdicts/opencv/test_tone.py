"""A tone map explains what is done to a whole picture, and nothing else."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from tests.helpers.pictures import photograph
from visualsearch_cli.verdicts.opencv.tones import is_monochrome, tone_maps

Floats = npt.NDArray[np.float32]


def colors(image: Image.Image) -> Floats:
    pixels = np.array(image.resize((60, 45)), np.float32).reshape(-1, 3)
    pixels /= np.float32(255)
    return pixels


def least_residual(source: Floats, target: Floats) -> float:
    return min(float(np.abs(tone(source) - target).mean()) for tone in tone_maps(source, target))


@pytest.mark.parametrize("exponent", [0.5, 1.7])
def test_a_curve_is_explained(exponent: float) -> None:
    source = colors(photograph("astronaut"))
    assert least_residual(source, source**exponent) < 0.01


def test_grey_is_explained() -> None:
    picture = photograph("astronaut")
    grey = colors(picture.convert("L").convert("RGB"))
    assert is_monochrome(grey) and not is_monochrome(colors(picture))
    assert least_residual(colors(picture), grey) < 0.01


def test_another_hue_is_not_explained() -> None:
    picture = photograph("astronaut")
    hsv = np.array(picture.convert("HSV"))
    hsv[..., 0] += 110
    turned = colors(Image.fromarray(hsv, "HSV").convert("RGB"))
    assert least_residual(colors(picture), turned) > 0.03


@pytest.mark.slow
@given(st.integers(0, 2**32 - 1), st.integers(1, 400))
@settings(max_examples=40, deadline=None)
def test_curves_never_fall(seed: int, count: int) -> None:
    rng = np.random.default_rng(seed)
    source, target = (rng.random((count, 3), np.float32) for _ in range(2))
    for tone in tone_maps(source, target):
        for knots, values in tone.curves:
            assert (np.diff(knots) >= 0).all() and (np.diff(values) >= 0).all()
            assert np.isfinite(knots).all() and np.isfinite(values).all()
