"""A map of a collection, by the installed program."""

from __future__ import annotations

import json
import re
import shutil
import xml.etree.ElementTree as ElementTree
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.helpers.browser import browser, screenshot
from tests.helpers.photographs import copy_of
from tests.helpers.program import Program


def data_of(page: Path) -> Any:
    found = re.search(
        r'<script type="application/json" id="data">(.*?)</script>', page.read_text("utf-8"), re.S
    )
    assert found
    return json.loads(found[1])


@pytest.fixture
def marked(run: Program, indexed: Path) -> Path:
    """The album with a smaller copy of the cup, a file of the same bytes, and a label that looks like
    HTML."""
    copy_of(indexed / "coffee.jpg", indexed / "small.jpg")
    shutil.copy(indexed / "coffee.jpg", indexed / "again.jpg")
    run("index", indexed)
    run("label", indexed / "rocket.jpg", indexed / "chelsea.jpg", "<b>far</script>")
    return indexed


def test_a_page_has_all_pictures_and_loads_nothing(run: Program, marked: Path) -> None:
    done = run("map", "map.html")
    assert "wrote map.html: 11 pictures" in done.err and not done.out
    page = run.home / "map.html"
    text = page.read_text("utf-8")
    assert "<b>" not in text and "src=" not in text and "http" not in text.replace("http-equiv", "")
    document = data_of(page)
    pictures = {Path(picture["name"]).name: picture for picture in document["pictures"]}
    assert len(pictures) == 11 and pictures["again.jpg"]["files"] == 2
    assert pictures["rocket.jpg"]["label"] == "<b>far</script>"
    assert pictures["rocket.jpg"]["color"] != pictures["small.jpg"]["color"]
    names = list(pictures)
    assert [{names[a], names[b]} for a, b in document["near"]] == [{"again.jpg", "small.jpg"}]
    # The same page again, and nothing else is written over.
    run("map", "map.html")
    assert page.read_text("utf-8") == text
    assert "left as it is" in run("map", marked / "coffee.jpg", code=2).err
    if browser() is None:
        pytest.skip("no Chromium or Chrome is installed")
    shown = np.asarray(screenshot(page, run.home / "shot.png", 1000, 800), np.int16)
    colorful = (np.ptp(shown, axis=2) > 40).sum()
    assert colorful > 5_000, "the pictures are drawn"
    assert ((np.abs(shown - (0xC2, 0x18, 0x5B))).max(axis=2) < 8).sum() > 20, "and the line between copies"


@pytest.mark.parametrize("layout", ["pca", "tsne", "umap"])
def test_each_layout_lays_out_all_pictures(run: Program, marked: Path, layout: str) -> None:
    if layout != "pca":
        pytest.importorskip("sklearn" if layout == "tsne" else "umap", reason="needs the extra 'plots'")
    assert marked.is_dir()
    run("map", "map.html", "--layout", layout)
    pictures = data_of(run.home / "map.html")["pictures"]
    assert len({(picture["x"], picture["y"]) for picture in pictures}) == 11
    assert f", {layout}" in (run.home / "map.html").read_text("utf-8")


def test_a_drawing_and_fewer_pictures(run: Program, marked: Path) -> None:
    assert "6 pictures, 5 left out: see --most" in run("map", "map.svg", "--most", "6").err
    tree = ElementTree.parse(run.home / "map.svg")
    name = "{http://www.w3.org/2000/svg}"
    assert len(tree.findall(f".//{name}g/{name}circle")) == 6
    (marked / "rocket.jpg").write_bytes(b"no picture")
    assert "rocket.jpg" in run("map", "map.html", code=3).err
    assert "map.txt" in run("map", "map.txt", code=2).err
