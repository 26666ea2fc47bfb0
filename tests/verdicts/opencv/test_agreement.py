"""Strangers are left as soon as they show, and no copy with them."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from benchmarks.material.edits import UPRIGHT, edited
from tests.helpers.pictures import photograph
from visualsearch_cli.verdicts.opencv.agreement import agreement
from visualsearch_cli.verdicts.opencv.alignment import Aligned, align
from visualsearch_cli.verdicts.opencv.comparer import (
    COARSE,
    Hypothesis,
    OpenCvComparer,
    by_features,
    compared,
)
from visualsearch_cli.verdicts.opencv.hypotheses import homography
from visualsearch_cli.verdicts.opencv.hypotheses.homography import FeatureFit
from visualsearch_cli.verdicts.opencv.windows import are_strangers, are_strangers_at_a_glance
from visualsearch_cli.verdicts.rules import LEAST_INLIERS, MOST_MOVED

COMPARER = OpenCvComparer()
TONES = ["gray", "sepia", "equalize", "gamma.6", "contrast.5", "bright+40", "saturate2", "jpeg8", "noise20"]


def laid(a: Image.Image, b: Image.Image) -> Aligned:
    aligned = align(COMPARER.reduced(np.asarray(a)), COMPARER.reduced(np.asarray(b)), np.eye(3))
    assert aligned is not None
    return aligned


def glanced_at(a: Image.Image, b: Image.Image) -> Aligned:
    grey_a, grey_b = (
        COMPARER.reduced(np.asarray(image.convert("L").convert("RGB")))[..., 0] for image in (a, b)
    )
    coarse = align(grey_a, grey_b, np.eye(3), COARSE)
    assert coarse is not None
    return coarse


@pytest.mark.slow
@pytest.mark.parametrize("edit", TONES)
def test_tones_noise_and_compression_do_not_make_strangers(edit: str) -> None:
    assert edit in UPRIGHT
    picture = photograph("coffee")
    copy = edited(picture, edit, picture, "tests")
    assert not are_strangers_at_a_glance(glanced_at(picture, copy))
    assert not are_strangers(laid(picture, copy))
    assert agreement(laid(picture, copy)) is not None


@pytest.mark.parametrize("name", ["astronaut", "rocket", "chelsea"])
def test_another_photograph_is_a_stranger(name: str) -> None:
    picture = photograph("coffee")
    other = photograph(name).resize(picture.size)
    assert are_strangers_at_a_glance(glanced_at(picture, other))
    assert are_strangers(laid(picture, other))
    assert agreement(laid(picture, other)) is None


def test_something_else_in_a_part_is_not_measured_further() -> None:
    picture = photograph("coffee")
    changed = picture.copy()
    changed.paste(photograph("rocket").resize((120, 120)), (60, 60))
    darker = changed.point([round(0.9 * level) for level in range(256)] * 3)
    assert not are_strangers(laid(picture, darker))  # most of it is the same
    assert agreement(laid(picture, darker)) is None


def test_something_else_in_what_may_be_one_exposure_is_left_to_full_size() -> None:
    picture = photograph("coffee")
    changed = picture.copy()
    changed.paste(photograph("rocket").resize((120, 120)), (60, 60))
    found = agreement(laid(picture, changed))
    assert found is not None
    assert found.opened > 0.1 > found.drawn
    assert found.moved <= MOST_MOVED


def test_what_is_measured_has_hardly_moved() -> None:
    picture = photograph("coffee")
    found = agreement(laid(picture, edited(picture, "text", picture, "tests")))
    assert found is not None
    assert found.moved <= MOST_MOVED


def test_two_flat_pictures_have_nothing_to_correlate() -> None:
    grey = Image.new("RGB", (300, 200), (120, 120, 120))
    assert not are_strangers(laid(grey, grey))
    assert not are_strangers_at_a_glance(glanced_at(grey, grey))


def test_a_strip_too_narrow_for_a_glance_is_compared() -> None:
    picture = photograph("coffee")
    strip = picture.resize((picture.width, picture.height // 6))
    pixels = COMPARER.reduced(np.asarray(strip))
    assert align(pixels[..., 0], pixels[..., 0], np.eye(3), COARSE) is None
    whole = Hypothesis(np.eye(3), mirrored=False, inliers=0)
    assert len(list(compared(pixels, pixels, [whole]))) == 1


def test_fits_that_no_verdict_rests_on_are_not_followed(monkeypatch: pytest.MonkeyPatch) -> None:
    found = [FeatureFit(np.eye(3), inliers) for inliers in (LEAST_INLIERS - 1, LEAST_INLIERS)]
    monkeypatch.setattr(homography, "fits", lambda *_: found)
    pixels = COMPARER.reduced(np.asarray(photograph("coffee")))
    features = COMPARER.detect(pixels)
    assert {hypothesis.inliers for hypothesis in by_features(pixels, pixels, features, features)} == {
        LEAST_INLIERS
    }
