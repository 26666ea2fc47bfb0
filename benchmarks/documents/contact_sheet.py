"""All kinds side by side, to be looked at: do they look like the real things?"""

from __future__ import annotations

from pathlib import Path
from random import Random

from PIL import Image, ImageDraw

from benchmarks.documents.cases import sheet, token
from benchmarks.documents.fonts import face
from benchmarks.documents.kinds.registry import KINDS
from benchmarks.documents.sheet import Picture
from benchmarks.documents.shots.registry import RECOLORED, TAKES

COLUMNS = 8
CELL = 230  # pixels
NAME = 22  # pixels, below each
GROUND = (232, 232, 234)


def contact_sheet(seed: str) -> Picture:
    """Draw one of each kind, and the second shot of each kind of shots."""
    shown: dict[str, Picture] = {kind: sheet(kind, seed).picture for kind in KINDS}
    for kind, take in TAKES.items():
        if kind != RECOLORED:
            shown[kind] = take(Random(f"{kind} {seed} dress"), ()).b.picture()
    rows = -(-len(shown) // COLUMNS)
    whole = Image.new("RGB", (COLUMNS * CELL, rows * (CELL + NAME)), GROUND)
    drawing, font = ImageDraw.Draw(whole), face("sans").at(7)
    for place, (kind, picture) in enumerate(shown.items()):
        left, top = place % COLUMNS * CELL, place // COLUMNS * (CELL + NAME)
        small = picture.copy()
        small.thumbnail((CELL - 12, CELL - 12), Image.Resampling.LANCZOS)
        whole.paste(small, (left + (CELL - small.width) // 2, top + (CELL - small.height) // 2))
        drawing.text((left + CELL / 2, top + CELL + 8), kind, (40, 40, 44), font, "ms")
    return whole


def write_contact_sheet(file: Path, split: str, seed: int) -> None:
    """Draw it into a file of any format that Pillow writes."""
    contact_sheet(token(split, seed, 0)).save(file, quality=80)
