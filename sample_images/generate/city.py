"""Cities: a skyline at night by the river, an old street by day, bokeh lights, a wet window."""

from collections.abc import Sequence

import numpy as np
from PIL import Image

from sample_images.generate.canvas import (
    blur,
    color,
    finish,
    grid,
    mix,
    ramp,
    resize,
    smoothstep,
)
from sample_images.generate.noise import Floats, fbm, hash01
from sample_images.generate.water import reflect

LAMPS = ("#ffb054", "#ffd9a0", "#ff7043", "#f4f0ff", "#7ec8ff", "#ff5a5a", "#8affb0")


def skyline(width: int, height: int) -> Image.Image:
    """Towers with lit windows, mirrored in a river."""
    rng = np.random.default_rng(211)
    x, y = grid(width, height)
    picture = ramp(y, [(0, "#16245a"), (0.35, "#4a4a8a"), (0.66, "#e08a6a")])
    clouds = np.clip(fbm(x * 1.5, y * 5, 5, 212) + 0.15, 0, 1)
    picture = mix(picture, color("#a06a70"), 0.45 * clouds * smoothstep(0.1, 0.6, y))
    foot = 0.66
    for layer, (count, low, high, tint) in enumerate(
        ((34, 0.10, 0.26, "#5a4f78"), (22, 0.10, 0.42, "#2a2d50"), (16, 0.06, 0.22, "#14172b"))
    ):
        for number in range(count):
            wide = 0.035 + 0.05 * rng.random() + 0.015 * layer
            left = (number + rng.random() * 0.8) / count * 1.45 - 0.05
            tall = low + (high - low) * rng.random() ** 1.8
            _tower(picture, (left, foot - tall, wide, foot), tint, layer, rng)
    row = round(foot * height)
    for lamp in range(48):
        cx = (lamp + 0.5 * rng.random()) / 48 * width / height
        spot = np.exp(-np.hypot(x - cx, y - foot + 0.012) / 0.004)
        picture += spot[..., None] * color(LAMPS[lamp % 3]) * 1.5
    picture = reflect(picture, row, 213, rough=0.55)
    return finish(picture, 211, bloom=0.35, contrast=0.2, grain=0.007)


def _tower(
    whole: Floats,
    box: tuple[float, float, float, float],
    tint: str,
    layer: int,
    rng: np.random.Generator,
) -> None:
    """Paint one tower into the picture, in place."""
    left, top, wide, foot = box
    rows, columns = whole.shape[:2]
    first, last = max(0, int(left * rows)), max(0, int((left + wide) * rows) + 2)
    x, y = (axis[:, first:last] for axis in grid(columns, rows))
    picture = whole[:, first:last]
    inside = ((x >= left) & (x < left + wide) & (y >= top) & (y < foot)).astype(np.float32)
    shade = 0.7 + 0.6 * (x - left) / wide
    picture = mix(picture, color(tint) * shade[..., None], inside)
    pitch_x, pitch_y = 0.0095 + 0.004 * rng.random(), 0.0125 + 0.006 * rng.random()
    u, v = (x - left) / pitch_x, (y - top) / pitch_y
    seed = int(rng.integers(1 << 20))
    share = 0.25 + 0.4 * rng.random()
    ix, iy = np.floor(u).astype(np.int64), np.floor(v).astype(np.int64)
    lit = hash01(ix, iy, seed)
    pane = (u - ix > 0.25) & (u - ix < 0.85) & (v - iy > 0.3) & (v - iy < 0.8) & (iy > 0)
    warm = ramp(hash01(ix, iy, seed + 1), [(0, "#ff9a3c"), (0.5, "#ffd58a"), (1, "#d8e6ff")])
    power = (0.35 + 0.65 * lit / share) * (0.45 + 0.3 * layer)
    picture = mix(picture, warm * power[..., None], inside * pane * (lit < share))
    whole[:, first:last] = picture


def old_street(width: int, height: int) -> Image.Image:
    """Gabled houses on both sides of a cobbled street."""
    x, y = grid(width * 3 // 2, height * 3 // 2)
    u, v = x - width / height / 2 + 0.05, y - 0.56
    sky = ramp(y, [(0, "#6fa3d8"), (0.6, "#eadfce")])
    cover = fbm(x * 1.6, y * 3.5, 6, 221)
    sky = mix(sky, color("#ffffff"), 0.7 * smoothstep(-0.05, 0.5, cover))
    depth = 0.17 / np.maximum(v, 1e-3)
    px, pz = u * depth, depth
    stone_x = px * 34 + 0.5 * (np.floor(pz * 16) % 2)
    cobble = np.minimum(np.abs(stone_x % 1 - 0.5), np.abs(pz * 16 % 1 - 0.5))
    tone = 0.55 + 0.5 * (
        hash01(np.floor(stone_x).astype(np.int64), np.floor(pz * 16).astype(np.int64), 222) - 0.5
    )
    tone = tone + 0.3 * fbm(px * 8, pz * 4, 3, 223)
    gap = smoothstep(0.02, 0.16, cobble * np.clip(1.4 - 0.25 * pz, 0.2, 1) + 0.03 * pz)
    street = ramp(tone * (0.55 + 0.45 * gap), [(0, "#3b3733"), (0.5, "#857b70"), (1, "#c9bba6")])
    street = street * (0.62 + 0.38 * smoothstep(-0.02, 0.06, px - 0.02))[..., None]
    picture = mix(sky, street, smoothstep(0, 0.002, v))
    walls = ("#d9a35a", "#b8584a", "#e6d3a8", "#7f9a8a", "#d8c0b4", "#8fa6bd", "#c98f6a")
    for side in (-1, 1):
        near = 0.30 / np.maximum(side * u, 1e-3)  # distance along the street of a wall point
        up = -v * near  # height above the eye at that distance
        house = np.clip(np.floor(near / 0.42), 0, 12)
        number = house.astype(np.int64) + (20 if side > 0 else 0)
        within = near / 0.42 - house
        eaves = 0.40 + 0.16 * hash01(number, number * 0, 224)
        gable = eaves + 0.17 * (1 - np.abs(within * 2 - 1)) * (0.6 + hash01(number, number * 0, 225))
        wall = (side * u > 0.028) & (up > -0.17) & (up < gable)
        tints = np.stack([color(code) for code in walls])
        paint = tints[(number * 5 + (hash01(number, number * 0, 226) * 7).astype(np.int64)) % 7]
        plaster = 1 + 0.16 * fbm(near * 9, up * 9, 4, 227) - 0.25 * smoothstep(-0.05, -0.17, up)
        face = paint * plaster[..., None]
        face = _windows(face, within, up, number)
        roof = (up > eaves).astype(np.float32) * smoothstep(0.05, 0.08, gable - up)
        face = mix(
            face,
            color("#8a4632") * (1 + 0.3 * np.sin(up * 240))[..., None],
            (1 - roof) * (up > eaves),
        )
        face = face * (1 - 0.45 * smoothstep(0.03, 0.0, np.minimum(within, 1 - within)))[..., None]
        sunny = np.array([1.12, 1.04, 0.9] if side < 0 else [0.56, 0.58, 0.68], np.float32)
        face = mix(face * sunny, color("#e8dcc8"), 1 - np.exp(-np.maximum(near - 0.3, 0) / 5))
        picture = mix(picture, face.astype(np.float32), wall.astype(np.float32))
    return finish(resize(picture, width, height), 221, contrast=0.3, saturation=0.95)


def _windows(face: Floats, within: Floats, up: Floats, number: np.ndarray) -> Floats:
    """Paint two windows per floor and a door on each house front."""
    shift = 0.02 * (number % 3)
    column = within * 3
    a = np.abs(column % 1 - 0.5)
    floor = (up + 0.05 + shift) / 0.135
    b = np.abs(floor % 1 - 0.5)
    open_wall = (floor > 0) & (up < 0.42)
    frame = (a < 0.29) & (b < 0.36) & open_wall
    glass = (a < 0.23) & (b < 0.30) & open_wall & (a > 0.022) & (np.abs(b - 0.1) > 0.02)
    face = mix(face, color("#f1ebdd"), frame.astype(np.float32))
    sheen = ramp(floor % 1 + 0.2 * a, [(0.1, "#26303c"), (0.9, "#7f97ac")])
    face = mix(face, sheen, glass.astype(np.float32))
    door = (np.abs(column - 1.5) < 0.3) & (up < -0.055)
    return mix(face, color("#4a2f22"), door.astype(np.float32))


def _disc(picture: Floats, at: tuple[float, float], radius: float, tint: Floats, sides: int = 0) -> None:
    """Add a soft-edged disc of light to a part of the picture, in place."""
    height = picture.shape[0]
    cx, cy, r = at[0] * height, at[1] * height, radius * height
    top, left = max(0, int(cy - r - 2)), max(0, int(cx - r - 2))
    part = picture[top : max(0, int(cy + r + 3)), left : max(0, int(cx + r + 3))]
    if not part.size:
        return
    rows, columns = np.mgrid[0 : part.shape[0], 0 : part.shape[1]].astype(np.float32)
    dx, dy = columns + left - cx, rows + top - cy
    away = np.hypot(dx, dy) / r
    if sides:
        angle = (np.arctan2(dy, dx) + 0.3) % (2 * np.pi / sides) - np.pi / sides
        away = away * np.cos(angle) / np.cos(np.pi / sides) * 0.93
    edge = 1.5 / r
    light = smoothstep(1 + edge, 1 - edge, away) * (0.7 + 0.45 * smoothstep(0.7, 1.0, away))
    part += light[..., None] * tint


def bokeh(width: int, height: int) -> Image.Image:
    """Street lights far out of focus."""
    rng = np.random.default_rng(231)
    _, y = grid(width, height)
    picture = ramp(y, [(0, "#0a0d1c"), (0.6, "#1d1630"), (1, "#0d0a14")])
    for _ in range(150):
        depth = rng.random()
        at = (rng.random() * width / height, 0.5 + (0.08 + 0.6 * depth) * rng.normal() * 0.45)
        tint = color(LAMPS[int(rng.integers(len(LAMPS)))]) * (0.12 + 0.4 * rng.random() ** 2)
        _disc(picture, at, 0.018 + 0.065 * depth**1.5, tint, 7)
    return finish(picture, 231, bloom=0.15, contrast=0.1, saturation=1.1, grain=0.004)


def wet_window(width: int, height: int) -> Image.Image:
    """Rain drops on a window; each shows the street upside down."""
    rng = np.random.default_rng(241)
    x, y = grid(width, height)
    street = ramp(y, [(0, "#5f7484"), (0.45, "#a9b2b0"), (0.6, "#59605c"), (1, "#2e3434")])
    street = mix(street, color("#31404a"), smoothstep(0.1, 0.2, fbm(x * 2.2, y * 0.3, 2, 242)) * (y < 0.6))
    for _ in range(34):
        at = (float(rng.random() * width / height), float(0.42 + 0.3 * rng.random()))
        tint = color(("#ff5148", "#ffc36b", "#fff0d0")[int(rng.integers(3))])
        _disc(street, at, 0.02 + 0.025 * rng.random(), tint * 0.55)
    picture = blur(street, height / 70)
    drops: Sequence[tuple[float, float, float]] = [
        (rng.random() * width / height, rng.random(), 0.004 + 0.034 * rng.random() ** 4) for _ in range(620)
    ]
    for cx, cy, radius in drops:
        shape = np.hypot(x - cx, (y - cy) * (0.8 if radius > 0.015 else 1.0)) / radius
        rows, columns = np.nonzero(shape < 1.15)
        s = shape[rows, columns]
        u, v = (x[rows, columns] - cx) / radius, (y[rows, columns] - cy) / radius
        sx = np.clip((cx - 0.35 * u * (0.4 + s)) * height, 0, width - 1).astype(np.int64)
        sy = np.clip((0.5 - 0.30 * v * (0.5 + 0.5 * s)) * height, 0, height - 1).astype(np.int64)
        inside = street[sy, sx] * (1.25 - 0.6 * smoothstep(0.6, 1.05, s))[:, None]
        inside += (0.45 * smoothstep(0.3, 0.1, np.hypot(u + 0.35, v + 0.4)))[:, None]
        cover = smoothstep(1.06, 0.94, s)[:, None]
        picture[rows, columns] += (inside - picture[rows, columns]) * cover
    return finish(picture, 241, contrast=0.25, vignette=0.3)
