"""What differs from the kept file, in words."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.helpers.reports import member
from visualsearch_cli.reports.differences import below, common_folder, facts
from visualsearch_cli.verdicts.verdict import Verdict

SECOND = 1_000_000_000
NOON = 1_720_000_000 * SECOND
KEPT = member("/p/a.jpg", shape=(4000, 3000), size=1_000_000, mtime_ns=NOON)

sizes = st.integers(0, 10**13)


def changes(**differing: object) -> dict[str, str]:
    """Return what differs of a copy that differs so."""
    path = differing.pop("path", "/p/b.jpg")
    values = {"shape": (4000, 3000), "size": 1_000_000, "mtime_ns": NOON, **differing}
    other = member(path, Verdict.SAME, **values)  # type: ignore[arg-type]
    return {fact.name: str(fact) for fact in facts(other, KEPT) if fact.differs}


def test_of_equals_nothing_differs() -> None:
    assert changes() == {}
    assert changes(path="/q/x.JPEG", mtime_ns=NOON + SECOND) == {}
    assert not any(fact.differs or fact.change for fact in facts(KEPT, KEPT))


def test_all_facts_come_in_their_order() -> None:
    assert [fact.name for fact in facts(KEPT, KEPT)] == ["pixels", "size", "format", "date"]
    assert [fact.value for fact in facts(KEPT, KEPT)][:3] == ["4000×3000", "1.0 MB", "JPEG"]


@pytest.mark.parametrize(
    ("shape", "text"),
    [
        ((2000, 1500), "2000×1500 (−75 %)"),
        ((8000, 6000), "8000×6000 (+300 %)"),
        ((40000, 30000), "40000×30000 (100 times)"),
        ((3000, 4000), "3000×4000"),
        ((4001, 3000), "4001×3000"),
        ((40, 30), "40×30 (−99.9 %)"),
        ((0, 0), "0×0 (−100.0 %)"),
    ],
)
def test_resolutions(shape: tuple[int, int], text: str) -> None:
    assert changes(shape=shape) == {"pixels": text}


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (120_000, "120 kB (−88 %)"),
        (1_000_012, "1.0 MB (+12 B)"),
        (999_999, "1.0 MB (−1 B)"),
        (0, "0 B (−100.0 %)"),
    ],
)
def test_sizes(size: int, text: str) -> None:
    assert changes(size=size) == {"size": text}


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("/p/b.png", "PNG"),
        ("/p/b.HIF", "HEIC"),
        ("/p/b", "unknown"),
        ("/p/b.x1", "X1"),
        ("/p/b.\n", "unknown"),
        ("/p/b. Moritz", "unknown"),
    ],
)
def test_formats(path: str, text: str) -> None:
    assert changes(path=path) == {"format": text}


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (3, "3 seconds later"),
        (-60, "1 minute earlier"),
        (3 * 86_400, "3 days later"),
        (-40 * 86_400, "1 month earlier"),
        (800 * 86_400, "2 years later"),
    ],
)
def test_dates(seconds: int, text: str) -> None:
    assert changes(mtime_ns=NOON + seconds * SECOND)["date"].endswith(f"({text})")


@pytest.mark.slow
@given(st.tuples(sizes, sizes), st.tuples(sizes, sizes), sizes, sizes, st.integers(-(2**63), 2**63 - 1))
def test_no_numbers_are_too_odd(
    shape: tuple[int, int], other: tuple[int, int], size: int, other_size: int, mtime_ns: int
) -> None:
    kept = member("/p/a.jpg", shape=shape, size=size)
    copy = member("/p/b.jpg", Verdict.SAME, shape=other, size=other_size, mtime_ns=mtime_ns)
    found = {fact.name: fact for fact in facts(copy, kept)}
    assert found["pixels"].differs == (shape != other)
    assert found["size"].differs == (size != other_size)
    assert not found["format"].differs


def test_the_folder_all_files_share() -> None:
    assert common_folder([Path("/p/x/a.jpg"), Path("/p/y/b.jpg")]) == Path("/p")
    assert common_folder([Path("/p/x/a.jpg"), Path("/p/x/b.jpg")]) == Path("/p/x")
    assert common_folder([Path("/p/xy/a.jpg"), Path("/p/x/b.jpg")]) == Path("/p")
    assert common_folder([Path("/p/a.jpg"), Path("/q/b.jpg")]) is None


def test_paths_below_a_folder() -> None:
    assert below(Path("/p/x/a.jpg"), Path("/p")) == os.path.join("x", "a.jpg")
    assert below(Path("/q/a.jpg"), Path("/p")) == str(Path("/q/a.jpg"))
    assert below(Path("/q/a.jpg"), None) == str(Path("/q/a.jpg"))
