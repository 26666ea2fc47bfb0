"""The measures of search, against cases worked out by hand and against scikit-learn."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest

from benchmarks.material.edits import UPRIGHT
from benchmarks.material.photographs import cast, find_photographs
from benchmarks.models import metrics as embedder_metrics
from benchmarks.models.embedding import TURNS, Vectors, embed_material
from benchmarks.models.figures import figures
from benchmarks.models.metrics import average_precision, compare
from benchmarks.models.plot import plot
from benchmarks.models.report import overall, per_edit
from tests.helpers.places import SHARED
from visualsearch_cli.embedders.registry import ModelRequest, load

Floats = npt.NDArray[np.float32]


def at_angles(*degrees: float) -> Floats:
    """Unit vectors in the plane: float32 (n, 2)."""
    radians = np.radians(degrees)
    units: Floats = np.stack([np.cos(radians), np.sin(radians)], axis=1).astype(np.float32)
    return units


def test_margins_are_taken_from_the_similarities_of_a_turn() -> None:
    index = at_angles(0, 30, 60, 90)
    query = at_angles(0, 62)[None]
    found = compare(query, np.array([0]), index, margins=[0.0, 0.1])
    assert found.first[0] == 1.0
    other = compare(query, np.array([2]), index, margins=[0.0, 0.1])
    assert other.own[0] == pytest.approx(np.cos(np.radians(2)) - 0.1, abs=1e-6)
    assert other.first[0] == 0.0


def random_units(seed: int, *shape: int) -> Floats:
    rows = np.random.default_rng(seed).normal(size=shape)
    units: Floats = (rows / np.linalg.norm(rows, axis=-1, keepdims=True)).astype(np.float32)
    return units


def cosine(degrees: float) -> float:
    return float(np.cos(np.radians(degrees)))


def test_recall_at_1_and_at_the_rate_by_hand() -> None:
    index = at_angles(0, 90, 180)
    queries = at_angles(10, 60, 95)[:, None]  # of 0, 0 and 90: the second is nearer to 90
    outcome = compare(queries, np.array([0, 0, 1]), index)
    assert outcome.first.tolist() == [1, 0, 1]
    assert outcome.recall_at_1() == pytest.approx(2 / 3)
    # Six false pairs allow none above the threshold, which is then the nearest: 60 and 90.
    assert outcome.threshold == pytest.approx(cosine(30), abs=1e-6)
    assert outcome.recall_at_rate() == pytest.approx(2 / 3)
    assert outcome.recall_at_rate(cosine(7)) == pytest.approx(1 / 3)


def test_the_threshold_lets_pass_the_rate_of_false_pairs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedder_metrics, "RATE", 0.01)
    monkeypatch.setattr(embedder_metrics, "BLOCK", 7)
    queries, index = random_units(0, 40, 1, 8), random_units(1, 51, 8)
    originals = np.arange(40)
    outcome = compare(queries, originals, index)
    similarity = queries[:, 0] @ index.T
    false = similarity[np.arange(51) != originals[:, None]]
    assert false.size == 2000
    assert (false > outcome.threshold).sum() == 20
    assert np.allclose(outcome.own, similarity[originals, originals])


def test_ties_share_the_first_place() -> None:
    index = at_angles(0, 0, 0, 90)
    outcome = compare(at_angles(20, 80)[:, None], np.array([1, 1]), index)
    assert outcome.first.tolist() == pytest.approx([1 / 3, 0])


def test_what_ties_with_the_threshold_does_not_pass() -> None:
    index = at_angles(0, 0)
    outcome = compare(at_angles(0, 30)[:, None], np.array([0, 1]), index)
    assert outcome.threshold == 1
    assert outcome.recall_at_rate() == 0


def test_a_query_is_as_near_as_its_nearest_turn() -> None:
    index = at_angles(0, 90)
    turns = at_angles(170, 5)[None]
    outcome = compare(turns, np.array([0]), index)
    assert outcome.own[0] == pytest.approx(cosine(5))
    assert outcome.threshold == pytest.approx(cosine(80), abs=1e-6)


def test_average_precision_by_hand() -> None:
    scores = np.array([0.9, 0.8, 0.7, 0.6], np.float32)
    # Precision 1 at the first true pair, 2/3 at the second; a third one is no candidate.
    assert average_precision(scores, np.array([True, False, True, False]), 3) == pytest.approx(
        (1 + 2 / 3) / 3
    )
    # A false pair that ties with a true one counts as before it.
    tied = np.array([0.9, 0.9], np.float32)
    for correct in ([True, False], [False, True]):
        assert average_precision(tied, np.array(correct), 1) == pytest.approx(0.5)
    assert average_precision(scores, np.zeros(4, np.bool_), 2) == 0


@pytest.mark.parametrize("seed", range(5))
def test_average_precision_is_that_of_scikit_learn(seed: int) -> None:
    from sklearn.metrics import average_precision_score  # late: it takes seconds

    random = np.random.default_rng(seed)
    correct = random.random(500) < 0.2
    scores = np.round(random.normal(size=500) + correct, 1).astype(np.float32)  # with many ties
    expected = average_precision_score(correct, scores)
    assert average_precision(scores, correct, int(correct.sum())) == pytest.approx(expected)


def test_micro_average_precision_ranks_the_pairs_of_all_queries_together() -> None:
    index = at_angles(0, 90)
    queries = at_angles(10, 50)[:, None]
    outcome = compare(queries, np.array([0, 0]), index)
    # True pairs at 10° and 50°, false ones at 80° and, before the second true one, 40°.
    assert outcome.micro_average_precision() == pytest.approx((1 + 2 / 3) / 2)


def toy_vectors(originals: int = 6, dim: int = 16) -> Vectors:
    """Queries equal to their originals, except for the first edit, which is noise, and the unturned turns."""
    index = random_units(2, 30, dim)
    upright = np.repeat(index[:originals, None], len(UPRIGHT), axis=1)
    upright[:, 0] = random_units(3, originals, dim)
    turned = random_units(4, originals, 3, TURNS, dim)
    turned[:, :, 5] = index[:originals, None]
    return Vectors(index, upright, turned, 1.5)


def test_figures_and_report_of_known_vectors() -> None:
    found = figures(toy_vectors())
    assert found.per_edit[UPRIGHT[1]] == (1, 1)
    assert found.per_edit[UPRIGHT[0]][1] == 0
    assert found.per_edit["rot90"][1] == 0
    assert found.per_edit["rot90, in eight turns"] == (1, 1)
    assert found.recall == pytest.approx(1 - 1 / len(UPRIGHT))
    both = {"one": found, "pHash": found}
    assert "| one | 16 |" in overall(both)
    assert len(per_edit(both).splitlines()) == 2 + 45 + 3
    assert plot(both).count("<circle") == 2 + 2 * 48


@pytest.mark.long
def test_the_bundled_network_finds_edited_photographs() -> None:
    if not (SHARED / "photos").is_dir():
        pytest.skip(
            f"no photographs in {SHARED / 'photos'}: set VISUALSEARCH_SHARED to the folder that has them"
        )
    photographs = find_photographs(SHARED / "photos")
    material = cast(photographs, [], originals=40, backgrounds=32, most_distractors=0, seed="0")
    embedders = {"bundled": load(ModelRequest("bundled"), threads=1)}
    found = figures(embed_material(material, embedders, seed="0", threads=2)["bundled"])
    assert found.recall_at_1 >= 0.97
    assert found.recall >= 0.90
    assert found.micro_ap >= 0.97
    assert found.per_edit["mirror, in eight turns"] == (1, 1)
