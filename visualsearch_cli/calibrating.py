"""Learn from pictures without labels which distances mean something: false pairs, and edited copies."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from visualsearch_cli.calibration import SHARES, Copies, Levels
from visualsearch_cli.embedder import Embedder, Embeddings
from visualsearch_cli.errors import VisualSearchError
from visualsearch_cli.image import Pixels
from visualsearch_cli.tails import FEWEST, fitted_levels, nearest_pairs

if TYPE_CHECKING:
    import numpy.typing as npt

    Numbers: TypeAlias = npt.NDArray[np.int64]

FEWEST_PICTURES = 50  # different ones: 1,225 pairs
MOST_PICTURES = 4000  # compared with each other: eight million pairs
ROUNDS = 4  # of leaving copies out
EDGE_RATE = 1e-4  # of the pairs of different pictures, what is nearer may be copies and is left out
BULK = (0.03, 0.01)  # shares of pairs that copies hardly touch: from them the first edge is guessed


class TooFewPictures(VisualSearchError):
    """There are not enough different pictures to learn from."""


def levels_among(vectors: Embeddings, seed: int = 0) -> tuple[Levels, int]:
    """Return the levels of pictures of which some may be copies of others, and how many different ones there are.

    vectors: float32 (n, dim), unit rows. Nobody says which pairs are copies, and one in a million would spoil
    a level of 1e-6. So of pictures nearer to each other than the expected level of 1e-4 one is kept, the tail is
    fitted to the pairs beyond (a band that copies hardly reach), and continued to the rarer rates; the level
    so found is the edge of the next round.

    Raises TooFewPictures.
    """
    rng = np.random.default_rng(seed)
    if len(vectors) > MOST_PICTURES:
        vectors = vectors[rng.choice(len(vectors), MOST_PICTURES, replace=False)]
    _require(len(vectors))
    edge = _first_edge(vectors)
    for last in (False,) * (ROUNDS - 1) + (True,):
        kept = vectors[distinct(vectors, edge, rng)]
        _require(len(kept))
        tail = replace(nearest_pairs(kept), cut=edge)
        levels = fitted_levels(tail) if last else fitted_levels(tail, repeats=0)
        edge = levels.distance_at(EDGE_RATE)
    return levels, len(kept)


def distinct(vectors: Embeddings, distance: float, rng: np.random.Generator) -> Numbers:
    """Return rows of which no two are at that distance or nearer: of pictures that are, one stays, by chance."""
    gone = np.zeros(len(vectors), np.bool_)
    kept = []
    for row in rng.permutation(len(vectors)).tolist():
        if not gone[row]:
            kept.append(row)
            gone |= 1 - vectors @ vectors[row] <= distance
    return np.array(sorted(kept), np.int64)


def _first_edge(vectors: Embeddings) -> float:
    """Guess the level of EDGE_RATE from pairs that are not so near, by a power law."""
    distances = 1 - (vectors @ vectors.T)[np.triu_indices(len(vectors), 1)]
    far, near = np.quantile(np.maximum(distances, 1e-6), BULK)
    steps = np.log(BULK[1] / EDGE_RATE) / np.log(BULK[0] / BULK[1])
    return float(near * (near / far) ** steps)


def _require(pictures: int) -> None:
    if pictures < FEWEST_PICTURES or pictures * (pictures - 1) // 2 < 2 * FEWEST:
        raise TooFewPictures(
            f"only {pictures} different pictures, at least {FEWEST_PICTURES} are needed to calibrate: "
            "index more, or use --max-distance"
        )


def measured_copies(
    pictures: Iterable[tuple[str, Pixels]],
    embedder: Embedder,
    edited: Callable[[Pixels, str], list[Pixels]],
) -> Copies:
    """Return how far edited copies come from their originals. `edited` takes a picture and a seed, its name.

    Raises TooFewPictures if there is none.
    """
    found = []
    for name, pixels in pictures:
        ways = [pixels, *edited(pixels, name)]
        vectors = embedder.embed([embedder.prepare(np.ascontiguousarray(way)) for way in ways])
        found.append(1 - vectors[1:] @ vectors[0])
    if not found:
        raise TooFewPictures("none of the sampled pictures can be read: run `visualsearch check`")
    distances = np.maximum(np.concatenate(found), 0)
    return Copies(tuple(np.quantile(distances, SHARES).tolist()), len(distances))
