"""The page in a real browser: laid out, pictures shown, light, dark, on paper, silent on the network."""

from __future__ import annotations

import dataclasses
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.helpers.browser import DARK, run_browser, screenshot
from tests.helpers.driven import barriers, driven, resize
from tests.helpers.reports import member, report
from visualsearch_cli.pictures.pillow import PillowReader
from visualsearch_cli.pictures.reading import hash_content
from visualsearch_cli.progress import NoProgress
from visualsearch_cli.reports.page import write_html
from visualsearch_cli.reports.report import Group, Member
from visualsearch_cli.verdicts.evidence import Place
from visualsearch_cli.verdicts.verdict import Verdict

pytestmark = pytest.mark.browser

BOX = (220, 30, 60)
RED, BLUE, GREEN = (220, 20, 20), (20, 20, 220), (20, 200, 20)
PLACE = Place((0, 0, 100, 75), (300, 225, 400, 300))


BOXES = "return [...document.querySelectorAll('.picture img')].map((e) => e.getBoundingClientRect().toJSON())"
LINES = "return [...document.querySelectorAll('.facts span')].map((e) => e.getClientRects().length)"


@pytest.fixture
def page(tmp_path: Path) -> Path:
    """A page with a group of two red pictures, and one of a blue and a green one."""
    for name, color in (("a", RED), ("b", RED), ("c", BLUE), ("d", GREEN)):
        Image.new("RGB", (400, 300), color).save(tmp_path / f"{name}.png")
    folder = tmp_path
    groups = (
        Group("g1", (member(folder / "a.png"), member(folder / "b.png", Verdict.SAME, "scaled 0.50"))),
        Group("g2", (member(folder / "c.png"), member(folder / "d.png", Verdict.SIMILAR, content_hash="cd"))),
    )
    write_html(report(*groups), PillowReader(), tmp_path / "report.html", NoProgress(), 1)
    return tmp_path / "report.html"


def area(image: Image.Image, color: tuple[int, int, int]) -> int:
    """Return how many pixels have nearly this colour."""
    return int((np.abs(np.asarray(image).astype(int) - color).max(axis=2) < 12).sum())


def test_pictures_stand_side_by_side(page: Path, tmp_path: Path) -> None:
    shown = screenshot(page, tmp_path / "wide.png", height=1400)
    whole = 320 * 240
    assert area(shown, RED) == pytest.approx(2 * whole, rel=0.02)
    assert area(shown, BLUE) == pytest.approx(whole, rel=0.02)
    assert area(shown, GREEN) == pytest.approx(whole, rel=0.02)
    rows = np.nonzero((np.abs(np.asarray(shown).astype(int) - RED).max(axis=2) < 12).any(axis=1))[0]
    assert rows.max() - rows.min() < 280  # beside each other, not below


def test_a_phone_shows_all_of_the_width(page: Path, tmp_path: Path) -> None:
    shown = np.asarray(screenshot(page, tmp_path / "narrow.png", width=500, height=2600))
    background = shown[2, 2]
    assert (shown[:, -3:] == background).all(), "something is cut off at the right"
    assert (np.abs(shown.astype(int) - GREEN).max(axis=2) < 12).sum() > 5000


def test_dark_is_dark_and_light_is_light(page: Path, tmp_path: Path) -> None:
    light = np.asarray(screenshot(page, tmp_path / "light.png"))
    dark = np.asarray(screenshot(page, tmp_path / "dark.png", scheme=DARK))
    assert light[2, 2].min() > 230
    assert dark[2, 2].max() < 40
    assert area(Image.fromarray(dark), RED) == area(Image.fromarray(light), RED)


def test_a_verdict_can_be_filtered_out_without_a_script(page: Path, tmp_path: Path) -> None:
    text = page.read_text(encoding="utf-8")
    unchecked = text.replace('id="show-same" checked', 'id="show-same"')
    assert unchecked != text
    page.write_text(unchecked, encoding="utf-8")
    shown = screenshot(page, tmp_path / "filtered.png")
    assert area(shown, RED) == 0
    assert area(shown, GREEN) > 40_000


def test_pictures_can_be_shown_larger_beside_each_other(tmp_path: Path) -> None:
    Image.new("RGB", (1600, 1200), BLUE).save(tmp_path / "a.png")
    Image.new("RGB", (800, 600), GREEN).save(tmp_path / "b.png")
    group = Group("g", (member(tmp_path / "a.png"), member(tmp_path / "b.png", Verdict.SAME)))
    file = tmp_path / "report.html"
    write_html(report(group), PillowReader(), file, NoProgress(), 1)
    with driven() as window:
        window.get(file.as_uri())
        for wanted in (320, 638):
            left, right = window.execute_script(BOXES)
            assert [left["width"], right["width"]] == pytest.approx([wanted, wanted], abs=3)
            assert left["y"] == right["y"] and left["x"] + wanted < right["x"]  # beside each other
            window.find_element("id", "show-larger").click()


def test_nobody_meets_a_barrier(page: Path) -> None:
    with driven() as window:
        for width in (1440, 390):
            for dark in (False, True):
                resize(window, width, 900, dark=dark)
                window.get(page.as_uri())
                assert barriers(window) == []
                assert window.execute_script("return document.scrollingElement.scrollWidth") <= width
                lines = window.execute_script(LINES)
                assert set(lines) <= {1}  # "−75 %" is on one line


def extent(image: Image.Image, color: tuple[int, int, int]) -> tuple[int, int, int, int]:
    """Return the box of all that has nearly this color."""
    near = np.abs(np.asarray(image).astype(int) - color).max(axis=2) < 12
    (top, bottom), (left, right) = (np.nonzero(near.any(axis=axis))[0][[0, -1]].tolist() for axis in (1, 0))
    return left, top, right + 1, bottom + 1


def on_disk(path: Path, color: tuple[int, int, int], *places: Place) -> Member:
    """Return a file of a group, as a report that was made just now has it."""
    Image.new("RGB", (400, 300), color).save(path)
    state, verdict = path.stat(), Verdict.EDITED if places else None
    found = member(path, verdict, shape=(400, 300), size=state.st_size, mtime_ns=state.st_mtime_ns)
    return dataclasses.replace(found, content_hash=hash_content(path.read_bytes()).hex(), differences=places)


@pytest.mark.parametrize("width", [1280, 500])
def test_places_that_differ_have_a_box_where_they_are(tmp_path: Path, width: int) -> None:
    place = Place((0, 0, 100, 75), (300, 225, 400, 300))
    group = Group("g", (on_disk(tmp_path / "a.png", BLUE), on_disk(tmp_path / "b.png", GREEN, place)))
    file = tmp_path / "report.html"
    write_html(report(group), PillowReader(), file, NoProgress(), 1)
    shown = screenshot(file, tmp_path / "shown.png", width=width, height=1600)
    for color, middle in ((BLUE, 0.135), (GREEN, 0.865)):
        picture = shown.crop(extent(shown, color))
        left, top, right, bottom = extent(picture, BOX)
        assert (left + right) / 2 / picture.width == pytest.approx(middle, abs=0.04)
        assert (top + bottom) / 2 / picture.height == pytest.approx(middle, abs=0.04)
        assert 0.2 < (right - left) / picture.width < 0.35
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace('id="show-places" checked', 'id="show-places"'), encoding="utf-8")
    without = screenshot(file, tmp_path / "shown.png", width=width, height=1600)
    assert all(area(without.crop(extent(without, color)), BOX) == 0 for color in (BLUE, GREEN))


def test_a_tall_picture_stays_in_its_card_on_paper(tmp_path: Path) -> None:
    Image.new("RGB", (200, 600), BLUE).save(tmp_path / "a.png")
    group = Group("g", (member(tmp_path / "a.png"), member(tmp_path / "a.png", Verdict.SAME)))
    file = tmp_path / "report.html"
    write_html(report(group), PillowReader(), file, NoProgress(), 1)
    text = file.read_text(encoding="utf-8")
    assert text.count("@media print") == 1
    file.write_text(text.replace("@media print", "@media all"), encoding="utf-8")
    shown = screenshot(file, tmp_path / "paper.png")
    _, top, _, bottom = extent(shown, BLUE)
    assert 100 <= bottom - top <= 112


def test_it_prints_on_paper(page: Path, tmp_path: Path) -> None:
    run_browser(page, f"--print-to-pdf={tmp_path / 'page.pdf'}", "--no-pdf-header-footer")
    data = (tmp_path / "page.pdf").read_bytes()
    assert data.startswith(b"%PDF")
    assert len(re.findall(rb"/Type\s*/Page\b", data)) == 1
    # equal pictures are one object; that groups beyond the first are there at all is what is asked
    assert len(re.findall(rb"/Subtype\s*/Image", data)) >= 3


def test_groups_far_below_are_laid_out_on_paper(tmp_path: Path) -> None:
    Image.new("RGB", (400, 300), RED).save(tmp_path / "a.png")
    group = Group("g", (member(tmp_path / "a.png"), member(tmp_path / "a.png", Verdict.SAME)))
    file = tmp_path / "report.html"
    write_html(report(*[group] * 60), PillowReader(), file, NoProgress(), 1)
    run_browser(file, f"--print-to-pdf={tmp_path / 'page.pdf'}", "--no-pdf-header-footer")
    data = (tmp_path / "page.pdf").read_bytes()
    assert 8 <= len(re.findall(rb"/Type\s*/Page\b", data)) <= 20


class _Requests(BaseHTTPRequestHandler):
    """Notes every request."""

    def do_GET(self) -> None:
        """Answer nothing."""
        self.server.seen.append(self.path)  # type: ignore[attr-defined]
        self.send_error(404)

    def log_message(self, format: str, *args: object) -> None:
        """Stay silent."""


@contextmanager
def listening() -> Iterator[tuple[str, list[str]]]:
    """Give the address of a server, and the list of what it is asked for."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Requests)
    seen: list[str] = []
    server.seen = seen  # type: ignore[attr-defined]
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", seen
    finally:
        server.shutdown()
        server.server_close()


def test_nothing_is_fetched_and_nothing_runs(page: Path, tmp_path: Path) -> None:
    with listening() as (address, seen):
        evil = f"<img src='{address}/a'><script>document.title='hacked'</script><style>@import '{address}/b'"
        group = Group(evil, (member(tmp_path / "a.png"), member(tmp_path / "b.png", Verdict.SAME, evil)))
        found = dataclasses.replace(report(group), command=evil, model=evil)
        write_html(found, PillowReader(), page, NoProgress(), 1)
        dom = run_browser(page, "--dump-dom")
        assert "hacked" not in dom.partition("</title>")[0]
        # and if a name did get through, the policy would hold
        text = page.read_text(encoding="utf-8")
        page.write_text(text.replace("<main>", f"<main>{evil}</style>"), encoding="utf-8")
        dom = run_browser(page, "--dump-dom")
        assert f'<img src="{address}/a">' in dom
        assert "hacked" not in dom.partition("</title>")[0]
        assert seen == []
        page.write_text(
            page.read_text(encoding="utf-8").replace("Content-Security-Policy", "x"), encoding="utf-8"
        )
        assert "hacked" in run_browser(page, "--dump-dom").partition("</title>")[0], "the test can fail"
        assert "/a" in seen


def test_a_copy_flickers_with_the_one_to_keep_without_a_script(tmp_path: Path) -> None:
    group = Group("g", (on_disk(tmp_path / "a.png", BLUE), on_disk(tmp_path / "b.png", GREEN, PLACE)))
    file = tmp_path / "report.html"
    write_html(report(group), PillowReader(), file, NoProgress(), 1)
    still = area(screenshot(file, tmp_path / "still.png"), BLUE)
    text = file.read_text(encoding="utf-8")
    assert text.count('<p class="flick">') == 1
    checked = text.replace('<input type="checkbox"> Flicker', '<input type="checkbox" checked> Flicker')
    file.write_text(
        checked.replace("1.4s steps(1) infinite", "1.4s steps(1) infinite paused"), encoding="utf-8"
    )
    assert area(screenshot(file, tmp_path / "kept.png"), BLUE) > 1.7 * still
    late = checked.replace("1.4s steps(1) infinite", "1.4s steps(1) -0.8s infinite paused")
    file.write_text(late, encoding="utf-8")
    shown = screenshot(file, tmp_path / "copy.png")
    assert area(shown, BLUE) == pytest.approx(still, rel=0.1)
    assert area(shown, GREEN) > 0.8 * still


def test_changes_are_not_wrapped_and_what_a_file_holds_is_marked(tmp_path: Path) -> None:
    frames = [Image.new("RGB", (400, 300), color) for color in (RED, BLUE, GREEN)]
    frames[0].save(tmp_path / "a.tif", save_all=True, append_images=frames[1:])
    frames[0].save(tmp_path / "b.png")
    (tmp_path / "a.xmp").write_text("")
    kept = member(tmp_path / "a.tif", shape=(4000, 3000), companions=[tmp_path / "a.xmp"])
    group = Group("g", (kept, member(tmp_path / "b.png", Verdict.SAME, shape=(2000, 1500))))
    file = tmp_path / "report.html"
    write_html(report(group), PillowReader(), file, NoProgress(), 1)
    text = file.read_text(encoding="utf-8")
    assert '<span class="badge holds">3 frames, pages or layers</span>' in text
    assert '<span class="badge holds">with XMP</span>' in text
    assert f'<p class="path">{tmp_path / "b.png"}</p>' in text
    heights = run_browser(_measuring(file, text), "--window-size=390,800", "--dump-dom")
    assert re.search(r"<title>lines:1(,1)*</title>", heights), heights[:2000]


def _measuring(file: Path, text: str) -> Path:
    """Let a page say in its title how many lines each change takes."""
    script = (
        "<script>addEventListener('load', () => { document.title = 'lines:' + "
        "[...document.querySelectorAll('.facts dd span')].map((s) => s.getClientRects().length) })</script>"
    )
    free = text.replace("Content-Security-Policy", "x").replace("</main>", f"</main>{script}")
    file.write_text(free, encoding="utf-8")
    return file
