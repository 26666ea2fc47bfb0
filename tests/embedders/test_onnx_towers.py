from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from tests.contracts.embedder import EmbedderContract, embed
from tests.contracts.text_tower import TextTowerContract
from tests.helpers.images import scene
from tests.helpers.onnx_files import (
    COLORS,
    DIM,
    FLOAT,
    SIDE,
    model,
    node,
    plain,
    projection,
    vector_of,
    write_towers,
)
from visualsearch_cli.embedders.embedder import Embedder, TextTower
from visualsearch_cli.embedders.onnx_towers import check_text
from visualsearch_cli.embedders.preparation import CONFIG, preparation_beside
from visualsearch_cli.embedders.registry import ModelRequest, identity, load, load_text
from visualsearch_cli.errors import ModelUnavailable

TOKENIZERS = "needs the extra 'onnx'"


def unit(vector: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    found: npt.NDArray[np.float32] = vector / np.linalg.norm(vector)
    return found


class TestOnnxImages(EmbedderContract):
    @pytest.fixture(params=["n", 1, 5])
    def embedder(self, request: pytest.FixtureRequest, tmp_path: Path) -> Embedder:
        write_towers(tmp_path, rows=request.param)
        return load(ModelRequest("onnx", tmp_path / "image.onnx"))

    def test_values(self, embedder: Embedder) -> None:
        image = scene(SIDE, SIDE)
        np.testing.assert_allclose(embed(embedder, image)[0], unit(vector_of(image)), atol=1e-5)
        assert embedder.input_side == SIDE


class TestOnnxText(TextTowerContract):
    @pytest.fixture(params=[("n", False), (1, True), (5, False)])
    def tower(self, request: pytest.FixtureRequest, tmp_path: Path) -> TextTower:
        pytest.importorskip("tokenizers", reason=TOKENIZERS)
        rows, mask = request.param
        write_towers(tmp_path, rows=rows, mask=mask)
        image, text, tokenizer = (tmp_path / name for name in ("image.onnx", "text.onnx", "tokenizer.json"))
        return load_text(ModelRequest("onnx", image, "auto", text, tokenizer))

    def test_other_words_have_another_vector(self, tower: TextTower) -> None:
        one, other = tower.embed_texts(["red", "blue"])
        assert one @ other < 0.99

    def test_values(self, tower: TextTower) -> None:
        red = vector_of(plain(COLORS["red"]))
        np.testing.assert_allclose(tower.embed_texts(["RED"])[0], unit(red), atol=1e-5)


def test_how_pictures_are_prepared_is_part_of_the_identity(tmp_path: Path) -> None:
    (tmp_path / "onnx").mkdir()
    write_towers(tmp_path / "onnx")
    asked = ModelRequest("onnx", tmp_path / "onnx" / "image.onnx")
    assert identity(asked).preprocessing == "onnx-squash/1"
    image = scene(SIDE, SIDE)
    usual = embed(load(asked), image)[0]
    half = {"image_mean": [0.5] * 3, "image_std": [0.25] * 3, "resample": 2}
    (tmp_path / CONFIG).write_text(json.dumps(half))
    assert preparation_beside(tmp_path / "onnx" / "image.onnx").resample == 2
    assert identity(asked).preprocessing == "onnx-squash/1 0.5,0.5,0.5,0.25,0.25,0.25 filter 2"
    assert identity(asked).matches(load(asked).spec)
    assert embed(load(asked), image)[0] @ usual < 0.9999
    for wrong in ("{", "[]", json.dumps({**half, "image_std": [0, 1, 1]}), json.dumps({"image_mean": [1]})):
        (tmp_path / CONFIG).write_text(wrong)
        with pytest.raises(ModelUnavailable, match="does not say how pictures are prepared"):
            identity(asked)


def test_files_that_are_no_towers(tmp_path: Path) -> None:
    write_towers(tmp_path)
    image, text = tmp_path / "image.onnx", tmp_path / "text.onnx"
    (tmp_path / "cut.onnx").write_bytes(image.read_bytes()[:1000])
    for weights, words in (
        (tmp_path / "cut.onnx", r"cut\.onnx cannot be run"),
        (tmp_path / "gone.onnx", r"gone\.onnx"),
        (text, r"text\.onnx takes ids .* expected one input of pictures"),
        (None, r"pass --weights image\.onnx,text\.onnx"),
    ):
        with pytest.raises(ModelUnavailable, match=words) as caught:
            load(ModelRequest("onnx", weights))
        assert "\n" not in str(caught.value)


def test_files_that_are_no_text_towers(tmp_path: Path) -> None:
    pytest.importorskip("tokenizers", reason=TOKENIZERS)
    write_towers(tmp_path)
    image, text, tokenizer = (tmp_path / name for name in ("image.onnx", "text.onnx", "tokenizer.json"))
    for towers, words in (
        ((image, tokenizer), r"image\.onnx takes x .* expected token ids"),
        ((text, image), r"image\.onnx is no tokenizer"),
        ((text, None), "nobody said which text tower"),
        ((None, None), "nobody said which text tower"),
    ):
        with pytest.raises(ModelUnavailable, match=words) as caught:
            load_text(ModelRequest("onnx", image, "auto", *towers))
        assert "\n" not in str(caught.value)


def write_tokenizer(path: Path, **ids: int) -> Path:
    """Write the tokenizer of the small towers, with more words than they know."""
    write_towers(path.parent)
    document = json.loads((path.parent / "tokenizer.json").read_text())
    document["model"]["vocab"] |= ids
    path.write_text(json.dumps(document))
    return path


def test_a_tokenizer_of_another_model_is_said_with_its_tower(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("tokenizers", reason=TOKENIZERS)
    other = write_tokenizer(tmp_path / "other.json", strange=5000)
    tower = load_text(ModelRequest("onnx", tmp_path / "image.onnx", "auto", tmp_path / "text.onnx", other))
    assert tower.embed_texts(["red"]).shape == (1, DIM)
    with pytest.raises(ModelUnavailable, match=r"text\.onnx cannot be run with what .*other\.json") as caught:
        tower.embed_texts(["strange"])
    assert "\n" not in str(caught.value) and "--tokenizer tokenizer.json" in str(caught.value)
    assert capfd.readouterr().err == "", "onnxruntime writes nothing by itself"


def test_files_for_words_are_tried_beside_the_image_tower(tmp_path: Path) -> None:
    pytest.importorskip("tokenizers", reason=TOKENIZERS)
    image, text, tokenizer = (tmp_path / name for name in ("image.onnx", "text.onnx", "tokenizer.json"))
    other = write_tokenizer(tmp_path / "other.json", strange=5000)
    none = tmp_path / "none.json"
    none.write_text("{}")
    short = tmp_path / "short"
    short.mkdir()
    write_towers(short, dim=8)
    fitting: list[tuple[Path | None, Path | None]]
    fitting = [(text, tokenizer), (text, None), (None, tokenizer), (None, None)]
    for named in fitting:
        check_text(*named, image, DIM)
    unfit: list[tuple[tuple[Path | None, Path | None], str]] = [
        ((image, tokenizer), "expected token ids"),
        ((image, None), "expected token ids"),
        ((text, none), r"none\.json is no tokenizer"),
        ((None, none), r"none\.json is no tokenizer"),
        ((text, other), r"text\.onnx cannot be run with what .*other\.json"),
        ((short / "text.onnx", tokenizer), "makes vectors of 8 values, and .*image.onnx some of 16"),
        ((short / "text.onnx", None), "makes vectors of 8 values"),
    ]
    for files, words in unfit:
        with pytest.raises(ModelUnavailable, match=words):
            check_text(*files, image, DIM)


def test_a_tower_that_fails_while_it_runs_is_said(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    picture: list[tuple[str, int, Sequence[int | str]]] = [("x", FLOAT, ("n", 3, SIDE, "w"))]
    nodes = [node("Flatten", ["x"], ["flat"], axis=1), node("MatMul", ["flat", "w"], ["image_embeds"])]
    image = tmp_path / "image.onnx"
    image.write_bytes(model(nodes, {"w": projection()}, picture, ("image_embeds", ("n", DIM))))
    with pytest.raises(ModelUnavailable, match=r"image\.onnx cannot be run with pictures of 224 × 32 pixels"):
        load(ModelRequest("onnx", image))
    assert capfd.readouterr().err == ""
