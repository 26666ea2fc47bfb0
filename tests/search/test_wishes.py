from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pytest

from visualsearch_cli.errors import VisualSearchError
from visualsearch_cli.search.wishes import Wish, vectors_of
from visualsearch_cli.vectors.index import Embeddings

AXES = {"beach": 0, "people": 1, "dog": 2}


class Tower:
    """Gives each word an axis of its own; what is around it in a template turns it a little."""

    def __init__(self) -> None:
        self.batches: list[list[str]] = []

    def embed_texts(self, texts: Sequence[str]) -> Embeddings:
        self.batches.append(list(texts))
        rows = np.zeros((len(texts), 4), np.float32)
        for row, text in zip(rows, texts, strict=True):
            word = text.split()[-1]
            row[AXES[word]] = 1
            row[3] = 0.0 if text == word else 1.0
        found: Embeddings = rows / np.linalg.norm(rows, axis=1, keepdims=True)
        return found


def unit(*values: float) -> npt.NDArray[np.float64]:
    vector: npt.NDArray[np.float64] = np.array(values) / np.linalg.norm(values)
    return vector


def test_words_add_up_and_others_are_taken_away() -> None:
    (found,) = vectors_of([Wish(("beach", "dog"), ("people",))], Tower())
    np.testing.assert_allclose(found, unit(1, -1, 1, 0), atol=1e-6)
    assert found.dtype == np.float32


def test_pictures_count_as_much_as_words() -> None:
    picture = np.array([[0, 0, 0, 1]], np.float32)
    (found,) = vectors_of([Wish(("beach",))], Tower(), picture)
    np.testing.assert_allclose(found, unit(1, 0, 0, 1), atol=1e-6)
    (found,) = vectors_of([Wish()], None, picture)
    np.testing.assert_allclose(found, picture[0])


def test_templates_are_averaged() -> None:
    (found,) = vectors_of([Wish(("beach",), templates=("{}", "a photo of {}"))], Tower())
    np.testing.assert_allclose(found, unit(1 + 0.5**0.5, 0, 0, 0.5**0.5), atol=1e-6)


def test_all_texts_are_embedded_at_once() -> None:
    tower = Tower()
    wishes = [Wish(("beach",), ("people",), ("{}", "no {}")), Wish(("dog",))]
    assert vectors_of(wishes, tower).shape == (2, 4)
    assert tower.batches == [["beach", "no beach", "people", "no people", "dog"]]


def test_nothing_is_left() -> None:
    with pytest.raises(VisualSearchError, match="nothing is left of beach −beach"):
        vectors_of([Wish(("beach",), ("beach",))], Tower())
