"""What callers may give."""

from __future__ import annotations

import pytest

from visualsearch_cli.fields import LARGEST
from visualsearch_cli.for_programs.arguments import candidates, positive


@pytest.mark.parametrize("number", [0, -1, LARGEST + 1, 2**70])
def test_numbers_of_answers_and_candidates_are_positive_and_of_64_bits(number: int) -> None:
    with pytest.raises(ValueError, match=f"k is {number}, expected"):
        positive(number)
    with pytest.raises(ValueError, match=f"ef_search is {number}, expected"):
        candidates(number)


def test_as_many_as_there_can_be() -> None:
    assert positive(LARGEST) == candidates(LARGEST) == LARGEST
