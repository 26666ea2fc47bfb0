"""A part of a picture at another size, to a fraction of a pixel."""

from __future__ import annotations

import numpy as np
from PIL import Image

from visualsearch_cli.pictures.quality.past import Floats


def part_at(light: Floats, box: tuple[float, float, float, float], size: tuple[int, int]) -> Floats:
    """Return a part of a plane, float32 (h, w), at a size (width, height), by a cubic filter.

    box: left, top, right, bottom in pixels of the plane; what lies outside is left out.
    """
    height, width = light.shape
    left, top, right, bottom = box
    inside = max(0.0, left), max(0.0, top), min(float(width), right), min(float(height), bottom)
    resized = Image.fromarray(light).resize(size, Image.Resampling.BICUBIC, inside)
    return np.asarray(resized, np.float32)
