"""Which of two pictures that show the same is the sharper one, by how each shows it.

docs/duplicates.md and docs/verdicts.md say what the bounds were measured on.
"""

from __future__ import annotations

import math

from visualsearch_cli.named_tuples import NamedTuple
from visualsearch_cli.verdicts.evidence import Rendition

SOFTER = 0.89  # of the finest octave beside the one below, from which a picture is softer
MUCH_SOFTER = 0.65  # from which no codec explains it
STEEPER = 1.1  # times the exponent with which the octave below grew: less is sharpening
SMOOTHED = 0.95  # times as much of the top of the finest octave as of the rest of it: no sharpening
LESS_STEEP = 0.55  # that exponent then
FILTERED = 1.08, 1.03  # times as much of the finest octave, and of the one below
LESS_AT_THE_TOP = 0.93  # times as much of the top of the finest octave then, beside the rest of it
AS_FINE = 5  # steps of JPEG quality, by which the other one may be the finer
ONE_SIZE = 1.001  # times the pixels along a side
SHARPENED = 1.12  # times the octave below, beside the contrast
NOISY = 5.5  # levels that one has more
FAINT = 0.05  # levels: less is nothing
MOST_LEFT, MOST_LEFT_BELOW = 2.0, 1.2  # levels that a codec leaves in both octaves of what is soft
AS_NOISE = 1.15  # times the correlation that is left where something was added that is only noise
SAME_BELOW = 1.06  # times the octave below
IN_QUIET = 1.4  # times as much in quiet places: noise, which is in all octaves, has twice as much there
LOSSLESS_QUALITY = 101  # of a file that shows no trace of a JPEG
MOST_NOISE = 25.0  # levels: what no camera makes are the edges of a drawing


def is_noisier(its: Rendition, other: Rendition) -> bool:
    """Tell whether one of two has much more noise."""
    return its.noise**2 - other.noise**2 > NOISY**2


class Gain(NamedTuple):
    """How much more of the finest octave one of two has."""

    a_is_sharper: bool
    fine: float  # times as much, beside the octave below: 1 or more
    middle: float  # times as much of that octave
    contrast: float  # times as many levels from dark to light
    top: float  # times as much of the top of the finest octave, beside the rest of it; 1 at other sizes

    @classmethod
    def of(cls, a: Rendition, b: Rendition, *, with_noise: bool = False) -> Gain | None:
        """Compare two; None if there is next to nothing to see. `with_noise`, noise counts as detail."""
        if min(a.middle, b.middle) < FAINT:
            return None
        # Of the edges of a drawing, nothing is noise in either: what is left of them then is chance.
        with_noise |= max(a.noise, b.noise) > MOST_NOISE
        fine_a, fine_b = (max(FAINT, its.fine if with_noise else _without_noise(its)) for its in (a, b))
        fine, middle = fine_a / fine_b, a.middle / b.middle
        contrast = a.tones / max(b.tones, 1.0)
        top = max(FAINT, a.top) / max(FAINT, b.top) * max(FAINT, b.fine) / max(FAINT, a.fine)
        if max(a.scale, b.scale) > ONE_SIZE:
            top = 1.0  # resampling took what is there
        if fine / middle < 1:
            return cls(False, middle / fine, 1 / middle, 1 / contrast, 1 / top)
        return cls(True, fine / middle, middle, contrast, top)

    @property
    def is_softer(self) -> bool:
        """Whether the other one lost detail. Who sharpens raises the octave below as well, or more."""
        return self.fine > 1 / SOFTER and math.log(self.fine) > STEEPER * math.log(max(1.0, self.middle))

    @property
    def is_smoother(self) -> bool:
        """Whether the other one was softened, or filtered against noise, which leaves edges at single pixels.

        Who sharpens a picture raises the highest frequencies most.
        """
        steep = math.log(self.fine) > LESS_STEEP * math.log(max(1.0, self.middle))
        return self.is_softer or (self.fine > 1 / SOFTER and steep and self.top < SMOOTHED)

    @property
    def is_sharpened(self) -> bool:
        """Whether this one was sharpened: more contrast in small things than in the whole."""
        return self.middle > SHARPENED * max(1.0, self.contrast)


def _without_noise(its: Rendition) -> float:
    """Return the coarser half of the finest octave without white noise; the other half is the first to go
    when a picture is scaled."""
    share = (0.354**2 - 0.25**2) / 0.25 / its.scale**2
    return math.sqrt(max(0.0, its.fine**2 - share * its.noise**2))


def middle_without_noise(its: Rendition) -> float:
    """Return the octave below the finest without what white noise adds to it."""
    share = (0.25**2 - 0.125**2) / 0.25 / its.scale**2
    return math.sqrt(max(0.0, its.middle**2 - share * its.noise**2))


def filtered(a: Rendition, b: Rendition) -> Gain | None:
    """Compare two of which one went through a median, or another filter that leaves edges at single pixels.

    It lost some of both octaves, and least of the highest frequencies, which a codec takes first and whoever
    sharpens a picture raises most. None if neither did.
    """
    for its, other in ((a, b), (b, a)):
        fine, middle = its.fine / max(FAINT, other.fine), its.middle / max(FAINT, other.middle)
        top = its.top / max(FAINT, other.top) / max(FAINT, fine)
        if (
            max(its.scale, other.scale) <= ONE_SIZE
            and min(other.fine, other.top) > FAINT
            and fine > FILTERED[0]
            and middle > FILTERED[1]
            and top < LESS_AT_THE_TOP
            and 0 < other.quality <= its.quality + AS_FINE
        ):
            return Gain(its is a, fine, middle, its.tones / max(other.tones, 1.0), top)
    return None


def lost_detail(a: Rendition, b: Rendition, *, with_noise: bool = False) -> Gain | None:
    """Compare two of which one has lost detail that the other has; None if none has, or if noise may do."""
    gain = Gain.of(a, b, with_noise=with_noise)
    if gain is None or not gain.is_softer:
        return None
    if left_by_codec(*((a, b) if gain.a_is_sharper else (b, a))):
        return None
    return None if is_noisier(*((a, b) if gain.a_is_sharper else (b, a))) else gain


def left_by_codec(its: Rendition, other: Rendition) -> bool:
    """Tell whether what one of two has more of the finest octave is what its codec left there: it has nothing
    to do with what the other one shows, the octave below is nearly the same, and quiet places stay quiet.

    Of what is soft, as of an enlarged picture, a codec keeps nothing in the finest octave but its own errors.
    A picture that was softened lacks some of the octave below, or has the same structure, only weaker; one
    that was filtered against noise lacks it in quiet places above all.
    """
    if its.common is None or its.quality == LOSSLESS_QUALITY or its.fine <= other.fine:
        return False
    more, below, noisier = (
        math.sqrt(max(0.0, mine**2 - theirs**2))
        for mine, theirs in zip(
            (its.fine, its.middle, its.noise), (other.fine, other.middle, other.noise), strict=True
        )
    )
    return (
        more < MOST_LEFT
        and noisier < IN_QUIET * more
        and its.common < AS_NOISE * other.fine / its.fine
        and (its.middle < SAME_BELOW * other.middle or below < MOST_LEFT_BELOW)
    )


def softness(a: Rendition, b: Rendition) -> str:
    """Say how much of the detail B has lost or A has, where no codec explains it; nothing otherwise."""
    gain = lost_detail(a, b)
    if gain is None or gain.fine < 1 / MUCH_SOFTER:
        return ""
    # On white paper, the quietest blocks that are not clipped are letters: that is no noise.
    shown = lost_detail(a, b, with_noise=True)
    if shown is None or shown.a_is_sharper is not gain.a_is_sharper or shown.fine < 1 / MUCH_SOFTER:
        return ""
    if gain.a_is_sharper:
        return f"softer: {1 / gain.fine:.2f} of the detail"
    return f"sharper: {gain.fine:.1f} times the detail"
