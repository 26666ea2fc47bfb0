"""What a look at full size makes of an alignment."""

from __future__ import annotations

import pytest

from tests.verdicts.test_words import IDENTITY, alignment
from visualsearch_cli.verdicts.comparison import (
    NOTHING_LOST,
    Difference,
    Grounds,
    LostMarks,
    Proof,
    Shots,
    Toning,
)
from visualsearch_cli.verdicts.rules import are_noisy_apart, log_odds_of_page, settle
from visualsearch_cli.verdicts.verdict import Verdict
from visualsearch_cli.verdicts.words import describe_differences

PHOTOGRAPH = (Grounds(shaded=0.5, thin=0.5, plain=0.3, pixels=2_000_000),) * 2
PAPER = (Grounds(shaded=0.05, thin=0.8, plain=0.85, pixels=2_000_000),) * 2
UNTONED = Toning(luma=0, tint=0, saturation=1, hue=0, stops=0, sharpness=1, kept=1)
NOTHING_DIFFERS = Proof((), PHOTOGRAPH, (), 0.2, UNTONED, lost=NOTHING_LOST, shade=0)
TWO = Shots(own=3, uneven=1.2, unshared=6, growing=1.5)
WHOLE = alignment(IDENTITY, 1, 1)


def place(strength: float, *, moved: bool = False) -> Difference:
    return Difference((10, 10, 20, 20), (10, 10, 20, 20), strength, 40, moved)


def verdict(proof: Proof) -> Verdict | None:
    return settle(WHOLE, proof, 1.5, 1.5).verdict


def test_what_encoding_explains_is_the_same() -> None:
    assert verdict(NOTHING_DIFFERS) is Verdict.SAME
    assert verdict(NOTHING_DIFFERS._replace(differences=(place(1.1),))) is Verdict.SAME


@pytest.mark.parametrize("moved", [False, True])
def test_any_mark_on_paper_is_content(moved: bool) -> None:
    proof = NOTHING_DIFFERS._replace(grounds=PAPER, differences=(place(2, moved=moved),))
    settled = settle(WHOLE, proof, 1.5, 1.5)
    assert settled.verdict is None
    assert describe_differences(settled, proof, (30, 30)) == "the writing differs at 1 place"


def test_pages_that_each_show_more_are_no_copies() -> None:
    """To scroll a screen makes another one of it; of photographs, both may be cuttings of one."""
    apart, within = alignment(IDENTITY, 0.8, 0.8), alignment(IDENTITY, 1, 0.8)
    page = NOTHING_DIFFERS._replace(grounds=PAPER)
    settled = settle(apart, page, 1.5, 1.5)
    assert settled.verdict is None
    assert "each shows what the other does not" in describe_differences(settled, page, (30, 30))
    assert settle(within, page, 1.5, 1.5).verdict is not None
    assert settle(apart, NOTHING_DIFFERS, 1.5, 1.5).verdict is not None


def test_pale_type_differs_little_and_differs() -> None:
    pale = NOTHING_DIFFERS._replace(differences=(place(1.25),))
    assert verdict(pale) is Verdict.SAME
    assert verdict(pale._replace(grounds=PAPER)) is None
    assert verdict(pale._replace(grounds=PAPER, noise=0.6)) is Verdict.SAME
    other = pale._replace(grounds=PAPER, noise=0.6, differences=(place(1.25)._replace(rewritten=True),))
    assert verdict(other) is None


def test_a_scanner_adds_noise() -> None:
    proof = NOTHING_DIFFERS._replace(grounds=PAPER, differences=(place(1.7),), noise=1.2)
    assert verdict(proof) is Verdict.SAME


def test_a_photograph_of_a_page_is_none_unless_both_look_like_one() -> None:
    proof = NOTHING_DIFFERS._replace(grounds=(PAPER[0], PHOTOGRAPH[0]), differences=(place(9),))
    assert verdict(proof) is Verdict.EDITED


def test_a_small_picture_has_to_look_more_like_a_page() -> None:
    doubtful = PAPER[0]._replace(thin=0.6)
    assert 2.5 < log_odds_of_page(doubtful) < 3.5
    marked = NOTHING_DIFFERS._replace(grounds=(doubtful,) * 2, differences=(place(9),))
    assert verdict(marked) is None
    assert verdict(marked._replace(grounds=(doubtful._replace(pixels=40_000),) * 2)) is Verdict.EDITED


def test_resampling_leaves_more() -> None:
    proof = NOTHING_DIFFERS._replace(grounds=PAPER, differences=(place(1.4),))
    assert verdict(proof) is None
    assert verdict(proof._replace(resampled=True)) is Verdict.SAME


def test_two_shots_are_told_by_their_focus() -> None:
    proof = NOTHING_DIFFERS._replace(refocused=0.1)
    settled = settle(WHOLE, proof, 1.5, 1.5)
    assert settled.verdict is None and settled.two_shots
    assert describe_differences(settled, proof, (60, 60)) == "two shots: each is sharp in another place"


def test_on_a_photograph_a_mark_is_drawn_over_and_a_thing_has_moved() -> None:
    marked = NOTHING_DIFFERS._replace(differences=(place(9),))
    assert verdict(marked) is Verdict.EDITED
    moved = NOTHING_DIFFERS._replace(differences=(place(9, moved=True),))
    settled = settle(WHOLE, moved, 1.5, 1.5)
    assert settled.verdict is None
    assert describe_differences(settled, moved, (60, 60)) == "shows something else at the upper left"


@pytest.mark.parametrize(
    ("strength", "drawn", "words"),
    [
        (9, 0.0, "drawn over at the upper left"),
        (9, 0.06, "6 % drawn over at the upper left"),
        (2, 0.06, "6 % drawn over at the upper left"),
        (2, 0.0, "slightly different at the upper left"),  # where colors clipped, or a filter ate a line
    ],
)
def test_what_is_hardly_seen_was_not_drawn_over(strength: float, drawn: float, words: str) -> None:
    proof = NOTHING_DIFFERS._replace(differences=(place(strength),))
    settled = settle(WHOLE, proof, 1.5, 1.5)
    assert settled.verdict is Verdict.EDITED
    assert describe_differences(settled, proof, (60, 60), drawn) == words


def test_what_only_a_coarse_look_saw_has_a_share_alone() -> None:
    settled = settle(WHOLE, NOTHING_DIFFERS, 1.5, 1.5)
    assert describe_differences(settled, NOTHING_DIFFERS, (60, 60), 0.03) == "3 % drawn over"


def test_no_more_places_are_counted_than_are_named() -> None:
    proof = NOTHING_DIFFERS._replace(grounds=PAPER, differences=(place(9),) * 51)
    words = describe_differences(settle(WHOLE, proof, 1.5, 1.5), proof, (60, 60))
    assert words == "the writing differs at more than 50 places"


def test_two_exposures_are_no_copies_unless_they_are_too_small_to_tell() -> None:
    proof = NOTHING_DIFFERS._replace(shots=(TWO,))
    settled = settle(WHOLE, proof, 1.5, 1.5)
    assert settled.verdict is None and settled.two_shots
    small = proof._replace(grounds=(PHOTOGRAPH[0]._replace(pixels=100_000),) * 2)
    assert verdict(small) is Verdict.SAME
    scanned_twice = proof._replace(grounds=PAPER)
    assert verdict(scanned_twice) is Verdict.SAME


@pytest.mark.parametrize(
    ("uneven", "growing", "told"),
    [(1.2, 9, True), (1.2, 11, False), (1.5, 9, False), (1.5, 6, True), (4.5, 1, False)],
)
def test_noise_grows_a_little_and_is_as_much_in_both(uneven: float, growing: float, told: bool) -> None:
    assert are_noisy_apart(TWO._replace(uneven=uneven, growing=growing)) is told


def test_other_writing_is_another_picture_however_noisy_it_is() -> None:
    other = place(2.0)._replace(rewritten=True)
    noisy = NOTHING_DIFFERS._replace(noise=2.0, differences=(other,))
    assert verdict(noisy) is None
    assert verdict(noisy._replace(differences=(place(2.0),))) is Verdict.SAME


@pytest.mark.parametrize(
    "toning",
    [
        UNTONED._replace(luma=20, stops=0.3),
        UNTONED._replace(tint=9, saturation=1.2),
        UNTONED._replace(sharpness=1.6),
        UNTONED._replace(kept=0.1),
    ],
)
def test_what_its_owner_did_to_it_is_an_edit(toning: Toning) -> None:
    settled = settle(WHOLE, NOTHING_DIFFERS._replace(toning=toning), 1.5, 1.5)
    assert settled.verdict is Verdict.EDITED and settled.toned


def test_a_thumbnail_that_cannot_show_the_writing_is_not_the_same_page() -> None:
    page, photograph = PAPER[0], PHOTOGRAPH[0]
    proof = NOTHING_DIFFERS._replace(lost=LostMarks(0.5, 0.0, page))
    assert verdict(proof) is Verdict.EDITED
    settled = settle(WHOLE, proof, 1.5, 1.5)
    assert describe_differences(settled, proof, (600, 400)) == "the smaller one cannot show the writing"
    assert verdict(proof._replace(lost=LostMarks(0.05, 0.0, page))) is Verdict.SAME
    assert verdict(proof._replace(lost=LostMarks(0.5, 0.0, photograph))) is Verdict.SAME
    assert verdict(proof._replace(lost=LostMarks(0.3, 0.2, photograph))) is Verdict.EDITED


def test_goods_in_another_color_are_other_goods() -> None:
    proof = NOTHING_DIFFERS._replace(other_color=True)
    settled = settle(WHOLE, proof, 1.5, 1.5)
    assert settled.verdict is None
    assert describe_differences(settled, proof, (600, 400)) == "a thing in another color"


def test_another_hue_is_another_thing_and_gray_is_an_edit() -> None:
    turned = NOTHING_DIFFERS._replace(toning=UNTONED._replace(tint=30, hue=80))
    settled = settle(WHOLE, turned, 1.5, 1.5)
    assert settled.verdict is None
    assert describe_differences(settled, turned, (60, 60)) == "other colors: the hues are turned by 80°"
    assert verdict(turned._replace(toning=turned.toning._replace(saturation=0.02))) is Verdict.EDITED


def test_a_photograph_that_was_toned_may_differ_more_at_its_edges() -> None:
    moved = NOTHING_DIFFERS._replace(differences=(place(3.2, moved=True),))
    assert verdict(moved) is None
    assert verdict(moved._replace(toning=UNTONED._replace(sharpness=1.8))) is Verdict.EDITED


def test_the_tones_of_a_raw_are_those_of_who_developed_it() -> None:
    toned = NOTHING_DIFFERS._replace(toning=NOTHING_DIFFERS.toning._replace(luma=20.0))
    assert settle(WHOLE, toned, 1.5, 1.5).verdict is Verdict.EDITED
    assert settle(WHOLE, toned, 1.5, 1.5, developed=True).verdict is Verdict.SAME
