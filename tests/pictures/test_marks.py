"""Pictures that the program draws are told from all others, and look as they did."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw
from PIL.PngImagePlugin import PngInfo

from visualsearch_cli.pictures.image import Pixels
from visualsearch_cli.pictures.marks import SUFFIXES, TEXT, is_marked, marked
from visualsearch_cli.verdicts.opencv.match_picture import encoded

WIDTH, HEIGHT = 301, 97


def drawn() -> Pixels:
    ramp = np.linspace(0, 255, WIDTH * HEIGHT * 3).reshape(HEIGHT, WIDTH, 3)
    pixels: Pixels = ramp.astype(np.uint8)
    return pixels


def known(data: bytes) -> bool:
    return is_marked(io.BytesIO(data))


def shown(data: bytes) -> Pixels:
    with Image.open(io.BytesIO(data)) as image:
        assert image.mode == "RGB"
        return np.asarray(image)


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_picture_with_the_mark_is_known_and_looks_the_same(suffix: str) -> None:
    plain = encoded(drawn(), suffix)
    made = marked(plain, WIDTH, HEIGHT)
    assert not known(plain) and known(made)
    assert not known(made[:-1]), "a file cut short is not known"
    np.testing.assert_array_equal(shown(made), shown(plain))


def test_the_mark_is_a_text_that_readers_show() -> None:
    def info(suffix: str) -> dict[object, object]:
        with Image.open(io.BytesIO(marked(encoded(drawn(), suffix), WIDTH, HEIGHT))) as image:
            return dict(image.info)

    assert str(info(".png")["Software"]).startswith(TEXT.decode())
    comment = info(".jpg")["comment"]
    assert isinstance(comment, bytes) and comment.startswith(TEXT)


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_picture_changed_by_hand_is_not_known_any_more(suffix: str, tmp_path: Path) -> None:
    path = tmp_path / f"match{suffix}"
    path.write_bytes(marked(encoded(drawn(), suffix), WIDTH, HEIGHT))
    with Image.open(path) as image:
        ImageDraw.Draw(image).text((5, 5), "look here", fill="red")
        text = PngInfo()
        text.add_text("Software", str(image.info.get("Software")))
        image.save(path, pnginfo=text)  # and of a JPEG, Pillow keeps the comment by itself
    assert not known(path.read_bytes())


@pytest.mark.parametrize("format", ["PNG", "JPEG", "WEBP", "GIF", "TIFF", "BMP"])
def test_no_photograph_is_taken_for_one_of_ours(format: str) -> None:
    data = io.BytesIO()
    Image.fromarray(drawn()).save(data, format)
    assert not known(data.getvalue())


@pytest.mark.parametrize("head", [b"", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff\xe0", b"RIFF\0\0\0\0WEBPVP8X"])
def test_the_beginning_of_a_picture_is_not_enough(head: bytes) -> None:
    assert not known(head)


def test_only_pictures_take_a_mark() -> None:
    with pytest.raises(ValueError, match="GIF89a"):
        marked(b"GIF89a, a picture", 1, 1)
