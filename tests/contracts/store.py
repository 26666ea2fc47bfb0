"""What any store must do. A new one inherits `StoreContract` and says how it is opened."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

from tests.contracts.catalog import DIM, MODEL, ODD_NAMES, digest
from visualsearch_cli.index.carried.carried_rows import CarriedContent, CarriedFile
from visualsearch_cli.index.records import Circle, Filter
from visualsearch_cli.store.port import Store

ROOT = "/photos"


def carried(name: str, *values: float, **more: object) -> CarriedContent:
    """Return a content, with a vector that points where some values say."""
    values = values or (1.0,)
    vector = np.zeros(DIM, np.float32)
    vector[: len(values)] = values
    given: dict[str, object] = {"width": 640, "height": 480, "format": "JPEG", "size": 100, **more}
    return CarriedContent(digest(name), vector=vector / np.linalg.norm(vector), **given)  # type: ignore[arg-type]


def file(relpath: str | bytes, content: str | None = None, **more: object) -> CarriedFile:
    """Return a file with a content, or one that was skipped."""
    raw = relpath if isinstance(relpath, bytes) else relpath.encode("utf-8", "surrogateescape")
    reason = None if content else "not an image"
    known = CarriedFile(ROOT, raw, 100, 1_700_000_000_123_456_789, digest(content) if content else None)
    return known._replace(reason=reason)._replace(**more)  # type: ignore[arg-type]


class StoreContract:
    """Every store keeps this."""

    @contextmanager
    def opened(self, folder: Path) -> Iterator[Store]:
        """Open the store in a folder, which is made if there is none, for vectors of MODEL."""
        raise NotImplementedError

    @pytest.fixture
    def store(self, tmp_path: Path) -> Iterator[Store]:
        with self.opened(tmp_path) as store:
            store.put_roots([ROOT])
            yield store

    def test_a_new_one_is_empty_and_says_what_it_is_of(self, tmp_path: Path) -> None:
        with self.opened(tmp_path) as store:
            assert store.manifest().model == MODEL
            assert store.counts()[:4] == (0, 0, 0, 0)
            assert store.roots() == []
            assert list(store.contents()) == []
            assert store.nearest(np.eye(1, DIM, dtype=np.float32), 3) == [[]]

    def test_contents_come_back_as_they_were(self, store: Store) -> None:
        known = carried("a", 1, 2, captured="2019-07-03T18:00:00", camera="canon eos 5d", latitude=48.1)
        known = known._replace(longitude=-11.5)
        store.put_contents([known, carried("b", 0, 1)])
        (found,) = store.contents([digest("a"), digest("nobody's")])
        assert found._replace(vector=known.vector) == known
        np.testing.assert_array_equal(found.vector, known.vector)
        assert {each.hash for each in store.contents()} == {digest("a"), digest("b")}
        assert sorted(store.hashes()) == sorted((digest("a"), digest("b")))
        assert store.known([digest("b"), digest("nobody's")]) == {digest("b")}
        assert next(store.contents([digest("b")])).latitude is None

    def test_what_is_written_twice_is_there_once_as_it_was_last(self, store: Store) -> None:
        for _ in range(2):
            store.put_roots([] if ROOT in store.roots() else [ROOT])
            store.put_contents([carried("a"), carried("b", 0, 1)])
            store.put_files([file("a.jpg", "a"), file("gone.jpg", "b", missing=True), file("bad.jpg")])
        store.put_files([file("a.jpg", "b", size=7), file("other.jpg", "a", missing=True)])
        store.flush()
        assert store.counts()[:4] == (1, 2, 1, 2)
        assert store.roots() == [ROOT]
        assert store.file(ROOT, b"a.jpg") == file("a.jpg", "b", size=7)
        assert store.file(ROOT, b"nothing.jpg") is None

    def test_what_was_skipped_and_is_a_picture_now_is_one_file(self, store: Store) -> None:
        store.put_contents([carried("a")])
        store.put_files([file("a.jpg")])
        store.put_files([file("a.jpg", "a")])
        assert list(store.files(ROOT)) == [file("a.jpg", "a")]

    def test_names_come_back_whatever_bytes_they_are_of(self, store: Store) -> None:
        names = [*ODD_NAMES, "back\\slash.jpg", "\\xff.jpg", "a\"b/'c'.jpg", "x" * 255 + "/y.jpg"]
        store.put_contents([carried("a")])
        store.put_files([file(name, "a") for name in names])
        expected = {name.encode("utf-8", "surrogateescape") for name in names}
        assert {found.relpath for found in store.files(ROOT)} == expected
        assert {found.relpath for found in store.files_of([digest("a")])} == expected

    def test_files_are_found_by_folder_and_by_content(self, store: Store) -> None:
        store.put_contents([carried("a"), carried("b", 0, 1)])
        files = [file("x/1.jpg", "a"), file("x/y/2.jpg", "b"), file("xy/3.jpg", "a"), file("x.jpg", "b")]
        store.put_files(files)
        assert {found.relpath for found in store.files(ROOT, b"x")} == {b"x/1.jpg", b"x/y/2.jpg"}
        assert [found.relpath for found in store.files(ROOT, b"x.jpg")] == [b"x.jpg"]
        assert not list(store.files("/elsewhere"))
        assert {found.relpath for found in store.files_of([digest("a")])} == {b"x/1.jpg", b"xy/3.jpg"}

    def test_the_nearest_come_first_and_all_if_that_many_are_asked_for(self, store: Store) -> None:
        contents = [carried(f"{n}", 1, n / 10) for n in range(9)]
        store.put_contents(contents)
        store.flush()
        queries = np.stack([contents[0].vector, contents[8].vector])
        assert store.nearest(queries, 2) == [[digest("0"), digest("1")], [digest("8"), digest("7")]]
        assert set(store.nearest(queries[:1], 50)[0]) == {each.hash for each in contents}

    def test_a_filter_that_leaves_few_leaves_all_of_them(self, store: Store) -> None:
        rng = np.random.default_rng(4)
        rows = rng.standard_normal((3000, DIM)).astype(np.float32)
        contents = [carried(f"{n}", *row, width=100 + n % 150) for n, row in enumerate(rows)]
        store.put_contents(contents)
        store.flush()
        wide = [each for each in contents if each.width == 249]
        found = store.nearest(
            rows[:20] / np.linalg.norm(rows[:20], axis=1)[:, None], 20, Filter(min_width=249)
        )
        assert len(wide) == 20
        assert all(set(row) == {each.hash for each in wide} for row in found)

    def test_filters_keep_what_passes(self, store: Store) -> None:
        filters = [
            Filter(after="2019-07"),
            Filter(before="2019-08"),
            Filter(cameras=("eos",)),
            Filter(cameras=('x"%_\\',)),
            Filter(formats=("PNG", "TIFF")),
            Filter(near=Circle(48.0, 11.0, 30.0)),
            Filter(larger_than=50, min_width=10),
        ]
        passing = carried("a", captured="2019-07-03", camera='canon eos x"%_\\', format="PNG")
        store.put_contents(
            [passing._replace(latitude=48.1, longitude=11.1), carried("b", 0, 1, format="GIF")]
        )
        store.flush()
        for filter in filters:
            (found,) = store.nearest(np.eye(1, DIM, dtype=np.float32), 5, filter)
            assert digest("a") in found, filter

    def test_what_is_forgotten_is_gone_and_contents_in_use_stay(self, store: Store) -> None:
        store.put_contents([carried("a"), carried("b", 0, 1)])
        store.put_files([file("a.jpg", "a"), file("b.jpg", "b"), file("bad.jpg")])
        store.forget_files([file("b.jpg", "b"), file("bad.jpg")])
        store.forget_contents([digest("a"), digest("b")])
        assert store.counts()[:4] == (1, 0, 0, 1)
        store.forget_roots([ROOT])
        assert (store.roots(), store.counts()[:3]) == ([], (0, 0, 0))

    def test_it_is_there_when_it_is_opened_again(self, tmp_path: Path) -> None:
        with self.opened(tmp_path) as store:
            store.put_roots([ROOT])
            store.put_contents([carried("a")])
            store.put_files([file("a.jpg", "a")])
        with self.opened(tmp_path) as store:
            assert list(store.files(ROOT)) == [file("a.jpg", "a")]
            assert store.manifest().model == MODEL

    def test_more_rows_than_an_engine_gives_at_once(self, store: Store) -> None:
        store.put_contents([carried("a")])
        count = 10_500
        store.put_files([file(f"{n:05}.jpg", "a") for n in range(count)])
        assert len({found.relpath for found in store.files(ROOT)}) == count
        assert len({found.relpath for found in store.files_of([digest("a")])}) == count
