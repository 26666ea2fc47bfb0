"""Pictures as float arrays: colours, masks, blurring, and the finish of a developed photograph."""

from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageDraw

from sample_images.generate.noise import Floats

Point = tuple[float, float]


def color(code: str) -> Floats:
    """Return a colour like "#c08040" as three floats, 0 to 1."""
    return np.array([int(code[i : i + 2], 16) / 255 for i in (1, 3, 5)], np.float32)


def grid(width: int, height: int) -> tuple[Floats, Floats]:
    """Return x (rightwards) and y (downwards) of every pixel, in units of the height."""
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    return ((x + 0.5) / height).astype(np.float32), ((y + 0.5) / height).astype(np.float32)


def smoothstep(low: float, high: float, x: Floats) -> Floats:
    t = np.clip((x - low) / (high - low), 0, 1)
    return np.asarray(t * t * (3 - 2 * t), np.float32)


def mix(a: Floats, b: Floats, amount: Floats) -> Floats:
    """Blend colours a and b by a mask of one value per pixel."""
    return (a + (b - a) * amount[..., None]).astype(np.float32)


def ramp(t: Floats, stops: Sequence[tuple[float, str]]) -> Floats:
    """Map values to colours along (position, colour) stops."""
    positions = [position for position, _ in stops]
    table = np.stack([color(code) for _, code in stops])
    channels = [np.interp(t, positions, table[:, c]) for c in range(3)]
    return np.stack(channels, axis=-1).astype(np.float32)


def resize(picture: Floats, width: int, height: int) -> Floats:
    """Resample an array of shape (h, w) or (h, w, 3)."""
    if picture.ndim == 3:
        planes = [resize(picture[..., c], width, height) for c in range(picture.shape[2])]
        return np.stack(planes, axis=-1)
    shrinking = width < picture.shape[1]
    how = Image.Resampling.BOX if shrinking else Image.Resampling.BICUBIC
    plane = Image.fromarray(np.ascontiguousarray(picture, np.float32))
    return np.asarray(plane.resize((width, height), how), np.float32)


def blur(picture: Floats, sigma: float) -> Floats:
    """Blur by a Gaussian; wide ones are computed on a smaller copy."""
    height, width = picture.shape[:2]
    if sigma > 4:
        factor = sigma / 3
        small = resize(picture, max(8, round(width / factor)), max(8, round(height / factor)))
        return resize(blur(small, sigma * small.shape[1] / width), width, height)
    radius = max(1, int(3 * sigma + 0.5))
    taps = np.exp(-0.5 * (np.arange(-radius, radius + 1) / sigma) ** 2)
    taps = (taps / taps.sum()).astype(np.float32)
    for axis in (0, 1):
        margins = [(radius, radius) if a == axis else (0, 0) for a in range(picture.ndim)]
        padded = np.pad(picture, margins, mode="edge")
        length = picture.shape[axis]
        picture = sum(
            (np.take(padded, range(i, i + length), axis) * tap for i, tap in enumerate(taps)),
            start=np.zeros_like(picture),
        )
    return picture


def polygons(width: int, height: int, shapes: Sequence[Sequence[Point]]) -> Floats:
    """Return an antialiased mask of polygons given in pixels."""
    scale = 3
    mask = Image.new("L", (width * scale, height * scale))
    draw = ImageDraw.Draw(mask)
    for shape in shapes:
        draw.polygon([(x * scale, y * scale) for x, y in shape], fill=255)
    small = mask.resize((width, height), Image.Resampling.BOX)
    return np.asarray(np.asarray(small, np.float32) / np.float32(255), np.float32)


def filmic(light: Floats) -> Floats:
    """Map linear light to display values with a soft shoulder."""
    toned = light * (2.51 * light + 0.03) / (light * (2.43 * light + 0.59) + 0.14)
    return np.asarray(np.clip(toned, 0, 1).astype(np.float32) ** np.float32(1 / 2.2), np.float32)


def finish(
    picture: Floats,
    seed: int,
    *,
    contrast: float = 0.15,
    saturation: float = 1.0,
    bloom: float = 0.0,
    vignette: float = 0.25,
    grain: float = 0.006,
) -> Image.Image:
    """Develop: bloom, an S-shaped contrast, saturation, vignette, a little grain."""
    height, width = picture.shape[:2]
    if bloom:
        glow = np.clip(picture - 0.75, 0, None) * 3
        picture = picture + bloom * (blur(glow, height / 60) + blur(glow, height / 14))
    picture = np.clip(picture, 0, 1)
    picture = picture + contrast * (picture * picture * (3 - 2 * picture) - picture)
    gray = picture @ np.array([0.3, 0.59, 0.11], np.float32)
    picture = gray[..., None] + saturation * (picture - gray[..., None])
    x, y = grid(width, height)
    radius = np.hypot(x - width / height / 2, y - 0.5) / np.hypot(width / height / 2, 0.5)
    picture = picture * (1 - vignette * radius**2.4)[..., None]
    noise = np.random.default_rng(seed).normal(size=(height, width, 1)).astype(np.float32)
    noise = noise if grain == 0 else 0.4 * noise + 1.6 * blur(noise[..., 0], 0.8)[..., None]
    picture = picture + grain * noise * (0.5 + 2 * gray * (1 - gray))[..., None]
    return Image.fromarray((np.clip(picture, 0, 1) * 255 + 0.5).astype(np.uint8))
