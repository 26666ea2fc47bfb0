"""A fit in words: "crop of 62 %, scaled 0.50, no rotation"."""

from __future__ import annotations

import math

from visualsearch_cli.verdicts.comparison import Alignment, Proof
from visualsearch_cli.verdicts.evidence import Box, Matrix
from visualsearch_cli.verdicts.rules import (
    LEAST_MARK,
    MOST_REFOCUSED,
    Settled,
    is_cut_out,
    is_paper,
    is_recolored,
)
from visualsearch_cli.wording import counted

WHOLE = 0.985  # share of a frame that counts as all of it
STRETCHED = 0.02
LEAST_DRAWN = 0.002  # share of the area
MOST_PLACES = 50  # that a finding names, and that are counted
TILTED = 0.03  # how much the scale may change across the frame


def describe(alignment: Alignment, size_a: tuple[int, int], size_b: tuple[int, int]) -> str:
    """Say how B lies in A. Sizes are (width, height) in pixels, of the full pictures."""
    agreement = alignment.agreement
    parts = [
        _frame(agreement.covered_a, agreement.covered_b),
        f"scaled {scale_of(alignment, size_a, size_b):.2f}",
        *_shape(alignment, _pixels_at_center(alignment.matrix, size_a, size_b)),
        *(["bent as by a lens"] if alignment.lens else []),
        *(["light and dark turned around"] if alignment.inversion else []),
    ]
    return ", ".join(parts)


def scale_of(alignment: Alignment, size_a: tuple[int, int], size_b: tuple[int, int]) -> float:
    """Return how large B is beside A, along a side, in the middle of B."""
    linear = _pixels_at_center(alignment.matrix, size_a, size_b)
    return 1 / math.sqrt(max(1e-12, abs(_determinant(linear))))


def _frame(covered_a: float, covered_b: float) -> str:
    if covered_a >= WHOLE and covered_b >= WHOLE:
        return "full frame"
    if covered_b >= WHOLE:
        return f"crop of {_percent(covered_a)}"
    if covered_a >= WHOLE:
        return f"all of it on {_percent(covered_b)} of a larger picture"
    return f"{_percent(covered_a)} of it, on {_percent(covered_b)} of the other"


def _shape(alignment: Alignment, linear: tuple[float, float, float, float]) -> list[str]:
    """Return mirroring, rotation, stretching and perspective. `linear` is in pixels of B to pixels of A."""
    xx, xy, yx, yy = linear
    if alignment.mirrored:
        xx, yx = -xx, -yx
    parts = ["mirrored"] if alignment.mirrored else []
    # The rotation nearest to the linear map. It takes B to A; words say what was done to A. y points down.
    degrees = math.degrees(math.atan2(yx - xy, xx + yy))
    if abs(degrees) < 0.5:
        parts.append("no rotation")
    else:
        way = "counterclockwise" if degrees > 0 else "clockwise"
        turned = "half a turn" if abs(degrees) > 179.5 else f"rotated {abs(degrees):.0f}° {way}"
        parts.append(turned)
    stretch = _stretch((xx, xy, yx, yy))
    if stretch > 1 + STRETCHED:
        parts.append(f"stretched by {_percent(stretch - 1)}")
    if _tilt(alignment.matrix) > TILTED:
        parts.append("in perspective")
    return parts


def _pixels_at_center(
    matrix: Matrix, size_a: tuple[int, int], size_b: tuple[int, int]
) -> tuple[float, float, float, float]:
    """Return the derivative of the map at the middle of B, in pixels of A by pixels of B: xx, xy, yx, yy."""
    (a, b, c), (d, e, f), (g, h, i) = matrix
    depth = (g + h) / 2 + i
    u, v = ((a + b) / 2 + c) / depth, ((d + e) / 2 + f) / depth
    width, height = size_a
    return (
        (a - u * g) / depth * width / size_b[0],
        (b - u * h) / depth * width / size_b[1],
        (d - v * g) / depth * height / size_b[0],
        (e - v * h) / depth * height / size_b[1],
    )


def _determinant(linear: tuple[float, float, float, float]) -> float:
    xx, xy, yx, yy = linear
    return xx * yy - xy * yx


def _stretch(linear: tuple[float, float, float, float]) -> float:
    """Return the ratio of the singular values of a linear map, the larger by the smaller."""
    xx, xy, yx, yy = linear
    total = xx * xx + xy * xy + yx * yx + yy * yy
    product = abs(_determinant(linear))
    root = math.sqrt(max(0.0, total * total - 4 * product * product))
    return math.sqrt((total + root) / max(1e-12, total - root))


def _tilt(matrix: Matrix) -> float:
    """Return how much the depth changes across the frame, in parts of it."""
    g, h, i = matrix[2]
    depths = [g * x + h * y + i for x in (0, 1) for y in (0, 1)]
    return max(depths) / min(depths) - 1


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %" if share >= 0.0095 else f"{100 * share:.1f} %"


def describe_differences(settled: Settled, proof: Proof, size: tuple[int, int], drawn: float = 0.0) -> str:
    """Say why two pictures that lie on each other are no copies, or what was drawn over.

    size: of A, in pixels. drawn: the share of the area that was drawn over.
    """
    if settled.two_shots:
        if proof.refocused > MOST_REFOCUSED:
            return "two shots: each is sharp in another place"
        return "two shots: each has noise of its own"
    if settled.moved:
        where = f", most of all {_where(settled.differences[0].box_a, size)}" if settled.differences else ""
        return f"another moment: things moved a little{where}"
    if settled.lies_otherwise:
        return "a drawing on clear ground that is mirrored, turned, bent or elsewhere: another one"
    if settled.recolored and not is_recolored(proof.toning):
        return "a thing in another color"
    if settled.recolored:
        return f"other colors: the hues are turned by {abs(proof.toning.hue):.0f}°"
    if settled.go_on_apart:
        return "equal where both show the same, and each shows what the other does not"
    if settled.verdict is None and not settled.differences:
        thing = "a drawing on clear ground" if is_cut_out(proof) else "a page, which may hide other writing"
        return f"other light on {thing}"
    share = f"{_percent(drawn)} drawn over" if drawn >= LEAST_DRAWN else ""
    if settled.illegible:
        return "the smaller one cannot show the writing"
    if not settled.differences:
        return share
    count = len(settled.differences)
    if is_cut_out(proof):
        return f"the drawing differs at {counted(count, 'place')}"
    if is_paper(proof):
        return describe_writing(count)
    strongest = settled.differences[0]
    where = _where(strongest.box_a, size)
    if settled.verdict is None:
        return f"shows something else {where}"
    if share or strongest.strength >= LEAST_MARK:
        return f"{share or 'drawn over'} {where}"
    return f"slightly different {where}"


def describe_direction(made: int | None) -> str:
    """Say which of two pictures was made of the other one, 0 or 1."""
    return "" if made is None else "A was made of B" if made == 0 else "B was made of A"


def describe_profile(lost: int) -> str:
    """Say which of two pictures lost its color profile, 0 or 1."""
    return f"{'AB'[lost]} lost its color profile"


def told_of_b(reason: str, a: str) -> str:
    """Return a reason for readers who see B alone, and know A as something, such as "the kept file"."""
    for said, told in (
        (describe_direction(0), f"{a} was made of it"),
        (describe_direction(1), f"made of {a}"),
        (describe_profile(0), f"{a} lost its color profile"),
        (describe_profile(1), "lost its color profile"),
    ):
        reason = reason.replace(said, told)
    return reason


def describe_writing(places: int) -> str:
    """Say at how many places two pages differ."""
    if places > MOST_PLACES:
        return f"the writing differs at more than {MOST_PLACES} places"
    return f"the writing differs at {counted(places, 'place')}"


def _where(box: Box, size: tuple[int, int]) -> str:
    """Say in which ninth of a picture the middle of a box lies."""
    x, y = (min(2, 3 * (box[side] + box[side + 2]) // (2 * max(1, size[side]))) for side in (0, 1))
    rows, columns = ("upper", "", "lower"), ("left", "", "right")
    if x == y == 1:
        return "in the middle"
    if y == 1:
        return f"at the {columns[x]}"
    if x == 1:
        return "at the top" if y == 0 else "at the bottom"
    return f"at the {rows[y]} {columns[x]}"
