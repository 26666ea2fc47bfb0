"""Fewer answers that say more: copies of one picture as one, and answers that differ from each other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from visualsearch_cli.calibration.levels import RATES
from visualsearch_cli.named_tuples import NamedTuple

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from visualsearch_cli.calibration.levels import Calibration
    from visualsearch_cli.search.matches import Match

    Vectors = Mapping[str, npt.NDArray[np.float32]]
    """Unit vectors, shape (dim,), by the hash of the content."""

COPY_DISTANCE = 0.002
"""Cosine distance up to which two pictures are taken for copies where nobody knows what a distance means to a
model: so near that little but a copy saved in high quality comes, and never a picture that is worth a look of
its own. `calibrate` tells more."""


POOL = 100  # neighbors that answers which differ are chosen from, at least


class Thinning(NamedTuple):
    """Which of many answers are shown."""

    k: int  # answers, at most
    distinct: bool  # copies are one
    balance: float | None  # for answers that differ; None: they need not
    copy_distance: float

    @property
    def is_asked_for(self) -> bool:
        """Whether any answer may be left out but for coming too late."""
        return self.distinct or self.balance is not None

    @property
    def pool(self) -> int:
        """How many answers k are chosen from."""
        if self.balance is not None:
            return max(POOL, 10 * self.k)
        return 4 * self.k if self.distinct else self.k

    def of(self, matches: Sequence[Match], vectors: Vectors) -> tuple[Match, ...]:
        """Return those of some matches, nearest first, that are shown."""
        chosen: Sequence[Match] = matches
        if self.distinct:
            chosen = distinct(chosen, vectors, self.copy_distance)
        if self.balance is not None:
            chosen = diverse(chosen, vectors, self.k, self.balance)
        return tuple(chosen)


def copy_distance(levels: Calibration | None) -> float:
    """Return the distance up to which two answers are shown as one: that of the smallest rate of false pairs.

    Nothing is proved by it: who removes files asks `dupes`.
    """
    return COPY_DISTANCE if levels is None else max(0.0, levels.full.distance_at(RATES[-1]))


def distinct(matches: Sequence[Match], vectors: Vectors, distance: float) -> list[Match]:
    """Return the first of each picture, in their order; the others are in its `copies`.

    Copies have the same bytes, or vectors that are as near as `distance` to that of the first.
    """
    import numpy as np

    firsts: list[Match] = []
    copies: list[list[Match]] = []
    known: list[npt.NDArray[np.float32]] = []
    for match in matches:
        vector = vectors[match.image.content_hash]
        products = np.array(known) @ vector if known else np.empty(0, np.float32)
        nearest = int(products.argmax()) if known else -1
        if nearest >= 0 and 1 - float(products[nearest]) <= distance + 1e-6:
            copies[nearest].append(match)
        else:
            firsts.append(match)
            copies.append([])
            known.append(vector)
    return [
        first._replace(copies=tuple(other.image for other in its)) if its else first
        for first, its in zip(firsts, copies, strict=True)
    ]


def diverse(matches: Sequence[Match], vectors: Vectors, k: int, balance: float) -> list[Match]:
    """Return k matches, each as near to the query, and as unlike those before it, as can be.

    balance: from 1, where they stay in their order, to 0, where only differences count: the λ of maximal
        marginal relevance (Carbonell & Goldstein, SIGIR 1998), with cosine similarity on both sides.
    """
    import numpy as np

    if not matches:
        return []
    rows = np.array([vectors[match.image.content_hash] for match in matches])
    near = np.array([match.similarity for match in matches])
    chosen = [0]
    likeness = rows @ rows[0]  # of each to the most similar chosen one
    left = np.ones(len(matches), bool)
    left[0] = False
    while len(chosen) < min(k, len(matches)):
        worth = np.where(left, balance * near - (1 - balance) * likeness, -np.inf)
        best = int(worth.argmax())
        chosen.append(best)
        left[best] = False
        likeness = np.maximum(likeness, rows @ rows[best])
    return [matches[number] for number in chosen]
