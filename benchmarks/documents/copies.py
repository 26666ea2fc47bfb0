"""What a picture goes through and stays the picture it was: files, scales, scanners, cameras."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from io import BytesIO
from random import Random

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageFilter, features

from benchmarks.documents.sheet import Picture

MOST_SKEW = 0.6  # degrees, of a scan
PALETTE = 256
Array = npt.NDArray[np.floating]


@dataclass(frozen=True, slots=True)
class File:
    """The contents of a file."""

    data: bytes
    suffix: str  # ".jpg"

    def picture(self) -> Picture:
        """Decode it, in RGB."""
        with Image.open(BytesIO(self.data)) as image:
            picture: Picture = image.convert("RGB")
            return picture


def png(picture: Picture, _chance: Random | None = None) -> File:
    """Lossless, quickly."""
    return _file(picture, "PNG", compress_level=1)


@dataclass(frozen=True, slots=True)
class Copy:
    """A way to copy a sheet.

    make: from the sheet to the file of the copy.
    same: asked for is `same`; else `edited` is enough. None: that depends on whether anything was lost.
    first: from the sheet to the other file of the pair.
    """

    make: Callable[[Picture, Random], File]
    same: bool | None
    first: Callable[[Picture, Random], File] = png


def jpeg(picture: Picture, quality: int) -> File:
    """As Pillow writes it, with halved chroma."""
    return _file(picture, "JPEG", quality=quality)


def webp(picture: Picture, quality: int) -> File:
    """Lossy WebP, quickly."""
    return _file(picture, "WEBP", quality=quality, method=2)


def avif(picture: Picture, quality: int) -> File:
    """Lossy AVIF, quickly."""
    return _file(picture, "AVIF", quality=quality, speed=9)


def gif(picture: Picture, _chance: Random | None = None) -> File:
    """At most 256 colors, chosen from the picture, undithered: none is lost where there are no more."""
    return _file(picture.quantize(PALETTE, Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE), "GIF")


def scaled(picture: Picture, factor: float) -> Picture:
    """Reduce, as programs do it that do it well."""
    width, height = (max(1, round(side * factor)) for side in picture.size)
    return picture.resize((width, height), Image.Resampling.LANCZOS)


def scan(picture: Picture, chance: Random) -> Picture:
    """Printed, faded, laid a little askew onto a scanner."""
    skew = chance.uniform(-MOST_SKEW, MOST_SKEW)
    paper = tuple(chance.randint(238, 255) for _ in range(3))
    turned = picture.rotate(skew, Image.Resampling.BICUBIC, fillcolor=picture.getpixel((0, 0)))
    soft = turned.filter(ImageFilter.GaussianBlur(chance.uniform(0.3, 0.6)))
    black = chance.uniform(10, 60)
    tones = black + (np.asarray(soft, np.float32) / 255) * (np.array(paper, np.float32) - black)
    return _grained(tones, chance.uniform(1.5, 4), chance)


def photographed(picture: Picture, chance: Random) -> Picture:
    """The whole of it lies on a table, seen at an angle, in uneven light."""
    width, height = picture.size
    margin = 0.06
    canvas = int(width * (1 + 2 * margin)), int(height * (1 + 2 * margin))
    pull = 0.05
    corners = [
        (
            canvas[0] * abs(right - margin - chance.uniform(0, pull)),
            canvas[1] * abs(lower - margin - chance.uniform(0, pull)),
        )
        for right, lower in ((0, 0), (1, 0), (1, 1), (0, 1))
    ]
    flat = [(0.0, 0.0), (width, 0.0), (width, height), (0.0, height)]
    coefficients = perspective(corners, flat)
    seen = picture.transform(
        canvas, Image.Transform.PERSPECTIVE, coefficients, Image.Resampling.BICUBIC, fillcolor=(0, 0, 0)
    )
    mask = Image.new("L", picture.size, 255).transform(
        canvas, Image.Transform.PERSPECTIVE, coefficients, Image.Resampling.BICUBIC
    )
    wood = tuple(chance.randint(*span) for span in ((90, 170), (70, 120), (50, 90)))
    table = np.full((canvas[1], canvas[0], 3), wood, np.float32)
    stripes = np.random.default_rng(chance.getrandbits(64)).normal(0, 6, (canvas[1], 1, 1))
    scene = Image.fromarray((table + stripes).clip(0, 255).astype(np.uint8))
    scene.paste(seen, mask=mask)
    soft = scene.filter(ImageFilter.GaussianBlur(chance.uniform(0.3, 0.6)))
    return _grained(
        np.asarray(soft, np.float32) * _light(canvas, chance)[..., None], chance.uniform(1, 3), chance
    )


def perspective(
    places: Sequence[tuple[float, float]], sources: Sequence[tuple[float, float]]
) -> tuple[float, ...]:
    """Return the eight numbers with which Pillow fetches for each of four places the point of its source."""
    rows: list[list[float]] = []
    for (x, y), (u, v) in zip(places, sources, strict=True):
        rows.append([x, y, 1, 0, 0, 0, -u * x, -u * y])
        rows.append([0, 0, 0, x, y, 1, -v * x, -v * y])
    solved = np.linalg.solve(np.array(rows), np.array(sources).reshape(8))
    return tuple(float(value) for value in solved)


def _light(size: tuple[int, int], chance: Random) -> Array:
    """Brighter towards one side: factors of shape (height, width)."""
    angle, least = chance.uniform(0, 2 * math.pi), chance.uniform(0.68, 0.9)
    x, y = np.linspace(-0.5, 0.5, size[0]), np.linspace(-0.5, 0.5, size[1])
    slope = np.cos(angle) * x[None] + np.sin(angle) * y[:, None]
    share = (slope - slope.min()) / (slope.max() - slope.min())
    factors: Array = least + (1 - least) * share
    return factors


def _grained(tones: Array, deviation: float, chance: Random) -> Picture:
    noise = np.random.default_rng(chance.getrandbits(64)).standard_normal(tones.shape, np.float32)
    return Image.fromarray((tones + deviation * noise + 0.5).clip(0, 255).astype(np.uint8))


def _file(picture: Image.Image, format: str, **options: int) -> File:
    stream = BytesIO()
    picture.save(stream, format, **options)
    return File(stream.getvalue(), ".jpg" if format == "JPEG" else f".{format.lower()}")


COPIES: dict[str, Copy] = {
    "png": Copy(lambda picture, _: _file(picture, "PNG", compress_level=3), same=True),
    "jpeg90": Copy(lambda picture, _: jpeg(picture, 90), same=True),
    "jpeg75": Copy(lambda picture, _: jpeg(picture, 75), same=True),
    "jpeg50": Copy(lambda picture, _: jpeg(picture, 50), same=True),
    "webp80": Copy(lambda picture, _: webp(picture, 80), same=True),
    "gif": Copy(gif, same=None),
    "half": Copy(lambda picture, _: png(scaled(picture, 0.5)), same=True),
    "half-jpeg75": Copy(lambda picture, _: jpeg(scaled(picture, 0.5), 75), same=True),
    "0.7-jpeg50": Copy(lambda picture, _: jpeg(scaled(picture, 0.7), 50), same=True),
    "jpeg25": Copy(lambda picture, _: jpeg(picture, 25), same=False),
    "quarter": Copy(lambda picture, _: png(scaled(picture, 0.25)), same=False),
    "quarter-jpeg60": Copy(lambda picture, _: jpeg(scaled(picture, 0.25), 60), same=False),
    "scan": Copy(lambda picture, chance: jpeg(scan(picture, chance), 85), same=False),
    "scan-half": Copy(lambda picture, chance: jpeg(scaled(scan(picture, chance), 0.5), 75), same=False),
    "jpeg75-webp80": Copy(
        lambda picture, _: webp(picture, 80), same=True, first=lambda picture, _: jpeg(picture, 75)
    ),
    "jpeg50-half-jpeg75": Copy(
        lambda picture, _: jpeg(scaled(picture, 0.5), 75),
        same=True,
        first=lambda picture, _: jpeg(picture, 50),
    ),
    "two-scans": Copy(
        lambda picture, chance: jpeg(scan(picture, chance), 85),
        same=False,
        first=lambda picture, chance: jpeg(scan(picture, chance), 85),
    ),
    "photographed": Copy(lambda picture, chance: jpeg(photographed(picture, chance), 85), same=False),
}
if features.check("avif"):
    COPIES["avif60"] = Copy(lambda picture, _: avif(picture, 60), same=True)
