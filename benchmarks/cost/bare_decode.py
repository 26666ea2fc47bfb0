"""Decode the JPEGs of a folder with Pillow, at draft scale, and do nothing else: the limit of indexing."""

from __future__ import annotations

import sys
from pathlib import Path

from PIL import Image

SIDE = 128  # the sides of the default model's input

for path in sorted(Path(sys.argv[1]).iterdir()):
    with Image.open(path) as image:
        image.draft("RGB", (SIDE, SIDE))
        image.load()
