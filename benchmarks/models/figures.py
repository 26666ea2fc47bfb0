"""The figures of one embedder, computed from its vectors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from benchmarks.material.edits import DIHEDRAL, UPRIGHT
from benchmarks.models.embedding import TURNS, Vectors
from benchmarks.models.metrics import Outcome, compare
from visualsearch_cli.vectors.index import Embeddings

EIGHT = ", in eight turns"


@dataclass(frozen=True, slots=True)
class Figures:
    """What the report says of an embedder.

    recall_at_1, recall, micro_ap: over the upright edits; `recall` is that at the rate of false pairs.
    threshold: the cosine distance at that rate.
    per_edit: recall at 1 and at the rate, for each edit, and for the dihedral ones in eight turns too.
    """

    dim: int
    recall_at_1: float
    recall: float
    micro_ap: float
    threshold: float
    milliseconds: float
    per_edit: dict[str, tuple[float, float]]


def figures(vectors: Vectors, margin: float | None = None) -> Figures:
    """Compare the edits with the index: one turn a query, and eight for those that are turned.

    With a margin, that of all ways but the plain one, upright edits are asked as `query` asks them.

    Single edits, the dihedral ones in one turn included, are held against the threshold of all upright
    edits, as a user would hold them. A query in eight turns has more chances to meet a false pair:
    these have a threshold of their own.
    """
    dim = vectors.index.shape[1]
    upright = _upright(vectors, margin)
    as_they_are = _looked_up(vectors.turned[:, :, :1].reshape(-1, 1, dim), vectors)
    in_eight = _looked_up(vectors.turned.reshape(-1, TURNS, dim), vectors)
    per_edit = {}
    for outcome, edits, threshold, suffix in (
        (upright, UPRIGHT, upright.threshold, ""),
        (as_they_are, DIHEDRAL, upright.threshold, ""),
        (in_eight, DIHEDRAL, in_eight.threshold, EIGHT),
    ):
        for number, edit in enumerate(edits):
            part = outcome.part(slice(number, None, len(edits)))
            per_edit[edit + suffix] = part.recall_at_1(), part.recall_at_rate(threshold)
    return Figures(
        dim,
        upright.recall_at_1(),
        upright.recall_at_rate(),
        upright.micro_average_precision(),
        1 - upright.threshold,
        vectors.milliseconds,
        per_edit,
    )


def _upright(vectors: Vectors, margin: float | None) -> Outcome:
    dim = vectors.index.shape[1]
    if margin is None or vectors.asked is None or vectors.inside is None:
        return _looked_up(vectors.upright.reshape(-1, 1, dim), vectors)
    further = np.concatenate([vectors.asked, vectors.inside[:, :, None]], axis=2)
    ways = np.concatenate([vectors.upright[:, :, None], further], axis=2)
    margins = [0.0] + [margin] * further.shape[2]
    return _looked_up(ways.reshape(-1, len(margins), dim), vectors, margins)


def _looked_up(queries: Embeddings, vectors: Vectors, margins: Sequence[float] | None = None) -> Outcome:
    """Compare queries that are ordered by original, and as many for each."""
    originals = len(vectors.upright)
    truth = np.repeat(np.arange(originals), len(queries) // originals)
    return compare(queries, truth, vectors.index, margins)
