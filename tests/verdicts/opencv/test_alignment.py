"""Where two unit squares meet."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from visualsearch_cli.verdicts.opencv.alignment import UNIT, area, overlap, project

numbers = st.floats(-0.9, 0.9)


@pytest.mark.slow
@given(numbers, numbers)
def test_a_shifted_square_keeps_what_is_left(x: float, y: float) -> None:
    shift = np.array([[1, 0, x], [0, 1, y], [0, 0, 1.0]])
    assert area(overlap(shift)) == pytest.approx((1 - abs(x)) * (1 - abs(y)))


def test_nothing_in_common_is_an_empty_polygon() -> None:
    assert len(overlap(np.array([[1, 0, 2.0], [0, 1, 0], [0, 0, 1]]))) == 0


@pytest.mark.slow
@given(st.lists(st.floats(-0.4, 0.4), min_size=6, max_size=6))
def test_the_overlap_lies_inside_and_is_no_larger_than_either(values: list[float]) -> None:
    matrix = np.eye(3)
    matrix[:2] += np.array(values).reshape(2, 3)
    shared = overlap(matrix)
    assert ((shared > -1e-9) & (shared < 1 + 1e-9)).all()
    if len(shared) > 2:
        assert area(shared) <= min(1, area(project(matrix, UNIT))) + 1e-9
