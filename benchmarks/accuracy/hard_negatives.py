"""Pairs of pictures that look like copies and are none: bursts, parts of a scene, products in two colours."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from benchmarks.material.editing import Picture, noisy

Pair = tuple[Picture, Picture]
Frames = Callable[[Picture, Random, Picture], Pair | None]
"""From a picture, chance and a picture of something else: two pictures that are no copies of each other.

None if the picture cannot be made into such a pair: a grey one has no colour to change.
"""

LEAST_RECOLORED = 0.05  # of the area, changed by 40 levels or more: less is not seen at a glance


def burst(picture: Picture, chance: Random, other: Picture) -> Pair:
    """Two frames of a burst: the camera moved a little, something in the scene moved, other noise."""
    first = _window(picture, chance.uniform(0, 0.02), chance.uniform(0, 0.02))
    moved = _repainted(picture, chance, other)
    angle = chance.uniform(-0.7, 0.7)
    moved = moved.rotate(angle, Image.Resampling.BICUBIC)
    second = _window(moved, chance.uniform(0.02, 0.06), chance.uniform(0.02, 0.06))
    exposure = chance.uniform(0.96, 1.04)
    second = second.point([min(255, int(level * exposure + 0.5)) for level in range(256)] * 3)
    return noisy(first, 2.5, chance), noisy(second, 2.5, chance)


def parts(picture: Picture, chance: Random, _other: Picture) -> Pair:
    """Two crops of one picture that share nothing."""
    width, height = picture.size
    gap = chance.uniform(0.02, 0.06)
    if chance.random() < 0.5:
        cut = int(width * (0.5 - gap / 2))
        return picture.crop((0, 0, cut, height)), picture.crop((width - cut, 0, width, height))
    cut = int(height * (0.5 - gap / 2))
    return picture.crop((0, 0, width, cut)), picture.crop((0, height - cut, width, height))


def recolored(picture: Picture, chance: Random, _other: Picture) -> Pair | None:
    """The picture, and it again with another colour for the thing in the middle, as of a product in two.

    The most common hue there is turned, and what is nearly grey stays so. Around the thing nothing changes:
    no one tone map makes the second picture of the first.
    """
    pixels = np.array(picture.convert("HSV"))
    hue, saturation = pixels[..., 0].astype(int), pixels[..., 1]
    thing = Image.new("L", picture.size)
    width, height = picture.size
    inset = chance.uniform(0.12, 0.25)
    box = (width * inset, height * inset, width * (1 - inset), height * (1 - inset))
    ImageDraw.Draw(thing).ellipse(box, fill=255)
    inside = (np.asarray(thing) > 0) & (saturation > 40)
    weight = np.bincount(hue[inside], minlength=256)
    main = int(np.argmax(np.convolve(np.tile(weight, 3), np.ones(41), "same")[256:512]))
    near = inside & (np.abs((hue - main + 128) % 256 - 128) <= 24)
    turn = chance.choice((64, 96, 128, 160, 192))
    pixels[..., 0] = np.where(near, (hue + turn) % 256, hue).astype(np.uint8)
    pixels[..., 1] = np.where(near, np.maximum(saturation, 90), saturation)
    second = Image.fromarray(pixels, "HSV").convert("RGB")
    change = np.abs(np.asarray(second).astype(int) - np.asarray(picture)).max(axis=2)
    return (picture, second) if (change >= 40).mean() >= LEAST_RECOLORED else None


HARD_NEGATIVES: dict[str, Frames] = {"burst": burst, "parts": parts, "recolored": recolored}


def _window(picture: Picture, left: float, top: float, kept: float = 0.92) -> Picture:
    width, height = picture.size
    x, y = int(width * left), int(height * top)
    return picture.crop((x, y, x + int(width * kept), y + int(height * kept)))


def _repainted(picture: Picture, chance: Random, other: Picture) -> Picture:
    """Paint over one to three blobs, a tenth to a quarter of the picture in all, with soft rims.

    A blob shows what lies elsewhere in the picture, as where something moved away, or something else.
    """
    whole = picture.copy()
    count = chance.randint(1, 3)
    share = chance.uniform(0.10, 0.25) / count
    for _ in range(count):
        blob = Image.new("L", picture.size)
        wide = (share * chance.uniform(0.6, 1.6) * 4 / np.pi) ** 0.5
        high = share * 4 / np.pi / wide
        size = int(picture.width * wide), int(picture.height * high)
        left = chance.randint(0, max(0, picture.width - size[0]))
        top = chance.randint(0, max(0, picture.height - size[1]))
        ImageDraw.Draw(blob).ellipse((left, top, left + size[0], top + size[1]), fill=255)
        soft = blob.filter(ImageFilter.GaussianBlur(max(1.0, picture.width / 150)))
        whole.paste(_elsewhere(picture, chance, other), (0, 0), soft)
    return whole


def _elsewhere(picture: Picture, chance: Random, other: Picture) -> Picture:
    """The picture moved by 8 to 30 % of its sides, wrapped around, or something else in its size."""
    if chance.random() < 0.35:
        return other.resize(picture.size)
    x = int(picture.width * chance.uniform(0.08, 0.30) * chance.choice((-1, 1)))
    y = int(picture.height * chance.uniform(0.0, 0.15) * chance.choice((-1, 1)))
    return Image.fromarray(np.roll(np.asarray(picture), (y, x), (0, 1)))
