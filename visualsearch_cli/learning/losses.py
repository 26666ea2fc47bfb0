"""Losses of metric learning, as functions of the cosine similarities of a batch, with their gradients.

Each takes similarities, float (n, n), and which pairs are of one class, bool (n, n), without the diagonal. It
returns the loss and its derivative by each similarity, (n, n). The gradients are written out: a projection of
some ten thousand values needs no library for them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

Floats: TypeAlias = "npt.NDArray[np.float64]"
Pairs: TypeAlias = "npt.NDArray[np.bool_]"
Loss: TypeAlias = Callable[[Floats, Pairs], tuple[float, Floats]]

Places: TypeAlias = "tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]"
"""Rows and columns of some similarities, (n,) each."""

MARGIN = 0.2  # of similarity, by which what is alike must be nearer
INFINITE = 9.0  # more than any similarity


def triplet(similarities: Floats, same: Pairs) -> tuple[float, Floats]:
    """The hardest triplet of each picture (Hermans et al., arXiv 1703.07737): its farthest of the same class,
    its nearest of another, and a margin between them."""
    anchors, positives, negatives = _hardest(similarities, same)
    return _beyond_margin(similarities, (anchors, positives), (anchors, negatives))


def positive_negative(similarities: Floats, same: Pairs) -> tuple[float, Floats]:
    """As `triplet`, but another class must be as far from the positive as from the picture itself: the nearer
    of the two counts (PN loss: Szubert et al., Scientific Reports 9, 8914, 2019)."""
    anchors, positives, _ = _hardest(similarities, same)
    others = np.where(_other(same), similarities, -INFINITE)
    of_anchor, of_positive = others[anchors], others[positives]
    negatives = np.maximum(of_anchor, of_positive).argmax(axis=1)
    rows = np.arange(len(anchors))
    nearer = np.where(
        of_anchor[rows, negatives] >= of_positive[rows, negatives], anchors, positives
    )  # of the picture and its positive
    return _beyond_margin(similarities, (anchors, positives), (nearer, negatives))


ALPHA, BETA, BASE = (
    2.0,
    50.0,
    0.5,
)  # sharpness for positives and negatives, and the similarity that parts them
MINED = 0.1  # how much easier than the hardest of the other kind a pair may be


def multi_similarity(similarities: Floats, same: Pairs) -> tuple[float, Floats]:
    """All pairs that are hard enough beside those of the other kind (Wang et al., CVPR 2019)."""
    other = _other(same)
    hardest_negative = np.where(other, similarities, -INFINITE).max(axis=1, keepdims=True)
    hardest_positive = np.where(same, similarities, INFINITE).min(axis=1, keepdims=True)
    positives = same & (similarities - MINED < hardest_negative)
    negatives = other & (similarities + MINED > hardest_positive)
    pulled = np.where(positives, np.exp(-ALPHA * (similarities - BASE)), 0)
    pushed = np.where(negatives, np.exp(BETA * (similarities - BASE)), 0)
    pull, push = 1 + pulled.sum(axis=1, keepdims=True), 1 + pushed.sum(axis=1, keepdims=True)
    count = len(similarities)
    loss = (np.log(pull) / ALPHA + np.log(push) / BETA).sum() / count
    return float(loss), (pushed / push - pulled / pull) / count


SCALE, RELAXED = 32.0, 0.25  # sharpness, and the margin m of the paper


def circle(similarities: Floats, same: Pairs) -> tuple[float, Floats]:
    """Pairs weighed by how far they are from where they should be (Sun et al., CVPR 2020).

    The weights are held while the derivative is taken, as its authors do it.
    """
    other = _other(same)
    weight_positive = np.maximum(1 + RELAXED - similarities, 0)
    weight_negative = np.maximum(similarities + RELAXED, 0)
    of_positive = np.where(same, -SCALE * weight_positive * (similarities - (1 - RELAXED)), -np.inf)
    of_negative = np.where(other, SCALE * weight_negative * (similarities - RELAXED), -np.inf)
    has_both = same.any(axis=1) & other.any(axis=1)
    gradient = np.zeros_like(similarities)
    if not has_both.any():
        return 0.0, gradient
    positive, negative = of_positive[has_both], of_negative[has_both]
    sum_positive, sum_negative = _log_sum(positive), _log_sum(negative)
    total = sum_positive + sum_negative
    count = int(has_both.sum())
    slope = 1 / (1 + np.exp(-total)) / count  # of softplus
    gradient[has_both] = (
        slope
        * SCALE
        * (
            np.exp(negative - sum_negative) * weight_negative[has_both]
            - np.exp(positive - sum_positive) * weight_positive[has_both]
        )
    )
    return float(np.logaddexp(0, total).sum() / count), gradient


LOSSES: dict[str, Loss] = {
    "triplet": triplet,
    "pn": positive_negative,
    "multi-similarity": multi_similarity,
    "circle": circle,
}


def _other(same: Pairs) -> Pairs:
    other: Pairs = ~same
    np.fill_diagonal(other, False)
    return other


def _hardest(
    similarities: Floats, same: Pairs
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Return pictures that have both, their farthest positives, and their nearest negatives."""
    other = _other(same)
    anchors = np.flatnonzero(same.any(axis=1) & other.any(axis=1))
    positives = np.where(same, similarities, INFINITE)[anchors].argmin(axis=1)
    negatives = np.where(other, similarities, -INFINITE)[anchors].argmax(axis=1)
    return anchors, positives, negatives


def _beyond_margin(similarities: Floats, alike: Places, apart: Places) -> tuple[float, Floats]:
    """Return by how much, in the mean, pairs of other classes are not a margin farther than pairs of one, and
    the gradient of that."""
    over = MARGIN + similarities[apart] - similarities[alike]
    active = over > 0
    share = 1 / max(1, len(over))
    gradient = np.zeros_like(similarities)
    for places, sign in ((apart, share), (alike, -share)):
        np.add.at(gradient, (places[0][active], places[1][active]), sign)
    return float(over[active].sum() * share), gradient


def _log_sum(values: Floats) -> Floats:
    """Return the logarithms of sums of exponentials along rows, (n, 1)."""
    most = values.max(axis=1, keepdims=True)
    found: Floats = most + np.log(np.exp(values - most).sum(axis=1, keepdims=True))
    return found
