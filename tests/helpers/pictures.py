"""Photographs of scikit-image's wheel, for tests that look at pictures."""

from __future__ import annotations

from functools import cache

import numpy as np
from PIL import Image
from skimage import data


@cache
def photograph(name: str, side: int = 400) -> Image.Image:
    """Return a photograph, at most that many pixels a side."""
    image = Image.fromarray(np.asarray(getattr(data, name)())).convert("RGB")
    image.thumbnail((side, side))
    return image


def noisy(picture: Image.Image, sigma: float, seed: int) -> Image.Image:
    """Return a picture with white noise of a deviation of so many levels, in each color its own."""
    grain = np.random.default_rng(seed).normal(0, sigma, (picture.height, picture.width, 3))
    return Image.fromarray(np.clip(np.rint(np.asarray(picture) + grain), 0, 255).astype(np.uint8))


def stereo() -> tuple[Image.Image, Image.Image]:
    """Return one scene from two places, 193 mm apart."""
    left, right, _ = data.stereo_motorcycle()  # type: ignore[no-untyped-call]
    return Image.fromarray(left), Image.fromarray(right)
