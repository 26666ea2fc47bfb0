"""What any text tower must do. A new one inherits `TextTowerContract` and says how it is made."""

from __future__ import annotations

import numpy as np
import pytest

from visualsearch_cli.embedders.embedder import TextTower


class TextTowerContract:
    """Tests of a text tower."""

    @pytest.fixture
    def tower(self) -> TextTower:
        raise NotImplementedError

    def test_vectors_have_unit_length(self, tower: TextTower) -> None:
        vectors = tower.embed_texts(["a dog", "a cat on a mat", "Straße im Schnee", "\U0001f436", " "])
        assert vectors.dtype == np.float32 and vectors.ndim == 2
        np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)

    def test_no_texts(self, tower: TextTower) -> None:
        assert tower.embed_texts([]).shape == (0, tower.embed_texts(["x"]).shape[1])

    def test_a_text_has_one_vector_alone_and_among_many(self, tower: TextTower) -> None:
        texts = [f"{number} dogs on a beach" for number in range(300)]
        (alone,) = tower.embed_texts(texts[7:8])
        np.testing.assert_allclose(tower.embed_texts(texts)[7], alone, atol=1e-5)

    def test_other_words_have_another_vector(self, tower: TextTower) -> None:
        one, other = tower.embed_texts(["a dog", "two cups of coffee"])
        assert one @ other < 0.9999

    def test_what_is_too_long_is_cut_off(self, tower: TextTower) -> None:
        long = "a dog on a beach " * 50
        one, other = tower.embed_texts([long, long + "at night"])
        np.testing.assert_allclose(one, other, atol=1e-6)
