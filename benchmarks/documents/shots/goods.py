"""Goods of a shop, in another color or another pattern, and a portrait whose eyes are shut."""

from __future__ import annotations

import colorsys
import math
from collections.abc import Sequence
from random import Random

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFilter

from benchmarks.documents.copies import jpeg
from benchmarks.documents.sheet import Picture
from benchmarks.documents.shots.camera import Camera, exposed, written
from benchmarks.documents.shots.frames import Shots
from benchmarks.documents.shots.scenes import GAMMA, Light, Rgb, fractal
from benchmarks.material.photographs import Photograph

Mask = npt.NDArray[np.floating]
Outline = tuple[tuple[float, float], ...]

PIECES: dict[str, Outline] = {  # in shares of the side, the right half: it is mirrored
    "shirt": (
        (0, 0.14),
        (0.1, 0.12),
        (0.22, 0.16),
        (0.4, 0.36),
        (0.3, 0.44),
        (0.22, 0.38),
        (0.23, 0.9),
        (0, 0.91),
    ),
    "trousers": ((0, 0.06), (0.17, 0.06), (0.2, 0.3), (0.24, 0.94), (0.08, 0.95), (0.01, 0.34), (0, 0.33)),
    "skirt": ((0, 0.15), (0.14, 0.15), (0.32, 0.85), (0.16, 0.88), (0, 0.89)),
    "dress": ((0, 0.1), (0.08, 0.07), (0.13, 0.24), (0.1, 0.42), (0.3, 0.92), (0, 0.95)),
    "bag": ((0, 0.36), (0.3, 0.35), (0.34, 0.4), (0.36, 0.82), (0.32, 0.87), (0, 0.88)),
    "mug": ((0, 0.22), (0.22, 0.22), (0.24, 0.26), (0.22, 0.8), (0.18, 0.83), (0, 0.84)),
    "cushion": ((0, 0.2), (0.2, 0.18), (0.36, 0.14), (0.34, 0.4), (0.36, 0.82), (0.2, 0.79), (0, 0.78)),
}
PATTERNS = ("plain", "dots", "stripes", "bars", "checks", "zigzag")
LEAST_APART = 0.18  # of the colors' range, that two colors of a thing differ by


def other_color(chance: Random, _photographs: Sequence[Photograph]) -> Shots:
    """The same thing in two colors."""
    return _pair(chance, other_pattern=False)


def other_pattern(chance: Random, _photographs: Sequence[Photograph]) -> Shots:
    """The same thing with two patterns."""
    return _pair(chance, other_pattern=True)


def _pair(chance: Random, other_pattern: bool) -> Shots:
    side = chance.choice((500, 700, 900, 1200))
    piece = chance.choice(sorted(PIECES))
    rng = np.random.default_rng(chance.getrandbits(64))
    shape, folds = _shape(PIECES[piece], side, chance), _folds(side, rng)
    ground = (
        [chance.uniform(0.75, 1.0)] * 3
        if chance.random() < 0.8
        else [chance.uniform(0.2, 0.6) for _ in range(3)]
    )
    pattern = chance.choice(PATTERNS) if chance.random() < 0.35 else "plain"
    first, second = _color(chance), _color(chance)
    while max(abs(a - b) for a, b in zip(first, second, strict=True)) < LEAST_APART:
        second = _color(chance)
    contrast = _color(chance)
    while (
        min(max(abs(a - b) for a, b in zip(contrast, color, strict=True)) for color in (first, second))
        < LEAST_APART
    ):
        contrast = _color(chance)
    scale = side * chance.uniform(0.01, 0.05)
    if other_pattern:
        patterns = chance.sample(PATTERNS, 2)
        looks = [(first, patterns[0]), (first, patterns[1])]
        what = f"{piece}, {patterns[0]} to {patterns[1]}"
    else:
        looks = [(first, pattern), (second, pattern)]
        what = f"{piece}, {_hex(first)} to {_hex(second)}"
    lights = [
        _shown(shape, folds, ground, _cloth(color, contrast, look, side, scale)) for color, look in looks
    ]
    camera = Camera.drawn(chance)
    quality = chance.choice((80, 85, 90, 95))
    if chance.random() < 0.5:  # one photograph, recolored by the shop
        a, b = (jpeg(exposed(light, camera, 0.0, None), quality) for light in lights)
    else:
        a, b = (written(exposed(light, camera, 0.0, rng), quality) for light in lights)
    return Shots(what, a, b)


def _color(chance: Random) -> Rgb:
    """As cloth is dyed: black, white, grey, or a hue. Levels as shown, 0 to 1."""
    if chance.random() < 0.25:
        return (chance.choice((0.07, 0.3, 0.6, 0.93)),) * 3
    return colorsys.hsv_to_rgb(chance.random(), chance.uniform(0.35, 0.95), chance.uniform(0.25, 0.95))


def _hex(color: Rgb) -> str:
    return "#" + "".join(f"{round(255 * level):02x}" for level in color)


def _shape(half: Outline, side: int, chance: Random) -> Mask:
    """Coverage of shape (side, side), 0 to 1."""
    points = [(0.5 + x, y) for x, y in half] + [(0.5 - x, y) for x, y in reversed(half)]
    tilt = math.radians(chance.uniform(-4, 4))
    turned = [
        (
            0.5 + (x - 0.5) * math.cos(tilt) - (y - 0.5) * math.sin(tilt),
            0.5 + (x - 0.5) * math.sin(tilt) + (y - 0.5) * math.cos(tilt),
        )
        for x, y in points
    ]
    mask = np.zeros((side, side), np.uint8)
    cv2.fillPoly(mask, [np.round(np.array(turned) * side * 16).astype(np.int32)], 255, cv2.LINE_AA, shift=4)
    return cv2.GaussianBlur(mask, (0, 0), side / 500).astype(np.float32) / 255


def _folds(side: int, rng: np.random.Generator) -> Mask:
    """How much light falls on the cloth: (side, side), about 1."""
    waves = fractal((side, side), rng, coarsest=4, fall=0.35)
    weave = rng.standard_normal((side, side), np.float32) * np.float32(0.03)
    slope: Mask = np.clip(1 + 0.35 * waves + weave, 0.3, 1.5)
    return slope


def _cloth(color: Rgb, contrast: Rgb, pattern: str, side: int, scale: float) -> Light:
    """Levels as shown, (side, side, 3)."""
    x, y = np.meshgrid(np.arange(side, dtype=np.float32), np.arange(side, dtype=np.float32))
    u, v = x / scale, y / scale
    marked = {
        "plain": np.zeros_like(u),
        "dots": (np.hypot(u % 1 - 0.5, v % 1 - 0.5) < 0.27).astype(np.float32),
        "stripes": (u % 1 < 0.4).astype(np.float32),
        "bars": (v % 1 < 0.4).astype(np.float32),
        "checks": ((u % 1 < 0.5).astype(np.float32) + (v % 1 < 0.5)) / 2,
        "zigzag": ((v + 0.5 * np.abs(u % 1 - 0.5)) % 1 < 0.4).astype(np.float32),
    }[pattern]
    soft = cv2.GaussianBlur(marked, (0, 0), 0.7)[..., None]
    return np.asarray(
        np.array(color, np.float32) * (1 - soft) + np.array(contrast, np.float32) * soft, np.float32
    )


def _shown(shape: Mask, folds: Mask, ground: Sequence[float], cloth: Light) -> Light:
    side = shape.shape[0]
    light = np.empty((side, side, 3), np.float32)
    light[:] = np.array(ground, np.float32)
    shadow = cv2.GaussianBlur(np.roll(shape, side // 60, 0), (0, 0), side / 50)[..., None]
    light *= 1 - 0.35 * shadow
    lit = np.clip(cloth**GAMMA * folds[..., None], 0, 1)
    return np.asarray(light + shape[..., None] * (lit - light), np.float32)


def blink(chance: Random, _photographs: Sequence[Photograph]) -> Shots:
    """A portrait, the eyes open and shut."""
    width = chance.choice((600, 800, 1000))
    size = width, width * 5 // 4
    rng = np.random.default_rng(chance.getrandbits(64))
    seed = chance.getrandbits(64)
    portraits = [portrait(size, Random(seed), shut) for shut in (False, True)]
    one, two = (np.asarray(portrait, np.int16) for portrait in portraits)
    rows, columns = np.nonzero(np.abs(one - two).max(axis=2))
    box = int(columns.min()) - 4, int(rows.min()) - 4, int(columns.max()) + 5, int(rows.max()) + 5
    grain = 0.08 * fractal(size, rng)[..., None]
    camera = Camera.drawn(chance)
    lights = [
        ((np.asarray(portrait, np.float32) / 255) ** GAMMA * (1 + grain)).astype(np.float32)
        for portrait in portraits
    ]
    quality = chance.choice((85, 90, 95))
    a, b = (written(exposed(light, camera, 0.0, rng), quality) for light in lights)
    return Shots("the eyes are shut", a, b, box)


def portrait(size: tuple[int, int], chance: Random, shut: bool = False) -> Picture:
    """Someone seen from the front. All chance is used up the same way, whether the eyes are shut or not."""
    width, height = size
    skin = chance.choice(((236, 196, 168), (214, 164, 128), (168, 116, 80), (112, 74, 52), (240, 208, 184)))
    hair = chance.choice(
        ((40, 28, 22), (90, 58, 34), (180, 140, 80), (20, 18, 20), (150, 148, 146), (120, 50, 30))
    )
    coat = tuple(chance.randint(30, 220) for _ in range(3))
    wall = tuple(chance.randint(120, 230) for _ in range(3))
    iris = chance.choice(((90, 60, 36), (70, 110, 140), (84, 110, 70)))
    face_wide, face_tall = chance.uniform(0.2, 0.245), chance.uniform(0.24, 0.27)
    long_hair, glasses, beard = chance.random() < 0.5, chance.random() < 0.3, chance.random() < 0.2
    brow, mouth, nose = chance.uniform(0.8, 1.4), chance.uniform(0.06, 0.1), chance.uniform(0.8, 1.2)
    smile, x = chance.uniform(-0.005, 0.02), 0.5 + chance.uniform(-0.03, 0.03)
    y = 0.44
    picture = Image.new("RGB", size, wall)
    drawing = ImageDraw.Draw(picture)

    def oval(cx: float, cy: float, rx: float, ry: float, ink: tuple[int, ...]) -> None:
        box = ((cx - rx) * width, (cy - ry * 0.8) * height, (cx + rx) * width, (cy + ry * 0.8) * height)
        drawing.ellipse(box, fill=ink)

    def dark(color: tuple[int, ...], factor: float) -> tuple[int, ...]:
        return tuple(int(level * factor) for level in color)

    if long_hair:
        oval(x, y + 0.06, face_wide * 1.3, face_tall * 1.45, hair)
    oval(x, 1.0, 0.42, 0.36, coat)
    oval(x, 0.7, 0.09, 0.2, dark(skin, 0.85))
    oval(x, y - 0.03, face_wide * 1.08, face_tall * 1.12, hair)
    oval(x, y + 0.015, face_wide, face_tall, skin)
    for side in (-1, 1):
        oval(x + side * face_wide * 1.0, y + 0.02, 0.02, 0.045, dark(skin, 0.93))
    if beard:
        oval(x, y + 0.15, face_wide * 0.75, 0.11, hair)
    for side in (-1, 1):
        ex, ey = x + side * face_wide * 0.45, y - 0.02
        arc = ((ex - 0.055) * width, (ey - 0.055) * height, (ex + 0.055) * width, (ey + 0.02) * height)
        drawing.arc(arc, 200, 340, fill=dark(hair, 0.9), width=max(2, int(0.008 * brow * width)))
        if shut:
            oval(ex, ey, 0.042, 0.026, dark(skin, 0.95))
            lid = ((ex - 0.042) * width, (ey - 0.02) * height, (ex + 0.042) * width, (ey + 0.018) * height)
            drawing.arc(lid, 20, 160, fill=dark(skin, 0.35), width=max(2, int(0.006 * width)))
        else:
            oval(ex, ey, 0.042, 0.026, (245, 243, 240))
            oval(ex, ey, 0.021, 0.026, iris)
            oval(ex, ey, 0.010, 0.0125, (10, 8, 8))
            oval(ex + 0.005, ey - 0.006, 0.004, 0.005, (255, 255, 255))
            lid = ((ex - 0.044) * width, (ey - 0.024) * height, (ex + 0.044) * width, (ey + 0.024) * height)
            drawing.arc(lid, 190, 350, fill=dark(skin, 0.35), width=max(2, int(0.005 * width)))
        if glasses:
            rim = ((ex - 0.065) * width, (ey - 0.04) * height, (ex + 0.065) * width, (ey + 0.045) * height)
            drawing.ellipse(rim, outline=(40, 36, 36), width=max(2, int(0.006 * width)))
    drawing.line(
        [
            (x * width, y * height),
            ((x - 0.018 * nose) * width, (y + 0.075 * nose) * height),
            ((x + 0.015) * width, (y + 0.08 * nose) * height),
        ],
        dark(skin, 0.7),
        max(2, int(0.005 * width)),
        joint="curve",
    )
    lips = (
        (x - mouth) * width,
        (y + 0.10 - smile) * height,
        (x + mouth) * width,
        (y + 0.135 + smile) * height,
    )
    drawing.chord(lips, 0, 180, fill=(170, 84, 80))
    soft = picture.filter(ImageFilter.GaussianBlur(width / 500))
    shade = np.linspace(1.08, 0.8, width, dtype=np.float32)[None, :, None]
    return Image.fromarray((np.asarray(soft, np.float32) * shade).clip(0, 255).astype(np.uint8))
