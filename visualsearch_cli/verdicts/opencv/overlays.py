"""What was drawn over a picture, told from what has moved.

A drawing has two colours, or is made of sharp letters, has an outline of its own, and lies over a picture
that goes on below it. What was hidden by a mosaic or a blur has lost its detail, and no more.
"""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from visualsearch_cli.named_tuples import NamedTuple
from visualsearch_cli.pictures.quality.ranks import quantile
from visualsearch_cli.verdicts.opencv.alignment import Aligned
from visualsearch_cli.verdicts.opencv.pixels import correlation, largest, luma

Floats = npt.NDArray[np.float32]
Mask = npt.NDArray[np.bool_]

PALETTE = 14 / 255  # how far the pixels of a drawing stray from its colours
FLATTER = 0.5  # as much of the picture's contrast, if that is less
COLORS = 2
CLOSE = 5  # cells: gaps where a drawing happens to have the colour of what is below
RIM = 9  # cells: twice as far as the edges of a drawing are blurred
STRAYS = 0.20  # share of the inner cells that may have another colour
EXACT_PALETTE = 0.06  # as PALETTE, STRAYS and LOST, where the rest is exactly the same
EXACT_STRAYS = 0.25
EXACT_LOST = 0.2
ALIKE = 0.75  # correlation with what is below, from which it is the same thing in another colour
OWN = 1.4  # edges along the outline of a drawing on something flat, beside those of the latter
LEAST_INNER = 12  # cells
EDGE = 0.35  # slope of the luma, as Sobel's filter gives it, from which there is an edge
OUTLINED = 0.5  # share of the outline of a drawing that has one
LOST = 0.08  # share of it where only the other picture has one
CONTINUED = 1.6  # edges along it in the picture below, beside those around: above, the thing is there too
SPREAD = 7  # cells: how far apart the light and the dark of letters may be
LETTERS = 0.45  # contrast within that, everywhere in a line of letters
EVERYWHERE = 0.9  # share of its cells
SHARPER = 1.6  # that contrast, beside the one of the picture below
VEILED = 0.45  # of the contrast of neighboring cells, that a mosaic or a blur leaves at most
BETWEEN_EDGES = 0.3  # quantile of that contrast
EVENED = 0.35  # of what differs, that is left of it where both are evened out: detail is light and dark alike
EVENER = 5  # cells at least, over which both are
MOST_VEILED = 0.25  # share of the cells
DARKER = 0.05  # share of the cells of a white veil, that may be darker instead


class Drawings(NamedTuple):
    """Which of the differing cells belong to a drawing."""

    shapes: Mask
    letters: Mask
    veils: Mask  # where one picture may be paler by a share that only a look at full size can tell
    opened: Mask  # what else it has to tell of two pictures that may be one exposure


def drawings(
    aligned: Aligned,
    differs: Mask,
    moves: Mask,
    most_moved: float,
    *,
    exact: bool = False,
    veils: bool = False,
    opened: bool = False,
) -> Drawings | None:
    """Find the drawings among the cells that differ.

    If the rest of both pictures is `exact`ly the same, no camera took the second one: what differs was put
    there, and is less strictly looked at. With `veils`, what may be mixed with white is found too; with
    `opened`, what shows another thing is left to the look at full size. Returns None as soon as more than so
    many of the cells that move, unless they are drawn, are not.
    """
    shapes, letters, veiled, left_open = (np.zeros(differs.shape, np.bool_) for _ in range(4))
    if not differs.any():
        return Drawings(shapes, letters, veiled, left_open)
    closed = cv2.morphologyEx(differs.astype(np.uint8), cv2.MORPH_CLOSE, _square(CLOSE))
    count, labels, stats, _ = cv2.connectedComponentsWithStats(cv2.dilate(closed, _square(3)))
    sides = [Side(aligned.sharp_a), Side(aligned.sharp_b)]
    hidden = [0, 0]
    moved, paler = 0, 0
    for label in range(1, count):
        x, y, width, height = (int(stats[label, part]) for part in range(4))
        frame = np.s_[max(0, y - 4) : y + height + 4, max(0, x - 4) : x + width + 4]
        whole = (labels[frame] == label).astype(np.uint8)
        region = (whole > 0) & differs[frame]
        if any(has_letters(over, under, frame, region) for over, under in (sides, sides[::-1])):
            letters[frame] |= region
        elif any(is_shape(over, under, frame, whole, exact) for over, under in (sides, sides[::-1])):
            shapes[frame] |= region
        elif (side := _veiled_side(sides, frame, region)) is not None and not hidden[1 - side]:
            hidden[side] += int(np.count_nonzero(region))
            if hidden[side] > MOST_VEILED * differs.size:
                return None
            shapes[frame] |= region
        elif veils and any(_may_be_veil(over, under, frame, region) for over, under in (sides, sides[::-1])):
            veiled[frame] |= region
            paler += int(np.count_nonzero(region & moves[frame]))
        elif opened and _is_other(moves[frame], region):
            left_open[frame] |= region
        else:
            moved += int(np.count_nonzero(region & moves[frame]))
            if moved > most_moved:
                return None
    if moved + paler <= most_moved:  # as little may have moved in any copy
        veiled[:] = False
    return Drawings(shapes, letters, veiled, left_open)


class Side:
    """One of two aligned pictures."""

    def __init__(self, grid: Floats) -> None:
        self.grid = grid
        self.luma = luma(grid)
        self.palette = min(PALETTE, FLATTER * float(self.luma.std()))
        across, down = (cv2.Sobel(self.luma, cv2.CV_32F, x, 1 - x) for x in (1, 0))
        # The strongest edge nearby: the blur that made cells differ moved the outline by as much.
        self.edges = cv2.dilate(np.hypot(across, down), _square(5))
        lightest, darkest = cv2.dilate(self.luma, _square(SPREAD)), cv2.erode(self.luma, _square(SPREAD))
        self.range = lightest - darkest


def _veiled_side(sides: list[Side], frame: tuple[slice, slice], region: Mask) -> int | None:
    """Tell which of two pictures shows a region without its detail, and else alike: 0, 1 or None.

    What has moved leaves other light behind; a camera that focuses anew blurs one place and sharpens another.
    """
    lights = [side.luma[frame] for side in sides]
    # Not the median: a mosaic has edges of its own.
    contrasts = [quantile(_contrast(light)[region], BETWEEN_EDGES) for light in lights]
    side = int(np.argmin(contrasts))
    if contrasts[side] > VEILED * contrasts[1 - side]:
        return None
    evener = max(EVENER, min(region.shape) // 3)
    off = np.where(region[..., None], sides[0].grid[frame] - sides[1].grid[frame], np.float32(0))
    evened = cv2.boxFilter(off, cv2.CV_32F, (evener, evener))
    left, all_ = (float(np.abs(values)[region].mean()) for values in (np.asarray(evened), off))
    return side if left < EVENED * all_ else None


def _is_other(moves: Mask, region: Mask) -> bool:
    """Tell whether most of a region shows another thing, and not the same one in another color."""
    return bool(2 * np.count_nonzero(moves & region) > np.count_nonzero(region))


def _may_be_veil(over: Side, under: Side, frame: tuple[slice, slice], region: Mask) -> bool:
    """Tell whether a region is the other picture's, mixed with white: not darker, and all channels alike."""
    light, below = over.luma[frame][region], under.luma[frame][region]
    off = light - below
    if float((off < -PALETTE / 2).mean()) > DARKER:
        return False
    shares = np.clip(off / np.maximum(1 - below, PALETTE), 0, 1)[:, None]
    colors = under.grid[frame][region]
    left = largest(np.abs(over.grid[frame][region] - colors - shares * (1 - colors)))
    return float(left.mean()) < PALETTE


def _contrast(light: Floats) -> Floats:
    """Return the standard deviation among each cell and its neighbors."""
    middle, square = (cv2.boxFilter(values, cv2.CV_32F, (3, 3)) for values in (light, light * light))
    return np.sqrt(np.maximum(square - middle * middle, 0))


def is_shape(
    over: Side, under: Side, frame: tuple[slice, slice], whole: npt.NDArray[np.uint8], exact: bool
) -> bool:
    """Tell whether a region has two colours at most, and an outline that the other picture has not.

    A thing in another colour has its outline in both pictures. Something that moved away uncovers a plain
    background, but its outline is then in the picture that still shows it.
    """
    inner = cv2.erode(whole, _square(RIM)) > 0
    palette, strays = (EXACT_PALETTE, EXACT_STRAYS) if exact else (over.palette, STRAYS)
    if inner.sum() < LEAST_INNER or not _has_few_colors(over.grid[frame][inner], palette, strays):
        return False
    if correlation(over.luma[frame][whole > 0], under.luma[frame][whole > 0]) > ALIKE:
        return False
    outline = cv2.morphologyEx(whole, cv2.MORPH_GRADIENT, _square(3)) > 0
    around = (cv2.dilate(whole, _square(9)) > 0) & ~outline
    if not outline.any():  # it fills the frame
        return False
    own, below = over.edges[frame][outline], under.edges[frame][outline]
    lost = (below > EDGE) & (own < below / 2)
    return (
        (exact or float((own > EDGE).mean()) > OUTLINED)
        and float(lost.mean()) < (EXACT_LOST if exact else LOST)
        and float(below.mean()) < CONTINUED * float(under.edges[frame][around].mean()) + 0.05
        and (
            float(own.mean()) > OWN * float(below.mean())
            or not _has_few_colors(under.grid[frame][inner], under.palette)
        )
    )


def _has_few_colors(pixels: Floats, palette: float, strays: float = STRAYS) -> bool:
    """Tell whether most pixels, (n, 3), have one of few colours."""
    left = np.ones(len(pixels), np.bool_)
    for _ in range(COLORS):
        if not left.any():
            return True
        codes = (pixels[left] * 15.99).astype(np.int64) @ np.array([256, 16, 1])
        commonest = np.bincount(codes, minlength=4096).argmax()
        center = np.median(pixels[left][codes == commonest], axis=0)
        left &= largest(np.abs(pixels - center)) > palette
    return bool(left.mean() < strays)


def has_letters(over: Side, under: Side, frame: tuple[slice, slice], region: Mask) -> bool:
    """Tell whether light and dark lie side by side all over a region, and less so in the other picture."""
    ranges = over.range[frame][region]
    spread = float(ranges.mean()) > SHARPER * float(under.range[frame][region].mean())
    return spread and float((ranges > LETTERS).mean()) > EVERYWHERE


def _square(side: int) -> npt.NDArray[np.uint8]:
    return np.ones((side, side), np.uint8)
