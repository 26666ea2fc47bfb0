"""What a detector finds in a picture."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum
from typing import Protocol

from visualsearch_cli.named_tuples import NamedTuple
from visualsearch_cli.pictures.image import Pixels

MOST_PARTS = 8  # of a picture: those that a detector is surest of


class Kind(str, Enum):
    """What a part shows: what a detector looks for, or what somebody named."""

    FACE = "face"
    OBJECT = "object"
    REGION = "region"


class Part(NamedTuple):
    """A part of a picture that shows something: whole pixels of the picture as it is shown, never none."""

    kind: Kind
    left: int
    top: int
    width: int
    height: int
    score: float  # how sure the detector is, 0 to 1; 1 for what somebody named
    name: str = ""  # of the class, if the file of the detector has names

    @property
    def what(self) -> str:
        """What it shows, in a word."""
        return self.name or self.kind.value

    @property
    def region(self) -> str:
        """It as `query --region` takes it."""
        return f"{self.left},{self.top},{self.width},{self.height}"

    def of(self, pixels: Pixels) -> Pixels:
        """Return this part of a picture, uint8 (height, width, 3), in memory of its own."""
        part: Pixels = pixels[self.top : self.top + self.height, self.left : self.left + self.width].copy()
        return part


def with_part(path: str, part: Part | None) -> str:
    """Return a path with the part of the picture that is meant."""
    if part is None:
        return path
    sure = "" if part.kind is Kind.REGION else f", {part.score:.0%} sure"
    return f"{path} ({part.what} at {part.region}{sure})"


class Detector(Protocol):
    """Finds parts of pictures."""

    @property
    def kind(self) -> Kind:
        """What it looks for."""

    def find(self, pixels: Pixels) -> Sequence[Part]:
        """Return the parts of a picture, uint8 (height, width, 3) RGB, at most MOST_PARTS, the surest first.

        Raises ModelUnavailable if its file does not work.
        """


def part_between(
    kind: Kind,
    left: float,
    top: float,
    right: float,
    bottom: float,
    score: float,
    pixels: Pixels,
    name: str = "",
) -> Part | None:
    """Return the part between some sides, in pixels, cut off where the picture ends; None if none is left."""
    height, width = pixels.shape[:2]
    x, y = max(0, round(left)), max(0, round(top))
    right, bottom = min(width, round(right)), min(height, round(bottom))
    if right <= x or bottom <= y:
        return None
    return Part(kind, x, y, int(right - x), int(bottom - y), round(min(1.0, score), 4), name)
