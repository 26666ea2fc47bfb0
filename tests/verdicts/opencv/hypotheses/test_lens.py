"""Lenses are found again from matched points, and only where they are."""

from __future__ import annotations

import numpy as np
import pytest

from visualsearch_cli.verdicts.comparison import Lens
from visualsearch_cli.verdicts.opencv.alignment import Array, project
from visualsearch_cli.verdicts.opencv.hypotheses.lens import fit_lens
from visualsearch_cli.verdicts.opencv.lenses import grown, is_sound, straight, straightened

SIZE = (384, 288)
LENSES = [Lens(-0.08, -0.05, 0.0), Lens(0.03, 0.03, 0.0), Lens(0.3, 0.2, 0.1)]


def shown(lens: Lens, places: Array) -> Array:
    """Return where a lens shows places of the unit square."""
    x, y = (2 * places - 1).T
    return np.asarray((np.stack([x, y], axis=1) * grown(lens, x, y)[:, None] + 1) / 2)


def points(count: int, seed: int) -> Array:
    return np.random.default_rng(seed).uniform(0.02, 0.98, (count, 2))


@pytest.mark.parametrize("lens", LENSES)
def test_what_a_lens_shows_is_straightened(lens: Lens) -> None:
    x, y = (2 * points(200, 1) - 1).T
    factor = grown(lens, x, y)
    assert np.allclose(straight(lens, x * factor, y * factor), (x, y), atol=1e-5)


def test_a_lens_that_folds_a_picture_is_not_sound() -> None:
    assert is_sound(Lens(0.3, 0.3, 0.0)) and is_sound(Lens(-0.1, -0.1, 0.0))
    assert not is_sound(Lens(-0.3, -0.3, 0.0))  # corners would come nearer than what lies before them
    assert not is_sound(Lens(0.1, -0.1, 0.0))


def test_nothing_is_shown_beyond_the_frame() -> None:
    picture = np.random.default_rng(2).integers(0, 256, (90, 120, 3), np.uint8)
    same, seen = straightened(picture, Lens(0.0, 0.0, 0.0))
    assert (same == picture).all() and (seen == 255).all()
    _, seen = straightened(picture, Lens(0.2, 0.2, 0.0))
    assert not seen[0, 0] and not seen[0, 60] and seen[45, 60]


@pytest.mark.parametrize("lens", LENSES)
@pytest.mark.parametrize("is_of_a", [False, True])
def test_a_lens_is_found(lens: Lens, is_of_a: bool) -> None:
    places = points(150, 3)
    to_other = np.array([[0.9, 0.05, 0.03], [-0.04, 0.92, 0.02], [0.03, 0.01, 1.0]])
    bent, flat = shown(lens, places), project(to_other, places)
    noise = np.random.default_rng(4).normal(0, 0.5, places.shape) / SIZE
    wrong = points(30, 5), points(30, 6)  # matches by chance
    one, other = (
        np.concatenate([side, chance]).astype(np.float32)
        for side, chance in zip((bent + noise, flat), wrong, strict=True)
    )
    a, b = (one, other) if is_of_a else (other, one)
    fit = fit_lens(a, b, SIZE, SIZE)
    assert fit is not None and fit.inliers > 120
    # Either picture may be the one that is told to be bent; what counts is where all lies.
    is_found_in_a = fit.lens.is_of_a
    x, y = (2 * (a if is_found_in_a else b)[:150].astype(np.float64) - 1).T
    taken_off = (np.stack(straight(fit.lens, x, y), axis=1) + 1) / 2
    found = (
        project(fit.matrix, b[:150].astype(np.float64)) if is_found_in_a else project(fit.matrix, taken_off)
    )
    wanted = taken_off if is_found_in_a else a[:150]
    off = np.linalg.norm((found - wanted) * SIZE, axis=1)
    assert np.quantile(off, 0.9) < 1.5  # pixels


def test_what_a_homography_explains_has_no_lens() -> None:
    places = points(150, 7)
    noise = np.random.default_rng(8).normal(0, 0.7, places.shape) / SIZE
    tilted = project(np.array([[0.9, 0.05, 0.03], [-0.04, 0.92, 0.02], [0.12, 0.06, 1.0]]), places) + noise
    assert fit_lens(places.astype(np.float32), tilted.astype(np.float32), SIZE, SIZE) is None


def test_two_planes_of_a_scene_are_no_lens() -> None:
    places = points(200, 9)
    near = places[:, 1] > 0.55  # the ground moves by more than what is far
    moved = places + np.where(near[:, None], [0.03, 0.004], [0.008, 0.001])
    noise = np.random.default_rng(10).normal(0, 0.4, places.shape) / SIZE
    assert fit_lens(places.astype(np.float32), (moved + noise).astype(np.float32), SIZE, SIZE) is None


def test_few_matches_tell_no_lens() -> None:
    places = points(20, 11)
    bent = shown(LENSES[2], places)
    assert fit_lens(bent.astype(np.float32), places.astype(np.float32), SIZE, SIZE) is None


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("spread", [(1.0, 0.0), (0.0, 1.0), (0.0, 0.0), (1.0, 1e-6)])
def test_matches_on_one_line_tell_no_lens(spread: tuple[float, float]) -> None:
    places = 0.5 + (points(60, 12) - 0.5) * spread
    bent = shown(LENSES[2], places)
    assert fit_lens(bent.astype(np.float32), places.astype(np.float32), SIZE, SIZE) is None


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("seed", range(20))
def test_matches_by_chance_tell_no_lens(seed: int) -> None:
    one, other = (points(80, number).astype(np.float32) for number in (seed, seed + 100))
    assert fit_lens(one, other, SIZE, SIZE) is None
