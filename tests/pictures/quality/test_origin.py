"""Who wrote a file: a camera, or a program that saved the picture again."""

from __future__ import annotations

import io
from datetime import datetime

import pytest
from PIL import ExifTags, Image

from visualsearch_cli.pictures.quality.origin import JFIF, Origin, origin_of

BASE = ExifTags.Base


def written(software: str = "", *, make: str = "Kestrel", model: str = "KO-20", notes: bool = True) -> Origin:
    """Return what is said of a file with such EXIF."""
    exif = Image.Exif()
    if make:
        exif[BASE.Make], exif[BASE.Model] = make, model
    if software:
        exif[BASE.Software] = software
    details = exif.get_ifd(ExifTags.IFD.Exif)
    details[BASE.DateTimeOriginal] = "2023:05:01 10:04:31"
    if notes:
        details[BASE.MakerNote] = b"Kestrel\0notes"
    stream = io.BytesIO()
    Image.new("RGB", (40, 30), "teal").save(stream, "JPEG", exif=exif)
    with Image.open(stream) as image:
        return origin_of(image)


def test_what_a_camera_wrote() -> None:
    origin = written()
    assert origin.rank == 3 and str(origin) == "as Kestrel KO-20 wrote it"
    assert origin.taken == datetime(2023, 5, 1, 10, 4, 31)
    assert origin.own_steps is False and not origin.is_heic
    assert written(notes=False).rank == 2
    assert written(make="Kestrel Optical", model="Kestrel KO-20").camera == "Kestrel KO-20"


@pytest.mark.parametrize("firmware", ["Ver.1.00 ", "4.1", "KO-20 Ver 2.1", "HDR+ 1.0.540104767zd", "17.1.2"])
def test_firmware_is_no_program(firmware: str) -> None:
    assert written(firmware).rank == 3


@pytest.mark.parametrize(
    "program",
    ["Adobe Photoshop 25.0 (Windows)", "darktable 4.6.1", "GIMP 2.10", "Snapseed 2.0", "Capture One 23"],
)
def test_a_program_that_saved_it_again(program: str) -> None:
    origin = written(program)
    assert origin.rank == 1 and str(origin) == f"saved by {program}"


def around(
    size: tuple[int, int], exif_size: tuple[int, int] | None, format_: str = "JPEG", **how: bool
) -> str:
    """Return what a file with EXIF says of who wrote it; a JPEG without the header that Pillow writes."""
    exif = Image.Exif()
    exif[BASE.Make], exif[BASE.Model] = "Kestrel", "KO-20"
    if exif_size:
        details = exif.get_ifd(ExifTags.IFD.Exif)
        details[BASE.ExifImageWidth], details[BASE.ExifImageHeight] = exif_size
    stream = io.BytesIO()
    Image.new("RGB", size, "teal").save(stream, format_, exif=exif, **how)
    data = stream.getvalue()
    if data[2:4] == b"\xff\xe0":
        data = data[:2] + data[4 + int.from_bytes(data[4:6], "big") :]
    with Image.open(io.BytesIO(data)) as image:
        return origin_of(image).again


def test_what_programs_leave_around_a_picture() -> None:
    assert written().again == JFIF, "as Pillow writes it"
    assert around((48, 32), None) == around((48, 32), (48, 32)) == ""
    assert around((48, 32), (32, 48)) == "", "turned without loss, and EXIF left as it was"
    assert around((48, 32), (48, 28)) == "", "a row of blocks, of which EXIF leaves a part out"
    assert around((48, 32), (0, 0)) == ""
    assert around((48, 32), (96, 64)) == "48×32, and EXIF is of another size"
    assert around((48, 32), (48, 32), progressive=True) == "progressive, as programs save"
    assert around((48, 32), (48, 32), "PNG") == "PNG, which no camera writes"
    assert around((48, 32), (96, 64), "WEBP") == "WEBP, which no camera writes"
    assert around((48, 32), (48, 32), "TIFF") == ""


def test_a_file_that_says_nothing() -> None:
    assert written(make="", notes=False).rank == 1
    assert str(written(make="", notes=False)) == "no camera named"


def test_tables_of_its_own() -> None:
    stream = io.BytesIO()
    steps = [7 + n % 5 for n in range(64)]
    Image.new("RGB", (40, 30)).save(stream, "JPEG", qtables=[steps, steps[::-1]])
    with Image.open(stream) as image:
        assert origin_of(image).own_steps is True
    stream = io.BytesIO()
    Image.new("RGB", (40, 30)).save(stream, "PNG")
    with Image.open(stream) as image:
        assert origin_of(image).own_steps is None


@pytest.mark.parametrize(
    ("tables", "mode", "may_be_a_cameras"),
    [
        ([[3] * 64, [3] * 64], "RGB", False),  # as mozjpeg makes them
        ([[4] * 64, [5] * 64], "RGB", False),
        ([list(range(2, 66))] * 2, "RGB", False),
        ([list(range(2, 66)), list(range(3, 67))], "RGB", True),
        ([list(range(2, 66))], "L", True),
        ([list(range(2, 66))], "RGB", False),  # as ffmpeg makes it
    ],
)
def test_tables_that_no_camera_has(tables: list[list[int]], mode: str, may_be_a_cameras: bool) -> None:
    stream = io.BytesIO()
    Image.new(mode, (16, 16)).save(stream, "JPEG", qtables=tables)
    with Image.open(stream) as image:
        assert origin_of(image).own_steps is may_be_a_cameras
