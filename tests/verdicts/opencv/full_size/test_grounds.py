"""What a glance at luma tells of a page is never less than what all of it tells."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.helpers.pictures import photograph
from visualsearch_cli.pictures.image import Pixels
from visualsearch_cli.verdicts.opencv.full_size.grounds import look_of, page_at_most
from visualsearch_cli.verdicts.opencv.full_size.residual import split
from visualsearch_cli.verdicts.opencv.pages import is_page
from visualsearch_cli.verdicts.rules import log_odds_of_page


def page() -> Pixels:
    pixels = np.full((256, 192, 3), 250, np.uint8)
    for line in range(24, 240, 14):
        cv2.putText(pixels, "invoice of 1 May", (12, line), cv2.FONT_HERSHEY_SIMPLEX, 0.4, (20, 20, 60), 1)
    return pixels


def holds(pixels: Pixels) -> None:
    parts = split(pixels)
    assert log_odds_of_page(page_at_most(parts[0])) >= log_odds_of_page(look_of([parts], 0.0)) - 1e-6
    assert is_page(pixels) == (log_odds_of_page(look_of([parts], 0.0)) >= 0)


@pytest.mark.slow
@given(st.integers(0, 2**32 - 1), st.integers(8, 60), st.integers(8, 60), st.integers(1, 6))
def test_no_drawn_picture_is_more_like_a_page_than_at_most(
    seed: int, width: int, height: int, side: int
) -> None:
    random = np.random.default_rng(seed)
    blocks = random.integers(0, 256, (height, width, 3), dtype=np.uint8)
    holds(np.repeat(np.repeat(blocks, side, 0), side, 1))


@pytest.mark.parametrize("name", ["coffee", "astronaut"])
def test_photographs_are_none_and_pages_are_some(name: str) -> None:
    scene = np.asarray(photograph(name).resize((256, 192)))
    holds(scene)
    holds(page())
    assert not is_page(scene)
    assert is_page(page())


def test_a_large_page_is_looked_at_in_parts_that_all_count() -> None:
    """A histogram of three colors that was to accumulate held the last part alone."""
    part = split(page())
    paper = split(np.full_like(page(), 250))
    assert look_of([part] * 16, 0.0).plain == pytest.approx(look_of([part], 0.0).plain)
    shares = [look_of([side], 0.0).plain for side in (part, paper)]
    assert look_of([part, paper], 0.0).plain == pytest.approx(sum(shares) / 2, abs=0.02)
