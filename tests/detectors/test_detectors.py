"""Detectors of faces and of things, by small networks that find what is bright."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from tests.helpers.detectors import FACE_SIDE, write_faces, write_objects
from tests.helpers.onnx_files import write_towers
from visualsearch_cli.detectors.loading_detectors import VARIABLES, load_detector
from visualsearch_cli.detectors.objects import _names_in
from visualsearch_cli.detectors.parts import MOST_PARTS, Kind, Part, part_between, with_part
from visualsearch_cli.errors import ModelUnavailable

NAMES = "{0: 'cat', 1: 'dog'}"


def dark(height: int, width: int) -> npt.NDArray[np.uint8]:
    return np.zeros((height, width, 3), np.uint8)


@pytest.fixture
def faces(tmp_path: Path) -> Path:
    write_faces(tmp_path / "faces.onnx")
    return tmp_path / "faces.onnx"


def test_faces_are_found_where_they_are(faces: Path) -> None:
    picture = dark(240, 400)
    picture[64:80, 160:176] = 255
    picture[0:16, 384:400] = 255  # half of this face lies outside
    first, second = sorted(load_detector(Kind.FACE, faces).find(picture), key=lambda part: part.left)
    assert (first.left, first.top, first.width, first.height) == (144, 48, FACE_SIDE, FACE_SIDE)
    assert (second.left, second.top, second.width, second.height) == (368, 0, 32, 32)
    assert first.score > 0.99 and first.what == "face" and first.region == "144,48,48,48"
    assert first.of(picture).mean() == pytest.approx(255 / 9)
    assert load_detector(Kind.FACE, faces).find(dark(240, 400)) == []


@pytest.mark.slow
def test_large_pictures_are_looked_at_smaller(faces: Path) -> None:
    picture = dark(1920, 2560)  # twice as large as what is looked at
    picture[640:672, 320:352] = 255
    (face,) = load_detector(Kind.FACE, faces).find(picture)
    assert (face.left, face.top, face.width, face.height) == (288, 608, 2 * FACE_SIDE, 2 * FACE_SIDE)
    assert load_detector(Kind.FACE, faces).find(dark(5, 3)) == []


def test_the_surest_of_many(faces: Path) -> None:
    picture = dark(480, 640)
    for number in range(MOST_PARTS + 4):
        top, left = 64 * (number // 5) + 64, 96 * (number % 5) + 64
        picture[top : top + 16, left : left + 16] = 255
    assert len(load_detector(Kind.FACE, faces).find(picture)) == MOST_PARTS


@pytest.mark.parametrize("older", [False, True])
def test_things_are_found_with_their_names(tmp_path: Path, older: bool) -> None:
    write_objects(tmp_path / "things.onnx", older=older, names=NAMES)
    detector = load_detector(Kind.OBJECT, tmp_path / "things.onnx")
    wide = dark(100, 200)  # of a square of 64 pixels it has the middle, 32 of them high
    wide[:, :100] = 255
    (thing,) = detector.find(wide)
    assert (thing.what, thing.left, thing.top, thing.width, thing.height) == ("dog", 17, 17, 66, 66)
    high = dark(200, 100)
    assert detector.find(high) == [], "there the place is grey: the left quarter of the square"
    wide[:, :100] = 90
    assert detector.find(wide) == [], "not sure enough"


@pytest.mark.slow
def test_what_is_no_detector(tmp_path: Path, faces: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "text.onnx").write_text("no network")
    write_towers(tmp_path)
    write_objects(tmp_path / "things.onnx")
    for file in ("text.onnx", "image.onnx", "things.onnx"):
        with pytest.raises(ModelUnavailable, match=f"{file} is no face detector"):
            load_detector(Kind.FACE, tmp_path / file).find(dark(64, 64))
    for file in ("text.onnx", "faces.onnx", "image.onnx"):
        with pytest.raises(ModelUnavailable, match=f"{file} is no object detector"):
            load_detector(Kind.OBJECT, tmp_path / file).find(dark(64, 64))
    with pytest.raises(ModelUnavailable, match="is a folder"):
        load_detector(Kind.FACE, tmp_path)
    with pytest.raises(ModelUnavailable, match="cannot be read"):
        load_detector(Kind.FACE, tmp_path / "gone.onnx")
    monkeypatch.delenv(VARIABLES[Kind.FACE], raising=False)
    with pytest.raises(ModelUnavailable, match=f"or set {VARIABLES[Kind.FACE]}"):
        load_detector(Kind.FACE, None)
    monkeypatch.setenv(VARIABLES[Kind.FACE], str(faces))
    assert load_detector(Kind.FACE, None).kind is Kind.FACE


def test_names_and_parts() -> None:
    assert _names_in(NAMES) == {0: "cat", 1: "dog"} and _names_in("['cat']") == {0: "cat"}
    assert _names_in("") == _names_in("{0: open('x')}") == _names_in("{") == _names_in("3") == {}
    assert part_between(Kind.FACE, 60, 0, 70, 10, 1.0, dark(50, 50)) is None
    cut = part_between(Kind.FACE, -5, 40, 10, 60, 1.2, dark(50, 50))
    assert cut == Part(Kind.FACE, 0, 40, 10, 10, 1.0)
    assert cut is not None and with_part("x.jpg", cut) == "x.jpg (face at 0,40,10,10, 100% sure)"
    assert with_part("x.jpg", None) == "x.jpg"
