"""What a query found, as a page, by the installed program."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import numpy as np
import pytest

from tests.helpers.browser import browser, screenshot
from tests.helpers.photographs import copy_of
from tests.helpers.program import Program


def words_of(page: Path) -> str:
    text = re.sub(r"<style>.*?</style>|<[^>]+>", " ", page.read_text("utf-8"), flags=re.DOTALL)
    return " ".join(text.split())


def test_a_page_shows_what_was_found_and_loads_nothing(run: Program, indexed: Path) -> None:
    copy_of(indexed / "coffee.jpg", run.home / "<i>x.jpg")
    (run.home / "broken.jpg").write_bytes(b"\xff\xd8\xff no picture")
    done = run("query", "<i>x.jpg", "broken.jpg", "--index", indexed, "-k", "3", "--html", "q.html", code=3)
    assert "wrote q.html: 2 queries" in done.err
    page = run.home / "q.html"
    text, said = page.read_text("utf-8"), words_of(page)
    assert "<i>" not in text and "http" not in text.replace("http-equiv", "") and "<script" not in text
    assert text.count('src="data:image/webp') == 4
    assert re.search(r"asked for &lt;i&gt;x\.jpg .* same coffee\.jpg \S+coffee\.jpg full frame, scaled", said)
    assert said.count("stranger") == 2 and "Not read: " in said
    run("query", "<i>x.jpg", "--index", indexed, "--html", "q.html")
    assert "What is near to &lt;i&gt;x.jpg" in words_of(page)
    before = (indexed / "coffee.jpg").read_bytes()
    assert "left as it is" in run("query", "<i>x.jpg", "--html", indexed / "coffee.jpg", code=2).err
    assert (indexed / "coffee.jpg").read_bytes() == before
    if browser() is None:
        pytest.skip("no Chromium or Chrome is installed")
    shown = np.asarray(screenshot(page, run.home / "shot.png", 1000, 800), np.int16)
    assert (np.ptp(shown, axis=2) > 40).sum() > 5_000, "the pictures are drawn"


def test_a_file_that_is_gone_has_a_word_in_place_of_its_picture(run: Program, indexed: Path) -> None:
    shutil.move(indexed / "coffee.jpg", run.home / "x.jpg")
    run("query", "x.jpg", "--index", indexed, "-k", "2", "--html", "q.html")
    said = words_of(run.home / "q.html")
    assert "identical coffee.jpg" in said and "No picture: it is no longer there" in said
