"""Summaries of stretches of files: whatever changes, those that are left are of the rows there are."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.contracts.catalog import content, digest
from tests.helpers.catalogs import new_catalog
from visualsearch_cli.index.known_files import Summary, digest_of
from visualsearch_cli.index.records import FileKey, FileUpdate
from visualsearch_cli.index.sqlite import known_files
from visualsearch_cli.index.writer import CatalogWriter
from visualsearch_cli.indexing.changes import Walked
from visualsearch_cli.indexing.scanner import FoundFile, Listing

NAMES = [
    f"{folder}{name}"
    for folder in ("", "a/", "a/b/", "a!/", "\udcff/")
    for name in ("1.jpg", "2.jpg", "a", "\u00e9.jpg", "\udcfe.jpg", "z.jpg")
]
PLACES = [".", "a", "a/b", "a!", "a/1.jpg", "1.jpg", "nowhere"]


@pytest.fixture(autouse=True)
def short_stretches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(known_files, "LENGTH", 4)
    monkeypatch.setattr(known_files, "THIN", 2)


@contextmanager
def opened() -> Iterator[CatalogWriter]:
    """Give an empty catalog with two roots."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(os.path.realpath(name))
        with closing(new_catalog(folder / ".visualsearch")) as catalog:
            catalog._db.run("PRAGMA synchronous = OFF")
            for root in ("one", "two"):
                (folder / root).mkdir()
                catalog.add_root(folder / root)
            yield catalog


def change(catalog: CatalogWriter, data: st.DataObject) -> None:
    """Change something, as a run does."""
    root = data.draw(st.sampled_from([1, 1, 2]))
    names = data.draw(st.lists(st.sampled_from(NAMES), max_size=20, unique=True))
    files = [file for file in catalog.known_files(FileKey(root, ".")) if data.draw(st.booleans())]
    match data.draw(st.sampled_from(["write", "write", "skip", "vanish", "back", "prune", "summarize"])):
        case "write":
            time = data.draw(st.integers(0, 2))
            catalog.write([FileUpdate(FileKey(root, name), 1, time, content("x")) for name in names])
        case "skip":
            catalog.write([FileUpdate(FileKey(root, name), 1, -1, None, "broken") for name in names])
        case "vanish":
            images = [id for _, id, *_, reason in files if reason is None]
            catalog.vanish(images, [id for _, id, *_, reason in files if reason is not None])
        case "back":
            catalog.write((), [id for _, id, _, _, missing, _ in files if missing])
        case "prune":
            catalog.prune()
        case "summarize":
            catalog.summarize()


@pytest.mark.slow
@settings(max_examples=60)
@given(st.data())
def test_a_summary_is_of_the_rows_there_are_whatever_happens(data: st.DataObject) -> None:
    with opened() as catalog:
        for _ in range(data.draw(st.integers(1, 12))):
            change(catalog, data)
            assert catalog.problems() == []
            for root in (1, 2):
                for place in PLACES:
                    agree(catalog, FileKey(root, place))
        catalog.summarize()
        for root in (1, 2):
            found = list(catalog.stretches(FileKey(root, ".")))
            assert all(stretch.summary is not None for stretch in found)


def agree(catalog: CatalogWriter, place: FileKey) -> None:
    """Compare stretches with files."""
    found = list(catalog.stretches(place))
    assert [file for stretch in found for file in stretch.files()] == list(catalog.known_files(place))
    for stretch, following in pairwise(found):
        assert stretch.until is not None
        assert all(file[0] < stretch.until for file in stretch.files())
        assert all(file[0] >= stretch.until for file in following.files())
    for stretch in found:
        if stretch.summary is not None:
            files = [file for file in stretch.files() if not file[4]]
            paths, sizes, times = [f[0] for f in files], [f[2] for f in files], [f[3] for f in files]
            assert stretch.summary.is_of(paths, sizes, times)
            assert stretch.summary.skipped == sum(file[5] is not None for file in files)


@pytest.mark.slow
def test_stretches_stay_long() -> None:
    """However often something is added or forgotten, only what was not yet changed since may be thin."""
    with opened() as catalog:
        for number in range(60):
            name = f"{number * 37 % 60:02}.jpg"
            catalog.write([FileUpdate(FileKey(1, name), 1, 1, content("x"))])
            catalog.summarize()
        found = list(catalog.stretches(FileKey(1, ".")))
        assert 60 / known_files.LENGTH <= len(found) <= 60 / known_files.THIN
        catalog.vanish([id for _, id, *_ in catalog.known_files(FileKey(1, "."))], ())
        catalog.summarize()
        assert len(list(catalog.stretches(FileKey(1, ".")))) == 1


def test_only_what_changed_is_summarized_again() -> None:
    with opened() as catalog:
        names = [f"{number:02}.jpg" for number in range(60)]
        catalog.write([FileUpdate(FileKey(1, name), 1, 1, content("x")) for name in names])
        catalog.summarize()
        asked: list[str] = []
        catalog._db._connection.set_trace_callback(asked.append)
        catalog.summarize()
        assert not [sql for sql in asked if "images" in sql]
        catalog._db._connection.set_trace_callback(None)
        catalog.write([FileUpdate(FileKey(1, "30.jpg"), 2, 1, digest("x"))])
        catalog._db._connection.set_trace_callback(asked.append)
        catalog.summarize()
        assert len([sql for sql in asked if "FROM images" in sql]) == 1


@pytest.mark.slow
def test_a_summary_that_is_wrong_is_found_and_repaired() -> None:
    with opened() as catalog:
        catalog.write([FileUpdate(FileKey(1, "a.jpg"), 1, 1, content("x"))])
        catalog.summarize()
        for column, value in (("digest", "zeroblob(32)"), ("count", "7"), ("until", "x'7a'")):
            catalog._db.run(f"UPDATE stretches SET {column} = {value}")
            (problem,) = catalog.problems()
            assert "check --repair" in problem
            catalog.summarize(rebuild=True)
            assert catalog.problems() == []


# What tells files apart

FILES = st.lists(
    st.tuples(st.sampled_from([b"a", b"b", b"ab", b"a/b"]), st.integers(0, 2), st.integers(0, 2)), max_size=4
)


def digest_(files: list[tuple[bytes, int, int]], first: bytes = b"", until: bytes | None = None) -> bytes:
    paths, sizes, times = [f[0] for f in files], [f[1] for f in files], [f[2] for f in files]
    return digest_of(first, until, paths, sizes, times)


@pytest.mark.slow
@given(FILES, FILES)
def test_different_files_have_different_digests(
    one: list[tuple[bytes, int, int]], other: list[tuple[bytes, int, int]]
) -> None:
    assert (digest_(one) == digest_(other)) == (one == other)


def test_the_bounds_are_part_of_the_digest() -> None:
    """Else a bit that flips in one could let files vanish unnoticed."""
    digests = [digest_([], *bounds) for bounds in ((b"", None), (b"a", None), (b"", b"a"), (b"a", b"b"))]
    assert len(set(digests)) == 4


# The files of a walk


@pytest.mark.slow
@given(
    st.lists(st.integers(0, 60), unique=True).map(sorted),
    st.lists(st.integers(1, 5), min_size=1),
    st.lists(st.tuples(st.integers(0, 61), st.booleans(), st.integers(-2, 2)), max_size=8),
)
def test_a_walk_is_taken_stretch_by_stretch(
    numbers: list[int], sizes: list[int], steps: list[tuple[int, bool, int]]
) -> None:
    """As slices of the list of all files."""
    files: list[FoundFile] = [(b"/r/%02d" % number, number, -number) for number in numbers]
    moved: list[int] = []
    walked = Walked(listings(files, sizes), moved.append)
    left = files
    bounds = sorted((b"/r/%02d" % bound, by_summary, error) for bound, by_summary, error in steps)
    for until, by_summary, error in bounds:
        part = [file for file in left if file[0] < until]
        if by_summary:
            below = [(path[3:], size, time) for path, size, time in part]
            summary = Summary(digest_(below), len(part) + error, 0, b"", None, 3)
            if walked.take(until, summary):
                assert error == 0
                left = left[len(part) :]
                continue
            assert error != 0
        assert list(walked.before(until)) == part
        left = left[len(part) :]
    assert list(walked.before(None)) == left
    assert sum(moved) == len(files)


def listings(files: list[FoundFile], sizes: list[int]) -> Iterator[Listing]:
    """Give files as a walk does, so many at a time."""
    number = 0
    while files:
        size = sizes[number % len(sizes)]
        part, files = files[:size], files[size:]
        yield [file[0] for file in part], [file[1] for file in part], [file[2] for file in part]
        number += 1
