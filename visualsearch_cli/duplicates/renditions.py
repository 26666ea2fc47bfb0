"""Which of two copies shows the picture better, by how each shows what both show.

docs/duplicates.md says what the bounds were measured on.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from visualsearch_cli.verdicts.detail import (
    FAINT,
    LOSSLESS_QUALITY,
    SOFTER,
    Gain,
    filtered,
    is_noisier,
    left_by_codec,
    lost_detail,
    middle_without_noise,
)
from visualsearch_cli.verdicts.evidence import Evidence, Fit, Rendition
from visualsearch_cli.verdicts.one_sided import ALL, FULLER, has_palette, is_set, lost_colors, marked_side
from visualsearch_cli.verdicts.verdict import Verdict

BY_QUALITY = 25  # steps of JPEG quality, of what was measured
FINER = 4  # steps of quality that are more than measurements of one differ by
CRISPER, BY_BLOCKS = 1.06, 12  # times the finest octave, that so many steps of quality may add
ALL_UNKNOWN = 0.7, 1.4  # shares of the loss of a JPEG that what it was saved from does not know
MUCH_MORE = 2.0  # times as much: that was not lost by the JPEG
COARSE = 40  # JPEG quality, up to which blocks show in the finest octave
QUIET = 2.0  # levels of noise, up to which it hardly adds to that octave
MUCH_NOISIER = 1.6  # times the noise
RICHER = 1.15  # times the octave below the finest, that one has beyond its noise
NEARLY_AS_SHARP = 0.8  # of the detail, in a larger picture
FEW_PIXELS, AS_SHARP_OF_FEW = (
    12_000,
    0.7,
)  # of which detail is told less surely: a thumbnail, as the coarser one
OUT_OF_FOCUS = 0.6  # levels of the finest octave
LARGER = 1.08  # times the pixels along a side
ENLARGED, TRUE = 0.36, 0.56  # of what a picture of that size has beyond the smaller one's finest
EITHER = 0.46
PERIODIC = 20.0  # times as clear as chance: the period of an enlargement
ROUNDED = 0.32  # levels, that whole levels and the finest JPEGs add there
LEAST_FACTOR = 1.4  # along a side, below which only softness tells an enlarged picture
UNSHARPENED = 1.45  # times the finest octave beside the one below: more than sharpening adds
MORE_THAN_CHANCE = 1.5  # standard errors
CLIPPED = 0.015  # share of the pixels
SHARPER_BELOW, SHARPER_AT_THE_TOP = 1.035, 1.15  # times the octave below, and the top: it was sharpened
AS_FAR = 0.98  # times as many levels from dark to light: neither was stretched
FEWER_TONES, ALL_TONES = 0.92, 250.0  # times as many; levels
SEEN_LIGHT, SEEN_TINT = 8.0, 4.0  # levels
SEEN_COLOR, SEEN_CONTRAST = 0.2, 0.12  # logarithms of ratios
FAINTEST_COLOR = 2.0  # levels


Way = tuple[int, bool]
"""Quarters of a turn, and whether it is mirrored before."""

UPRIGHT: Way = (0, False)


def way_of(fit: Fit) -> Way:
    """Return how B is turned to lie in A, at its middle."""
    (a, b, c), (d, e, f), (g, h, i) = fit.matrix
    depth = (g + h) / 2 + i
    u, v = ((a + b) / 2 + c) / depth, ((d + e) / 2 + f) / depth
    xx, yx = a - u * g, d - v * g  # of a step to the right, in parts of the sides of A
    if fit.mirrored:
        xx, yx = -xx, -yx
    return round(math.atan2(yx, xx) / (math.pi / 2)) % 4, fit.mirrored


@dataclass(frozen=True, slots=True)
class Answer:
    """Which of two is better, and the value of each."""

    a_wins: bool
    of_a: str
    of_b: str

    @classmethod
    def against(cls, worse: int, of_worse: str, of_better: str) -> Answer:
        """Return what speaks against one of two, 0 or 1."""
        return cls(False, of_worse, of_better) if worse == 0 else cls(True, of_better, of_worse)


def frame_of(evidence: Evidence) -> Answer | None:
    """Tell which of two is the plain frame: whole, and without a border or a page around it."""
    if evidence.fit is None or evidence.renditions is None:
        return None
    a, b = evidence.renditions
    if a.leans is not b.leans:
        return Answer.against(0 if a.leans else 1, "leaning, with plain corners", "upright")
    if frame := _frame_of(evidence.fit, (is_set(a), is_set(b))):
        return frame
    return _colors_of(a, b)


def has_lost_colors(evidence: Evidence) -> bool:
    """Tell whether A has fewer colors than B, or none: that of a palette, or grey."""
    found = None if evidence.renditions is None else _colors_of(*evidence.renditions)
    return found is not None and not found.a_wins


def is_set_within(evidence: Evidence) -> bool:
    """Tell whether A shows the whole of B on a page, within a border or on another picture."""
    fit, shown = evidence.fit, evidence.renditions
    if fit is None or shown is None or fit.covered_b < ALL or fit.covered_a >= ALL:
        return False
    return is_set(shown[0])


def shows_more(evidence: Evidence) -> str:
    """Say in words how much more B shows than A, but for a page, a border or the like around A; else nothing.

    What a crop of it is kept for, or another crop, or one tile of a collage, would be lost with it.
    """
    fit, shown = evidence.fit, evidence.renditions
    if fit is None or fit.covered_b >= ALL:
        return ""
    if fit.covered_a >= ALL and shown is not None and is_set(shown[1]):
        return ""
    return f"shows more than the kept file, which has {100 * fit.covered_b:.0f} % of it"


def marks_of(evidence: Evidence) -> Answer | None:
    """Tell which of two has nothing drawn over it."""
    shown, fit = evidence.renditions, evidence.fit
    if shown is None or fit is None or not evidence.differences or min(fit.covered_a, fit.covered_b) < ALL:
        return None
    side = marked_side(*shown)
    return None if side is None else Answer.against(side, "drawn over or covered", "nothing over it")


def _frame_of(fit: Fit, around: tuple[bool, bool]) -> Answer | None:
    """Compare what two frames show: more of the scene, or the same on a page or within a border."""
    if (fit.covered_a >= ALL) is (fit.covered_b >= ALL):
        return None
    wide = 0 if fit.covered_b >= ALL else 1  # the one that shows more
    share = f"{100 * (fit.covered_a if wide == 0 else fit.covered_b):.0f} %"
    if around[wide]:
        return Answer.against(
            wide, f"the picture on {share} of it, within something else", "the picture alone"
        )
    return Answer.against(1 - wide, f"cut to {share}", "the whole picture")


def _colors_of(a: Rendition, b: Rendition) -> Answer | None:
    worse = lost_colors(a, b)
    if worse is None:
        return None
    its, other = (a, b) if worse == 0 else (b, a)
    if has_palette(its, other):
        return Answer.against(worse, f"{its.colors} colors", f"{other.colors:,} colors")
    return Answer.against(worse, "its color is lost", "in color")


def sharpness_of(evidence: Evidence) -> Answer | None:
    """Tell which of two is truly sharper, at the size of the smaller."""
    gain = None if evidence.renditions is None else _lost_detail(*evidence.renditions)
    if gain is None or evidence.renditions is None:
        return None
    marks = marks_of(evidence)
    if marks is not None and marks.a_wins is not gain.a_is_sharper and gain.middle < FULLER[1]:
        return None  # what has a mark over it has the finest octave of its edges, too
    worse = 1 if gain.a_is_sharper else 0
    its, other = evidence.renditions[1 - worse], evidence.renditions[worse]
    if 0 < its.quality <= COARSE and other.quality - its.quality >= BY_QUALITY:
        return None  # the edges of its blocks are no detail
    if other.quality - its.quality >= FINER and _is_saved_coarser(evidence):
        return None  # nor is what coarser steps add
    if max(its.scale, other.scale) >= LARGER and max(its.fine, other.fine) < OUT_OF_FOCUS:
        return None  # both show nothing there but what levels, codecs and resampling leave
    is_cleared = other.quality - its.quality >= FINER or its.scale >= LARGER
    if is_cleared and not _is_softer_with_noise(other, its):
        return None  # coarser steps, and enlarging, clear quiet places of noise, and leave it beside edges
    seen = its.colors / its.variety if its.variety else FEW_PIXELS
    if other.scale >= LARGER and 1 / gain.fine > (AS_SHARP_OF_FEW if seen < FEW_PIXELS else NEARLY_AS_SHARP):
        return None  # what is larger may be as soft as lenses are: its size tells more
    taken = its.noise < QUIET > other.noise and its.fine * other.middle < other.fine * its.middle / SOFTER
    if taken and not filtered(its, other):
        return None  # what was taken for noise was all that the other one has there
    return Answer.against(worse, f"{1 / gain.fine:.2f} of the detail", "1.00 of the detail")


def _lost_detail(a: Rendition, b: Rendition) -> Gain | None:
    """Compare two of which one has lost detail. Noise that was not added to one is its own."""
    if a.grained or b.grained:
        return None
    if gain := lost_detail(a, b):
        return gain
    is_told = a.grained is not None and b.grained is not None
    gain = Gain.of(a, b, with_noise=is_told)
    if gain is not None and not gain.is_smoother:
        gain = filtered(a, b)
    if gain is None:
        return None
    sharper = (a, b) if gain.a_is_sharper else (b, a)
    if sharper[1].quality == LOSSLESS_QUALITY and sharper[0].fine < OUT_OF_FOCUS and left_by_codec(*sharper):
        return None  # a master that is soft has less in its finest octave than its own JPEG
    return None if is_noisier(*sharper) and not is_told else gain


def _is_softer_with_noise(its: Rendition, other: Rendition) -> bool:
    """Tell whether one of two is softer, or no noisier, than the other one also where noise counts."""
    gain = Gain.of(other, its, with_noise=True)
    return its.noise <= other.noise or (gain is not None and gain.a_is_sharper and gain.is_softer)


def fidelity_of(evidence: Evidence, *, doubtful: bool) -> Answer | None:
    """Tell which of two has lost less to JPEG, or has more true pixels.

    With `doubtful`, there are better signs than a size that may have been enlarged.
    """
    if evidence.renditions is None:
        return None
    a, b = evidence.renditions
    if resized := _resized(a, b):
        return resized
    coarser, finer = sorted((a, b), key=lambda its: its.quality)
    found = past_of(evidence) if finer.quality - coarser.quality >= BY_QUALITY else None
    if finer.grained or (doubtful and _has_lost_otherwise(coarser, finer)):
        found = None  # added noise hides the steps of an earlier JPEG
    return found or _size_of(a, b, doubtful=doubtful)


def _has_lost_otherwise(lossy: Rendition, other: Rendition) -> bool:
    """Tell whether a lossless file differs from a JPEG by far more than that lost, and has less detail.

    Then it went through something that says nothing of its quality, such as a WebP.
    """
    return (
        other.quality == LOSSLESS_QUALITY
        and lossy.unknown > MUCH_MORE * ALL_UNKNOWN[1]
        and lossy.fine > other.fine
        and lossy.middle > other.middle
    )


def past_of(evidence: Evidence) -> Answer | None:
    """Tell which of two has been the finer JPEG at its coarsest; there are better signs than a few steps."""
    if evidence.renditions is None:
        return None
    a, b = evidence.renditions
    if not a.quality or not b.quality or abs(a.quality - b.quality) < FINER:
        return None
    worse = 0 if a.quality < b.quality else 1
    texts = [_quality(its.quality) for its in (a, b)]
    return Answer.against(worse, texts[worse], texts[1 - worse])


def saved_of(evidence: Evidence) -> Answer | None:
    """Tell which of two was not saved as the coarser JPEG, where that alone parts them."""
    return past_of(evidence) if _is_saved_coarser(evidence) else None


def codecs_of(evidence: Evidence) -> Answer | None:
    """Prefer a JPEG to what a codec made that does not say how, if the two differ by more than the JPEG lost.

    Then that lost more, or was made of it; and neither was proved to be made of the other. A lossless file
    may have been such a codec's before.
    """
    if evidence.renditions is None or evidence.verdict is None or not evidence.verdict.reaches(Verdict.SAME):
        return None
    for side, (its, other) in enumerate((evidence.renditions, evidence.renditions[::-1])):
        if (its.quality and not other.quality and its.unknown) or _went_through_a_codec(other, its):
            return Answer.against(1 - side, "differs by more than the JPEG lost", _quality(its.quality))
    return None


def _went_through_a_codec(its: Rendition, jpeg: Rendition) -> bool:
    """Tell whether a lossless file lacks what a codec drops of a JPEG: it differs by far more than that lost,
    and has less of each octave, but hardly less of the coarser one, as it would if the JPEG was sharpened."""
    return (
        its.quality == LOSSLESS_QUALITY > jpeg.quality > 0
        and jpeg.unknown > MUCH_MORE * ALL_UNKNOWN[1]
        and jpeg.fine > its.fine
        and its.middle < jpeg.middle < SHARPER_BELOW * its.middle
        and jpeg.top < SHARPER_AT_THE_TOP * its.top
        and min(its.tones, jpeg.tones) > AS_FAR * max(its.tones, jpeg.tones)
    )


def generation_of(evidence: Evidence) -> Answer | None:
    """Tell which of two that codecs made, which do not say how, has lost less of the detail.

    The other one was made of it, or of the same picture with more loss.
    """
    if evidence.renditions is None:
        return None
    richer = evidence.renditions[0].richer
    if abs(richer) < MORE_THAN_CHANCE:
        return None
    return Answer.against(
        int(richer > 0), "less of the detail, as what is saved again has", "more of the detail"
    )


def _is_saved_coarser(evidence: Evidence) -> bool:
    """Tell whether the coarser of two that differ in nothing else is just what its JPEG makes of the finer.

    Whoever saves a JPEG again with finer steps hands on what it lost.
    """
    if evidence.renditions is None or evidence.verdict is None or not evidence.verdict.reaches(Verdict.SAME):
        return False
    coarser, finer = sorted(evidence.renditions, key=lambda its: its.quality)
    gain = Gain.of(coarser, finer)
    if (
        gain is not None
        and gain.a_is_sharper
        and gain.fine > CRISPER
        and finer.quality - coarser.quality < BY_BLOCKS
    ):
        return False  # steps that are nearly as fine add nothing: the finer one was blurred
    if 0 < coarser.before <= coarser.quality:
        return False  # what counts is an earlier JPEG, and nobody knows what that lost
    return ALL_UNKNOWN[0] <= coarser.unknown <= ALL_UNKNOWN[1]


def _quality(quality: int) -> str:
    return "lossless" if quality > 100 else f"JPEG of quality {quality}"


def _resized(a: Rendition, b: Rendition) -> Answer | None:
    """Prefer what another one was resized from: who reduces takes pixels, who enlarges adds none."""
    factor = max(a.scale, b.scale)
    if factor < LARGER or a.is_made is b.is_made:
        return None
    worse = 0 if a.is_made else 1
    times = f"{factor:.2f} times as large along a side"
    if (a, b)[worse].scale > (b, a)[worse].scale:
        return Answer.against(worse, f"{times}, enlarged", "as large as it was")
    return Answer.against(worse, "fewer true pixels", times)


def _size_of(a: Rendition, b: Rendition, *, doubtful: bool) -> Answer | None:
    factor = max(a.scale, b.scale)
    large, its = (0, a) if a.scale > b.scale else (1, b)
    if its.enlarged >= PERIODIC:
        return Answer.against(
            large, f"{factor:.2f} times as large along a side, enlarged", "as large as it was"
        )
    if factor < LARGER:
        return None
    if factor < LEAST_FACTOR and _is_much_softer((a, b)[large], its=(b, a)[large]):
        return Answer.against(
            large, f"{factor:.2f} times as large along a side, and much softer", "as large as it was"
        )
    expected = its.top * math.sqrt(2 * math.log2(factor)) + FAINT
    share = math.sqrt(max(0.0, its.beyond**2 - ROUNDED**2)) / expected
    gain = Gain.of(a, b)
    if gain is not None and gain.is_sharpened and gain.a_is_sharper is (large == 0):
        share = min(share, ENLARGED)  # that is what looks true
    is_true = share >= TRUE or factor < LEAST_FACTOR or its.top < FAINT
    if not is_true and share > ENLARGED:
        if doubtful:
            return None
        is_true = share >= EITHER
    times = f"{factor:.2f} times as large along a side"
    if is_true:
        return Answer.against(1 - large, "fewer true pixels", times)
    return Answer.against(large, f"{times}, enlarged", "as large as it was")


def _is_much_softer(other: Rendition, its: Rendition) -> bool:
    """Tell whether one of two has so much less of the finest octave, beside the one below, that no sharpening
    of the other one explains it: neither with noise nor without."""
    gains = [Gain.of(its, other, with_noise=with_noise) for with_noise in (False, True)]
    return all(gain is not None and gain.a_is_sharper and gain.fine > UNSHARPENED for gain in gains)


def noise_of(evidence: Evidence) -> Answer | None:
    """Tell which of two was probably made noisy; who wrote them is a better sign."""
    if evidence.renditions is None:
        return None
    a, b = evidence.renditions
    is_told = a.grained or b.grained
    if not is_told and not is_noisier(a, b) and not is_noisier(b, a):
        return None
    worse = int(bool(b.grained)) if is_told else int(a.noise <= b.noise)
    its, other = (a, b) if worse == 0 else (b, a)
    if is_told:
        return Answer.against(worse, "noise was added", "no noise was added")
    if its.noise < MUCH_NOISIER * other.noise or middle_without_noise(its) > RICHER * other.middle:
        return None  # the other one was blurred or paled, and its noise with it
    texts = [f"{its.noise:.1f} levels of noise" for its in (a, b)]
    return Answer.against(worse, texts[worse], texts[1 - worse])


def looks_of(evidence: Evidence) -> Answer | None:
    """Tell which of two was probably toned or sharpened; there are better signs than these."""
    if evidence.renditions is None:
        return None
    a, b = evidence.renditions
    gain = Gain.of(a, b)
    if gain is not None and gain.is_sharpened:
        worse = 0 if gain.a_is_sharper else 1
        return Answer.against(worse, "sharpened", "as sharp as it was")
    clipped = a.clipped - b.clipped
    if abs(clipped) > CLIPPED and not _is_unclipped_by_codec(*((a, b) if clipped > 0 else (b, a))):
        texts = [f"{100 * its.clipped:.1f} % clipped" for its in (a, b)]
        worse = 0 if clipped > 0 else 1
        return Answer.against(worse, texts[worse], texts[1 - worse])
    if min(a.tones, b.tones) < FEWER_TONES * max(a.tones, b.tones):
        # Who has all tones without clipping any was not stretched; else stretching is the commoner edit.
        worse = 0 if (a.tones < b.tones) is (max(a.tones, b.tones) >= ALL_TONES) else 1
        texts = [f"{its.tones:.0f} levels from dark to light" for its in (a, b)]
        return Answer.against(worse, texts[worse], texts[1 - worse])
    return None


def _is_unclipped_by_codec(clipped: Rendition, other: Rendition) -> bool:
    """Tell whether the coarser steps of a JPEG moved what another one has at its darkest or lightest tone,
    and nothing else did: both reach as far."""
    reach = sorted((clipped.tones, other.tones))
    return clipped.quality - other.quality >= FINER and other.quality > 0 and reach[0] > AS_FAR * reach[1]


def tones_beside(evidence: Evidence) -> tuple[float, ...] | None:
    """Return how B is toned beside A, in steps of which one is seen: light, tint, color and contrast."""
    if evidence.renditions is None:
        return None
    a, b = evidence.renditions
    return (
        (b.light - a.light) / SEEN_LIGHT,
        (b.red - a.red) / SEEN_TINT,
        (b.blue - a.blue) / SEEN_TINT,
        math.log(max(b.color, FAINTEST_COLOR) / max(a.color, FAINTEST_COLOR)) / SEEN_COLOR,
        math.log(max(b.tones, 1.0) / max(a.tones, 1.0)) / SEEN_CONTRAST,
    )
