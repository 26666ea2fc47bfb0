"""Which of two pictures that show the same is the softer one?"""

from __future__ import annotations

from tests.helpers.renditions import rendition
from visualsearch_cli.verdicts.detail import softness

SHARP = rendition(fine=20.0, middle=24.0, noise=2.0)


def test_a_copy_that_lost_detail_is_softer() -> None:
    assert softness(SHARP, rendition(fine=8.0, middle=22.0, noise=0.5)) == "softer: 0.44 of the detail"
    assert softness(rendition(fine=8.0, middle=22.0, noise=0.5), SHARP).startswith("sharper: ")


def test_letters_that_are_taken_for_noise_make_no_copy_softer() -> None:
    """The quietest blocks of a page that are not clipped may be letters."""
    letters = rendition(fine=19.0, middle=24.0, noise=24.0, scale=1.0)
    assert softness(SHARP, letters) == "" and softness(letters, SHARP) == ""
