"""Vectors laid out in a plane, so that what is alike lies together."""

from __future__ import annotations

import warnings
from enum import Enum
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from visualsearch_cli.errors import VisualSearchError

if TYPE_CHECKING:
    import numpy.typing as npt

    from visualsearch_cli.vectors.index import Embeddings

Places: TypeAlias = "npt.NDArray[np.float64]"
"""Where pictures lie: (n, 2), from 0 to 1 in both directions."""

INSTALL = "pip install 'visualsearch-cli[plots]'"
SEED = 0  # the same pictures are laid out in the same way


class Layout(str, Enum):
    """How vectors of many values become places of two."""

    PCA = "pca"  # the two axes of most variance: fast, and the same everywhere
    TSNE = "tsne"  # neighbors stay neighbors (van der Maaten and Hinton, 2008)
    UMAP = "umap"  # likewise, faster for many (McInnes et al., arXiv 1802.03426)


class LayoutUnavailable(VisualSearchError):
    """The library for a layout is not installed."""


def laid_out(vectors: Embeddings, layout: Layout) -> Places:
    """Return a place for each vector of (n, dim).

    Raises LayoutUnavailable if the library for it is not here.
    """
    count = len(vectors)
    if layout is Layout.PCA or count < 5:  # of fewer there are no neighbors worth the name
        return _spread(_principal(vectors))
    try:
        if layout is Layout.TSNE:
            from sklearn.manifold import TSNE

            start = _principal(vectors)
            start = start / max(float(start[:, 0].std()), 1e-12) * 1e-4
            learned = TSNE(
                perplexity=min(30.0, (count - 1) / 3), init=start, metric="cosine", random_state=SEED
            )
        else:
            import umap

            learned = umap.UMAP(n_neighbors=min(15, count - 1), metric="cosine", random_state=SEED, n_jobs=1)
    except ImportError as error:
        raise LayoutUnavailable(
            f"--layout {layout.value} needs a library that is not installed ({error}): {INSTALL}, or pass "
            "--layout pca"
        ) from error
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return _spread(np.asarray(learned.fit_transform(vectors), np.float64))


def copies_among(vectors: Embeddings, distance: float) -> list[tuple[int, int]]:
    """Return the pairs of rows of (n, dim) that are at most that far from each other, cosine distance."""
    found: list[tuple[int, int]] = []
    for start in range(0, len(vectors), 1024):
        products = vectors[start : start + 1024] @ vectors.T
        rows, others = np.nonzero(products >= 1 - distance)
        found += [
            (start + row, other)
            for row, other in zip(rows.tolist(), others.tolist(), strict=True)
            if start + row < other
        ]
    return found


def _principal(vectors: Embeddings) -> Places:
    """Return the coordinates of vectors along the two axes of most variance, (n, 2)."""
    centered = vectors.astype(np.float64) - vectors.mean(axis=0, dtype=np.float64)
    _, axes = np.linalg.eigh(centered.T @ centered)
    first = axes[:, ::-1][:, :2]
    signs = np.where(np.abs(first).max(axis=0) == first.max(axis=0), 1, -1)  # else libraries differ
    found: Places = centered @ (first * signs)
    return found


def _spread(places: Places) -> Places:
    """Return places from 0 to 1, with the same scale in both directions."""
    low, high = places.min(axis=0), places.max(axis=0)
    found: Places = 0.5 + (places - (low + high) / 2) / max(float((high - low).max()), 1e-12)
    return found
