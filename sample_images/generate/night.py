"""Dark pictures: a starry sky, the moon, northern lights, a candle, fireworks."""

import numpy as np
from PIL import Image

from sample_images.generate.canvas import (
    blur,
    color,
    finish,
    grid,
    mix,
    polygons,
    ramp,
    smoothstep,
)
from sample_images.generate.noise import Floats, cells, fbm, hash01
from sample_images.generate.skies import fir, stars


def milky_way(width: int, height: int) -> Image.Image:
    """The Milky Way above fir trees, upright format."""
    x, y = grid(width, height)
    picture = ramp(y, [(0, "#070b18"), (0.7, "#18233f"), (1, "#4a4a55")])
    along, off = 0.8 * x + 0.6 * y, 0.8 * (y - 0.35) - 0.75 * (x - 0.4)
    cloud = fbm(along * 4, off * 9, 6, 161, 0.6)
    band = np.exp(-((off / (0.13 + 0.05 * cloud)) ** 2)) * (0.65 + 0.7 * cloud)
    dust = smoothstep(0.0, 0.5, fbm(along * 5 + 4, off * 14, 5, 162)) * np.exp(-((off / 0.07) ** 2))
    glow = np.clip(band - 0.8 * dust, 0, 1)
    picture += glow[..., None] * ramp(glow, [(0, "#4a4a80"), (0.6, "#b596a8"), (1, "#f2d8b0")]) * 0.65
    picture += stars(width, height, 163, 2600) * (0.55 + 0.8 * glow)[..., None]
    picture += stars(width, height, 164, 90) * 1.3
    rng = np.random.default_rng(165)
    trees = []
    for _ in range(26):
        at = rng.random()
        tall = 0.10 + 0.22 * rng.random() * abs(at - 0.45) * 2 + 0.06 * rng.random()
        trees.append(list(fir(at * width, height * 1.01, tall * height, rng)))
    picture = mix(picture, color("#04060a"), polygons(width, height, trees))
    return finish(picture, 161, bloom=0.1, grain=0.008)


def moon(width: int, height: int) -> Image.Image:
    """The waxing moon through a long lens."""
    x, y = grid(width, height)
    u, v = (x - width / height / 2) / 0.38, (y - 0.5) / 0.38
    radius = np.hypot(u, v)
    up = np.sqrt(np.clip(1 - radius**2, 0.0, 1))
    sx, sy = u * (1 + 0.35 * radius**3), v * (1 + 0.35 * radius**3)
    maria = smoothstep(0.05, 0.45, fbm(sx * 1.3 + 3, sy * 1.3 + 1, 5, 171))
    relief = 0.02 * fbm(sx * 12, sy * 12, 5, 172, 0.6) * (1 - 0.5 * maria)
    rays = np.zeros_like(x)
    for scale, seed, depth in ((3.0, 173, 0.075), (7.0, 174, 0.05), (15.0, 175, 0.02)):
        near, _, owner = cells(sx * scale, sy * scale, seed, 0.7)
        size = 0.15 + 0.25 * (owner % 97).astype(np.float32) / 97
        rim = np.exp(-(((near - size) / 0.07) ** 2)) - 0.8 * smoothstep(size.max(), 0.0, near / size * 0.4)
        relief = relief + (depth / scale) * 1.5 * rim * (1 - 0.6 * maria) * (owner % 3 > 0)
    rays = np.exp(-np.hypot(sx + 0.15, sy - 0.55) * 3.0) * np.clip(
        0.4 + fbm(np.arctan2(sy - 0.55, sx + 0.15) * 5, x * 0, 2, 176) * 1.6, 0, 1
    )
    slope_y, slope_x = np.gradient(relief, 1 / (0.38 * height))
    light = np.clip((u - 0.55 * slope_x) * 0.82 - 0.25 * (v - 0.55 * slope_y) + 0.5 * up, 0.02, None)
    albedo = 0.92 - 0.42 * maria + 0.35 * rays
    disc = smoothstep(1.004, 0.992, radius)
    tone = np.clip(albedo * light**0.75, 0, 1.1) * disc
    picture = tone[..., None] * color("#fbf3e4") + color("#04050a")
    return finish(picture.astype(np.float32), 171, vignette=0, grain=0, bloom=0.03, saturation=0.8)


def northern_lights(width: int, height: int) -> Image.Image:
    """Green curtains over a frozen plain and a red cabin."""
    x, y = grid(width, height)
    picture: Floats = ramp(y, [(0, "#060c22"), (0.7, "#12304a")]) + stars(width, height, 181, 700)
    for curtain, (base, tint, strength) in enumerate(
        ((0.62, "#3df08a", 0.9), (0.46, "#55e6a0", 0.65), (0.54, "#9a5be0", 0.4))
    ):
        bend = fbm(x * 1.1 + curtain * 7, y * 0.4, 3, 182 + curtain)
        foot = base + 0.30 * bend - 0.12 * x
        folds = 0.5 + 0.9 * fbm((x + 0.4 * bend) * 9, y * 0.25, 4, 185 + curtain)
        above = foot - y
        shine = smoothstep(-0.02, 0.03, above) * np.exp(-np.maximum(above, 0) * 4.2)
        picture += (strength * shine * np.clip(folds, 0, 1.4))[..., None] * color(tint)
    ridge = 0.74 - 0.07 * (1 + fbm(x * 2.3, x * 0, 6, 188)) * smoothstep(0.2, 1.2, x)
    picture = mix(picture, color("#0d1c2a"), smoothstep(0, 0.004, y - ridge))
    drift = fbm(x * 3 / (y - 0.55), 1.2 / (y - 0.55), 5, 189)
    snow = ramp(drift + y, [(0.2, "#274a5a"), (1.1, "#5e9a92")])
    picture = mix(picture, snow, smoothstep(0.76, 0.765, y))

    def part(points: list[tuple[float, float]], tint: str) -> None:
        nonlocal picture
        shape = [(a * height, b * height) for a, b in points]
        picture = mix(picture, color(tint), polygons(width, height, [shape]))

    part([(0.30, 0.72), (0.46, 0.72), (0.46, 0.82), (0.30, 0.83)], "#5a1a18")
    part([(0.46, 0.72), (0.54, 0.73), (0.54, 0.81), (0.46, 0.82)], "#3a1214")
    part([(0.28, 0.725), (0.34, 0.65), (0.50, 0.655), (0.47, 0.725)], "#b9d6d2")
    part([(0.47, 0.725), (0.50, 0.655), (0.56, 0.735)], "#4a1816")
    glow = np.exp(-np.hypot((x - 0.36), (y - 0.77) * 1.2) / 0.05)
    picture += 0.6 * glow[..., None] * color("#ffb45c")
    for left in (0.335, 0.395):
        part([(left, 0.75), (left + 0.03, 0.75), (left + 0.03, 0.785), (left, 0.786)], "#ffd98a")
    return finish(picture, 181, bloom=0.15, grain=0.008)


def candle(width: int, height: int) -> Image.Image:
    """A candle in a dark room."""
    x, y = grid(width, height)
    middle = width / height / 2 - 0.04
    u, v = x - middle, y
    glow = np.exp(-np.hypot(u, (v - 0.36) * 0.8) / 0.17)
    wall = 0.5 + 0.2 * fbm(x * 3, y * 3, 4, 191)
    picture = (wall * (0.05 + 0.85 * glow))[..., None] * color("#c87a3c") * 0.8
    table = smoothstep(0.83, 0.85, y)
    boards = fbm(x * 2, y * 30, 4, 192)
    wood = ramp(boards, [(-0.6, "#3a1f0f"), (0.6, "#7a4a25")])
    shine = np.exp(-np.abs(u) / 0.22) * (0.25 + 0.6 * smoothstep(0.15, 0.0, np.abs(v - 0.93)))
    picture = mix(picture, wood * shine[..., None] * 1.4, table)
    edge = 0.095 + 0.006 * fbm(y * 7, x * 0, 3, 193) * np.sign(u)
    top = 0.50 + 0.02 * (u / 0.1) ** 2 + 0.006 * fbm(x * 20, x * 0, 2, 194)
    body = smoothstep(0.004, -0.002, np.abs(u) - edge) * smoothstep(-0.003, 0.004, v - top)
    body *= smoothstep(0.0, -0.006, v - 0.88 - 0.12 * np.sqrt(np.clip(0.0095 - u * u, 0, 1)))
    wax = np.exp(-(v - 0.5) * 3.2) * (0.62 + 0.5 * np.sqrt(np.clip(1 - (u / 0.1) ** 2, 0, 1)))
    tone = ramp(wax, [(0, "#2a1408"), (0.5, "#b0622a"), (1.1, "#ffe2a2")])
    picture = mix(picture, tone, body)
    lip = np.hypot(u / 0.09, (v - 0.508) / 0.014)
    picture = mix(picture, color("#ffe9b8"), 0.6 * smoothstep(1.0, 0.7, lip))
    picture = mix(
        picture,
        color("#20120a"),
        smoothstep(0.006, 0.003, np.abs(u - 0.1 * (0.5 - v))) * (v > 0.43) * (v < 0.507),
    )
    rise = np.clip((0.485 - v) / 0.235, 0, 1)
    belly = 0.036 * np.clip(rise, 0, 1) ** 0.45 * (1 - rise) ** 0.75 * 1.9
    flame = smoothstep(1.1, 0.55, np.abs(u - 0.01 * np.sin(rise * 4)) / np.maximum(belly, 1e-3))
    flame = flame * (rise > 0) * (rise < 1)
    fire = ramp(rise, [(0, "#3a5cff"), (0.14, "#ff9a3c"), (0.4, "#ffe9a0"), (1, "#ffc04a")])
    picture = mix(picture, fire * 1.25, blur(flame.astype(np.float32), 1.0))
    return finish(picture, 191, bloom=0.35, grain=0.008, vignette=0.3)


def fireworks(width: int, height: int) -> Image.Image:
    """Fireworks over a dark town."""
    rng = np.random.default_rng(201)
    x, y = grid(width, height)
    picture = ramp(y, [(0, "#05060f"), (1, "#1d1626")])
    smoke = np.clip(fbm(x * 3, y * 3, 5, 202) + 0.25, 0, 1)
    sparks = np.zeros_like(picture)
    bursts = (
        (0.45, 0.33, 0.28, "#ffb347"),
        (0.98, 0.26, 0.22, "#ff4f6a"),
        (0.83, 0.56, 0.15, "#6fb7ff"),
    )
    for cx, cy, size, tint in bursts:
        away = np.hypot(x - cx, y - cy)
        picture += (0.3 * np.exp(-away / (size * 0.7)) * (0.3 + smoke))[..., None] * color(tint)
        for _ in range(110):
            angle, rise = rng.random() * 2 * np.pi, rng.random() * 2 - 1
            reach = size * np.sqrt(1 - rise * rise) * (0.85 + 0.3 * rng.random())
            time = np.linspace(0.25, 1, 90)
            px = cx + np.cos(angle) * reach * time
            py = cy + np.sin(angle) * reach * time + 0.25 * size * time**2
            columns = np.clip(px * height, 0, width - 1).astype(np.int64)
            rows = np.clip(py * height, 0, height - 1).astype(np.int64)
            power = (0.25 + 1.1 * time**3 * (1 - 0.3 * rng.random()))[:, None]
            np.maximum.at(sparks, (rows, columns), (power * color(tint)).astype(np.float32))
    picture += sparks * 1.2 + blur(sparks, 1.2) * 1.6
    column = np.floor(x * 17).astype(np.int64)
    roof = 0.90 - 0.09 * hash01(column, column * 0, 203)
    town = smoothstep(0, 0.003, y - roof)
    picture = mix(picture, color("#08080d"), town)
    u, v = x * 110, y * 75
    lit = hash01(np.floor(u).astype(np.int64), np.floor(v).astype(np.int64), 204) > 0.8
    lit = lit & (u % 1 > 0.3) & (v % 1 > 0.45)
    picture = mix(picture, color("#e8b765"), (0.8 * town * lit * (y > roof + 0.015)).astype(np.float32))
    return finish(picture, 201, bloom=0.3, grain=0.008)
