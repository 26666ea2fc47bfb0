"""Whether a whole picture was toned, or a part of it changed."""

from __future__ import annotations

from random import Random

import numpy as np
import pytest
from PIL import Image

from benchmarks.accuracy.hard_negatives import recolored
from benchmarks.material.edits import edited
from tests.helpers.pictures import photograph
from visualsearch_cli.verdicts.opencv.alignment import Floats
from visualsearch_cli.verdicts.opencv.tones import best_toning, is_untoned, saturated


def _values(image: Image.Image) -> Floats:
    values: Floats = np.asarray(image, np.float32).reshape(-1, 3) / np.float32(255)
    return values


@pytest.mark.parametrize("edit", ["gamma.6", "sepia", "warm", "contrast1.6", "bright-40", "equalize"])
def test_a_tone_map_leaves_few_tones_as_they_were(edit: str) -> None:
    picture = photograph("coffee")
    assert not is_untoned(_values(picture), _values(edited(picture, edit, picture, "tests")))


@pytest.mark.parametrize("edit", ["logo25", "text"])
def test_what_was_drawn_on_a_picture_tones_nothing(edit: str) -> None:
    picture = photograph("coffee")
    assert is_untoned(_values(picture), _values(edited(picture, edit, picture, "tests")))


@pytest.mark.parametrize("seed", range(3))
def test_no_curve_explains_a_thing_in_another_colour(seed: int) -> None:
    pair = recolored(photograph("coffee"), Random(seed), photograph("coffee"))
    assert pair is not None
    toning = best_toning(*map(_values, pair))
    assert toning.untoned
    changed = np.abs(_values(pair[0]) - _values(pair[1])).max(axis=1) > 0.15
    assert np.abs(toning.toned - toning.target).max(axis=1)[changed].mean() > 0.15


def test_more_colour_is_found_where_grey_stays_as_it_is() -> None:
    chance = np.random.default_rng(1)
    grey = np.repeat(chance.uniform(0.1, 0.9, (4000, 1)), 3, axis=1).astype(np.float32)
    tinted = grey + np.where(chance.random((4000, 1)) < 0.4, 0.1, 0) * np.array([1, -0.4, -0.2], np.float32)
    more = np.clip(saturated(tinted.astype(np.float32), 2), 0, 1)
    toning = best_toning(tinted.astype(np.float32), more)
    assert np.abs(toning.toned - toning.target).mean() < 0.01
