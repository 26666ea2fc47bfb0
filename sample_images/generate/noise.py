"""Noise at arbitrary points: the raw material of clouds, hills, wood and stone."""

from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.floating[Any]]  # float32 where a picture is held
Ints = npt.NDArray[np.uint32]

_ANGLES = np.arange(256) * (2 * np.pi / 256)
_GRADIENT_X = np.cos(_ANGLES).astype(np.float32)
_GRADIENT_Y = np.sin(_ANGLES).astype(np.float32)


def lattice_hash(ix: npt.NDArray[np.int64], iy: npt.NDArray[np.int64], seed: int) -> Ints:
    """Return well-mixed 32-bit values, one per lattice point."""
    h = ix.astype(np.uint32) * np.uint32(374761393) + iy.astype(np.uint32) * np.uint32(668265263)
    h += np.uint32(seed * 2654435761 & 0xFFFFFFFF)
    h = (h ^ (h >> np.uint32(13))) * np.uint32(1274126177)
    h = (h ^ (h >> np.uint32(15))) * np.uint32(2246822519)
    return np.asarray(h ^ (h >> np.uint32(16)), np.uint32)


def hash01(ix: npt.NDArray[np.int64], iy: npt.NDArray[np.int64], seed: int) -> Floats:
    """Return a value in [0, 1) per lattice point."""
    return np.asarray(
        (lattice_hash(ix, iy, seed) >> np.uint32(8)).astype(np.float32) / np.float32(1 << 24), np.float32
    )


def perlin(x: Floats, y: Floats, seed: int) -> Floats:
    """Return gradient noise, about -1 to 1, one feature per unit of length."""
    x0, y0 = np.floor(x), np.floor(y)
    fx, fy = (x - x0).astype(np.float32), (y - y0).astype(np.float32)
    ix, iy = x0.astype(np.int64), y0.astype(np.int64)
    u = fx * fx * fx * (fx * (fx * 6 - 15) + 10)
    v = fy * fy * fy * (fy * (fy * 6 - 15) + 10)

    def corner(dx: int, dy: int) -> Floats:
        gradient = lattice_hash(ix + dx, iy + dy, seed) & np.uint32(255)
        return np.asarray(_GRADIENT_X[gradient] * (fx - dx) + _GRADIENT_Y[gradient] * (fy - dy), np.float32)

    near, far = corner(0, 0), corner(0, 1)
    near += u * (corner(1, 0) - near)
    far += u * (corner(1, 1) - far)
    return np.asarray((near + v * (far - near)) * np.float32(1.5), np.float32)


def fbm(x: Floats, y: Floats, octaves: int, seed: int, gain: float = 0.5) -> Floats:
    """Return a sum of octaves of noise, about -1 to 1: clouds, stains, rolling ground."""
    total = np.zeros(np.broadcast(x, y).shape, np.float32)
    amplitude, weight = 1.0, 0.0
    for octave in range(octaves):
        total += np.float32(amplitude) * perlin(x, y, seed + 101 * octave)
        weight += amplitude
        amplitude *= gain
        # Turned by 37 degrees, so that the lattices of the octaves never line up.
        x, y = 1.597 * x - 1.204 * y + 17.3, 1.204 * x + 1.597 * y - 9.1
    return np.asarray(total / np.float32(weight), np.float32)


def ridged(x: Floats, y: Floats, octaves: int, seed: int) -> Floats:
    """Return noise with sharp crests, 0 to 1: mountains, ripples."""
    total = np.zeros(np.broadcast(x, y).shape, np.float32)
    amplitude, weight = 1.0, 0.0
    carry = np.ones_like(total)
    for octave in range(octaves):
        crest = (1 - np.abs(perlin(x, y, seed + 101 * octave))) ** 2
        total += np.float32(amplitude) * crest * carry
        carry = np.clip(crest * 1.3, 0, 1).astype(np.float32)
        weight += amplitude
        amplitude *= 0.5
        x, y = 1.597 * x - 1.204 * y + 17.3, 1.204 * x + 1.597 * y - 9.1
    return np.asarray(total / np.float32(weight), np.float32)


def cells(x: Floats, y: Floats, seed: int, jitter: float = 0.8) -> tuple[Floats, Floats, Ints]:
    """Return the distances to the nearest and second nearest scattered point, and a cell hash."""
    ix, iy = np.floor(x).astype(np.int64), np.floor(y).astype(np.int64)
    nearest = np.full(x.shape, 9, np.float32)
    second = nearest.copy()
    owner = np.zeros(x.shape, np.uint32)
    for dy in (-1, 0, 1):
        for dx in (-1, 0, 1):
            cx, cy = ix + dx, iy + dy
            px = cx + 0.5 + jitter * (hash01(cx, cy, seed) - 0.5)
            py = cy + 0.5 + jitter * (hash01(cx, cy, seed + 1) - 0.5)
            distance = np.hypot(x - px, y - py).astype(np.float32)
            closer = distance < nearest
            second = np.where(closer, nearest, np.minimum(second, distance))
            owner = np.where(closer, lattice_hash(cx, cy, seed + 2), owner)
            nearest = np.where(closer, distance, nearest)
    return nearest, second, owner
