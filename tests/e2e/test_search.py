"""Search, by the installed program."""

from __future__ import annotations

from pathlib import Path

from tests.helpers.photographs import copy_of
from tests.helpers.program import Program

MODELS = {"onnxruntime", "torch", "open_clip", "PIL", "cv2"}


def test_an_index_without_words_says_so(run: Program, indexed: Path) -> None:
    result, loaded = run.modules("search", "a dog on a beach", code=12)
    assert result.message == (
        f"{indexed}/.visualsearch was built with bundled, which knows pictures and no words: build another "
        "index for words, with `visualsearch index PATH --index DIR --model clip`"
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
