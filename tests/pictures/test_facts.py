"""What files tell: enlarged or not, JPEG quality, EXIF. Damaged ones tell nothing."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import ExifTags, Image, ImageFilter

from tests.helpers.photographs import NAMES, originals
from visualsearch_cli.pictures.facts import PictureFacts
from visualsearch_cli.pictures.image import ImageRecord
from visualsearch_cli.pictures.pillow import PillowReader

FILTERS = (Image.Resampling.BILINEAR, Image.Resampling.BICUBIC, Image.Resampling.LANCZOS)


def facts() -> PictureFacts:
    return PictureFacts(PillowReader())


def record(path: Path, image: Image.Image) -> ImageRecord:
    return ImageRecord(1, 1, path, 1, 1, "00", image.width, image.height, "JPEG")


def saved(image: Image.Image, path: Path, quality: int = 85) -> ImageRecord:
    image.save(path, quality=quality)
    return record(path, image)


@pytest.mark.parametrize("number", range(len(NAMES)), ids=NAMES)
def test_photographs_were_not_enlarged(number: int, tmp_path: Path) -> None:
    image = originals()[number].resize((400, 300), Image.Resampling.LANCZOS)
    its = saved(image, tmp_path / "true.jpg")
    assert not facts().is_enlarged(its, 200, 150)
    assert not facts().is_enlarged(its, 100, 75)


@pytest.mark.parametrize("filter", FILTERS)
@pytest.mark.parametrize("number", range(len(NAMES)), ids=NAMES)
def test_enlarged_photographs_were(number: int, filter: Image.Resampling, tmp_path: Path) -> None:
    small = originals()[number].resize((200, 150), Image.Resampling.LANCZOS)
    its = saved(small.resize((500, 375), filter), tmp_path / "enlarged.jpg")
    assert facts().is_enlarged(its, 200, 150)


def test_sizes_that_are_too_near_tell_nothing(tmp_path: Path) -> None:
    blurred = originals()[0].resize((400, 300)).filter(ImageFilter.GaussianBlur(2))
    its = saved(blurred, tmp_path / "blurred.jpg")
    assert facts().is_enlarged(its, 200, 150)
    assert not facts().is_enlarged(its, 300, 225)


def test_a_blank_picture_was_not_enlarged(tmp_path: Path) -> None:
    assert not facts().is_enlarged(saved(Image.new("RGB", (400, 300)), tmp_path / "black.jpg"), 200, 150)


@pytest.mark.parametrize("quality", [30, 50, 75, 90, 95])
def test_jpeg_quality(quality: int, tmp_path: Path) -> None:
    its = saved(originals()[0], tmp_path / "x.jpg", quality)
    assert facts().jpeg_quality(its) == pytest.approx(quality, abs=2)


def test_exif(tmp_path: Path) -> None:
    image = Image.new("RGB", (40, 30))
    found = []
    exif = Image.Exif()
    for tag, value in ((None, None), (ExifTags.Base.Orientation, 6), (ExifTags.Base.Make, "Camera")):
        if tag is not None:
            exif[tag] = value
        image.save(tmp_path / "x.jpg", exif=exif)
        found.append(facts().exif(record(tmp_path / "x.jpg", image)))
    exif.get_ifd(ExifTags.IFD.GPSInfo)[ExifTags.GPS.GPSLatitude] = (47.0, 22.0, 0.0)
    image.save(tmp_path / "x.jpg", exif=exif)
    assert [*found, facts().exif(record(tmp_path / "x.jpg", image))] == [0, 1, 2, 3]


def test_what_cannot_be_read_tells_nothing(tmp_path: Path) -> None:
    image = Image.new("RGB", (400, 300))
    (tmp_path / "damaged.jpg").write_bytes(b"\xff\xd8\xff no picture")
    for name in ("damaged.jpg", "none.jpg"):
        its = record(tmp_path / name, image)
        assert not facts().is_enlarged(its, 100, 75)
        assert facts().jpeg_quality(its) is None
        assert facts().exif(its) == 0


def test_what_lies_beside_a_picture_is_read_up_to_a_size(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    its, list_ = saved(originals()[0], tmp_path / "x.jpg"), tmp_path / "descript.ion"
    list_.write_bytes(b"x.jpg On the pier")
    assert facts().metadata(its, [list_]).caption == "On the pier"
    monkeypatch.setattr("visualsearch_cli.pictures.reading.LARGEST_BESIDE", 16)
    assert facts().metadata(its, [list_]).caption == ""


def test_png_has_no_jpeg_quality(tmp_path: Path) -> None:
    image = Image.new("RGB", (40, 30))
    image.save(tmp_path / "x.png")
    assert facts().jpeg_quality(record(tmp_path / "x.png", image)) is None
