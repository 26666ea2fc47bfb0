"""Small pictures inside of pages and screens: goods, faces, signs of the weather, bars of codes."""

from __future__ import annotations

import colorsys
import math
from random import Random

import numpy as np
from PIL import Image, ImageDraw

from benchmarks.documents.sheet import Color, Picture
from benchmarks.documents.shots.goods import PIECES, portrait
from benchmarks.documents.shots.scenes import GAMMA, scene

SMOOTH = 3  # times: shapes are drawn that much larger and reduced


def drawn_color(chance: Random, least: float = 0.2, most: float = 0.95) -> Color:
    """Any color, not too dark."""
    levels = colorsys.hsv_to_rgb(chance.random(), chance.uniform(0.2, 0.9), chance.uniform(least, most))
    return int(255 * levels[0]), int(255 * levels[1]), int(255 * levels[2])


def goods(part: Picture, content: str) -> None:
    """A thing of a shop, flat, in a color."""
    chance = Random(content)
    half = PIECES[chance.choice(sorted(PIECES))]
    mask = Image.new("L", (part.width * SMOOTH, part.height * SMOOTH))
    outline = [(0.5 + x, y) for x, y in half] + [(0.5 - x, y) for x, y in reversed(half)]
    ImageDraw.Draw(mask).polygon([(x * mask.width, y * mask.height) for x, y in outline], 255)
    cover = mask.resize(part.size, Image.Resampling.BOX)
    part.paste(drawn_color(chance), mask=cover)
    for _ in range(chance.choice((0, 3, 6))):
        y = chance.uniform(0.3, 0.85) * part.height
        band = Image.new("L", part.size)
        ImageDraw.Draw(band).rectangle((0, y, part.width, y + part.height * 0.02), 255)
        part.paste(drawn_color(chance), mask=Image.composite(band, Image.new("L", part.size), cover))


def photograph(part: Picture, content: str) -> None:
    """A place by day, as it fills the part."""
    place = scene(part.size, Random(content))
    shown = np.clip(place.light, 0, 1) ** (1 / GAMMA)
    part.paste(Image.fromarray((255 * shown + 0.5).astype(np.uint8)))


def passport_photograph(part: Picture, content: str) -> None:
    """Someone's face."""
    tall = portrait((2 * part.width, 2 * part.height), Random(content))
    part.paste(tall.resize(part.size, Image.Resampling.LANCZOS))


def sky_sign(part: Picture, content: str) -> None:
    """The sun, a cloud, and what falls from it."""
    size = part.width * SMOOTH, part.height * SMOOTH
    large = part.resize(size, Image.Resampling.NEAREST)
    drawing = ImageDraw.Draw(large)
    side = min(size)

    def disc(x: float, y: float, radius: float, ink: Color) -> None:
        box = ((x - radius) * side, (y - radius) * side, (x + radius) * side, (y + radius) * side)
        drawing.ellipse(box, ink)

    if content == "sun":
        for ray in range(8):
            angle = ray * math.pi / 4
            ends = [
                (side * (0.5 + r * math.cos(angle)), side * (0.5 + r * math.sin(angle))) for r in (0.33, 0.48)
            ]
            drawing.line(ends, (255, 210, 60), side // 14)
        disc(0.5, 0.5, 0.24, (255, 210, 60))
    else:
        for x, y, radius in ((0.3, 0.48, 0.18), (0.5, 0.38, 0.23), (0.7, 0.48, 0.17)):
            disc(x, y, radius, (245, 247, 250))
        drawing.rectangle((0.3 * side, 0.46 * side, 0.7 * side, 0.655 * side), (245, 247, 250))
        for number, x in enumerate((0.3, 0.5, 0.7)):
            if content == "rain":
                drawing.line(
                    (x * side, 0.72 * side, (x - 0.06) * side, 0.95 * side), (120, 190, 255), side // 14
                )
            elif content == "snow":
                disc(x, 0.8 + 0.07 * (number % 2), 0.055, (255, 255, 255))
        if content == "storm":
            bolt = ((0.52, 0.6), (0.36, 0.84), (0.48, 0.84), (0.42, 1.0), (0.64, 0.76), (0.52, 0.76))
            drawing.polygon([(x * side, y * side) for x, y in bolt], (255, 210, 60))
    part.paste(large.resize(part.size, Image.Resampling.BOX))
