"""From an alignment to a verdict: what counts as the same picture, and what as an edited one.

docs/verdicts.md says what each bound was measured on.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from visualsearch_cli.named_tuples import NamedTuple
from visualsearch_cli.verdicts.comparison import (
    Agreement,
    Alignment,
    Difference,
    Grounds,
    LostMarks,
    Proof,
    Shots,
    Toning,
    WhiteNoise,
)
from visualsearch_cli.verdicts.verdict import Verdict

VERSION = "verdicts/56"
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
# The same where light that changes from place to place was taken off first
LIT_RESIDUAL = 0.035
LIT_RECOLORED = 0.04
LIT_HUE_TURNED = 0.001
LIT_MISCOLORED = 0.1
WHOLE = 0.97  # share of a picture that counts as all of it
LEAST_COVERED = 0.2  # of the picture of which more is shared
LEAST_INLIERS = 10
CORNERS = 4  # of a page, that were laid onto those of the other one: they stand for inliers

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

# The second look, at full size
MOST_DIFFERENT = 1.4  # strength of a place, beside what encoding explains
MOST_ON_PAPER = 1.2  # the same of a page as it was: neither tones nor light changed
MOST_APART = 0.9  # share of each page that the other shows, below which both are more than copies
MOST_RESAMPLED = 1.55  # the same where one of two was reduced or turned
MOST_RESAMPLED_ON_PAPER = 1.45
LITTLE_NOISE = 0.5  # levels
NOISY = 0.8  # more strength for a level of noise: a scanner's
MOST_NOISE = 1.5  # levels that count
PAGE = (-10.0, -11.4, 8.8, 9.8)  # log odds: offset, and by share shaded, in strokes and in four colors
DRAWN = (-13.9, -7.8, 7.5, 9.1, 14.8, -6.8, -18.1, 27.2, 9.2)
"""The same: offset, and by share shaded, in strokes, flat, still, sharp, apart, shaded apart, and steep."""
TWO_TONED = (16.0, 1.4, -6.6, -80.6)
"""The same: offset, and by `Edges.steep`, `TwoTones.between` and `TwoTones.mixed`."""
LEAST_PAGE, LEAST_DRAWN, LEAST_TWO_TONED = 2.5, 0.0, 3.0  # log odds, of which one is enough
SMALL = 100_000  # pixels
SMALL_PAGE, SMALL_DRAWN, SMALL_TWO_TONED = 3.5, 0.7, 4.0  # the same that a smaller page needs
LIKE_A_PAGE = -4.5  # log odds above which uneven light and inversion explain too much; faint strokes count
PHOTOGRAPH = -6.0  # log odds below which nothing is like a page
CHANGED = 2.6  # strength from which a place of a photograph shows another thing
CHANGED_IN_TONED = 4.0  # the same where all of it was toned, sharpened or blurred
CHANGED_ON_PAPER = 2.0
LEAST_MARK = 4.0  # strength of a place from which somebody drew there; what clipped or was filtered has less
SHOT_PIXELS = 250_000  # a smaller picture was reduced, and its noise with it
SHOT_OWN = 1.1  # two codecs of one exposure leave as much as each of them makes
SHOT_UNSHARED = 1.8
SHOT_UNEVEN = 4.0
SHOT_GROWING = 7.0
SHOT_EVEN = 1.3  # times the energy, up to which both have as much noise: no codec does the same to both
SHOT_GROWING_EVEN = 10.0  # then: where a codec leaves next to nothing, noise grows too
WHITE_STRENGTH = 2.0  # times what codecs leave, of a smaller picture's noise
WHITE_RESAMPLED = 7.0  # the same where one was sampled anew, which changes some of what there is to see
WHITE_ONE_SIDED = 0.45
WHITE_UNEVEN = 1.2
WHITE_COLORED = 2.2
WHITE_GROWING = 0.2
TONED_COLORED = 4.0  # the same of pictures in other tones
MOST_SHARED = 0.5  # correlation in the quietest blocks
TONED_UNEVEN, TONED_GROWING = 1.45, 0.5  # where no more than that is shared
MOST_REFOCUSED = 0.05  # share of what there is to see
MOST_SHIFTED = 0.02  # share of what differs most, that lies a little beside in the other frame
MOST_SLACK = 0.25  # pixels, where anything differs besides
MUCH_SLACK = 0.35  # pixels, where nothing does
MOST_TONED = 3.0  # levels
MOST_TURNED = 30.0  # degrees
LEAST_SATURATED = 0.4  # times the color, for its hue to count
FAR_TURNED = 60.0  # degrees, of colors
FADED = 0.1  # that are paler
MOST_TINTED = 4.5  # levels
MOST_SHARPENED = 1.38  # times as much of the middle frequencies
LEAST_KEPT = 0.3
MOST_SHADE = 4.0  # levels
MOST_APART_FROM_AFAR = 8.0  # levels, of cut-outs
MOST_LOST = 0.095  # share of the marks of a page that the smaller one cannot show
MOST_LOST_ON_FLAT = 0.07  # the same of strong marks on a flat ground, on whatever else

_CORNERS = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))


def decide(alignment: Alignment, aspect_a: float, aspect_b: float) -> Verdict | None:
    """Return the verdict that an alignment proves, if any. Aspects are width by height."""
    agreement = alignment.agreement
    is_found = alignment.inliers in (0, CORNERS) or alignment.inliers >= LEAST_INLIERS
    if not is_found or not is_copy(agreement):
        return None
    stretch = max(aspect_a / aspect_b, aspect_b / aspect_a) - 1
    whole = not alignment.mirrored and _shift(alignment) <= MOST_SHIFT and stretch <= MOST_STRETCH
    return Verdict.SAME if whole and is_equal(agreement) else Verdict.EDITED


class Settled(NamedTuple):
    """What a look at full size makes of an alignment, and why."""

    verdict: Verdict | None  # None: no copy
    differences: tuple[Difference, ...] = ()  # that speak against more
    two_shots: bool = False
    recolored: bool = False
    toned: bool = False  # or sharpened, or blurred
    go_on_apart: bool = False  # pages, each of which shows much that the other does not
    illegible: bool = False  # in the smaller one: it is a copy of any page like it
    moved: bool = False  # things, or the camera, between two frames of one size
    lies_otherwise: bool = False  # a cut-out that was mirrored, turned, bent or moved


def settle(
    alignment: Alignment, proof: Proof, aspect_a: float, aspect_b: float, *, developed: bool = False
) -> Settled:
    """Return the verdict that an alignment of a copy still has after a look at full size.

    With `developed`, one of the two is a RAW: what tones it is shown in was chosen by whoever developed it.
    """
    changed = proof.patched or bool(alignment.inversion)
    if changed and (is_cut_out(proof) or any(is_like_a_page(look) for look in proof.grounds)):
        return Settled(None)  # that explains too much of a page, and of what is like one
    paper = is_paper(proof)
    toned = bool(alignment.inversion) or (
        not developed and (is_toned(proof.toning) or proof.shade > MOST_SHADE)
    )
    # Cells and patches are larger things than strokes.
    as_it_was = all(_is_written(look) for look in proof.grounds) and not toned and not developed
    if proof.resampled:
        most = MOST_RESAMPLED_ON_PAPER if as_it_was else MOST_RESAMPLED
    else:
        most = MOST_ON_PAPER if as_it_was else MOST_DIFFERENT
    bound = most + NOISY * min(MOST_NOISE, max(0.0, proof.noise - LITTLE_NOISE))
    differences = tuple(
        place
        for place in proof.differences
        if place.strength > bound
        or place.faint  # beside what is left of all others
        or (place.rewritten and place.strength > most)  # noise hides no writing
    )
    is_other_cut_out = proof.apart is not None and proof.apart > MOST_APART_FROM_AFAR
    if proof.other_color or is_other_cut_out or is_recolored(proof.toning):
        return Settled(None, recolored=True)
    if is_cut_out(proof) and (proof.bent or proof.displaced or not _is_upright(alignment)):
        return Settled(None, lies_otherwise=True)
    if (not paper or _log_odds(proof) < 0) and are_two_shots(proof):  # other than a page, scanned twice
        return Settled(None, two_shots=True)
    if paper:
        if differences:
            return Settled(None, differences)
        if go_on_apart(alignment.agreement):
            return Settled(None, go_on_apart=True)
    elif is_of_another_moment(proof, differences):
        return Settled(None, differences, moved=True)
    else:
        least = _least_change(proof)
        other = tuple(
            place for place in differences if place.rewritten or (place.moved and place.strength > least)
        )
        if proof.is_open and not other:
            return Settled(None, differences)
        if other:
            return Settled(None, other)
        if differences:
            toned = bool(alignment.inversion) or (not developed and is_toned(proof.toning))
            return Settled(Verdict.EDITED, differences, toned=toned)
    whole = not alignment.mirrored and _is_whole(alignment, aspect_a, aspect_b)
    illegible = is_illegible(proof.lost)
    if toned or not whole or illegible or proof.bent:
        return Settled(Verdict.EDITED, toned=toned, illegible=illegible)
    return Settled(Verdict.SAME)


def go_on_apart(agreement: Agreement) -> bool:
    """Tell whether each of two pictures shows much that the other does not, as a screen that was scrolled or
    a map that was moved. To lose either is to lose that."""
    return max(agreement.covered_a, agreement.covered_b) < MOST_APART


def settle_remade(proof: Proof) -> Settled | None:
    """Return what two pictures are of which one was made of the other's file, and where they differ.

    None for pages, on which every mark is content, for other writing in the place of writing, and if each was
    drawn over: a file that was saved again as it was before is not told from the one that both were made of.
    """
    if is_paper(proof) or proof.is_open or any(place.rewritten for place in proof.differences):
        return None
    places = tuple(place for place in proof.differences if place.strength > MOST_DIFFERENT)
    return Settled(Verdict.EDITED, places)


def is_paper(proof: Proof) -> bool:
    """Tell whether both pictures are pages or screens, strokes on a flat ground, or cut out: every mark is
    content."""
    return is_cut_out(proof) or all(is_drawn(look) for look in proof.grounds)


def is_cut_out(proof: Proof) -> bool:
    """Tell whether both pictures are icons or other small drawings on clear ground."""
    return proof.apart is not None


def is_illegible(lost: LostMarks) -> bool:
    """Tell whether the larger picture has writing or fine marks that the smaller one cannot show."""
    if lost.larger is None:
        return False
    return lost.share > MOST_LOST if _is_written(lost.larger) else lost.on_flat > MOST_LOST_ON_FLAT


def is_drawn(look: Grounds) -> bool:
    """Tell whether a picture is a page, a screen or a drawing in cells and patches, and no photograph."""
    two_toned = SMALL_TWO_TONED if look.pixels < SMALL else LEAST_TWO_TONED
    return _is_written(look) or log_odds_of_two_tones(look) >= two_toned


def is_like_a_page(look: Grounds) -> bool:
    """Tell whether a picture is a page, or may have one in it, as a screen with a photograph does."""
    return is_drawn(look) or log_odds_of_page(look) > LIKE_A_PAGE


def _is_written(look: Grounds) -> bool:
    # Few pages are so small, and many things on a plain ground are.
    page, drawn = (SMALL_PAGE, SMALL_DRAWN) if look.pixels < SMALL else (LEAST_PAGE, LEAST_DRAWN)
    return log_odds_of_page(look) >= page or log_odds_of_drawing(look) >= drawn


def log_odds_of_page(look: Grounds) -> float:
    """Return the logarithm of the odds that a picture is a page or a screen, and no photograph."""
    offset, shaded, thin, plain = PAGE
    return offset + shaded * look.shaded + thin * look.thin + plain * look.plain


def log_odds_of_drawing(look: Grounds) -> float:
    """Return the same by its edges too, which tell drawings of thick strokes; minus infinity without them."""
    if look.edges is None:
        return -math.inf
    offset, shaded, thin, *weights = DRAWN
    return (
        offset
        + shaded * look.shaded
        + thin * look.thin
        + sum(weight * share for weight, share in zip(weights, look.edges, strict=True))
    )


def log_odds_of_two_tones(look: Grounds) -> float:
    """Return the same by its windows, which tell drawings in cells and patches of many colors; minus infinity
    without them."""
    if look.edges is None or look.tones is None:
        return -math.inf
    offset, steep, between, mixed = TWO_TONED
    return offset + steep * look.edges.steep + between * look.tones.between + mixed * look.tones.mixed


def _log_odds(proof: Proof) -> float:
    """Return those of the picture that is less like a page."""
    return min(log_odds_of_page(look) for look in proof.grounds)


def _least_change(proof: Proof) -> float:
    """Return the strength from which a place shows another thing: a photograph's edges may lie off."""
    share = 1 - _log_odds(proof) / PHOTOGRAPH
    most = CHANGED_IN_TONED if is_toned(proof.toning) else CHANGED
    return most + (CHANGED_ON_PAPER - most) * min(1.0, max(0.0, share))


def are_two_shots(proof: Proof) -> bool:
    """Tell whether each of two photographs is sharp elsewhere, or has noise of its own that no codec made."""
    if proof.white_toned is not None and is_of_two_shots(proof.white_toned, in_other_tones=True):
        return True
    if proof.white is not None and is_of_two_shots(proof.white):
        return True
    if proof.grounds[0].pixels < SHOT_PIXELS:
        return False
    return proof.refocused > MOST_REFOCUSED or any(are_noisy_apart(shots) for shots in proof.shots)


def is_of_another_moment(proof: Proof, differences: Sequence[Difference]) -> bool:
    """Tell whether things or the camera moved between two frames: no smooth map lays one onto the other."""
    is_weak = any(place.strength < LEAST_MARK for place in differences)
    is_sharp = not is_toned(proof.toning)  # who shakes a camera, or a filter that does, moves edges, too
    return (
        proof.shifted > MOST_SHIFTED
        or (has_slack(proof) and is_weak)
        or (proof.slack > MUCH_SLACK and is_sharp)
    )


def has_slack(proof: Proof) -> bool:
    """Tell whether no smooth map lays the tiles of one frame onto those of the other."""
    return proof.slack > MOST_SLACK


def is_of_two_shots(noise: WhiteNoise, *, in_other_tones: bool = False) -> bool:
    """Tell whether what differs is the noise of two exposures: strong, of both, and the same everywhere.

    Tones that fit badly leave more of slow changes, and of light. So where the quietest blocks share no
    noise, less evenness is asked of what was toned.
    """
    uneven, growing = WHITE_UNEVEN, WHITE_GROWING
    if in_other_tones and noise.shared < MOST_SHARED:
        uneven, growing = TONED_UNEVEN, TONED_GROWING
    return (
        noise.strength > (WHITE_RESAMPLED if noise.resampled else WHITE_STRENGTH)
        and noise.one_sided < WHITE_ONE_SIDED
        and noise.uneven < uneven
        and noise.colored < (TONED_COLORED if in_other_tones else WHITE_COLORED)
        and noise.growing < growing
    )


def are_noisy_apart(shots: Shots) -> bool:
    """Tell whether each of two pictures has noise of its own that no codec made."""
    return (
        shots.own > SHOT_OWN
        and shots.unshared > SHOT_UNSHARED
        and shots.uneven < SHOT_UNEVEN
        and shots.growing < (SHOT_GROWING_EVEN if shots.uneven < SHOT_EVEN else SHOT_GROWING)
    )


def is_recolored(toning: Toning) -> bool:
    """Tell whether hues are others: no toning turns them so far."""
    turned = abs(toning.hue)
    return (turned > MOST_TURNED and toning.saturation > LEAST_SATURATED) or (
        turned > FAR_TURNED and toning.saturation > FADED
    )


def is_toned(toning: Toning) -> bool:
    """Tell whether more was done to all of a picture than codecs and resizing do."""
    return (
        toning.luma > MOST_TONED
        or toning.tint > MOST_TINTED
        or not 1 / MOST_SHARPENED < toning.sharpness < MOST_SHARPENED
        or toning.kept < LEAST_KEPT
    )


def _is_whole(alignment: Alignment, aspect_a: float, aspect_b: float) -> bool:
    stretch = max(aspect_a / aspect_b, aspect_b / aspect_a) - 1
    return _shift(alignment) <= MOST_SHIFT and stretch <= MOST_STRETCH


def is_copy(agreement: Agreement) -> bool:
    """Tell whether what both pictures show is one picture, drawn over at most."""
    return (
        agreement.structure >= LEAST_STRUCTURE
        and agreement.moved <= MOST_MOVED
        and agreement.recolored <= MOST_RECOLORED
        and agreement.hue_turned <= MOST_HUE_TURNED
        and (agreement.miscolored <= MOST_MISCOLORED or _is_coarsely_colored(agreement))
        and (not agreement.lit or _is_lit_alone(agreement))
        and agreement.drawn + agreement.veiled + agreement.opened <= MOST_DRAWN
        and (
            not (agreement.veiled or agreement.opened) or _holds_all(agreement)
        )  # else the camera may have moved
        and (_holds_all(agreement) or _may_be_beside(agreement))
        and agreement.residual <= MOST_RESIDUAL
        and agreement.correlation >= LEAST_CORRELATION
        and max(agreement.covered_a, agreement.covered_b) >= LEAST_COVERED
    )


def _is_lit_alone(agreement: Agreement) -> bool:
    """Tell whether uneven light explains nearly all: things in other colors leave more."""
    return (
        agreement.residual <= LIT_RESIDUAL
        and agreement.recolored <= LIT_RECOLORED
        and agreement.hue_turned <= LIT_HUE_TURNED
        and agreement.miscolored <= LIT_MISCOLORED
        and _holds_all(agreement)  # else the camera may have moved
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
        agreement.drawn
        + agreement.veiled
        + agreement.opened
        + agreement.moved
        + agreement.recolored
        + agreement.hue_turned
        <= SAME_MOVED
        and agreement.peak <= MOST_PEAK
        and agreement.change <= MOST_CHANGE
        and agreement.faded <= MOST_FADED
        and agreement.miscolored <= SAME_MISCOLORED
        and agreement.tint <= SAME_TINT
        and agreement.residual <= SAME_RESIDUAL
        and agreement.correlation >= SAME_CORRELATION
    )


def _is_upright(alignment: Alignment) -> bool:
    """Tell whether B lies in A as it is, neither mirrored nor turned by more than an eighth."""
    (across, down, _), *_ = alignment.matrix
    return not alignment.mirrored and across > abs(down)


def _shift(alignment: Alignment) -> float:
    """Return how far the corner of B that is off most lies from the same corner of A."""
    worst = 0.0
    rows = alignment.matrix
    for x, y in _CORNERS:
        u, v, w = (row[0] * x + row[1] * y + row[2] for row in rows)
        worst = max(worst, abs(u / w - x), abs(v / w - y))
    return worst
