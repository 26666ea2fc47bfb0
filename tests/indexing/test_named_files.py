"""Files of models that are named where nothing is left to embed: they are tried and remembered even so."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

from tests.helpers.onnx_files import COLORS, SIDE, write_towers
from tests.helpers.user_folders import give_folders
from visualsearch_cli.cli.program import program
from visualsearch_cli.embedders.projection import Projection, packed
from visualsearch_cli.embedders.specs import BUNDLED, ONNX
from visualsearch_cli.errors import ModelMismatch, ModelUnavailable
from visualsearch_cli.index import model as models
from visualsearch_cli.index.model import TEXT_OF, TOKENIZER_OF
from visualsearch_cli.library import Index, open_index
from visualsearch_cli.remembered import WEIGHTS, remembered, state_file


@pytest.fixture
def colors(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a picture of each color, and beside it two towers with their tokenizer."""
    pytest.importorskip("tokenizers", reason="needs the extra 'onnx'")
    give_folders(tmp_path, monkeypatch)
    write_towers(tmp_path)
    folder = tmp_path / "Colors"
    folder.mkdir()
    for name, color in COLORS.items():
        Image.new("RGB", (SIDE, SIDE), color).save(folder / f"{name}.png")
    return folder


def made(folder: Path, **of_model: object) -> None:
    """Make an index of a folder, or bring it up to date, and close it again."""
    with open_index(folder, create=True, **of_model) as index:  # type: ignore[arg-type]
        index.add(folder)


def towers(folder: Path, text: str = "text.onnx", tokenizer: str = "tokenizer.json") -> dict[str, object]:
    return {"weights": f"{folder}/image.onnx,{folder}/{text}", "tokenizer": folder / tokenizer}


def first_of(index: Index, words: str) -> str:
    return index.search(words, k=1).matches[0].image.path.stem


def test_towers_are_remembered_though_all_pictures_are_known(colors: Path) -> None:
    made(colors, weights=colors.parent / "image.onnx")
    made(colors, model=ONNX, **towers(colors.parent))
    with open_index(colors) as index:
        assert first_of(index, "red") == "red"


def test_a_tokenizer_alone_is_of_the_model_with_words(colors: Path) -> None:
    files = towers(colors.parent)
    made(colors, model=["bundled", ONNX], weights=[None, f"{files['weights']}"])
    made(colors, tokenizer=files["tokenizer"])
    with open_index(colors) as index:
        assert first_of(index, "blue") == "blue"


def test_of_two_models_the_one_that_takes_a_tokenizer_has_it(colors: Path) -> None:
    files = towers(colors.parent)
    weights = [None, f"{files['weights']}"]
    made(colors, model=["bundled", ONNX], weights=weights, tokenizer=files["tokenizer"])
    with open_index(colors, model=ONNX) as index:
        assert first_of(index, "blue") == "blue"


@pytest.mark.parametrize(
    ("text", "tokenizer", "words"),
    [
        ("text.onnx", "red.png", "red.png is no tokenizer"),
        ("text.onnx", "gone.json", "gone.json is not there"),
        ("short/text.onnx", "tokenizer.json", "makes vectors of 8 values"),
        ("image.onnx", "tokenizer.json", "expected token ids"),
    ],
)
def test_what_is_no_tower_is_refused_though_all_pictures_are_known(
    colors: Path, text: str, tokenizer: str, words: str
) -> None:
    here = colors.parent
    made(colors, **towers(here))
    (here / "short").mkdir()
    write_towers(here / "short", dim=8)
    (here / "red.png").write_bytes((colors / "red.png").read_bytes())
    before = dict(remembered(WEIGHTS))
    with pytest.raises(ModelUnavailable, match=words):
        made(colors, **towers(here, text, tokenizer))
    assert dict(remembered(WEIGHTS)) == before
    assert {key.rpartition("sha256:")[0] for key in before} == {"", TEXT_OF, TOKENIZER_OF}


def test_weights_are_remembered_though_all_pictures_are_known(colors: Path) -> None:
    """Of a model without words, such as one that `adapt` wrote."""
    matrix = np.eye(BUNDLED.dim, 8, dtype=np.float32)
    file = colors.parent / "shorter.model"
    file.write_bytes(packed(BUNDLED, Projection(np.zeros(BUNDLED.dim, np.float32), matrix), {}))
    made(colors, model="adapted", weights=file)
    state_file(WEIGHTS).unlink()  # as on another machine
    made(colors, model="adapted", weights=file)
    assert list(remembered(WEIGHTS).values()) == [str(file)]


def test_nothing_is_loaded_again_for_what_is_remembered(
    colors: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made(colors, weights=colors.parent / "image.onnx")

    def never(*_: object) -> None:
        raise AssertionError("a model was loaded")

    monkeypatch.setattr(models, "load", never)
    made(colors)
    made(colors, weights=colors.parent / "image.onnx")


@pytest.mark.parametrize("file", ["nofile.json", "tokenizer.json"])
def test_a_tokenizer_of_no_tower_is_refused(colors: Path, file: str) -> None:
    tokenizer = colors.parent / file
    with pytest.raises(ModelUnavailable, match=f"bundled has no use for {tokenizer}"):
        made(colors, tokenizer=tokenizer)
    assert not (colors / ".visualsearch").exists()
    made(colors)
    with pytest.raises(ModelUnavailable, match=f"bundled has no use for {tokenizer}"):
        made(colors, tokenizer=tokenizer)
    with pytest.raises(ModelUnavailable, match=f"bundled has no use for {tokenizer}"):
        made(colors, model=["bundled", "hog"], tokenizer=tokenizer)


def test_a_tokenizer_of_shorter_vectors_is_refused(colors: Path) -> None:
    made(colors, model="pixels", dim=2)
    made(colors, model="pixels", dim=2)
    with pytest.raises(ModelUnavailable, match="adapted has no use for"):
        made(colors, dim=2, tokenizer=colors.parent / "tokenizer.json")


def test_a_second_file_of_a_model_that_takes_one_is_refused(colors: Path) -> None:
    both = f"{colors.parent}/vits.safetensors,{colors.parent}/text.onnx"
    for name in ("open_clip:ViT-S-32-alt", "timm:resnet18", "sscd", "adapted"):
        with pytest.raises(ModelUnavailable, match=f"{name} has no use for {colors.parent}/text.onnx"):
            made(colors, model=name, weights=both)


def test_what_is_advised_where_an_index_has_another_model_works(colors: Path) -> None:
    made(colors)
    with pytest.raises(ModelMismatch) as caught:
        made(colors, model=ONNX, **towers(colors.parent))
    (advised,) = re.findall("`visualsearch (.+)`", str(caught.value))
    assert f"build a new index with --index DIR --model {ONNX} --weights" in str(caught.value)
    result = CliRunner().invoke(program(["index", "models"]), shlex.split(advised))
    assert result.exit_code == 0, result.output
    with open_index(colors) as index:
        assert first_of(index, "red") == "red"
