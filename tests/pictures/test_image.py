"""When a file is the one that was indexed."""

from __future__ import annotations

import pytest

from visualsearch_cli.pictures.image import is_same_time

FINE = 1_700_000_001_234_567_891


@pytest.mark.parametrize(
    "coarse",
    [
        1_700_000_000_000_000_000,  # FAT, cut off
        1_700_000_002_000_000_000,  # FAT, rounded up
        1_700_000_001_000_000_000,  # squashfs, sshfs
        1_700_000_001_230_000_000,  # exFAT
        1_700_000_001_234_000_000,
        1_700_000_001_234_567_000,
        1_700_000_001_234_567_800,  # NTFS
    ],
)
def test_times_of_a_coarser_file_system_are_the_same(coarse: int) -> None:
    assert is_same_time(FINE, coarse) and is_same_time(coarse, FINE)


@pytest.mark.parametrize("other", [FINE + 1, FINE - 1, FINE + 10**9, 1_699_999_999_000_000_000, 0])
def test_other_times_are_others(other: int) -> None:
    assert not is_same_time(FINE, other)


def test_two_coarse_times_are_compared_as_they_are() -> None:
    """Both are whole seconds, of which FAT would make one time of two: but one of them is odd."""
    assert not is_same_time(1_700_000_000_000_000_000, 1_700_000_002_000_000_000)
    assert is_same_time(1_700_000_001_000_000_000, 1_700_000_000_000_000_000)
