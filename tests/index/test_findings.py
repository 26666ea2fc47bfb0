"""The cache of findings in the catalog: it helps, and never fails."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.index.test_catalog import catalog_path, raw
from tests.index.test_traits import folder, hashes, writer_of  # noqa: F401 (a fixture)
from visualsearch_cli.errors import IndexLocked
from visualsearch_cli.index.sqlite.caches import SqliteFindings
from visualsearch_cli.index.sqlite.database import Database
from visualsearch_cli.verdicts.evidence import Finding, Fit
from visualsearch_cli.verdicts.verdict import Verdict

FIT = Fit(((0.5, 0.1, 1 / 3), (0, 1, 0), (1e-9, 0, 1)), True, 17, 0.62, 1.0, 0.0123456789, 0.98)
EDITED = Finding(Verdict.EDITED, FIT, "crop of 62 %")
NOTHING = Finding(None, None, "neither picture fits onto the other")
PIXELS = Finding(Verdict.PIXELS, reason="same pixels, different file")


def cache(folder: Path, version: str = "1", most: int = 10) -> SqliteFindings:  # noqa: F811
    return SqliteFindings(catalog_path(folder), version, writer_of(catalog_path(folder)), most)


@pytest.fixture
def pairs(folder: Path) -> list[tuple[str, str]]:  # noqa: F811
    a, b, c, *_ = hashes(folder)
    return [(a, b), (b, a), (a, c)]


def test_what_is_stored_comes_back(folder: Path, pairs: list[tuple[str, str]]) -> None:  # noqa: F811
    stored = dict(zip(pairs, (EDITED, NOTHING, PIXELS), strict=True))
    cache(folder).store(stored)
    assert cache(folder).load([*pairs, (pairs[0][1], "00" * 32)]) == stored
    assert cache(folder).load(pairs[:1]) == {pairs[0]: EDITED}
    cache(folder).store({pairs[0]: NOTHING})
    assert cache(folder).load(pairs)[pairs[0]] == NOTHING


def test_pictures_outside_the_index_are_not_kept(folder: Path, pairs: list[tuple[str, str]]) -> None:  # noqa: F811
    cache(folder).store({(pairs[0][0], "00" * 32): EDITED})
    assert not cache(folder).load([(pairs[0][0], "00" * 32)])


def test_another_version_is_unknown_and_forgotten(folder: Path, pairs: list[tuple[str, str]]) -> None:  # noqa: F811
    cache(folder).store({pairs[0]: EDITED})
    assert not cache(folder, "2").load(pairs)
    cache(folder, "2").store({pairs[1]: NOTHING})
    assert not cache(folder).load(pairs)


@pytest.mark.parametrize("text", ["", "{}", '{"verdict": "same"}'])
def test_a_damaged_row_is_unknown(folder: Path, pairs: list[tuple[str, str]], text: str) -> None:  # noqa: F811
    cache(folder).store({pairs[0]: EDITED, pairs[1]: NOTHING})
    with raw(folder) as connection:
        connection.execute("UPDATE findings SET finding = ? WHERE finding LIKE '%edited%'", (text,))
        connection.commit()
    assert cache(folder).load(pairs) == {pairs[1]: NOTHING}


def test_the_bound_holds(folder: Path, pairs: list[tuple[str, str]]) -> None:  # noqa: F811
    cache(folder, most=2).store(dict.fromkeys(pairs, NOTHING))
    assert len(cache(folder).load(pairs)) == 2


def test_deleted_contents_take_their_findings_along(folder: Path, pairs: list[tuple[str, str]]) -> None:  # noqa: F811
    cache(folder).store(dict.fromkeys(pairs, NOTHING))
    with raw(folder) as connection:
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("DELETE FROM images")
        connection.execute("DELETE FROM contents WHERE hash = ?", (bytes.fromhex(pairs[0][1]),))
        assert connection.execute("SELECT count(*) FROM findings").fetchone() == (1,)


def test_a_catalog_that_cannot_be_written_or_is_not_there_is_no_failure(
    folder: Path,  # noqa: F811
    tmp_path: Path,
    pairs: list[tuple[str, str]],
) -> None:
    @contextmanager
    def held() -> Iterator[Database | None]:
        raise IndexLocked("another process")
        yield None

    SqliteFindings(catalog_path(folder), "1", held).store({pairs[0]: EDITED})
    nowhere = SqliteFindings(tmp_path / "none.sqlite", "1", writer_of(tmp_path / "none.sqlite"))
    nowhere.store({pairs[0]: EDITED})
    assert not nowhere.load(pairs)


def test_a_content_whose_hash_is_a_text_has_no_findings(folder: Path, pairs: list[tuple[str, str]]) -> None:  # noqa: F811
    cache(folder).store({pairs[0]: EDITED})
    with raw(folder) as connection:
        connection.execute("UPDATE contents SET hash = 'x' WHERE hash = ?", (bytes.fromhex(pairs[0][1]),))
    assert not cache(folder).load(pairs)
