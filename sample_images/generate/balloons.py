"""Hot-air balloons."""

import numpy as np
from PIL import Image

from sample_images.generate.canvas import (
    color,
    finish,
    grid,
    mix,
    ramp,
    resize,
    smoothstep,
)
from sample_images.generate.noise import fbm
from sample_images.generate.skies import cumulus


def balloons(width: int, height: int) -> Image.Image:
    """Striped hot-air balloons above fields."""
    x, y = grid(width * 3 // 2, height * 3 // 2)
    picture = ramp(y, [(0, "#3f86cf"), (0.6, "#b5d7ef"), (0.85, "#f4e8d2")])
    opacity, light = cumulus(x + 3, y, 331, base=0.72, top=0.45)
    picture = mix(picture, ramp(light, [(0, "#c2cbd6"), (1, "#ffffff")]), 0.7 * opacity)
    ground = 0.88 - 0.03 * fbm(x * 1.7, x * 0, 4, 332)
    depth = 0.1 / np.maximum(y - 0.80, 0.02)
    patch = fbm(np.floor(x * depth * 3.0 + 0.7 * depth) + 0.5, np.floor(depth * 9) + 0.3, 1, 333) + 0.3 * fbm(
        x * 20, y * 60, 3, 334
    )
    fields = ramp(patch, [(-0.6, "#3f5a26"), (-0.1, "#7d9a3a"), (0.3, "#c9b257"), (0.7, "#8a6a3a")])
    picture = mix(
        picture,
        mix(fields, color("#d5dccf"), smoothstep(0.95, 0.85, y)),
        smoothstep(0, 0.004, y - ground),
    )
    fleet = (
        (0.36, 0.36, 0.20, ("#d12f2a", "#f5d34a")),
        (0.98, 0.24, 0.11, ("#2457a8", "#f3f0e6")),
        (0.80, 0.60, 0.065, ("#2c8a4e", "#f08a24")),
        (1.17, 0.52, 0.045, ("#7a3a9a", "#f2c2d0")),
    )
    for cx, cy, size, stripes in fleet:
        u, v = (x - cx) / size, (y - cy) / size
        squeeze = np.where(v > 0, 1 - 0.5 * smoothstep(0.1, 1.25, v), 1)
        body = np.hypot(u / squeeze, np.where(v > 0, v * 0.80, v))
        mask = smoothstep(1.01, 0.985, body) * (v < 1.13)
        around = np.arcsin(np.clip(u / squeeze / np.sqrt(np.clip(1 - (v * 0.8) ** 2, 0.02, 1)), -1, 1))
        gores = np.sin(around * 8) > 0
        tone = np.where(gores[..., None], color(stripes[0]), color(stripes[1]))
        ribs = 1 - 0.18 * smoothstep(0.25, 0.0, np.abs(np.sin(around * 8)))
        shade = np.clip(0.95 - 0.42 * u - 0.30 * v, 0.25, 1.25) * ribs
        picture = mix(picture, (tone * shade[..., None]).astype(np.float32), mask.astype(np.float32))
        ropes = (np.abs(np.abs(u) - 0.30 + 0.45 * (v - 1.13)) < 0.012) & (v > 1.1) & (v < 1.42)
        basket = (np.abs(u) < 0.15) & (v > 1.42) & (v < 1.62)
        picture = mix(picture, color("#4a3a2a"), (ropes * 0.8).astype(np.float32))
        picture = mix(picture, color("#6a4526"), basket.astype(np.float32))
    return finish(resize(picture, width, height), 331, contrast=0.2)
