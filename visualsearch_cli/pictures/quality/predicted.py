"""Is a JPEG just what its steps make of another picture, value by value?

Whoever saves a picture as a JPEG rounds each coefficient to a multiple of a step, and there is no chance in
it: from the very pixels that were saved, all of them can be told, whatever the steps. From pixels that were
rounded once more, or that only show the same, many go to another multiple. How many do is known, too: as many
as when the picture is rounded again to its own steps in blocks that nobody rounded.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from visualsearch_cli.pictures.quality.dct import BLOCK
from visualsearch_cli.pictures.quality.past import SMALL_STEP, Floats, blocks_of, coefficients_of

LEAST_COUNTED = 200  # coefficients that are not zero, to tell from them
MOST_ALIKE = 0.9  # share of the blocks: the others may have been drawn over
LEAST_CHANCE = 0.01  # share of the coefficients: fewer are too few to miss


def missed(
    light: Floats,
    steps: npt.ArrayLike,
    other: Floats,
    others_steps: npt.ArrayLike,
    seen: npt.NDArray[np.bool_],
) -> float | None:
    """Return how many coefficients of a JPEG another picture does not foretell, beside chance: 0 if the JPEG
    was made of it, about 1 if it was not.

    light, other: (h, w), luma in levels, from a corner of a block on, the other one's at the same places.
    steps, others_steps: the 64 steps of luma of both. seen: (h, w), where it counts. None: there is too
    little to tell, or chance would miss nothing.
    """
    table, theirs = (np.array(its, np.float32).reshape(BLOCK, BLOCK) for its in (steps, others_steps))
    light, other = np.round(light), np.round(other)  # as JPEG's encoders have them
    whole = blocks_of(seen).all(axis=(1, 2))
    found = _unequal(coefficients_of(light)[whole], coefficients_of(other)[whole], table)
    half = BLOCK // 2
    between = coefficients_of(other[half:, half:])[blocks_of(seen[half:, half:]).all(axis=(1, 2))]
    chance = _unequal(between, np.round(between / theirs) * theirs, table)
    if found is None or chance is None or chance < LEAST_CHANCE:
        return None
    return found / chance


def _unequal(one: Floats, other: Floats, table: Floats) -> float | None:
    """Return the share of coefficients of blocks, (n, 8, 8), that are rounded to different multiples."""
    one, other = np.round(one / table), np.round(other / table)
    counted = ((one != 0) | (other != 0)) & (table >= SMALL_STEP)
    counted[:, 0, 0] = False  # the mean of a block follows the least change of tones
    counts, wrong = (flags.sum(axis=(1, 2)) for flags in (counted, counted & (one != other)))
    wrong, counts = wrong[counts > 0], counts[counts > 0]
    if counts.sum() < LEAST_COUNTED:
        return None
    alike = np.argsort(wrong / counts, kind="stable")[: round(MOST_ALIKE * len(counts))]
    return float(wrong[alike].sum() / counts[alike].sum())
