"""Autumn leaves, one upon another."""

import numpy as np
from PIL import Image

from sample_images.generate.canvas import (
    blur,
    color,
    finish,
    grid,
    mix,
    ramp,
    smoothstep,
)
from sample_images.generate.noise import Floats, fbm


def leaves(width: int, height: int) -> Image.Image:
    """Autumn leaves on the ground."""
    rng = np.random.default_rng(291)
    x, y = grid(width, height)
    picture = ramp(fbm(x * 20, y * 20, 5, 292), [(-0.5, "#1d150d"), (0.5, "#4a3a28")])
    tints = ("#c9531d", "#e0952a", "#b8341f", "#d9b53c", "#8f5a26", "#7a2a1c", "#a8a03a")
    for number in range(230):
        size = height * (0.06 + 0.05 * rng.random()) * (0.8 + 0.3 * number / 190)
        cx, cy, turn = rng.random() * width, rng.random() * height, rng.random() * 2 * np.pi
        half = int(size * 1.3)
        px, py = np.meshgrid(np.arange(-half, half), np.arange(-half, half))
        c, s = np.cos(turn), np.sin(turn)
        u, v = (
            ((px * c + py * s) / size).astype(np.float32),
            ((py * c - px * s) / size).astype(np.float32),
        )
        angle, radius = np.arctan2(v, u), np.hypot(u, v)
        lobes = int(rng.integers(0, 3))
        oval = np.clip(1 - u * u, 0, 1) ** 0.8 * (0.36 - 0.12 * u)
        shape = np.where(np.abs(u) < 1, np.abs(v) - oval, 1)
        if lobes:
            outline = (
                0.55 + 0.16 * np.cos(angle) + 0.22 * np.abs(np.cos(angle * 2.5)) + 0.05 * np.cos(angle * 15)
            )
            shape = radius - outline
        mask = smoothstep(0.03, -0.03, shape.astype(np.float32))
        mask = np.maximum(mask, smoothstep(0.03, 0.015, np.abs(v)) * (u < 0) * (u > -0.95))
        veins = smoothstep(0.035, 0.0, np.abs(v))
        side = np.abs(np.sin((np.abs(v) * 1.2 - u) * 14))
        veins = np.maximum(veins, 0.5 * smoothstep(0.25, 0.0, side))
        tone = color(tints[int(rng.integers(len(tints)))]) * (0.7 + 0.5 * rng.random())
        patch = 1 + 0.4 * fbm(u * 3 + number, v * 3, 3, 293) + 0.22 * v * rng.choice([-1, 1])
        leaf = tone * (patch * (1 - 0.3 * veins))[..., None]
        _lay(
            picture,
            leaf.astype(np.float32),
            mask.astype(np.float32),
            int(cx) - half,
            int(cy) - half,
        )
    return finish(picture * 1.15, 291, contrast=0.3, vignette=0.35)


def _lay(picture: Floats, leaf: Floats, mask: Floats, left: int, top: int) -> None:
    """Put a leaf with its shadow onto the picture, in place."""
    height, width = picture.shape[:2]
    shadow = blur(mask, 3.0)
    for cover, paint, shift in ((0.65 * shadow, np.zeros_like(leaf), 5), (mask, leaf, 0)):
        y0, x0 = max(0, top + shift), max(0, left + shift)
        y1, x1 = min(height, top + shift + mask.shape[0]), min(width, left + shift + mask.shape[1])
        if y1 <= y0 or x1 <= x0:
            continue
        part = (
            slice(y0 - top - shift, y1 - top - shift),
            slice(x0 - left - shift, x1 - left - shift),
        )
        picture[y0:y1, x0:x1] = mix(picture[y0:y1, x0:x1], paint[part], cover[part])
