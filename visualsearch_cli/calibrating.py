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
from visualsearch_cli.tails import FEWEST, Tail, fitted_levels, nearest_pairs

if TYPE_CHECKING:
    import numpy.typing as npt

    Numbers: TypeAlias = npt.NDArray[np.int64]

FEWEST_PICTURES = 50  # different ones: 1,225 pairs
MOST_PICTURES = 4000  # compared with each other: eight million pairs
EDGE_RATES = (1e-4, 1e-4, 1e-4, 1e-5, 1e-5)
"""What is nearer than the level of this rate may be copies and is left out, round after round. The first
rounds cut deep, which holds even where most pictures have copies; the last leave the fit more of the tail."""

BULK = (0.03, 0.01)  # shares of pairs that copies hardly touch: from them the first edge is guessed


class TooFewPictures(VisualSearchError):
    """There are not enough different pictures to learn from."""


def levels_among(
    frames: Embeddings, regions: npt.NDArray[np.float32] | None = None, seed: int = 0
) -> tuple[Levels, Levels | None, int]:
    """Return the levels of pictures of which some may be copies of others, and how many are different.

    frames: float32 (n, dim), unit rows, of full frames. regions: float32 (n, r, dim), of the full frame and
    its parts; the second levels are of frames against the nearest of them.

    Nobody says which pairs are copies, and one in a million would spoil a level of 1e-6. So of pictures
    nearer to each other than an edge one is kept, the tail is fitted to the pairs beyond (a band that few
    copies reach) and continued to rarer rates; the level of a rate of EDGE_RATES is the next round's edge.

    Raises TooFewPictures.
    """
    rng = np.random.default_rng(seed)
    _require(len(frames))
    if len(frames) > MOST_PICTURES:
        drawn = np.sort(rng.choice(len(frames), MOST_PICTURES, replace=False))
        frames, regions = frames[drawn], None if regions is None else regions[drawn]
    edge = _first_edge(nearest_pairs(frames, share=BULK[0]))
    for rate in EDGE_RATES:
        kept = distinct(frames, edge, rng)
        _require(len(kept))
        tail = _beyond(nearest_pairs(frames[kept]), edge)
        edge = fitted_levels(tail, repeats=0).distance_at(rate)
    return fitted_levels(tail), _region_levels(frames[kept], regions, kept), len(kept)


def _region_levels(
    frames: Embeddings, regions: npt.NDArray[np.float32] | None, kept: Numbers
) -> Levels | None:
    """Return the levels of frames against regions: of different pictures some are still parts of others."""
    if regions is None:
        return None
    tail = nearest_pairs(frames, regions[kept])
    edge = _first_edge(nearest_pairs(frames, regions[kept], share=BULK[0]))
    for rate in EDGE_RATES:
        band = _beyond(tail, edge)
        edge = fitted_levels(band, repeats=0).distance_at(rate)
    return fitted_levels(band)


def _beyond(tail: Tail, edge: float) -> Tail:
    """Return the tail without the pairs at the edge or nearer."""
    far = tail.distances > edge
    return replace(
        tail, distances=tail.distances[far], first=tail.first[far], second=tail.second[far], cut=edge
    )


def distinct(vectors: Embeddings, distance: float, rng: np.random.Generator) -> Numbers:
    """Return rows of which no two are at that distance or nearer: of those that are, one stays, by chance."""
    gone = np.zeros(len(vectors), np.bool_)
    kept = []
    for row in rng.permutation(len(vectors)).tolist():
        if not gone[row]:
            kept.append(row)
            gone |= 1 - vectors @ vectors[row] <= distance
    return np.array(sorted(kept), np.int64)


def _first_edge(tail: Tail) -> float:
    """Guess the level of the first edge from pairs that are not so near, by a power law."""
    far, near = (tail.distances[min(round(share * tail.pairs), len(tail.distances) - 1)] for share in BULK)
    steps = np.log(BULK[1] / EDGE_RATES[0]) / np.log(BULK[0] / BULK[1])
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
