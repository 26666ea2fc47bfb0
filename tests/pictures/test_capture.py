"""What EXIF says of two pictures: one shot, or two of one camera."""

from __future__ import annotations

from io import BytesIO

import pytest
from PIL import ExifTags, Image

from visualsearch_cli.pictures.whole import facts_of

BASE = ExifTags.Base
DETAILS: dict[int, object] = {
    BASE.BodySerialNumber: "0042",
    BASE.DateTimeOriginal: "2024:05:01 12:00:00",
    BASE.SubsecTimeOriginal: "17",
    BASE.ExposureTime: 0.01,
}


def photograph(changes: dict[str, object], model: str = "One") -> bytes:
    exif = Image.Exif()
    exif[BASE.Make], exif[BASE.Model] = "Maker", model
    exif.get_ifd(ExifTags.IFD.Exif).update(
        DETAILS | {getattr(BASE, name): value for name, value in changes.items()}
    )
    stream = BytesIO()
    Image.new("RGB", (8, 8)).save(stream, "JPEG", exif=exif)
    return stream.getvalue()


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({}, ""),
        ({"ExposureTime": 0.02}, "other exposures"),
        ({"SubsecTimeOriginal": "18"}, "other fractions of a second"),
        ({"DateTimeOriginal": "2024:05:01 12:00:03"}, "other times"),
        ({"DateTimeOriginal": "2024:05:02 14:00:00"}, ""),  # a clock set anew, a date edited
        ({"BodySerialNumber": "0043", "ExposureTime": 0.02}, ""),
    ],
)
def test_one_camera_takes_two_shots_at_two_times(changes: dict[str, object], words: str) -> None:
    first, second = facts_of(photograph({})).capture, facts_of(photograph(changes)).capture
    assert first.is_another_than(second) == second.is_another_than(first) == words


def test_another_camera_or_none_says_nothing() -> None:
    first = facts_of(photograph({})).capture
    assert first.is_another_than(facts_of(photograph({"ExposureTime": 0.5}, "Two")).capture) == ""
    stream = BytesIO()
    Image.new("RGB", (8, 8)).save(stream, "PNG")
    assert first.is_another_than(facts_of(stream.getvalue()).capture) == ""
