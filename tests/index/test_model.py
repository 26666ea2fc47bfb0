"""Which model an index asks, and what is said where it is none that will do."""

from __future__ import annotations

from pathlib import Path

import pytest

from visualsearch_cli.embedders.embedder import ModelSpec
from visualsearch_cli.errors import ModelUnavailable, NoWords
from visualsearch_cli.index.model import ModelChoice, check_words
from visualsearch_cli.index.records import Manifest
from visualsearch_cli.vectors.index import IndexParams


def manifest(name: str, other: str | None = None) -> Manifest:
    second = None if other is None else manifest(other)
    model = ModelSpec(name, "sha256:0", "any/1", 8)
    return Manifest(8, "0.2.0", "2026-01-01", model, None, IndexParams(), None, other=second)


@pytest.mark.parametrize(
    ("names", "advice"),
    [
        (
            ("bundled",),
            "bundled, which knows pictures and no words: add a model .* --model bundled --model clip",
        ),
        (("adapted",), "adapted, which knows pictures and no words: build another index"),
        (("hog", "bundled"), "bundled and hog, which know pictures and no words: build another index"),
    ],
)
def test_advice_where_words_are_unknown_is_one_that_works(names: tuple[str, ...], advice: str) -> None:
    """A model that lies in a file cannot be named beside another one without it, nor can a third one be."""
    with pytest.raises(NoWords, match=advice):
        check_words(manifest(*names), Path("index"))


def test_a_model_that_knows_words_is_no_error() -> None:
    check_words(manifest("onnx"), Path("index"))


def test_two_files_of_weights_are_the_most(tmp_path: Path) -> None:
    with pytest.raises(ModelUnavailable, match=r"a,b,c names 3 files: expected one, or two as image"):
        ModelChoice(weights=Path("a,b,c"))
    (tmp_path / "one, of two.onnx").touch()
    both = f"{tmp_path / 'one, of two.onnx'},{tmp_path / 'text.onnx'}"
    assert ModelChoice(weights=Path(both)).text == tmp_path / "text.onnx"
    assert ModelChoice(weights=tmp_path / "one, of two.onnx").text is None
