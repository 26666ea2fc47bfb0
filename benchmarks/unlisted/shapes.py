"""Edits of shape and place: lenses, turns, small crops, pages and collages that hold the picture."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from random import Random

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageOps

from benchmarks.material.editing import WHITE, Picture, cropped, leveled, rotated_on_white, scaled, tilted
from benchmarks.material.edits import Edit
from benchmarks.unlisted.fields import Floats, away, places, shown, values_of
from benchmarks.unlisted.marks import font

Bend = Callable[[Floats, Floats], tuple[Floats, Floats]]
"""From places in a picture to those that are shown there, -1 to 1."""


def bent(picture: Picture, bend: Bend) -> Picture:
    """Show at each place what lies at another one, between its pixels."""
    import cv2

    x, y = bend(*places(picture))
    across, down = (
        ((side + 1) / 2 * (size - 1)).astype(np.float32)
        for side, size in zip((x, y), picture.size, strict=True)
    )
    return Image.fromarray(
        cv2.remap(np.asarray(picture), across, down, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    )


def lens(picture: Picture, strength: float) -> Picture:
    """Bend it along its radius: above 0 the middle grows, below 0 a barrel is made straight."""

    def bend(x: Floats, y: Floats) -> tuple[Floats, Floats]:
        factor = (1 + np.float32(strength) * (x * x + y * y)) / np.float32(1 + max(0.0, 2 * strength))
        return x * factor, y * factor

    return bent(picture, bend)


def wavy(picture: Picture) -> Picture:
    """Bend it as paper that was wet."""

    def bend(x: Floats, y: Floats) -> tuple[Floats, Floats]:
        return x * 0.97 + 0.02 * np.sin(4 * y), y * 0.97 + 0.02 * np.sin(5 * x + 1)

    return bent(picture, bend)


def carved(picture: Picture, share: float) -> Picture:
    """Make it narrower by what is least missed: paths of little contrast from top to bottom."""
    pixels = np.asarray(picture)
    for _ in range(round(share * picture.width)):
        pixels = _without_seam(pixels)
    return Image.fromarray(pixels)


def _without_seam(pixels: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    gray = pixels.astype(np.float32).mean(axis=2)
    energy = np.abs(np.gradient(gray, axis=0)) + np.abs(np.gradient(gray, axis=1))
    height, width = gray.shape
    total = energy.copy()
    steps = np.zeros((height, width), np.int64)
    for row in range(1, height):
        above = np.pad(total[row - 1], 1, constant_values=np.inf)
        ways = np.stack([above[:-2], above[1:-1], above[2:]])
        steps[row] = ways.argmin(axis=0) - 1
        total[row] += ways.min(axis=0)
    kept = np.ones((height, width), np.bool_)
    column = int(total[-1].argmin())
    for row in range(height - 1, -1, -1):
        kept[row, column] = False
        column += int(steps[row, column])
    return pixels[kept].reshape(height, width - 1, 3)


def photographed_screen(picture: Picture, chance: Random) -> Picture:
    """Photograph it on a screen: its lines, a pattern of both grids, a reflection, a view from the side."""
    large = picture.resize((2 * picture.width, 2 * picture.height), Image.Resampling.NEAREST)
    values = values_of(large).copy()
    values[::2] *= np.float32(0.82)
    for channel in range(3):
        values[:, channel::3, channel] *= np.float32(1.12)
    x, y = places(large)
    moire = 7 * np.sin(90 * (x + 0.13 * y)) * np.sin(70 * (y - 0.09 * x))
    glare = 60 * np.exp(-np.square(away(large, chance.uniform(-0.6, 0.6), -0.5) / np.float32(0.45)))
    lit = values * (1 - 0.12 * x)[..., None] + (moire + glare)[..., None]
    screen = ImageOps.expand(shown(lit), round(0.04 * large.width), (18, 18, 20))
    return scaled(tilted(screen, chance, 0.05), 0.55)


def photographed_print(picture: Picture, chance: Random) -> Picture:
    """Photograph it as a print on a table: from the side, under a lamp."""
    width, height = picture.size
    table = Image.new("RGB", (round(1.4 * width), round(1.4 * height)), (122, 88, 60))
    table.paste(
        ImageOps.expand(picture, round(0.03 * width), (244, 241, 232)),
        (round(0.17 * width), round(0.17 * height)),
    )
    seen = tilted(
        table.rotate(chance.uniform(-6, 6), Image.Resampling.BICUBIC, fillcolor=(122, 88, 60)), chance, 0.1
    )
    x, y = places(seen)
    grain = np.random.default_rng(chance.getrandbits(64)).normal(0, 4, (seen.height, seen.width, 3))
    light = (0.92 + 0.2 * x - 0.15 * y)[..., None]
    return shown((values_of(seen) * light + grain).astype(np.float32))


def page_with(picture: Picture) -> Picture:
    """Print it on a page of text, on about a sixth of it."""
    width, height = round(2.2 * picture.width), round(2.8 * picture.height)
    page = Image.new("RGB", (width, height), (252, 252, 250))
    draw = ImageDraw.Draw(page)
    left, line = 0.1 * width, height / 42
    draw.text((left, 1.6 * line), "Notes from the coast", (20, 20, 20), font(1.6 * line))
    words = (
        "the boats had come back before noon and nobody spoke of what the wind had done to them that night"
    )
    top = 0.2 * height
    for row in range(38):
        y = 5 * line + row * line
        if top - line < y < top + picture.height:
            continue
        text = " ".join(words.split()[row % 9 :])[: 52 - row % 5]
        if y < 0.95 * height:
            draw.text((left, y), text, (40, 40, 40), font(0.75 * line))
    page.paste(picture, (round((width - picture.width) / 2), round(top)))
    return page


def inside(picture: Picture, other: Picture, share: float, chance: Random) -> Picture:
    """Put it into a corner of another photograph that is twice as large, on that share of it."""
    whole = other.resize((2 * picture.width, 2 * picture.height), Image.Resampling.LANCZOS)
    small = scaled(picture, 2 * math.sqrt(share))
    rim = round(0.03 * whole.width)
    x = chance.choice((rim, whole.width - small.width - rim))
    y = chance.choice((rim, whole.height - small.height - rim))
    whole.paste(small, (x, y))
    return whole


def collage(picture: Picture, others: Sequence[Picture], chance: Random) -> Picture:
    """Show it beside others: three in a row, or four in two rows, each cut to a square."""
    side = min(picture.size)
    tiles = [ImageOps.fit(one, (side, side)) for one in (picture, *others)]
    chance.shuffle(tiles)
    columns = 3 if len(tiles) == 3 else 2
    rim = max(2, side // 50)
    rows = math.ceil(len(tiles) / columns)
    whole = Image.new("RGB", (columns * (side + rim) + rim, rows * (side + rim) + rim), WHITE)
    for number, tile in enumerate(tiles):
        row, column = divmod(number, columns)
        whole.paste(tile, (rim + column * (side + rim), rim + row * (side + rim)))
    return whole


def _variations(other: Picture, count: int) -> list[Picture]:
    """Return so many parts of a photograph, to stand for others."""
    width, height = other.size
    boxes = ((0, 0, 0.6, 0.6), (0.4, 0.4, 1, 1), (0.4, 0, 1, 0.6))[:count]
    return [
        other.crop((round(a * width), round(b * height), round(c * width), round(d * height)))
        for a, b, c, d in boxes
    ]


def sheared(picture: Picture) -> Picture:
    """Lean it to one side, within its frame."""
    matrix = (1, 0.18, -0.09 * picture.height, 0, 1, 0)
    return picture.transform(
        picture.size, Image.Transform.AFFINE, matrix, Image.Resampling.BICUBIC, fillcolor=WHITE
    )


def on_phone(picture: Picture) -> Picture:
    """Show it on the screen of a phone."""
    width, height = picture.size
    phone = Image.new("RGB", (round(1.2 * width), round(2.1 * height)), (214, 208, 200))
    draw = ImageDraw.Draw(phone)
    body = (0.06 * width, 0.05 * height, 1.14 * width, 2.05 * height)
    draw.rounded_rectangle(body, 0.1 * width, (16, 16, 18))
    draw.rectangle((0.1 * width, 0.17 * height, 1.1 * width, 1.93 * height), (0, 0, 0))
    phone.paste(picture, (round(0.1 * width), round(0.55 * height)))
    return phone


SHAPES: dict[str, Edit] = {
    "lens corrected": lambda picture, *_: lens(picture, -0.09),
    "fish eye": lambda picture, *_: lens(picture, 0.3),
    "like wet paper": lambda picture, *_: wavy(picture),
    "scaled with regard to content": lambda picture, *_: carved(picture, 0.15),
    "photograph of a screen": lambda picture, chance, _: photographed_screen(picture, chance),
    "photograph of a print": lambda picture, chance, _: photographed_print(picture, chance),
    "on a phone": lambda picture, *_: on_phone(picture),
    "on a page of text": lambda picture, *_: page_with(picture),
    "picture in picture, a ninth": lambda picture, chance, other: inside(picture, other, 1 / 9, chance),
    "collage of three": lambda picture, chance, other: collage(picture, _variations(other, 2), chance),
    "collage of four": lambda picture, chance, other: collage(picture, _variations(other, 3), chance),
    "turned by 15°": lambda picture, *_: rotated_on_white(picture, 15),
    "turned by 30°": lambda picture, *_: rotated_on_white(picture, -30),
    "turned by 45°": lambda picture, *_: rotated_on_white(picture, 45),
    "turned by 15° and cut": lambda picture, *_: leveled(picture, -15),
    "turned by 30° and cut": lambda picture, *_: leveled(picture, 30),
    "turned by 45° and cut": lambda picture, *_: leveled(picture, 45),
    "crop to a tenth": lambda picture, chance, _: cropped(picture, 0.9, chance),
    "crop to a fifth, mirrored": lambda picture, chance, _: ImageOps.mirror(cropped(picture, 0.8, chance)),
    "sheared": lambda picture, *_: sheared(picture),
    "stretched to twice the width": lambda picture, *_: picture.resize((2 * picture.width, picture.height)),
    "from the side": lambda picture, chance, _: tilted(picture, chance, 0.2),
}
