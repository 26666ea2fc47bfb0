"""Edits of fine structure: filters, what files of little size leave, and what looks drawn."""

from __future__ import annotations

from random import Random

import numpy as np
from PIL import Image, ImageFilter, ImageOps

from benchmarks.material.editing import Picture, saved, scaled, thumbnail
from benchmarks.material.edits import Edit
from benchmarks.unlisted.fields import away, blob, blurred, lumas, mixed, places, shown, values_of


def soft_behind(picture: Picture, chance: Random) -> Picture:
    """Blur all but a thing in front, as phones do around people."""
    thing = blob(picture, chance, 0.3, 0.02)
    return mixed(_blur(picture, 0.016), picture, thing)


def miniature(picture: Picture) -> Picture:
    """Blur above and below a band, so that all looks small."""
    _, y = places(picture)
    return mixed(picture, _blur(picture, 0.014), np.clip((np.abs(y) - 0.3) / 0.35, 0, 1))


def glowing(picture: Picture) -> Picture:
    """Lay its own light over it, blurred."""
    values, glow = values_of(picture), values_of(_blur(picture, 0.03))
    return shown(255 - (255 - values) * (255 - 0.6 * glow) / 255)


def pencil(picture: Picture) -> Picture:
    """Draw it with a pencil: each pixel beside what lies around."""
    luma = lumas(values_of(picture))[..., 0]
    around = 255 - blurred(255 - luma, 0.012 * min(picture.size))
    drawn = np.clip(luma * 255 / np.maximum(around, 1), 0, 255)
    return shown(np.repeat((255 * (drawn / 255) ** 2)[..., None], 3, axis=2))


def painted(picture: Picture) -> Picture:
    """Leave the commonest tone of each place, as a broad brush does."""
    return picture.filter(ImageFilter.ModeFilter(5)).filter(ImageFilter.MedianFilter(5))


def grainy(picture: Picture, chance: Random) -> Picture:
    """Add coarse gray grain, strongest in middle tones."""
    values = values_of(picture)
    seeded = np.random.default_rng(chance.getrandbits(64))
    grain = blurred(seeded.normal(0, 1, values.shape[:2]).astype(np.float32), 0.8)
    grain = grain / np.float32(grain.std())
    middle = 1 - np.square(lumas(values)[..., 0] / 127.5 - 1) * 0.7
    return shown(values + (22 * grain * middle)[..., None])


def shaken(picture: Picture) -> Picture:
    """Blur along one direction, over that many pixels."""
    length = max(3, round(min(picture.size) / 70))
    values = values_of(picture)
    moved = [np.roll(values, (step // 2, step), (0, 1)) for step in range(length)]
    return shown(np.mean(moved, axis=0).astype(np.float32))


def scan_lines(picture: Picture) -> Picture:
    """Darken every third row, as on a tube."""
    values = values_of(picture).copy()
    values[::3] *= np.float32(0.55)
    return shown(values * np.float32(1.1))


def haloed(picture: Picture) -> Picture:
    """Take noise off, and then sharpen far too much."""
    return picture.filter(ImageFilter.MedianFilter(3)).filter(ImageFilter.UnsharpMask(5, 220, 1))


def dithered(picture: Picture) -> Picture:
    """Leave black and white dots."""
    return ImageOps.grayscale(picture).convert("1").convert("RGB")


def few_colors(picture: Picture) -> Picture:
    """Leave sixteen colors, dithered."""
    return picture.quantize(16).convert("RGB")


def through_chats(picture: Picture) -> Picture:
    """Reduce and save it at a low quality, three times."""
    for quality in (30, 20, 15):
        picture = saved(scaled(picture, 0.85), "JPEG", quality=quality)
    return picture


def aberrated(picture: Picture) -> Picture:
    """Lay red and blue off by a few pixels at the edges, as a poor lens does."""
    red, green, blue = picture.split()
    return Image.merge("RGB", (_enlarged(red, 1.012), green, _enlarged(blue, 0.988)))


def _enlarged(plane: Image.Image, factor: float) -> Image.Image:
    width, height = plane.size
    step = 1 / factor
    matrix = (step, 0, width * (1 - step) / 2, 0, step, height * (1 - step) / 2)
    return plane.transform(plane.size, Image.Transform.AFFINE, matrix, Image.Resampling.BICUBIC)


def smeared_lens(picture: Picture) -> Picture:
    """As through a finger's mark on the lens: soft in the middle."""
    return mixed(picture, glowing(_blur(picture, 0.008)), np.exp(-np.square(away(picture, 0.2, -0.1) / 0.5)))


def _blur(picture: Picture, share: float) -> Picture:
    return picture.filter(ImageFilter.GaussianBlur(share * min(picture.size)))


DETAILS: dict[str, Edit] = {
    "JPEG 3": lambda picture, *_: saved(picture, "JPEG", quality=3),
    "WebP 2": lambda picture, *_: saved(picture, "WEBP", quality=2),
    "reduced and saved three times": lambda picture, *_: through_chats(picture),
    "48 pixels": lambda picture, *_: thumbnail(picture, 48),
    "blurred behind a person": lambda picture, chance, _: soft_behind(picture, chance),
    "like a miniature": lambda picture, *_: miniature(picture),
    "soft glow": lambda picture, *_: glowing(picture),
    "mark on the lens": lambda picture, *_: smeared_lens(picture),
    "pencil": lambda picture, *_: pencil(picture),
    "painted": lambda picture, *_: painted(picture),
    "coarse grain": lambda picture, chance, _: grainy(picture, chance),
    "shaken": lambda picture, *_: shaken(picture),
    "scan lines": lambda picture, *_: scan_lines(picture),
    "denoised and oversharpened": lambda picture, *_: haloed(picture),
    "dithered to black and white": lambda picture, *_: dithered(picture),
    "sixteen colors": lambda picture, *_: few_colors(picture),
    "colors off at the edges": lambda picture, *_: aberrated(picture),
}
