"""A small ray marcher: solids given by distance functions, soft shadows, gloss, depth of field."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from sample_images.generate.canvas import blur, filmic, resize, smoothstep
from sample_images.generate.noise import Floats

Points = Floats  # shape (3, n): x, y (up), z
Environment = Callable[[Points], Floats]  # directions to light of shape (n, 3)


@dataclass(frozen=True)
class Solid:
    """A thing in the scene."""

    distance: Callable[[Points], Floats]
    colors: Callable[[Points], Floats]  # (3, n) to (n, 3)
    bound: tuple[tuple[float, float, float], float] | None  # a ball around it; None: a plane
    gloss: float = 0.0  # strength of reflections seen head-on; more at grazing angles
    polish: float = 60.0  # sharpness of the highlight
    dent: Callable[[Points], Points] | None = None  # bends the normals, (3, n)


@dataclass(frozen=True)
class Stage:
    """Camera and light."""

    eye: tuple[float, float, float]
    target: tuple[float, float, float]
    zoom: float
    sun: tuple[float, float, float]
    environment: Environment
    sun_color: tuple[float, float, float] = (2.6, 2.3, 1.9)
    softness: float = 9.0  # larger: harder shadows
    ambient: float = 0.55
    blur_at: float = 0.0  # strength of the depth of field
    scale: float = 1.3  # rendered larger, then averaged down


def render(solids: Sequence[Solid], stage: Stage, width: int, height: int) -> Floats:
    """Return display values of shape (height, width, 3)."""
    w, h = round(width * stage.scale), round(height * stage.scale)
    eye = np.array(stage.eye, np.float32)[:, None]
    forward = _unit(np.array(stage.target, np.float32)[:, None] - eye)
    right = _unit(np.cross(forward, [[0], [1], [0]], axis=0).astype(np.float32))
    up = np.cross(right, forward, axis=0).astype(np.float32)
    v, u = np.mgrid[0:h, 0:w].astype(np.float32)
    u = ((u + 0.5 - w / 2) / h).ravel()
    v = ((h / 2 - v - 0.5) / h).ravel()
    rays = _unit(forward * np.float32(stage.zoom) + right * u + up * v)
    light, depth = _trace(solids, stage, np.broadcast_to(eye, rays.shape), rays, bounces=1)
    # Developed before it is averaged down, so that bright rims have smooth edges too.
    picture = resize(filmic(light.reshape(h, w, 3)), width, height)
    if stage.blur_at:
        sharp = float(np.linalg.norm(np.array(stage.target) - np.array(stage.eye)))
        far = resize(depth.reshape(h, w), width, height)
        wide = np.clip(stage.blur_at * np.abs(1 / sharp - 1 / far) * sharp, 0, 1)
        picture = _defocus(picture, wide.astype(np.float32), height / 45)
    return picture


def _trace(
    solids: Sequence[Solid], stage: Stage, origin: Points, rays: Points, bounces: int
) -> tuple[Floats, Floats]:
    """Return the light (n, 3) and distance (n,) that each ray meets."""
    depths = np.stack([_march(solid, origin, rays) for solid in solids])
    owners = np.argmin(depths, axis=0)
    depth = depths.min(0)
    light = stage.environment(rays)
    hit = np.flatnonzero(depth < 60)
    points = origin[:, hit] + rays[:, hit] * depth[hit]
    normals = np.zeros_like(points)
    albedo = np.zeros((hit.size, 3), np.float32)
    gloss, polish = np.zeros(hit.size, np.float32), np.zeros(hit.size, np.float32)
    for number, solid in enumerate(solids):
        mine = np.flatnonzero(owners[hit] == number)
        normals[:, mine] = _normals(solid, points[:, mine])
        albedo[mine] = solid.colors(points[:, mine])
        gloss[mine], polish[mine] = solid.gloss, solid.polish
    sun = _unit(np.array(stage.sun, np.float32)[:, None])
    facing = np.clip((normals * sun).sum(0), 0, 1)
    lit = np.zeros(hit.size, np.float32)
    bright = np.flatnonzero(facing > 0)
    start = points[:, bright] + np.float32(0.01) * normals[:, bright]
    lit[bright] = np.min([_shadow(s, start, sun, stage.softness) for s in solids], axis=0)
    around = stage.environment(_unit(normals + np.array([[0], [0.6], [0]], np.float32)))
    open_sky = _occlusion(solids, points, normals)[:, None]
    sun_color = np.array(stage.sun_color, np.float32)
    shaded = albedo * ((lit * facing)[:, None] * sun_color + stage.ambient * around * open_sky)

    view = rays[:, hit]
    mirror = view - 2 * (view * normals).sum(0) * normals
    grazing = (1 - np.clip(-(view * normals).sum(0), 0, 1)) ** 5
    share = np.where(gloss > 0, gloss + (0.7 - 0.7 * gloss) * grazing, 0).astype(np.float32)
    seen = stage.environment(mirror).astype(np.float32)
    strong = np.flatnonzero(share > 0.06)
    if bounces and strong.size:
        leaving = points[:, strong] + 0.02 * normals[:, strong]
        seen[strong], _ = _trace(solids, stage, leaving, mirror[:, strong], bounces - 1)
    highlight = np.clip((mirror * sun).sum(0), 0, 1) ** polish * lit * np.sqrt(gloss) * 2.2
    metal = smoothstep(0.2, 0.4, gloss)[:, None] * (1 - grazing[:, None])
    seen *= 1 + metal * (1.25 * albedo - 1)
    shaded += share[:, None] * (seen - 0.4 * shaded) + highlight[:, None] * sun_color
    light[hit] = shaded
    return light, depth


def _near_bound(solid: Solid, origin: Points, rays: Points, margin: float) -> tuple[Floats, Floats]:
    """Return how far away the ball around a solid begins, and by how much each ray misses it."""
    if solid.bound is None:
        raise ValueError("a plane has no bound")
    center, radius = solid.bound
    to_center = np.array(center, np.float32)[:, None] - origin
    ahead = (to_center * rays).sum(0)
    aside = np.sqrt(np.maximum((to_center * to_center).sum(0) - ahead * ahead, 0))
    behind = np.where(ahead < -radius, 9, 0)
    begins = np.maximum(ahead - radius - margin, 0.02).astype(np.float32)
    return begins, (aside - radius + behind).astype(np.float32)


def _march(solid: Solid, origin: Points, rays: Points) -> Floats:
    """Return the distance at which each ray meets a solid, 99 where it does not."""
    depth = np.full(rays.shape[1], 99, np.float32)
    if solid.bound is None:
        start, then = solid.distance(origin), solid.distance(origin + rays)
        toward = start - then > 1e-4
        depth[toward] = start[toward] / (start - then)[toward]
        return depth
    begins, missed = _near_bound(solid, origin, rays, 0.0)
    active = np.flatnonzero(missed < 0)
    last = begins + 2 * solid.bound[1]
    depth[active] = begins[active]
    for _ in range(70):
        step = solid.distance(origin[:, active] + rays[:, active] * depth[active])
        depth[active] += step * np.float32(0.95)
        depth[active[depth[active] > last[active]]] = 99
        active = active[(step > 0.0008) & (depth[active] < 99)]
        if not active.size:
            break
    return depth


def _normals(solid: Solid, points: Points) -> Points:
    corners = np.array([[1, -1, -1], [-1, -1, 1], [-1, 1, -1], [1, 1, 1]], np.float32)
    total = np.zeros_like(points)
    for corner in corners:
        total += corner[:, None] * solid.distance(points + np.float32(0.002) * corner[:, None])
    normals = _unit(total)
    return normals if solid.dent is None else _unit(normals + solid.dent(points))


def _shadow(solid: Solid, points: Points, sun: Points, softness: float) -> Floats:
    lit = np.ones(points.shape[1], np.float32)
    if solid.bound is None:
        return lit
    rays = np.broadcast_to(sun, points.shape)
    reach, missed = _near_bound(solid, points, rays, 1.0)
    active = np.flatnonzero(missed < 6 / softness)
    last = reach + 2 * solid.bound[1] + 2
    for _ in range(36):
        gap = solid.distance(points[:, active] + sun * reach[active])
        lit[active] = np.minimum(lit[active], np.clip(softness * gap / reach[active], 0, 1))
        reach[active] += np.clip(gap, 0.015, 0.4)
        active = active[(lit[active] > 0.005) & (reach[active] < last[active])]
        if not active.size:
            break
    return (lit * lit * (3 - 2 * lit)).astype(np.float32)


def _occlusion(solids: Sequence[Solid], points: Points, normals: Points) -> Floats:
    blocked = np.zeros(points.shape[1], np.float32)
    reaches = ((0.05, 1.0), (0.15, 0.75), (0.35, 0.5), (0.7, 0.32))
    gaps = {reach: np.full(points.shape[1], reach, np.float32) for reach, _ in reaches}
    for solid in solids:
        near = np.arange(points.shape[1])
        if solid.bound is not None:
            center, radius = solid.bound
            away = points - np.array(center, np.float32)[:, None]
            near = np.flatnonzero((away * away).sum(0) < (radius + 1.4) ** 2)
        for reach, _ in reaches:
            gap = solid.distance(points[:, near] + np.float32(reach) * normals[:, near])
            gaps[reach][near] = np.minimum(gaps[reach][near], gap)
    for reach, weight in reaches:
        blocked += np.float32(weight / reach) * (reach - gaps[reach])
    return np.asarray(np.clip(1 - 0.42 * blocked, 0.05, 1), np.float32)


def _defocus(picture: Floats, wide: Floats, strongest: float) -> Floats:
    """Blend blurred versions by how far out of focus each pixel is, 0 to 1."""
    result = picture
    for low, high in ((0.0, 0.12), (0.12, 0.3), (0.3, 0.6), (0.6, 1.0)):
        # What is sharp must not glow into the blurred surroundings.
        weight = 0.01 + smoothstep(0.3 * low, 0.7 * high, wide)[..., None]
        radius = max(0.6, strongest * high)
        total = blur(weight[..., 0], radius)[..., None]
        softer = blur((picture * weight).astype(np.float32), radius) / np.maximum(total, 0.004)
        result = result + (softer - result) * smoothstep(low, high, wide)[..., None]
    return result.astype(np.float32)


def _unit(vectors: Points) -> Points:
    return np.asarray(vectors / np.sqrt((vectors * vectors).sum(0)), np.float32)
