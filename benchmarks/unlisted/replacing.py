"""Edits that replace or hide a part of a picture."""

from __future__ import annotations

from random import Random

import numpy as np
from PIL import Image, ImageFilter

from benchmarks.material.editing import BLACK, Picture
from benchmarks.material.edits import Edit
from benchmarks.unlisted.fields import Floats, blob, mixed, places, shown, waves

FACE = 0.05  # share of the area of what is hidden


def other_sky(picture: Picture, chance: Random) -> Picture:
    """Put a drawn sky with clouds above a horizon that rises and falls."""
    x, y = places(picture)
    clouds = np.clip(0.5 + 0.7 * waves(picture, chance, 7) + 0.35 * waves(picture, chance, 14), 0, 1)[
        ..., None
    ]
    height = ((y + 1) / 2)[..., None]
    blue = np.array([70, 120, 205], np.float32) + height * np.array([110, 80, 35], np.float32)
    sky = shown((blue * (1 - 0.7 * clouds) + 245 * 0.7 * clouds).astype(np.float32))
    level = np.float32(chance.uniform(-0.4, -0.2))
    line = level + 0.08 * np.sin(3 * x + np.float32(chance.uniform(0, 6))) + 0.05 * waves(picture, chance, 9)
    return mixed(picture, sky, np.clip((line - y) * 25 + 0.5, 0, 1))


def other_background(picture: Picture, chance: Random, other: Picture) -> Picture:
    """Cut out what is in the middle, and lay it onto another photograph."""
    thing = _middle(picture, chance)
    return mixed(other.resize(picture.size), picture, thing)


def plain_background(picture: Picture, chance: Random) -> Picture:
    """Cut out what is in the middle, and lay it onto one color."""
    color = tuple(chance.randint(60, 255) for _ in range(3))
    return mixed(Image.new("RGB", picture.size, color), picture, _middle(picture, chance))


def _middle(picture: Picture, chance: Random) -> Floats:
    x, y = places(picture)
    reach = 0.72 + 0.1 * waves(picture, chance, 6)
    mask: Floats = np.clip((reach - np.hypot(x, y)) * 30 + 0.5, 0, 1)
    return mask


def face_blurred(picture: Picture, chance: Random) -> Picture:
    """Blur a round place, with a soft rim."""
    soft = picture.filter(ImageFilter.GaussianBlur(0.03 * min(picture.size)))
    return mixed(picture, soft, blob(picture, chance, FACE, 0.008))


def face_in_cells(picture: Picture, chance: Random) -> Picture:
    """Show a round place in coarse cells."""
    cells = max(4, round(0.04 * min(picture.size)))
    size = max(1, picture.width // cells), max(1, picture.height // cells)
    coarse = picture.resize(size, Image.Resampling.BOX).resize(picture.size, Image.Resampling.NEAREST)
    return mixed(picture, coarse, np.rint(blob(picture, chance, FACE, 0.001)))


def barred(picture: Picture, chance: Random) -> Picture:
    """Lay a black bar over eyes."""
    width, height = picture.size
    left, top = int(chance.uniform(0.2, 0.5) * width), int(chance.uniform(0.2, 0.6) * height)
    whole = picture.copy()
    whole.paste(BLACK, (left, top, left + int(0.25 * width), top + int(0.07 * height)))
    return whole


def removed(picture: Picture, chance: Random, share: float) -> Picture:
    """Take something out, and draw on what lies around it, as programs did before they knew more."""
    import cv2

    mask = (blob(picture, chance, share, 0.001) > 0.5).astype(np.uint8)
    return Image.fromarray(cv2.inpaint(np.asarray(picture), mask, 5, cv2.INPAINT_TELEA))


def smoothed_skin(picture: Picture, chance: Random) -> Picture:
    """Smooth all but edges in a round place."""
    import cv2

    smooth = Image.fromarray(cv2.bilateralFilter(np.asarray(picture), 9, 45, 7))
    return mixed(picture, smooth, blob(picture, chance, 0.15, 0.03))


def colored_in_one_place(picture: Picture, chance: Random) -> Picture:
    """Leave color in one place alone."""
    gray = picture.convert("L").convert("RGB")
    return mixed(gray, picture, blob(picture, chance, 0.12, 0.01))


REPLACING: dict[str, Edit] = {
    "sky replaced": lambda picture, chance, _: other_sky(picture, chance),
    "background replaced": other_background,
    "background made plain": lambda picture, chance, _: plain_background(picture, chance),
    "face blurred": lambda picture, chance, _: face_blurred(picture, chance),
    "face in cells": lambda picture, chance, _: face_in_cells(picture, chance),
    "bar over eyes": lambda picture, chance, _: barred(picture, chance),
    "something inpainted": lambda picture, chance, _: removed(picture, chance, 0.025),
    "something large inpainted": lambda picture, chance, _: removed(picture, chance, 0.06),
    "skin smoothed": lambda picture, chance, _: smoothed_skin(picture, chance),
    "color in one place alone": lambda picture, chance, _: colored_in_one_place(picture, chance),
}
