"""Edits that lay something over a picture: letters, stickers, watermarks, frames."""

from __future__ import annotations

import math
from collections.abc import Callable
from random import Random

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageFont, ImageOps

from benchmarks.material.editing import BLACK, WHITE, Picture, framed, thumbnail
from benchmarks.material.edits import Edit
from benchmarks.unlisted.fields import away, shown, values_of

Draw = Callable[[ImageDraw.ImageDraw, int, int], None]
"""Draws on a layer of (width, height)."""


def font(size: float) -> ImageFont.ImageFont | ImageFont.FreeTypeFont:
    """Return letters of about so many pixels."""
    return ImageFont.load_default(max(7, round(size)))


def overlaid(picture: Picture, draw: Draw) -> Picture:
    """Draw on a layer with transparency, and lay it over the picture."""
    layer = Image.new("RGBA", picture.size)
    draw(ImageDraw.Draw(layer), *picture.size)
    return Image.alpha_composite(picture.convert("RGBA"), layer).convert("RGB")


def copyright_stamp(picture: Picture, chance: Random) -> Picture:
    """Half-transparent letters over a fifth of the width, in a corner."""

    def draw(layer: ImageDraw.ImageDraw, width: int, height: int) -> None:
        size = font(width * 0.2 / 5.2)
        text = f"© A. Moser {chance.randint(2009, 2026)}"
        box = layer.textbbox((0, 0), text, size)
        x = chance.choice((0.04 * width, 0.96 * width - box[2]))
        y = chance.choice((0.04 * height, 0.95 * height - box[3]))
        layer.text((x, y), text, (255, 255, 255, 140), size)

    return overlaid(picture, draw)


def letters_across(picture: Picture) -> Picture:
    """Write large half-transparent letters across the middle."""

    def draw(layer: ImageDraw.ImageDraw, width: int, height: int) -> None:
        layer.text((width / 2, height / 2), "PREVIEW", (255, 255, 255, 110), font(width / 5), anchor="mm")

    return overlaid(picture, draw)


def watermark_grid(picture: Picture) -> Picture:
    """Repeat half-transparent letters over all of it, leaning, as agencies do."""
    width, height = picture.size
    side = round(1.5 * max(width, height))
    layer = Image.new("RGBA", (side, side))
    draw = ImageDraw.Draw(layer)
    step = max(30, width // 4)
    for row, y in enumerate(range(0, side, step // 2)):
        for x in range(-(row % 2) * step // 2, side, step):
            draw.text((x, y), "pixelstock", (255, 255, 255, 100), font(step / 6))
    turned = layer.rotate(30, Image.Resampling.BICUBIC)
    left, top = (side - width) // 2, (side - height) // 2
    cut = turned.crop((left, top, left + width, top + height))
    return Image.alpha_composite(picture.convert("RGBA"), cut).convert("RGB")


def with_sticker(picture: Picture, chance: Random) -> Picture:
    """Stick a large round badge on it: a white rim, rays of two colors, a word."""

    def draw(layer: ImageDraw.ImageDraw, width: int, height: int) -> None:
        radius = 0.25 * min(width, height)
        x, y = chance.uniform(radius, width - radius), chance.uniform(radius, height - radius)
        box = (x - radius, y - radius, x + radius, y + radius)
        layer.ellipse(box, WHITE)
        inner = tuple(side + step * 0.08 * radius for side, step in zip(box, (1, 1, -1, -1), strict=True))
        first = chance.randint(0, 359)
        colors = [tuple(chance.randint(30, 255) for _ in range(3)) for _ in range(2)]
        for ray in range(12):
            layer.pieslice(inner, first + 30 * ray, first + 30 * (ray + 1), colors[ray % 2])
        layer.text((x, y), "SALE!", WHITE, font(radius * 0.6), "mm", stroke_width=2, stroke_fill=BLACK)

    return overlaid(picture, draw)


def with_emoji(picture: Picture, chance: Random) -> Picture:
    """Put three yellow faces on it, shaded, with eyes and a mouth."""
    whole = picture.convert("RGBA")
    for _ in range(3):
        side = round(chance.uniform(0.12, 0.2) * min(picture.size))
        face = _face(side)
        at = chance.randint(0, picture.width - side), chance.randint(0, picture.height - side)
        whole.alpha_composite(face, at)
    return whole.convert("RGB")


def _face(side: int) -> Image.Image:
    large = 4 * side
    x, y = np.meshgrid(np.linspace(-1, 1, large), np.linspace(-1, 1, large))
    light = np.clip(1.05 - 0.35 * np.hypot(x + 0.3, y + 0.4), 0, 1)[..., None]
    values = light * np.array([255, 214, 60])
    alpha = 255 * (np.hypot(x, y) < 0.97)[..., None]
    face = Image.fromarray(np.concatenate([values, alpha], axis=2).astype(np.uint8), "RGBA")
    draw, unit = ImageDraw.Draw(face), large / 20
    for left in (5.6, 11.6):
        draw.ellipse((left * unit, 6 * unit, (left + 2.6) * unit, 10.4 * unit), (70, 40, 10, 255))
    draw.chord((4.5 * unit, 8 * unit, 15.5 * unit, 17 * unit), 10, 170, (130, 20, 30, 255))
    return face.resize((side, side), Image.Resampling.LANCZOS)


def with_photograph(picture: Picture, chance: Random, other: Picture) -> Picture:
    """Paste another photograph on it, small, with a white rim."""
    small = framed(thumbnail(other, round(0.3 * min(picture.size))), 0.05, WHITE)
    whole = picture.copy()
    at = (
        chance.randint(0, picture.width - small.width),
        chance.randint(0, picture.height - small.height),
    )
    whole.paste(small, at)
    return whole


def striped(picture: Picture, alpha: int) -> Picture:
    """Lay white stripes over it, leaning."""

    def draw(layer: ImageDraw.ImageDraw, width: int, height: int) -> None:
        step = max(12, width // 12)
        for x in range(-height, width, step):
            band = ((x, height), (x + height, 0), (x + height + step // 3, 0), (x + step // 3, height))
            layer.polygon(band, (255, 255, 255, alpha))

    return overlaid(picture, draw)


def text_on_stripes(picture: Picture) -> Picture:
    """Write on a band of black and white stripes."""

    def draw(layer: ImageDraw.ImageDraw, width: int, height: int) -> None:
        top, bottom = int(height * 0.68), int(height * 0.9)
        for x in range(0, width, 8):
            layer.rectangle((x, top, x + 7, bottom), BLACK if x // 8 % 2 else WHITE)
        middle = (width / 2, (top + bottom) / 2)
        layer.text(middle, "GOOD MORNING", (255, 60, 40), font(width / 11), "mm", stroke_width=2)

    return overlaid(picture, draw)


def date_stamp(picture: Picture) -> Picture:
    """Write an orange date at the lower right, as small cameras did."""

    def draw(layer: ImageDraw.ImageDraw, width: int, height: int) -> None:
        layer.text((width * 0.96, height * 0.95), "'98  7 14", (255, 140, 30), font(width / 18), "rs")

    return overlaid(picture, draw)


def circled(picture: Picture, chance: Random) -> Picture:
    """Draw a red ring around something, and an arrow to it."""

    def draw(layer: ImageDraw.ImageDraw, width: int, height: int) -> None:
        x, y = width * chance.uniform(0.35, 0.75), height * chance.uniform(0.35, 0.75)
        reach, line = min(width, height) * 0.14, max(3, width // 70)
        layer.ellipse((x - reach, y - reach, x + reach, y + reach), outline=(230, 20, 20), width=line)
        tip = x - reach * 0.8, y - reach * 0.8
        layer.line((tip[0] - 0.2 * width, tip[1] - 0.2 * height, *tip), (230, 20, 20), line)
        head = ((tip[0] - 4 * line, tip[1]), tip, (tip[0], tip[1] - 4 * line))
        layer.polygon(head, (230, 20, 20))

    return overlaid(picture, draw)


def speech_bubble(picture: Picture) -> Picture:
    """Let somebody say something."""

    def draw(layer: ImageDraw.ImageDraw, width: int, height: int) -> None:
        box = (0.08 * width, 0.06 * height, 0.6 * width, 0.27 * height)
        layer.polygon(
            ((0.3 * width, 0.24 * height), (0.42 * width, 0.24 * height), (0.4 * width, 0.38 * height)), WHITE
        )
        layer.ellipse(box, WHITE, BLACK, 2)
        layer.text((0.34 * width, 0.165 * height), "Not again!", BLACK, font(width / 16), "mm")

    return overlaid(picture, draw)


def play_button(picture: Picture) -> Picture:
    """Lay a half-transparent disc with a triangle over the middle, as on films."""

    def draw(layer: ImageDraw.ImageDraw, width: int, height: int) -> None:
        x, y, reach = width / 2, height / 2, min(width, height) * 0.13
        layer.ellipse((x - reach, y - reach, x + reach, y + reach), (0, 0, 0, 150))
        half = reach / 2
        layer.polygon(((x - half * 0.7, y - half), (x - half * 0.7, y + half), (x + half, y)), WHITE)

    return overlaid(picture, draw)


def subtitled(picture: Picture) -> Picture:
    """Write two lines on a dark band that lets half of the light through."""

    def draw(layer: ImageDraw.ImageDraw, width: int, height: int) -> None:
        layer.rectangle((0, height * 0.78, width, height * 0.97), (0, 0, 0, 140))
        for row, line in enumerate(("I told you that it would rain,", "and now look at us.")):
            layer.text((width / 2, height * (0.83 + 0.08 * row)), line, WHITE, font(width / 19), "mm")

    return overlaid(picture, draw)


def story(picture: Picture) -> Picture:
    """Darken above and below, and write there, as programs for short films do."""
    rows = np.linspace(0, 1, picture.height, dtype=np.float32)[:, None, None]
    shade = 1 - 0.75 * (np.clip(1 - rows / 0.2, 0, 1) + np.clip((rows - 0.75) / 0.25, 0, 1))
    shaded = shown(values_of(picture) * shade)

    def draw(layer: ImageDraw.ImageDraw, width: int, height: int) -> None:
        layer.ellipse(
            (0.04 * width, 0.03 * height, 0.12 * width, 0.03 * height + 0.08 * width), (240, 90, 140)
        )
        layer.text((0.15 * width, 0.04 * height), "mia.travels  2 h", WHITE, font(width / 22))
        layer.rounded_rectangle((0.05 * width, 0.88 * height, 0.8 * width, 0.96 * height), 8, None, WHITE, 1)
        layer.text((0.09 * width, 0.895 * height), "Send a message", WHITE, font(width / 24))

    return overlaid(shaded, draw)


def coded(picture: Picture, chance: Random) -> Picture:
    """Put a square of black and white fields into a corner, on white."""
    cells = np.random.default_rng(chance.getrandbits(64)).integers(0, 2, (21, 21), np.uint8) * 255
    side = round(0.22 * min(picture.size))
    code = Image.fromarray(cells).resize((side, side), Image.Resampling.NEAREST).convert("RGB")
    bordered = framed(code, 0.1, WHITE)
    whole = picture.copy()
    whole.paste(bordered, (picture.width - bordered.width - 4, 4))
    return whole


def flared(picture: Picture) -> Picture:
    """Add the sun in the lens: a bright spot, and discs on a line from it."""
    light = 210 * np.exp(-np.square(away(picture, -0.6, -0.6) / np.float32(0.3)))
    for step, reach, strength in ((0.1, 0.1, 40), (0.35, 0.17, 26), (0.6, 0.08, 46)):
        distance = away(picture, -0.6 + 1.6 * step, -0.6 + 1.6 * step)
        light = light + strength * np.clip((reach - distance) * 30 + 0.5, 0, 1)
    tint = np.array([1.0, 0.92, 0.75], np.float32)
    return shown(values_of(picture) + light[..., None] * tint)


def snowed(picture: Picture, chance: Random) -> Picture:
    """Let it snow: soft white spots of several sizes."""
    layer = Image.new("L", picture.size)
    draw = ImageDraw.Draw(layer)
    for _ in range(110):
        x, y = chance.uniform(0, picture.width), chance.uniform(0, picture.height)
        reach = chance.uniform(0.002, 0.009) * min(picture.size)
        draw.ellipse((x - reach, y - reach, x + reach, y + reach), chance.randint(130, 255))
    soft = layer.filter(ImageFilter.GaussianBlur(0.7))
    return Image.composite(Image.new("RGB", picture.size, WHITE), picture, soft)


def scratched(picture: Picture, chance: Random) -> Picture:
    """Scratch it, and let dust lie on it, as on an old film."""

    def draw(layer: ImageDraw.ImageDraw, width: int, height: int) -> None:
        for _ in range(7):
            x = chance.uniform(0, width)
            end = x + chance.uniform(-0.04, 0.04) * width
            layer.line((x, 0, end, height), (255, 255, 245, chance.randint(120, 220)), 1)
        for _ in range(60):
            x, y, reach = chance.uniform(0, width), chance.uniform(0, height), chance.uniform(0.5, 2.2)
            layer.ellipse((x - reach, y - reach, x + reach, y + reach), (20, 16, 10, 200))

    return overlaid(picture, draw)


def instant(picture: Picture) -> Picture:
    """Give it the frame of an instant photograph, with a line of writing."""
    side = min(picture.size)
    rim = round(0.06 * side)
    whole = ImageOps.expand(picture, (rim, rim, rim, round(0.24 * side)), (247, 246, 240))
    place = (whole.width / 2, whole.height - 0.13 * side)
    ImageDraw.Draw(whole).text(place, "our first day", (40, 50, 110), font(side / 12), "mm")
    return whole


def rounded(picture: Picture) -> Picture:
    """Round its corners, on white."""
    mask = Image.new("L", picture.size)
    reach = 0.12 * min(picture.size)
    ImageDraw.Draw(mask).rounded_rectangle((0, 0, picture.width - 1, picture.height - 1), reach, 255)
    return Image.composite(picture, Image.new("RGB", picture.size, WHITE), mask)


def film_strip(picture: Picture) -> Picture:
    """Lay it between the holes of a film."""
    band = round(0.14 * picture.height)
    whole = ImageOps.expand(picture, (0, band, 0, band), (12, 12, 12))
    draw = ImageDraw.Draw(whole)
    hole = 0.5 * band
    for number in range(math.ceil(whole.width / (1.8 * hole))):
        x = 1.8 * hole * number + 0.4 * hole
        for y in (0.25 * band, whole.height - 0.75 * band):
            draw.rounded_rectangle((x, y, x + hole, y + hole), 0.2 * hole, (240, 240, 235))
    return whole


def on_shadow(picture: Picture) -> Picture:
    """Show it on a page that shades off, with a shadow below."""
    width, height = (round(1.3 * side) for side in picture.size)
    ramp = np.linspace(0, 1, height, dtype=np.float32)[:, None, None]
    page = shown(np.broadcast_to((1 - ramp) * (130, 170, 250) + ramp * (200, 120, 220), (height, width, 3)))
    left, top = (width - picture.width) // 2, (height - picture.height) // 2
    mask = Image.new("L", page.size)
    mask.paste(150, (left + 6, top + 10, left + picture.width + 6, top + picture.height + 10))
    shadow = mask.filter(ImageFilter.GaussianBlur(8))
    page = Image.composite(Image.new("RGB", page.size, BLACK), page, shadow)
    page.paste(picture, (left, top))
    return page


MARKS: dict[str, Edit] = {
    "copyright stamp, half-transparent": lambda picture, chance, _: copyright_stamp(picture, chance),
    "half-transparent letters across": lambda picture, *_: letters_across(picture),
    "watermark grid": lambda picture, *_: watermark_grid(picture),
    "large sticker": lambda picture, chance, _: with_sticker(picture, chance),
    "emoji": lambda picture, chance, _: with_emoji(picture, chance),
    "photograph pasted on": with_photograph,
    "stripes": lambda picture, *_: striped(picture, 255),
    "half-transparent stripes": lambda picture, *_: striped(picture, 110),
    "text over stripes": lambda picture, *_: text_on_stripes(picture),
    "date stamp": lambda picture, *_: date_stamp(picture),
    "ring and arrow": lambda picture, chance, _: circled(picture, chance),
    "speech bubble": lambda picture, *_: speech_bubble(picture),
    "play button": lambda picture, *_: play_button(picture),
    "subtitles on a dark band": lambda picture, *_: subtitled(picture),
    "story": lambda picture, *_: story(picture),
    "square code in a corner": lambda picture, chance, _: coded(picture, chance),
    "sun in the lens": lambda picture, *_: flared(picture),
    "snow": lambda picture, chance, _: snowed(picture, chance),
    "scratches and dust": lambda picture, chance, _: scratched(picture, chance),
    "instant photograph": lambda picture, *_: instant(picture),
    "rounded corners": lambda picture, *_: rounded(picture),
    "film strip": lambda picture, *_: film_strip(picture),
    "on a page with a shadow": lambda picture, *_: on_shadow(picture),
}
