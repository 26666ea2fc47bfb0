"""Pictures that look alike and are not copies: made from photographs, the same ones for the same seed."""

from __future__ import annotations

from random import Random

import numpy as np
from PIL import Image, ImageDraw, ImageEnhance, ImageFilter

from benchmarks.editing import Picture, noisy, saved

HUE_SHIFTS = (45, 85, 128, 170, 210)  # of 256


def burst(picture: Picture, chance: Random) -> tuple[Picture, Picture]:
    """Return two frames of a burst: the camera has moved a little, and so have things in view.

    Both frames are windows of the picture, the second one turned and scaled a little, lit a little
    otherwise, with noise of its own. What moved is repainted in the second: a few patches show what lies
    beside them, with soft borders.
    """
    width, height = int(picture.width * 0.9), int(picture.height * 0.9)
    frames = []
    for number in range(2):
        shown = _stirred(picture, chance) if number else picture
        if number:
            shown = shown.rotate(chance.uniform(-1, 1), Image.Resampling.BICUBIC)
        left = chance.randint(0, picture.width - width)
        top = chance.randint(0, picture.height - height)
        frame = shown.crop((left, top, left + width, top + height))
        if number:
            frame = ImageEnhance.Brightness(frame).enhance(chance.uniform(0.95, 1.05))
        frames.append(saved(noisy(frame, 3, chance), "JPEG", quality=92))
    return frames[0], frames[1]


def disjoint_crops(picture: Picture) -> tuple[Picture, Picture]:
    """Return two halves of a picture that share nothing, along its longer side."""
    width, height = picture.size
    if width >= height:
        return picture.crop((0, 0, width // 2, height)), picture.crop((width - width // 2, 0, width, height))
    return picture.crop((0, 0, width, height // 2)), picture.crop((0, height - height // 2, width, height))


def recolored(picture: Picture, chance: Random) -> Picture | None:
    """Return the same thing in another colour: what is colourful has another hue, the rest stays.

    None if there is too little colour for anybody to see a difference.
    """
    hsv = np.asarray(picture.convert("HSV")).copy()
    colorful = (hsv[..., 1] > 60) & (hsv[..., 2] > 50)
    if colorful.mean() < 0.1:
        return None
    hsv[..., 0] = np.where(colorful, hsv[..., 0].astype(int) + chance.choice(HUE_SHIFTS), hsv[..., 0])
    return Image.fromarray(hsv, "HSV").convert("RGB")


def _stirred(picture: Picture, chance: Random) -> Picture:
    """Let a few things in view move: a patch shows what lies a good part of its width away."""
    stirred = picture.copy()
    side = min(picture.size)
    for _ in range(chance.randint(1, 3)):
        width, height = (int(side * chance.uniform(0.15, 0.35)) for _ in range(2))
        left = chance.randint(0, picture.width - width)
        top = chance.randint(0, picture.height - height)
        dx, dy = (int(side * chance.choice((-1, 1)) * chance.uniform(0.05, 0.25)) for _ in range(2))
        source = (
            min(max(left + dx, 0), picture.width - width),
            min(max(top + dy, 0), picture.height - height),
        )
        patch = picture.crop((*source, source[0] + width, source[1] + height))
        mask = Image.new("L", (width, height), 0)
        margin = max(2, min(width, height) // 8)
        ImageDraw.Draw(mask).ellipse((margin, margin, width - margin, height - margin), 255)
        stirred.paste(patch, (left, top), mask.filter(ImageFilter.GaussianBlur(margin / 2)))
    return stirred
