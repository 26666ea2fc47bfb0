"""What a file says of how its picture was compressed."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO

import pytest
from PIL import Image

from visualsearch_cli.pictures.formats import LOSSLESS, Codec, Compression
from visualsearch_cli.pictures.whole import facts_of


def saved(format_: str, **options: object) -> bytes:
    stream = BytesIO()
    Image.linear_gradient("L").convert("RGB").resize((48, 32)).save(stream, format_, **options)
    return stream.getvalue()


def exif() -> Image.Exif:
    described = Image.Exif()
    described[0x010E] = "a gradient"  # ImageDescription
    return described


FRAME = Image.new("RGB", (48, 32), "red")
FILES: dict[str, tuple[Callable[[], bytes], Compression]] = {
    "png": (lambda: saved("PNG"), LOSSLESS),
    "webp": (lambda: saved("WEBP"), Compression(Codec.OTHER)),
    "webp, with EXIF": (lambda: saved("WEBP", exif=exif()), Compression(Codec.OTHER)),
    "lossless webp": (lambda: saved("WEBP", lossless=True), LOSSLESS),
    "lossless webp, with EXIF": (lambda: saved("WEBP", lossless=True, exif=exif()), LOSSLESS),
    "animated webp": (
        lambda: saved("WEBP", lossless=True, save_all=True, append_images=[FRAME]),
        Compression(Codec.OTHER),
    ),
    "avif": (lambda: saved("AVIF"), Compression(Codec.OTHER, avif=True)),
    "gif": (lambda: saved("GIF"), Compression(Codec.NONE, few_colors=True)),
}


@pytest.mark.parametrize("name", FILES)
def test_loss_is_told_from_the_file(name: str) -> None:
    file, expected = FILES[name]
    assert facts_of(file()).compression == expected


def test_a_webp_that_is_cut_says_no_more_than_it_holds() -> None:
    data = saved("WEBP", lossless=True, exif=exif())
    assert all(
        facts_of(data[:length]).compression in (LOSSLESS, Compression(Codec.OTHER))
        for length in range(len(data))
    )
