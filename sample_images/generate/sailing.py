"""Sailing boats on a lake: one scene at several moments, a burst."""

import numpy as np
from PIL import Image

from sample_images.generate.canvas import (
    Point,
    blur,
    color,
    finish,
    grid,
    mix,
    polygons,
    ramp,
    smoothstep,
)
from sample_images.generate.noise import Floats, fbm
from sample_images.generate.skies import cloud_deck
from sample_images.generate.water import reflect


def sailing(width: int, height: int, moment: float = 0.0) -> Image.Image:
    """Sailing boats on a windy lake; other moments are other frames of one burst."""
    x, y = grid(width, height)
    x = (x + 0.055 * moment).astype(np.float32)
    y = (y - 0.022 * moment).astype(np.float32)
    sky = ramp(y, [(0, "#6b93bd"), (0.5, "#d5e2ea")])
    opacity, light = cloud_deck(x - 0.3 + 0.02 * moment, 0.52 - y, 141, scale=0.7, cover=0.18)
    sky = mix(sky, ramp(light, [(0.1, "#8694a6"), (0.7, "#f6f6f4")]), 0.9 * opacity)
    for base, rough, tint, seed in ((0.44, 0.10, "#8fa5b8", 142), (0.475, 0.07, "#56705f", 143)):
        ridge = base - rough * (0.5 + fbm(x * 2.1, x * 0 + seed, 6, seed))
        texture = 1 + 0.25 * fbm(x * 40, y * 40, 3, seed)
        sky = mix(sky, color(tint) * texture[..., None], smoothstep(0, 0.004, y - ridge))
    row = int(np.searchsorted(y[:, 0], 0.5))
    picture = sky
    boats = [
        (0.42, 0.64, 0.27, "#f4f1e8"),
        (0.93, 0.56, 0.14, "#e9e3d3"),
        (1.12, 0.53, 0.085, "#c2432e"),
    ]
    speeds = (0.05, -0.02, 0.015)
    picture = reflect(picture, row, 144, rough=0.8, drift=0.7 * moment)
    picture[row:] = 0.75 * picture[row:] + 0.25 * color("#2d5a78")
    caps = fbm((x[row:] - 0.7) * 5 / (y[row:] - 0.47), 8 / (y[row:] - 0.47) + moment, 3, 145)
    picture[row:] = mix(picture[row:], color("#eef3f4"), 0.55 * smoothstep(0.42, 0.6, caps))
    for (at, foot, tall, tint), speed in zip(boats, speeds, strict=True):
        px = at + speed * moment - 0.055 * moment
        py = foot + 0.022 * moment + 0.006 * np.sin(3 * moment + at * 9)
        lean = 0.10 + 0.05 * np.sin(2 * moment + at * 5)
        picture = _boat(picture, px, py, tall, lean, color(tint))
    return finish(picture, 141 + round(10 * moment), contrast=0.3, saturation=1.05)


def _scaled(points: list[Point], scale: float) -> list[Point]:
    return [(float(a * scale), float(b * scale)) for a, b in points]


def _boat(picture: Floats, x: float, y: float, tall: float, lean: float, sail: Floats) -> Floats:
    height, width = picture.shape[:2]

    def shape(points: list[Point], flip: float = 1.0) -> Floats:
        placed = [(x + tall * (a + lean * b * flip), y - tall * b * flip) for a, b in points]
        return polygons(width, height, [_scaled(placed, height)])

    main = [(0.02, 0.14), (0.04, 0.6), (0.02, 1.0), (-0.2, 0.62), (-0.38, 0.17)]
    jib = [(0.05, 0.95), (0.2, 0.55), (0.36, 0.13), (0.06, 0.16)]
    hull = [(-0.42, 0.1), (0.42, 0.11), (0.3, 0.0), (-0.36, 0.0)]
    ghost = blur(np.maximum(shape(main, -0.7), shape(jib, -0.7)), 2.5)
    rows = np.arange(height, dtype=np.float32)[:, None] / height
    picture = mix(picture, sail * 0.85, 0.35 * ghost * smoothstep(0.3, 0.0, rows - y))
    across = grid(width, height)[0]
    for part, tone in ((main, 1.0), (jib, 0.86)):
        shading = tone * (0.86 + 0.5 * (across - x) / tall)
        mask = shape(part)
        picture = mix(picture, sail * np.clip(shading, 0.5, 1.05)[..., None], mask)
    picture = mix(picture, color("#23303f"), shape(hull))
    return mix(
        picture,
        color("#e8eaea"),
        0.8 * shape([(-0.43, 0.012), (0.36, 0.012), (0.3, -0.02), (-0.4, -0.02)]),
    )
