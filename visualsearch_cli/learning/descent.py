"""Learns a projection: by gradient descent on batches of some classes, until others are found no better."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from visualsearch_cli.embedders.projection import Projection
from visualsearch_cli.learning.gains import CHANCE, Found, by_chance, found_first
from visualsearch_cli.learning.losses import LOSSES, Floats
from visualsearch_cli.named_tuples import NamedTuple
from visualsearch_cli.progress import Progress

if TYPE_CHECKING:
    import numpy.typing as npt

    from visualsearch_cli.vectors.index import Embeddings

Rows: TypeAlias = "npt.NDArray[np.int64]"

DIM = 128  # where nobody says it
CLASSES, PICTURES = 16, 4  # of a batch: this many classes, and pictures of each
RATE = 3e-4  # of the descent, by the largest value of the matrix at its start
BATCHES = 50  # of a round, after which it is looked at how well other classes are found
ROUNDS = 40  # at most
PATIENCE = 6  # rounds without anything better, after which it ends
STRENGTHS = (0.5, 1.0)  # of starts: how much of what differs inside a class is taken away
EVENED = 0.6  # the share of it that is taken to be alike along all axes, for few pictures tell little


@dataclass(frozen=True, slots=True)
class Settings:
    """How a projection is learned."""

    loss: str = "triplet"
    dim: int | None = None  # values of a projected vector; None: DIM, or as many as there are
    seed: int = 0
    rounds: int = ROUNDS  # of descent, at most; 0: the start alone


class Look(NamedTuple):
    """A projection, and which pictures of other classes are found with it."""

    projection: Projection
    found: Found

    @property
    def pictures(self) -> int:
        """How many pictures are found."""
        return int(self.found.sum())


class Learned(NamedTuple):
    """What came of it."""

    projection: Projection
    batches: int  # that led to it: 0 if the start was best


def learn(
    vectors: Embeddings,
    classes: Rows,
    others: Embeddings,
    classes_of_others: Rows,
    settings: Settings,
    progress: Progress,
) -> Learned:
    """Learn from pictures of some classes, and stop by those of others.

    vectors: float32 (n, d), rows of unit length, with their classes, (n,). others: likewise, of other
    classes. Kept is the better start, or what the descent found best at any look if it finds so many more
    than the start that chance is no reason: the best of many looks is a little better by chance.
    """

    def looked_at(mean: Floats, matrix: Floats) -> Look:
        projection = Projection(mean.astype(np.float32), matrix.astype(np.float32))
        return Look(projection, found_first(projection(others), classes_of_others))

    starts = [start_of(vectors, classes, settings.dim or DIM, strength) for strength in STRENGTHS]
    looks = [looked_at(*each) for each in starts]
    first = max(range(len(starts)), key=lambda number: looks[number].pictures)
    (mean, matrix), best = starts[first], looks[first]
    centered = vectors.astype(np.float64) - mean
    chance = np.random.default_rng(settings.seed)
    by_class = [np.flatnonzero(classes == each) for each in np.unique(classes)]
    adam = Adam(RATE * float(np.abs(matrix).max()))
    round_of_best = 0
    with progress.step("Learning", settings.rounds) as advance:
        for number in range(1, settings.rounds + 1):
            for _ in range(BATCHES):
                rows = drawn(by_class, chance)
                matrix = adam.stepped(matrix, slope(centered[rows], classes[rows], matrix, settings.loss))
            look = looked_at(mean, matrix)
            if look.pictures > best.pictures:
                best, round_of_best = look, number
            advance(1)
            if number - round_of_best >= PATIENCE:
                break
    if by_chance(looks[first].found, best.found) > CHANCE:
        return Learned(looks[first].projection, 0)
    return Learned(best.projection, round_of_best * BATCHES)


def start_of(vectors: Embeddings, classes: Rows, dim: int, strength: float) -> tuple[Floats, Floats]:
    """Return the mean of vectors, float32 (n, d), and a matrix, (d, at most dim), in which what differs
    inside a class counts for less: Fisher's discriminant, of which the share of noise is made larger."""
    mean = vectors.mean(axis=0, dtype=np.float64)
    centered = vectors - mean
    inside = centered.copy()
    for each in np.unique(classes):
        rows = classes == each
        inside[rows] -= centered[rows].mean(axis=0)
    scatter = inside.T @ inside / len(inside)
    even = np.eye(len(scatter)) * np.trace(scatter) / len(scatter)
    values, axes = np.linalg.eigh((1 - EVENED) * scatter + EVENED * even)
    whitened = axes * np.maximum(values, 1e-12) ** (-strength / 2)
    spread = centered @ whitened
    variances, directions = np.linalg.eigh(spread.T @ spread / len(spread))
    return mean, whitened @ directions[:, np.argsort(-variances)[:dim]]


def drawn(by_class: Sequence[Rows], chance: np.random.Generator) -> Rows:
    """Return the rows of a batch: some pictures of some classes."""
    chosen = chance.choice(len(by_class), min(CLASSES, len(by_class)), replace=False)
    return np.concatenate([chance.permutation(by_class[each])[:PICTURES] for each in chosen.tolist()])


def slope(vectors: Floats, classes: Rows, matrix: Floats, loss: str) -> Floats:
    """Return the derivative of a loss by the matrix, (d, dim), on a batch, (n, d)."""
    projected = vectors @ matrix
    lengths = np.maximum(np.linalg.norm(projected, axis=1, keepdims=True), 1e-9)
    units = projected / lengths
    same = classes[:, None] == classes
    np.fill_diagonal(same, False)
    _, by_similarity = LOSSES[loss](units @ units.T, same)
    by_unit = (by_similarity + by_similarity.T) @ units
    by_projected = (by_unit - units * (by_unit * units).sum(axis=1, keepdims=True)) / lengths
    found: Floats = vectors.T @ by_projected
    return found


class Adam:
    """Descent whose steps are of like size along all axes (Kingma and Ba, arXiv 1412.6980)."""

    def __init__(self, rate: float) -> None:
        self._rate = rate
        self._first: Floats | float = 0.0
        self._second: Floats | float = 0.0
        self._steps = 0

    def stepped(self, values: Floats, slope: Floats) -> Floats:
        """Return the values after a step."""
        self._steps += 1
        self._first = 0.9 * self._first + 0.1 * slope
        self._second = 0.999 * self._second + 0.001 * slope**2
        first = self._first / (1 - 0.9**self._steps)
        second = self._second / (1 - 0.999**self._steps)
        return values - self._rate * first / (np.sqrt(second) + 1e-12)
