"""Plants: a poppy meadow, a sunflower, birches in fog."""

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


def meadow(width: int, height: int) -> Image.Image:
    """Poppies and daisies in high grass, the nearest out of focus."""
    rng = np.random.default_rng(301)
    x, y = grid(width, height)
    sky = ramp(y, [(0, "#7fb4e6"), (0.3, "#e3f0f7")])
    trees = 0.26 - 0.05 * (1 + fbm(x * 6, x * 0, 5, 302))
    sky = mix(
        sky,
        ramp(fbm(x * 25, y * 25, 4, 303), [(-0.5, "#33502f"), (0.5, "#7d9a55")]),
        smoothstep(0, 0.008, y - trees),
    )
    picture = blur(mix(sky, color("#8aa845"), smoothstep(0.28, 0.30, y)), 2.5)
    nap = fbm(x * 8, y * 3, 3, 304)
    crumple = 0.95 + 0.5 * fbm(x * 40, y * 40, 3, 305)
    for depth in np.linspace(0, 1, 20) ** 1.5:
        foot = 0.29 + 0.82 * depth
        picture = _grass(picture, nap, rng, foot, 0.03 + 0.27 * depth, depth)
        picture = _flowers(picture, crumple, rng, foot, 0.006 + 0.036 * depth, depth)
    return finish(picture, 301, contrast=0.2, saturation=1.0)


def _grass(
    picture: Floats, nap: Floats, rng: np.random.Generator, foot: float, tall: float, depth: float
) -> Floats:
    height, width = picture.shape[:2]
    blades: list[list[Point]] = []
    for at in rng.random(int(200 - 110 * depth)) * 1.1 - 0.05:
        lean, rise = rng.normal() * 0.35, tall * (0.6 + 0.6 * rng.random())
        thick = tall * 0.022
        cx = at * width / height
        blade = [
            (cx - thick, foot + 0.1),
            (cx + lean * rise * 0.4 - thick, foot - rise * 0.5),
            (cx + lean * rise, foot - rise),
            (cx + lean * rise * 0.4 + thick, foot - rise * 0.5),
            (cx + thick, foot + 0.1),
        ]
        blades.append([(a * height, b * height) for a, b in blade])
    mask = polygons(width, height, blades)
    out_of_focus = max(0.0, abs(depth - 0.42) - 0.15) * 7
    if out_of_focus > 0.5:
        mask = blur(mask, out_of_focus)
    _, y = grid(width, height)
    top = smoothstep(foot - tall, foot, y)
    tone = ramp(
        np.roll(nap, int(depth * 900), 1) * 0.8 + 0.6 * (1 - top),
        [(-0.3, "#27421a"), (0.4, "#6f9434"), (1, "#c6cf6c")],
    )
    return mix(picture, tone, mask)


def _flowers(
    picture: Floats,
    crumple: Floats,
    rng: np.random.Generator,
    foot: float,
    size: float,
    depth: float,
) -> Floats:
    height, width = picture.shape[:2]
    for tint, heart, count in (
        ("#d8281c", "#2a1310", 20),
        ("#f2f0ea", "#e8b52a", 8),
        ("#5a6fd0", "#2f2a6a", 4),
    ):
        petals: list[list[Point]] = []
        hearts: list[list[Point]] = []
        for _ in range(int(count * (1.5 - depth))):
            cx = rng.random() * width / height
            cy = foot - size * (3 + 4 * rng.random())
            squash, spin = 0.55 + 0.3 * rng.random(), rng.random() * 6
            angles = np.linspace(0, 2 * np.pi, 40, endpoint=False)
            lobes = 4 if heart == "#2a1310" else 9
            reach = size * (0.78 + 0.22 * np.abs(np.cos(angles * lobes / 2 + spin)))
            petals.append(
                [
                    ((cx + r * np.cos(a)) * height, (cy + squash * r * np.sin(a)) * height)
                    for a, r in zip(angles, reach, strict=True)
                ]
            )
            hearts.append(
                [
                    (
                        (cx + 0.28 * size * np.cos(a)) * height,
                        (cy + squash * 0.28 * size * np.sin(a)) * height,
                    )
                    for a in angles
                ]
            )
        masks = [polygons(width, height, petals), polygons(width, height, hearts)]
        out_of_focus = max(0.0, abs(depth - 0.42) - 0.15) * 9
        if out_of_focus > 0.5:
            masks = [blur(mask, out_of_focus) for mask in masks]
        picture = mix(picture, color(tint) * crumple[..., None], masks[0])
        picture = mix(picture, color(heart), masks[1])
    return picture


def sunflower(width: int, height: int) -> Image.Image:
    """A sunflower from close by."""
    x, y = grid(width, height)
    picture = ramp(
        y + 0.6 * fbm(x * 2, y * 2, 3, 311),
        [(-0.2, "#a9cfe8"), (0.45, "#87a860"), (1.1, "#2f4a22")],
    )
    picture = blur(picture, height / 40)
    cx, cy = width / height / 2 + 0.02, 0.49
    u, v = x - cx, (y - cy) * 1.06
    angle, radius = np.arctan2(v, u).astype(np.float32), np.hypot(u, v)
    stem = smoothstep(0.04, 0.034, np.abs(u + 0.12 * v * v)) * (v > 0)
    picture = mix(picture, ramp(u, [(-0.04, "#7f9a3c"), (0.04, "#3a5420")]), stem.astype(np.float32))
    for layer, (count, reach, tone) in enumerate(((23, 0.47, 0.72), (21, 0.45, 0.88), (17, 0.40, 1.05))):
        turn = angle * count / (2 * np.pi) + 0.37 * layer
        which = np.floor(turn)
        jitter = np.sin(which * 12.99 + layer * 4.1)
        side = (turn - which - 0.5) * 2
        long = reach * (0.92 + 0.08 * jitter)
        share = (radius - 0.14) / (long - 0.14)
        outline = 1.02 * np.clip(share, 0, 1) ** 0.25 * np.clip(1 - share, 0, 1) ** 0.55 * 1.2
        mask = smoothstep(0.06, -0.02, np.abs(side + 0.15 * jitter * share) - outline) * (radius < long)
        furrow = 1 + 0.13 * np.sin(side * 16 + 2 * share) * (1 - share) - 0.22 * side * side
        petal = ramp(share + 0.1 * jitter, [(0, "#b8620c"), (0.3, "#eba20e"), (1, "#ffd83a")])
        shadow = blur(mask.astype(np.float32), height / 90)
        picture = mix(picture, picture * 0.45, shadow * smoothstep(0.55, 0.3, radius))
        picture = mix(picture, petal * (furrow * tone)[..., None], mask.astype(np.float32))
    golden = np.pi * (3 - np.sqrt(5))
    disc = smoothstep(0.205, 0.195, radius + 0.006 * np.sin(angle * 40))
    base = ramp(radius, [(0, "#4f5a1c"), (0.07, "#3a2a12"), (0.15, "#2a170b"), (0.2, "#6a3d10")])
    picture = mix(picture, base, disc)
    for number in range(620):
        r = 0.0079 * np.sqrt(number + 0.5)
        px, py = cx + r * np.cos(number * golden), cy + r * np.sin(number * golden) / 1.06
        size = 0.0035 + 0.0045 * (r / 0.2)
        top, left = int((py - 0.012) * height), int((px - 0.012) * height)
        part = (
            slice(top, top + int(0.024 * height) + 2),
            slice(left, left + int(0.024 * height) + 2),
        )
        away = np.hypot(x[part] - px, y[part] - py) / size
        tint = ramp(np.float32(r), [(0, "#a8b04a"), (0.09, "#6a4a1c"), (0.15, "#4a2a10"), (0.2, "#e09a20")])
        shine = np.clip(1.25 - 0.5 * away - 0.5 * ((y[part] - py) / size), 0.3, 1.6)
        picture[part] = mix(picture[part], tint * shine[..., None], smoothstep(1.1, 0.7, away))
    return finish(picture, 311, contrast=0.25, vignette=0.35)


def birches(width: int, height: int) -> Image.Image:
    """Birch trunks in fog."""
    rng = np.random.default_rng(321)
    x, y = grid(width, height)
    picture = ramp(y + 0.1 * fbm(x * 3, y * 2, 4, 322), [(0, "#c3cbc4"), (0.7, "#dcdccb"), (1, "#a89f76")])
    floor = ramp(fbm(x * 18, y * 40, 5, 323), [(-0.5, "#5c4a26"), (0, "#96762f"), (0.5, "#b9a04a")])
    picture = mix(picture, floor, smoothstep(0.68, 0.95, y + 0.03 * fbm(x * 5, y * 5, 3, 324)))
    for depth in np.sort(rng.random(38)) ** 1.3:
        at = rng.random() * width / height
        wide = 0.006 + 0.036 * depth * (0.7 + 0.5 * rng.random())
        first = max(0, int((at - 0.1) * height))
        part = (slice(None), slice(first, int((at + 0.1) * height)))
        picture[part] = _birch(picture[part], x[part], y[part], (at, wide, rng.random() - 0.5), depth)
    for number in range(900):
        cx, cy = rng.random() * width / height, rng.random() ** 2 * 0.55
        size = 0.004 + 0.006 * rng.random()
        top, left = max(0, int((cy - size) * height)), max(0, int((cx - size) * height))
        part = (
            slice(top, int((cy + size) * height) + 1),
            slice(left, int((cx + size) * height) + 1),
        )
        mask = smoothstep(1.0, 0.6, np.hypot(x[part] - cx, (y[part] - cy) * 1.5) / size)
        tint = color(("#d9b832", "#c2912a", "#a9a23c")[number % 3])
        picture[part] = mix(picture[part], tint, 0.75 * mask)
    return finish(picture, 321, contrast=0.25, saturation=0.9)


def _birch(picture: Floats, x: Floats, y: Floats, stem: tuple[float, float, float], depth: float) -> Floats:
    at, wide, lean = stem
    foot = 0.72 + 0.25 * depth
    bend = at + 0.1 * lean * (y - 0.5) + 0.012 * fbm(y * 2 + at * 50, x * 0, 2, 325)
    u = (x - bend) / (wide * (0.75 + 0.35 * y))
    trunk = smoothstep(1.08, 0.92, np.abs(u)) * smoothstep(0.004, -0.004, y - foot)
    marks = smoothstep(0.18, 0.4, fbm(u * 0.8 + at * 90, y * 26 / (0.5 + depth), 4, 326))
    sheen = np.clip(1.0 - 0.45 * u - 0.35 * u * u, 0.2, 1.2)
    bark = mix(np.broadcast_to(color("#ddd8cc"), picture.shape), color("#2f2a26"), 0.85 * marks)
    bark = mix(bark * sheen[..., None], color("#4a4030"), 0.6 * smoothstep(0.75, 1.0, y / foot))
    fog = np.full_like(x, 0.88 * (1 - depth) ** 1.1)
    return mix(picture, mix(bark, color("#cfd3c8"), fog), trunk)
