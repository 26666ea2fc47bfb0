"""Long paths in few cells."""

from __future__ import annotations

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from visualsearch_cli.cli.output.dupes_table import shortened


@pytest.mark.parametrize(
    ("path", "width", "expected"),
    [
        ("a/b/c.jpg", 9, "a/b/c.jpg"),
        ("first/second/third/fourth/name.jpg", 30, "first/second/…/fourth/name.jpg"),
        ("first/second/third/fourth/name.jpg", 29, "first/…/fourth/name.jpg"),
        ("first/second/third/fourth/name.jpg", 16, "first/…/name.jpg"),
        ("first/second/third/fourth/name.jpg", 12, "…/name.jpg"),
        ("first/a_very_long_name_0001.jpg", 15, "a_very_…001.jpg"),
        ("旅行/北京/写真.jpg", 14, "旅行/…/写真.jpg"[:0] + "…/写真.jpg"),
    ],
)
def test_the_name_stays_as_long_as_it_can(path: str, width: int, expected: str) -> None:
    assert shortened(path.replace("/", os.sep), width) == expected.replace("/", os.sep)


@pytest.mark.slow
@given(
    st.text(st.characters(exclude_categories=("Cc", "Cs", "Mn", "Me", "Cf")), max_size=80), st.integers(8, 60)
)
def test_the_width_is_kept(path: str, width: int) -> None:
    short = shortened(path, width)
    assert cell_len(short) <= width
    assert short == path or "…" in short
