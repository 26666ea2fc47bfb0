"""What one picture is to another: `compare`, and `query` with a level that needs a look at the pictures."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from tests.helpers.photographs import copy_of, originals
from tests.helpers.program import Program


@pytest.fixture
def a(run: Program) -> Path:
    """A photograph."""
    path = run.home / "a.jpg"
    originals()[1].save(path, quality=92)
    return path


def test_a_crop_is_told_in_words(run: Program, a: Path) -> None:
    with Image.open(a) as image:
        crop = image.crop((60, 40, 360, 240)).resize((150, 100))
    crop.save(run.home / "b.png")
    document = run("compare", "a.jpg", "b.png", "--json").json
    assert document["schema"] == "visualsearch/compare/1"
    assert document["verdict"] == "edited"
    assert document["reason"] == "crop of 25 %, scaled 0.50, no rotation"
    assert document["a"]["path"] == str(a) and document["b"]["width"] == 150
    assert 0 < document["distance"] < 2
    fit = document["fit"]
    assert fit["covered_a"] == pytest.approx(0.25, abs=0.01) and fit["covered_b"] > 0.98
    assert fit["inliers"] > 10 and fit["residual"] < 0.03 and not fit["mirrored"]
    table = run("compare", "a.jpg", "b.png").out
    assert "edited" in table and "crop of 25 %, scaled 0.50, no rotation" in table


def test_in_a_pipe_a_line_is_never_broken(run: Program, a: Path) -> None:
    long = run.home / ("a long name " * 12) / "copy.jpg"
    copy_of(a, long, scale=0.5)
    lines = run("compare", a, long).out.splitlines()
    assert [line.split()[0] for line in lines][:4] == ["A", "B", "verdict", "why"]
    assert str(long.relative_to(run.home)) in lines[1] and all(line == line.rstrip() for line in lines)


def test_each_verdict_has_its_pair(run: Program, a: Path) -> None:
    def verdict(name: str, *options: str, code: int = 0) -> str | None:
        found = run("compare", a, name, "--json", *options, code=code).json["verdict"]
        assert found is None or isinstance(found, str)
        return found

    shutil.copy(a, run.home / "identical.jpg")
    with Image.open(a) as image:
        image.save(run.home / "pixels.png")
        image.transpose(Image.Transpose.ROTATE_270).save(run.home / "turned.jpg")
    copy_of(a, run.home / "same.jpg", quality=60)
    copy_of(a, run.home / "mirrored.jpg", mirrored=True)
    originals()[8].save(run.home / "other.jpg")
    assert verdict("identical.jpg", "--exit-code") == "identical"
    assert verdict("pixels.png") == "pixels"
    assert verdict("same.jpg") == "same"
    assert verdict("mirrored.jpg") == verdict("turned.jpg", "--exit-code") == "edited"
    assert verdict("other.jpg") is None
    assert verdict("other.jpg", "--exit-code", code=4) is None
    assert "different" in run("compare", a, "other.jpg").out


def test_a_page_with_another_date_is_another_page(run: Program) -> None:
    font = ImageFont.load_default(20)
    for name, date in (("march.png", "14.03.2023"), ("june.png", "27.06.2023")):
        page = Image.new("RGB", (620, 877), "white")
        draw = ImageDraw.Draw(page)
        draw.rectangle((40, 40, 120, 90), fill=(30, 70, 140))
        draw.text((380, 160), f"Date {date}", "black", font)
        for row in range(12):
            draw.text((40, 300 + 40 * row), "Cleaning of the office, one month", "black", font)
        page.save(run.home / name)
    document = run("compare", "march.png", "june.png", "--json", "--image", "drawn.png").json
    assert document["verdict"] not in ("identical", "pixels", "same", "edited")
    assert document["reason"].startswith("the writing differs at ")
    for side in "ab":
        for left, top, right, bottom in (place[side] for place in document["differences"]):
            assert 380 <= left < right <= 560 and 150 <= top < bottom <= 200
    with Image.open(run.home / "drawn.png") as drawn:
        assert (np.asarray(drawn.convert("RGB")) == (220, 30, 60)).all(axis=2).any()
    turned = run("compare", "june.png", "march.png", "--json").json
    assert turned["verdict"] == document["verdict"] and turned["reason"] == document["reason"]


def test_one_first_frame_does_not_make_two_animations_one(run: Program) -> None:
    first = originals()[2]
    for name, last in (("a.gif", originals()[3]), ("b.gif", originals()[4])):
        first.save(run.home / name, save_all=True, append_images=[last.resize(first.size)], duration=300)
    document = run("compare", "a.gif", "b.gif", "--json").json
    assert document["verdict"] not in ("identical", "pixels", "same", "edited")


def test_the_match_can_be_drawn_but_over_no_file(run: Program, a: Path) -> None:
    copy_of(a, run.home / "b.jpg", mirrored=True)
    run("compare", "a.jpg", "b.jpg", "--image", "match.png")
    with Image.open(run.home / "match.png") as drawn:
        assert drawn.height == 480 and drawn.width > 900
    before = a.read_bytes()
    run("compare", "a.jpg", "b.jpg", "--image", "match.png")  # it is one of ours
    message = run("compare", "a.jpg", "b.jpg", "--image", "a.jpg", code=2).message
    assert "a.jpg" in message and a.read_bytes() == before
    assert "gif" in run("compare", "a.jpg", "b.jpg", "--image", "match.gif", code=2).message
    assert "nowhere" in run("compare", "a.jpg", "b.jpg", "--image", "nowhere/m.png", code=2).message


def test_what_cannot_be_compared_is_named(run: Program, a: Path) -> None:
    (run.home / "text.jpg").write_text("no picture")
    (run.home / "album").mkdir()
    assert "album: is a folder: name image files" in run("compare", a, "album", code=1).message
    for name in ("text.jpg", "gone.jpg"):
        assert name in run("compare", a, name, code=1).message
        assert name in run("compare", name, a, code=1).message


def test_names_need_not_be_text(run: Program, a: Path) -> None:
    odd = run.home / b"\xff\n.jpg".decode("utf-8", "surrogateescape")
    shutil.copy(a, odd)
    assert run("compare", "a.jpg", odd, "--json").json["b"]["path"] == str(odd)
    assert "identical" in run("compare", "a.jpg", odd).out


def test_query_shows_only_what_is_proved(run: Program, chosen: Path) -> None:
    copy_of(chosen / "coffee.jpg", chosen / "copy.jpg")
    copy_of(chosen / "coffee.jpg", chosen / "mirrored.jpg", mirrored=True)
    with Image.open(chosen / "coffee.jpg") as image:
        image.save(chosen / "coffee.png")
    run("index", chosen)

    def found(level: str) -> dict[str, str]:
        options = ("--level", level, "--transforms", "mirror", "--format", "jsonl")
        (record,) = run("query", chosen / "coffee.jpg", *options).jsonl
        return {Path(n["path"]).name: n["verdict"] for n in record["neighbors"]}

    assert found("pixels") == {"coffee.png": "pixels"}
    assert found("same") == {"coffee.png": "pixels", "copy.jpg": "same"}
    proved = {"coffee.png": "pixels", "copy.jpg": "same", "mirrored.jpg": "edited"}
    assert found("edited") == proved
    assert found("edited") == proved  # from the features kept in the catalog
    run("check")


def test_a_level_needs_no_index_that_can_be_written(run: Program, chosen: Path) -> None:
    copy_of(chosen / "coffee.jpg", run.home / "x.jpg")
    for part in chosen.parent.rglob(".visualsearch"):
        part.chmod(0o555)
    try:
        (record,) = run("query", "x.jpg", "--level", "same", "--format", "jsonl").jsonl
        assert [n["verdict"] for n in record["neighbors"]] == ["same"]
    finally:
        for part in chosen.parent.rglob(".visualsearch"):
            part.chmod(0o755)


def test_a_file_that_is_gone_is_said_to_be_skipped(run: Program, chosen: Path) -> None:
    copy_of(chosen / "coffee.jpg", run.home / "x.jpg")
    (chosen / "coffee.jpg").unlink()
    result = run("query", "x.jpg", "--level", "edited", "--format", "jsonl", code=3)
    assert result.jsonl[0]["neighbors"] == [] and "coffee.jpg" in result.err


def test_opencv_loads_only_to_look_at_pictures(run: Program, chosen: Path) -> None:
    photo = str(chosen / "coffee.jpg")
    for line in (("compare", "--help"), ("query", "--help"), ("query", photo)):
        assert "cv2" not in run.modules(*line)[1]
    assert "cv2" not in run.modules("query", photo, "--level", "same")[1]  # the same bytes need no look
    copy_of(chosen / "coffee.jpg", run.home / "x.jpg")
    assert "cv2" in run.modules("query", "x.jpg", "--level", "same")[1]


def test_a_sidecar_that_is_too_large_to_be_read_says_nothing(run: Program, a: Path) -> None:
    shutil.copy(a, run.home / "b.jpg")
    with (run.home / "b.jpg.xmp").open("wb") as sidecar:
        sidecar.truncate(3 << 30)  # all of it a hole
    assert run("compare", "a.jpg", "b.jpg", "--json").json["verdict"] == "identical"
