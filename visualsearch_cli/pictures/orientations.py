"""The ways to turn a picture: as it is, mirrored, or in all eight orientations."""

from __future__ import annotations

import math
from enum import Enum

from visualsearch_cli.pictures.image import Pixels

FREE_TURNS = (15, -15, 30, -30, 45, -45)
"""Degrees, against the clock: a network knows a picture again that is turned by half as much as lies between
two of them."""

_TURNED_SIDE = 512  # pixels, at most, of what is turned
_ONE_COLOR = 24  # levels by which four corners of one color differ


class Transforms(str, Enum):
    """Which of them are tried."""

    NONE = "none"
    MIRROR = "mirror"
    ALL = "all"


def orientations_of(pixels: Pixels, transforms: Transforms) -> list[Pixels]:
    """Return the picture in each orientation that is tried, the untouched one first."""
    if transforms is Transforms.NONE:
        return [pixels]
    if transforms is Transforms.MIRROR:
        return [pixels, pixels[:, ::-1]]
    turns = [pixels]
    for _ in range(3):
        turns.append(turns[-1].swapaxes(0, 1)[::-1])  # a quarter turn, as a view
    return turns + [turn[:, ::-1] for turn in turns]


def turned_freely(pixels: Pixels) -> list[Pixels]:
    """Return the picture turned back from each of some slants.

    If it was turned on a plain ground, which then fills its corners, it is what lies within the ground. Else
    it is the largest upright part of its shape that has no empty corners.
    """
    import numpy as np
    from PIL import Image  # late, as what follows: few queries need it

    from visualsearch_cli.pictures.borders import without_border

    whole = Image.fromarray(pixels)
    whole.thumbnail((_TURNED_SIDE, _TURNED_SIDE), Image.Resampling.BILINEAR)
    corners = [whole.getpixel((x, y)) for x in (0, whole.width - 1) for y in (0, whole.height - 1)]
    channels = [sorted(values) for values in zip(*corners, strict=True)]
    is_on_ground = all(values[-1] - values[0] <= _ONE_COLOR for values in channels)
    ground = tuple(values[1] for values in channels)
    found: list[Pixels] = []
    for degrees in FREE_TURNS:
        if is_on_ground:
            turned = whole.rotate(degrees, Image.Resampling.BILINEAR, expand=True, fillcolor=ground)
            inside = without_border(np.asarray(turned))
            found.append(np.asarray(turned) if inside is None else inside)
            continue
        angle, slimness = math.radians(abs(degrees)), max(whole.width, whole.height) / min(whole.size)
        share = 1 / (math.cos(angle) + slimness * math.sin(angle))
        width, height = (max(1, int(side * share)) for side in whole.size)
        left, top = (whole.width - width) // 2, (whole.height - height) // 2
        turned = whole.rotate(degrees, Image.Resampling.BILINEAR)
        found.append(np.asarray(turned.crop((left, top, left + width, top + height))))
    return found
