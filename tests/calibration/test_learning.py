"""Levels of collections in which nobody says what is a copy: the truth is known here."""

from __future__ import annotations

import numpy as np
import pytest

from tests.helpers.fakes import FakeEmbedder
from visualsearch_cli.calibration.learning import (
    NotLearned,
    TooFewPictures,
    distinct,
    levels_among,
    measured_copies,
    require_found,
)
from visualsearch_cli.calibration.levels import SHARES, Copies, Levels
from visualsearch_cli.pictures.image import Pixels
from visualsearch_cli.vectors.index import Embeddings

DIM = 64


def unit(rows: np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> Embeddings:
    vectors: Embeddings = (rows / np.linalg.norm(rows, axis=-1, keepdims=True)).astype(np.float32)
    return vectors


def pictures(count: int, seed: int) -> Embeddings:
    """Return vectors of different pictures, float32 (count, 64)."""
    scales = np.exp(-5.0 * np.arange(DIM) / DIM)
    return unit(np.random.default_rng(seed).standard_normal((count, DIM)) * scales + 0.1)


def copies(originals: Embeddings, seed: int) -> Embeddings:
    """Return an edited copy of each: most come near, one in thirty as far as strangers may."""
    rng = np.random.default_rng(seed)
    away = np.where(rng.random(len(originals)) < 0.967, rng.uniform(0, 0.3, len(originals)), 0.6)
    noise = unit(rng.standard_normal(originals.shape) * np.exp(-5.0 * np.arange(DIM) / DIM))
    return unit(originals + away[:, np.newaxis] * noise)


@pytest.fixture(scope="module")
def truth() -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    """The distances of 18 million pairs of different pictures, sorted; the nearest 5,400 of them."""
    from visualsearch_cli.calibration.tails import nearest_pairs

    return nearest_pairs(pictures(6000, 99), share=3e-4).distances.astype(np.float32)


@pytest.mark.slow
@pytest.mark.parametrize("share", [0.0, 0.1, 0.5])
def test_copies_do_not_spoil_the_levels(
    truth: np.ndarray[tuple[int, ...], np.dtype[np.float32]], share: float
) -> None:
    originals = pictures(round(800 * (1 - share)), 1)
    mixed = np.concatenate([originals, copies(originals[: round(800 * share)], 2)])
    levels, regions, kept = levels_among(mixed)
    assert regions is None
    assert kept == pytest.approx(len(originals), rel=0.08)
    common, rare = np.searchsorted(truth, levels.distances[:2]) / 18e6
    assert 1e-5 < common < 3e-4
    assert rare < 6e-5  # copies beyond the edge make it smaller than 1e-5, which is the safe side
    assert len(levels.intervals) == 4


@pytest.mark.slow
def test_copies_would_spoil_them() -> None:
    """The test above can fail: taking all pairs as they are, it would."""
    from visualsearch_cli.calibration.tails import fitted_levels, nearest_pairs

    originals = pictures(400, 1)
    mixed = np.concatenate([originals, copies(originals, 2)])
    assert fitted_levels(nearest_pairs(mixed), repeats=0).distances[1] < 0.01
    assert levels_among(mixed)[0].distances[1] > 0.05


@pytest.mark.slow
def test_regions() -> None:
    frames = pictures(300, 5)
    regions = np.stack([frames, *(pictures(300, seed) for seed in (6, 7))], axis=1)
    full, of_regions, _ = levels_among(frames, regions)
    assert of_regions is not None
    assert of_regions.distances[0] == pytest.approx(full.distances[0], rel=0.3)


def test_distinct_keeps_one_of_each() -> None:
    originals = pictures(50, 1)
    rows = distinct(np.concatenate([originals] * 3), 1e-3, seed=0)
    assert sorted(row % 50 for row in rows.tolist()) == list(range(50))


def near_copies(originals: Embeddings) -> Embeddings:
    """Return a copy of each that is nearly the same, such as one of half the size."""
    noise = np.random.default_rng(3).standard_normal(originals.shape)
    return unit(originals + 0.001 * noise)


@pytest.mark.slow
def test_a_folder_where_all_have_copies_is_told_from_one_of_different_pictures() -> None:
    """More than one pair in a hundred is of copies, so a guess from the nearest hundredth is of copies."""
    originals = pictures(30, 1)
    mixed = np.concatenate([originals, near_copies(originals)])
    assert levels_among(mixed, repeats=0)[0].distances[1] < 0.001
    how_far = Copies(tuple(0.1 * share for share in SHARES), 100)
    with pytest.raises(TooFewPictures, match="only 30 different pictures"):
        levels_among(mixed, copies=how_far)
    more = pictures(60, 1)
    full, _, different = levels_among(np.concatenate([more, near_copies(more)]), copies=how_far, repeats=0)
    assert different == 60 and full.distances[1] > 0.05


@pytest.mark.parametrize(("similar", "found"), [(0.0, "0 %"), (-0.1, "0 %"), (0.02, "20 %")])
def test_levels_at_which_copies_are_not_found_are_refused(similar: float, found: str) -> None:
    how_far = Copies(tuple(0.1 * share for share in SHARES), 100)
    with pytest.raises(NotLearned, match=f"only {found} of edited copies.*nothing is saved"):
        require_found(Levels((similar + 0.1, similar, similar, similar)), how_far)
    require_found(Levels((0.1, 0.03, 0.02, 0.01)), how_far)


@pytest.mark.parametrize("count", [0, 1, 49])
def test_too_few_pictures(count: int) -> None:
    with pytest.raises(TooFewPictures, match=rf"only {count} different pictures?, at least 50"):
        levels_among(pictures(60, 1)[:count])


def test_too_few_different_pictures() -> None:
    with pytest.raises(TooFewPictures, match="at least 50"):
        levels_among(np.concatenate([pictures(20, 1)] * 10))


def brighter_and_other(pixels: Pixels, seed: str) -> list[Pixels]:
    """Return a copy that is near, and one that is not."""
    assert seed.startswith("picture")
    return [np.minimum(pixels.astype(np.int64) + 3, 255).astype(np.uint8), 255 - pixels]


def test_measured_copies() -> None:
    rng = np.random.default_rng(0)
    images = [(f"picture {n}", rng.integers(0, 250, (8, 8, 3)).astype(np.uint8)) for n in range(10)]
    found = measured_copies(images, FakeEmbedder(), brighter_and_other)
    assert found.edits == 20 and len(found.distances) == len(SHARES)
    assert found.recall_at(0.5) == pytest.approx(0.5, abs=0.06)
    with pytest.raises(TooFewPictures, match="none of the sampled pictures"):
        measured_copies([], FakeEmbedder(), brighter_and_other)
