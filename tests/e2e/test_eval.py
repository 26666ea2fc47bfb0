"""`eval`: figures for folders as classes and for known copies, and what goes wrong."""

from __future__ import annotations

import shutil
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest

from tests.helpers.photographs import copy_of, cutting
from tests.helpers.places import SAMPLES
from tests.helpers.program import Program

TRUTH = SAMPLES / "truth.csv"
MEASURES = {"precision", "recall", "hit_rate", "mean_average_precision"}


@pytest.fixture
def classes(run: Program, photos: Path) -> Path:
    """~/classes with a subfolder for each of three photographs, and two copies of it."""
    folder = run.home / "classes"
    for name in ("coffee", "chelsea", "rocket"):
        copy_of(photos / f"{name}.jpg", folder / name / "a.jpg")
        copy_of(photos / f"{name}.jpg", folder / name / "deep" / "b.jpg", quality=40, scale=0.9)
        shutil.copy(photos / f"{name}.jpg", folder / name / "c.jpg")
    return folder


def test_folders_are_classes(run: Program, classes: Path) -> None:
    cutting(9).save(classes / "alone.png")
    result = run("eval", classes, "--by", "class", "-k", "2", "-k", "1", "-k", "2", "--json").json
    assert result["schema"] == "visualsearch/eval/1"
    assert (result["folder"], result["truth"], result["by"]) == (str(classes), None, "class")
    assert result["model"]["name"] == "bundled"
    assert (result["pictures"], result["contents"], result["queries"]) == (10, 10, 9)
    assert [at["k"] for at in result["at"]] == [1, 2]
    assert set(result["at"][0]) == {"k", *MEASURES}
    assert result["at"][1]["precision"] == result["at"][1]["recall"] == 1
    assert result["hit_at_1"] == result["mean_average_precision"] == result["micro_average_precision"] == 1
    assert result["at"][0]["recall"] == 0.5, "one of the two others"
    assert result["hnsw"]["at"] == [{"k": 1, "recall": 1}, {"k": 2, "recall": 1}]
    assert [(part["name"], part["queries"]) for part in result["parts"]] == [
        ("chelsea", 3),
        ("coffee", 3),
        ("rocket", 3),
    ]
    told = result["classification"]
    assert (told["k"], told["pictures"], told["accuracy"]) == (5, 9, 1)
    assert told["confusion"] == [[3, 0, 0], [0, 3, 0], [0, 0, 3]]
    assert [(its["name"], its["precision"], its["recall"]) for its in told["classes"]] == [
        ("chelsea", 1, 1),
        ("coffee", 1, 1),
        ("rocket", 1, 1),
    ]
    assert not list(run.home.rglob(".visualsearch"))


def test_a_set_like_tiny_imagenet(run: Program, photos: Path) -> None:
    """Its classes are folders of a folder `images` and a list of boxes each."""
    wordnet = {"coffee": "n07930864", "chelsea": "n02123045", "rocket": "n03773504"}
    for name, number_of_class in wordnet.items():
        of_class = run.home / "tiny-imagenet-200" / "train" / number_of_class
        for number, quality in enumerate((90, 40)):
            copy_of(
                photos / f"{name}.jpg",
                of_class / "images" / f"{of_class.name}_{number}.JPEG",
                quality=quality,
            )
        (of_class / f"{of_class.name}_boxes.txt").write_text("n_0.JPEG 0 0 62 62")
    result = run("eval", run.home / "tiny-imagenet-200" / "train", "--by", "class", "--json").json
    assert [part["name"] for part in result["parts"]] == sorted(wordnet.values()) and result["pictures"] == 6
    assert (result["queries"], result["hit_at_1"]) == (6, 1)


def test_a_table_for_people(run: Program, classes: Path) -> None:
    result = run("eval", classes, "--by", "class", "--confusion")
    lines = [line.split() for line in result.out.splitlines()]
    values = {line[0]: line[1] for line in lines if len(line) > 2 and line[1].startswith(("0.", "1."))}
    assert values["hit@1"] == values["hit@10"] == values["mAP"] == values["µAP"] == "1.0000"
    assert values["precision@10"] == "0.2000" and values["accuracy"] == "1.0000"
    assert ["coffee", "3", "1.0000", "1.0000", "1.0000"] in lines and ["coffee", "·", "3", "·"] in lines
    assert ["coffee", "3", "1.0000", "0.2000", "1.0000", "1.0000", "1.0000"] in lines
    assert "9 pictures, 9 of them" in result.out and result.err == ""
    shown = run.on_terminal("eval", classes, columns=60)
    assert max(map(len, shown.decode().splitlines())) < 200


def test_a_drawing_shows_what_the_tables_say(run: Program, classes: Path) -> None:
    (classes / "coffee").rename(classes / "<b>coffee")
    result = run("eval", classes, "--by", "class", "--plot", "figures.svg")
    assert "wrote figures.svg" in result.err
    drawing = ElementTree.parse(run.home / "figures.svg").getroot()
    texts = [element.text for element in drawing.iter("{http://www.w3.org/2000/svg}text")]
    for text in ("hit@1", "mAP, by class", "<b>coffee", "rocket", "1.0000"):
        assert text in texts
    titles = [element.text for element in drawing.iter("{http://www.w3.org/2000/svg}title")]
    assert "<b>coffee taken for <b>coffee: 3, 100 %" in titles
    assert run("eval", classes, "--plot", "figures.svg").err.count("wrote") == 1, "the same again"
    picture = classes / "rocket" / "a.jpg"
    before = picture.read_bytes()
    assert "left as it is" in run("eval", classes, "--plot", picture, code=2).err
    assert picture.read_bytes() == before


def test_known_copies(run: Program) -> None:
    result = run("eval", SAMPLES, "--truth", TRUTH, "--by", "relation", "--json", code=3)
    found = result.json
    assert (found["pictures"], found["contents"], found["queries"]) == (64, 62, 54)
    assert [Path(item["path"]).name for item in found["skipped"]] == ["bricks.jpg", "notes.jpg"]
    assert result.err.count("skipped ") == 2
    parts = {part["name"]: part for part in found["parts"]}
    assert parts["identical"]["hit_at_1"] == 1 and parts["identical"]["queries"] == 2
    assert not parts.keys() & {"burst", "damaged", "not_an_image"}
    assert sum(part["queries"] for part in found["parts"]) == 54
    assert found["hit_at_1"] > 0.8 and found["micro_average_precision"] > 0.7
    turned = run("eval", SAMPLES, "--truth", TRUTH, "--transforms", "all", "--json", code=3).json
    assert turned["hit_at_1"] >= found["hit_at_1"]
    assert turned["parts"] == [] and turned["transforms"] == "all"


def test_another_model_gives_other_figures(run: Program) -> None:
    arguments = ("eval", SAMPLES, "--truth", TRUTH, "--json")
    bundled, pixels = (run(*arguments, "--model", name, code=3).json for name in ("bundled", "pixels"))
    assert (bundled["model"]["name"], pixels["model"]["name"]) == ("bundled", "pixels")
    assert bundled["queries"] == pixels["queries"]
    assert bundled["mean_average_precision"] != pixels["mean_average_precision"]


def test_what_belongs_together_by_a_table(run: Program, classes: Path) -> None:
    (classes / "truth.csv").write_text(
        "\ufefffile,note,original\n"
        "coffee/a.jpg,,\n"
        'coffee/deep/b.jpg,"a note, with a comma",coffee/a.jpg\n'
        "coffee/c.jpg,a copy of the copy,coffee/deep/b.jpg\n"
        "rocket/a.jpg,,rocket/c.jpg\n",
        encoding="utf-8",
    )
    found = run("eval", classes, "--truth", "classes/truth.csv", "--json").json
    assert (found["pictures"], found["queries"], found["truth"]) == (9, 5, str(classes / "truth.csv"))
    result = run("eval", classes, "--truth", "classes/truth.csv", "--exclude", "c.jpg", "--json")
    assert (result.json["pictures"], result.json["queries"]) == (6, 2)
    assert "2 files of classes/truth.csv are left out" in result.err


@pytest.mark.parametrize(
    ("lines", "named"),
    [
        (["file,copy_of", "coffee/a.jpg,"], ["file, copy_of", "file and original"]),
        (["file;original"], ["file;original", "separated by commas"]),
        ([], ["(none)", "file and original"]),
        (["file,original", ",coffee/a.jpg"], ["line 2", "empty"]),
        (["file,original", "coffee/a.jpg,", "x.jpg,"], ["line 3: x.jpg is not in", "classes"]),
        (["file,original", "a.jpg,b.jpg"], ["line 2: a.jpg", "1 more"]),
        (["file,original", "coffee/a.jpg,"], ["none of the 9 pictures", "original"]),
        (
            ["file,original,relation", "coffee/a.jpg,coffee/c.jpg,burst"],
            ["none of the 9 pictures", "original"],
        ),
    ],
)
def test_a_table_that_does_not_fit(run: Program, classes: Path, lines: list[str], named: list[str]) -> None:
    (run.home / "truth.csv").write_text("".join(f"{line}\n" for line in lines))
    message = run("eval", classes, "--truth", "truth.csv", code=1).message
    assert message.startswith("truth.csv")
    assert all(text in message for text in named), message


def test_a_table_that_cannot_be_read(run: Program, classes: Path) -> None:
    message = run("eval", classes, "--truth", "nothing.csv", code=1).message
    assert message.startswith("nothing.csv cannot be read")
    (run.home / "truth.csv").write_bytes(b"file,original\n\0,\n")
    assert "truth.csv" in run("eval", classes, "--truth", "truth.csv", code=1).message
    (run.home / "truth.csv").write_text("file,original\ncoffee/a.jpg,coffee/c.jpg\n")
    message = run("eval", classes, "--truth", "truth.csv", "--by", "relation", code=1).message
    assert "truth.csv" in message and "--by" in message


def test_folders_without_labels(run: Program, classes: Path) -> None:
    for folder, named in (
        (classes / "coffee" / "deep", "no subfolder"),
        (classes / "coffee", "one subfolder with pictures, deep"),
    ):
        message = run("eval", folder, code=1).message
        assert message.startswith(f"{folder} has {named}")
        assert "--truth" in message
    message = run("eval", classes, "--exclude", "[bc].jpg", code=1).message
    assert "3 subfolders with one picture each" in message


def test_a_folder_that_is_none(run: Program, classes: Path) -> None:
    assert "check the path" in run("eval", "nothing", code=1).message
    assert "is a file" in run("eval", classes / "coffee" / "a.jpg", code=1).message
    (run.home / "empty").mkdir()
    assert "no images" in run("eval", "empty", code=1).message


@pytest.mark.parametrize(
    ("line", "named"),
    [
        ("eval", "FOLDER"),
        ("eval ''", "empty path"),
        ("eval classes -k 0", "-k"),
        ("eval classes --by relation", "--truth"),
        ("eval classes --by class --truth truth.csv", "--truth"),
        ("eval classes --by size", "size"),
    ],
)
def test_usage_mistakes(run: Program, line: str, named: str) -> None:
    result = run.shell(f"visualsearch {line}", code=2)
    assert named in result.message and result.out == ""


def test_pictures_that_cannot_be_read(run: Program, classes: Path) -> None:
    (classes / "coffee" / "broken.jpg").write_bytes(b"no picture")
    result = run("eval", classes, "--json", code=3)
    assert result.json["pictures"] == 9 and len(result.json["skipped"]) == 1
    assert f"skipped {classes}/coffee/broken.jpg: " in result.err
    for path in classes.rglob("*.jpg"):
        path.write_bytes(b"no picture")
    result = run("eval", classes, code=1)
    assert "of 10 pictures 0 could be read" in result.message


def test_a_model_that_does_not_exist(run: Program, classes: Path) -> None:
    assert "did you mean dct" in run("eval", classes, "--model", "dtc", code=1).message


def test_help_and_mistakes_load_nothing_heavy(run: Program) -> None:
    for line, code in (("eval --help", 0), ("eval nothing", 1), ("eval nothing --by relation", 2)):
        _, loaded = run.modules(*line.split(), code=code)
        assert not loaded & {"numpy", "torch", "PIL", "onnxruntime", "hnswlib", "sqlite3"}
