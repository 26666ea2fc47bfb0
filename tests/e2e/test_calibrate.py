"""Which distances mean something, as the program tells it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.helpers.photographs import change_index, copy_of, write_album, write_cuttings
from tests.helpers.program import Program

RATES = [1e-4, 1e-5, 1e-6, 1e-7]


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Ten photographs and ninety cuttings of them, indexed by a model without weights."""
    folder = tmp_path_factory.mktemp("many") / "Photos"
    write_album(folder)
    write_cuttings(folder / "cuttings", 90)
    Program(folder.parent)("index", folder, "--model", "hog")
    return folder


@pytest.fixture
def photos(run: Program, many: Path) -> Path:
    """~/Photos with a hundred photographs and their index, which $VISUALSEARCH_INDEX names."""
    folder = run.home / "Photos"
    shutil.copytree(many, folder)
    run.env["VISUALSEARCH_INDEX"] = str(folder / ".visualsearch")
    return folder


def test_it_measures_and_keeps_what_it_found(run: Program, photos: Path) -> None:
    before = {path: path.read_bytes() for path in photos.rglob("*.jpg")}
    own = run("info", "--json").json["calibration"]
    assert "no network" in own["source"]
    found = run("calibrate", "--sample", "3", "--json").json
    assert found["schema"] == "visualsearch/calibration/1" and found["source"] == "this index"
    assert [level["rate"] for level in found["levels"]] == RATES
    assert 50 <= found["pictures"] <= found["contents"] == 100
    distances = [level["distance"] for level in found["levels"]]
    assert distances == sorted(distances, reverse=True) and distances != [
        level["distance"] for level in own["levels"]
    ]
    assert found["levels"][0]["false_pairs"] == pytest.approx(0.495)
    assert all(0 <= level["edited_copies_found"] <= 1 for level in found["levels"])
    kept = run("info", "--json").json["calibration"]
    assert kept == {key: value for key, value in found.items() if key not in ("schema", "index")}
    assert "of this index" in run("info").out
    assert {path: path.read_bytes() for path in photos.rglob("*.jpg")} == before
    run("check")


def test_queries_go_by_it(run: Program, photos: Path) -> None:
    copy_of(photos / "coffee.jpg", run.home / "x.jpg")
    neighbor = run("query", "x.jpg", "--level", "similar", "--no-verify", "--json").json["results"][0][
        "neighbors"
    ][0]
    assert neighbor["path"].endswith("/coffee.jpg") and neighbor["verdict"] == "similar"
    zero = '{"distances": [0, 0, 0, 0], "intervals": []}'
    value = f'{{"full": {zero}, "regions": null, "pictures": 9, "source": "this index", "copies": null}}'
    change_index(
        photos / ".visualsearch", f"INSERT OR REPLACE INTO manifest VALUES ('calibration', '{value}')"
    )
    assert not run("query", "x.jpg", "--level", "similar", "--no-verify", "--json").json["results"][0][
        "neighbors"
    ]
    assert (
        run("query", "x.jpg", "-k", "1", "--no-verify", "--json").json["results"][0]["neighbors"][0][
            "verdict"
        ]
        is None
    )


def test_precision_chooses_the_distance(run: Program, photos: Path) -> None:
    copy_of(photos / "coffee.jpg", run.home / "x.jpg")
    counts = []
    for precision in ("0.01", "0.9", "0.999999"):
        found = run("query", "x.jpg", "-k", "100", "--precision", precision, "--json").json["results"][0]
        counts.append(len(found["neighbors"]))
    assert counts == sorted(counts, reverse=True) and 1 <= counts[1] < 10


def test_a_folder_of_copies_is_refused(run: Program) -> None:
    """Half of the pictures are copies of the other half: what is near to each other is no stranger here."""
    folder = run.home / "Copies"
    for path in write_cuttings(folder, 40):
        copy_of(path, path.with_suffix(".half.jpg"), scale=0.5)
    run("index", folder)
    run.env["VISUALSEARCH_INDEX"] = str(folder / ".visualsearch")
    before = run("info", "--json").json["calibration"]
    message = run("calibrate", "--sample", "4", code=1).message
    assert "different pictures, at least 50 are needed" in message
    assert run("info", "--json").json["calibration"] == before


@pytest.mark.parametrize("value", ["0", "1", "-0.5", "2", "nan"])
def test_precision_must_be_between_0_and_1(run: Program, value: str) -> None:
    assert "between 0 and 1" in run("query", "x.jpg", "--precision", value, code=2).message


def test_precision_excludes_a_distance(run: Program) -> None:
    message = run("query", "x.jpg", "--precision", "0.9", "--max-distance", "0.1", code=2).message
    assert "exclude each other" in message


@pytest.mark.parametrize("option", [("--precision", "0.9"), ("--level", "similar")])
def test_a_model_nobody_measured_needs_calibrate(run: Program, photos: Path, option: tuple[str, str]) -> None:
    model = '{"name": "hog", "weights": "none", "preprocessing": "another/1", "dim": 576}'
    change_index(photos / ".visualsearch", f"UPDATE manifest SET value = '{model}' WHERE key = 'model'")
    known = photos / "coffee.jpg"  # needs no model
    message = run("query", known, *option, code=1).message
    assert "hog" in message and "visualsearch calibrate" in message and "--max-distance" in message
    assert run("info", "--json").json["calibration"] is None


def test_too_few_pictures(run: Program, chosen: Path) -> None:
    assert chosen.is_dir()
    message = run("calibrate", code=1).message
    assert "only 10 different pictures, at least 50" in message and "--max-distance" in message


def test_a_locked_index(run: Program, photos: Path) -> None:
    from filelock import FileLock

    with FileLock(photos / ".visualsearch" / "lock"):
        assert "another process" in run("calibrate", code=11).message


def test_pictures_that_are_gone_are_left_out(run: Program, photos: Path) -> None:
    for path in photos.rglob("*.jpg"):
        path.unlink()
    assert "can be read" in run("calibrate", "--sample", "2", code=1).err
