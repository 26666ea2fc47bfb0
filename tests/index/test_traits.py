"""The cache of traits in the catalog: it helps, and never fails."""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import numpy as np
import pytest

from tests.helpers.older import make_older
from tests.index.test_catalog import catalog_path, fill, raw
from visualsearch_cli.errors import IndexLocked
from visualsearch_cli.index.sqlite.caches import SqliteTraits
from visualsearch_cli.index.sqlite.database import BUSY_TIMEOUT_S, Database, Writer, migrate
from visualsearch_cli.verdicts.comparison import LocalFeatures, Traits


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = Path(os.path.realpath(tmp_path)) / "base"
    fill(folder)
    return folder


def hashes(folder: Path) -> list[str]:
    with raw(folder) as connection:
        return [row[0].hex() for row in connection.execute("SELECT hash FROM contents ORDER BY id")]


def traits(count: int) -> Traits:
    rng = np.random.default_rng(count)
    points = rng.random((count, 2), np.float32)
    return Traits(bytes(32), LocalFeatures(points, rng.integers(0, 256, (count, 128), np.uint8)))


def writer_of(path: Path) -> Writer:
    @contextmanager
    def writer() -> Iterator[Database]:
        migrate(path)
        with closing(Database(path, writable=True)) as database:
            yield database

    return writer


def cache(folder: Path, version: str = "v/1", most: int = 10) -> SqliteTraits:
    return SqliteTraits(catalog_path(folder), version, writer_of(catalog_path(folder)), most)


def test_what_is_stored_comes_back(folder: Path) -> None:
    known = hashes(folder)
    stored = {known[0]: traits(5), known[1]: Traits(None, None), known[2]: traits(0)}
    cache(folder).store(stored)
    found = cache(folder).load([*known, "00" * 32])
    assert set(found) == set(known)
    first = found[known[0]]
    assert first.pixel_hash == bytes(32) and first.features is not None
    expected = stored[known[0]].features
    assert expected is not None
    np.testing.assert_array_equal(first.features.points, expected.points)
    np.testing.assert_array_equal(first.features.descriptors, expected.descriptors)
    assert found[known[1]] == Traits(None, None)
    empty = found[known[2]].features
    assert empty is not None and len(empty) == 0 and empty.descriptors.shape == (0, 128)


def test_another_version_and_a_damaged_row_are_unknown(folder: Path) -> None:
    known = hashes(folder)
    cache(folder).store({known[0]: traits(3), known[1]: traits(4)})
    assert not cache(folder, "v/2").load(known)
    with raw(folder) as connection:
        connection.execute("UPDATE traits SET features = zeroblob(136) WHERE id = 1")
    assert set(cache(folder).load(known)) == {known[1]}


def test_a_full_cache_keeps_what_it_has(folder: Path) -> None:
    known = hashes(folder)
    for hash_ in known:
        cache(folder, most=2).store({hash_: traits(1)})
    assert set(cache(folder).load(known)) == set(known[:2])
    cache(folder, most=2).store({known[0]: traits(7)})
    features = cache(folder).load(known)[known[0]].features
    assert features is not None and len(features) == 7


def test_another_version_makes_room(folder: Path) -> None:
    known = hashes(folder)
    cache(folder, most=2).store({hash_: traits(1) for hash_ in known[:2]})
    cache(folder, "v/2", most=2).store({known[2]: traits(1)})
    assert set(cache(folder, "v/2").load(known)) == {known[2]}
    assert not cache(folder).load(known)


def test_contents_that_are_not_in_the_index_are_not_kept(folder: Path) -> None:
    cache(folder).store({"11" * 32: traits(1)})
    with raw(folder) as connection:
        assert connection.execute("SELECT count(*) FROM traits").fetchone() == (0,)


def test_traits_leave_with_their_content(folder: Path) -> None:
    known = hashes(folder)
    cache(folder).store({known[0]: traits(1)})
    with raw(folder) as connection:
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("DELETE FROM images")
        connection.execute("DELETE FROM contents")
        assert connection.execute("SELECT count(*) FROM traits").fetchone() == (0,)


def test_a_lock_held_elsewhere_is_no_failure(folder: Path) -> None:
    @contextmanager
    def held() -> Iterator[Database]:
        raise IndexLocked("held")
        yield

    known = hashes(folder)
    SqliteTraits(catalog_path(folder), "v/1", held).store({known[0]: traits(1)})
    assert not cache(folder).load(known)


def test_an_older_or_missing_catalog_is_no_failure(folder: Path, tmp_path: Path) -> None:
    known = hashes(folder)
    with raw(folder) as connection:
        make_older(connection, 3)
    assert not cache(folder).load(known)
    cache(folder).store({known[0]: traits(1)})  # brings the catalog up to date
    assert set(cache(folder).load(known)) == {known[0]}
    nowhere = SqliteTraits(tmp_path / "none.sqlite", "v/1", writer_of(tmp_path / "none.sqlite"))
    nowhere.store({known[0]: traits(1)})
    assert not nowhere.load(known)


def test_a_writer_in_the_middle_of_something_is_not_waited_for(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("visualsearch_cli.index.sqlite.caches.PATIENCE_MS", 10)
    known = hashes(folder)
    busy = sqlite3.connect(catalog_path(folder), isolation_level=None)
    busy.execute("BEGIN IMMEDIATE")
    before = time.monotonic()
    cache(folder).store({known[0]: traits(1)})
    assert time.monotonic() - before < BUSY_TIMEOUT_S / 2
    busy.execute("ROLLBACK")
    busy.close()
    assert not cache(folder).load(known)
