"""Boxes to draw over a thumbnail, around the places where two pictures differ."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from visualsearch_cli.verdicts.evidence import Box

AROUND = 3.0  # pixels of the thumbnail, between a place and its box
LEAST = 10.0  # pixels that a box measures at least: one letter of a page is smaller than a pixel
RIM = 1.0  # pixels that a box stays inside the thumbnail, so that all of its line is seen


@dataclass(frozen=True, slots=True)
class Mark:
    """A box, in pixels of a thumbnail."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def width(self) -> float:
        """Pixels."""
        return self.right - self.left

    @property
    def height(self) -> float:
        """Pixels."""
        return self.bottom - self.top

    def meets(self, other: Mark) -> bool:
        """Tell whether two boxes overlap."""
        across = self.left < other.right and other.left < self.right
        return across and self.top < other.bottom and other.top < self.bottom

    def joined(self, other: Mark) -> Mark:
        """Return the box around both."""
        return Mark(
            min(self.left, other.left),
            min(self.top, other.top),
            max(self.right, other.right),
            max(self.bottom, other.bottom),
        )


def marks(boxes: Iterable[Box], size: tuple[int, int], shown: tuple[int, int]) -> tuple[Mark, ...]:
    """Return the marks of places of a picture; what overlaps is one mark, from top to bottom.

    size: width and height of the picture. shown: those of its thumbnail.
    """
    apart: list[Mark] = []  # never more than fit beside each other
    for box in boxes:
        mark = _mark(box, size, shown)
        while met := [other for other in apart if other.meets(mark)]:
            apart = [other for other in apart if other not in met]
            for other in met:
                mark = mark.joined(other)
        apart.append(mark)
    return tuple(sorted(apart, key=lambda mark: (mark.top, mark.left)))


def _mark(box: Box, size: tuple[int, int], shown: tuple[int, int]) -> Mark:
    left, right = _span(box[0], box[2], size[0], shown[0])
    top, bottom = _span(box[1], box[3], size[1], shown[1])
    return Mark(left, top, right, bottom)


def _span(start: int, end: int, side: int, shown: int) -> tuple[float, float]:
    """Return where a box begins and ends on one side of a thumbnail."""
    scale = shown / max(1, side)
    middle = (start + end) / 2 * scale
    half = max((end - start) / 2 * scale + AROUND, LEAST / 2)
    most = max(RIM, shown - RIM)
    low, high = (round(min(max(edge, RIM), most), 1) for edge in (middle - half, middle + half))
    return low, high
