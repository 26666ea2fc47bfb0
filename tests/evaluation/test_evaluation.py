"""The measures: tiny cases worked out by hand, and naive definitions on random ones."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import permutations

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tests.helpers.vectors import realistic_vectors
from visualsearch_cli.evaluation import evaluation
from visualsearch_cli.evaluation.evaluation import Evaluation, evaluate, graph_recall
from visualsearch_cli.evaluation.ranking import (
    Numbers,
    Ranking,
    average_precision,
    hit_rate_at_k,
    precision_at_k,
    ranking_of,
    recall_at_k,
)
from visualsearch_cli.progress import NoProgress
from visualsearch_cli.vectors.exact import ExactIndex
from visualsearch_cli.vectors.hnsw import HnswIndex
from visualsearch_cli.vectors.index import Embeddings, IndexParams


def ranked(*marks: str) -> Ranking:
    """Return a ranking, nearest first; "+" is relevant, "-" is not, marks of one text tie."""
    scores = [len(marks) - place for place, tie in enumerate(marks) for _ in tie]
    relevant = [score for score, mark in zip(scores, "".join(marks), strict=True) if mark == "+"]
    return ranking_of(np.array(scores), np.array(relevant))


def test_without_ties() -> None:
    ranking = ranked("+", "-", "+", "-", "+")
    assert ranking.total == 3
    assert [precision_at_k(ranking, k) for k in (1, 2, 3, 5, 10)] == [1, 1 / 2, 2 / 3, 3 / 5, 3 / 10]
    assert [recall_at_k(ranking, k) for k in (1, 2, 3, 10)] == [1 / 3, 1 / 3, 2 / 3, 1]
    assert [hit_rate_at_k(ranking, k) for k in (1, 10)] == [1, 1]
    assert average_precision(ranking) == pytest.approx((1 + 2 / 3 + 3 / 5) / 3)


def test_a_relevant_picture_far_away() -> None:
    ranking = ranked("-", "-", "+")
    assert [hit_rate_at_k(ranking, k) for k in (1, 2, 3)] == [0, 0, 1]
    assert average_precision(ranking) == pytest.approx(1 / 3)
    assert average_precision(ranking, 2) == 0


def test_truncated_average_precision_divides_by_what_could_be_found() -> None:
    assert average_precision(ranked("+", "+", "-", "+"), 2) == pytest.approx(1)
    assert average_precision(ranked("-", "+", "-", "+"), 3) == pytest.approx((1 / 2) / 2)
    assert average_precision(ranked("-", "+", "-", "+"), 100) == pytest.approx((1 / 2 + 2 / 4) / 2)


def test_ties_count_as_the_mean_of_their_orders() -> None:
    ranking = ranked("+-")
    assert precision_at_k(ranking, 1) == recall_at_k(ranking, 1) == hit_rate_at_k(ranking, 1) == 0.5
    assert average_precision(ranking) == pytest.approx((1 + 1 / 2) / 2)
    assert hit_rate_at_k(ranked("-", "++--"), 2) == 0.5
    assert hit_rate_at_k(ranked("-", "++--"), 3) == pytest.approx(1 - 1 / 6)


ties = st.lists(st.text("+-", min_size=1, max_size=4), min_size=1, max_size=5).filter(
    lambda marks: "+" in "".join(marks) and len("".join(marks)) <= 7
)


def mean_over_orders(marks: Sequence[str], measure: Callable[[str], float]) -> float:
    orders = [""]
    for tie in marks:
        orders = [order + "".join(p) for order in orders for p in permutations(tie)]
    return sum(map(measure, orders)) / len(orders)


def naive_average_precision(order: str, k: int) -> float:
    precisions = [order[: i + 1].count("+") / (i + 1) for i in range(len(order)) if order[i] == "+" and i < k]
    return sum(precisions) / min(k, order.count("+"))


@pytest.mark.slow
@given(ties, st.integers(1, 9))
def test_measures_are_what_they_are_called(marks: list[str], k: int) -> None:
    ranking = ranked(*marks)
    precision = mean_over_orders(marks, lambda order: order[:k].count("+") / k)
    assert precision_at_k(ranking, k) == pytest.approx(precision)
    recall = mean_over_orders(marks, lambda order: order[:k].count("+") / order.count("+"))
    assert recall_at_k(ranking, k) == pytest.approx(recall)
    assert hit_rate_at_k(ranking, k) == pytest.approx(mean_over_orders(marks, lambda o: float("+" in o[:k])))
    average = mean_over_orders(marks, lambda order: naive_average_precision(order, k))
    assert average_precision(ranking, k) == pytest.approx(average)
    whole = mean_over_orders(marks, lambda order: naive_average_precision(order, len(order)))
    assert average_precision(ranking) == pytest.approx(whole)


def test_a_large_tie_far_down_is_summed_rightly() -> None:
    before, size, relevant = 1_000_000, 5_000, 3_000
    places = np.arange(1, size + 1)
    expected = relevant / size * (11 + (places - 1) * (relevant - 1) / (size - 1)) / (before + places)
    ranking = Ranking(*np.array([[0, before], [10, size], [10, relevant]]))
    assert average_precision(ranking) == pytest.approx((10 + expected.sum()) / (10 + relevant), rel=1e-12)


def measured(
    vectors: npt.ArrayLike, groups: Sequence[int], ks: Sequence[int] = (1, 2), parts: Sequence[str] = ()
) -> Evaluation:
    """Evaluate pictures of distinct contents, unturned."""
    turned = np.array(vectors, dtype=np.float32)[:, np.newaxis]
    return evaluate(
        turned, np.arange(len(groups)), np.array(groups), parts or [None] * len(groups), ks, NoProgress()
    )


def on_circle(*degrees: float) -> Embeddings:
    angles = np.radians(degrees)
    return np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)


def test_four_pictures_on_a_circle() -> None:
    # 0 and 40 belong together, 50 lies nearer to 40; nobody belongs to 170.
    found = measured(on_circle(0, 40, 50, 170), [7, 7, 8, 9], parts=["a", "b", "b", "c"])
    overall = found.overall
    assert (overall.queries, overall.hit_at_1) == (2, 0.5)
    assert [(at.precision, at.recall, at.hit_rate) for at in overall.at] == [(0.5, 0.5, 0.5), (0.5, 1, 1)]
    assert overall.mean_average_precision == pytest.approx((1 + 1 / 2) / 2)
    assert {name: (p.queries, p.hit_at_1) for name, p in found.parts.items()} == {"a": (1, 1), "b": (1, 0)}
    # Pairs by angle: twice 40-50, then twice 0-40, which is right: at ranks 3 and 4.
    assert found.micro_average_precision == pytest.approx((1 / 3 + 2 / 4) / 2)


def test_copies_of_one_content_are_pictures_of_their_own() -> None:
    turned = on_circle(0, 90)[:, np.newaxis]
    contents, groups = np.array([0, 0, 1, 0]), np.array([1, 1, 2, 3])
    found = evaluate(turned, contents, groups, [None] * 4, [1], NoProgress())
    # Picture 3 has the same content, and is not relevant: the two copies find each other half of the time.
    assert (found.overall.queries, found.overall.hit_at_1) == (2, 0.5)
    assert found.parts == {}


@pytest.mark.slow
def test_a_query_is_as_near_as_its_nearest_orientation() -> None:
    turned = np.stack([on_circle(0, 90, 30), on_circle(0, 1, 200)], axis=1)
    found = evaluate(turned, np.arange(3), np.array([1, 1, 2]), [None] * 3, [1], NoProgress())
    assert found.overall.hit_at_1 == 0.5, "the second is found when turned, the first is not turned that way"


def test_nothing_to_measure() -> None:
    with pytest.raises(ValueError, match="no two pictures belong together"):
        measured(on_circle(0, 90), [1, 2])


@pytest.mark.slow
@given(st.integers(0, 2**32 - 1), st.integers(2, 30), st.integers(1, 6), st.integers(1, 40))
@settings(max_examples=60)
def test_against_a_naive_evaluation(seed: int, n: int, labels: int, k: int) -> None:
    from sklearn.metrics import average_precision_score  # late: it takes seconds

    rng = np.random.default_rng(seed)
    vectors = rng.standard_normal((n, 8))
    vectors = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)
    groups = rng.integers(0, labels, n)
    groups[0] = groups[1]
    similarity = vectors @ vectors.T
    assume(np.diff(np.sort(similarity, axis=1)).min() > 4e-6)  # no ties: they have tests of their own
    precisions, recalls, hits, averages = [], [], [], []
    for query in range(n):
        others = [other for other in range(n) if other != query]
        others.sort(key=lambda other: -similarity[query, other])
        relevant = [bool(groups[other] == groups[query]) for other in others]
        if any(relevant):
            precisions.append(sum(relevant[:k]) / k)
            recalls.append(sum(relevant[:k]) / sum(relevant))
            hits.append(any(relevant[:k]))
            averages.append(average_precision_score(relevant, [-place for place in range(len(relevant))]))
    found = measured(vectors, groups.tolist(), [k])
    (at,) = found.overall.at
    assert found.overall.queries == len(precisions)
    assert at.precision == pytest.approx(np.mean(precisions))
    assert at.recall == pytest.approx(np.mean(recalls))
    assert at.hit_rate == pytest.approx(np.mean(hits))
    assert found.overall.mean_average_precision == pytest.approx(np.mean(averages))


@pytest.mark.slow
def test_micro_average_precision_is_that_of_scikit_learn() -> None:
    from sklearn.metrics import average_precision_score  # late: it takes seconds

    vectors = realistic_vectors(300, 32, seed=1)
    groups = np.arange(300) // 3
    pairs = ~np.eye(300, dtype=bool)
    expected = average_precision_score((groups[:, None] == groups)[pairs], (vectors @ vectors.T)[pairs])
    # scikit-learn puts the irrelevant first where pairs tie, and each pair ties with its mirror image.
    assert measured(vectors, groups.tolist()).micro_average_precision == pytest.approx(expected, abs=2e-3)


@pytest.mark.slow
def test_blocks_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    vectors, groups = realistic_vectors(100, 16, seed=2), [i // 4 for i in range(100)]
    whole = measured(vectors, groups)
    monkeypatch.setattr(evaluation, "_BLOCK_BYTES", 8 * 100 * 7)
    blocked = measured(vectors, groups)
    assert blocked.overall.queries == whole.overall.queries
    assert blocked.overall.mean_average_precision == pytest.approx(
        whole.overall.mean_average_precision, abs=1e-3
    )
    assert blocked.micro_average_precision == pytest.approx(whole.micro_average_precision, abs=1e-3)


@pytest.mark.slow
def test_recall_of_a_graph() -> None:
    vectors = realistic_vectors(400, 16, seed=3)  # with many equal ones, that hide a query from itself
    ids = np.arange(1, 401)
    exact = ExactIndex.from_arrays(ids, vectors)
    graph = HnswIndex(16, IndexParams(), threads=1)
    graph.add(ids, vectors)
    assert graph_recall(exact, exact, vectors, [1, 10, 1000], NoProgress()) == [1, 1, 1]
    found = graph_recall(exact, graph, vectors, [1, 10], NoProgress())
    assert all(0.9 < recall <= 1 for recall in found)
    poor = HnswIndex(16, IndexParams(M=2, ef_construction=1, ef_search=1), threads=1)
    poor.add(ids, vectors)
    assert graph_recall(exact, poor, vectors, [1], NoProgress())[0] < 0.9


def numbers(*values: int) -> Numbers:
    return np.array(values, dtype=np.int64)


def test_ranking_of_scores() -> None:
    ranking = ranking_of(numbers(5, 3, 3, 9, 3, 1), numbers(3, 9, 3))
    assert (ranking.before.tolist(), ranking.size.tolist()) == ([0, 2], [1, 3])
    assert ranking.relevant.tolist() == [1, 2]
