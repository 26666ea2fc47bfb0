"""Fixed edits of known strength, to measure with: what people and programs do to photographs.

Written with Pillow, apart from the OpenCV views of training, so that a slip in one does not hide in both.
"""

import io
import math
from collections.abc import Callable
from random import Random

import numpy as np
from PIL import Image, ImageDraw, ImageEnhance, ImageFilter, ImageFont, ImageOps

Picture = Image.Image
Simple = Callable[[Picture], Picture]
Chancy = Callable[[Picture, Random], Picture]


def packed(picture: Picture, kind: str, quality: int) -> Picture:
    stream = io.BytesIO()
    picture.save(stream, kind, quality=quality)
    return Image.open(stream).convert("RGB")


def scaled(picture: Picture, factor: float) -> Picture:
    size = max(8, int(picture.width * factor)), max(8, int(picture.height * factor))
    return picture.resize(size, Image.Resampling.LANCZOS)


def thumbnail(picture: Picture, side: int) -> Picture:
    copy = picture.copy()
    copy.thumbnail((side, side))
    return copy


def gamma(picture: Picture, power: float) -> Picture:
    return picture.point([round(255 * (level / 255) ** power) for level in range(256)] * 3)


def sepia(picture: Picture) -> Picture:
    return ImageOps.colorize(ImageOps.grayscale(picture), (40, 20, 0), (255, 240, 200))


def warm(picture: Picture) -> Picture:
    gained = np.asarray(picture) * np.array([1.2, 1.0, 0.75])
    return Image.fromarray(np.clip(gained, 0, 255).astype(np.uint8))


def noise(picture: Picture, chance: Random) -> Picture:
    grain = np.random.default_rng(chance.getrandbits(32)).normal(0, 20, (picture.height, picture.width, 3))
    return Image.fromarray(np.clip(np.asarray(picture) + grain, 0, 255).astype(np.uint8))


def crop(picture: Picture, chance: Random, kept: float) -> Picture:
    """Keep that share of the area, anywhere."""
    width, height = int(picture.width * kept**0.5), int(picture.height * kept**0.5)
    left, top = chance.randint(0, picture.width - width), chance.randint(0, picture.height - height)
    return picture.crop((left, top, left + width, top + height))


def letterbox(picture: Picture) -> Picture:
    side = max(picture.size)
    return ImageOps.pad(picture, (side, side))


def rotate_inside(picture: Picture, degrees: float) -> Picture:
    """Turn, and keep the largest rectangle of the old aspect that has no empty corner."""
    width, height = picture.size
    radians = math.radians(abs(degrees))
    kept = 1 / (math.cos(radians) + max(width / height, height / width) * math.sin(radians))
    across, down = width * (1 - kept) / 2, height * (1 - kept) / 2
    turned = picture.rotate(degrees, Image.Resampling.BICUBIC)
    return turned.crop((round(across), round(down), round(width - across), round(height - down)))


def rotate_on_white(picture: Picture, degrees: float) -> Picture:
    return picture.rotate(degrees, Image.Resampling.BICUBIC, expand=True, fillcolor="white")


def perspective(picture: Picture, chance: Random) -> Picture:
    """Take a quadrilateral whose corners lie up to 8 % inside, and stretch it over the frame."""
    width, height = picture.size
    inside = [(chance.uniform(0, 0.08), chance.uniform(0, 0.08)) for _ in range(4)]
    signs = ((0, 0), (0, 1), (1, 1), (1, 0))
    quad: list[float] = []
    for (across, down), (right, bottom) in zip(inside, signs, strict=True):
        quad += [width * abs(right - across), height * abs(bottom - down)]
    return picture.transform(picture.size, Image.Transform.QUAD, quad, Image.Resampling.BICUBIC)


def text(picture: Picture, chance: Random) -> Picture:
    copy, font = picture.copy(), ImageFont.load_default(max(12, picture.height // 8))
    spot = picture.width * 0.05, picture.height * chance.choice([0.05, 0.75])
    ImageDraw.Draw(copy).text(spot, "HELLO WORLD 2026", "white", font, stroke_width=2, stroke_fill="black")
    return copy


def logo(picture: Picture, chance: Random, covered: float) -> Picture:
    """Draw a disc with a square in it; its box covers that share of the largest square that fits."""
    copy = picture.copy()
    side = int(min(copy.size) * covered**0.5)
    left, top = chance.randint(0, copy.width - side), chance.randint(0, copy.height - side)
    red, green, blue = (chance.randint(0, 255) for _ in range(3))
    draw = ImageDraw.Draw(copy)
    draw.ellipse((left, top, left + side, top + side), (red, green, blue))
    box = left + side // 3, top + side // 3, left + 2 * side // 3, top + 2 * side // 3
    draw.rectangle(box, (255 - red, 255 - green, 255 - blue))
    return copy


def screenshot(picture: Picture) -> Picture:
    """Show the picture in an app: half as high again, with a line of text above and one below."""
    canvas = Image.new("RGB", (int(picture.width * 1.08), int(picture.height * 1.5)), (245, 245, 245))
    top = int(picture.height * 0.2)
    canvas.paste(picture, (int(picture.width * 0.04), top))
    draw, font = ImageDraw.Draw(canvas), ImageFont.load_default(max(10, picture.width // 20))
    draw.text((10, top // 4), "Photos   Albums   Share", (30, 30, 30), font)
    draw.text((10, top + picture.height + 8), "Liked by 128 others", (30, 30, 30), font)
    return canvas


def meme(picture: Picture) -> Picture:
    strip = picture.height // 4
    canvas = Image.new("RGB", (picture.width, picture.height + strip), "white")
    canvas.paste(picture, (0, strip))
    font = ImageFont.load_default(max(10, picture.width // 16))
    ImageDraw.Draw(canvas).text((8, strip // 3), "when the code compiles", "black", font)
    return canvas


def paste_onto(picture: Picture, chance: Random, ground: Picture) -> Picture:
    """Put the picture at half its area onto another one of its size."""
    canvas, small = ground.resize(picture.size), scaled(picture, 0.5**0.5)
    left = chance.randint(0, canvas.width - small.width)
    canvas.paste(small, (left, chance.randint(0, canvas.height - small.height)))
    return canvas


def stacked(picture: Picture, chance: Random) -> Picture:
    """Text, a light crop, another brightness and hard compression, one after the other."""
    cropped = crop(text(picture, chance), chance, 0.9)
    return packed(ImageEnhance.Brightness(cropped).enhance(chance.uniform(0.8, 1.3)), "JPEG", 25)


SIMPLE: dict[str, Simple] = {
    "half size": lambda picture: scaled(picture, 0.5),
    "thumbnail 96": lambda picture: thumbnail(picture, 96),
    "JPEG 30": lambda picture: packed(picture, "JPEG", 30),
    "JPEG 8": lambda picture: packed(picture, "JPEG", 8),
    "WebP 40": lambda picture: packed(picture, "WEBP", 40),
    "64 colours": lambda picture: picture.quantize(64).convert("RGB"),
    "brightness +40 %": lambda picture: ImageEnhance.Brightness(picture).enhance(1.4),
    "brightness -40 %": lambda picture: ImageEnhance.Brightness(picture).enhance(0.6),
    "contrast +60 %": lambda picture: ImageEnhance.Contrast(picture).enhance(1.6),
    "contrast -50 %": lambda picture: ImageEnhance.Contrast(picture).enhance(0.5),
    "gamma 0.6": lambda picture: gamma(picture, 0.6),
    "autocontrast": lambda picture: ImageOps.autocontrast(picture, 2),
    "equalize": ImageOps.equalize,
    "grayscale": lambda picture: ImageOps.grayscale(picture).convert("RGB"),
    "sepia": sepia,
    "warm": warm,
    "saturation x 2": lambda picture: ImageEnhance.Color(picture).enhance(2),
    "blur": lambda picture: picture.filter(ImageFilter.GaussianBlur(max(1, picture.width / 200))),
    "sharpen": lambda picture: picture.filter(ImageFilter.UnsharpMask(3, 200, 2)),
    "square crop": lambda picture: ImageOps.fit(picture, (min(picture.size),) * 2),
    "height x 0.75": lambda picture: picture.resize((picture.width, int(picture.height * 0.75))),
    "border 5 %": lambda picture: ImageOps.expand(picture, int(min(picture.size) * 0.05), "white"),
    "border 15 %": lambda picture: ImageOps.expand(picture, int(min(picture.size) * 0.15), "black"),
    "letterbox": letterbox,
    "rotate 2, inside": lambda picture: rotate_inside(picture, 2),
    "rotate 5, inside": lambda picture: rotate_inside(picture, -5),
    "rotate 10, inside": lambda picture: rotate_inside(picture, 10),
    "rotate 5, on white": lambda picture: rotate_on_white(picture, 5),
    "screenshot": screenshot,
    "meme": meme,
    "quarter turn": lambda picture: picture.transpose(Image.Transpose.ROTATE_90),
    "half turn": lambda picture: picture.transpose(Image.Transpose.ROTATE_180),
    "mirror": ImageOps.mirror,
}
CHANCY: dict[str, Chancy] = {
    "noise": noise,
    "crop to 95 %": lambda picture, chance: crop(picture, chance, 0.95),
    "crop to 90 %": lambda picture, chance: crop(picture, chance, 0.90),
    "crop to 75 %": lambda picture, chance: crop(picture, chance, 0.75),
    "crop to 50 %": lambda picture, chance: crop(picture, chance, 0.50),
    "crop to 30 %": lambda picture, chance: crop(picture, chance, 0.30),
    "text": text,
    "logo 10 %": lambda picture, chance: logo(picture, chance, 0.10),
    "logo 25 %": lambda picture, chance: logo(picture, chance, 0.25),
    "perspective": perspective,
    "stacked": stacked,
}
PASTED = "pasted at 50 %"
NAMES = (*SIMPLE, *CHANCY, PASTED)
DIHEDRAL = frozenset({"quarter turn", "half turn", "mirror"})


def apply(name: str, picture: Picture, ground: Picture, seed: str) -> Picture:
    """Return the named edit of an RGB picture; the same seed gives the same edit."""
    chance = Random(f"{name} {seed}")
    if name in SIMPLE:
        return SIMPLE[name](picture)
    return CHANCY[name](picture, chance) if name in CHANCY else paste_onto(picture, chance, ground)
