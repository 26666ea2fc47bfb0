"""Of what quality a JPEG is, and of what quality a picture once was that has been saved as something else.

Quantization leaves the DCT coefficients of each 8 × 8 block at multiples of a step. They stay near these when
the picture is decoded and saved with finer steps, or without any loss. Source: ITU-T T.81, A.3 and annex K.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from functools import lru_cache
from typing import TypeVar

import numpy as np
import numpy.typing as npt
from PIL import Image

from visualsearch_cli.pictures.quality.dct import BLOCK, DCT
from visualsearch_cli.pictures.quality.ranks import median, quantile

Floats = npt.NDArray[np.float32]
Value = TypeVar("Value", np.float32, np.bool_)

MOST_BLOCKS = 512
FREQUENCIES = ((0, 1), (1, 0), (1, 1), (0, 2), (2, 0), (1, 2), (2, 1))  # row, column: the strongest ones
STEPS = np.array(
    sorted(set(np.round(np.geomspace(2, 120, 48)).tolist())), np.float32
)  # np.unique loads numpy.ma
COARSER = 1.5  # times the step that the file itself has
LEAST_COEFFICIENTS = 24  # at a distance from zero, to tell a step from them
LEAST_COMB = 0.55  # mean cosine at multiples of a step
SMALL_STEP, LEAST_SMALL_COMB, MANY = (
    2.0,
    0.3,
    200,
)  # of the smallest step, blurred by rounding, more are needed
SUSPECT_COARSER = 1.25  # times the step that the file itself has, where the step is known
NEARLY_BEST = 0.85
LEAST_FREQUENCIES = 3  # that agree about the quality
AGREE = 1.35  # times that their scales may differ
LEAST_COUNTED = 200  # coefficients, to tell what became of the errors of quantization
LEAST_TOLD = 0.1  # between what was made of a JPEG and what was not
NEARLY = (0.92, 1.0, 1.08)
SEEN_STEP = 3.0  # of which rounding is told from other losses
EVENLY = 0.8, 1.7  # times the power of what rounding leaves
MOST_TAILED = 2.5  # kurtosis of the same; whole levels of both pictures add some
TONES_OF_BLOCKS = ((0, 0), (0, 1), (1, 0))  # what changes slowly follows the tones, which may be told wrongly
ROUNDING = 12.0  # by one over the power, in steps, of what rounding leaves
ALIKE = 0.7  # share of the blocks, those that are most alike


def quality_of(luma_steps: Sequence[int]) -> int:
    """Return the quality, 1 to 100, that 64 steps of luma stand for, on libjpeg's scale."""
    return _quality(100 * sum(luma_steps) / float(usual_steps(50).sum()))


def _quality(percent: float) -> int:
    quality = 5000 / percent if percent > 100 else (200 - percent) / 2
    return max(1, min(100, round(quality)))


@lru_cache(maxsize=128)
def usual_steps(quality: int) -> npt.NDArray[np.int64]:
    """Return the steps of luma, int64 (8, 8), that libjpeg uses for a quality."""
    stream = io.BytesIO()
    Image.new("L", (BLOCK, BLOCK)).save(stream, "JPEG", quality=quality)
    with Image.open(stream) as image:
        tables: dict[int, list[int]] = image.quantization
    return np.array(tables[0], np.int64).reshape(BLOCK, BLOCK)


def past_quality(light: Floats, own_steps: Sequence[int] = ()) -> int | None:
    """Return the quality of the JPEG that a picture was before; None if none is seen.

    light: (h, w), luma in levels, from the upper left corner of the picture or from a multiple of 8 pixels.
    own_steps: the 64 steps of luma of the file itself, none if it is lossless. Finer steps than those leave
    nothing to be seen.
    """
    sizes = _sizes(light)
    own = np.array(own_steps or (1,) * BLOCK**2, np.float32).reshape(BLOCK, BLOCK)
    usual = usual_steps(50)
    scales: list[float] = []
    for number, place in enumerate(FREQUENCIES):
        step = _step(sizes[:, place[0], place[1]], COARSER * float(own[place]))
        if step is not None:
            scales.append(100 * step / float(usual[place]))
        if len(scales) + len(FREQUENCIES) - 1 - number < LEAST_FREQUENCIES:
            return None
    middle = median(np.array(scales))
    agree = [scale for scale in scales if middle / AGREE <= scale <= middle * AGREE]
    return _quality(median(np.array(agree))) if len(agree) >= LEAST_FREQUENCIES else None


def traces_of(light: Floats, steps: Sequence[int], own_steps: Sequence[int] = ()) -> float:
    """Return how clearly a picture shows that it was a JPEG with these 64 steps of luma, up to 1.

    light: (h, w), luma in levels, from a multiple of 8 pixels in that JPEG, and turned as it was there.
    own_steps: those of the file itself, none if it is lossless; steps that are not coarser tell nothing.
    """
    sizes, table = _sizes(light), np.array(steps, np.float32).reshape(BLOCK, BLOCK)
    own = np.array(own_steps or (1,) * BLOCK**2, np.float32).reshape(BLOCK, BLOCK)
    seen = (table >= SMALL_STEP) & (table > SUSPECT_COARSER * own)
    seen[0, 0] = False  # the mean of a block tells little
    far = (sizes > 0.5 * table) & seen
    if far.sum() < LEAST_COEFFICIENTS:
        return 0.0
    return float(np.cos(2 * np.pi * (sizes / table)[far]).mean())


def unknown_loss(
    light: Floats,
    steps: Sequence[int],
    other: Floats,
    seen: npt.NDArray[np.bool_],
    others_steps: Sequence[float],
) -> float | None:
    """Return how much of what quantization did to a JPEG is not in another picture: about 1 for all of it.

    light, other: (h, w), luma in levels, from a corner of a block on, the other one's at the same places and
    in the tones of the first. seen: (h, w), where it counts. steps, others_steps: the 64 steps of luma of
    both, in these tones. Only coefficients that were not rounded to zero count, and
    only the blocks that are most alike, for a part may have been drawn over. More than 1: the other picture
    is not the same beneath its tones. None: there is too little to tell.

    What is left where the one was made of the other depends on how the steps of both divide each other, and
    on how large coefficients are: steps of 5 leave little of multiples of 2. So the same is done to
    coefficients of the other picture that no quantization knows, those of blocks between its own.
    """
    table = np.array(steps, np.float32).reshape(BLOCK, BLOCK)
    whole = blocks_of(seen).all(axis=(1, 2))
    lossy, others = (coefficients_of(plane)[whole] for plane in (light, other))
    found = _loss(lossy, others, table)
    own = np.array(others_steps, np.float32).reshape(BLOCK, BLOCK)
    between = coefficients_of(other[BLOCK // 2 :, BLOCK // 2 :])
    between = np.round(between / own) * own
    usual = _loss(np.round(between / table) * table, between, table)
    return None if found is None or not usual else found / usual


def left_of(light: Floats, steps: Sequence[int], other: Floats) -> float | None:
    """Return how much of what quantization did to a JPEG is not in another picture, beside even rounding.

    light, other: (h, w), luma in levels, from a corner of a block on, the other one's at the same places.
    steps: the 64 steps of luma of the JPEG. As in `unknown_loss`, but nothing is done again to compare it
    with. None: there is too little to tell.
    """
    table = np.array(steps, np.float32).reshape(BLOCK, BLOCK)
    found = _loss(coefficients_of(light), coefficients_of(other), table)
    return None if found is None else found * ROUNDING


def waves_of(
    light: Floats,
    steps: Sequence[int],
    other: Floats,
    *,
    below: float = BLOCK,
    least: float = SMALL_STEP,
) -> tuple[float, float, int] | None:
    """Return how a JPEG differs from another picture, in its steps: power beside even rounding, mean cosine.

    Pictures are given as to `left_of`. below: row and column of the coefficients that count are. least: their
    steps, in levels. The third value is how many count. What knows nothing of the rounding differs by
    anything up to half a step, and by much more often than by little, as what was rounded to zero does not
    count: its mean cosine is below 0. That of what was made of the JPEG is above. None: there is too little
    to tell.
    """
    table = np.array(steps, np.float32).reshape(BLOCK, BLOCK)
    lossy, others = coefficients_of(light), coefficients_of(other)
    counted = _counted(lossy, table, least)
    order = np.arange(BLOCK)
    counted &= np.maximum(order[:, None], order) < below
    errors = ((lossy - others) / table)[counted]
    if len(errors) < LEAST_COUNTED:
        return None
    power, wave = np.square(errors).mean(), np.cos(np.float32(2 * np.pi) * errors).mean()
    return float(power) * ROUNDING, float(wave), len(errors)


def quantized(light: Floats, steps: Sequence[int]) -> Floats:
    """Return the whole blocks of a view, (h, w), luma in levels, as a JPEG with these 64 steps of luma shows
    them; only rounded to whole levels if there are none."""
    height, width = (side // BLOCK * BLOCK for side in light.shape)
    light = light[:height, :width]
    if len(steps):
        table = np.array(steps, np.float32).reshape(BLOCK, BLOCK)
        blocks = DCT.T @ _to_steps(coefficients_of(light), table) @ DCT
        rows = blocks.reshape(height // BLOCK, width // BLOCK, BLOCK, BLOCK).transpose(0, 2, 1, 3)
        light = rows.reshape(height, width) + np.float32(128)
    return np.asarray(np.round(light).clip(0, 255), np.float32)


def is_rounding(light: Floats, steps: Sequence[int], other: Floats, seen: npt.NDArray[np.bool_]) -> bool:
    """Tell whether rounding to its steps is all that parts a JPEG from another picture.

    Pictures are given as to `unknown_loss`. What rounding leaves is spread evenly over a step: its kurtosis
    is 1.8. What another codec took of the JPEG is not, and has tails: 3 and more.
    """
    table = np.array(steps, np.float32).reshape(BLOCK, BLOCK)
    whole = blocks_of(seen).all(axis=(1, 2))
    lossy, others = (coefficients_of(plane)[whole] for plane in (light, other))
    counted = _counted(lossy, table, SEEN_STEP)
    if counted.sum() < LEAST_COUNTED:
        return False
    squares = np.square((lossy - others) / table)[counted]
    power = float(squares.mean())
    is_even = EVENLY[0] < ROUNDING * power < EVENLY[1]
    return is_even and float(np.square(squares).mean()) < MOST_TAILED * power**2


def known_steps(
    other: Floats,
    seen: npt.NDArray[np.bool_],
    steps: Sequence[int],
    others_steps: Sequence[float],
    slope: float,
) -> float | None:
    """Return how clearly a picture knows the steps of a JPEG: 0 if it does not, about 1 if it was made of it.

    other: (h, w), luma in the tones of the JPEG, from a corner of a block on. seen: (h, w), where it counts.
    steps, others_steps: the 64 steps of luma of both, in these tones. slope: levels of these tones for one of
    the other picture's own. Coefficients that were multiples of a step are near them after toning and saving
    again, by how much depends on the steps of both. What that leaves, and what chance makes, is taken from
    the blocks between; where the two can hardly be told apart, the answer is None.
    """
    table = np.array(steps, np.float32).reshape(BLOCK, BLOCK)
    own = np.array(others_steps, np.float32).reshape(BLOCK, BLOCK)
    blurred = np.exp(-2 * np.pi**2 * (1 + slope**2) / 12 / np.square(table)).astype(np.float32)  # by rounding
    half = BLOCK // 2
    found = _comb(coefficients_of(other)[blocks_of(seen).all(axis=(1, 2))], table)
    between = coefficients_of(other[half:, half:])[blocks_of(seen[half:, half:]).all(axis=(1, 2))]
    stepped = np.round(between / table) * table
    unlike, like = [], []
    for nearly in NEARLY:  # the slope of a curve is not everywhere the same
        unlike.append(_comb(_to_steps(between, nearly * own), table))
        like.append(_comb(_to_steps(stepped, nearly * own), table, blurred))
    if found is None or None in unlike or None in like:
        return None
    chance, made = max(filter(None, unlike), default=0.0), min(filter(None, like), default=0.0)
    return (found - chance) / (made - chance) if made - chance > LEAST_TOLD else None


def _to_steps(coefficients: Floats, table: Floats) -> Floats:
    stepped: Floats = np.round(coefficients / table) * table
    return stepped


def _comb(coefficients: Floats, table: Floats, weights: Floats | None = None) -> float | None:
    """Return how near coefficients, (n, 8, 8), lie to multiples of steps: 1 at them, 0 anywhere."""
    ratios = coefficients / table
    counted = (np.abs(ratios) >= 0.5) & (table >= SMALL_STEP)
    for tone in TONES_OF_BLOCKS:
        counted[:, tone[0], tone[1]] = False
    if counted.sum() < LEAST_COUNTED:
        return None
    waves = np.cos(np.float32(2 * np.pi) * ratios)
    return float((waves if weights is None else waves * weights)[counted].mean())


def _loss(lossy: Floats, others: Floats, table: Floats) -> float | None:
    """Return the mean square of what coefficients of blocks, (n, 8, 8), differ by, in steps."""
    counted = _counted(lossy, table, SMALL_STEP)
    counts = counted.sum(axis=(1, 2))
    sums = (np.square((lossy - others) / table) * counted).sum(axis=(1, 2))[counts > 0]
    counts = counts[counts > 0]
    if counts.sum() < LEAST_COUNTED:
        return None
    means = sums / counts
    alike = means <= quantile(means, ALIKE)
    return float(sums[alike].sum() / counts[alike].sum())


def _counted(lossy: Floats, table: Floats, least: float) -> npt.NDArray[np.bool_]:
    """Return which coefficients of blocks, (n, 8, 8), were not rounded to zero and have a step of so many
    levels."""
    counted: npt.NDArray[np.bool_] = (np.abs(lossy) >= 0.5 * table) & (table >= least)
    for tone in TONES_OF_BLOCKS:
        counted[:, tone[0], tone[1]] = False
    return counted


def coefficients_of(plane: Floats) -> Floats:
    """Return the DCT coefficients of the whole blocks of a plane, (n, 8, 8)."""
    found: Floats = DCT @ (blocks_of(plane) - np.float32(128)) @ DCT.T
    return found


def _sizes(light: Floats) -> Floats:
    """Return the coefficients of some blocks without signs, (n, 8, 8)."""
    blocks = blocks_of(light)
    blocks = blocks[:: max(1, len(blocks) // MOST_BLOCKS)]
    sizes: Floats = np.abs(DCT @ (blocks - np.float32(128)) @ DCT.T)
    return sizes


def blocks_of(plane: npt.NDArray[Value]) -> npt.NDArray[Value]:
    """Return the whole blocks of a plane, (n, 8, 8)."""
    rows, columns = (side // BLOCK for side in plane.shape)
    blocks = plane[: rows * BLOCK, : columns * BLOCK].reshape(rows, BLOCK, columns, BLOCK).swapaxes(1, 2)
    found: npt.NDArray[Value] = blocks.reshape(-1, BLOCK, BLOCK)
    return found


def _step(sizes: Floats, least: float) -> float | None:
    """Return the step at whose multiples coefficients lie, (n,) without signs; None if there is none."""
    sizes = sizes[sizes > 0.5 * max(least, SMALL_STEP)]
    if len(sizes) < LEAST_COEFFICIENTS:
        return None
    steps = STEPS[least <= STEPS]
    if not len(steps):  # the file's own steps are so coarse that none before it can be seen
        return None
    far = sizes[:, None] > 0.5 * steps
    counts = far.sum(axis=0)
    waves = np.cos(np.float32(2 * np.pi) * sizes[:, None] / steps)
    combs = np.einsum("ij,ij->j", waves, far) / np.maximum(counts, 1)
    combs[counts < LEAST_COEFFICIENTS] = -1
    best = float(combs.max(initial=-1))
    if best < LEAST_COMB:
        is_small = bool(steps[0] == SMALL_STEP) and counts[0] >= MANY and combs[0] >= LEAST_SMALL_COMB
        return SMALL_STEP if is_small else None
    return float(steps[combs >= NEARLY_BEST * best].max())
