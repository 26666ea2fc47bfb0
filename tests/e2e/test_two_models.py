"""One index with two models, one for copies and one for words, by the installed program."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.helpers.older import make_older
from tests.helpers.onnx_files import write_towers
from tests.helpers.photographs import change_index, copy_of, wait_until, write_cuttings
from tests.helpers.program import Program
from tests.helpers.user_folders import give_folders
from visualsearch_cli.errors import ModelMismatch
from visualsearch_cli.index.sqlite.migrations import FORMAT_VERSION
from visualsearch_cli.library import open_index

WEIGHTS = ("--weights", "image.onnx,text.onnx", "--tokenizer", "tokenizer.json")
TWO = ("--model", "bundled", "--model", "onnx", *WEIGHTS)
PICTURES = 10  # of the album
MODELS = {"onnxruntime", "torch", "PIL"}


@pytest.fixture(autouse=True)
def towers(run: Program) -> None:
    """Two small towers in the home folder, with the tokenizer of their texts."""
    pytest.importorskip("tokenizers", reason="needs the extra 'onnx'")
    write_towers(run.home)


def lacking(run: Program) -> int:
    """Return how many contents have no vector of the second model."""
    found: int = run("info", "--json").json["second_model"]["contents_without"]
    return found


def test_one_index_finds_copies_and_words(run: Program, photos: Path) -> None:
    report = run("index", photos, *TWO, "--json").json
    assert (report["embedded"], report["model"]) == (PICTURES, "bundled")
    assert report["second_model"] == {"name": "onnx", "added": 0}, "none was looked at twice"
    known = run("info", "--json").json
    assert (known["model"]["name"], known["vectors"]) == ("bundled", PICTURES)
    second = known["second_model"]
    assert (second["name"], second["vectors"], second["contents_without"]) == ("onnx", PICTURES, 0)
    assert "onnx, 16 values" in run("info").out and f"{FORMAT_VERSION}" == str(known["format_version"])

    copy_of(photos / "coffee.jpg", run.home / "x.jpg")
    asked = run("query", "x.jpg", "-k", "1", "--json").json
    (found,) = asked["results"][0]["neighbors"]
    assert (asked["model"], Path(found["path"]).name, found["verdict"]) == ("bundled", "coffee.jpg", "same")
    assert run("query", "x.jpg", "--model", "onnx", "--json").json["model"] == "onnx"
    words = run("search", "red", "-k", "3", "--json").json
    assert words["model"] == "onnx" and len(words["results"][0]["neighbors"]) == 3
    assert run("search", "--image", "x.jpg", "--model", "bundled", "--json").json["model"] == "bundled"
    known_one, loaded = run.modules("search", "--image", photos / "coffee.jpg", "--json")
    assert known_one.json["model"] == "onnx" and not loaded & MODELS

    for name, label in (("coffee", "cup"), ("chelsea", "cat")):
        run("label", photos / f"{name}.jpg", label)
    near = [run("match", "x.jpg", "--max-distance", "2", *more).out for more in ((), ("--model", "onnx"))]
    other = run("match", "x.jpg", "--max-distance", "2", "--model", "bundled").out
    assert near[0] == near[1] != other, "labels are those of the model for words"
    (photos / "again.jpg").write_bytes((photos / "coffee.jpg").read_bytes())
    copy_of(photos / "coffee.jpg", photos / "small.jpg")
    assert run("index", "--json").json["embedded"] == 1
    groups = run("dupes", "--json").json
    assert groups["model"] == "bundled" and len(groups["groups"]) == 1
    assert lacking(run) == 0
    assert run("check").out.endswith("nothing wrong\n")


def test_a_second_model_is_added_to_an_index(run: Program, indexed: Path) -> None:
    with closing(sqlite3.connect(indexed / ".visualsearch" / "catalog.sqlite")) as connection:
        make_older(connection, FORMAT_VERSION - 1)
        connection.commit()
    assert run("info", "--json").json["second_model"] is None
    assert "--model bundled --model clip" in run("search", "red", code=12).message
    gone = indexed / "coffee.jpg"
    bytes_of_gone = gone.read_bytes()
    gone.unlink()
    changed = run("index", *TWO)
    assert "has two models from now on: bundled and onnx" in changed.err
    assert f"{PICTURES - 1} known now have a vector of the second model" in changed.out
    assert "missing pictures without a vector of the second model: 1" in changed.err
    assert run("search", "red", "--json").json["model"] == "onnx"
    gone.write_bytes(bytes_of_gone)
    assert run("index", "--json").json["second_model"] == {"name": "onnx", "added": 1}
    copy_of(gone, indexed / "small.jpg")
    run("index", "--model", "bundled")
    assert lacking(run) == 1, "the first model alone was asked for"
    assert run("index", "--model", "onnx", "--json").json["second_model"]["added"] == 1
    assert lacking(run) == 0


def test_what_cannot_be_one_index(run: Program, photos: Path) -> None:
    (run.home / "weights").write_bytes(b"weights")
    three = ("--model", "bundled", "--model", "dct", "--model", "hog")
    assert "at most 2" in run("index", photos, *three, code=2).message
    assert "was named twice" in run("index", photos, "--model", "dct", "--model", "dct", code=2).message
    files = ("--weights", "weights", "--weights", "image.onnx")
    assert "2 files for one model" in run("index", photos, "--model", "onnx", *files, code=2).message
    assert (
        "2 files for bundled and onnx"
        in run("index", photos, "--model", "bundled", "--model", "onnx", *files, code=2).message
    )
    assert (
        "1 file for bundled and dct"
        in run(
            "index", photos, "--model", "bundled", "--model", "dct", "--weights", "weights", code=2
        ).message
    )
    needs = run("index", photos, "--model", "bundled", "--model", "onnx", code=2).message
    assert "0 files for bundled and onnx" in needs
    assert not (photos / ".visualsearch").exists(), "nothing was left behind"
    run("index", photos, *TWO)
    other = run("index", "--model", "dct", "--model", "hog", code=12).message
    assert "was built with bundled" in other and "onnx" in other and "dct and hog were asked for" in other
    assert "not with dct" in run("query", photos / "coffee.jpg", "--model", "dct", code=12).message
    run("index", photos, "--index", "one")
    one = run("index", photos, "--index", "one", "--model", "hog", code=12).message
    assert "--model bundled --model hog`" in one
    copy_of(photos / "coffee.jpg", run.home / "x.jpg")
    assert "leave --model out" in run("search", "red", "--model", "bundled", code=12).message
    (run.home / "image.onnx").unlink()
    assert "pass --weights FILE" in run("search", "--image", "x.jpg", code=1).message
    run("query", "x.jpg", "-k", "1")
    copy_of(photos / "coffee.jpg", photos / "small.jpg")
    assert "pass --weights FILE" in run("index", code=1).message
    run("index", "--model", "bundled")


def test_another_index_of_two_is_taken_in(run: Program, photos: Path) -> None:
    run("index", photos, *TWO, "--thorough")
    known = run("info", "--json").json
    assert known["regions"]["contents_without"] == 0
    run("index", "--from", photos, "--index", "taken")
    taken = run("info", "--index", "taken", "--json").json
    assert taken["second_model"]["vectors"] == PICTURES and taken["regions"]["vectors"] == 5 * PICTURES
    assert run("search", "red", "--index", "taken", "--json").json["model"] == "onnx"
    run("embed", photos, "-o", "x.npz")
    of_one = run("index", "--from", "x.npz", "--index", "one")
    assert "second" not in of_one.err
    run("index", photos, "--index", "two", *TWO, "--exclude", "c*.jpg")
    filled = run("index", "--from", "one", "--index", "two", "--no-exclude")
    assert "pictures without a vector of onnx" in filled.err
    run("index", "--index", "two")
    assert run("info", "--index", "two", "--json").json["second_model"]["contents_without"] == 0
    for index in ("taken", "two"):
        assert run("check", "--index", index).out.endswith("nothing wrong\n")


def test_check_and_prune_see_the_second_model(run: Program, photos: Path) -> None:
    run("index", photos, *TWO)
    index = photos / ".visualsearch"
    change_index(index, "UPDATE second_embeddings SET crc32 = crc32 + 1 WHERE id = 3")
    assert "of the second model vector 3 does not match" in run("check", code=13).err
    change_index(index, "UPDATE second_embeddings SET crc32 = crc32 - 1 WHERE id = 3")
    with closing(sqlite3.connect(index / "catalog.sqlite")) as connection:
        (graph,) = connection.execute("SELECT value FROM manifest WHERE key = 'second_graph'").fetchone()
    name = graph.partition('"name": "')[2].partition('"')[0]
    (index / name).write_bytes(b"damaged")
    assert name in run("check", code=13).err
    run("check", "--repair")
    assert run("check").out.endswith("nothing wrong\n")
    (photos / "coffee.jpg").unlink()
    run("index")
    run("prune", "--yes")
    assert run("info", "--json").json["second_model"]["vectors"] == PICTURES - 1


def test_killed_while_it_makes_both(run: Program) -> None:
    photos = run.home / "Many"
    write_cuttings(photos, 120)
    index = run.home / "index"
    run.env["VISUALSEARCH_INDEX"] = str(index)

    def stored(table: str) -> int:
        try:
            with closing(sqlite3.connect(f"file:{index / 'catalog.sqlite'}?mode=ro", uri=True)) as connection:
                return int(connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0])
        except sqlite3.Error:
            return 0

    with run.started("index", photos, *TWO) as process:
        wait_until(lambda: stored("embeddings") > 0 or process.poll() is not None)
        process.kill()
        process.communicate()
    assert stored("embeddings") == stored("second_embeddings") > 0, "a content has both, or it is not there"
    report = run("index", photos, *TWO, "--json").json
    assert report["images"] == 120 and report["second_model"]["added"] == 0
    assert stored("embeddings") == stored("second_embeddings") == 120
    assert run("check").out.endswith("nothing wrong\n")


def test_a_program_and_an_index_of_one_model_beside_it(
    run: Program, photos: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    give_folders(run.home, monkeypatch)
    towers, tokenizer = f"{run.home}/image.onnx,{run.home}/text.onnx", run.home / "tokenizer.json"
    models, weights = ["onnx", "bundled"], [towers, None]
    with open_index(photos, create=True, model=models, weights=weights, tokenizer=tokenizer) as index:
        assert index.add(photos).embedded == PICTURES and index.model == "bundled"
        copy_of(photos / "coffee.jpg", run.home / "x.jpg")
        (match,) = index.query(run.home / "x.jpg", k=1).matches
        assert match.image.path.name == "coffee.jpg" and match.verdict is not None
        by_words = index.search("red", k=PICTURES).matches
        index.label(photos / "coffee.jpg", "cup")
        (matched,) = index.match(run.home / "x.jpg", max_distance=2)
    towers_again = {"model": "onnx", "weights": towers, "tokenizer": tokenizer}
    with open_index(photos, **towers_again) as index:  # type: ignore[arg-type]
        assert index.model == "onnx"
        assert index.search("red", k=PICTURES).matches == by_words
        assert index.match(run.home / "x.jpg", max_distance=2) == (matched,)
        (near,) = index.query(run.home / "x.jpg", k=1, verify="none").matches
        assert near.distance == pytest.approx(matched.distance, abs=1e-6)
    with pytest.raises(ModelMismatch, match="not with dct"):
        open_index(photos, model="dct")
    with pytest.raises(ValueError, match="2 files of weights for 1 models"):
        open_index(photos, model="onnx", weights=[towers, None])

    (run.home / "One").mkdir()
    copy_of(photos / "rocket.jpg", run.home / "One" / "rocket.jpg")
    run("index", "One", "--index", "one")
    both = ("--index", photos, "--index", "one")
    asked = run("query", photos / "rocket.jpg", "-k", "1", "--json", *both).json
    assert asked["model"] == "bundled" and "One" in asked["results"][0]["neighbors"][0]["path"]
    assert "was built with" in run("query", "x.jpg", *WEIGHTS[:2], *both, code=12).message
    groups = run("dupes", "--json", *both).json["groups"]
    assert [len(group["members"]) for group in groups] == [2]
    adapted = run(
        "adapt", "short.model", "--pca", "--dim", "4", "--into", "short", "--json", "--index", photos
    )
    assert adapted.json["model"].startswith("adapted") and adapted.json["pictures"] == PICTURES
    assert run("info", "--index", "short", "--json").json["model"]["dim"] == 4
    of_first = ("--model", "bundled", "--index", photos)
    assert run("adapt", "b.model", "--pca", "--dim", "9", *of_first, "--json").json["dim"] == 9
    run("map", "map.svg", "--model", "onnx", "--index", photos)


def test_a_name_that_is_none_is_said_before_files_are_counted(run: Program, photos: Path) -> None:
    named = run("index", photos, "--model", "bundled", "--model", "NoSuch", code=1).message
    assert "there is no model 'NoSuch'" in named
    named = run("index", photos, "--model", "bundled", "--model", "open_clip:NoSuch", code=1).message
    assert "open_clip:NoSuch" in named and "--weights names" not in named
    if find_spec("open_clip"):
        assert "open_clip has no architecture NoSuch" in named
        near = run("index", photos, "--model", "open_clip:ViT-B-23", code=1).message
        assert "did you mean ViT-B-32" in near
    assert not (photos / ".visualsearch").exists()
