"""`dupes` for people: blocks in the terminal, and a page."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

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


def test_no_photograph_is_overwritten_by_a_page(run: Program, copies: Path) -> None:
    before = (copies / "coffee.jpg").read_bytes()
    assert "coffee.jpg is not a page" in run("dupes", "--html", copies / "coffee.jpg", code=2).message
    assert (copies / "coffee.jpg").read_bytes() == before


def test_what_cannot_be_written_is_said_at_once(run: Program, copies: Path) -> None:
    del copies
    assert "is not a folder" in run("dupes", "--html", "no/dupes.html", code=2).message
    (run.home / "taken.html").mkdir()
    assert "--html taken.html is a folder" in run("dupes", "--html", "taken.html", code=2).message
