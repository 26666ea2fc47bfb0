"""Still lifes: oranges, pears, glass baubles, a cup of coffee."""

import numpy as np
from PIL import Image

from sample_images.generate.canvas import color, finish, mix, ramp, smoothstep
from sample_images.generate.noise import Floats, cells, fbm
from sample_images.generate.raymarch import Points, Solid, Stage, render
from sample_images.generate.solids import (
    Place,
    cloth,
    length,
    local,
    plain,
    planks,
    rounded_box,
    studio,
    table,
    turned,
)


def _ball(at: Place, radius: float, code: str) -> Solid:
    return Solid(lambda p: length(local(p, at)) - radius, plain(code), (at, radius), 0.5, 300)


def _orange(at: Place, radius: float, tilt: float) -> Solid:
    turn = turned(tilt * 3, tilt, tilt / 2)

    def pores(p: Points) -> tuple[Floats, Floats]:
        own = local(p, at, turn) / radius
        along = np.arctan2(own[0], own[2]).astype(np.float32) * 9
        return cells(along, own[1] * 13, 7)[0], own[1]

    def colors(p: Points) -> Floats:
        near, height = pores(p)
        peel = ramp(near, [(0, "#d96a08"), (0.5, "#f08a16"), (1, "#f39a25")])
        navel = smoothstep(0.965, 0.99, height)
        return np.asarray(mix(peel, color("#4f5a1e"), navel) ** np.float32(2.2), np.float32)

    def dent(p: Points) -> Points:
        near, _ = pores(p)
        rough = fbm(p[0] * 30, p[1] * 30 + p[2] * 17, 2, 8)
        return np.asarray(
            (0.10 * (near - 0.4) + 0.10 * rough) * (local(p, at) / radius)[[1, 2, 0]], np.float32
        )

    return Solid(lambda p: length(local(p, at)) - radius, colors, (at, radius), 0.035, 26, dent)


def _lathe(
    at: Place, profile: list[tuple[float, float]], surface: tuple[str, str, str], turn: Floats
) -> Solid:
    """Return a turned body: radii at heights, as for a pear."""
    heights = np.array([h for h, _ in profile])
    radii = np.array([r for _, r in profile])
    dense = np.linspace(heights[0], heights[-1], 200)
    smooth = np.interp(dense, heights, radii)
    for _ in range(500):
        smooth[1:-1] = (smooth[:-2] + 2 * smooth[1:-1] + smooth[2:]) / 4
    low, middle, high = surface

    def distance(p: Points) -> Floats:
        own = local(p, at, turn)
        around = np.hypot(own[0], own[2])
        wall = (around - np.interp(own[1], dense, smooth)) * 0.7
        ends = np.maximum(own[1] - heights[-1], heights[0] - own[1])
        return np.asarray(np.maximum(wall, ends), np.float32)

    def colors(p: Points) -> Floats:
        own = local(p, at, turn)
        speckle = fbm(own[0] * 22, own[1] * 22 + own[2] * 15, 3, 31)
        blush = fbm(own[0] * 1.5, own[1] * 1.2 + own[2], 3, 32)
        tone = 0.5 + 0.3 * own[0] + 0.5 * blush + 0.12 * speckle
        return np.asarray(ramp(tone, [(0, low), (0.5, middle), (1, high)]) ** np.float32(2.2), np.float32)

    x, y, z = at
    return Solid(distance, colors, ((x, y + 1.05, z), 1.5), 0.012, 22)


def _stick(at: Place, turn: Floats) -> Solid:
    def distance(p: Points) -> Floats:
        return rounded_box(local(p, at, turn), (0.05, 0.25, 0.05), 0.04)

    return Solid(distance, plain("#3c2a18"), (at, 0.3))


def oranges(width: int, height: int) -> Image.Image:
    """Oranges on a blue tablecloth by a window."""
    fruit = [
        _orange((-1.15, 0.8, 0.2), 0.8, 20),
        _orange((0.6, 0.85, -0.15), 0.85, -35),
        _orange((-0.2, 0.78, 1.6), 0.78, 60),
        _orange((1.9, 0.75, 1.35), 0.75, 100),
    ]
    linen = table(cloth("#36557f", "#6f8fb8", 101))
    stage = Stage(
        eye=(0.2, 2.6, -6.0),
        target=(0.2, 0.7, 0.2),
        zoom=1.5,
        sun=(-0.9, 0.75, -0.2),
        environment=studio("#4b4038", "#b9c6d6", (-0.8, 0.7, -0.6)),
        blur_at=1.6,
    )
    return finish(render([linen, *fruit], stage, width, height), 101, vignette=0.35, saturation=0.85)


def pears(width: int, height: int) -> Image.Image:
    """Two pears against a dark wall, lit from the side."""
    profile = [(0, 0.25), (0.12, 0.62), (0.5, 0.86), (0.95, 0.72), (1.4, 0.42), (1.85, 0.33)]
    profile += [(2.05, 0.22), (2.12, 0.02)]
    skin = ("#7d8a2a", "#c2b23c", "#d98e3a")
    green = ("#5f7d2c", "#97ad42", "#c9bf55")
    bodies = [
        _lathe((-0.55, 0, 0), profile, skin, turned(0, 0, 3)),
        _lathe((1.05, 0.03, 0.75), profile, green, turned(40, 6, -8)),
    ]
    stems = [
        _stick((-0.66, 2.25, 0), turned(0, 10, 16)),
        _stick((1.15, 2.2, 0.6), turned(0, 4, -26)),
    ]
    wall = Solid(lambda p: (4.5 - p[2]).astype(np.float32), cloth("#4a4034", "#64574a", 102), None)
    wood = table(planks("#2c1b10", "#6a4528", 103, 1.6), 0.03, 16)
    stage = Stage(
        eye=(0.1, 2.0, -6.4),
        target=(0.2, 1.1, 0.2),
        zoom=1.42,
        sun=(-0.75, 0.62, -0.6),
        environment=studio("#1d1a16", "#4b4742", (-0.9, 0.5, -0.35), 5),
        sun_color=(3.4, 2.9, 2.1),
        softness=6,
    )
    picture = render([wood, wall, *bodies, *stems], stage, width, height)
    return finish(picture, 102, contrast=0.1, vignette=0.5, saturation=0.8)


def baubles(width: int, height: int) -> Image.Image:
    """Mirror-like Christmas baubles that reflect each other."""
    places: list[tuple[Place, float, str]] = [
        ((-1.5, 0.9, 0.3), 0.9, "#a40f1c"),
        ((0.35, 0.7, -0.55), 0.7, "#c9982c"),
        ((1.75, 0.95, 0.7), 0.95, "#14508f"),
        ((0.2, 1.0, 1.9), 1.0, "#bfc4cc"),
        ((-0.75, 0.4, -1.35), 0.4, "#1d7a46"),
    ]
    balls = [_ball(at, radius, code) for at, radius, code in places]
    snow = table(cloth("#7c8598", "#9aa4b6", 105))
    stage = Stage(
        eye=(0.2, 2.5, -6.2),
        target=(0.15, 0.7, 0.1),
        zoom=1.5,
        sun=(0.7, 0.8, -0.4),
        environment=studio("#3b2b2a", "#6d5a66", (-0.7, 0.6, -0.7), 9),
        ambient=0.8,
        blur_at=0.9,
    )
    return finish(render([snow, *balls], stage, width, height), 105, bloom=0.2, saturation=0.9)


def coffee(width: int, height: int) -> Image.Image:
    """A cup of coffee with a milk leaf, from above."""

    def bowl(p: Points) -> Floats:
        around = np.hypot(p[0], p[2])
        flare = 0.92 + 0.3 * np.clip(p[1], 0, 1.3)
        wall = np.abs(around - flare) - 0.055
        side = np.maximum(wall, np.abs(p[1] - 0.72) - 0.55)
        loop = np.hypot(np.hypot(p[0] - 1.45, p[1] - 0.75) - 0.36, p[2]) - 0.09
        return np.asarray(np.minimum(side, np.maximum(loop, 1.2 - p[0])) * 0.85, np.float32)

    def saucer(p: Points) -> Floats:
        around = np.hypot(p[0], p[2])
        dish = np.abs(p[1] - 0.06 - 0.06 * np.clip(around - 0.9, 0, 2) ** 1.5) - 0.035
        return np.asarray(np.maximum(dish, around - 2.05) * 0.8, np.float32)

    def drink(p: Points) -> Floats:
        return np.asarray(np.maximum(p[1] - 1.0, np.hypot(p[0], p[2]) - 1.21), np.float32)

    def milk(p: Points) -> Floats:
        x, z = p[0] / 0.8 + 0.05 * fbm(p[0] * 4, p[2] * 4, 2, 111), p[2] / 0.8
        leaf = np.abs(x) - 0.72 * np.clip(1 - z * z, 0, 1) ** 0.8
        veins = np.sin((z * 1.0 + np.abs(x) * 1.1) * 17)
        cream = smoothstep(0.03, -0.06, leaf) * smoothstep(-0.35, 0.15, veins)
        cream = np.maximum(cream, smoothstep(0.05, 0.01, np.abs(x)) * smoothstep(1.05, 0.9, np.abs(z)))
        rim = smoothstep(0.95, 1.18, np.hypot(p[0], p[2]))
        base = ramp(rim, [(0, "#8a4f22"), (1, "#3d1d0b")])
        return np.asarray(mix(base, color("#f0dcb8"), cream * (1 - rim)) ** np.float32(2.2), np.float32)

    white = plain("#e9e6df")
    things = [
        table(planks("#3d2a1d", "#7d5a3c", 112, 1.5), 0.02, 14),
        Solid(bowl, white, ((0.3, 0.7, 0), 1.75), 0.045, 80),
        Solid(saucer, white, ((0, 0.1, 0), 2.1), 0.045, 80),
        Solid(drink, milk, ((0, 0.6, 0), 1.4), 0.03, 60),
        Solid(
            lambda p: rounded_box(local(p, (-1.5, 0.3, -1.15), turned(35)), (0.34, 0.16, 0.2), 0.03),
            plain("#d9cdb8"),
            ((-1.5, 0.3, -1.15), 0.45),
        ),
    ]
    stage = Stage(
        eye=(-0.5, 6.0, -3.3),
        target=(0.05, 0.5, 0.0),
        zoom=1.45,
        sun=(0.8, 0.75, 0.35),
        environment=studio("#4a423c", "#aeb6c0", (0.7, 0.8, 0.5), 4),
        softness=10,
    )
    return finish(render(things, stage, width, height), 112, vignette=0.4, saturation=0.85)
