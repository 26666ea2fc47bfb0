"""A query by a part of a picture."""

from __future__ import annotations

import base64
import io
import re
from pathlib import Path

import pytest
from PIL import ExifTags, Image

from tests.helpers.detectors import FACE_SIDE, write_faces, write_objects
from tests.helpers.program import Program
from visualsearch_cli.library import detect, open_index


@pytest.fixture
def pair(run: Program, indexed: Path) -> Path:
    """A picture with coffee on its left and a rocket on its right, lying on its side by EXIF."""
    sides = []
    for name in ("coffee", "rocket"):
        with Image.open(indexed / f"{name}.jpg") as image:
            sides.append(image.convert("RGB").resize((400, 300)))
    both = Image.new("RGB", (800, 300))
    both.paste(sides[0], (0, 0))
    both.paste(sides[1], (400, 0))
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = 6  # shown turned by a quarter clockwise
    path = run.home / "pair.jpg"
    both.transpose(Image.Transpose.ROTATE_90).save(path, exif=exif, quality=95)
    return path


def first(run: Program, path: Path, region: str) -> str:
    (result,) = run("query", path, "--region", region, "-k", "1", "--json").json["results"]
    (found,) = result["neighbors"]
    assert not found["looked_at"]
    return Path(found["path"]).stem


def test_a_part_finds_what_it_shows(run: Program, indexed: Path, pair: Path) -> None:
    assert first(run, pair, "0,0,400,300") == first(run, pair, "0,0,50%,100%") == "coffee"
    assert first(run, pair, "400,0,400,300") == first(run, pair, "50%,0,900,100%") == "rocket"
    (result,) = run("query", pair, "--region", "50%,0,50%,100%", "-k", "1", "--json").json["results"]
    place = {"left": 400, "top": 0, "width": 400, "height": 300}
    assert result["part"] == {"kind": "region", **place, "score": 1.0, "name": ""}
    beyond = run("query", pair, "--region", "400,0,900,300", "-k", "1", "--html", "q.html")
    assert "reaches beyond the picture, which has 800 × 300 pixels: 400,0,400,300 is looked for" in beyond.err
    assert "(region at 400,0,400,300)" in beyond.out and "sure" not in beyond.out
    assert "reaches beyond" not in run("query", pair, "--region", "400,0,400,300").err
    page = (run.home / "q.html").read_text("utf-8")
    assert "region at 400,0,400,300" in page
    shown = re.search(r'src="data:image/webp;base64,([^"]+)"', page)
    assert shown is not None
    with Image.open(io.BytesIO(base64.b64decode(shown[1]))) as image:
        assert image.width / image.height == pytest.approx(4 / 3, abs=0.05), "the part, and not all of it"
    inside = indexed / "pair.jpg"
    inside.write_bytes(pair.read_bytes())
    run("index", indexed)
    assert first(run, inside, "50%,0,50%,100%") == "rocket", "the picture itself is no answer"
    with open_index(indexed) as index:
        for named, part, stem in (
            ("0,0,50%,100%", "0,0,400,300", "coffee"),
            ((400, 0, 500, 300), "400,0,400,300", "rocket"),
        ):
            answer = index.query(pair, k=1, region=named)
            assert [match.image.path.stem for match in answer.matches] == [stem]
            assert answer.part is not None and answer.part.region == part, "what reaches beyond was cut off"
        assert index.query(pair, k=1).part is None
        for region in ((0, 0, 50), (0, 0, 0, 5), 5, ("a", 0, 5, 5), (None, 0, 5, 5)):
            with pytest.raises(ValueError, match=r"is no region|expected a text such as"):
                index.query(pair, region=region)  # type: ignore[arg-type]
        with pytest.raises(ValueError, match="a region is named, not found"):
            detect(pair, "region", "x.onnx")  # type: ignore[arg-type]
        with pytest.raises(ValueError, match="nothing can be proved"):
            index.query(pair, region="0,0,50%,100%", level="same")


def test_regions_that_cannot_be_meant(run: Program, indexed: Path, pair: Path) -> None:
    assert indexed.is_dir()
    for region in ("1,2,3", "a,b,c,d", "0,0,0,5", "-1,0,5,5", "0,0,nan,5", "0,0,inf,5"):
        assert "is no region" in run("query", pair, f"--region={region}", code=2).message
    for region, percent in (("0.1,0.1,0.5,0.5", "50%"), ("0,0,20,0.25", "25%")):
        message = run("query", pair, "--region", region, code=2).message
        assert "is no region" in message and f"in percent it is written {percent}" in message
    result = run("query", pair, "--region", "900,0,50,50", code=3)
    assert "has 800 × 300 pixels, and the region lies outside" in result.err
    for options in (["--level", "same"], ["--verify", "all"]):
        message = run("query", pair, "--region", "0,0,9,9", *options, code=2).message
        assert "leave --level and --verify out" in message


def test_things_in_a_picture_are_looked_for(run: Program, indexed: Path, pair: Path) -> None:
    write_objects(run.home / "things.onnx", names="{0: 'cat', 1: 'cup'}", gain=20)
    (result,) = run("query", pair, "--object", "--detector", "things.onnx", "-k", "1", "--json").json[
        "results"
    ]
    part = result["part"]
    assert (result["query"], part["kind"], part["name"]) == (str(pair), "object", "cup")
    assert part["left"] + part["width"] <= 400, "what is in the left half"
    assert Path(result["neighbors"][0]["path"]).stem == "coffee" and not result["neighbors"][0]["looked_at"]
    run.env["VISUALSEARCH_OBJECTS"] = str(run.home / "things.onnx")
    shown = run("query", pair, "--object", "-k", "1", "--html", "found.html")
    region = ",".join(str(part[side]) for side in ("left", "top", "width", "height"))
    assert f"pair.jpg (cup at {region}, 100% sure)" in shown.out
    page = (run.home / "found.html").read_text("utf-8")
    assert f"cup at {region}" in page and page.count("data:image/webp") == 2
    (found,) = detect(pair, "object", run.home / "things.onnx")
    assert found.region == region
    with open_index(indexed) as index:
        (match,) = index.query(pair, k=1, region=found.region).matches
        assert match.image.path.stem == "coffee"


def test_each_face_is_looked_for(run: Program, indexed: Path) -> None:
    write_faces(run.home / "faces.onnx")
    run.env["VISUALSEARCH_FACES"] = str(run.home / "faces.onnx")
    picture = Image.new("RGB", (320, 240))
    for left in (64, 192):
        picture.paste("white", (left, 96, left + 16, 112))
    picture.save(run.home / "two.png")
    (run.home / "bad.jpg").write_bytes(b"no picture")
    picture.paste("black", (0, 0, 320, 240))
    picture.save(run.home / "none.png")
    asked = run("query", "two.png", "none.png", "bad.jpg", "--face", "-k", "2", "--format", "jsonl", code=3)
    assert "none.png: the detector found no face in it" in asked.err
    one, other, none, bad = asked.jsonl
    assert sorted(each["part"]["left"] for each in (one, other)) == [48, 176]
    assert all(len(each["neighbors"]) == 2 and each["part"]["width"] == FACE_SIDE for each in (one, other))
    assert (none["part"], none["neighbors"], none["error"]) == (None, [], None) and bad["error"]
    assert run("query", "none.png", "--face", "--exit-code", code=4).out
    rows = run("query", "two.png", "--face", "-k", "1", "--format", "csv").out.splitlines()
    assert len(rows) == 3 and "(face at" in rows[1]
    both = run("query", "two.png", "--face", "-k", "1", "--json", "--index", indexed, "--index", indexed).json
    assert len(both["results"]) == 2


def test_detectors_that_cannot_be_used(run: Program, indexed: Path, pair: Path) -> None:
    assert indexed.is_dir()
    assert "VISUALSEARCH_FACES" in run("query", pair, "--face", code=1).message
    (run.home / "no.onnx").write_bytes(b"no network")
    for kind in ("face", "object"):
        message = run("query", pair, f"--{kind}", "--detector", "no.onnx", code=1).message
        assert f"no.onnx is no {kind} detector" in message
    assert "exclude each other" in run("query", pair, "--face", "--object", code=2).message
    assert "exclude each other" in run("query", pair, "--face", "--region", "0,0,9,9", code=2).message
    assert "say what it finds" in run("query", pair, "--detector", "no.onnx", code=2).message
    assert "leave --level and --verify out" in run("query", pair, "--face", "--level", "same", code=2).message
