"""Dice with pips on a table."""

from collections.abc import Sequence

import numpy as np
from PIL import Image

from sample_images.generate.canvas import color, finish, mix, smoothstep
from sample_images.generate.noise import Floats
from sample_images.generate.raymarch import Points, Solid, Stage, render
from sample_images.generate.solids import (
    Place,
    cloth,
    local,
    planks,
    rounded_box,
    studio,
    table,
    turned,
)

_PIPS: dict[int, Sequence[tuple[int, int]]] = {
    1: [(0, 0)],
    2: [(-1, -1), (1, 1)],
    3: [(-1, -1), (0, 0), (1, 1)],
    4: [(-1, -1), (-1, 1), (1, -1), (1, 1)],
    5: [(-1, -1), (-1, 1), (0, 0), (1, -1), (1, 1)],
    6: [(-1, -1), (-1, 0), (-1, 1), (1, -1), (1, 0), (1, 1)],
}
_FACES = ((1, 1, 6), (0, 2, 5), (2, 3, 4))  # axis, value on its positive side, on its negative side
_PIP = 0.088  # radius, for a die of half width 0.5
_STEP = 0.25


def _pip_offsets(points: Points) -> tuple[Floats, Points]:
    """Return the distance to the nearest pip on the face of each point, and the way to it."""
    axis = np.argmax(np.abs(points), axis=0)
    best = np.full(points.shape[1], 9, np.float32)
    way = np.zeros_like(points)
    for normal, front, back in _FACES:
        a, b = (i for i in range(3) if i != normal)
        for sign, value in ((1, front), (-1, back)):
            on_face = (axis == normal) & (points[normal] * sign > 0)
            for i, j in _PIPS[value]:
                da, db = i * _STEP - points[a], j * _STEP - points[b]
                distance = np.hypot(da, db)
                closer = on_face & (distance < best)
                best = np.where(closer, distance, best).astype(np.float32)
                way[:, closer] = 0
                way[a, closer], way[b, closer] = da[closer], db[closer]
    return best, way


def die(at: Place, size: float, turn: Floats, body: str, pips: str, gloss: float = 0.05) -> Solid:
    """Return a die with hollow-looking pips."""
    half = size / 2
    body_color, pip_color = color(body) ** np.float32(2.2), color(pips) ** np.float32(2.2)

    def distance(points: Points) -> Floats:
        own = local(points, at, turn)
        return rounded_box(own, (half, half, half), 0.13 * size)

    def colors(points: Points) -> Floats:
        offset, _ = _pip_offsets(local(points, at, turn) / size)
        body_part = np.broadcast_to(body_color, (points.shape[1], 3))
        return mix(body_part, pip_color, smoothstep(_PIP, _PIP * 0.86, offset))

    def dent(points: Points) -> Points:
        offset, way = _pip_offsets(local(points, at, turn) / size)
        depth = np.where(offset < _PIP, 3.5, 0).astype(np.float32)
        return (turn @ (way * depth)).astype(np.float32)

    return Solid(distance, colors, (at, 0.79 * size), gloss, 90, dent)


def dice_on_felt(width: int, height: int) -> Image.Image:
    """Five ivory dice thrown on green felt."""
    throws = [
        ((-1.25, 0.5, 0.1), turned(24)),
        ((0.25, 0.5, -0.75), turned(-38, 90)),
        ((1.55, 0.5, 0.75), turned(61, 0, 90)),
        ((-0.25, 0.5, 1.5), turned(8, 180)),
        ((-2.5, 0.5, 2.1), turned(50, -90)),
    ]
    ivory = [die(at, 1, turn, "#efe6cf", "#17130f") for at, turn in throws]
    felt = table(cloth("#0b3d22", "#1f6a3c", 91))
    stage = Stage(
        eye=(0.6, 3.4, -6.2),
        target=(-0.1, 0.35, 0.1),
        zoom=1.55,
        sun=(-0.55, 0.9, -0.15),
        environment=studio("#3c3a36", "#c9c4b8", (-0.6, 0.8, -0.5)),
        blur_at=1.5,
    )
    return finish(render([felt, *ivory], stage, width, height), 91, vignette=0.45, saturation=0.7)


def red_dice(width: int, height: int) -> Image.Image:
    """Two glossy red dice on a wooden table, seen from close by."""
    pair = [
        die((-0.62, 0.5, 0.0), 1, turned(33, 90, 90), "#b3121b", "#f6f1e6", 0.09),
        die((0.78, 0.5, 0.75), 1, turned(-18, 180), "#b3121b", "#f6f1e6", 0.09),
    ]
    wood = table(planks("#6b4424", "#c79a63", 92), 0.025, 20)
    stage = Stage(
        eye=(0.3, 1.75, -3.6),
        target=(-0.25, 0.5, -0.3),
        zoom=1.45,
        sun=(0.85, 0.7, 0.25),
        environment=studio("#5a4a3c", "#dfe6ee", (-0.9, 0.5, -0.5)),
        sun_color=(3.2, 2.5, 1.6),
        softness=14,
        blur_at=2.4,
    )
    return finish(render([wood, *pair], stage, width, height), 92, bloom=0.1, vignette=0.35, saturation=0.8)


def dice_tower(width: int, height: int) -> Image.Image:
    """Three dice stacked on white paper."""
    stack = [
        die((0.0, 0.5, 0.0), 1, turned(20), "#1c1d22", "#e9e9ec", 0.06),
        die((0.05, 1.5, 0.03), 1, turned(-31, 0, 90), "#224a8f", "#f4f4f0", 0.06),
        die((-0.02, 2.36, 0.0), 0.72, turned(52, 90), "#1c1d22", "#e9e9ec", 0.06),
    ]
    paper = table(cloth("#cfcac2", "#dcd8d1", 93), 0.03, 12)
    stage = Stage(
        eye=(1.9, 2.2, -5.6),
        target=(0.0, 1.3, 0.0),
        zoom=1.75,
        sun=(-0.8, 0.75, 0.1),
        environment=studio("#8f8a83", "#b9c3cf", (0.9, 0.7, -0.6)),
        softness=7,
        blur_at=0.8,
    )
    return finish(render([paper, *stack], stage, width, height), 93, vignette=0.3, saturation=0.85)
