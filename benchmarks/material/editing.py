"""What the edits of photographs are made of: from RGB pictures of any size to RGB pictures."""

from __future__ import annotations

import math
from io import BytesIO
from random import Random

import numpy as np
from PIL import Image, ImageDraw, ImageEnhance, ImageFont, ImageOps

Picture = Image.Image  # always of mode "RGB"
Color = tuple[int, int, int]

BLACK, WHITE = (0, 0, 0), (255, 255, 255)


def saved(picture: Picture, format: str, **options: int) -> Picture:
    """What is left of a picture after a trip through a file."""
    file = BytesIO()
    picture.save(file, format, **options)
    return Image.open(file).convert("RGB")


def scaled(picture: Picture, factor: float) -> Picture:
    """Scale both sides, to 8 pixels at least."""
    width, height = (max(8, int(side * factor)) for side in picture.size)
    return picture.resize((width, height), Image.Resampling.LANCZOS)


def thumbnail(picture: Picture, side: int) -> Picture:
    """Shrink until no side is longer."""
    small = picture.copy()
    small.thumbnail((side, side))
    return small


def cropped(picture: Picture, lost: float, chance: Random) -> Picture:
    """Cut off that share of the area; the aspect ratio stays."""
    width, height = (max(1, int(side * math.sqrt(1 - lost))) for side in picture.size)
    left = chance.randint(0, picture.width - width)
    top = chance.randint(0, picture.height - height)
    return picture.crop((left, top, left + width, top + height))


def framed(picture: Picture, share: float, color: Color) -> Picture:
    """Add a border, as wide as that share of the shorter side."""
    return ImageOps.expand(picture, int(min(picture.size) * share), color)


def letterboxed(picture: Picture) -> Picture:
    """Fill up with black to a square."""
    side = max(picture.size)
    square = Image.new("RGB", (side, side), BLACK)
    square.paste(picture, ((side - picture.width) // 2, (side - picture.height) // 2))
    return square


def gamma(picture: Picture, exponent: float) -> Picture:
    """Brighten (below 1) or darken the middle tones."""
    curve = [int(255 * (level / 255) ** exponent + 0.5) for level in range(256)]
    return picture.point(curve * 3)


def sepia(picture: Picture) -> Picture:
    """Paint the grey picture in browns."""
    return ImageOps.colorize(ImageOps.grayscale(picture), (40, 20, 0), (255, 240, 200))


def warmed(picture: Picture, red: float, blue: float) -> Picture:
    """Multiply two of the channels."""
    gains = np.array([red, 1, blue], np.float32)
    return Image.fromarray((np.asarray(picture) * gains).clip(0, 255).astype(np.uint8))


def noisy(picture: Picture, deviation: float, chance: Random) -> Picture:
    """Add normal noise to each value."""
    pixels = np.asarray(picture)
    grain = np.random.default_rng(chance.getrandbits(64)).normal(0, deviation, pixels.shape)
    return Image.fromarray((pixels + grain).clip(0, 255).astype(np.uint8))


def leveled(picture: Picture, degrees: float) -> Picture:
    """Rotate, and keep the largest upright rectangle of the same shape that is filled."""
    angle = math.radians(abs(degrees))
    width, height = picture.size
    slimness = max(width / height, height / width)
    factor = 1 / (math.cos(angle) + slimness * math.sin(angle))
    kept_width, kept_height = max(1, int(width * factor)), max(1, int(height * factor))
    left, top = (width - kept_width) // 2, (height - kept_height) // 2
    rotated = picture.rotate(degrees, Image.Resampling.BICUBIC)
    return rotated.crop((left, top, left + kept_width, top + kept_height))


def rotated_on_white(picture: Picture, degrees: float) -> Picture:
    """Rotate, and show all of it."""
    return picture.rotate(degrees, Image.Resampling.BICUBIC, expand=True, fillcolor=WHITE)


def tilted(picture: Picture, chance: Random, most: float = 0.08) -> Picture:
    """Pull each corner out of the frame, by up to that share of the sides, as from another viewpoint."""
    corners: list[float] = []
    for right, lower in ((0, 0), (0, 1), (1, 1), (1, 0)):
        x, y = chance.uniform(0, most), chance.uniform(0, most)
        corners += [picture.width * abs(right - x), picture.height * abs(lower - y)]
    return picture.transform(picture.size, Image.Transform.QUAD, corners, Image.Resampling.BICUBIC)


def captioned(picture: Picture, chance: Random) -> Picture:
    """Write white letters with a black rim across the picture, near the top or the bottom."""
    picture = picture.copy()
    place = picture.width * 0.05, picture.height * chance.choice((0.05, 0.75))
    ImageDraw.Draw(picture).text(
        place, "HELLO WORLD 2026", WHITE, _font(picture.height // 8, 12), stroke_width=2, stroke_fill=BLACK
    )
    return picture


def with_logo(picture: Picture, share: float, chance: Random) -> Picture:
    """Cover a square, of that share of the shorter side's, by a disc with a box of the inverse colour."""
    picture = picture.copy()
    side = int(min(picture.size) * math.sqrt(share))
    x, y = chance.randint(0, picture.width - side), chance.randint(0, picture.height - side)
    color = (chance.randint(0, 255), chance.randint(0, 255), chance.randint(0, 255))
    inverse = (255 - color[0], 255 - color[1], 255 - color[2])
    near, far = side // 3, 2 * side // 3
    draw = ImageDraw.Draw(picture)
    draw.ellipse((x, y, x + side, y + side), color)
    draw.rectangle((x + near, y + near, x + far, y + far), inverse)
    return picture


def screenshot(picture: Picture) -> Picture:
    """Show the picture on a light page, with a menu above and a line of text below."""
    width, height = picture.size
    page = Image.new("RGB", (int(width * 1.08), int(height * 1.5)), (245, 245, 245))
    top = int(height * 0.2)
    page.paste(picture, (int(width * 0.04), top))
    draw, font, ink = ImageDraw.Draw(page), _font(width // 20, 10), (30, 30, 30)
    draw.text((10, int(height * 0.05)), "Photos   Albums   Share", ink, font)
    draw.text((10, top + height + 8), "Liked by 128 others", ink, font)
    return page


def meme(picture: Picture) -> Picture:
    """Put a white band with a line of text above the picture."""
    band = picture.height // 4
    whole = ImageOps.expand(picture, (0, band, 0, 0), WHITE)
    font = _font(picture.width // 16, 10)
    ImageDraw.Draw(whole).text((8, band // 3), "when the code compiles", BLACK, font)
    return whole


def pasted_onto(background: Picture, picture: Picture, share: float, chance: Random) -> Picture:
    """Stretch another picture to the size of this one, and cover that share of it by this one."""
    whole = background.resize(picture.size)
    small = scaled(picture, math.sqrt(share))
    left = chance.randint(0, max(0, whole.width - small.width))
    top = chance.randint(0, max(0, whole.height - small.height))
    whole.paste(small, (left, top))
    return whole


def combined(picture: Picture, chance: Random) -> Picture:
    """What a picture goes through on its way through chats: text, a crop, another brightness, JPEG."""
    shown = cropped(captioned(picture, chance), 0.10, chance)
    return saved(ImageEnhance.Brightness(shown).enhance(chance.uniform(0.8, 1.3)), "JPEG", quality=25)


def _font(size: int, least: int) -> ImageFont.ImageFont | ImageFont.FreeTypeFont:
    return ImageFont.load_default(max(least, size))
