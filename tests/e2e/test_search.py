"""Search, by the installed program."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.helpers.onnx_files import COLORS, SIDE, write_towers
from tests.helpers.photographs import copy_of
from tests.helpers.program import Program
from tests.helpers.stores import milvus_address

MODELS = {"onnxruntime", "torch", "open_clip", "PIL", "cv2"}


def test_an_index_without_words_says_so(run: Program, indexed: Path) -> None:
    result, loaded = run.modules("search", "a dog on a beach", code=12)
    assert result.message == (
        f"{indexed}/.visualsearch was built with bundled, which knows pictures and no words: add a model "
        f"that does, with `visualsearch index --index {indexed}/.visualsearch --model bundled --model clip`"
    )
    assert not loaded & MODELS


def test_pictures_alone_need_no_words(run: Program, indexed: Path) -> None:
    copy_of(indexed / "coffee.jpg", run.home / "x.jpg")
    (result,) = run("search", "--image", "x.jpg", "-k", "3", "--json").json["results"]
    assert result["query"] == f"+{run.home}/x.jpg"
    assert Path(result["neighbors"][0]["path"]).name == "coffee.jpg"
    result, loaded = run.modules("search", "--image", indexed / "coffee.jpg", "-k", "3", "--json")
    assert "coffee.jpg" not in [Path(row["path"]).name for row in result.json["results"][0]["neighbors"]]
    assert not loaded & MODELS, "what the index knows needs no model"


def test_without_an_index(run: Program) -> None:
    run("search", "dog", code=10)
    run("search", code=2)
    run("search", "dog", "--image", "", code=2)


def test_copies_are_one_row_of_a_query(run: Program, indexed: Path) -> None:
    (indexed / "again.jpg").write_bytes((indexed / "coffee.jpg").read_bytes())
    run("index", indexed)
    copy_of(indexed / "coffee.jpg", run.home / "x.jpg")
    (plain,) = run("query", "x.jpg", "-k", "3", "--json").json["results"]
    names = [Path(row["path"]).name for row in plain["neighbors"]]
    assert sorted(names[:2]) == ["again.jpg", "coffee.jpg"] and not any(
        row["copies"] for row in plain["neighbors"]
    )
    (thin,) = run("query", "x.jpg", "-k", "3", "--distinct", "--json").json["results"]
    first, *others = thin["neighbors"]
    assert sorted([Path(first["path"]).name, *(Path(path).name for path in first["copies"])]) == sorted(
        names[:2]
    )
    assert first["verdict"] == "same" and len(others) == 2
    (differing,) = run("query", "x.jpg", "-k", "3", "--diverse", "--json").json["results"]
    assert len(differing["neighbors"]) == 3


@pytest.fixture
def colors(run: Program) -> Path:
    """~/Colors with a noisy picture of each color, its copy, and two towers with their tokenizer."""
    pytest.importorskip("tokenizers", reason="needs the extra 'onnx'")
    folder = run.home / "Colors"
    folder.mkdir()
    random = np.random.default_rng(1)
    for name, color in COLORS.items():
        noise = random.integers(-40, 40, (SIDE, SIDE, 3))
        pixels = np.clip(np.array(color) * 0.8 + noise, 0, 255).astype(np.uint8)
        Image.fromarray(pixels).save(folder / f"{name}.png")
        (folder / f"{name} again.png").write_bytes((folder / f"{name}.png").read_bytes())
    write_towers(run.home)
    return folder


def test_shorter_vectors_know_no_words(run: Program, colors: Path) -> None:
    towers = ("--weights", "image.onnx,text.onnx", "--tokenizer", "tokenizer.json")
    made = run("index", colors, *towers, "--dim", "3")
    assert "`visualsearch search` needs all values" in made.err
    run.env["VISUALSEARCH_INDEX"] = str(colors)
    assert "knows pictures and no words" in run("search", "red", code=12).message
    run.env["XDG_STATE_HOME"] = str(run.home / "another")  # as on another machine
    copy_of(colors / "red.png", run.home / "x.png")
    assert "nobody said which file that is" in run("query", "x.png", code=1).message
    run("index", colors, *towers, "--dim", "3")
    (found,) = run("query", "x.png", "-k", "1", "--json").json["results"]
    assert first_word(found["neighbors"][0]["path"]) == "red"


def test_a_tower_that_is_not_there_takes_no_place_of_one_that_is(run: Program, colors: Path) -> None:
    run("index", colors, "--weights", "image.onnx,text.onnx", "--tokenizer", "tokenizer.json")
    for towers in (
        ("--weights", "image.onnx,gone.onnx", "--tokenizer", "tokenizer.json"),
        ("--weights", "image.onnx,text.onnx", "--tokenizer", "gone.json"),
    ):
        message = run("index", colors, "--index", "other", *towers, code=1).message
        assert "gone." in message and "is not there" in message
        assert not (run.home / "other").exists()
    run.env["VISUALSEARCH_INDEX"] = str(colors)
    (found,) = run("search", "red", "-k", "1", "--json").json["results"]
    assert first_word(found["neighbors"][0]["path"]) == "red"


def test_files_that_do_not_belong_together_take_no_place_of_others(run: Program, colors: Path) -> None:
    towers = ("--weights", "image.onnx,text.onnx", "--tokenizer", "tokenizer.json")
    run("index", colors, *towers)
    run.env["VISUALSEARCH_INDEX"] = str(colors)
    other = json.loads((run.home / "tokenizer.json").read_text())
    other["model"]["vocab"]["strange"] = 5000
    (run.home / "other.json").write_text(json.dumps(other))
    (run.home / "none.json").write_text("{}")
    (run.home / "short").mkdir()
    write_towers(run.home / "short", dim=8)
    for text, tokenizer, words in (
        ("image.onnx", "tokenizer.json", "expected token ids"),
        ("text.onnx", "none.json", "none.json is no tokenizer"),
        ("short/text.onnx", "tokenizer.json", "makes vectors of 8 values"),
        ("text.onnx", "other.json", "text.onnx cannot be run with what other.json makes"),
    ):
        wrong = ("--weights", f"image.onnx,{text}", "--tokenizer", tokenizer)
        assert words in run("index", colors, "--index", "other", *wrong, code=1).message
        assert not (run.home / "other").exists()
    assert "other.json" in run("search", "red", "--tokenizer", "other.json", code=1).message
    assert "other.json" in run("search", "strange", "--tokenizer", "other.json", code=1).message
    (found,) = run("search", "red", "-k", "1", "--json").json["results"]
    assert first_word(found["neighbors"][0]["path"]) == "red"


def test_another_model_than_that_of_the_index_is_said(run: Program, colors: Path) -> None:
    run("index", colors, "--weights", "image.onnx,text.onnx", "--tokenizer", "tokenizer.json")
    run.env["VISUALSEARCH_INDEX"] = str(colors)
    own = run("info", "--json").json["model"]["weights"][:19]
    for name in ("bundled", "clip", "sscd", "adapted"):
        message = run("search", "red", "--model", name, code=12).message
        assert f"was built with onnx ({own}" in message and message.count(own) == 1
        assert (
            f"not with {name if name != 'clip' else 'open_clip:ViT-B-32-256/datacomp_s34b_b86k'}" in message
        )
    assert "takes no weights" in run("search", "red", "--model", "bundled", "--weights", "x", code=1).message
    assert run("search", "red", "--model", "onnx", "-k", "1", "--format", "paths").out


def first_word(path: str) -> str:
    return Path(path).stem.split()[0]


def test_words_find_pictures_without_torch(run: Program, colors: Path) -> None:
    towers = ("--weights", "image.onnx,text.onnx", "--tokenizer", "tokenizer.json")
    assert "(onnx)" in run("index", colors, *towers).out
    run.env["VISUALSEARCH_INDEX"] = str(colors)
    run("search", "red", *towers)
    result, loaded = run.modules("search", "red", "--json")  # the files are known by now
    (found,) = result.json["results"]
    assert first_word(found["neighbors"][0]["path"]) == "red"
    assert [len(row["copies"]) for row in found["neighbors"]] == [1] * len(COLORS)
    assert not loaded & {"torch", "open_clip", "cv2", "hnswlib"}
    mixed = run("search", "red", "blue", "-green", "--format", "paths", "-k", "1").out
    assert first_word(mixed.strip()) in ("red", "blue")
    lines = run("search", "-", "--format", "jsonl", "-k", "1", stdin=b"white\nblue\n").jsonl
    assert [first_word(line["neighbors"][0]["path"]) for line in lines] == ["white", "blue"]
    beside = run("search", "blue", "--image", colors / "red.png", "--format", "paths", "-k", "1").out
    assert first_word(beside.strip()) == "blue", "the picture that was asked for is no answer"


def test_words_ask_a_store_as_they_ask_an_index(run: Program, colors: Path) -> None:
    store = milvus_address(run.home)
    towers = ("--weights", "image.onnx,text.onnx", "--tokenizer", "tokenizer.json")
    run("index", colors, *towers, "--store", store)
    run.env["VISUALSEARCH_INDEX"] = str(colors)
    for asked in (("red",), ("red", "blue", "-green"), ("blue", "--image", colors / "red.png")):
        here = run("search", *asked, "-k", "3", "--json").json["results"]
        there = run("search", *asked, "-k", "3", "--store", store, "--json").json["results"]
        assert there == here and len(here[0]["neighbors"]) == 3


def test_towers_that_are_not_there_or_do_not_fit(run: Program, colors: Path) -> None:
    run("index", colors, "--weights", "image.onnx")
    run.env["VISUALSEARCH_INDEX"] = str(colors)
    assert "nobody said which text tower" in run("search", "red", code=1).message
    write_towers(run.home, dim=8)
    towers = ("--weights", "image.onnx,text.onnx", "--tokenizer", "tokenizer.json")
    assert "vectors of 16 values" in run("search", "red", *towers, code=12).message
    (run.home / "image.onnx").write_bytes(b"")
    assert "was built with onnx" in run("search", "red", *towers, code=12).message
    (run.home / "image.onnx").unlink()
    assert "pass --weights FILE" in run("search", "red", code=1).message
