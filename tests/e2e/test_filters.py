"""Filters, labels and the label that fits, by the installed program."""

from __future__ import annotations

import json
import os
import shutil
import sys
from pathlib import Path

import pytest
from PIL import ExifTags, Image

from tests.helpers.photographs import NAMES, copy_of, originals
from tests.helpers.program import Program

SHOTS = {
    "coffee": ("2018:12:31 23:59:59", "Canon", "Canon EOS 5D", (48.1, 11.6)),
    "rocket": ("2019:07:03 09:46:12", "NIKON CORPORATION", "NIKON D90", (52.5, 13.4)),
    "china": ("2019:07:04 10:00:00", "Apple", "iPhone 12", None),
    "flower": ("", "Canon", "Canon PowerShot", (48.2, 11.5)),
}


@pytest.fixture
def shots(run: Program) -> Path:
    """~/Photos with photographs, four of which say when, where and by what they were taken."""
    folder = run.home / "Photos"
    (folder / "trip").mkdir(parents=True)
    for name, picture in zip(NAMES, originals(), strict=True):
        exif = Image.Exif()
        if name in SHOTS:
            date, make, model, place = SHOTS[name]
            exif[ExifTags.Base.Make], exif[ExifTags.Base.Model] = make, model
            if date:
                exif.get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.DateTimeOriginal] = date
            if place:
                gps = exif.get_ifd(ExifTags.IFD.GPSInfo)
                gps[ExifTags.GPS.GPSLatitudeRef], gps[ExifTags.GPS.GPSLatitude] = "N", (place[0], 0.0, 0.0)
                gps[ExifTags.GPS.GPSLongitudeRef], gps[ExifTags.GPS.GPSLongitude] = "E", (place[1], 0.0, 0.0)
        where = folder / "trip" if name in ("rocket", "china") else folder
        suffix = "png" if name == "ihc" else "jpg"
        picture.save(where / f"{name}.{suffix}", exif=exif)
    copy_of(folder / "coffee.jpg", run.home / "x.jpg")
    run("index", folder)
    run.env["VISUALSEARCH_INDEX"] = str(folder)
    return folder


def names(run: Program, *options: str | Path) -> set[str]:
    found = run("query", "x.jpg", "-k", "20", "--no-verify", "--json", *options).json["results"][0][
        "neighbors"
    ]
    return {Path(row["path"]).stem for row in found}


@pytest.mark.usefixtures("shots")
def test_filters(run: Program) -> None:
    for options, expected in (
        (["--after", "2019"], {"rocket", "china"}),
        (["--before", "2019-07-04"], {"coffee", "rocket"}),
        (["--after", "2019-07-03", "--before", "2019-07-03T12"], {"rocket"}),
        (["--camera", "canon"], {"coffee", "flower"}),
        (["--camera", "nikon d90", "--camera", "apple iphone"], {"rocket", "china"}),
        (["--camera", "canon", "--after", "2000"], {"coffee"}),
        (["--type", "png"], {"ihc"}),
        (["--gps-near", "48.137,11.575,20"], {"coffee", "flower"}),
        (["--gps-near", "48.137,11.575,20", "--within", "Photos/trip"], set()),
        (["--within", "Photos/trip"], {"rocket", "china"}),
        (["--min-width", "1000"], set()),
        (["--larger-than", "1G"], set()),
        (["--larger-than", "1", "--min-width", "1"], set(NAMES)),
    ):
        assert names(run, *options) == expected, options
    found = run("search", "--image", "x.jpg", "--camera", "canon", "--json").json["results"][0]["neighbors"]
    assert {Path(row["path"]).stem for row in found} == {"coffee", "flower"}
    nothing = run("query", "x.jpg", "--type", "heic", "--exit-code", code=4)
    assert "nothing in the index passes the filter" in nothing.out


@pytest.mark.usefixtures("shots")
def test_filters_that_cannot_be_meant(run: Program) -> None:
    for options, words in (
        (["--after", "yesterday"], "2019-07-03"),
        (["--gps-near", "here"], "latitude, longitude and kilometers"),
        (["--gps-near", "99,0,1"], "is no place"),
        (["--larger-than", "big"], "not a size"),
        (["--camera", ""], "empty text"),
        (["--type", "jpge"], "'jpge' is no format of pictures: expected one of avif, bmp,"),
    ):
        assert words in run("query", "x.jpg", *options, code=2).message
    assert (
        "no picture has the label 'cat' (known: none)"
        in run("query", "x.jpg", "--label", "cat", code=1).message
    )


def test_labels_and_what_fits(run: Program, shots: Path) -> None:
    assert "no picture in" in run("match", "x.jpg", code=1).message
    assert run("label", "--list").out == "no picture has a label\n"
    assert run("label", "Photos/coffee.jpg", "cup").out == "1 label given to 1 distinct picture\n"
    table = run.home / "names.csv"
    table.write_text("file,label\nPhotos/coffee.jpg,brown\nPhotos/trip/rocket.jpg,rocket\n")
    assert run("label", "--csv", table).out == "2 labels given to 2 distinct pictures\n"
    assert run("label", "--folders", "Photos").out == "2 labels given to 2 distinct pictures\n"
    listed = run("label", "--list", "--json").json["labels"]
    assert {row["label"]: row["pictures"] for row in listed} == {"brown": 1, "cup": 1, "rocket": 1, "trip": 2}
    assert names(run, "--label", "cup") == {"coffee"}
    assert names(run, "--label", "trip", "--label", "cup") == {"coffee", "rocket", "china"}
    assert names(run, "--label", "trip", "--after", "2019-07-04") == {"china"}
    assert "known: brown, cup, rocket, trip" in run("query", "x.jpg", "--label", "cat", code=1).message

    shutil.move(shots / "coffee.jpg", shots / "trip" / "moved.jpg")
    run("index", shots)
    assert names(run, "--label", "cup") == {"moved"}, "a label belongs to what is in the file"

    run("label", "--forget", "trip")
    run("label", "--forget", "trip", code=1)
    run("label", "Photos/trip/moved.jpg", "brown", "--remove")
    result, loaded = run.modules("match", "x.jpg", "--json")
    (found,) = result.json["results"]
    assert (found["label"], result.json["calibrated"]) == ("cup", None)
    assert found["distance"] < result.json["max_distance"] and found["support"] == 1
    assert not loaded & {"cv2", "torch", "hnswlib"}
    (run.home / "broken.jpg").write_text("no picture")
    told = run("match", "x.jpg", "Photos/flower.jpg", "broken.jpg", code=3)
    assert told.out.splitlines()[0].startswith("x.jpg: cup  (0.0")
    assert told.out.splitlines()[1].startswith("Photos/flower.jpg: none  (")
    run("match", "Photos/flower.jpg", "--exit-code", code=4)


def test_a_copy_has_the_label_of_its_bytes(run: Program, shots: Path) -> None:
    run("label", "Photos/coffee.jpg", "cup")
    shutil.copy(shots / "coffee.jpg", run.home / "copy.jpg")
    shutil.copy(shots / "coffee.jpg", shots / "trip" / "again.jpg")
    run("index", shots)
    document = run("match", "copy.jpg", shots / "coffee.jpg", shots / "trip" / "again.jpg", "--json").json
    assert [(row["label"], row["distance"]) for row in document["results"]] == [("cup", 0.0)] * 3
    assert run("match", "copy.jpg").out == "copy.jpg: cup  (0.0000, 100% of the votes)\n"


def test_labels_of_what_was_pruned_are_said(run: Program, shots: Path) -> None:
    run("label", "Photos/coffee.jpg", "Photos/flower.jpg", "still")
    (shots / "coffee.jpg").unlink()
    run("index", shots)
    run("prune")
    assert "not compared with 1 picture with a label" in run("match", "x.jpg").err
    (shots / "flower.jpg").unlink()
    run("index", shots)
    run("prune")
    assert run("label", "--list").out == "still  2 pictures\n"
    assert "knows labels of 2 pictures, and none of these" in run("match", "x.jpg", code=1).message


@pytest.mark.usefixtures("shots")
def test_labelling_says_what_it_did_as_json(run: Program) -> None:
    (run.home / "broken.jpg").write_text("no picture")
    given = run("label", "Photos/coffee.jpg", "gone.jpg", "cup", "--json", code=3).json
    (skipped,) = given.pop("skipped")
    assert Path(skipped["path"]).name == "gone.jpg" and skipped["reason"]
    assert Path(given.pop("index")).name == ".visualsearch"
    counts = {"labels": 1, "pictures": 1, "not_in_index": 0}
    assert given == {"schema": "visualsearch/label/1", "action": "give", **counts}
    assert run("label", "Photos/coffee.jpg", "cup", "--remove", "--json").json["action"] == "remove"
    assert run("label", "--folders", "Photos", "--json").json["labels"] == 2
    (run.home / "names.csv").write_text("file,label\nx.jpg,brown\n")
    assert run("label", "--csv", "names.csv", "--json").json["not_in_index"] == 1
    forgotten = run("label", "--forget", "trip", "--json").json
    assert (forgotten["action"], forgotten["pictures"], forgotten["skipped"]) == ("forget", 2, [])


@pytest.mark.usefixtures("shots")
def test_what_cannot_be_a_label_is_said(run: Program) -> None:
    message = run("label", "Photos/coffee.jpg", "Photos/flower.jpg", code=2).message
    assert "'Photos/flower.jpg' is a file, and no label is behind the pictures" in message
    assert "no subfolder with pictures in it" in run("label", "--folders", "Photos/trip", code=1).message
    assert run("label", "--list").out == "no picture has a label\n"
    message = run("query", "x.jpg", "--after", "2020", "--before", "2010", code=2).message
    assert "nothing is both after 2020 and before 2010" in message


@pytest.mark.skipif(sys.platform in ("darwin", "win32"), reason="names are texts there")
def test_bytes_of_another_encoding_are_no_label(run: Program, shots: Path) -> None:
    for arguments in (
        ("label", "Photos/coffee.jpg", b"caf\xe9"),
        ("label", "--forget", b"caf\xe9"),
        ("query", "x.jpg", "--label", b"caf\xe9"),
        ("query", "x.jpg", "--camera", b"caf\xe9"),
        ("search", b"caf\xe9"),
        ("search", "x", "--without", b"caf\xe9"),
        ("search", "x", "--template", b"caf\xe9 {}"),
    ):
        message = run(*arguments, code=2).message
        assert r"caf\xe9" in message and "is not UTF-8" in message
    (run.home / "names.csv").write_bytes(b"file,label\nx.jpg,caf\xe9\n")
    message = run("label", "--csv", "names.csv", code=1).message
    assert r"names.csv, line 2: the label 'caf\xe9' is not UTF-8" in message and "save it" in message
    odd = os.fsencode(shots) + b"/caf\xe9"
    os.mkdir(odd)
    for name in ("coffee.jpg", "flower.jpg"):
        os.rename(shots / name, odd + b"/" + name.encode())
    told = run("label", "--folders", "Photos", code=3)
    assert told.out == "2 labels given to 2 distinct pictures\n"
    assert r"caf\udce9: its name is not UTF-8, and cannot be a label" in told.err
    assert run("label", "--list").out == "trip  2 pictures\n"


def test_a_cutoff_is_learned_from_the_labels(run: Program, shots: Path) -> None:
    for name in ("coffee", "flower"):
        for quality in (20, 50, 80):
            with Image.open(shots / f"{name}.jpg") as image:
                image.resize((200 + quality, 150)).save(shots / f"{name}-{quality}.jpg", quality=quality)
    run("index", shots)
    for name in ("coffee", "flower"):
        run("label", *sorted(shots.glob(f"{name}*")), name)
    document = run("match", "x.jpg", shots / "trip" / "rocket.jpg", "--json").json
    assert [row["label"] for row in document["results"]] == ["coffee", None]
    calibrated = document["calibrated"]
    assert (calibrated["precision"], calibrated["recall"], calibrated["pictures"]) == (1, 1, 8)
    assert 0 < calibrated["distance"] == document["max_distance"] < 0.5
    numbers = [document["max_distance"], *calibrated.values()]
    numbers += [row[key] for row in document["results"] for key in ("distance", "support")]
    assert numbers == [round(number, 6) for number in numbers], "as many digits as those of `query`"
    (near,) = run("query", "x.jpg", "-k", "1", "--no-verify", "--json").json["results"]
    assert near["neighbors"][0]["distance"] == document["results"][0]["distance"]
    far = run("match", shots / "trip" / "rocket.jpg", "--max-distance", "2", "--json").json["results"][0]
    assert far["label"] in ("coffee", "flower")


@pytest.mark.usefixtures("shots")
def test_a_label_that_is_called_none_is_one(run: Program) -> None:
    run("label", "Photos/coffee.jpg", "none")
    shown = run("match", "x.jpg", "Photos/flower.jpg").out.splitlines()
    assert shown[0].startswith('x.jpg: "none"  (0.') and shown[1].startswith("Photos/flower.jpg: none  (")
    found = run("match", "x.jpg", "Photos/flower.jpg", "--json").json["results"]
    assert [row["label"] for row in found] == ["none", None]


@pytest.mark.usefixtures("shots")
def test_labels_that_cannot_be_meant(run: Program) -> None:
    for arguments, code in (
        ([], 2),
        (["cat"], 2),
        (["Photos/coffee.jpg", " "], 2),
        (["Photos/coffee.jpg", "cup", "--list"], 2),
        (["--folders", "Photos/coffee.jpg"], 1),
        (["--csv", "gone.csv"], 1),
    ):
        run("label", *arguments, code=code)
    (run.home / "wide.csv").write_text("file,label,note,size\nPhotos/coffee.jpg,cup,mine,3\n")
    wide = run("label", "--csv", "wide.csv")
    assert "labels come from the column label alone, not from note, size" in wide.err
    (run.home / "long.csv").write_text("file,label\nPhotos/coffee.jpg,cup, brown\n")
    assert "line 2: more values than" in run("label", "--csv", "long.csv", code=1).message
    assert run("label", "--list").out == "cup  1 picture\n"
    run("label", "--forget", "cup")
    (run.home / "wrong.csv").write_text("path,name\na,b\n")
    assert "expected file and label" in run("label", "--csv", "wrong.csv", code=1).message
    result = run("label", "Photos/coffee.jpg", "gone.jpg", "cup", code=3)
    assert "gone.jpg" in result.err and result.out == "1 label given to 1 distinct picture\n"
    told = run("label", "x.jpg", "cup")
    assert "1 of the pictures is not in the index" in told.err


def test_an_index_of_an_older_version(run: Program, shots: Path) -> None:
    from contextlib import closing
    from sqlite3 import connect

    from tests.helpers.older import make_older

    with closing(connect(shots / ".visualsearch" / "catalog.sqlite")) as connection:
        make_older(connection, 6)
        connection.commit()
    assert names(run, "--type", "png") == {"ihc"} and names(run, "--within", "Photos/trip") == {
        "rocket",
        "china",
    }
    assert "made by an older version" in run("query", "x.jpg", "--after", "2019", code=12).message
    assert json.loads(run("index", shots, "--json").out)["unchanged"] == len(NAMES)
    assert names(run, "--after", "2019") == {"rocket", "china"}
