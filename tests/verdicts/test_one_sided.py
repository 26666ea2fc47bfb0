"""What one of two pictures lacks, and the words for which was made of the other one."""

from __future__ import annotations

import pytest

from tests.helpers.renditions import rendition
from visualsearch_cli.verdicts.evidence import Rendition
from visualsearch_cli.verdicts.one_sided import lost_colors
from visualsearch_cli.verdicts.words import describe_direction

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
