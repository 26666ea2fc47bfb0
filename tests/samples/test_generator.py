"""The committed sample pictures are what the generator makes, and what truth.csv says they are."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image, ImageOps, UnidentifiedImageError

from sample_images.generate.__main__ import write_copy, write_scene
from sample_images.generate.copies import COPIES, ORIENTATION
from sample_images.generate.scenes import SCENES
from sample_images.generate.truth import COLUMNS, rows
from tests.helpers.places import SAMPLES

RELATIONS = {
    "original", "identical", "resized", "recompressed", "cropped", "rotated90",
    "rotated", "mirrored", "captioned", "bordered", "toned", "converted",
    "exif_rotated", "thumbnail", "letterboxed", "screenshot", "burst", "damaged",
    "not_an_image",
}  # fmt: skip


def pixels(path: Path) -> npt.NDArray[np.float64]:
    with Image.open(path) as image:
        return np.asarray(ImageOps.exif_transpose(image).convert("RGB"), np.float64)


def difference(a: Path, b: Path) -> float:
    """Return the mean difference of the pixels, of 255."""
    return float(np.abs(pixels(a) - pixels(b)).mean())


def files_of(relation: str) -> list[tuple[Path, Path]]:
    found = [(SAMPLES / file, SAMPLES / original) for file, original, of, _ in rows() if of == relation]
    assert found
    return found


def test_truth_lists_every_picture_and_no_others() -> None:
    with (SAMPLES / "truth.csv").open(encoding="utf-8", newline="") as file:
        header, *table = list(csv.reader(file))
    pictures = {
        path.relative_to(SAMPLES).as_posix()
        for path in SAMPLES.glob("*/*")
        if path.is_file() and path.parent.name not in ("generate", "__pycache__")
    }
    assert tuple(header) == COLUMNS
    assert [tuple(row) for row in table] == list(rows())
    assert len(table) == len(pictures)
    assert {row[0] for row in table} == pictures


def test_truth_is_consistent() -> None:
    table = list(rows())
    originals = {file for file, _, relation, _ in table if relation == "original"}
    assert len(originals) >= 26
    assert {relation for _, _, relation, _ in table} == RELATIONS
    for _file, original, relation, hard in table:
        assert original in originals or (original == "" and relation in ("original", "not_an_image"))
        assert hard in ("yes", "no")


def test_the_folder_stays_small() -> None:
    sizes = [(SAMPLES / file).stat().st_size for file, *_ in rows()]
    assert 50 <= len(sizes) <= 70
    assert sum(sizes) < 6_000_000


@pytest.mark.parametrize("file", ["phone/bokeh.jpg", "holiday/sunset.jpg"])
def test_an_original_is_rendered_again(file: str, tmp_path: Path) -> None:
    scene = next(scene for scene in SCENES if scene.file == file)
    # A codec or a processor may round differently, by far less than a visible step.
    assert difference(write_scene(scene, tmp_path), SAMPLES / file) < 1.0


@pytest.mark.parametrize("relation", ["cropped", "rotated", "toned", "letterboxed", "thumbnail"])
def test_a_copy_is_made_again(relation: str, tmp_path: Path) -> None:
    copy = next(copy for copy in COPIES if copy.relation == relation)
    source = tmp_path / copy.original
    source.parent.mkdir(parents=True)
    source.write_bytes((SAMPLES / copy.original).read_bytes())
    assert difference(write_copy(copy, tmp_path), SAMPLES / copy.file) < 1.0


def test_identical_copies_have_equal_bytes() -> None:
    for copy, original in files_of("identical"):
        assert copy.read_bytes() == original.read_bytes()


def test_damaged_and_other_files_do_not_decode() -> None:
    for damaged, original in files_of("damaged"):
        assert original.read_bytes().startswith(damaged.read_bytes())
        with Image.open(damaged) as image, pytest.raises(OSError, match="truncated"):
            image.load()
    for other, _ in files_of("not_an_image"):
        with pytest.raises(UnidentifiedImageError):
            Image.open(other)


def test_the_exif_rotated_copy_is_upright_after_orientation() -> None:
    for copy, original in files_of("exif_rotated"):
        with Image.open(copy) as stored, Image.open(original) as upright:
            assert stored.getexif()[ORIENTATION] != 1
            assert stored.size == upright.size[::-1]
        assert difference(copy, original) < 3.0


def test_the_png_keeps_every_pixel() -> None:
    for copy, original in files_of("converted"):
        if copy.suffix == ".png":
            assert difference(copy, original) == 0
