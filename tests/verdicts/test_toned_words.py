"""What was done to all of a picture, in words: the sign, the unit, and which of the two it was done to."""

from __future__ import annotations

import pytest

from tests.verdicts.test_rules import NOTHING_DIFFERS, UNTONED
from visualsearch_cli.verdicts.comparison import Retouch
from visualsearch_cli.verdicts.toned_words import describe_toning

UNTOUCHED = Retouch(stops=0, contrast=1, saturation=1, warmth=0, green=0, finer=1)


@pytest.mark.parametrize(
    ("retouch", "words"),
    [
        (UNTOUCHED._replace(stops=0.4, saturation=1.2), "brighter by 0.4 EV, saturation +20 %"),
        (UNTOUCHED._replace(stops=-1.26, contrast=0.75), "darker by 1.3 EV, contrast −25 %"),
        (UNTOUCHED._replace(saturation=0.6, warmth=-9), "saturation −40 %, cooler"),
        (UNTOUCHED._replace(warmth=6, green=5), "warmer"),
        (UNTOUCHED._replace(green=6), "greener"),
        (UNTOUCHED._replace(green=-6, warmth=2), "pinker"),
        (UNTOUCHED._replace(saturation=0), "black and white"),
        (UNTOUCHED._replace(saturation=0, warmth=15), "in shades of one color"),
        (UNTOUCHED._replace(saturation=float("inf"), warmth=-30), "in color"),
        (UNTOUCHED._replace(stops=0.09, contrast=1.09, saturation=0.93, warmth=3), "other tones"),
    ],
)
def test_light_contrast_and_color(retouch: Retouch, words: str) -> None:
    assert describe_toning(retouch, NOTHING_DIFFERS, 1.0) == words


@pytest.mark.parametrize(
    ("sharpness", "kept", "finer", "scale", "words"),
    [
        (1.6, 1, 1.5, 1, "sharper"),
        (1.6, 1, 0.7, 1, "less sharp"),  # A is the one that was sharpened
        (0.4, 1, 0.6, 1, "less sharp"),
        (0.4, 1, 1.6, 1, "sharper"),
        (1.6, 1, 1, 0.5, "sharper"),  # the smaller one was sharpened: B
        (1.6, 1, 1, 2.0, "less sharp"),
        (0.4, 1, 1, 0.5, "less sharp"),
        (0.4, 1, 1, 2.0, "sharper"),
        (1, 0.1, 0.8, 1, "less noise"),
        (1, 0.1, 1.2, 1, "more noise"),
        (1, 0.1, 1, 0.8, "less noise"),
        (1, 0.1, 1, 1.25, "more noise"),
    ],
)
def test_sharpness_is_that_of_b(
    sharpness: float, kept: float, finer: float, scale: float, words: str
) -> None:
    """A proof tells it of the coarser picture, and that may be either."""
    proof = NOTHING_DIFFERS._replace(toning=UNTONED._replace(sharpness=sharpness, kept=kept))
    assert describe_toning(UNTOUCHED._replace(finer=finer), proof, scale) == words


def test_light_that_changed_in_places_has_a_word() -> None:
    assert describe_toning(UNTOUCHED, NOTHING_DIFFERS._replace(shade=9), 1.0) == "lighter or darker in places"
