"""Pages that lie on a table and are photographed whole, at an angle, in the light of a lamp."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageFilter

from benchmarks.documents.copies import perspective
from tests.helpers import documents
from tests.helpers.compared import found
from tests.helpers.pictures import photograph
from visualsearch_cli.library import Verdict
from visualsearch_cli.verdicts.opencv.comparer import reduced
from visualsearch_cli.verdicts.opencv.hypotheses.outline import between_outlines, corners_in

Picture = Image.Image

DESK = (120, 90, 70)
CORNERS = ((0.09, 0.12), (0.91, 0.07), (0.88, 0.93), (0.1, 0.9))
"""Of what lies on it, in the unit square of the photograph: clockwise, from the upper left."""

PAGES: dict[str, tuple[Callable[[], Picture], Callable[[], Picture]]] = {
    "log": (lambda: documents.log_file(1), lambda: documents.log_file(2)),
    "certificate": (lambda: documents.certificate("Anna Berg"), lambda: documents.certificate("Anne Burg")),
    "exam sheet": (lambda: documents.exam_sheet(1), lambda: documents.exam_sheet(3)),
    "timetable": (lambda: documents.timetable(1), lambda: documents.timetable(2)),
    "receipt": (lambda: documents.receipt("18.36"), lambda: documents.receipt("18.96")),
    "weather": (lambda: documents.weather("17"), lambda: documents.weather("12")),
}
"""A page, and another one of the same form."""


def on_a_desk(page: Picture, desk: tuple[int, int, int] = DESK, *, lamp: float = 0.3) -> Picture:
    """Lay a page onto a desk, and photograph it at an angle: softer, with grain, and darker on one side."""
    width, height = page.size
    canvas = int(1.15 * width), int(1.15 * height)
    places = [(left * canvas[0], top * canvas[1]) for left, top in CORNERS]
    data = perspective(places, [(0, 0), (width, 0), (width, height), (0, height)])
    way = Image.Transform.PERSPECTIVE
    seen = page.convert("RGB").transform(canvas, way, data, Image.Resampling.BICUBIC)
    mask = Image.new("L", page.size, 255).transform(canvas, way, data, Image.Resampling.BICUBIC)
    scene = Image.new("RGB", canvas, desk)
    scene.paste(seen, mask=mask)
    rng = np.random.default_rng(3)
    light = 1 - lamp * np.linspace(0, 1, canvas[0])[None, :, None]
    lit = np.asarray(scene.filter(ImageFilter.GaussianBlur(0.4)), np.float64) * light
    return Image.fromarray(np.rint(lit + rng.normal(0, 1.5, lit.shape)).clip(0, 255).astype(np.uint8))


def corners_of(picture: Picture) -> np.ndarray | None:
    return corners_in(reduced(np.asarray(picture.convert("RGB"), np.uint8)))


@pytest.mark.parametrize("desk", [DESK, (250, 250, 248)])
def test_the_corners_of_what_lies_on_a_desk_are_found(desk: tuple[int, int, int]) -> None:
    page = documents.log_file(1) if desk == DESK else Image.new("RGB", (700, 900), (30, 32, 40))
    corners = corners_of(on_a_desk(page, desk, lamp=0.15))
    assert corners is not None
    assert np.abs(corners - np.array(CORNERS)).max() < 1.5 / 384


def test_what_fills_the_frame_or_reaches_beyond_it_has_no_corners() -> None:
    page = documents.log_file(1)
    seen = on_a_desk(page)
    cut = seen.crop((seen.width // 4, 0, seen.width, seen.height))
    for picture in (page, cut, photograph("coffee"), photograph("chelsea")):
        assert corners_of(picture) is None
    assert between_outlines(*[reduced(np.asarray(page.convert("RGB"), np.uint8))] * 2) == []


@pytest.mark.slow
@pytest.mark.parametrize("page", PAGES)
def test_a_page_on_a_desk_is_an_edit_of_the_page_and_of_no_other(tmp_path: Path, page: str) -> None:
    one, other = (draw() for draw in PAGES[page])
    evidence = found(one, on_a_desk(one), tmp_path)
    assert evidence.verdict is Verdict.EDITED, evidence.reason
    evidence = found(one, on_a_desk(other), tmp_path)
    assert evidence.verdict not in (Verdict.EDITED, Verdict.SAME), evidence.reason


@pytest.mark.slow
def test_a_page_lies_on_a_desk_as_it_may_be_turned(tmp_path: Path) -> None:
    page = documents.exam_sheet(1)
    seen = on_a_desk(page)
    for turned in (seen.transpose(Image.Transpose.ROTATE_180), seen.transpose(Image.Transpose.ROTATE_90)):
        assert found(page, turned, tmp_path).verdict is Verdict.EDITED


@pytest.mark.slow
def test_two_photographs_of_one_page_are_laid_onto_each_other(tmp_path: Path) -> None:
    page = documents.log_file(1)
    evidence = found(on_a_desk(page), on_a_desk(page.rotate(180)).rotate(180), tmp_path)
    assert evidence.fit is not None
