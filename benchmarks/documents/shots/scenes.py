"""Places to take pictures of, in linear light and without noise: streets, landscapes, rooms, photographs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image

from benchmarks.material.photographs import Photograph

Light = npt.NDArray[np.floating]
"""float32, linear: (height, width, 3) RGB with 1.0 for white paper, or (height, width) of one value."""
Rgb = tuple[float, float, float]
Point = tuple[float, float]

REDUCED = 4  # times: a photograph is reduced until nothing is left of its own noise
GAMMA = 2.2
LEAST_SIDE = 400  # pixels, of a reduced photograph


@dataclass(slots=True)
class Scene:
    """What there is to see.

    light: (height, width, 3).
    depth: (height, width), 0 at the camera to 1 at the horizon.
    grain: (height, width), rough surfaces: about 0, mostly within 1.
    """

    light: Light
    depth: Light
    grain: Light

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels."""
        return self.light.shape[1], self.light.shape[0]

    def copy(self) -> Scene:
        """Return a scene in which things may be moved."""
        return Scene(self.light.copy(), self.depth.copy(), self.grain)

    def paint(
        self, points: Sequence[Point], color: Rgb, depth: float, rough: float = 0.2, shade: float = 0.0
    ) -> None:
        """Put a thing with this outline (pixels) into the scene, darker by `shade` towards its right side."""
        outline = np.array(points, np.float32)
        left, top = np.maximum(np.floor(outline.min(0)) - 1, 0).astype(int)
        right, bottom = np.minimum(np.ceil(outline.max(0)) + 2, self.size).astype(int)
        if right <= left or bottom <= top:
            return
        mask = np.zeros((bottom - top, right - left), np.uint8)
        shifted = np.round((outline - (left, top)) * 16).astype(np.int32)
        cv2.fillPoly(mask, [shifted], 255, cv2.LINE_AA, shift=4)
        self._cover((slice(top, bottom), slice(left, right)), mask, color, depth, rough, shade)

    def ball(
        self, middle: Point, radius: Point, color: Rgb, depth: float, rough: float = 0.2, shade: float = 0.4
    ) -> None:
        """Put an ellipse into the scene."""
        angles = np.linspace(0, 2 * np.pi, 48, endpoint=False)
        outline = [(middle[0] + radius[0] * np.cos(a), middle[1] + radius[1] * np.sin(a)) for a in angles]
        self.paint(outline, color, depth, rough, shade)

    def box(self, left: float, top: float, right: float, bottom: float, color: Rgb, depth: float) -> None:
        """Put a rectangle into the scene."""
        self.paint(((left, top), (right, top), (right, bottom), (left, bottom)), color, depth, 0.12, 0.15)

    def _cover(
        self,
        part: tuple[slice, slice],
        mask: npt.NDArray[np.uint8],
        color: Rgb,
        depth: float,
        rough: float,
        shade: float,
    ) -> None:
        share = mask.astype(np.float32)[..., None] / 255
        across = np.linspace(0, 1, mask.shape[1], dtype=np.float32)
        surface = (1 + rough * self.grain[part]) * (1 - shade * across)[None]
        painted = np.maximum(surface, 0.05)[..., None] * np.array(color, np.float32)
        self.light[part] += share * (painted - self.light[part])
        self.depth[part][mask > 127] = depth


def fractal(size: tuple[int, int], rng: np.random.Generator, coarsest: int = 6, fall: float = 0.74) -> Light:
    """Rough at every scale, as most surfaces are: (height, width), mean 0, deviation 0.5."""
    width, height = size
    total = np.zeros((height, width), np.float32)
    weight, octave = 1.0, coarsest
    while octave < 2 * max(size):
        if octave >= max(size):
            total += weight * rng.standard_normal((height, width), np.float32)
            break
        rows = max(2, round(octave * height / max(size)))
        columns = max(2, round(octave * width / max(size)))
        cells = rng.standard_normal((rows, columns), np.float32)
        total += weight * cv2.resize(cells, (width, height), interpolation=cv2.INTER_CUBIC)
        weight, octave = weight * fall, octave * 2
    mean, deviation = cv2.meanStdDev(total)
    rough: Light = (total - np.float32(mean[0, 0])) * np.float32(0.5 / deviation[0, 0])
    return rough


def scene(size: tuple[int, int], chance: Random, photographs: Sequence[Photograph] = ()) -> Scene:
    """Make a place by chance; from a photograph, in its own size reduced, half of the time there are any."""
    if photographs and chance.random() < 0.5:
        found = _reduced(chance.choice(photographs), chance)
        if found is not None:
            return found
    rng = np.random.default_rng(chance.getrandbits(64))
    made = Scene(
        np.ones((size[1], size[0], 3), np.float32),
        np.ones((size[1], size[0]), np.float32),
        fractal(size, rng),
    )
    chance.choice((_street, _landscape, _room))(made, chance, rng)
    return made


def person(scene: Scene, foot: Point, tall: float, chance: Random, depth: float) -> None:
    """Someone who stands there; `tall` in pixels."""
    x, y = foot
    coat, trousers = _paint(chance), _paint(chance)
    skin = chance.choice(((0.55, 0.32, 0.22), (0.35, 0.2, 0.13), (0.14, 0.08, 0.05)))
    for side in (-1, 1):
        step = chance.uniform(0.02, 0.1) * tall * side
        scene.paint(
            (
                (x - 0.05 * tall, y - 0.5 * tall),
                (x + 0.05 * tall, y - 0.5 * tall),
                (x + step + 0.03 * tall, y),
                (x + step - 0.04 * tall, y),
            ),
            trousers,
            depth,
        )
    scene.ball((x, y - 0.64 * tall), (0.11 * tall, 0.2 * tall), coat, depth)
    scene.ball((x, y - 0.91 * tall), (0.055 * tall, 0.075 * tall), skin, depth)


def _reduced(photograph: Photograph, chance: Random) -> Scene | None:
    picture = photograph.read()
    if picture is None or min(picture.size) < REDUCED * LEAST_SIDE:
        return None
    small = picture.resize(
        (picture.width // REDUCED // 2 * 2, picture.height // REDUCED // 2 * 2), Image.Resampling.BOX
    )
    light = (np.asarray(small, np.float32) / 255) ** np.float32(GAMMA)
    grain = fractal(small.size, np.random.default_rng(chance.getrandbits(64)))
    rows = np.linspace(1, 0.1, small.height, dtype=np.float32)
    return Scene(light, np.repeat(rows[:, None], small.width, 1), grain)


def _paint(chance: Random) -> Rgb:
    """A color of made things: from grey to strong, from dark to light."""
    level, strength = chance.uniform(0.04, 0.6), chance.uniform(0, 1) ** 2
    shares = [chance.random() for _ in range(3)]
    top = max(shares)
    red, green, blue = (level * (1 - strength + strength * share / top) for share in shares)
    return red, green, blue


def _sky(made: Scene, chance: Random, horizon: float) -> None:
    height = made.size[1]
    rows = np.clip(np.arange(height, dtype=np.float32) / max(1.0, horizon), 0, 1)[:, None, None]
    zenith = np.array((0.18, 0.36, 0.75), np.float32) * chance.uniform(0.6, 1.3)
    made.light[:] = zenith * (1 - rows) + np.array((0.75, 0.8, 0.85), np.float32) * rows
    clouds = np.clip(made.grain * 2 + chance.uniform(-1.2, 0.6), 0, 1)[..., None] * chance.uniform(0.2, 0.9)
    made.light += clouds * (np.float32(0.95) - made.light)


def _ground(made: Scene, chance: Random, horizon: float, color: Rgb, rough: float) -> None:
    height = made.size[1]
    first = int(horizon)
    near = np.linspace(0, 1, max(1, height - first), dtype=np.float32)[:, None, None]
    grain = made.grain[first:, :, None]
    tone = chance.uniform(0.75, 1.0) + 0.35 * near
    made.light[first:] = np.maximum(np.array(color, np.float32) * tone * (1 + rough * grain), 0.01)
    made.depth[first:] = (0.8 * (1 - near) + 0.02)[..., 0]


def _tree(
    made: Scene, chance: Random, rng: np.random.Generator, foot: Point, tall: float, depth: float
) -> None:
    x, y = foot
    made.box(x - 0.03 * tall, y - 0.5 * tall, x + 0.03 * tall, y, (0.08, 0.055, 0.035), depth)
    green = chance.uniform(0.5, 1.4)
    for leaf in range(chance.randint(60, 90)):
        dx, dy = rng.normal(0, 0.15, 2).clip(-0.33, 0.33) * tall
        radius = chance.uniform(0.05, 0.13) * tall * (1 if leaf < 20 else 0.35)
        light = green * chance.uniform(0.6, 1.5)
        color = (0.055 * light, 0.12 * light, 0.03 * light)
        made.ball((x + dx, y - 0.68 * tall + dy), (radius, radius), color, depth, 0.9)


def _street(made: Scene, chance: Random, rng: np.random.Generator) -> None:
    width, height = made.size
    horizon = height * chance.uniform(0.5, 0.66)
    _sky(made, chance, horizon)
    _ground(made, chance, horizon, (0.11, 0.11, 0.115), 0.35)
    x = -0.02 * width
    while x < width:
        wide, tall = width * chance.uniform(0.08, 0.2), height * chance.uniform(0.2, 0.6)
        _building(made, chance, (x, horizon - tall, x + wide, horizon + 0.03 * height))
        x += wide
    for mark in range(9):
        y = horizon + (height - horizon) * ((mark + 0.3) / 9) ** 1.6
        long = (height - horizon) * 0.05 * (mark + 1) / 4
        middle = width * (0.5 + 0.02 * (mark - 4))
        made.box(middle, y, middle + long * 0.35, y + long, (0.6, 0.6, 0.58), 0.5)
    for _ in range(chance.randint(2, 5)):
        depth = chance.uniform(0.2, 0.6)
        y = horizon + (height - horizon) * (1 - depth) ** 1.5
        _tree(made, chance, rng, (chance.uniform(0, width), y), height * 0.35 * (1.3 - depth), depth)
    for _ in range(chance.randint(1, 4)):
        depth = chance.uniform(0.15, 0.6)
        car(
            made,
            (chance.uniform(0, width), horizon + (height - horizon) * (1 - depth) ** 1.3),
            height * 0.3 * (1 - depth),
            chance,
            depth,
        )
    for _ in range(chance.randint(1, 4)):
        depth = chance.uniform(0.25, 0.7)
        foot = chance.uniform(0, width), horizon + (height - horizon) * (1 - depth) ** 1.3
        person(made, foot, height * 0.4 * (1 - depth), chance, depth)


def car(made: Scene, foot: Point, long: float, chance: Random, depth: float) -> None:
    """Something to drive; `long` in pixels."""
    x, y = foot
    color = _paint(chance)
    body = (
        (0, -0.2),
        (0.12, -0.22),
        (0.28, -0.42),
        (0.68, -0.42),
        (0.85, -0.23),
        (1, -0.2),
        (1, -0.06),
        (0, -0.06),
    )
    made.paint([(x + a * long, y + b * long) for a, b in body], color, depth, 0.05, 0.2)
    glass = ((0.3, -0.39), (0.66, -0.39), (0.79, -0.24), (0.2, -0.24))
    made.paint([(x + a * long, y + b * long) for a, b in glass], (0.04, 0.05, 0.06), depth, 0.3)
    for wheel in (0.2, 0.8):
        made.ball(
            (x + wheel * long, y - 0.07 * long), (0.085 * long, 0.085 * long), (0.02, 0.02, 0.02), depth
        )
        made.ball((x + wheel * long, y - 0.07 * long), (0.045 * long, 0.045 * long), (0.3, 0.3, 0.32), depth)


def _building(made: Scene, chance: Random, box: tuple[float, float, float, float]) -> None:
    left, top, right, bottom = box
    depth = chance.uniform(0.6, 0.85)
    wall = _paint(chance)
    made.box(left, top, right, bottom, (wall[0] + 0.08, wall[1] + 0.07, wall[2] + 0.06), depth)
    columns, rows = chance.randint(3, 7), chance.randint(3, 9)
    wide, tall = (right - left) / columns, (bottom - top) / rows
    for row in range(rows):
        for column in range(columns):
            x, y = left + (column + 0.25) * wide, top + (row + 0.2) * tall
            shown = chance.uniform(0.02, 0.3) if chance.random() < 0.85 else chance.uniform(0.5, 0.9)
            made.box(x, y, x + 0.5 * wide, y + 0.58 * tall, (shown, shown, shown * 1.1), depth)


def _landscape(made: Scene, chance: Random, rng: np.random.Generator) -> None:
    width, height = made.size
    horizon = height * chance.uniform(0.35, 0.55)
    _sky(made, chance, horizon)
    ridges = chance.randint(2, 4)
    for ridge in range(ridges):
        depth = 0.95 - 0.12 * ridge
        steps = np.linspace(0, 1, 160)
        shape = np.interp(steps, np.linspace(0, 1, 12), rng.uniform(-1, 1, 12)) + 0.05 * rng.standard_normal(
            160
        )
        y = horizon + height * (0.05 * ridge - 0.1 * shape)
        haze = (ridges - ridge) / (ridges + 1)
        color = (0.06 + 0.25 * haze, 0.1 + 0.28 * haze, 0.05 + 0.4 * haze)
        outline = [(float(s * width), float(v)) for s, v in zip(steps, y, strict=True)]
        made.paint([(0, height), *outline, (width, height)], color, depth, 0.35)
    meadow = horizon + 0.14 * height
    _ground(made, chance, meadow, (0.09, 0.14, 0.04), 0.7)
    for _ in range(chance.randint(4, 9)):
        depth = chance.uniform(0.1, 0.7)
        foot = chance.uniform(0, width), meadow + (height - meadow) * (1 - depth) ** 1.5
        _tree(made, chance, rng, foot, height * 0.5 * (1.1 - depth), depth)


def _room(made: Scene, chance: Random, rng: np.random.Generator) -> None:
    width, height = made.size
    edge = height * chance.uniform(0.5, 0.65)
    wall = _paint(chance)
    made.light[:] = np.array(wall, np.float32) + 0.15
    made.light *= 1 + 0.06 * made.grain[..., None]
    made.light *= np.linspace(1.25, 0.7, width, dtype=np.float32)[None, :, None]
    for _ in range(chance.randint(1, 3)):
        x, y = chance.uniform(0.05, 0.75) * width, chance.uniform(0.05, 0.2) * height
        made.box(x, y, x + 0.2 * width, y + 0.25 * height, (0.05, 0.04, 0.03), 0.9)
        made.box(
            x + 0.012 * width, y + 0.016 * height, x + 0.188 * width, y + 0.234 * height, _paint(chance), 0.9
        )
    wood = np.array((0.3, 0.17, 0.08), np.float32) * chance.uniform(0.5, 1.4)
    rings = np.sin(40 * made.grain[:, :1] + np.linspace(0, 60, height, dtype=np.float32)[:, None])
    table = wood * (1 + 0.2 * made.grain[..., None] + 0.15 * rings[..., None])
    first = int(edge)
    made.light[first:] = np.maximum(table[first:], 0.01)
    made.depth[:] = 0.95
    made.depth[first:] = np.linspace(0.8, 0.05, height - first, dtype=np.float32)[:, None]
    for number in range(chance.randint(5, 9)):
        depth = 0.75 - 0.07 * number
        x = chance.uniform(0.03, 0.9) * width
        y = edge + (height - edge) * (1 - depth) * 0.9
        _thing(made, chance, rng, (x, y), height * chance.uniform(0.12, 0.24) * (1.4 - depth), depth)


def _thing(
    made: Scene, chance: Random, rng: np.random.Generator, foot: Point, tall: float, depth: float
) -> None:
    x, y = foot
    color = _paint(chance)
    made.ball((x + 0.1 * tall, y), (0.5 * tall, 0.1 * tall), (0.03, 0.02, 0.02), depth, 0.1)
    sort = chance.randrange(4)
    if sort == 0:
        made.ball((x, y - 0.4 * tall), (0.4 * tall, 0.4 * tall), color, depth, 0.25, 0.6)
    elif sort == 1:
        made.paint(
            (
                (x - 0.3 * tall, y - 0.8 * tall),
                (x + 0.3 * tall, y - 0.8 * tall),
                (x + 0.24 * tall, y),
                (x - 0.24 * tall, y),
            ),
            color,
            depth,
            0.1,
            0.6,
        )
        made.ball((x, y - 0.8 * tall), (0.3 * tall, 0.08 * tall), (0.05, 0.03, 0.02), depth)
    elif sort == 2:
        for book in range(chance.randint(2, 5)):
            bottom = y - 0.16 * tall * book
            made.box(
                x - 0.5 * tall,
                bottom - 0.15 * tall,
                x + chance.uniform(0.3, 0.5) * tall,
                bottom,
                _paint(chance),
                depth,
            )
    else:
        made.box(x - 0.18 * tall, y - 0.35 * tall, x + 0.18 * tall, y, (0.3, 0.12, 0.06), depth)
        for _ in range(14):
            dx, dy = rng.normal(0, 0.2, 2) * tall
            light = chance.uniform(0.6, 1.6)
            made.ball(
                (x + dx, y - 0.65 * tall + dy),
                (0.12 * tall, 0.05 * tall),
                (0.05 * light, 0.13 * light, 0.04 * light),
                depth,
                0.4,
            )
