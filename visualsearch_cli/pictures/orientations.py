"""The ways to turn a picture: as it is, mirrored, or in all eight orientations."""

from __future__ import annotations

from enum import Enum

from visualsearch_cli.pictures.image import Pixels


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
