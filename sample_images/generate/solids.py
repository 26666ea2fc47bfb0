"""Distance functions and surfaces for the ray marcher: balls, boxes, tables, cloth, a studio."""

from collections.abc import Callable

import numpy as np

from sample_images.generate.canvas import color, mix, ramp, smoothstep
from sample_images.generate.noise import Floats, fbm
from sample_images.generate.raymarch import Environment, Points, Solid

Place = tuple[float, float, float]


def local(points: Points, at: Place, turn: Floats | None = None) -> Points:
    """Move points into the frame of a thing at a place, turned by a rotation matrix."""
    moved = points - np.array(at, np.float32)[:, None]
    return moved if turn is None else (turn.T @ moved).astype(np.float32)


def turned(yaw: float, pitch: float = 0.0, roll: float = 0.0) -> Floats:
    """Return a rotation matrix from angles in degrees."""
    matrix = np.eye(3)
    for angle, (a, b) in ((yaw, (0, 2)), (pitch, (1, 2)), (roll, (0, 1))):
        c, s = np.cos(np.radians(angle)), np.sin(np.radians(angle))
        step = np.eye(3)
        step[a, a], step[a, b], step[b, a], step[b, b] = c, -s, s, c
        matrix = matrix @ step
    return matrix.astype(np.float32)


def plain(code: str) -> Callable[[Points], Floats]:
    """Return a surface of one colour, given in display values."""
    linear = color(code) ** np.float32(2.2)
    return lambda points: np.broadcast_to(linear, (points.shape[1], 3)).astype(np.float32)


def length(points: Points) -> Floats:
    return np.asarray(np.sqrt((points * points).sum(0)), np.float32)


def rounded_box(points: Points, half: tuple[float, float, float], radius: float) -> Floats:
    outside = np.abs(points) - (np.array(half, np.float32)[:, None] - radius)
    inner = np.minimum(outside.max(0), 0)
    return np.asarray(length(np.maximum(outside, 0)) + inner - radius, np.float32)


def table(surface: Callable[[Points], Floats], gloss: float = 0.0, polish: float = 30.0) -> Solid:
    """Return the plane y = 0."""
    return Solid(lambda p: p[1].astype(np.float32), surface, None, gloss, polish)


def planks(dark: str, bright: str, seed: int, wide: float = 1.1) -> Callable[[Points], Floats]:
    """Return boards along x, with grain and joints."""

    def surface(points: Points) -> Floats:
        x, z = points[0], points[2]
        board = np.floor(z / wide)
        shift = np.sin(board * 12.9898 + seed) * 43.7
        wander = fbm(x * 0.35 + shift, z * 1.3 + shift, 3, seed)
        rings = np.sin((z + 0.35 * wander) * 34 + 6 * wander) * 0.5 + 0.5
        fiber = fbm(x * 2.2 + shift, z * 60, 3, seed + 3)
        tone = 0.45 + 0.33 * (rings - 0.5) + 0.35 * fiber + 0.16 * np.sin(shift)
        wood = ramp(tone, [(0, dark), (1, bright)]) ** np.float32(2.2)
        edge = np.abs(z / wide - board - 0.5)
        return mix(wood, wood * 0.12, smoothstep(0.484, 0.497, edge))

    return surface


def cloth(dark: str, bright: str, seed: int) -> Callable[[Points], Floats]:
    """Return a felt or woven surface with a fine nap."""

    def surface(points: Points) -> Floats:
        nap = fbm(points[0] * 26, points[2] * 26, 3, seed, 0.8)
        worn = fbm(points[0] * 0.8, points[2] * 0.8, 3, seed + 5)
        tone = 0.5 + 0.45 * nap + 0.35 * worn
        return np.asarray(ramp(tone, [(0, dark), (1, bright)]) ** np.float32(2.2), np.float32)

    return surface


def studio(low: str, high: str, window: Place, power: float = 5.0) -> Environment:
    """Return a room: a gradient from floor to ceiling and one bright window."""
    floor, ceiling = color(low) ** np.float32(2.2), color(high) ** np.float32(2.2)
    toward = np.array(window, np.float32) / np.linalg.norm(window)
    side = np.cross(toward, [0, 1, 0]).astype(np.float32)
    side /= np.linalg.norm(side)
    above = np.cross(side, toward).astype(np.float32)

    def environment(rays: Points) -> Floats:
        light = mix(floor, ceiling, smoothstep(-0.5, 0.9, rays[1]))
        ahead = np.maximum(toward @ rays, 1e-3)
        a, b = np.abs(side @ rays) / ahead, np.abs(above @ rays) / ahead
        pane = smoothstep(0.34, 0.30, a) * smoothstep(0.42, 0.38, b)
        cross = smoothstep(0.015, 0.03, a) * smoothstep(0.015, 0.03, np.abs(b - 0.1))
        inside = (toward @ rays > 0.1).astype(np.float32) * pane * cross
        return np.asarray(light + power * inside[:, None], np.float32)

    return environment
