"""From an alignment to a verdict: what counts as the same picture, and what as an edited one.

docs/verdicts.md says what each bound was measured on.
"""

from __future__ import annotations

from dataclasses import dataclass

from visualsearch_cli.verdicts.comparison import Agreement, Alignment, Proof
from visualsearch_cli.verdicts.verdict import Verdict

VERSION = "verdicts/2"
"""Of these rules, and of how pictures are laid onto each other and measured: findings of another version are
forgotten. So they are after an upgrade; between two releases, change this with whatever changes a verdict."""

# An edited copy
LEAST_STRUCTURE = 0.025  # contrast below which anything agrees with anything
MOST_MOVED = 0.006  # share of the shared area
MOST_RECOLORED = 0.2
MOST_HUE_TURNED = 0.006
MOST_MISCOLORED = 0.45
MOST_COARSE = 0.7
COARSE_TINT = 0.17
MOST_DRAWN = 0.40
# Where each picture shows what the other does not, the camera may have moved; letters may be an edit then.
MOST_SHAPES_BESIDE = 0.01
MOST_LETTERS_BESIDE = 0.10
MOST_RESIDUAL = 0.08
LEAST_CORRELATION = 0.93
WHOLE = 0.97  # share of a picture that counts as all of it
LEAST_COVERED = 0.2  # of the picture of which more is shared
LEAST_INLIERS = 10

# The same picture, in addition
MOST_SHIFT = 0.012  # how far a corner of the frame may lie from its place, in parts of the side
MOST_STRETCH = 0.03  # how much the aspect ratio may differ
MOST_PEAK = 0.15
MOST_CHANGE = 0.06  # of tone
MOST_FADED = 0.35  # of colour
SAME_RESIDUAL = 0.025
SAME_CORRELATION = 0.98
SAME_MISCOLORED = 0.15
SAME_TINT = 0.1
SAME_MOVED = 0.0005

_CORNERS = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))


def decide(alignment: Alignment, aspect_a: float, aspect_b: float) -> Verdict | None:
    """Return the verdict that an alignment proves, if any. Aspects are width by height."""
    agreement = alignment.agreement
    if not is_copy(agreement) or 0 < alignment.inliers < LEAST_INLIERS:
        return None
    stretch = max(aspect_a / aspect_b, aspect_b / aspect_a) - 1
    whole = not alignment.mirrored and _shift(alignment) <= MOST_SHIFT and stretch <= MOST_STRETCH
    return Verdict.SAME if whole and is_equal(agreement) else Verdict.EDITED


@dataclass(frozen=True, slots=True)
class Settled:
    """What a look at full size makes of an alignment, and why."""

    verdict: Verdict | None  # None: no copy
    reason: str = ""


def settle(alignment: Alignment, proof: Proof | None, aspect_a: float, aspect_b: float) -> Settled:
    """Return the verdict that an alignment still has after a look at full size."""
    verdict = decide(alignment, aspect_a, aspect_b)
    return Settled(verdict)


def is_copy(agreement: Agreement) -> bool:
    """Tell whether what both pictures show is one picture, drawn over at most."""
    return (
        agreement.structure >= LEAST_STRUCTURE
        and agreement.moved <= MOST_MOVED
        and agreement.recolored <= MOST_RECOLORED
        and agreement.hue_turned <= MOST_HUE_TURNED
        and (agreement.miscolored <= MOST_MISCOLORED or _is_coarsely_colored(agreement))
        and agreement.drawn <= MOST_DRAWN
        and (_holds_all(agreement) or _may_be_beside(agreement))
        and agreement.residual <= MOST_RESIDUAL
        and agreement.correlation >= LEAST_CORRELATION
        and max(agreement.covered_a, agreement.covered_b) >= LEAST_COVERED
    )


def _is_coarsely_colored(agreement: Agreement) -> bool:
    """Tell whether compression has lost colour all over, but no area has another one for itself."""
    return agreement.miscolored <= MOST_COARSE and agreement.tint <= COARSE_TINT


def _holds_all(agreement: Agreement) -> bool:
    """Tell whether one picture shows all of the other."""
    return max(agreement.covered_a, agreement.covered_b) >= WHOLE


def _may_be_beside(agreement: Agreement) -> bool:
    return agreement.shapes <= MOST_SHAPES_BESIDE and agreement.letters <= MOST_LETTERS_BESIDE


def is_equal(agreement: Agreement) -> bool:
    """Tell whether no place differs more than recompression, resizing and light toning let it."""
    return (
        agreement.drawn + agreement.moved + agreement.recolored + agreement.hue_turned <= SAME_MOVED
        and agreement.peak <= MOST_PEAK
        and agreement.change <= MOST_CHANGE
        and agreement.faded <= MOST_FADED
        and agreement.miscolored <= SAME_MISCOLORED
        and agreement.tint <= SAME_TINT
        and agreement.residual <= SAME_RESIDUAL
        and agreement.correlation >= SAME_CORRELATION
    )


def _shift(alignment: Alignment) -> float:
    """Return how far the corner of B that is off most lies from the same corner of A."""
    worst = 0.0
    rows = alignment.matrix
    for x, y in _CORNERS:
        u, v, w = (row[0] * x + row[1] * y + row[2] for row in rows)
        worst = max(worst, abs(u / w - x), abs(v / w - y))
    return worst
