"""Half-transparent white marks: what is below goes on, paler by one share, as nothing in a scene does."""

from __future__ import annotations

import math
from collections.abc import Sequence

import cv2
import numpy as np

from visualsearch_cli.named_tuples import NamedTuple
from visualsearch_cli.pictures.image import Pixels
from visualsearch_cli.pictures.quality.ranks import median, quantile
from visualsearch_cli.verdicts.evidence import Box
from visualsearch_cli.verdicts.opencv.full_size.registration.laid_out import LaidOut
from visualsearch_cli.verdicts.opencv.full_size.residual import Floats, Mask, toned
from visualsearch_cli.verdicts.opencv.pixels import correlation, luma
from visualsearch_cli.verdicts.opencv.tones import ToneMap

BESIDE = 2  # pixels around a place
LEAST_OFF = 6.0  # levels, by which a pixel is lighter
PARTLY = 0.3  # times what is lightest, likewise: the rims of letters are mixed with what is beside them
CORE = 0.7  # times the share of white of a mark: what is mixed with nothing
LEAST_CORE, CORE_SHARE = 8, 0.3  # pixels, and share of those that are lighter
UNEVEN = 0.18  # of that share, by which it may vary within
MOST_PIXELS = 500_000  # of a place, that are looked at
SHARES = (0.08, 0.68)  # of white, that a mark may have
DARKER = 0.05  # share of the pixels that may be darker instead
VARIED = 8.0  # levels: standard deviation of what is below, from which it shows whether it goes on
GOES_ON = 0.4  # correlation: rims and codecs disturb it
KEPT = (0.65, 1.35)  # times the contrast that a mark leaves of what is below
COLORED = 22.0  # levels, by which colors may be off on the whole that are as much paler
THICK, MOST_THICK = 7, 0.1  # pixels that a stroke has not; share of a mark that may be as thick
LEAST_STROKE, LEAST_STROKES = 4, 5  # pixels, and how many
ALIKE = 0.2  # of a share of white, by which that of another place may differ, of the same mark


class Veil(NamedTuple):
    """A half-transparent white mark at a place."""

    side: int  # 0: the first picture has it
    share: float  # of white
    is_told: bool  # what is below varies, and goes on; or these are letters


def veil_at(laid: LaidOut, box: Box, toning: ToneMap | None) -> Veil | None:
    """Return the veil that one of two pictures has over a place of the other one."""
    left, top, right, bottom = box
    # Of a large place, some pixels tell: in numbers, all of them would take 24 times what they take here.
    step = max(1, math.ceil(math.sqrt((right - left) * (bottom - top) / MOST_PIXELS)))
    part = np.s_[max(0, top - BESIDE) : bottom + BESIDE : step, max(0, left - BESIDE) : right + BESIDE : step]
    fine = laid.fine[part] if toning is None else toned(laid.fine[part], toning)
    return veil_of((laid.coarse[part], fine), step)


def veil_of(views: Sequence[Pixels], step: int = 1) -> Veil | None:
    """Return the veil that one of two views (h, w, 3) of a place has over the other one.

    step: of so many pixels along each side, the views have one.
    """
    values = [np.asarray(view, np.float32) for view in views]
    for side in (0, 1):
        found = _laid_over(values[side], values[1 - side], side, step)
        if found is not None:
            return found
    return None


def _laid_over(over: Floats, under: Floats, side: int, step: int) -> Veil | None:
    light, below = luma(over), luma(under)
    off = light - below
    least = max(LEAST_OFF, PARTLY * quantile(off.reshape(-1), 0.98))
    lighter = off > least
    count = int(np.count_nonzero(lighter))
    if count < LEAST_CORE or np.count_nonzero(off < -least) > DARKER * count:
        return None
    shares = off / np.maximum(255 - below, 1)
    most = median(shares[lighter & (shares >= median(shares[lighter]))])
    core = lighter & (shares >= CORE * most)
    inside = int(np.count_nonzero(core))
    if inside < max(LEAST_CORE, CORE_SHARE * count) or not SHARES[0] < most < SHARES[1]:
        return None
    if float(shares[core].std()) > UNEVEN * most:
        return None
    share = median(shares[core])
    expected = under + np.float32(share) * (255 - under)
    if float(np.abs((over - expected)[core].mean(axis=0)).max()) > COLORED:
        return None
    is_varied = float(below[core].std()) >= VARIED
    is_told = _goes_on(light[core], below[core], share) if is_varied else _are_letters(core, step)
    return Veil(side, share, is_told)


def _goes_on(light: Floats, below: Floats, share: float) -> bool:
    """Tell whether luma over a mark rises as that below does, less what the mark takes, (n,) each."""
    centered = below - below.mean()
    slope = float((centered * light).sum() / np.square(centered).sum())
    kept = slope / (1 - share)
    return KEPT[0] < kept < KEPT[1] and correlation(light, below) > GOES_ON


def _are_letters(core: Mask, step: int) -> bool:
    """Tell whether all of a mark is thin strokes, several of them, equally white."""
    strokes = core.view(np.uint8)
    side = -(-THICK // step)
    thick = cv2.morphologyEx(strokes, cv2.MORPH_OPEN, np.ones((side, side), np.uint8))
    if np.count_nonzero(thick) > MOST_THICK * np.count_nonzero(core):
        return False
    _, _, stats, _ = cv2.connectedComponentsWithStats(strokes)
    return int(np.count_nonzero(stats[1:, cv2.CC_STAT_AREA] >= LEAST_STROKE)) >= LEAST_STROKES


def of_one_mark(veils: Sequence[Veil | None]) -> list[bool]:
    """Tell of each place whether a mark lies over it that is told at this place or another one.

    Marks of both pictures are none: each would hide what the other one shows.
    """
    told = [veil for veil in veils if veil is not None and veil.is_told]
    if len({veil.side for veil in told}) != 1:
        return [False] * len(veils)
    return [
        veil is not None
        and any(
            veil.side == other.side and abs(veil.share - other.share) <= ALIKE * other.share for other in told
        )
        for veil in veils
    ]
