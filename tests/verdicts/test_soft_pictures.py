"""A soft photograph, such as one that was enlarged, has copies like any other: codecs leave only errors in
the finest structure that it lacks, and these are neither detail nor sharpening nor the noise of a shot."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image, ImageFilter

from tests.helpers.pictures import photograph
from visualsearch_cli.library import Verdict, compare

pytestmark = pytest.mark.slow

Picture = Image.Image


def enlarged(name: str, times: float) -> Picture:
    picture = photograph(name)
    small = picture.resize((200, round(200 * picture.height / picture.width)), Image.Resampling.LANCZOS)
    size = round(times * small.width), round(times * small.height)
    return small.resize(size, Image.Resampling.BICUBIC)


@pytest.mark.parametrize(("name", "times"), [("astronaut", 3.0), ("chelsea", 4.0)])
@pytest.mark.parametrize("file", ["copy.webp", "copy.jpg", "copy.avif"])
def test_a_copy_of_an_enlarged_photograph_is_the_same(
    tmp_path: Path, name: str, times: float, file: str
) -> None:
    picture = enlarged(name, times)
    picture.save(tmp_path / "original.png")
    picture.save(tmp_path / "original.jpg", quality=92)
    picture.save(tmp_path / file, quality=75)
    for original in ("original.png", "original.jpg"):
        evidence = compare(tmp_path / original, tmp_path / file)
        assert evidence.verdict is Verdict.SAME, (original, evidence.reason)


@pytest.mark.parametrize("name", ["astronaut", "coffee"])
def test_two_files_of_one_soft_photograph_are_no_two_shots(tmp_path: Path, name: str) -> None:
    picture = enlarged(name, 4.0)
    for quality in (92, 90):
        picture.save(tmp_path / f"{quality}.jpg", quality=quality)
    evidence = compare(tmp_path / "92.jpg", tmp_path / "90.jpg")
    assert evidence.verdict is Verdict.SAME, evidence.reason


@pytest.mark.parametrize("name", ["astronaut", "coffee"])
def test_a_photograph_that_was_blurred_is_still_an_edit(tmp_path: Path, name: str) -> None:
    picture = photograph(name)
    picture.save(tmp_path / "sharp.jpg", quality=92)
    picture.filter(ImageFilter.GaussianBlur(1)).save(tmp_path / "soft.jpg", quality=92)
    evidence = compare(tmp_path / "sharp.jpg", tmp_path / "soft.jpg")
    assert evidence.verdict is Verdict.EDITED, evidence.reason
