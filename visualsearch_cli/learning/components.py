"""Shorter vectors without labels: along the axes in which the pictures of an index differ most (PCA)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from visualsearch_cli.embedders.projection import Projection
from visualsearch_cli.errors import VisualSearchError
from visualsearch_cli.named_tuples import NamedTuple
from visualsearch_cli.vectors.exact import ExactIndex
from visualsearch_cli.wording import counted

if TYPE_CHECKING:
    from visualsearch_cli.index.open import OpenIndex
    from visualsearch_cli.vectors.index import Embeddings

NEAREST = 10
MOST_ASKED = 1_000  # pictures whose neighbors are compared
FLOOR = 1e-6  # of the largest variance: a direction with less is made no longer than one with that much


class Kept(NamedTuple):
    """What shorter vectors keep of the longer ones."""

    pictures: int  # that they were learned from
    whitened: bool
    variance: float  # the share that lies along the axes, 0 to 1
    asked: int  # pictures whose neighbors were compared
    neighbors: float  # the share of their ten nearest that are among the ten nearest by the shorter ones

    def said(self) -> str:
        """Return it in a sentence."""
        return (
            f"{self.variance:.1%} of the variance of {counted(self.pictures, 'picture')} is kept, and "
            f"{self.neighbors:.1%} of the ten nearest of {self.asked:,} of them"
        )


def principal_components(vectors: Embeddings, dim: int, *, whiten: bool) -> tuple[Projection, Kept]:
    """Return the projection of unit vectors, float32 (n, from), onto `dim` axes, and what it keeps. Where
    it whitens, all axes count alike.

    Raises VisualSearchError if the vectors are no longer than that, or too few pictures differ.
    """
    count, values = vectors.shape
    check_shorter(values, dim, whiten=whiten)
    if count <= dim:
        raise VisualSearchError(
            f"{count} pictures tell at most {max(0, count - 1)} directions, and --dim asks for {dim}: index "
            "more, or name fewer"
        )
    mean = vectors.mean(axis=0, dtype=np.float64)
    variances, axes = np.linalg.eigh(np.cov(vectors.T.astype(np.float64)))
    variances, axes = np.maximum(variances[::-1], 0), axes[:, ::-1]
    total = float(variances.sum())
    if not total > 0:
        raise VisualSearchError("all pictures have one vector: there is no direction in which they differ")
    matrix = axes[:, :dim]
    if whiten:
        matrix = matrix / np.sqrt(np.maximum(variances[:dim], FLOOR * variances[0]))
    projection = Projection(mean.astype(np.float32), matrix.astype(np.float32))
    asked, neighbors = _neighbors_kept(vectors, projection)
    share = float(variances[:dim].sum()) / total
    return projection, Kept(count, whiten, round(share, 6), asked, round(neighbors, 6))


def components_of(index: OpenIndex, dim: int, *, whiten: bool) -> tuple[Projection, Kept]:
    """Return that of the vectors of an index."""
    return principal_components(index.catalog.vectors().vectors, dim, whiten=whiten)


def check_shorter(values: int, dim: int, *, whiten: bool) -> None:
    """Raise VisualSearchError if vectors of some values cannot become vectors of `dim`."""
    if dim > values or (dim == values and not whiten):
        raise VisualSearchError(
            f"the vectors have {values} values, and --dim asks for {dim}: name fewer, to make them shorter"
        )


def _neighbors_kept(vectors: Embeddings, projection: Projection) -> tuple[int, float]:
    """Return how many pictures were asked for, and which share of their ten nearest others stays."""
    rows = np.unique(np.linspace(0, len(vectors) - 1, min(MOST_ASKED, len(vectors))).astype(np.int64))
    k = min(NEAREST, len(vectors) - 1)
    found = []
    for each in (vectors, projection(vectors)):
        index = ExactIndex.from_arrays(np.arange(1, len(each) + 1), each)  # ids begin with 1
        nearest = (index.search(each[rows], k + 1).ids - 1).tolist()
        found.append(
            [[id for id in ids if id != row][:k] for row, ids in zip(rows.tolist(), nearest, strict=True)]
        )
    shared = [len(set(one) & set(other)) / k for one, other in zip(*found, strict=True)]
    return len(rows), float(np.mean(shared))
