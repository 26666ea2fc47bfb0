"""Landscapes made of terrain: mountains, wooded hills, dunes, a lake panorama, a road."""

import numpy as np
from PIL import Image

from sample_images.generate.canvas import color, finish, grid, mix, ramp, resize, smoothstep
from sample_images.generate.noise import Floats, fbm, ridged
from sample_images.generate.skies import cloud_deck, cumulus
from sample_images.generate.terrain import View, look, shade

SCALE = 1.5  # rendered larger, then averaged down


def _large(width: int, height: int) -> tuple[int, int]:
    return round(width * SCALE), round(height * SCALE)


def alps(width: int, height: int) -> Image.Image:
    """Snow peaks behind a dark wooded slope."""

    def level(x: Floats, z: Floats) -> Floats:
        rise = smoothstep(3, 11, z)
        massif = 0.45 + 1.1 * np.exp(-(((x - 2.2) / 3.2) ** 2)) + 0.3 * np.exp(-(((x + 7) / 2.5) ** 2))
        peaks = ridged(x * 0.16 + 3.1, z * 0.16, 8, 11) * 3.6 * rise * massif
        wood = 0.05 * np.abs(fbm(x * 9, z * 9, 3, 5)) * (1 - smoothstep(3, 6, z))
        return np.asarray(peaks + 0.35 * fbm(x * 0.5, z * 0.5, 5, 12) + wood, np.float32)

    w, h = _large(width, height)
    sun = np.array([-0.75, 0.55, -0.25], np.float32)
    ground = look(level, View(1.15, 0.60, 1.25, 0.8, 30, 640), w, h, sun)
    light = shade(ground, sun)[..., None]
    steep = np.hypot(ground.slope_x, ground.slope_z)
    mottle = fbm(ground.x * 3, ground.z * 3, 5, 21)
    snow = smoothstep(1.0, 1.5, ground.height + 0.5 * mottle) * smoothstep(2.1, 1.2, steep)
    rock = ramp(mottle, [(-0.6, "#4a4640"), (0, "#756b60"), (0.6, "#938a7e")])
    forest = ramp(mottle, [(-0.5, "#16241a"), (0.1, "#26391f"), (0.6, "#4d5a2c")])
    surface = mix(forest, rock, smoothstep(0.45, 0.95, ground.height + 0.3 * mottle))
    surface = mix(surface, color("#f4f6fa"), snow)
    sunshine, ambient = np.array([1.25, 1.1, 0.92]), np.array([0.26, 0.33, 0.47])
    picture = surface * (light * sunshine + ambient)
    picture = mix(picture, color("#a9c0dc"), 1 - np.exp(-ground.z / 42))
    x, y = grid(w, h)
    blue = ramp(y, [(0, "#1f5fae"), (0.35, "#5b97d6"), (0.62, "#c3daf0")])
    opacity, lit = cloud_deck(x - 0.7, 0.66 - y, 40, scale=0.55, cover=-0.12)
    blue = mix(blue, ramp(lit, [(0, "#c9d3e0"), (0.7, "#ffffff")]), 0.75 * opacity)
    picture = mix(picture.astype(np.float32), blue, ground.sky)
    return finish(resize(picture, width, height), 1, contrast=0.25, saturation=0.85)


def misty_hills(width: int, height: int) -> Image.Image:
    """Wooded ridges one behind another, mist in the valleys, early sun."""

    def level(x: Floats, z: Floats) -> Floats:
        folds = fbm(x * 0.55 + 9, z * 0.8, 5, 51) * 0.95 + 0.045 * z
        trees = np.abs(fbm(x * 14, z * 14, 3, 52)) * 0.055
        return (folds + trees).astype(np.float32)

    w, h = _large(width, height)
    sun = np.array([0.8, 0.32, 0.45], np.float32)
    ground = look(level, View(1.05, 0.40, 1.0, 0.7, 26, 800), w, h, sun)
    light = shade(ground, sun)[..., None]
    mottle = fbm(ground.x * 5, ground.z * 5, 4, 53)
    woods = ramp(mottle, [(-0.5, "#1c2a16"), (0, "#33431d"), (0.5, "#6d6328")])
    picture = woods * (0.42 + light * np.array([2.3, 1.6, 0.9]))
    valley = np.exp(-np.maximum(ground.height - 0.045 * ground.z + 0.35, 0) * 3.2)
    haze = 1 - np.exp(-ground.z / 8.5 * (0.35 + 1.5 * valley))
    x, y = grid(w, h)
    glow = np.exp(-(((x - 1.15) / 0.55) ** 2) - ((y - 0.33) / 0.3) ** 2)
    mist = mix(np.broadcast_to(color("#b3b8c6"), (h, w, 3)), color("#ffd9a0"), 0.9 * glow)
    picture = mix(picture.astype(np.float32), mist, np.clip(haze, 0, 0.97))
    dawn = ramp(y, [(0, "#8fa3c4"), (0.2, "#d7c3b6"), (0.42, "#f6d2a2")])
    dawn = mix(dawn, color("#fff0cf"), 0.8 * glow)
    picture = mix(picture, dawn, ground.sky)
    return finish(resize(picture, width, height), 2, contrast=0.3, bloom=0.12, saturation=0.95)


def dunes(width: int, height: int) -> Image.Image:
    """Sand dunes in the evening, ripples in the foreground."""

    def level(x: Floats, z: Floats) -> Floats:
        bend = fbm(x * 0.35, z * 0.35, 2, 63)
        crests = 1 - np.abs(fbm(x * 0.28 + bend * 0.8, z * 0.5 + 0.35 * x, 2, 64)) * 1.9
        near = np.exp(-z / 1.6)
        ripples = np.sin(x * 48 + 9 * fbm(x * 2, z * 2, 2, 65) + z * 95) * 0.0022 * near
        return np.asarray(crests * 1.05 * smoothstep(0.3, 4, z) + ripples, np.float32)

    w, h = _large(width, height)
    sun = np.array([-0.85, 0.30, 0.35], np.float32)
    ground = look(level, View(0.95, 0.34, 1.1, 0.45, 14, 1300), w, h, sun)
    light = shade(ground, sun)[..., None]
    grainy = fbm(ground.x * 40, ground.z * 40, 2, 66) * np.exp(-ground.z)
    sand = ramp(grainy, [(-0.6, "#b5713a"), (0.6, "#d6945a")])
    picture = sand * (np.array([0.38, 0.30, 0.36]) + light * np.array([1.75, 1.25, 0.8]))
    picture = mix(picture.astype(np.float32), color("#eec39a"), 1 - np.exp(-ground.z / 30))
    _, y = grid(w, h)
    sky = ramp(y, [(0, "#3f6fae"), (0.2, "#93aecb"), (0.36, "#f0d2ae")])
    picture = mix(picture, sky, ground.sky)
    return finish(resize(picture, width, height), 3, contrast=0.3, saturation=0.72)


def lake_panorama(width: int, height: int) -> Image.Image:
    """A wide autumn valley with a lake and heaped clouds."""

    def level(x: Floats, z: Floats) -> Floats:
        hills = fbm(x * 0.22 + 5, z * 0.22, 6, 71) * 1.9 + 0.10 * (z - 9)
        trees = np.abs(fbm(x * 10, z * 10, 3, 72)) * 0.05
        return np.maximum(hills + trees, 0).astype(np.float32)

    w, h = _large(width, height)
    sun = np.array([0.6, 0.6, -0.5], np.float32)
    ground = look(level, View(0.8, 0.52, 1.3, 1.2, 34, 700), w, h, sun)
    light = shade(ground, sun)[..., None]
    mottle = fbm(ground.x * 4, ground.z * 4, 5, 73)
    stops = [(-0.5, "#28421c"), (-0.1, "#5f6a22"), (0.2, "#a8701c"), (0.5, "#b8481a")]
    picture = ramp(mottle, stops) * (0.4 + light * np.array([1.25, 1.15, 0.95]))
    water = smoothstep(0.012, 0.0, ground.height)
    waves = fbm(ground.x * 6, ground.z * 22, 3, 74)
    picture = mix(picture.astype(np.float32), ramp(waves, [(-1, "#3c6488"), (1, "#86aac6")]), water)
    x, y = grid(w, h)
    shore = smoothstep(0.62, 0.70, y - 0.012 * waves)
    picture = mix(picture, color("#6d6a3a"), 0.55 * water * (1 - shore))
    picture = mix(picture, color("#b9cbe0"), 1 - np.exp(-ground.z / 36))
    sky = ramp(y, [(0, "#3a78c0"), (0.5, "#b4d2ec")])
    opacity, lit = cumulus(x, y, 75, base=0.42, top=0.06)
    sky = mix(sky, ramp(lit, [(0, "#9aa7b8"), (0.6, "#f4f4f2"), (1, "#ffffff")]), opacity)
    picture = mix(picture, sky, ground.sky)
    return finish(resize(picture, width, height), 4, contrast=0.2, vignette=0.12, saturation=0.8)


def country_road(width: int, height: int) -> Image.Image:
    """An empty road across a plain under a heavy sky."""

    def level(x: Floats, z: Floats) -> Floats:
        far = smoothstep(5, 14, z) * np.maximum(fbm(x * 0.3, z * 0.3, 5, 81) * 1.6 + 0.3, 0)
        verge = smoothstep(0.10, 0.2, np.abs(x - 0.06 * z * np.sin(z * 0.5)))
        grass = verge * (0.006 + 0.018 * np.abs(fbm(x * 45, z * 30, 2, 82)))
        return np.asarray(far + grass, np.float32)

    w, h = _large(width, height)
    sun = np.array([-0.5, 0.5, 0.6], np.float32)
    ground = look(level, View(0.11, 0.5, 1.0, 0.16, 30, 900), w, h, sun)
    light = shade(ground, sun)[..., None]
    off = ground.x - 0.06 * ground.z * np.sin(ground.z * 0.5)
    mottle = fbm(ground.x * 30, ground.z * 12, 4, 83)
    patches = fbm(ground.x * 1.3, ground.z * 0.6, 3, 84)
    grass = ramp(mottle + patches, [(-0.7, "#5e5a22"), (0, "#a08c3c"), (0.7, "#d9c069")])
    asphalt = ramp(fbm(ground.x * 60, ground.z * 40, 2, 85), [(-0.7, "#3b3b40"), (0.7, "#57575c")])
    surface = mix(grass, asphalt, smoothstep(0.112, 0.105, np.abs(off)))
    dashes = smoothstep(0.0, 0.1, np.sin(ground.z * 16).astype(np.float32))
    paint = smoothstep(0.0045, 0.003, np.abs(off)) * dashes
    paint = np.maximum(paint, smoothstep(0.004, 0.0025, np.abs(np.abs(off) - 0.096)))
    surface = mix(surface, color("#e6e2d4"), paint * 0.9)
    picture = surface * (0.55 + light * np.array([1.0, 0.9, 0.72]))
    picture = mix(picture.astype(np.float32), color("#8d97ab"), 1 - np.exp(-ground.z / 18))
    x, y = grid(w, h)
    sky = ramp(y, [(0, "#4b5670"), (0.3, "#7f8aa2"), (0.52, "#e3c9a0")])
    opacity, lit = cloud_deck(x - 0.8, 0.52 - y, 86, scale=0.8, cover=0.3)
    storm = ramp(lit, [(0.15, "#2f3646"), (0.6, "#7b8397"), (0.95, "#f0d8b0")])
    picture = mix(picture, mix(sky, storm, 0.9 * opacity), ground.sky)
    return finish(resize(picture, width, height), 5, contrast=0.3, saturation=0.75)
