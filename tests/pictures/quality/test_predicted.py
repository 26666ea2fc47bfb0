"""A JPEG that is just what its steps make of another picture was made of it."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from tests.pictures.quality.test_past import light, photograph, saved
from visualsearch_cli.pictures.quality.predicted import missed


def missed_of(its: tuple[Image.Image, list[int]], other: tuple[Image.Image, list[int]]) -> float | None:
    lights = light(its[0]), light(other[0])
    return missed(lights[0], its[1], lights[1], other[1], np.ones(lights[0].shape, np.bool_))


@pytest.mark.parametrize("qualities", [(96, 75), (93, 92), (95, 85), (97, 97)])
def test_an_original_foretells_what_was_saved_of_it(qualities: tuple[int, int]) -> None:
    for number in range(4):
        original = saved(photograph(number), qualities[0])
        copy = saved(original[0], qualities[1])
        found = missed_of(copy, original)
        assert found is None or found < 0.3  # None: of the same steps nothing is lost


@pytest.mark.parametrize("qualities", [(96, 75), (93, 85), (95, 90)])
def test_the_copy_does_not_foretell_the_original(qualities: tuple[int, int]) -> None:
    for number in range(4):
        original = saved(photograph(number), qualities[0])
        found = missed_of(original, saved(original[0], qualities[1]))
        assert found is not None
        assert found > 0.7


@pytest.mark.parametrize("qualities", [(96, 75), (93, 85), (95, 90)])
def test_two_of_one_picture_do_not_foretell_each_other(qualities: tuple[int, int]) -> None:
    for number in range(4):
        one, other = (saved(photograph(number), quality) for quality in qualities)
        found = missed_of(other, one), missed_of(one, other)
        assert None not in found
        assert min(filter(None, found)) > 0.6


def test_of_a_plain_picture_nothing_is_told() -> None:
    plain = saved(Image.new("RGB", (64, 64), (90, 120, 30)), 80)
    assert missed_of(plain, plain) is None
