"""What both pictures show, a little beside in one of them: it moved, or the camera did.

Whoever draws, pastes or retouches puts something else at a place, and leaves what stays where it was. Light,
codecs and blurs move nothing either. So shifts of small tiles, each by itself, tell two moments.
"""

from __future__ import annotations

import cv2
import numpy as np

from visualsearch_cli.named_tuples import NamedTuple
from visualsearch_cli.pictures.image import Pixels
from visualsearch_cli.verdicts.opencv.full_size.registration.bends import bend_of
from visualsearch_cli.verdicts.opencv.full_size.registration.laid_out import LaidOut
from visualsearch_cli.verdicts.opencv.full_size.residual import Floats, toned
from visualsearch_cli.verdicts.opencv.pixels import Grey, even_transform, grey
from visualsearch_cli.verdicts.opencv.tones import ToneMap

TILE, LEAST_TILE = 48, 24  # pixels of a side of what is laid onto each other by itself
MARGIN = 12  # pixels around a tile
MOST_SHIFT = 10  # of them, that it may have moved
LOOKED_AT = 16  # tiles, where most differs
SOFT = 1.0  # pixels: sigma of a blur that takes single pixels' grain
LEAST_TEXTURE = 3.0  # levels: standard deviation of a tile that tells where it lies
LEAST_OFF = 2.0  # levels, RMS: a tile that differs less says nothing
LEAST_SHIFT = 0.35  # pixels
LEFT = 0.4  # of the energy of what differs, that a shift may leave
ALIKE = 0.06  # of the energy of what there is in either picture, that it may leave


class _Tile(NamedTuple):
    """A part of both pictures that differs, and how it lies."""

    center: tuple[float, float]  # x and y, pixels
    energy: float  # of what differs
    left: float  # of it, where the other one is shifted
    shift: tuple[float, float]  # by so many pixels, across and down


def share_shifted(laid: LaidOut, strength: Grey, toning: ToneMap | None) -> float:
    """Return how much of what differs in the tiles that differ most is gone if each is shifted, 0 to 1.

    strength: of each window, (h / 2, w / 2).
    """
    tiles = _tiles(laid, strength, toning)
    shifted = [tile for tile in tiles if tile.left < tile.energy]
    if not shifted:
        return 0.0
    # What a lens, or paper, bends a little, lies beside as all around it does.
    bends = bend_of(laid, [tile.center for tile in shifted])
    explained = sum(
        tile.energy - tile.left
        for tile, (x, y) in zip(shifted, bends, strict=True)
        if np.hypot(tile.shift[0] - x, tile.shift[1] - y) >= LEAST_SHIFT
    )
    return explained / sum(tile.energy for tile in tiles)


def _tiles(laid: LaidOut, strength: Grey, toning: ToneMap | None) -> list[_Tile]:
    """Return the tiles that differ most."""
    height, width = laid.inside.shape
    side = even_transform(max(LEAST_TILE, min(TILE, min(height, width) // 3)))
    if side + 2 * MARGIN > min(height, width):
        return []
    window = np.asarray(cv2.createHanningWindow((side, side), cv2.CV_32F), np.float32)
    # The mean of each tile, by its middle.
    means = cv2.boxFilter(strength, cv2.CV_32F, (side // 2, side // 2), borderType=cv2.BORDER_CONSTANT)
    tops, lefts = (np.arange(MARGIN, length - side - MARGIN + 1, side // 2) for length in (height, width))
    found = means[np.ix_((tops + side // 2) // 2, (lefts + side // 2) // 2)]
    tiles = []
    for place in np.argsort(-found, axis=None, kind="stable")[:LOOKED_AT].tolist():
        row, column = divmod(place, len(lefts))
        if found[row, column] <= 0:
            break
        top, start = int(tops[row]) - MARGIN, int(lefts[column]) - MARGIN
        part = np.s_[top : top + side + 2 * MARGIN, start : start + side + 2 * MARGIN]
        if not laid.inside[part].all():
            continue
        fine = laid.fine[part] if toning is None else toned(laid.fine[part], toning)
        one, other = _luma(laid.coarse[part]), _luma(fine)
        energy = _energy(one, other, (0.0, 0.0), window)
        if energy > LEAST_OFF**2:
            shift = _shift(one, other, window)
            left = energy if shift is None else _energy(one, other, shift, window)
            contrast = min(_energy(view, np.zeros_like(view), (0.0, 0.0), window) for view in (one, other))
            if left > min(LEFT * energy, ALIKE * contrast):  # a mark that is drawn over one has no like there
                left = energy
            middle = start + MARGIN + (side - 1) / 2, top + MARGIN + (side - 1) / 2
            tiles.append(_Tile(middle, energy, left, shift or (0.0, 0.0)))
    return tiles


def _luma(pixels: Pixels) -> Floats:
    light = grey(np.ascontiguousarray(pixels)).astype(np.float32)
    return np.asarray(cv2.GaussianBlur(light, (0, 0), SOFT), np.float32)


def _shift(one: Floats, other: Floats, window: Floats) -> tuple[float, float] | None:
    """Return by how many pixels a tile lies off in the other picture; None if it tells none, or hardly lies
    off."""
    inner = [np.ascontiguousarray(view[MARGIN:-MARGIN, MARGIN:-MARGIN]) for view in (one, other)]
    if min(float(part.std()) for part in inner) < LEAST_TEXTURE:
        return None
    centered = [part - np.float32(part.mean()) for part in inner]
    (x, y), _ = cv2.phaseCorrelate(centered[0], centered[1], window)
    return (x, y) if np.hypot(x, y) >= LEAST_SHIFT and max(abs(x), abs(y)) <= MOST_SHIFT else None


def _energy(one: Floats, other: Floats, shift: tuple[float, float], window: Floats) -> float:
    """Return the mean square of what differs, but for the light of all of it, if one of two is shifted by so
    many pixels, across and down."""
    x, y = shift
    if x or y:
        matrix = np.array([[1, 0, x], [0, 1, y]], np.float64)
        flags = cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP
        other = np.asarray(cv2.warpAffine(other, matrix, other.shape[::-1], flags=flags), np.float32)
    off = (one - other)[MARGIN:-MARGIN, MARGIN:-MARGIN]
    weight = float(window.sum())
    mean = np.float32(float((off * window).sum()) / weight)
    return float((np.square(off - mean) * window).sum()) / weight
