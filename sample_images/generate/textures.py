"""Close-ups of surfaces: boards, pebbles, tartan cloth, a brick wall."""

import numpy as np
from PIL import Image

from sample_images.generate.canvas import blur, color, finish, grid, mix, ramp, smoothstep
from sample_images.generate.noise import Floats, cells, fbm, hash01


def relief(height_map: Floats, strength: float) -> Floats:
    """Light a height map from the upper left; 1 is flat."""
    slope_y, slope_x = np.gradient(height_map * height_map.shape[0])
    facing = 0.62 - strength * (0.6 * slope_x + 0.6 * slope_y)
    steep = np.sqrt(1 + (strength * slope_x) ** 2 + (strength * slope_y) ** 2)
    return np.asarray(np.clip(facing / steep / 0.62, 0, 2.2), np.float32)


def boards(width: int, height: int) -> Image.Image:
    """Weathered boards of a barn with knots and flaking green paint."""
    x, y = grid(width, height)
    plank = np.floor(x * 5.2)
    shift = hash01(plank.astype(np.int64), (plank * 0).astype(np.int64), 251) * 50
    across = x * 5.2 - plank
    near, _, _ = cells(x * 2.6 + shift, y * 1.1 + shift, 252, 0.9)
    knot = np.exp(-((near / 0.16) ** 2))
    wander = fbm(x * 2 + shift, y * 0.7 + shift, 4, 253)
    rings = np.sin((across * 0.8 + 0.35 * wander + 0.9 * knot) * 70) * 0.5 + 0.5
    fiber = fbm(x * 90, y * 4 + shift, 4, 254)
    tone = 0.5 + 0.22 * (rings - 0.5) + 0.3 * fiber - 0.55 * knot + 0.25 * (shift / 50 - 0.5)
    wood = ramp(tone, [(0, "#3a322b"), (0.45, "#8a7a68"), (1, "#c9bca6")])
    chips = fbm(x * 3 + shift, y * 1.6, 6, 255, 0.6) + 0.25 * fiber
    paint = smoothstep(0.02, 0.06, chips + 0.12 * wander)
    bumps = 0.002 * rings + 0.004 * fiber + 0.005 * paint
    green = ramp(0.5 + fbm(x * 5, y * 5, 4, 256), [(0, "#2f5a4a"), (1, "#6f9a7c")])
    picture = mix(wood, green, paint)
    gap = smoothstep(0.485, 0.497, np.abs(across - 0.5))
    picture = picture * (relief(bumps.astype(np.float32), 0.9) * (1 - 0.9 * gap))[..., None]
    for row in (0.12, 0.88):
        nail = np.hypot((across - 0.5) / 5.2, y - row)
        picture = mix(picture, color("#4a2e20"), smoothstep(0.011, 0.007, nail))
        picture = mix(
            picture,
            color("#6a3d25"),
            0.35
            * smoothstep(0.10, 0.0, y - row)
            * (y > row)
            * smoothstep(0.012, 0.004, np.abs(across - 0.5) / 5.2),
        )
    return finish(picture.astype(np.float32), 251, contrast=0.2)


def pebbles(width: int, height: int) -> Image.Image:
    """Round wet pebbles."""
    x, y = grid(width, height)
    warp = 0.12 * fbm(x * 8, y * 8, 3, 261)
    layers = []
    for scale, seed in ((13.0, 262), (7.0, 265)):
        near, second, owner = cells(x * scale + warp * 2, y * scale * 1.15 + warp * 2, seed, 0.75)
        dome = np.clip((second - near) * 1.6, 0, 1)
        layers.append((np.sqrt(1 - (1 - dome) ** 2) / scale, owner, dome))
    cover = (layers[1][1] % 5 > 1) & (layers[1][2] > 0.12)
    bumps = np.where(cover, layers[1][0] * 1.1 + 0.03, layers[0][0]).astype(np.float32)
    owner = np.where(cover, layers[1][1], layers[0][1])
    tints = np.stack(
        [color(c) for c in ("#6f7780", "#9a8f80", "#b9ada0", "#4f565e", "#a5735a", "#d8d2c6", "#7d8a86")]
    )
    stone: Floats = tints[owner % 7] * (0.75 + 0.5 * (owner // 7 % 64).astype(np.float32) / 64)[..., None]
    speck = fbm(x * 60 + owner % 50, y * 60, 3, 268)
    vein = smoothstep(0.06, 0.0, np.abs(fbm(x * 9 + owner % 31, y * 9 + owner % 17, 3, 269)))
    stone = stone * (1 + 0.22 * speck)[..., None]
    stone = mix(stone, color("#e6e2da"), 0.6 * vein * (owner % 4 == 0))
    light = relief(blur(bumps, 2.0), 0.28)
    hollow = smoothstep(
        -0.05,
        0.28,
        np.where(
            cover,
            layers[1][2],
            layers[0][2] * smoothstep(0.2, 0.0, layers[1][2] * (layers[1][1] % 5 > 1)),
        ),
    )
    picture = stone * (1.2 * light * (0.25 + 0.75 * hollow))[..., None]
    picture += (smoothstep(1.4, 1.75, light) * hollow * 0.35)[..., None]
    return finish(picture.astype(np.float32), 261, contrast=0.3, vignette=0.3)


def tartan(width: int, height: int) -> Image.Image:
    """A folded tartan blanket."""
    x, y = grid(width, height)
    fold = 0.09 * fbm(x * 1.3 + 0.6 * y, y * 0.6, 3, 271) + 0.025 * fbm(x * 4 + 2 * y, y * 1.5, 2, 272)
    u = (x + 1.6 * fold + 0.35 * y) * 3.2
    v = (y + 1.2 * fold - 0.3 * x) * 3.2

    def stripes(t: Floats) -> Floats:
        t = t % 1
        tone = ramp(
            t,
            [
                (0, "#8f1d22"),
                (0.30, "#8f1d22"),
                (0.31, "#1d2f4f"),
                (0.5, "#1d2f4f"),
                (0.51, "#174a36"),
                (0.8, "#174a36"),
                (0.81, "#8f1d22"),
                (1, "#8f1d22"),
            ],
        )
        for at, code in ((0.15, "#e8d9a0"), (0.405, "#d9d5cc"), (0.655, "#d8b23c")):
            tone = mix(tone, color(code), smoothstep(0.016, 0.010, np.abs(t - at)))
        return tone

    twill = ((u * 62 + v * 62) % 2 > 1).astype(np.float32)
    cloth = mix(stripes(u), stripes(v), 0.5 + 0.36 * (blur(twill, 0.7) * 2 - 1))
    weave = 0.85 + 0.3 * np.sin(u * 62 * np.pi) * np.sin(v * 62 * np.pi)
    nap = 1 + 0.35 * fbm(x * 120, y * 120, 2, 273)
    light = relief(fold.astype(np.float32), 1.5)
    picture = cloth * (light * weave * nap)[..., None] * 1.25
    return finish(picture.astype(np.float32), 271, contrast=0.2, vignette=0.35)


def bricks(width: int, height: int) -> Image.Image:
    """A sunlit brick wall with the shadow of a tree."""
    x, y = grid(width, height)
    wobble = 0.004 * fbm(x * 12, y * 12, 3, 281)
    row = np.floor((y + wobble) * 14)
    u = (x + wobble) * 5.2 + 0.5 * (row % 2)
    column = np.floor(u)
    inset = np.minimum(
        (0.5 - np.abs(u - column - 0.5)) / 5.2, (0.5 - np.abs((y + wobble) * 14 - row - 0.5)) / 14
    )
    face = smoothstep(0.003, 0.0065, inset + 0.0015 * fbm(x * 40, y * 40, 3, 282))
    which = hash01(column.astype(np.int64), row.astype(np.int64), 283)
    clay = ramp(which, [(0, "#6e2f22"), (0.4, "#9a4a33"), (0.75, "#b5664a"), (1, "#c98d6c")])
    rough = fbm(x * 45, y * 45, 4, 284, 0.65)
    mortar = ramp(rough, [(-0.6, "#8d8578"), (0.6, "#c2baac")])
    picture = mix(mortar, clay * (1 + 0.35 * rough)[..., None], face)
    chalk = smoothstep(0.15, 0.6, fbm(x * 2.5, y * 1.8, 5, 285))
    picture = mix(picture, color("#d8cfc4"), 0.35 * chalk)
    picture = picture * relief((0.006 * face + 0.003 * rough).astype(np.float32), 0.8)[..., None]
    leaves = fbm(x * 7 + y, y * 7, 4, 286) + 0.9 * fbm(x * 1.5, y * 1.5, 2, 287)
    branch = np.abs(x - 0.25 - 0.5 * y - 0.08 * fbm(y * 3, x * 0, 2, 288)) - 0.012 - 0.02 * y
    shade = np.maximum(smoothstep(0.05, 0.32, leaves), smoothstep(0.012, -0.004, branch))
    sunny = mix(
        np.broadcast_to(np.array([1.3, 1.2, 1.02], np.float32), picture.shape),
        np.array([0.42, 0.45, 0.56], np.float32),
        blur(shade, height / 160),
    )
    return finish(picture * sunny, 281, contrast=0.2, saturation=0.9)
