"""Modes, alpha, bit depths and profiles on their way to RGB."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image, ImageCms

from visualsearch_cli.pictures import color
from visualsearch_cli.pictures.color import gamut_of, to_srgb

GRAY = (120, 120, 120)


def pixel(image: Image.Image, x: int = 0, y: int = 0) -> tuple[int, ...]:
    converted = to_srgb(image)
    assert converted.mode == "RGB"
    value = converted.getpixel((x, y))
    assert isinstance(value, tuple)
    return tuple(int(v) for v in value)


def gray(mode: str) -> Image.Image:
    image = Image.new("RGB", (4, 4), GRAY)
    if mode in ("P", "PA"):
        return image.quantize().convert(mode)
    return image.convert(mode)


def rgb_profile(gamma: float = 2.2, *, swapped: bool = False) -> bytes:
    """Return a profile with the primaries of sRGB; `swapped` exchanges red and blue."""
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    tags = {bytes(profile[at : at + 4]): at for at in range(132, 132 + 12 * profile[131], 12)}
    if swapped:
        red, blue = tags[b"rXYZ"], tags[b"bXYZ"]
        profile[red : red + 4], profile[blue : blue + 4] = b"bXYZ", b"rXYZ"
    if gamma != 2.2:
        at = int.from_bytes(profile[tags[b"rTRC"] + 4 : tags[b"rTRC"] + 8], "big")
        profile[at : at + 16] = b"curv" + bytes(4) + (1).to_bytes(4, "big") + _fixed8(gamma) + bytes(2)
        for name in (b"rTRC", b"gTRC", b"bTRC"):
            profile[tags[name] + 4 : tags[name] + 12] = at.to_bytes(4, "big") + (14).to_bytes(4, "big")
    return bytes(profile)


def wide_profile() -> bytes:
    """Return a profile with the primaries of Display P3, as XYZ under D50."""
    profile = bytearray(rgb_profile())
    primaries = {
        b"rXYZ": (0.51512, 0.24120, -0.00105),
        b"gXYZ": (0.29198, 0.69225, 0.04189),
        b"bXYZ": (0.15710, 0.06657, 0.78407),
    }
    for at in range(132, 132 + 12 * profile[131], 12):
        if (name := bytes(profile[at : at + 4])) in primaries:
            start = int.from_bytes(profile[at + 4 : at + 8], "big") + 8
            profile[start : start + 12] = b"".join(map(_fixed16, primaries[name]))
    return bytes(profile)


def gray_profile(gamma: float) -> bytes:
    """Return a minimal grey profile: a white point and one tone curve."""
    white = b"XYZ " + bytes(4) + bytes.fromhex("0000f6d6000100000000d32d")
    curve = b"curv" + bytes(4) + (1).to_bytes(4, "big") + _fixed8(gamma) + bytes(2)
    start = 128 + 4 + 2 * 12
    tags = (2).to_bytes(4, "big")
    tags += b"wtpt" + start.to_bytes(4, "big") + len(white).to_bytes(4, "big")
    tags += b"kTRC" + (start + len(white)).to_bytes(4, "big") + (14).to_bytes(4, "big")
    size = start + len(white) + len(curve)
    header = size.to_bytes(4, "big") + bytes(4) + bytes.fromhex("02400000") + b"mntrGRAYXYZ "
    header += bytes(12) + b"acsp" + bytes(28) + bytes.fromhex("0000f6d6000100000000d32d")
    return header.ljust(128, b"\0") + tags + white + curve


def _fixed16(value: float) -> bytes:
    return round(value * 65536).to_bytes(4, "big", signed=True)


def _fixed8(value: float) -> bytes:
    return round(value * 256).to_bytes(2, "big")


@pytest.mark.parametrize("mode", ["RGB", "L", "P", "YCbCr", "CMYK", "RGBA", "LA", "PA", "RGBX", "HSV"])
def test_modes_of_8_bits(mode: str) -> None:
    assert pixel(gray(mode)) == pytest.approx(GRAY, abs=2)


def test_black_and_white() -> None:
    image = Image.new("1", (2, 1))
    image.putpixel((1, 0), 1)
    assert (pixel(image), pixel(image, x=1)) == ((0, 0, 0), (255, 255, 255))


def test_lab() -> None:
    red = pixel(Image.new("LAB", (2, 2), (138, 209, 198)))
    assert red == pytest.approx((254, 0, 0), abs=12)


@pytest.mark.parametrize(
    ("levels", "expected"),
    [
        (np.array([[0, 32768, 65535]], dtype=np.uint16), [0, 128, 255]),
        (np.array([[0, 32768, 65535]], dtype=np.int32), [0, 128, 255]),
        (np.array([[-1000, 0, 1000]], dtype=np.int32), [0, 128, 255]),
        (np.array([[0, 1_000_000, 2_000_000]], dtype=np.int32), [0, 128, 255]),
        (np.array([[0, 0.5, 1.0]], dtype=np.float32), [0, 128, 255]),
        (np.array([[0, 100, 200]], dtype=np.float32), [0, 128, 255]),
        (np.array([[np.nan, np.inf, 1.0]], dtype=np.float32), [0, 0, 255]),
        (np.array([[7, 7, 7]], dtype=np.float32), [0, 0, 0]),
    ],
)
def test_more_than_8_bits_are_scaled_not_clipped(levels: npt.NDArray[Any], expected: list[int]) -> None:
    image = Image.fromarray(levels)
    assert [pixel(image, x)[0] for x in range(3)] == pytest.approx(expected, abs=1)


def test_big_endian_levels() -> None:
    image = Image.frombytes("I;16B", (2, 1), b"\x80\x00\xff\xff")
    assert (pixel(image)[0], pixel(image, x=1)[0]) == (128, 255)


def transparent(mode: str) -> Image.Image:
    """Return an image whose left pixel is black and transparent, the right one black and opaque."""
    if mode == "PA":  # made here, because Pillow's conversions to it drop the alpha
        image = Image.new("RGB", (2, 1)).quantize().convert("PA")
        image.putpixel((0, 0), (0, 0))
        return image
    image = Image.new("RGBA", (2, 1), (0, 0, 0, 0))
    image.putpixel((1, 0), (0, 0, 0, 255))
    return image.convert(mode)


@pytest.mark.parametrize("mode", ["RGBA", "LA", "RGBa", "PA"])
def test_transparent_pixels_become_white(mode: str) -> None:
    image = transparent(mode)
    assert (pixel(image), pixel(image, x=1)) == ((255, 255, 255), (0, 0, 0))


def test_half_transparent_pixels_become_paler() -> None:
    assert pixel(Image.new("RGBA", (1, 1), (255, 0, 0, 128))) == pytest.approx((255, 127, 127), abs=1)


@pytest.mark.parametrize(("mode", "key"), [("L", 50), ("RGB", (50, 50, 50)), ("P", 50), ("P", bytes(256))])
def test_a_transparent_color_becomes_white(mode: str, key: Any) -> None:
    image = Image.new(mode, (1, 1), (50, 50, 50) if mode == "RGB" else 50)
    if mode == "P":
        image.putpalette([value for value in range(256) for _ in range(3)])
    image.info["transparency"] = key
    assert pixel(image) == (255, 255, 255)


def tagged(image: Image.Image, profile: bytes) -> Image.Image:
    image.info["icc_profile"] = profile
    return image


def test_colors_follow_the_profile() -> None:
    image = Image.new("RGB", (1, 1), (200, 100, 50))
    assert pixel(tagged(image, rgb_profile(swapped=True))) == pytest.approx((50, 100, 200), abs=3)
    darker = pixel(tagged(image, rgb_profile(gamma=1.0)))
    assert darker == pytest.approx((229, 168, 123), abs=3)


def test_alpha_survives_a_profile() -> None:
    image = tagged(Image.new("RGBA", (1, 1), (200, 100, 50, 0)), rgb_profile(swapped=True))
    assert pixel(image) == (255, 255, 255)


def test_gray_follows_its_profile() -> None:
    image = tagged(Image.new("L", (1, 1), 128), gray_profile(1.0))
    assert pixel(image) == pytest.approx((188, 188, 188), abs=3)


@pytest.mark.parametrize("mode", ["RGB", "L", "P", "RGBA", "CMYK"])
@pytest.mark.parametrize(
    "profile", [b"", b"\0" * 200, b"not a profile", rgb_profile()[:300], gray_profile(1.0)[:150]]
)
def test_a_broken_profile_is_ignored(mode: str, profile: bytes) -> None:
    assert pixel(tagged(gray(mode), profile)) == pytest.approx(GRAY, abs=2)


def test_a_profile_of_another_mode_is_ignored() -> None:
    assert pixel(tagged(Image.new("L", (1, 1), 120), rgb_profile(gamma=1.0))) == GRAY
    assert pixel(tagged(Image.new("RGB", (1, 1), GRAY), gray_profile(1.0))) == GRAY


def test_srgb_by_any_name_costs_nothing() -> None:
    for profile in (rgb_profile(), ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()):
        assert color._to_srgb_transform(profile, "RGB") is None
    image = tagged(Image.new("RGB", (2, 2), GRAY), rgb_profile())
    assert to_srgb(image) is image


def test_a_profile_from_a_file_is_the_same() -> None:
    buffer = io.BytesIO()
    Image.new("RGB", (1, 1), (200, 100, 50)).save(buffer, "PNG", icc_profile=rgb_profile(swapped=True))
    with Image.open(buffer) as image:
        image.load()
        assert pixel(image) == pytest.approx((50, 100, 200), abs=3)


def test_how_many_colors_a_profile_can_name() -> None:
    assert gamut_of(rgb_profile()) == pytest.approx(1, abs=0.01)
    assert gamut_of(rgb_profile(1.8)) == pytest.approx(1, abs=0.01)
    assert 1.25 < gamut_of(wide_profile()) < 1.45
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    assert [gamut_of(profile) for profile in (b"", b"damaged" * 40, gray_profile(2.2), lab)] == [1] * 4
