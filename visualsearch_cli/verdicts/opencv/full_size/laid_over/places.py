"""What differs, parted into places: things that lie near each other are one."""

from __future__ import annotations

from collections.abc import Iterator

import cv2
import numpy as np

from visualsearch_cli.verdicts.comparison import Difference
from visualsearch_cli.verdicts.opencv.full_size.registration.laid_out import LARGE
from visualsearch_cli.verdicts.opencv.full_size.residual import Floats, Mask, Part, doubled
from visualsearch_cli.verdicts.opencv.pixels import Grey


def parts_of(mask: Mask) -> Iterator[tuple[Part, Mask]]:
    """Yield the box of each connected part of a mask, and where in the box it is.

    In a large mask, what is two pixels apart is connected: numbers of all its pixels would take more memory
    than the mask does.
    """
    is_large = mask.size > LARGE // 4
    rough = _halved(mask) if is_large else mask
    step = 2 if is_large else 1
    count, labels, stats, _ = cv2.connectedComponentsWithStats(rough.view(np.uint8))
    for label in range(1, count):
        x, y, w, h = (int(stats[label, number]) for number in range(4))
        here = labels[y : y + h, x : x + w] == label
        box = np.s_[step * y : step * (y + h), step * x : step * (x + w)]
        some = mask[box]
        if is_large:
            here = doubled(here, np.s_[0 : some.shape[0], 0 : some.shape[1]]) & some
        yield (
            np.s_[box[0].start : box[0].start + some.shape[0], box[1].start : box[1].start + some.shape[1]],
            here,
        )


def places_of(
    strength: Grey | Floats,
    differ: Mask,
    near: Mask,
    size: tuple[int, int],
    *,
    unit: float = 1.0,
    corner: tuple[int, int] = (0, 0),
    rim: int = 0,
    faint: bool = False,
) -> list[Difference]:
    """Return the places that differ, of a picture of (width, height).

    strength, differ, near: (h / 2, w / 2), of every other pixel of a part of it that begins at the corner.
    What is connected in `near` is one place, and of that what differs is. A strength of 1 is `unit`. rim:
    pixels around a place that are of it.
    """
    places = []
    for frame, here in parts_of(near):
        here = here & differ[frame]
        down, across = np.nonzero(here)
        y, x = corner[1] + 2 * frame[0].start, corner[0] + 2 * frame[1].start
        box = (
            max(0, x + 2 * int(across.min()) - rim),
            max(0, y + 2 * int(down.min()) - rim),
            min(size[0], x + 2 * int(across.max()) + 2 + rim),
            min(size[1], y + 2 * int(down.max()) + 2 + rim),
        )
        most = float(strength[frame][here].max() / np.float32(unit))
        places.append(Difference(box, box, most, 4 * len(down), faint=faint))
    return places


def _halved(mask: Mask) -> Mask:
    """Return where any of 2 by 2 pixels is in a mask, ((h + 1) / 2, (w + 1) / 2)."""
    height, width = mask.shape
    halved = np.zeros(((height + 1) // 2, (width + 1) // 2), np.bool_)
    for part in (mask[down::2, across::2] for down in (0, 1) for across in (0, 1)):
        halved[: part.shape[0], : part.shape[1]] |= part
    return halved
