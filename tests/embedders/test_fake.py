from __future__ import annotations

import pytest

from tests.contracts.embedder import EmbedderContract
from tests.helpers.fakes import FakeEmbedder


class TestFakeEmbedder(EmbedderContract):
    @pytest.fixture
    def embedder(self) -> FakeEmbedder:
        return FakeEmbedder()

    def test_counts(self, embedder: FakeEmbedder) -> None:
        embedder.embed([])
        assert embedder.embedded == 0
