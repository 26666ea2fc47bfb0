"""Pictures of many kinds of things, under light that hides which are of one kind."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

from visualsearch_cli.pictures.image import Pixels

CELLS, SIDE = 6, 24


def kind(number: int, shot: int) -> Pixels:
    """Return a picture of a kind, uint8 (24, 24, 3): faint squares that are the kind's, under strong light
    that is the shot's own."""
    pattern = np.random.default_rng(number).choice([-1.0, 1.0], (CELLS, CELLS))
    chance = np.random.default_rng(1000 * number + shot)
    squares = np.kron(pattern, np.ones((SIDE // CELLS, SIDE // CELLS)))
    across = np.linspace(-1, 1, SIDE)
    waves = [across, np.cos(np.pi * across), across**3 - across]
    light = sum(
        chance.normal() * np.outer(a, b) for a in (*waves, np.ones(SIDE)) for b in (*waves, np.ones(SIDE))
    )
    gray = 128 + 7 * squares + 22 * light + chance.normal(0, 3, (SIDE, SIDE))
    return np.repeat(np.clip(gray, 0, 255).astype(np.uint8)[..., None], 3, axis=2)


def write_kinds(folder: Path, kinds: int = 40, shots: int = 6) -> Path:
    """Write pictures of some kinds, a folder a kind."""
    for number in range(kinds):
        where = folder / f"kind-{number:02}"
        where.mkdir(parents=True, exist_ok=True)
        for shot in range(shots):
            Image.fromarray(kind(number, shot)).save(where / f"{shot}.png")
    return folder
