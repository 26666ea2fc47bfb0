"""Hills in perspective: a height function seen from a camera, with sun, shadows and haze."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from sample_images.generate.canvas import resize
from sample_images.generate.noise import Floats

HeightOf = Callable[[Floats, Floats], Floats]


@dataclass(frozen=True)
class View:
    """A camera at x = 0, z = 0 that looks along z; lengths are in kilometres or any other unit."""

    height: float
    horizon: float  # row of the horizon, 0 (top) to 1 (bottom)
    zoom: float = 1.0
    near: float = 0.3
    far: float = 40.0
    slices: int = 700


@dataclass(frozen=True)
class Ground:
    """What each pixel shows; all arrays have shape (height, width)."""

    sky: Floats  # 1 where nothing is in the way
    x: Floats
    z: Floats  # distance
    height: Floats
    slope_x: Floats
    slope_z: Floats
    sunlit: Floats  # 1 in the sun, 0 in a cast shadow


def look(height_of: HeightOf, view: View, width: int, rows: int, sun: Floats) -> Ground:
    """Find the ground point of every pixel; sun is a direction (x, up, z) towards the sun."""
    tangent = (np.arange(width, dtype=np.float32) + 0.5 - width / 2) / rows / view.zoom
    z = np.geomspace(view.near, view.far, view.slices).astype(np.float32)
    at_z = np.broadcast_to(z[:, None], (view.slices, width))
    at_x = (z[:, None] * tangent).astype(np.float32)
    level = height_of(at_x, at_z)

    along, across = np.gradient(level, z, tangent)
    slope_x = across / z[:, None]
    slope_z = along - tangent * slope_x
    sunlit = _sunlit(height_of, at_x, at_z, level, sun)

    row = view.horizon * rows - (level - view.height) / z[:, None] * view.zoom * rows
    top = np.minimum.accumulate(row, axis=0)  # the skyline of everything up to that distance
    pixel_rows = np.arange(rows, dtype=np.float32) + 0.5
    last = view.slices - 1
    index = np.empty((rows, width), np.int64)
    for column in range(width):
        index[:, column] = np.searchsorted(-top[:, column], -pixel_rows)
    sky = (index > last).astype(np.float32)
    index = np.minimum(index, last)
    before = np.maximum(index - 1, 0)
    columns = np.arange(width)
    span = top[before, columns] - top[index, columns]
    part = (top[before, columns] - pixel_rows[:, None]) / np.maximum(span, 1e-6)
    part = np.clip(part, 0, 1).astype(np.float32)

    def pick(field: Floats) -> Floats:
        a, b = field[before, columns], field[index, columns]
        return np.asarray(a + (b - a) * part, np.float32)

    return Ground(sky, *(pick(f) for f in (at_x, at_z, level, slope_x, slope_z, sunlit)))


def shade(ground: Ground, sun: Floats) -> Floats:
    """Return how directly the sun meets the ground, 0 to 1, shadows included."""
    facing = sun[1] - ground.slope_x * sun[0] - ground.slope_z * sun[2]
    length = np.sqrt(1 + ground.slope_x**2 + ground.slope_z**2) * np.linalg.norm(sun)
    return np.asarray(np.clip(facing / length, 0, 1) * ground.sunlit, np.float32)


def _sunlit(height_of: HeightOf, x: Floats, z: Floats, level: Floats, sun: Floats) -> Floats:
    """Walk from every fourth point towards the sun, and see whether a hill is in the way."""
    flat = float(np.hypot(sun[0], sun[2]))
    sparse = (slice(None, None, 4), slice(None, None, 4))
    x4, z4, level4 = x[sparse], z[sparse], level[sparse]
    lit = np.ones(x4.shape, np.float32)
    for step in np.geomspace(0.02, 0.5, 9).astype(np.float32):
        reach = step * z4
        there = height_of(x4 + reach * sun[0] / flat, z4 + reach * sun[2] / flat)
        over = (there - level4 - reach * sun[1] / flat) / (0.12 * reach)
        lit = np.minimum(lit, np.clip(1 - over, 0, 1))
    return resize(lit, x.shape[1], x.shape[0]).clip(0, 1)
