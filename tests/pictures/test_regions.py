"""How pictures are cut into regions."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from visualsearch_cli.errors import IndexVersionUnsupported
from visualsearch_cli.pictures.regions import CORNERS, FULL_FRAME, scheme_of

sides = st.integers(1, 5000)


def test_four_corners_and_the_center() -> None:
    boxes = {region.name: region.box(100, 50) for region in CORNERS.regions}
    assert boxes == {
        "top left": (0, 0, 60, 30),
        "top right": (40, 0, 100, 30),
        "bottom left": (0, 20, 60, 50),
        "bottom right": (40, 20, 100, 50),
        "center": (20, 10, 80, 40),
    }


def test_numbers_follow_that_of_the_full_frame() -> None:
    assert [region.number for region in CORNERS.regions] == [1, 2, 3, 4, 5]
    assert CORNERS.name_of(FULL_FRAME) is None
    assert [CORNERS.name_of(region.number) for region in CORNERS.regions] == [r.name for r in CORNERS.regions]


@pytest.mark.slow
@given(sides, sides)
def test_every_region_is_a_part_of_the_picture_and_nothing_is_left_out(width: int, height: int) -> None:
    seen = [0, 0]
    for region in CORNERS.regions:
        left, top, right, bottom = region.box(width, height)
        assert 0 <= left < right <= width
        assert 0 <= top < bottom <= height
        assert right - left == pytest.approx(0.6 * width, abs=2)
        assert bottom - top == pytest.approx(0.6 * height, abs=2)
        seen = [max(seen[0], right), max(seen[1], bottom)]
    assert seen == [width, height]


@pytest.mark.slow
@given(st.integers(1, 40), st.integers(1, 40))
def test_parts_are_cut_from_the_pixels(width: int, height: int) -> None:
    pixels = np.arange(width * height * 3, dtype=np.uint32).astype(np.uint8).reshape(height, width, 3)
    for region, part in zip(CORNERS.regions, CORNERS.parts(pixels), strict=True):
        left, top, right, bottom = region.box(width, height)
        np.testing.assert_array_equal(part, pixels[top:bottom, left:right])
        assert part.flags.c_contiguous


@pytest.mark.slow
@given(st.integers(1, 600))
def test_a_region_of_the_least_picture_has_the_input_side_of_the_model(side: int) -> None:
    least = CORNERS.min_side(side)
    for region in CORNERS.regions:
        left, top, right, bottom = region.box(least, 2 * least)
        assert min(right - left, bottom - top) >= side


def test_a_scheme_is_known_by_its_name() -> None:
    assert scheme_of("corners5-60/1") is CORNERS
    with pytest.raises(IndexVersionUnsupported, match=r"corners9-50/3.*corners5-60/1.*upgrade"):
        scheme_of("corners9-50/3")
