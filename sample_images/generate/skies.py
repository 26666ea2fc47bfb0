"""Skies: gradients, clouds on a plane overhead, heaps of cumulus, stars, trees before them."""

from collections.abc import Sequence

import numpy as np

from sample_images.generate.canvas import Point, smoothstep
from sample_images.generate.noise import Floats, fbm


def cloud_deck(
    x: Floats, up: Floats, seed: int, *, scale: float = 1.0, cover: float = 0.0
) -> tuple[Floats, Floats]:
    """Return (opacity, light) of a layer of clouds; up is the elevation above the horizon."""
    depth = 1 / (np.maximum(up, 0) + 0.12)
    px, pz = (x * depth * scale).astype(np.float32), (depth * scale).astype(np.float32)
    bend = fbm(px * 0.7, pz * 0.7, 3, seed + 7)
    density = fbm(px + 0.6 * bend, pz * 1.3, 6, seed, 0.55)
    thicker = fbm(px + 0.6 * bend + 0.12, pz * 1.3 + 0.1, 4, seed, 0.55)
    opacity = smoothstep(-cover, 0.42 - cover, density) * smoothstep(-0.01, 0.12, up)
    light = np.clip(0.62 + 1.3 * (density - thicker) - 0.35 * density, 0, 1)
    return opacity, light.astype(np.float32)


def cumulus(x: Floats, y: Floats, seed: int, *, base: float, top: float) -> tuple[Floats, Floats]:
    """Return (opacity, light) of heaped clouds with flat bases between rows base and top."""
    billow = np.abs(fbm(x * 5.5, y * 7, 6, seed)) * 1.6
    heaps = fbm(x * 1.7, y * 0.6, 3, seed + 31) * 1.8
    lift = (base - y) / (base - top)
    density = 0.55 * heaps + 0.55 * billow - 0.75 * np.clip(lift, 0, 2) + 0.30
    opacity = smoothstep(0.0, 0.22, density) * smoothstep(-0.16, 0.05, lift)
    light = smoothstep(-0.1, 0.75, lift + 0.5 * billow + 0.15)
    return opacity.astype(np.float32), light


def stars(width: int, height: int, seed: int, count: int) -> Floats:
    """Return starlight of shape (height, width, 3): many faint stars, few bright ones."""
    rng = np.random.default_rng(seed)
    light = np.zeros((height, width, 3), np.float32)
    for x, y, brightness, tint in zip(
        rng.random(count), rng.random(count), rng.random(count), rng.random(count), strict=True
    ):
        px, py = int(3 + x * (width - 7)), int(3 + y * (height - 7))
        power = 0.15 + 0.9 * brightness**7
        spot = np.array([0.8 + 0.3 * tint, 0.95, 1.15 - 0.3 * tint], np.float32) * power
        light[py, px] += spot
        light[py - 1 : py + 2, px - 1 : px + 2] += 0.35 * spot * brightness**3
        light[py - 2 : py + 3, px - 2 : px + 3] += 0.12 * spot * brightness**8
    return light


def fir(x: float, foot: float, tall: float, rng: np.random.Generator) -> Sequence[Point]:
    """Return the outline of a fir tree in pixels, foot at (x, foot)."""
    left: list[Point] = []
    right: list[Point] = []
    tiers = max(5, int(tall / 9))
    for tier in range(tiers):
        share = (tier + 1) / tiers
        reach = tall * 0.21 * share * (0.75 + 0.5 * rng.random())
        y = foot - tall * (1 - share * 0.93)
        left += [(x - reach, y + tall * 0.02), (x - reach * 0.45, y - tall * 0.015)]
        reach *= 0.8 + 0.4 * rng.random()
        right += [(x + reach, y + tall * 0.02), (x + reach * 0.45, y - tall * 0.015)]
    trunk = [(x + tall * 0.015, foot), (x - tall * 0.015, foot)]
    return [(x, foot - tall), *right, *trunk, *reversed(left)]
