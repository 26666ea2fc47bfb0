"""`dupes` for people: blocks in the terminal, and a page."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
from PIL import Image, ImageDraw, ImageFont

from tests.helpers.program import ESCAPE, Program


@pytest.fixture
def copies(run: Program, photos: Path) -> Path:
    """~/Photos with ten photographs, of which two have a copy; indexed."""
    for name in ("coffee", "rocket"):
        (photos / "backup").mkdir(exist_ok=True)
        shutil.copy2(photos / f"{name}.jpg", photos / "backup" / f"{name} <b>&amp;\n.jpg")
    run("index", photos, "-q")
    run.env["VISUALSEARCH_INDEX"] = str(photos)
    return photos


def test_groups_are_blocks_with_the_kept_file_first(run: Program, copies: Path) -> None:
    for columns in (80, 160):
        shown = run.on_terminal("dupes", "--progress", "never", columns=columns).decode()
        plain = re.sub(r"\x1b\[[0-9;]*m", "", shown).replace("\r", "")
        assert plain.startswith("2 groups of 4 files, same or stronger\n\n1  identical  2 files  ")
        assert f"  in {copies.name}\n  keep       " in plain
        assert plain.count("\n  identical  ") == 2
        assert plain.count(r" <b>&amp;\n.jpg") == 2
        assert re.search(r"\n\d+\.\d kB could be reclaimed by removing 2 files\n$", plain)
        assert all(len(line) <= columns for line in plain.splitlines())
        assert ESCAPE.decode() in shown
    assert ESCAPE not in run.on_terminal("dupes", "--progress", "never", env={"NO_COLOR": "1"})
    assert ESCAPE not in run("dupes").stdout


def test_the_page_is_written_beside_the_results(run: Program, copies: Path) -> None:
    document = run("dupes", "--json").json
    result = run("dupes", "--json", "--html", "dupes.html")
    assert result.json["groups"] == document["groups"]
    assert result.err.startswith("wrote dupes.html, ")
    page = (run.home / "dupes.html").read_text(encoding="utf-8")
    assert page.count('src="data:image/webp;base64,') == 4
    assert page.count("&lt;b&gt;&amp;amp;\\n.jpg</h3>") == 2
    for group in document["groups"]:
        assert group["id"] in page
    assert run("dupes", "-q", "--html", "dupes.html").err == ""
    assert sorted(path.name for path in run.home.glob("dupes*")) == ["dupes.html"]
    assert sorted(path.suffix for path in copies.rglob("*") if "html" in path.name) == []


def test_where_pictures_differ_is_in_the_report_and_on_the_page(run: Program) -> None:
    forms = run.home / "forms"
    forms.mkdir()
    font = ImageFont.load_default(22)
    for name, sum_ in (("may", "418.20"), ("july", "973.65")):
        page = Image.new("RGB", (600, 800), "white")
        draw = ImageDraw.Draw(page)
        draw.rectangle((40, 40, 160, 80), fill=(120, 30, 40))
        for row in range(14):
            draw.text((40, 140 + 36 * row), "Rent of the hall, one evening", "black", font)
        draw.text((420, 680), sum_, "black", font)
        page.save(forms / f"{name}.png")
    run("index", forms, "-q")
    run.env["VISUALSEARCH_INDEX"] = str(forms)
    options = ("--level", "similar", "--report", "forms.json", "--html", "forms.html")
    (group,) = run("dupes", "--json", *options).json["groups"]
    kept, other = group["members"]
    assert kept["differences"] == [] and other["verdict"] == "similar"
    assert other["reason"].startswith("the writing differs at ")
    assert other["differences"]
    for place in other["differences"]:
        for left, top, right, bottom in place.values():
            assert 410 <= left < right <= 520 and 670 <= top < bottom <= 715
    compared = run("compare", kept["path"], other["path"], "--json").json
    assert compared["differences"] == other["differences"] and compared["reason"] == other["reason"]
    shown = (run.home / "forms.html").read_text(encoding="utf-8")
    assert shown.count("<svg ") == 2 and shown.count("<rect ") == 2
    assert "left alone" in run("apply", "forms.json", "--level", "edited", "--dry-run").err


def test_no_photograph_is_overwritten_by_a_page(run: Program, copies: Path) -> None:
    before = (copies / "coffee.jpg").read_bytes()
    assert "coffee.jpg is not a page" in run("dupes", "--html", copies / "coffee.jpg", code=2).message
    assert (copies / "coffee.jpg").read_bytes() == before


def test_what_cannot_be_written_is_said_at_once(run: Program, copies: Path) -> None:
    del copies
    assert "is not a folder" in run("dupes", "--html", "no/dupes.html", code=2).message
    (run.home / "taken.html").mkdir()
    assert "--html taken.html is a folder" in run("dupes", "--html", "taken.html", code=2).message
