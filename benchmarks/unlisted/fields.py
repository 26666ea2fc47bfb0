"""Values that change from place to place: what edits of photographs are mixed by."""

from __future__ import annotations

import math
from random import Random

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFilter

from benchmarks.material.editing import Picture

Floats = npt.NDArray[np.floating]

LUMA = np.array([0.299, 0.587, 0.114], np.float32)  # ITU-R BT.601


def values_of(picture: Picture) -> Floats:
    """Return the levels of a picture, (h, w, 3), 0 to 255."""
    return np.asarray(picture, np.float32)


def shown(values: Floats) -> Picture:
    """Return a picture of levels (h, w, 3), clipped and rounded."""
    return Image.fromarray(np.rint(values).clip(0, 255).astype(np.uint8))


def lumas(values: Floats) -> Floats:
    """Return the luma of levels (h, w, 3), as (h, w, 1)."""
    luma: Floats = (values @ LUMA)[..., None]
    return luma


def places(picture: Picture) -> tuple[Floats, Floats]:
    """Return x and y of all pixels, (h, w) each: -1 to 1 from edge to edge."""
    x = np.linspace(-1, 1, picture.width, dtype=np.float32)
    y = np.linspace(-1, 1, picture.height, dtype=np.float32)
    across, down = np.meshgrid(x, y)
    return across, down


def away(picture: Picture, x: float = 0.0, y: float = 0.0) -> Floats:
    """Return how far each pixel is from a place, (h, w): 1 is half a side."""
    across, down = places(picture)
    distance: Floats = np.hypot(across - np.float32(x), down - np.float32(y))
    return distance


def waves(picture: Picture, chance: Random, count: int) -> Floats:
    """Return a smooth field, (h, w), from -1 to 1, with so many hills and dales along a side."""
    seeded = np.random.default_rng(chance.getrandbits(64))
    small = Image.fromarray(seeded.uniform(-1, 1, (count, count)).astype(np.float32))
    large = np.asarray(small.resize(picture.size, Image.Resampling.BICUBIC), np.float32)
    clipped: Floats = np.clip(large, -1, 1)
    return clipped


def blob(picture: Picture, chance: Random, share: float, soft: float) -> Floats:
    """Return a mask, (h, w) from 0 to 1, of a round thing on that share of the area, wholly inside.

    soft: sigma of its rim, in parts of the shorter side.
    """
    width, height = picture.size
    slim = chance.uniform(0.75, 1.3)
    radius = math.sqrt(share * width * height / math.pi)
    wide, high = min(radius * slim, width * 0.45), min(radius / slim, height * 0.45)
    x, y = chance.uniform(wide, width - wide), chance.uniform(high, height - high)
    mask = Image.new("L", picture.size)
    ImageDraw.Draw(mask).ellipse((x - wide, y - high, x + wide, y + high), fill=255)
    rimmed = np.asarray(mask.filter(ImageFilter.GaussianBlur(soft * min(picture.size))), np.float32)
    shares: Floats = rimmed / np.float32(255)
    return shares


def mixed(below: Picture, above: Picture, mask: Floats) -> Picture:
    """Show one picture where a mask, (h, w), is 0, and another one of its size where it is 1."""
    share = mask[..., None]
    return shown(values_of(below) * (1 - share) + values_of(above) * share)


def blurred(values: Floats, sigma: float) -> Floats:
    """Return a plane (h, w) or levels (h, w, 3) blurred by so many pixels."""
    import cv2

    return np.asarray(cv2.GaussianBlur(values, (0, 0), sigma, borderType=cv2.BORDER_REPLICATE), np.float32)
