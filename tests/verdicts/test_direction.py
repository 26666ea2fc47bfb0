"""Which of two pictures was made of the other one, by what only the one has."""

from __future__ import annotations

import pytest

from tests.helpers.renditions import rendition
from visualsearch_cli.verdicts.direction import made_of_the_other
from visualsearch_cli.verdicts.evidence import Rendition
from visualsearch_cli.verdicts.words import describe_direction

PLAIN = rendition()
GREY = rendition(color=0.0, colors=240)
WHOLE = (1.0, 1.0)


def test_nothing_tells_of_two_that_are_equal() -> None:
    assert made_of_the_other((PLAIN, PLAIN), WHOLE, differ=False) is None


@pytest.mark.parametrize(
    ("edit", "covered"),
    [
        (rendition(is_made=True), WHOLE),
        (rendition(leans=True), WHOLE),
        (GREY, WHOLE),
        (rendition(colors=16), WHOLE),
        (rendition(marked=1.0), WHOLE),
        (rendition(bordered=0.9), (1.0, 0.5)),
        (rendition(pasted=True), (1.0, 0.5)),
        (PLAIN, (0.6, 1.0)),
    ],
    ids=["steps", "leaning", "grey", "palette", "marked", "bordered", "pasted on another one", "cut"],
)
def test_what_only_one_has(edit: Rendition, covered: tuple[float, float]) -> None:
    assert made_of_the_other((PLAIN, edit), covered, differ=True) == 1
    assert made_of_the_other((edit, PLAIN), covered[::-1], differ=True) == 0


def test_marks_of_places_that_do_not_differ_say_nothing() -> None:
    assert made_of_the_other((PLAIN, rendition(marked=1.0)), WHOLE, differ=False) is None


def test_two_that_each_have_something_were_made_of_a_third() -> None:
    assert made_of_the_other((GREY, rendition(marked=1.0)), WHOLE, differ=True) is None
    assert made_of_the_other((GREY, PLAIN), (0.6, 1.0), differ=True) is None  # the crop is in color


def test_what_the_steps_of_a_jpeg_tell_goes_first() -> None:
    made = rendition(is_made=True)
    assert made_of_the_other((GREY, made), WHOLE, differ=False) == 1


def test_words() -> None:
    assert describe_direction(None, WHOLE) == ""
    assert describe_direction(1, WHOLE) == "B was made of A"
    assert describe_direction(0, WHOLE) == "A was made of B"
    assert describe_direction(1, (0.6, 1.0)) == ""  # "crop of 60 %" says so
    assert describe_direction(0, (0.6, 1.0)) == "A was made of B"  # it shows B on a page
