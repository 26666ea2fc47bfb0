"""What one of two pictures lacks, and the words for which was made of the other one."""

from __future__ import annotations

import pytest

from tests.helpers.renditions import rendition
from visualsearch_cli.verdicts.evidence import Rendition
from visualsearch_cli.verdicts.one_sided import lost_colors
from visualsearch_cli.verdicts.words import describe_direction, describe_profile, told_of_b

PLAIN = rendition()


@pytest.mark.parametrize("edit", [rendition(color=0.0, colors=240), rendition(colors=16)])
def test_what_lost_its_colors_is_the_copy(edit: Rendition) -> None:
    assert lost_colors(PLAIN, edit) == 1
    assert lost_colors(edit, PLAIN) == 0


@pytest.mark.parametrize("edit", [PLAIN, rendition(marked=1.0), rendition(is_made=True)])
def test_marks_and_steps_are_not_asked(edit: Rendition) -> None:
    """Of three directions that they told, one was wrong."""
    assert lost_colors(PLAIN, edit) is None


def test_words() -> None:
    assert [describe_direction(made) for made in (None, 0, 1)] == ["", "A was made of B", "B was made of A"]


def test_readers_who_see_one_of_two_pictures_are_told_of_the_other_by_what_it_is() -> None:
    def told(words: str) -> str:
        return told_of_b(f"full frame, {words}", "the kept file").removeprefix("full frame, ")

    assert told(describe_direction(1)) == "made of the kept file"
    assert told(describe_direction(0)) == "the kept file was made of it"
    assert told(describe_profile(1)) == "lost its color profile"
    assert told(describe_profile(0)) == "the kept file lost its color profile"
    assert told("scaled 0.50") == "scaled 0.50"
