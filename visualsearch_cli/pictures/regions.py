"""Regions: overlapping parts of a picture that have vectors of their own.

The vector of a full frame is far from that of a small crop, and from that of a picture that holds it as a
part. A region is nearer to both: it shares more of the crop, and less of the surroundings.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from visualsearch_cli.errors import ImageUnreadable, IndexVersionUnsupported
from visualsearch_cli.named_tuples import NamedTuple
from visualsearch_cli.pictures.image import Pixels

FULL_FRAME = 0
"""The region number of the vector of the whole picture; others are parts of it."""


FIRST_WINDOW = 101
"""The number of the first of the windows that a query is looked at through; no scheme has so many regions."""

WITHIN_BORDER = -1  # the number of what `borders` leaves of a query; the regions of the index have others


class Region(NamedTuple):
    """A part of every picture. The sides of a picture run from 0 to 1, left to right and top to bottom."""

    number: int  # as in the catalog, above FULL_FRAME
    name: str  # "top left"
    left: float
    top: float
    right: float
    bottom: float

    def box(self, width: int, height: int) -> tuple[int, int, int, int]:
        """Return left, top, right and bottom in pixels of a picture: whole ones, never none."""
        left, top = math.floor(self.left * width), math.floor(self.top * height)
        right, bottom = math.ceil(self.right * width), math.ceil(self.bottom * height)
        return left, top, max(right, left + 1), max(bottom, top + 1)


class Side(NamedTuple):
    """A length in a picture: pixels, or a share of its width or height."""

    value: float
    is_percent: bool = False

    def pixels(self, whole: int) -> float:
        """Return it in pixels, of a picture of which that side is so long."""
        return self.value / 100 * whole if self.is_percent else self.value


class Cutting(NamedTuple):
    """A part of one picture, as somebody names it."""

    left: Side
    top: Side
    width: Side
    height: Side

    @classmethod
    def parsed(cls, text: str) -> Cutting:
        """Return what "X,Y,W,H" says, each in pixels or, with a % behind it, in percent.

        Raises ValueError if it says nothing that can be.
        """
        try:
            left, top, width, height = (
                Side(float(part.strip().removesuffix("%")), part.strip().endswith("%"))
                for part in text.split(",")
            )
        except ValueError:
            left = top = width = height = Side(-1.0)
        if not all(0 <= side.value < math.inf for side in (left, top, width, height)) or not (
            width.value and height.value
        ):
            raise ValueError(
                f"'{text}' is no region: expected left, top, width and height, in pixels or percent, such as "
                "100,50,400,300 or 10%,10%,50%,50%"
            )
        for side in (width, height):
            if not side.is_percent and side.value < 1:
                raise ValueError(
                    f"'{text}' is no region: {side.value:g} pixels are none; in percent it is written "
                    f"{100 * side.value:g}%"
                )
        return cls(left, top, width, height)

    @classmethod
    def given(cls, region: str | Sequence[float]) -> Cutting:
        """Return what a text says, or four numbers: left, top, width and height in pixels.

        Raises ValueError if they say nothing that can be.
        """
        if isinstance(region, str):
            return cls.parsed(region)
        try:
            text = ",".join(str(float(side)) for side in region)
        except (TypeError, ValueError):
            raise ValueError(
                f"region is {region!r}: expected a text such as '10%,10%,50%,50%', or four numbers of pixels"
            ) from None
        return cls.parsed(text)

    def box(self, width: int, height: int) -> tuple[int, int, int, int]:
        """Return left, top, right and bottom in pixels of a picture. What lies outside is cut off.

        Raises ImageUnreadable if all of it does.
        """
        left, top = round(self.left.pixels(width)), round(self.top.pixels(height))
        right = min(width, max(left + 1, round(self.left.pixels(width) + self.width.pixels(width))))
        bottom = min(height, max(top + 1, round(self.top.pixels(height) + self.height.pixels(height))))
        if left >= right or top >= bottom:
            raise ImageUnreadable(
                f"has {width} × {height} pixels, and the region lies outside: name one inside"
            )
        return left, top, right, bottom

    def reaches_beyond(self, width: int, height: int) -> bool:
        """Tell whether a part of it lies outside of a picture."""
        return (
            round(self.left.pixels(width) + self.width.pixels(width)) > width
            or round(self.top.pixels(height) + self.height.pixels(height)) > height
        )


class RegionScheme(NamedTuple):
    """How pictures are cut. Vectors of regions can be compared only if the same scheme cut them."""

    name: str  # with its version, as the manifest has it
    regions: tuple[Region, ...]  # numbered from FULL_FRAME + 1
    side: float  # of a region, as a share of the picture's

    def __len__(self) -> int:
        """The number of regions of a picture."""
        return len(self.regions)

    def parts(self, pixels: Pixels) -> list[Pixels]:
        """Return the regions of a picture by number, each in memory of its own."""
        height, width = pixels.shape[:2]
        boxes = [region.box(width, height) for region in self.regions]
        return [pixels[top:bottom, left:right].copy() for left, top, right, bottom in boxes]

    def name_of(self, number: int) -> str | None:
        """Return the name of a region or of what lies within a border, None for the full frame."""
        if number == WITHIN_BORDER:
            return "inner picture"
        if number >= FIRST_WINDOW:
            return WINDOWS[number - FIRST_WINDOW].name
        return None if number == FULL_FRAME else self.regions[number - FULL_FRAME - 1].name

    def min_side(self, input_side: int) -> int:
        """Return the least side of a picture whose regions have as many pixels as a model can use."""
        return math.ceil(input_side / self.side)


def _corners_and_center(name: str, side: float) -> RegionScheme:
    middle, end = (1 - side) / 2, 1 - side
    places = {
        "top left": (0.0, 0.0),
        "top right": (end, 0.0),
        "bottom left": (0.0, end),
        "bottom right": (end, end),
        "center": (middle, middle),
    }
    regions = (
        Region(number, place, left, top, left + side, top + side)
        for number, (place, (left, top)) in enumerate(places.items(), start=FULL_FRAME + 1)
    )
    return RegionScheme(name, tuple(regions), side)


CORNERS = _corners_and_center("corners5-60/1", 0.6)
"""Five overlapping parts of 60 % of each side. docs/regions.md says what they find, and what they cost."""


def _windows() -> tuple[Region, ...]:
    """Return parts of a third and of a half of each side, one beside the other and overlapping, and strips of
    a third and of a half."""
    thirds = [(x / 9, y / 9, 1 / 3, 1 / 3) for y in (0, 2, 4, 6) for x in (0, 2, 4, 6)]
    halves = [(x / 4, y / 4, 1 / 2, 1 / 2) for y in (0, 1, 2) for x in (0, 1, 2)]
    strips = [
        box
        for count in (3, 2)
        for number in range(count)
        for box in ((number / count, 0, 1 / count, 1), (0, number / count, 1, 1 / count))
    ]
    return tuple(
        Region(number, _as_cutting(*box), box[0], box[1], box[0] + box[2], box[1] + box[3])
        for number, box in enumerate([*thirds, *halves, *strips], start=FIRST_WINDOW)
    )


def _as_cutting(*sides: float) -> str:
    """Return a part of a picture as `--region` takes it."""
    return ",".join(f"{100 * side:.0f}%" for side in sides)


WINDOWS = _windows()
"""Parts of a query that may be a picture of their own: in a collage, in the corner of another one. An index
holds no such parts."""

SMALLEST_WINDOW = 1 / 3  # of a side


def scheme_of(name: str) -> RegionScheme:
    """Return the scheme that an index was made with.

    Raises IndexVersionUnsupported if this version does not know it.
    """
    if name != CORNERS.name:
        raise IndexVersionUnsupported(
            f"the regions of this index were cut by {name}, this version knows {CORNERS.name}: "
            "upgrade visualsearch-cli"
        )
    return CORNERS
