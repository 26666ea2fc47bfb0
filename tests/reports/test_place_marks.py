"""Boxes over a thumbnail: where the place is, large enough to be seen, and inside the picture."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from visualsearch_cli.reports.place_marks import LEAST, marks
from visualsearch_cli.verdicts.evidence import Box

PAGE = (1240, 1754)
SHOWN = (170, 240)


def test_a_box_lies_around_its_place() -> None:
    (mark,) = marks([(620, 877, 930, 1315)], PAGE, SHOWN)
    assert 78 <= mark.left <= 85 and 113 <= mark.top <= 120
    assert 127.5 <= mark.right <= 134 and 180 <= mark.bottom <= 187


def test_one_letter_is_seen_and_stays_in_the_middle_of_its_box() -> None:
    (mark,) = marks([(620, 877, 628, 887)], PAGE, SHOWN)
    assert mark.width == pytest.approx(LEAST, abs=0.2) and mark.height == pytest.approx(LEAST, abs=0.2)
    assert (mark.left + mark.right) / 2 == pytest.approx(85.5, abs=0.2)


def test_what_overlaps_is_one_box_and_what_does_not_stays_apart() -> None:
    words = [(100, 100, 130, 120), (400, 100, 430, 120), (120, 110, 180, 130), (100, 900, 130, 920)]
    found = marks(words, PAGE, SHOWN)
    assert len(found) == 3
    assert [mark.top for mark in found] == sorted(mark.top for mark in found)
    bridge = marks([(0, 0, 300, 300), (600, 0, 900, 300), (300, 100, 600, 200)], (900, 900), (240, 240))
    assert len(bridge) == 1 and bridge[0].width > 230


edge = st.integers(0, 3000)


@pytest.mark.slow
@given(st.lists(st.tuples(edge, edge, edge, edge), max_size=60))
def test_every_box_is_inside_and_none_overlaps_another(boxes: list[Box]) -> None:
    ordered = [(min(a, c), min(b, d), max(a, c) + 1, max(b, d) + 1) for a, b, c, d in boxes]
    found = marks(ordered, PAGE, SHOWN)
    assert bool(found) == bool(boxes)
    for mark in found:
        assert 0 < mark.left <= mark.right < SHOWN[0] and 0 < mark.top <= mark.bottom < SHOWN[1]
    assert not any(a.meets(b) for a in found for b in found if a is not b)
