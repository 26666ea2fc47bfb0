"""Which label fits a picture: that of its neighbors among those that have one.

Nothing is trained: a label counts from the first picture on that has it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import TYPE_CHECKING

from visualsearch_cli.named_tuples import NamedTuple

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from visualsearch_cli.vectors.index import Embeddings

NEIGHBORS = 5  # that have a say
MOST_MEASURED = 4_000  # labelled pictures that the cut-off is chosen by

Names = Sequence[Sequence[str]]
"""The labels of each picture: one or more."""


class Matched(NamedTuple):
    """The label of a picture, and what speaks for it."""

    label: str | None  # None: nothing is near enough
    distance: float  # cosine distance to the nearest picture of that label; without one, to any
    support: float  # the label's share of the votes, 0 to 1


class Cutoff(NamedTuple):
    """How far a neighbor may be to have a say, and how right labels were with it where they are known."""

    distance: float
    precision: float  # the share of labels that were right, where half of all pictures fit none
    recall: float  # the share of pictures whose label was found
    pictures: int  # that it was measured on: those with another one of the same label


def vote(distances: Sequence[float], names: Names, cutoff: float) -> Matched:
    """Return the label of a picture by its neighbors, nearest first.

    Each neighbor within the cut-off votes for its labels, with its similarity. Of equal ones the label of the
    nearest wins.
    """
    votes: dict[str, float] = defaultdict(float)
    nearest: dict[str, float] = {}
    for distance, labels in zip(distances, names, strict=True):
        if distance > cutoff:
            break
        for label in labels:
            votes[label] += max(0.0, 1 - distance) / len(labels)
            nearest.setdefault(label, distance)
    if not votes:
        return Matched(None, distances[0] if len(distances) else 2.0, 0.0)
    label = max(votes, key=lambda name: (votes[name], -nearest[name]))
    total = sum(votes.values())
    return Matched(label, nearest[label], votes[label] / total if total else 1.0)


def nearest_others(vectors: Embeddings, k: int) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float64]]:
    """Return for each of n unit vectors, float32 (n, dim), the k nearest others: their rows, (n, k), nearest
    first, and their cosine distances."""
    import numpy as np

    k = min(k, len(vectors) - 1)
    rows = np.empty((len(vectors), k), np.int64)
    distances = np.empty((len(vectors), k))
    for start in range(0, len(vectors), 1024):
        products = vectors[start : start + 1024] @ vectors.T
        own = np.arange(len(products))
        products[own, start + own] = -np.inf
        order = np.argsort(-products, axis=1, kind="stable")[:, :k]
        rows[start : start + 1024] = order
        distances[start : start + 1024] = 1 - np.take_along_axis(products, order, axis=1)
    return rows, np.round(distances, 6)


def calibrated_cutoff(vectors: Embeddings, names: Names) -> Cutoff | None:
    """Return the distance up to which the label of the nearest picture is best taken over.

    Each picture is asked about twice: as it is, with all others known, and as one of a kind that nobody has
    named, with those that share a label with it taken away; then any label is wrong. Taken is the distance
    with the highest F1, the harmonic mean of precision and recall, of both together. Of many pictures, evenly
    chosen ones are measured. None: no two pictures have one label.
    """
    import numpy as np

    chosen = np.unique(np.linspace(0, len(vectors) - 1, min(len(vectors), MOST_MEASURED)).astype(int))
    if len(chosen) < 2:
        return None
    labels = [set(names[row]) for row in chosen.tolist()]
    rows, distances = nearest_others(vectors[chosen], 1)
    counts: dict[str, int] = defaultdict(int)
    for its in labels:
        for label in its:
            counts[label] += 1
    findable = sum(any(counts[label] > 1 for label in its) for its in labels)
    if not findable:
        return None
    order = np.argsort(distances[:, 0], kind="stable")
    at = distances[order, 0]
    right = np.array([bool(labels[row] & labels[int(rows[row, 0])]) for row in order.tolist()])
    found = np.cumsum(right)
    strangers = np.sort(_nearest_strangers(vectors[chosen], labels))
    accepted = np.arange(1, len(right) + 1) + np.searchsorted(strangers, at, side="right")
    f1 = 2 * found / (accepted + findable)
    best = int(np.flatnonzero(f1 == f1.max())[-1])
    # Halfway to what would make it worse, if anything would: the next picture, known or not.
    beyond = [*at[best + 1 : best + 2], *strangers[np.searchsorted(strangers, at[best], side="right") :][:1]]
    worse = min(beyond, default=at[best])
    # Six digits, as distances have, and none more: nothing that would make it worse is within.
    limit = float(max(at[best], np.floor((at[best] + worse) / 2 * 1e6) / 1e6))
    return Cutoff(limit, float(found[best] / accepted[best]), float(found[best] / findable), findable)


def _nearest_strangers(vectors: Embeddings, labels: Sequence[set[str]]) -> npt.NDArray[np.float64]:
    """Return the cosine distance of each of n unit vectors, float32 (n, dim), to the nearest one that has
    none of its labels, (n,) or less: where all share one, there is none."""
    import numpy as np

    names = sorted(set().union(*labels))
    has = np.array([[name in its for name in names] for its in labels], np.float32)
    found = []
    for start in range(0, len(vectors), 1024):
        part = slice(start, start + 1024)
        products = np.where(has[part] @ has.T == 0, vectors[part] @ vectors.T, -np.inf)
        found.append(1 - products.max(axis=1).astype(np.float64))
    together = np.concatenate(found)
    return np.asarray(np.round(together[np.isfinite(together)], 6), np.float64)
