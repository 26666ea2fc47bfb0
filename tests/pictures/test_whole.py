"""What a file holds beyond its first eight bits a sample."""

from __future__ import annotations

from io import BytesIO

import numpy as np
import pytest
from PIL import Image, ImageDraw

from visualsearch_cli.errors import ImageTooLarge, ImageUnreadable
from visualsearch_cli.pictures.whole import whole_of


def saved(image: Image.Image, format_: str, **options: object) -> bytes:
    stream = BytesIO()
    image.save(stream, format_, **options)
    return stream.getvalue()


GRADIENT = Image.linear_gradient("L").convert("RGB")
RED = Image.new("RGB", GRADIENT.size, "red")


def test_the_container_and_its_metadata_do_not_matter() -> None:
    assert whole_of(saved(GRADIENT, "PNG")) == whole_of(saved(GRADIENT, "BMP"))
    assert whole_of(saved(GRADIENT, "PNG")) == whole_of(saved(GRADIENT, "PNG", dpi=(300, 300)))
    turned = Image.Exif()
    turned[0x0112] = 6
    on_its_side = GRADIENT.transpose(Image.Transpose.ROTATE_90)
    assert whole_of(saved(on_its_side, "PNG", exif=turned)) == whole_of(saved(GRADIENT, "PNG"))


@pytest.mark.parametrize("format_", ["GIF", "TIFF", "WEBP", "PNG"])
def test_all_frames_and_pages_count(format_: str) -> None:
    other = Image.new("RGB", GRADIENT.size, "blue")
    options = {} if format_ != "WEBP" else {"lossless": True}
    one, two = (
        whole_of(saved(GRADIENT, format_, save_all=True, append_images=[last], **options))
        for last in (RED, other)
    )
    assert one.frames == two.frames == 2
    assert one.hash != two.hash


@pytest.mark.parametrize("format_", ["GIF", "WEBP", "PNG", "AVIF"])
def test_how_long_the_frames_last_counts(format_: str) -> None:
    options = {} if format_ != "WEBP" else {"lossless": True}
    slow, fast, again = (
        whole_of(saved(GRADIENT, format_, save_all=True, append_images=[RED], duration=lasts, **options))
        for lasts in (900, 100, 101)
    )
    assert slow.frames == fast.frames == 2
    assert slow.hash != fast.hash == again.hash  # GIF would round it


def test_an_animation_may_be_in_any_lossless_container() -> None:
    frames = {"save_all": True, "append_images": [RED], "duration": [100, 250]}
    assert whole_of(saved(GRADIENT, "PNG", **frames)) == whole_of(
        saved(GRADIENT, "WEBP", lossless=True, **frames)
    )


@pytest.mark.parametrize("orientation", [1, 3, 6])
@pytest.mark.parametrize("mode", ["RGB", "RGBA", "P", "L", "CMYK", "1"])
def test_the_hash_of_a_large_picture_is_made_in_strips(
    mode: str, orientation: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    image = GRADIENT.resize((70, 600))
    image.putalpha(Image.linear_gradient("L").resize(image.size))
    image = (image if mode == "RGBA" else image.convert("RGB")).convert(mode)
    exif = Image.Exif()
    exif[0x0112] = orientation
    data = saved(image, "TIFF" if mode == "CMYK" else "PNG", exif=exif)
    at_once = whole_of(data)
    monkeypatch.setattr("visualsearch_cli.pictures.pillow.LARGE", 0)
    monkeypatch.setattr("visualsearch_cli.pictures.whole.LARGE", 0)
    assert whole_of(data) == at_once


def test_what_is_transparent_counts() -> None:
    hashes = set()
    for shape in ("ellipse", "rectangle"):
        image = Image.new("RGBA", (60, 60), (255, 255, 255, 0))
        getattr(ImageDraw.Draw(image), shape)((10, 10, 50, 50), fill="white")
        hashes.add(whole_of(saved(image, "PNG")).hash)
    hashes.add(whole_of(saved(Image.new("RGB", (60, 60), "white"), "PNG")).hash)
    assert len(hashes) == 3
    opaque = Image.new("RGBA", (60, 60), "white")
    assert whole_of(saved(opaque, "PNG")).hash in hashes


def test_all_bits_count() -> None:
    levels = np.arange(0, 65536, 16, dtype=np.uint16).reshape(64, 64)
    master = whole_of(saved(Image.fromarray(levels), "PNG"))
    finer = whole_of(saved(Image.fromarray(levels + 1), "PNG"))
    export = whole_of(saved(Image.fromarray((levels >> 8).astype(np.uint8)), "PNG"))
    assert len({master.hash, finer.hash, export.hash}) == 3


def test_a_film_behind_it_and_an_attached_picture_count() -> None:
    plain = saved(GRADIENT, "JPEG")
    film = plain + b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom" + bytes(100)
    assert whole_of(plain).hash != whole_of(film).hash
    assert whole_of(plain).hash == whole_of(plain + b"padding").hash
    attached = saved(GRADIENT, "MPO", save_all=True, append_images=[RED])
    assert whole_of(attached).hash != whole_of(plain).hash
    assert whole_of(attached).frames == 1


@pytest.mark.parametrize("format_", ["JPEG", "PNG", "WEBP", "GIF", "AVIF"])
def test_further_pictures_and_films_behind_it_count(format_: str) -> None:
    plain = saved(GRADIENT, format_)
    film = b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom" + bytes(100)
    parts = [b"", film, *(saved(image, "JPEG") for image in (GRADIENT, RED))]
    if format_ == "AVIF":
        parts = [b"", (8 + len(film)).to_bytes(4, "big") + b"mpvd" + film]
    hashes = {whole_of(plain + part).hash for part in parts}
    assert len(hashes) == len(parts)


def test_what_is_no_picture_is_refused() -> None:
    with pytest.raises(ImageUnreadable, match="not an image"):
        whole_of(b"no picture, whatever its name")


def test_a_later_page_of_too_many_pixels_is_refused_before_it_is_decoded() -> None:
    data = bytearray(saved(GRADIENT, "TIFF", save_all=True, append_images=[RED.copy()]))
    width = b"\x00\x01\x04\x00\x01\x00\x00\x00" + GRADIENT.width.to_bytes(4, "little")
    at = data.rindex(width)
    data[at + 8 : at + 12] = (2_000_000).to_bytes(4, "little")
    with pytest.raises(ImageTooLarge, match="2000000 × 256"):
        whole_of(bytes(data))
