"""Which of two pictures that show the same is the softer one?"""

from __future__ import annotations

from tests.helpers.renditions import rendition
from visualsearch_cli.verdicts.detail import LOSSLESS_QUALITY, left_by_codec, softness

SHARP = rendition(fine=20.0, middle=24.0, noise=2.0)


def test_a_copy_that_lost_detail_is_softer() -> None:
    assert softness(SHARP, rendition(fine=8.0, middle=22.0, noise=0.5)) == "softer: 0.44 of the detail"
    assert softness(rendition(fine=8.0, middle=22.0, noise=0.5), SHARP).startswith("sharper: ")


def test_letters_that_are_taken_for_noise_make_no_copy_softer() -> None:
    """The quietest blocks of a page that are not clipped may be letters."""
    letters = rendition(fine=19.0, middle=24.0, noise=24.0, scale=1.0)
    assert softness(SHARP, letters) == "" and softness(letters, SHARP) == ""


SOFT = rendition(fine=0.2, middle=3.0, noise=0.4, common=0.2)  # as of a picture that was enlarged


def test_what_a_codec_leaves_in_what_is_soft_is_no_detail() -> None:
    saved = SOFT._replace(fine=0.9, noise=0.6, quality=75)
    assert left_by_codec(saved, SOFT)
    assert softness(SOFT, saved) == "" and softness(saved, SOFT) == ""
    assert softness(SOFT._replace(common=None), saved._replace(common=None)) != ""


def test_detail_is_not_what_a_codec_leaves() -> None:
    saved = SOFT._replace(fine=0.9, noise=0.6, quality=75)
    for other in (
        {"quality": LOSSLESS_QUALITY},
        {"common": 0.5},  # the same structure, only stronger
        {"noise": 1.6},  # which a filter took away
        {"fine": 2.5},  # more than codecs leave
        {"middle": 3.6},  # some of the octave below was lost, too
    ):
        assert not left_by_codec(saved._replace(**other), SOFT), other
