"""Draws docs/review-*.webp: the pages of `review` about sample_images, wide, on a phone, light, dark."""

from __future__ import annotations

import io
import os
import shutil
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image

from benchmarks.places import DOCS, PROJECT
from tests.helpers.driven import driven, resize, wait_for
from tests.helpers.reviewing import served
from visualsearch_cli.library import open_index
from visualsearch_cli.reports.report import Report

if TYPE_CHECKING:
    from selenium.webdriver import Chrome

WIDE, PHONE = (1440, 900), (390, 844)  # pixels of the window
SHOTS = (
    ("review-group", "/g/{dice}", WIDE, False),
    ("review-compare", "/g/{meadow}/c/1", WIDE, True),
    ("review-phone", "/g/{dice}", PHONE, True),
    ("review-list", "/", PHONE, False),
    ("review-map", "/map", WIDE, False),
)
"""Name, page, window, and whether it is dark."""


WHOLE = """
const loaded = performance.getEntriesByType("resource").filter((each) => /map[/]\\d/.test(each.name));
return [...document.images].every((picture) => picture.complete) && document.documentElement.dataset.ready
  && (!document.getElementById("map") || loaded.some((each) => each.responseEnd < performance.now() - 500));
"""
"""Whether all pictures are there."""

AT_HOME = """
const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
while (texts.nextNode()) {
  texts.currentNode.data = texts.currentNode.data.replaceAll(arguments[0], "~");
}
"""
"""Whose machine it was is no matter."""


def main() -> None:
    """Review the duplicates among copies of the sample pictures, and save what a browser shows of it."""
    with tempfile.TemporaryDirectory() as home:
        for name in ("STATE", "CACHE", "DATA"):
            os.environ[f"XDG_{name}_HOME"] = str(Path(home, name))
        photos = Path(home, "Photos")
        shutil.copytree(PROJECT / "sample_images", photos, ignore=shutil.ignore_patterns("generate", "*.py"))
        found = _duplicates(photos)
        numbers = {
            name: next(n for n, g in enumerate(found.groups, 1) if name in str(g.kept.path))
            for name in ("red-dice", "meadow")
        }
        places = {"dice": numbers["red-dice"], "meadow": numbers["meadow"]}
        with served(found, photos, Path(home, "journals"), indexes=[photos]) as client, driven() as page:
            for name, path, size, dark in SHOTS:
                resize(page, *size, dark=dark)
                page.get(client.opened.door.address.rstrip("/") + path.format(**places))
                wait_for(page, _is_whole)
                page.execute_script(AT_HOME, home)
                target = DOCS / f"{name}.webp"
                with Image.open(io.BytesIO(page.get_screenshot_as_png())) as shown:
                    shown.convert("RGB").save(target, quality=75, method=6)
                print(f"{target}: {target.stat().st_size / 1e3:.0f} kB")


def _duplicates(photos: Path) -> Report:
    with open_index(photos, create=True) as index:
        index.add(photos)
        report = index.duplicates("edited")
    return replace(report, index=photos / ".visualsearch")


def _is_whole(page: Chrome) -> bool:
    return bool(page.execute_script(WHOLE))


if __name__ == "__main__":
    main()
