"""A RAW as a camera wrote it, beside those that tests make: `make raws` fetches one.

It lies in the source package of libraw-cffi on PyPI (MIT), among its tests: a Sony's ARW, compressed, of 18
megapixels. It is not part of the repository.
"""

from __future__ import annotations

import io
import shutil
import sys
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image

from tests.helpers.program import Program
from visualsearch_cli.pictures.image import Pixels
from visualsearch_cli.pictures.reader import AnyImageReader

pytestmark = pytest.mark.slow  # it is developed whole

RAW = Path(sys.prefix) / "raws" / "_DSC2164.ARW"
SIDES = (5168, 3448)


@pytest.fixture
def run(tmp_path: Path) -> Program:
    """The program, in an empty home folder."""
    home = tmp_path / "home"
    home.mkdir()
    return Program(home)


@pytest.fixture
def raw() -> Path:
    pytest.importorskip("rawpy", reason="the extra `formats` is not installed")
    if not RAW.is_file():
        pytest.skip("the RAW of a real camera is not here")
    return RAW


def luma(pixels: Pixels) -> npt.NDArray[np.float64]:
    small = Image.fromarray(pixels).convert("L").resize((60, 40), Image.Resampling.BOX)
    return np.asarray(small, np.float64).reshape(-1)


def test_its_preview_and_its_sensor_show_one_picture(raw: Path) -> None:
    data = raw.read_bytes()
    small, whole = AnyImageReader().read(data, 128), AnyImageReader().read(data)
    assert (small.width, small.height) == (whole.width, whole.height) == SIDES
    assert small.format == whole.format == "RAW"
    assert whole.pixels.shape == (SIDES[1], SIDES[0], 3)
    assert min(small.pixels.shape[:2]) >= 128 and small.pixels.shape[1] < SIDES[0] / 2
    assert np.corrcoef(luma(small.pixels), luma(whole.pixels))[0, 1] > 0.9


def test_a_raw_that_was_cut_off_is_named(raw: Path, run: Program) -> None:
    photos = run.home / "Photos"
    photos.mkdir()
    shutil.copy(raw, photos / "whole.arw")
    (photos / "cut.arw").write_bytes(raw.read_bytes()[: raw.stat().st_size // 2])
    said = run("index", photos, code=3).err
    assert "cut.arw" in said and "whole.arw" not in said


def test_it_is_found_by_a_jpeg_of_it(raw: Path, run: Program) -> None:
    photos = run.home / "Photos"
    photos.mkdir()
    shutil.copy(raw, photos / "DSC02164.ARW")
    shown = Image.fromarray(AnyImageReader().read(raw.read_bytes(), 400).pixels)
    stream = io.BytesIO()
    shown.resize((480, 320)).save(stream, "JPEG", quality=70)
    (run.home / "sent.jpg").write_bytes(stream.getvalue())
    run("index", photos)
    (result,) = run("query", "sent.jpg", "--json", "--index", photos / ".visualsearch").json["results"]
    assert Path(result["neighbors"][0]["path"]).name == "DSC02164.ARW"
    assert result["neighbors"][0]["distance"] < 0.05
