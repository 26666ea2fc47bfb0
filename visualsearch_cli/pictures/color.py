"""Any Pillow image to RGB in sRGB on white, whatever its mode, alpha or profile."""

from __future__ import annotations

import io
from collections.abc import Iterator
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from visualsearch_cli.pictures.image import Pixels

if TYPE_CHECKING:
    import numpy.typing as npt
    from PIL import ImageCms

_SPACES = {"L": "GRAY", "RGB": "RGB", "CMYK": "CMYK"}
"""Modes that a profile can be for, and the color space such a profile names."""

STRIP_ROWS = 64  # 256 rows of 8,000 pixels take 14 MB more on their way to numbers

_VISIBLE = 2  # levels of 255: profiles that change no color by more are sRGB under another name


def to_srgb(image: Image.Image) -> Image.Image:
    """Return a loaded image as RGB in sRGB; what is transparent becomes white."""
    profile = image.info.get("icc_profile")
    plain = _opaque(image)
    if isinstance(profile, bytes) and plain.mode in _SPACES:
        transform = _to_srgb_transform(profile, plain.mode)
        if transform:
            return transform.apply(plain)
    if plain.mode == "LAB":
        return _lab_transform().apply(plain)
    return plain if plain.mode == "RGB" else plain.convert("RGB")


def strips(image: Image.Image, rows: int = STRIP_ROWS) -> Iterator[Image.Image]:
    """Yield a loaded image, so many rows at a time."""
    for top in range(0, image.height, rows):
        yield image.crop((0, top, image.width, min(top + rows, image.height)))


def may_be_cut(image: Image.Image) -> bool:
    """Tell whether strips of an image look as they do in the whole. Where white is not known, they do not."""
    return not (image.mode in ("F", "I") or image.mode.startswith("I;32"))


def seen_through(pixels: Pixels, profile: bytes) -> Pixels:
    """Return what numbers, uint8 (h, w, 3), show in sRGB if a profile says what they mean."""
    return _applied(_to_srgb_transform(profile, "RGB"), pixels)


def numbers_in(pixels: Pixels, profile: bytes) -> Pixels:
    """Return the numbers by which a profile says what pixels show in sRGB; both uint8 (h, w, 3)."""
    return _applied(_from_srgb_transform(profile), pixels)


def _applied(transform: ImageCms.ImageCmsTransform | None, pixels: Pixels) -> Pixels:
    if transform is None:
        return pixels
    found = np.empty_like(pixels)
    for top in range(0, len(pixels), STRIP_ROWS):  # as images, both would take a third more each
        rows = slice(top, top + STRIP_ROWS)
        found[rows] = np.asarray(transform.apply(Image.fromarray(pixels[rows])))
    return found


def profile_of(image: Image.Image) -> bytes:
    """Return the profile of a picture, if it shows other colors than sRGB; else nothing."""
    profile = image.info.get("icc_profile")
    if not isinstance(profile, bytes) or image.mode != "RGB":
        return b""
    return profile if _to_srgb_transform(profile, "RGB") else b""


@lru_cache(maxsize=32)
def gamut_of(profile: bytes) -> float:
    """Return how many colors a profile of RGB can name: the area between its primaries in the chart of
    chromaticities, over that of sRGB; 1 if it does not say."""
    from PIL import ImageCms

    try:
        its = ImageCms.ImageCmsProfile(io.BytesIO(profile)).profile
        srgb = ImageCms.createProfile("sRGB")
        areas = []
        for space in (its, ImageCms.ImageCmsProfile(srgb).profile):
            primaries = (space.red_primary, space.green_primary, space.blue_primary)
            areas.append(_triangle(*(primary[1] for primary in primaries if primary is not None)))
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError, AttributeError):
        return 1.0
    return areas[0] / areas[1]


def _triangle(*primaries: tuple[float, float, float]) -> float:
    """Return the area between three primaries, each given as x, y, Y. Raises ValueError if one is missing."""
    (xr, yr, _), (xg, yg, _), (xb, yb, _) = primaries
    return abs((xg - xr) * (yb - yr) - (xb - xr) * (yg - yr)) / 2


def _opaque(image: Image.Image) -> Image.Image:
    """Return the image in a mode of 8 bits a channel and without alpha or palette."""
    if image.mode == "F" or image.mode.startswith("I"):
        return Image.fromarray(_eight_bits(image))
    if image.has_transparency_data:
        base = "L" if image.mode in ("L", "LA") else "RGB"
        with_alpha = image.convert("RGBA")
        canvas = Image.new(base, image.size, "white")
        canvas.paste(with_alpha.convert(base), mask=with_alpha.getchannel("A"))
        return canvas
    if image.mode == "1":
        return image.convert("L")
    return image if image.mode in ("L", "RGB", "CMYK", "LAB") else image.convert("RGB")


def _eight_bits(image: Image.Image) -> npt.NDArray[np.uint8]:
    """Scale grey levels of more than 8 bits to 0 to 255: uint8 of shape (height, width).

    White is the top of the type: 65535, and for floats 1. Levels outside, as instruments write
    them, have no known white: they are stretched from their least to their greatest.
    """
    low, high = 0.0, 1.0 if image.mode == "F" else 65535.0
    least = float(min(levels.min() for levels in _levels(image)))
    greatest = float(max(levels.max() for levels in _levels(image)))
    if least < low or greatest > high:
        low, high = least, greatest
    factor = 255.0 / ((high - low) or 1.0)
    return np.concatenate([np.rint((levels - low) * factor).astype(np.uint8) for levels in _levels(image)])


def _levels(image: Image.Image) -> Iterator[npt.NDArray[np.float32]]:
    """Yield the levels of an image, some rows at a time: what is worked on takes 20 bytes per pixel."""
    for strip in strips(image):
        values = np.asarray(strip).astype(np.float32)
        yield np.nan_to_num(values, nan=0.0, posinf=0.0, neginf=0.0)


@lru_cache(maxsize=32)
def _to_srgb_transform(profile: bytes, mode: str) -> ImageCms.ImageCmsTransform | None:
    """Return what converts a mode from this profile, or None if it is broken, of another mode, or sRGB.

    Folders hold few distinct profiles, so trying each one out once is cheaper than it seems, and finds the
    many that are sRGB whatever they call themselves. Transforms may be used by several threads at once.
    """
    from PIL import ImageCms  # most pictures have no profile, and a query is for one

    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        if source.profile.xcolor_space.strip() != _SPACES[mode]:
            return None
        transform = ImageCms.buildTransform(source, ImageCms.createProfile("sRGB"), mode, "RGB")
        if mode != "CMYK" and _changes_little(transform, mode):
            return None
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError, AttributeError):
        return None  # the numbers themselves are the best guess left
    return transform


@lru_cache(maxsize=32)
def _from_srgb_transform(profile: bytes) -> ImageCms.ImageCmsTransform | None:
    """Return the way back of RGB. None: there is none, as of profiles that scanners have."""
    from PIL import ImageCms

    try:
        target = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        return ImageCms.buildTransform(ImageCms.createProfile("sRGB"), target, "RGB", "RGB")
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError, AttributeError):
        return None


def _changes_little(transform: ImageCms.ImageCmsTransform, mode: str) -> bool:
    levels = np.arange(0, 256, 15, dtype=np.uint8)
    probe = Image.fromarray(levels[np.newaxis])
    if mode == "RGB":
        grid = np.stack(np.meshgrid(levels, levels, levels), axis=-1)
        probe = Image.fromarray(grid.reshape(1, -1, 3))
    before = np.asarray(probe.convert("RGB"), dtype=np.int16)
    after = np.asarray(transform.apply(probe), dtype=np.int16)
    return int(np.abs(after - before).max()) <= _VISIBLE


@lru_cache(maxsize=1)
def _lab_transform() -> ImageCms.ImageCmsTransform:
    from PIL import ImageCms

    lab, srgb = ImageCms.createProfile("LAB"), ImageCms.createProfile("sRGB")
    return ImageCms.buildTransform(lab, srgb, "LAB", "RGB")
