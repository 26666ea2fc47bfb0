from __future__ import annotations

import sys

import numpy as np
import pytest

from visualsearch_cli.embedders.arrays import unit_rows
from visualsearch_cli.plots.layout import Layout, LayoutUnavailable, copies_among, laid_out
from visualsearch_cli.vectors.index import Embeddings


def clusters(each: int = 12) -> Embeddings:
    """Vectors around three directions."""
    chance = np.random.default_rng(0)
    centers = np.repeat(np.eye(3, 16, dtype=np.float32), each, axis=0)
    return unit_rows(centers + 0.05 * chance.normal(size=centers.shape).astype(np.float32))


@pytest.mark.slow  # umap compiles for seconds
@pytest.mark.parametrize("layout", Layout)
def test_what_is_alike_lies_together(layout: Layout) -> None:
    if layout is not Layout.PCA:
        library = {Layout.TSNE: "sklearn", Layout.UMAP: "umap"}[layout]
        pytest.importorskip(library, reason="needs the extra 'plots'")
    vectors = clusters()
    places = laid_out(vectors, layout)
    assert places.shape == (36, 2) and places.min() >= 0 and places.max() <= 1
    apart = np.linalg.norm(places[:, None] - places, axis=2)
    np.fill_diagonal(apart, np.inf)
    assert (apart.argmin(axis=1) // 12 == np.arange(36) // 12).all()
    if layout is not Layout.UMAP:  # which compiles for seconds
        np.testing.assert_array_equal(places, laid_out(vectors, layout))


def test_few_pictures_are_laid_out_too() -> None:
    for count in (1, 2, 4):
        places = laid_out(clusters()[:count], Layout.TSNE)
        assert places.shape == (count, 2) and np.isfinite(places).all()


def test_a_missing_library_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    for module, layout in (("umap", Layout.UMAP), ("sklearn.manifold", Layout.TSNE)):
        monkeypatch.setitem(sys.modules, module, None)
        with pytest.raises(LayoutUnavailable, match=r"pip install 'visualsearch-cli\[plots\]'"):
            laid_out(clusters(), layout)


def test_copies_are_joined_once() -> None:
    vectors = unit_rows(np.array([[1, 0], [1, 0.01], [0, 1], [0.01, 1]], np.float32))
    assert copies_among(vectors, 0.001) == [(0, 1), (2, 3)]
    assert copies_among(vectors, 0.0000001) == []
