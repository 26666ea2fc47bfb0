"""The pages in a real browser: without barriers, on a phone, light and dark, by keyboard."""

from __future__ import annotations

import base64
import io
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from PIL import Image, ImageDraw

from tests.helpers.driven import barriers, complaints, driven, resize, type_key, wait_for
from tests.helpers.photographs import originals
from tests.helpers.reports_of_files import group, member, report
from tests.helpers.reviewing import Client, served
from tests.helpers.user_folders import give_folders
from visualsearch_cli.library import open_index
from visualsearch_cli.reports.report import Report
from visualsearch_cli.verdicts.evidence import Place
from visualsearch_cli.verdicts.verdict import Verdict

if TYPE_CHECKING:
    from selenium.webdriver import Chrome

pytestmark = pytest.mark.browser

GROUPS = 400
ENTER = "\ue007"


def pictures(folder: Path) -> Report:
    """Write a photograph, a crop of it with a mark, and many groups of small pictures; report on them."""
    from dataclasses import replace

    folder.mkdir()
    image = originals()[1]
    image.save(folder / "a.png")
    crop = image.crop((80, 60, image.width - 40, image.height - 20))
    ImageDraw.Draw(crop).rectangle((20, 30, 39, 45), fill=(250, 10, 200))
    crop.save(folder / "b.png")
    place = Place((100, 90, 120, 106), (20, 30, 40, 46))
    kept = replace(member(folder / "a.png", None), width=image.width, height=image.height)
    other = replace(
        member(folder / "b.png", Verdict.EDITED), width=crop.width, height=crop.height, differences=(place,)
    )
    groups = [group(kept, other, id="g0")]
    for number in range(1, GROUPS):
        for letter in "cd":
            path = folder / f"{number}{letter}.png"
            Image.new("RGB", (40, 30), (number % 256, 90, 200)).save(path)
        copy = member(folder / f"{number}d.png", Verdict.SAME)
        groups.append(group(folder / f"{number}c.png", copy, id=f"g{number}"))
    return report(*groups, index=folder / ".visualsearch")


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    """A review of them, served."""
    home = tmp_path_factory.mktemp("shown")
    with pytest.MonkeyPatch.context() as patch:
        give_folders(home, patch)
        found = pictures(home / "Photos")
        with open_index(home / "Photos", create=True) as index:
            index.add([home / "Photos" / name for name in ("a.png", "b.png")])
        with served(found, home / "Photos", home / "journals", indexes=[home / "Photos"]) as client:
            yield client


@pytest.fixture(scope="module")
def window() -> Iterator[Chrome]:
    """A browser."""
    with driven() as window:
        yield window


@pytest.fixture
def page(shown: Client, window: Chrome) -> Iterator[Chrome]:
    """The browser with the list of groups; at the end nothing was complained about there."""
    resize(window, 1440, 900)
    complaints(window)
    window.get(shown.opened.door.address)
    yield window
    assert complaints(window) == []


def visit(page: Chrome, client: Client, path: str) -> None:
    page.get(client.opened.door.address.rstrip("/") + path)
    wait_for(page, lambda page: page.execute_script("return document.documentElement.dataset.ready") == "yes")


def _is(script: str, expected: object) -> Callable[[Chrome], bool]:
    return lambda page: bool(page.execute_script(script) == expected)


def _holds(script: str, wanted: set[int]) -> Callable[[Chrome], bool]:
    return lambda page: wanted <= set(page.execute_script(script))


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("path", ["/", "/g/1", "/g/1/c/1", "/rule?folder=/x", "/apply", "/search", "/map"])
def test_nobody_meets_a_barrier(page: Chrome, shown: Client, path: str, dark: bool) -> None:
    resize(page, 1440, 900, dark=dark)
    visit(page, shown, path)
    assert barriers(page) == []
    resize(page, 390, 844, dark=dark)
    assert barriers(page) == []
    assert page.execute_script("return document.scrollingElement.scrollWidth") <= 390


def test_dark_is_dark_and_light_is_light(page: Chrome) -> None:
    corner = []
    for dark in (False, True):
        resize(page, 800, 600, dark=dark)
        with Image.open(io.BytesIO(page.get_screenshot_as_png())) as image:
            corner.append(image.convert("L").getpixel((2, 590)))
    light, dark_ = corner
    assert isinstance(light, int) and isinstance(dark_, int)
    assert light > 230
    assert dark_ < 40


HIDDEN = """
return [...document.querySelectorAll("header nav, footer, .decide, .choices, .filters, .tools, .copy")]
  .filter((element) => getComputedStyle(element).display !== "none").length;
"""
COLORS = """
const shown = getComputedStyle(document.body);
return [shown.color, shown.backgroundColor];
"""
OVERLAP = """
const boxes = [...document.querySelectorAll(arguments[0])].map((element) => element.getBoundingClientRect());
return boxes.some((a, i) => boxes.some((b, j) => i < j && a.left < b.right - 1 && b.left < a.right - 1
  && a.top < b.bottom - 1 && b.top < a.bottom - 1));
"""


@pytest.mark.parametrize("path", ["/", "/g/1", "/g/1/c/1", "/search", "/map"])
def test_what_is_printed_is_black_on_white_and_has_no_buttons(page: Chrome, shown: Client, path: str) -> None:
    visit(page, shown, path)
    features = [{"name": "prefers-color-scheme", "value": "dark"}]
    page.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print", "features": features})
    metrics = {"width": 720, "height": 1050, "deviceScaleFactor": 1, "mobile": False}
    page.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
    try:
        assert page.execute_script(HIDDEN) == 0
        assert page.execute_script(COLORS) == ["rgb(0, 0, 0)", "rgb(255, 255, 255)"]
        assert page.execute_script("return document.scrollingElement.scrollWidth") <= 720
        for each in (".row", ".card", ".pane"):
            assert not page.execute_script(OVERLAP, each), each
        printed = page.execute_cdp_cmd("Page.printToPDF", {})
        assert base64.b64decode(printed["data"]).startswith(b"%PDF-")
    finally:
        page.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "", "features": []})


def test_a_list_of_any_length_holds_only_what_is_seen(page: Chrome, shown: Client) -> None:
    visit(page, shown, "/")
    numbers = "return [...document.querySelectorAll('.row')].map((row) => Number(row.dataset.row))"
    for share in (0.5, 1.0, 0.25, 0.0):
        page.execute_script("scrollTo(0, arguments[0] * document.scrollingElement.scrollHeight)", share)
        at = page.execute_script("return Math.floor((scrollY - rows.offsetTop) / 84)")
        wanted = set(range(max(0, at), min(GROUPS, at + 8)))
        wait_for(page, _holds(numbers, wanted))
        found = page.execute_script(numbers)
        assert found == sorted(found)
        assert len(found) < 260
    first = page.execute_script("return document.querySelector('.row').getAttribute('aria-setsize')")
    assert int(first) == GROUPS


def test_keys_lead_through_the_groups_and_can_be_switched_off(page: Chrome, shown: Client) -> None:
    visit(page, shown, "/g/1")
    number = "return Number(document.querySelector('[data-number]').dataset.number)"
    for key, expected in (("n", 2), ("n", 3), ("p", 2)):
        type_key(page, key)
        wait_for(page, _is(number, expected))
        assert page.execute_script("return document.activeElement.id") == "heading"
    assert "Group 2 of" in page.title
    page.execute_script("history.back()")
    wait_for(page, _is(number, 3))
    page.execute_script(
        "document.getElementById('help').open = true; document.getElementById('keys').click()"
    )
    type_key(page, "n")
    assert page.execute_script(number) == 3
    visit(page, shown, "/g/1")
    type_key(page, "n")
    assert page.execute_script(number) == 1
    page.execute_script(
        "document.getElementById('help').open = true; document.getElementById('keys').click()"
    )


def transforms(page: Chrome) -> list[list[float]]:
    """Return how the two pictures are laid out: rows of a matrix from their pixels to those of the view."""
    found: list[str] = page.execute_script(
        "return [...document.querySelectorAll('.stage')].map((stage) => stage.style.transform)"
    )
    return [[float(value) for value in text[len("matrix3d(") : -1].split(",")] for text in found]


def at(matrix: list[float], x: float, y: float) -> tuple[float, float]:
    w = matrix[3] * x + matrix[7] * y + matrix[15]
    return (
        (matrix[0] * x + matrix[4] * y + matrix[12]) / w,
        (matrix[1] * x + matrix[5] * y + matrix[13]) / w,
    )


def test_both_pictures_show_the_same_place(page: Chrome, shown: Client) -> None:
    visit(page, shown, "/g/1/c/1")
    page.execute_script("document.querySelector('.view').focus()")
    for key in ("", "+", "+", "\ue014", "\ue015", "-", "1", "0"):  # arrows right and down among them
        if key:
            before = transforms(page)
            type_key(page, key)
            assert transforms(page) != before
        kept, other = transforms(page)
        for x, y in ((0, 0), (200, 100), (300, 250)):  # the crop begins at 80, 60
            assert at(other, x, y) == pytest.approx(at(kept, x + 80, y + 60), abs=1.5)


def view_pixels(page: Chrome) -> Any:
    element = page.find_element("css selector", ".pane.a .view")
    with Image.open(io.BytesIO(element.screenshot_as_png)) as image:
        return np.asarray(image.convert("RGB")).astype(int)


def loaded(page: Chrome) -> bool:
    return bool(
        page.execute_script(
            "return [...document.querySelectorAll('.stage img')].every((p) => p.complete && p.naturalWidth"
            " && p.src.includes('full'))"
        )
    )


def test_a_difference_shows_what_differs_alone(page: Chrome, shown: Client) -> None:
    visit(page, shown, "/g/1/c/1")
    wait_for(page, loaded)
    type_key(page, "m")
    type_key(page, "d")
    type_key(page, "1")
    pixels = view_pixels(page)
    kept = transforms(page)[0]

    def mean(left: int, top: int, right: int, bottom: int) -> float:
        (x0, y0), (x1, y1) = at(kept, left, top), at(kept, right, bottom)
        return float(pixels[round(y0) : round(y1), round(x0) : round(x1)].mean())

    height, width = pixels.shape[:2]
    assert 0 <= at(kept, 100, 90)[0] < width
    assert mean(104, 94, 116, 102) > 100  # the mark
    assert mean(200, 150, 400, 300) < 12  # what both show
    assert height > 300


def test_flicker_swaps_in_place(page: Chrome, shown: Client) -> None:
    visit(page, shown, "/g/1/c/1")
    wait_for(page, loaded)
    type_key(page, "f")
    away = "return document.querySelectorAll('.stage')[1].classList.contains('away')"
    assert page.execute_script("return document.querySelectorAll('.pane.a .stage').length") == 2
    wait_for(page, lambda page: page.execute_script(away))  # by itself
    type_key(page, " ")
    first = page.execute_script(away)
    type_key(page, " ")
    assert page.execute_script(away) is not first
    type_key(page, "b")
    assert page.execute_script("return document.querySelectorAll('.pane.a .stage').length") == 1
    assert not page.execute_script(away)


def test_a_click_shows_that_place_at_one_to_one(page: Chrome, shown: Client) -> None:
    visit(page, shown, "/g/1/c/1")
    wait_for(page, loaded)
    page.find_element("css selector", ".pane.a .view").click()
    wait_for(page, lambda page: len(page.find_elements("css selector", "#cuts img")) == 2)
    sizes = page.execute_script(
        "return [...document.querySelectorAll('#cuts img')].map((p) => [p.naturalWidth, p.width])"
    )
    assert sizes == [[256, 256], [256, 256]]


def test_nothing_is_asked_of_anybody_else(page: Chrome, shown: Client) -> None:
    for path in ("/", "/g/1", "/g/1/c/1"):
        visit(page, shown, path)
        names = page.execute_script("return performance.getEntriesByType('resource').map((e) => e.name)")
        assert names
        assert all(name.startswith((shown.opened.door.address, "data:")) for name in names), json.dumps(names)


def test_a_picture_that_is_refused_says_why(page: Chrome, shown: Client) -> None:
    path = shown.review.group(321).others[0].path
    data = path.read_bytes()
    path.write_bytes(b"no picture")
    try:
        visit(page, shown, "/g/321")  # which no other test showed
        said = wait_for(page, lambda page: page.find_elements("css selector", ".card .none"))
        assert "changed since the report was made" in said[0].text
    finally:
        path.write_bytes(data)
        complaints(page)  # that a picture did not load is said there


DROP = """
const [data, kind] = arguments;
const bytes = Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0));
const held = new DataTransfer();
held.items.add(new File([bytes], "x.png"));
const event = kind === "drop"
  ? new DragEvent("drop", {dataTransfer: held, bubbles: true, cancelable: true})
  : new ClipboardEvent("paste", {clipboardData: held, bubbles: true, cancelable: true});
document.body.dispatchEvent(event);
"""


@pytest.mark.parametrize("kind", ["drop", "paste"])
def test_a_picture_can_be_dropped_and_pasted(page: Chrome, shown: Client, kind: str) -> None:
    visit(page, shown, "/search")
    data = shown.review.group(1).kept.path.read_bytes()
    page.execute_script(DROP, base64.b64encode(data).decode(), kind)
    wait_for(page, lambda page: "upload=" in page.current_url)
    names = [each.text.rpartition("/")[2] for each in page.find_elements("css selector", ".hits .path")]
    assert names == ["a.png", "b.png"]
    assert "identical" in page.find_element("css selector", ".hits li").text
    assert barriers(page) == []


def has_thumbnails(page: Chrome) -> bool:
    """Tell whether more is drawn on the map than boxes."""
    png = page.find_element("css selector", "#map").screenshot_as_png
    with Image.open(io.BytesIO(png)) as image:
        return image.convert("RGB").getcolors(1000) is None


def test_the_map_is_drawn_and_a_picture_leads_to_what_is_like_it(page: Chrome, shown: Client) -> None:
    visit(page, shown, "/map")
    wait_for(page, has_thumbnails)
    told = "return document.getElementById('told').textContent"
    assert page.execute_script(told) == ""
    page.execute_script("document.getElementById('map').focus()")
    type_key(page, "+")
    name = wait_for(page, lambda page: page.execute_script(told))
    assert "a.png" in name or "b.png" in name
    type_key(page, ENTER)
    wait_for(page, lambda page: "like=" in page.current_url)
    other = "b.png" if "a.png" in name else "a.png"
    assert page.find_element("css selector", ".hits .path").text.endswith(other)
    page.execute_script("history.back()")
    wait_for(page, lambda page: page.find_elements("css selector", "#map"))
    wait_for(page, has_thumbnails)
    # the picture that lies on the left, by a click
    box = page.execute_script(
        "const {x, y, width, height} = document.getElementById('map').getBoundingClientRect();"
        "return [x, y, width, height]"
    )
    from selenium.webdriver import ActionChains

    canvas = page.find_element("css selector", "#map")
    reach = int(min(box[2], box[3]) * 0.43)  # as far as the outermost picture lies from the middle
    ActionChains(page, duration=0).move_to_element_with_offset(canvas, -reach, 0).click().perform()
    wait_for(page, lambda page: "like=" in page.current_url)
