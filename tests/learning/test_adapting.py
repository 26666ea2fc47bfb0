from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from tests.helpers.kinds import kind, write_kinds
from tests.helpers.sweeps import sweep
from visualsearch_cli.embedders.arrays import unit_rows
from visualsearch_cli.errors import VisualSearchError
from visualsearch_cli.learning.adapting import NoHelp, adapt
from visualsearch_cli.learning.classes import Classed, Parts, parted
from visualsearch_cli.learning.descent import DIM, Settings, slope, start_of
from visualsearch_cli.learning.gains import chance_of, found_first
from visualsearch_cli.learning.losses import LOSSES
from visualsearch_cli.library import open_index
from visualsearch_cli.progress import NoProgress

KINDS, SHOTS = 40, 8


@pytest.fixture(scope="module")
def classed() -> Classed:
    """Pictures of 40 kinds, gray and reduced to 8 × 8 pixels."""
    pictures = [kind(number, shot)[..., 0] for number in range(KINDS) for shot in range(SHOTS)]
    reduced = np.stack(pictures).reshape(-1, 8, 3, 8, 3).mean(axis=(2, 4), dtype=np.float32)
    vectors = unit_rows(reduced.reshape(-1, 64) - 128)
    return Classed(vectors, [f"kind {number}" for number in range(KINDS) for _ in range(SHOTS)])


@pytest.fixture(scope="module")
def parts(classed: Classed) -> Parts:
    return parted(classed)


@pytest.mark.slow
def test_no_class_is_in_two_parts(parts: Parts) -> None:
    seen = [set(part.classes.tolist()) for part in parts]
    assert [len(each) for each in seen] == [24, 8, 8]
    assert len(set.union(*seen)) == KINDS
    assert all(len(part.vectors) == len(part.classes) for part in parts)


@pytest.mark.slow
@pytest.mark.parametrize("loss", sweep(LOSSES))
def test_unseen_kinds_are_found_better(parts: Parts, loss: str) -> None:
    projection, outcome = adapt(parts, Settings(loss, dim=32), NoProgress())
    assert outcome.after > outcome.before + 0.2 and outcome.chance < 0.01
    vectors = projection(parts.judged.vectors)
    assert vectors.shape == (8 * SHOTS, 32) and vectors.dtype == np.float32
    assert found_first(vectors, parts.judged.classes).mean() == pytest.approx(outcome.after)
    np.testing.assert_array_equal(projection(parts.judged.vectors[:1]), vectors[:1])


@pytest.mark.slow
def test_the_same_is_learned_again(parts: Parts) -> None:
    first, again = (adapt(parts, Settings(dim=32), NoProgress())[0] for _ in range(2))
    np.testing.assert_array_equal(first.matrix, again.matrix)


@pytest.mark.slow
def test_names_that_say_nothing_are_refused(classed: Classed) -> None:
    chance = np.random.default_rng(1)
    names = [classed.names[row] for row in chance.permutation(len(classed.names)).tolist()]
    message = r"of 64 pictures of 8 unseen classes, [\d.]+% found .* Nothing is written"
    with pytest.raises(NoHelp, match=message):
        adapt(parted(Classed(classed.vectors, names)), Settings(dim=32), NoProgress())


def test_few_classes_are_refused(classed: Classed) -> None:
    few = Classed(classed.vectors[: 9 * SHOTS + 1], classed.names[: 9 * SHOTS + 1])
    message = "9 of 10 classes have two pictures and more, expected 10 at least"
    with pytest.raises(VisualSearchError, match=message):
        parted(few)


def test_vectors_do_not_become_longer(classed: Classed) -> None:
    few = Classed(unit_rows(classed.vectors[:, :16]), classed.names)
    with pytest.raises(VisualSearchError, match="have 16 values, and --dim asks for 17"):
        adapt(parted(few), Settings(dim=17), NoProgress())
    _, matrix = start_of(few.vectors, np.repeat(np.arange(KINDS), SHOTS), DIM, 0.5)
    assert matrix.shape == (16, 16), "where nobody says how many, as many as there are"


def test_how_often_chance_gains_as_much() -> None:
    assert chance_of(0, 0) == 1
    assert chance_of(5, 0) == pytest.approx(1 / 32)
    assert chance_of(3, 3) == pytest.approx(42 / 64)
    assert chance_of(560, 500) == pytest.approx(sum_of_chances(560, 1060), rel=0.1)


def sum_of_chances(least: int, total: int) -> float:
    """What the normal distribution comes near to, counted."""

    return sum(math.comb(total, count) for count in range(least, total + 1)) / (1 << total)


def test_the_slope_is_that_of_the_loss() -> None:
    chance = np.random.default_rng(0)
    vectors, matrix = chance.normal(size=(6, 5)), chance.normal(size=(5, 3))
    classes = np.array([0, 0, 1, 1, 2, 2])

    def value(matrix: np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> float:
        units = vectors @ matrix
        units /= np.linalg.norm(units, axis=1, keepdims=True)
        same = np.equal.outer(classes, classes)
        np.fill_diagonal(same, False)
        found: float = LOSSES["multi-similarity"](units @ units.T, same)[0]
        return found

    found = slope(vectors, classes, matrix, "multi-similarity")
    for place in np.ndindex(matrix.shape):
        moved = matrix.copy()
        moved[place] += 1e-6
        assert (value(moved) - value(matrix)) / 1e-6 == pytest.approx(found[place], abs=1e-4)


@pytest.mark.slow
def test_a_program_learns_from_labels(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    folder = write_kinds(tmp_path / "Kinds")
    with open_index(folder, create=True, model="pixels") as index:
        index.add(folder)
        with pytest.raises(VisualSearchError, match="has a label"):
            index.adapt(tmp_path / "own.model")
        for each in sorted(folder.glob("kind-*")):
            index.label(each, each.name)
        found = index.adapt(tmp_path / "own.model", dim=32, into=tmp_path / "adapted")
        assert found.file == tmp_path / "own.model" and found.pictures == 48
        assert found.after > found.before + 0.2 and found.chance < 0.01
        with pytest.raises(VisualSearchError, match="is an index already"):
            index.adapt(tmp_path / "own.model", into=tmp_path / "adapted")
        with pytest.raises(ValueError, match="expected one of triplet, pn"):
            index.adapt(tmp_path / "own.model", loss="none")  # type: ignore[arg-type]
    with open_index(tmp_path / "adapted") as adapted:
        (nearest,) = adapted.single_lookup(folder / "kind-03" / "0.png", k=1).matches
        assert adapted.model == "adapted" and nearest.image.path.parent.name == "kind-03"
