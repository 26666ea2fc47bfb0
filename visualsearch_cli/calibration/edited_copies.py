"""Edited copies of a picture, of the kinds that people and programs make: to learn how far copies come."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from random import Random
from typing import TypeAlias

import numpy as np
from PIL import Image, ImageDraw, ImageEnhance, ImageFilter, ImageFont, ImageOps

from visualsearch_cli.pictures.image import Pixels

Picture: TypeAlias = Image.Image
Edit = Callable[[Picture, Random], Picture]

LARGEST = 1024  # pixels a side: edits of more would cost more and look the same to any model


def edited_copies(pixels: Pixels, seed: str) -> list[Pixels]:
    """Return one copy of a picture for each edit of EDITS; their chances depend on the seed alone."""
    picture = Image.fromarray(pixels)
    picture.thumbnail((LARGEST, LARGEST))
    return [np.asarray(edit(picture, Random(f"{seed} {name}"))) for name, edit in EDITS.items()]


def _resized(picture: Picture, factor: float) -> Picture:
    return picture.resize((max(1, int(picture.width * factor)), max(1, int(picture.height * factor))))


def _thumbnail(picture: Picture, side: int) -> Picture:
    small = picture.copy()
    small.thumbnail((side, side))
    return small


def _jpeg(picture: Picture, quality: int) -> Picture:
    stream = BytesIO()
    image: Image.Image
    picture.save(stream, "JPEG", quality=quality)
    with Image.open(stream) as image:
        return image.convert("RGB")


def _cropped(picture: Picture, area: float, chance: Random) -> Picture:
    """Keep that share of the area, somewhere."""
    width, height = (max(1, int(side * area**0.5)) for side in picture.size)
    left, top = chance.randint(0, picture.width - width), chance.randint(0, picture.height - height)
    return picture.crop((left, top, left + width, top + height))


def _bordered(picture: Picture, share: float) -> Picture:
    return ImageOps.expand(picture, max(1, int(min(picture.size) * share)), "white")


def _lettered(picture: Picture, chance: Random) -> Picture:
    shown = picture.copy()
    font = ImageFont.load_default(max(10, picture.height // 9))
    place = picture.width * 0.06, picture.height * chance.choice((0.06, 0.78))
    ImageDraw.Draw(shown).text(place, "Summer at last!", "white", font, stroke_width=2, stroke_fill="black")
    return shown


def _covered(picture: Picture, share: float, chance: Random) -> Picture:
    """Hide a part of the picture under a disc."""
    shown = picture.copy()
    side = max(1, int((share * picture.width * picture.height) ** 0.5))
    left = chance.randint(0, max(0, picture.width - side))
    top = chance.randint(0, max(0, picture.height - side))
    ImageDraw.Draw(shown).ellipse((left, top, left + side, top + side), (200, 40, 60))
    return shown


def _screenshot(picture: Picture) -> Picture:
    page = Image.new("RGB", (int(picture.width * 1.1), int(picture.height * 1.4)), (240, 240, 242))
    page.paste(picture, (int(picture.width * 0.05), int(picture.height * 0.15)))
    return page


EDITS: dict[str, Edit] = {
    "half size": lambda picture, _: _resized(picture, 0.5),
    "thumbnail": lambda picture, _: _thumbnail(picture, 96),
    "JPEG at quality 30": lambda picture, _: _jpeg(picture, 30),
    "JPEG at quality 10": lambda picture, _: _jpeg(picture, 10),
    "brighter": lambda picture, _: ImageEnhance.Brightness(picture).enhance(1.4),
    "less contrast": lambda picture, _: ImageEnhance.Contrast(picture).enhance(0.6),
    "grey": lambda picture, _: ImageOps.grayscale(picture).convert("RGB"),
    "stronger colours": lambda picture, _: ImageEnhance.Color(picture).enhance(1.8),
    "blurred": lambda picture, _: picture.filter(ImageFilter.GaussianBlur(max(picture.size) / 200)),
    "crop to 90 %": lambda picture, chance: _cropped(picture, 0.9, chance),
    "crop to 75 %": lambda picture, chance: _cropped(picture, 0.75, chance),
    "crop to 50 %": lambda picture, chance: _cropped(picture, 0.5, chance),
    "tilted": lambda picture, _: picture.rotate(4, Image.Resampling.BICUBIC, expand=True),
    "border": lambda picture, _: _bordered(picture, 0.06),
    "text": lambda picture, chance: _lettered(picture, chance),
    "sticker": lambda picture, chance: _covered(picture, 0.1, chance),
    "screenshot": lambda picture, _: _screenshot(picture),
    "text, crop, JPEG": lambda picture, chance: _jpeg(_cropped(_lettered(picture, chance), 0.85, chance), 30),
}
