"""At the water: a sunset over the sea, a beach, a mountain lake."""

import numpy as np
from PIL import Image

from sample_images.generate.canvas import (
    Point,
    color,
    finish,
    grid,
    mix,
    polygons,
    ramp,
    smoothstep,
)
from sample_images.generate.noise import Floats, fbm, ridged
from sample_images.generate.skies import cloud_deck, cumulus, fir
from sample_images.generate.terrain import View, look, shade
from sample_images.generate.water import reflect


def sunset(width: int, height: int) -> Image.Image:
    """The sun sinking into the sea behind thin clouds."""
    x, y = grid(width, height)
    stops = [(0, "#2b3a67"), (0.25, "#7d5a86"), (0.42, "#e0786a"), (0.56, "#ffb259")]
    sky = ramp(y, stops)
    away = np.hypot(x - 0.86, (y - 0.53) * 1.1)
    sky += color("#ffb060") * 0.55 * np.exp(-away / 0.16)[..., None]
    opacity, light = cloud_deck(x - 0.75, 0.6 - y, 121, scale=1.3, cover=0.05)
    warm = ramp(light - 0.5 * away, [(0, "#4a3558"), (0.35, "#b05a5e"), (0.7, "#ffcf8a")])
    sky = mix(sky, warm, 0.85 * opacity)
    sky = mix(sky, color("#fff6cf") * 1.25, smoothstep(0.044, 0.041, np.hypot(x - 0.86, y - 0.535)))
    ridge = 0.585 - 0.05 * smoothstep(0.4, 0.0, x) * (1 + 0.5 * fbm(x * 9, x * 0, 4, 122))
    sky = mix(sky, color("#3a2743"), smoothstep(0, 0.004, y - ridge) * smoothstep(0.45, 0.35, x))
    row = round(0.585 * height)
    picture = reflect(sky, row, 123, rough=0.75)
    birds = []
    for bx, by, size in ((0.32, 0.2, 0.02), (0.37, 0.24, 0.014), (0.27, 0.255, 0.012)):
        bird = [(-1, -0.45), (-0.5, -0.55), (0, 0), (0.55, -0.6), (1, -0.3), (0.5, -0.35), (0, 0.2)]
        birds.append([((bx + size * a) * height, (by + size * b) * height) for a, b in bird])
    picture = mix(picture, color("#251c30"), polygons(width, height, birds))
    return finish(picture, 121, bloom=0.25, contrast=0.25)


def beach(width: int, height: int) -> Image.Image:
    """A sandy beach with surf and a parasol."""
    x, y = grid(width, height)
    horizon = 0.36
    sky = ramp(y, [(0, "#4d9bdc"), (horizon, "#d3ecf7")])
    opacity, light = cumulus(x * 1.2, y, 131, base=0.33, top=0.12)
    sky = mix(sky, ramp(light, [(0, "#c5d2de"), (1, "#ffffff")]), 0.8 * opacity)
    below = np.maximum(y - horizon, 1e-3)
    depth = 0.2 / below
    across = (x - 0.65) * depth
    chop = fbm(across * 6, depth * 16, 4, 132)
    sea = ramp(below + 0.02 * chop, [(0, "#1f6e9c"), (0.1, "#2fa0b4"), (0.27, "#8fd6cb")])
    sea = sea + 0.10 * chop[..., None]
    edge = 0.30 + 0.22 * (x - 0.5) + 0.05 * fbm(x * 2.2, x * 0 + 3, 3, 133)
    offset = below - edge
    foam = np.zeros_like(x)
    for at, strength in ((0.0, 1.0), (-0.055, 0.8), (-0.12, 0.6), (-0.19, 0.35)):
        line = offset - at + 0.02 * fbm(x * 7, y * 7 + at * 50, 4, 134)
        lace = 0.35 + 0.9 * fbm(across * 20, depth * 40, 4, 135)
        trail = smoothstep(-0.045, 0.0, line) * smoothstep(0.006, 0.0, line)
        foam = np.maximum(foam, strength * np.clip(trail * (0.6 + lace), 0, 1) * (line > -0.05))
    sea = mix(sea, color("#f7fbfb"), np.clip(foam, 0, 1))
    lumps = 0.6 * fbm(across * 14, depth * 20, 4, 136, 0.65) + 0.7 * fbm(x * 90, y * 130, 3, 138, 0.8)
    steps = fbm(across * 3.5, depth * 5, 3, 137)
    sand = ramp(0.5 + 0.5 * lumps + 0.4 * steps, [(-0.2, "#b8925c"), (0.5, "#e3c78f"), (1.2, "#f3e2b8")])
    wet = smoothstep(0.10, 0.0, offset)
    sand = mix(sand, color("#9d8259"), 0.75 * wet)
    picture = mix(sky, mix(sea, sand, smoothstep(-0.002, 0.004, offset)), smoothstep(0, 0.003, y - horizon))
    shadow = smoothstep(1, 0.75, np.hypot((x - 1.02) / 0.2, (y - 0.86) / 0.035))
    picture = picture * (1 - 0.5 * shadow)[..., None]
    pole = polygons(
        width, height, [_scaled([(0.925, 0.5), (0.935, 0.5), (0.955, 0.85), (0.943, 0.85)], height)]
    )
    picture = mix(picture, color("#d9d3c4"), pole)
    for number in range(8):
        left, right = 0.70 + 0.058 * number, 0.70 + 0.058 * (number + 1)
        top = (0.928, 0.45)
        rim = [
            (left, 0.60 - 0.05 * np.sin((number / 8) * np.pi)),
            (right, 0.60 - 0.05 * np.sin((number + 1) / 8 * np.pi)),
        ]
        rim = [(a, b + 0.015) for a, b in rim]
        bulge = [
            ((left + top[0]) / 2 + (left - 0.93) * 0.18, 0.505),
            top,
            ((right + top[0]) / 2 + (right - 0.93) * 0.18, 0.505),
        ]
        panel = polygons(width, height, [_scaled([rim[0], *bulge, rim[1]], height)])
        tint = color("#d8402f") if number % 2 else color("#f6f1e4")
        picture = mix(picture, tint * (1.05 - 0.05 * number), panel)
    return finish(picture, 131, contrast=0.2)


def mountain_lake(width: int, height: int) -> Image.Image:
    """A still lake at dusk that mirrors a peak and fir trees, upright format."""
    _, y = grid(width, height)
    sky = ramp(y, [(0, "#33437a"), (0.3, "#a387ad"), (0.52, "#f3c3a6")])

    def level(at_x: Floats, at_z: Floats) -> Floats:
        massif = np.exp(-np.hypot(at_x + 0.25, at_z - 6) / 1.35)
        crags = ridged(at_x * 0.75, at_z * 0.75, 7, 151) - 0.4
        return np.asarray(2.9 * massif + 1.3 * crags * np.sqrt(massif), np.float32)

    sun = np.array([-0.9, 0.42, -0.15], np.float32)
    ground = look(level, View(0.2, 0.58, 1.0, 2.5, 9, 500), width, height, sun)
    light = shade(ground, sun)[..., None]
    mottle = fbm(ground.x * 5, ground.z * 5, 4, 152)
    steep = np.hypot(ground.slope_x, ground.slope_z)
    snow = smoothstep(1.0, 1.5, ground.height + 0.5 * mottle) * smoothstep(3.2, 1.8, steep)
    stone = ramp(mottle, [(-0.6, "#4d4650"), (0.6, "#877a78")])
    stone = mix(stone, color("#e8e6ee"), snow)
    stone = stone * (light * np.array([1.5, 0.98, 0.8]) + np.array([0.36, 0.36, 0.55]))
    stone = mix(stone.astype(np.float32), color("#b08ba6"), smoothstep(1.2, -0.4, ground.height) * 0.8)
    picture = mix(stone, sky, ground.sky)
    mist = np.exp(-(((y - 0.55) / 0.07) ** 2))
    picture = mix(picture, color("#e2b9b4"), 0.6 * mist)
    rng = np.random.default_rng(154)
    row = round(0.58 * height)
    for tint, count, low, high in (("#5b5a78", 90, 0.05, 0.09), ("#1f2a38", 42, 0.08, 0.2)):
        trees = []
        for _ in range(count):
            at = rng.random() * width
            near_edge = abs(at / width - 0.5) * 2
            tall = height * (low + (high - low) * rng.random() * near_edge)
            trees.append(list(fir(at, row + 2, tall, rng)))
        picture = mix(picture, color(tint), polygons(width, height, trees))
    picture = reflect(picture, row, 155, rough=0.12)
    return finish(picture, 151, contrast=0.3, vignette=0.3)


def _scaled(points: list[Point], scale: float) -> list[Point]:
    return [(float(a * scale), float(b * scale)) for a, b in points]
