"""Learn from pictures without labels which distances mean something: false pairs, and edited copies."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from visualsearch_cli.calibration.levels import FOUND, SHARES, SIMILAR_RATE, Copies, Levels, found_at
from visualsearch_cli.calibration.tails import FEWEST, REPEATS, Tail, fitted_levels, nearest_pairs
from visualsearch_cli.embedders.embedder import Embedder
from visualsearch_cli.errors import VisualSearchError
from visualsearch_cli.pictures.image import Pixels
from visualsearch_cli.vectors.index import Embeddings
from visualsearch_cli.wording import counted

if TYPE_CHECKING:
    import numpy.typing as npt

    Numbers: TypeAlias = npt.NDArray[np.int64]

FEWEST_PICTURES = 50  # different ones: 1,225 pairs
MOST_PICTURES = 4000  # compared with each other: eight million pairs
ROUNDS = 3  # of leaving copies out
DEEP, SHALLOW = 1e-4, 1e-5
"""What is nearer than the level of such a rate may be copies and is left out. The deep edge holds where most
pictures have copies; the shallow one leaves the fit more of the tail, if what it leaves is not too much."""

BULK = (0.03, 0.01)  # shares of pairs that copies hardly touch: from them the first edge is guessed


class TooFewPictures(VisualSearchError):
    """There are not enough different pictures to learn from."""


class NotLearned(VisualSearchError):
    """What was learned is of no use."""


def levels_among(
    frames: Embeddings,
    regions: npt.NDArray[np.float32] | None = None,
    copies: Copies | None = None,
    seed: int = 0,
    repeats: int = REPEATS,
) -> tuple[Levels, Levels | None, int]:
    """Return the levels of pictures of which some may be copies of others, and how many are different.

    frames: float32 (n, dim), unit rows, of full frames. regions: float32 (n, r, dim), of the full frame and
    its parts; the second levels are of frames against the nearest of them. copies: how far copies come, if
    that is known: what is nearer than half of them is not taken for different to begin with.

    Nobody says which pairs are copies, and one in a million would spoil a level of 1e-6. So of pictures
    nearer to each other than an edge one is kept, the tail is fitted to the pairs beyond (a band that few
    copies reach) and continued to rarer rates. See `_settled` for the edge.

    Raises TooFewPictures.
    """
    rng = np.random.default_rng(seed)
    require_pictures(len(frames))
    if len(frames) > MOST_PICTURES:
        drawn = np.sort(rng.choice(len(frames), MOST_PICTURES, replace=False))
        frames, regions = frames[drawn], None if regions is None else regions[drawn]

    def without_copies(edge: float) -> Tail:
        kept = distinct(frames, edge, seed)
        require_pictures(len(kept))
        return _beyond(nearest_pairs(frames[kept]), edge)

    near = 0.0 if copies is None else copies.distances[SHARES.index(0.5)]
    tail = _settled(without_copies, nearest_pairs(frames, share=BULK[0]), near)
    full = fitted_levels(tail, repeats)
    if regions is None:
        return full, None, tail.pictures
    kept = distinct(frames, tail.cut, seed)
    mixed = nearest_pairs(frames[kept], regions[kept], share=BULK[0])
    # of different pictures some are still parts of others: here pairs are left out, not pictures
    return full, fitted_levels(_settled(lambda edge: _beyond(mixed, edge), mixed), repeats), tail.pictures


def _settled(beyond: Callable[[float], Tail], whole: Tail, near: float = 0.0) -> Tail:
    """Return a tail without copies. `beyond` gives the tail beyond an edge, `whole` is that of all pairs.

    The first edge is guessed from pairs so far apart that copies hardly touch them. Where there are so many
    copies that they do, the guess is far too near, so it is not nearer than `near`. The level of DEEP of
    what lies beyond an edge is the next one. Then the edge moves on to the level of SHALLOW, unless there
    are far more pairs between the two than the fit expects: those are copies.
    """
    edge = max(_first_edge(whole), near)
    for _ in range(ROUNDS):
        edge = fitted_levels(beyond(edge), repeats=0).distance_at(DEEP)
    deep = beyond(edge)
    shallow = beyond(fitted_levels(deep, repeats=0).distance_at(SHALLOW))
    between = int(np.searchsorted(shallow.distances, edge))
    expected = (DEEP - SHALLOW) * shallow.pairs
    return shallow if between <= expected + 3 * np.sqrt(expected) + 1 else deep


def require_found(levels: Levels, copies: Copies) -> None:
    """Refuse levels at which copies are not found. Raises NotLearned.

    That comes of a folder in which most pictures have copies: these then look like different pictures.
    """
    similar = levels.distance_at(SIMILAR_RATE)
    found = found_at(similar, copies)
    if found < FOUND:
        raise NotLearned(
            f"at a distance of {max(similar, 0.0):.3f}, where pictures of this index are similar, only "
            f"{100 * found:.0f} % of edited copies would be found, at least {100 * FOUND:.0f} % are needed, "
            "so nothing is saved: too many of the pictures are copies of each other; calibrate an index of "
            "different ones, or use --max-distance"
        )


def _beyond(tail: Tail, edge: float) -> Tail:
    """Return the tail without the pairs at the edge or nearer."""
    far = tail.distances > edge
    return replace(
        tail, distances=tail.distances[far], first=tail.first[far], second=tail.second[far], cut=edge
    )


def distinct(vectors: Embeddings, distance: float, seed: int) -> Numbers:
    """Return rows of which no two are at that distance or nearer: of those that are, one stays, by chance."""
    gone = np.zeros(len(vectors), np.bool_)
    kept = []
    for row in np.random.default_rng(seed).permutation(len(vectors)).tolist():
        if not gone[row]:
            kept.append(row)
            gone |= 1 - vectors @ vectors[row] <= distance
    return np.array(sorted(kept), np.int64)


def _first_edge(tail: Tail) -> float:
    """Guess the level of the first edge from pairs that are not so near, by a power law."""
    far, near = (tail.distances[min(round(share * tail.pairs), len(tail.distances) - 1)] for share in BULK)
    steps = np.log(BULK[1] / DEEP) / np.log(BULK[0] / BULK[1])
    return float(near * (near / far) ** steps)


def require_pictures(pictures: int) -> None:
    """Refuse too few pictures. Raises TooFewPictures."""
    if pictures < FEWEST_PICTURES or pictures * (pictures - 1) // 2 < 2 * FEWEST:
        raise TooFewPictures(
            f"only {counted(pictures, 'different picture')}, at least {FEWEST_PICTURES} are needed to "
            "calibrate: index more, or use --max-distance"
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
