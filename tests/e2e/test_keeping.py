"""Which file is kept, by the installed program: the plain, sharp original, and the report says why."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
from PIL import ExifTags, Image, ImageDraw, ImageFilter, ImageOps

from tests.helpers.photographs import originals
from tests.helpers.program import Program

BASE = ExifTags.Base


def camera_exif(software: str = "") -> bytes:
    """Return the EXIF of a camera, without its notes if a program saved the file again."""
    exif = Image.Exif()
    exif[BASE.Make], exif[BASE.Model] = "Kestrel", "KO-20"
    if software:
        exif[BASE.Software] = software
    details = exif.get_ifd(ExifTags.IFD.Exif)
    details[BASE.DateTimeOriginal] = "2023:05:01 10:04:31"
    if not software:
        details[BASE.MakerNote] = b"Kestrel\0notes"
    return exif.tobytes()


def photograph(number: int = 8) -> Image.Image:
    return originals()[number].resize((480, 320), Image.Resampling.LANCZOS)


def kept(run: Program, folder: Path, *options: str) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Return the kept member and the others of the one group that is found."""
    run("index", folder, "-q")
    run("dupes", "--level", "edited", "--report", "r.json", *options, cwd=folder)
    (group,) = json.loads((folder / "r.json").read_text("utf-8"))["groups"]
    first, *others = group["members"]
    return first, others


def blurred(picture: Image.Image, path: Path) -> None:
    picture.filter(ImageFilter.GaussianBlur(1.2)).save(path.with_suffix(".jpg"), quality=98)


def enlarged(picture: Image.Image, path: Path) -> None:
    small = picture.resize((240, 160), Image.Resampling.LANCZOS)
    small.resize((720, 480), Image.Resampling.BICUBIC).save(path.with_suffix(".jpg"), quality=98)


def coarse(picture: Image.Image, path: Path) -> None:
    stream = io.BytesIO()
    picture.save(stream, "JPEG", quality=30)
    Image.open(stream).save(path.with_suffix(".png"))


def few_colors(picture: Image.Image, path: Path) -> None:
    picture.quantize(256).convert("RGB").save(path.with_suffix(".png"))


def framed(picture: Image.Image, path: Path) -> None:
    ImageOps.expand(picture, 24, "black").save(path.with_suffix(".jpg"), quality=98)


def barred(picture: Image.Image, path: Path) -> None:
    copy = picture.copy()
    ImageDraw.Draw(copy).rectangle((180, 110, 300, 150), "black")
    copy.save(path.with_suffix(".jpg"), quality=98)


def grey(picture: Image.Image, path: Path) -> None:
    ImageOps.grayscale(picture).convert("RGB").save(path.with_suffix(".jpg"), quality=98)


KINDS = {
    blurred: "detail",
    enlarged: "detail",
    coarse: "detail",
    few_colors: "plain",
    framed: "plain",
    barred: "plain",
    grey: "plain",
}


@pytest.mark.parametrize("make", KINDS, ids=lambda make: make.__name__)
def test_a_worse_picture_is_offered(run: Program, make: Any) -> None:
    folder = run.home / "Photos"
    folder.mkdir()
    photograph().save(folder / "z.jpg", quality=88)
    make(photograph(), folder / "a")
    first, (other,) = kept(run, folder)
    assert Path(first["path"]).name == "z.jpg"
    key = KINDS[make]
    assert other["offered_because"].startswith(f"{key}: ") and "(kept: " in other["offered_because"]
    assert first["kept_because"].startswith(f"{key}: ")
    assert first["offered_because"] is None and other["kept_because"] is None


def test_of_two_parts_of_one_photograph_both_stay(run: Program) -> None:
    folder = run.home / "Photos"
    folder.mkdir()
    picture = photograph()
    width, height = picture.size
    fifth = width // 5
    for name, box in (("left", (0, 0, 4 * fifth, height)), ("right", (fifth, 0, 5 * fifth, height))):
        picture.crop(box).save(folder / f"{name}.jpg", quality=92)
    _, (other,) = kept(run, folder)
    assert other["protected"] and "shows more than the kept file, which has 75 % of it" in other["reason"]
    run("apply", "r.json", "--level", "edited", "--yes", cwd=folder)
    assert sorted(path.name for path in folder.glob("*.jpg")) == ["left.jpg", "right.jpg"]


def test_what_a_camera_wrote_is_kept_before_what_a_program_saved(run: Program) -> None:
    folder = run.home / "Photos"
    folder.mkdir()
    photograph().save(folder / "IMG_1.jpg", quality=88, exif=camera_exif())
    photograph().save(folder / "1.jpg", quality=97, exif=camera_exif("darktable 4.6.1"))
    first, (other,) = kept(run, folder)
    assert Path(first["path"]).name == "IMG_1.jpg"
    assert other["offered_because"] == "original: saved by darktable 4.6.1 (kept: as Kestrel KO-20 wrote it)"
    assert first["taken"] == other["taken"] == "2023-05-01 10:04:31"
    shown = " ".join(run("dupes", "-v", cwd=folder).out.split())
    assert "offered because: original: saved by darktable 4.6.1" in shown
    assert "kept because: original: as Kestrel KO-20 wrote it" in shown
    assert "2023-05-01 10:04" in shown and "file time" not in shown
    assert "because" not in run("dupes", cwd=folder).out


def test_a_name_of_takeout_says_which_one_was_edited(run: Program) -> None:
    folder = run.home / "Photos"
    folder.mkdir()
    for name, quality in (("IMG_1-bearbeitet.jpg", 97), ("IMG_1.jpg", 95)):
        photograph(1).save(folder / name, quality=quality)
    first, _ = kept(run, folder)
    assert Path(first["path"]).name == "IMG_1.jpg"
    run("dupes", "--keep", "size", "--report", "r.json", cwd=folder)
    (group,) = json.loads((folder / "r.json").read_text("utf-8"))["groups"]
    assert Path(group["members"][0]["path"]).name == "IMG_1-bearbeitet.jpg"
    assert group["members"][0]["kept_because"].startswith("size: ")


def test_a_heic_is_kept_before_its_export(run: Program) -> None:
    pillow_heif = pytest.importorskip("pillow_heif")
    pillow_heif.register_heif_opener()
    folder = run.home / "Photos"
    folder.mkdir()
    photograph(1).save(folder / "IMG_1.HEIC", quality=80, exif=camera_exif())
    with Image.open(folder / "IMG_1.HEIC") as heic:
        heic.convert("RGB").save(folder / "export.jpg", quality=92, exif=heic.info["exif"])
    first, (other,) = kept(run, folder)
    assert Path(first["path"]).name == "IMG_1.HEIC"
    assert "exported from a HEIC" in other["offered_because"]


@pytest.mark.parametrize("format_", ["WEBP", "AVIF", "HEIF"])
def test_what_was_saved_again_by_its_own_codec_is_offered_though_it_is_larger(
    run: Program, format_: str
) -> None:
    if format_ == "HEIF":
        pytest.importorskip("pillow_heif").register_heif_opener()
    folder = run.home / "Photos"
    folder.mkdir()
    suffix = {"HEIF": "heic"}.get(format_, format_.lower())
    original, again = folder / f"b.{suffix}", folder / f"a.{suffix}"
    photograph().save(original, format_, quality=50)
    with Image.open(original) as image:
        image.save(again, format_, quality=80)
    assert again.stat().st_size > original.stat().st_size

    first, (other,) = kept(run, folder)
    assert first["path"] == str(original)
    assert other["offered_because"].startswith("quality: less of the detail, as what is saved again has")


def test_what_is_upside_down_is_not_kept_among_upright_ones(run: Program) -> None:
    folder = run.home / "Photos"
    folder.mkdir()
    picture = photograph(1)
    picture.rotate(180).resize((720, 480), Image.Resampling.LANCZOS).save(folder / "a.jpg", quality=98)
    picture.save(folder / "b.jpg", quality=90)
    picture.resize((360, 240), Image.Resampling.LANCZOS).save(folder / "c.jpg", quality=90)
    picture.crop((20, 20, 460, 310)).save(folder / "d.jpg", quality=90)
    first, others = kept(run, folder, "--transforms", "all")
    assert Path(first["path"]).name == "b.jpg" and len(others) == 3


def test_the_page_says_why(run: Program) -> None:
    folder = run.home / "Photos"
    folder.mkdir()
    photograph().save(folder / "z.jpg", quality=88)
    blurred(photograph(), folder / "a")
    run("index", folder, "-q")
    run("dupes", "--level", "edited", "--html", "page.html", cwd=folder)
    page = (folder / "page.html").read_text("utf-8")
    assert "Kept because: detail: " in page and "Offered because: detail: " in page
