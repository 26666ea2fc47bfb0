"""By distance alone, with all that narrows an answer down."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.helpers.photographs import copy_of, cutting, write_album
from visualsearch_cli.library import Answer, Index, Where, embed, open_index
from visualsearch_cli.search import answering
from visualsearch_cli.search.plan import Method


@pytest.fixture
def album(tmp_path: Path) -> Path:
    """Ten photographs, and a cup as three files."""
    write_album(tmp_path / "Photos")
    copy_of(tmp_path / "Photos" / "coffee.jpg", tmp_path / "Photos" / "cup.png", scale=1.0)
    shutil.copy(tmp_path / "Photos" / "coffee.jpg", tmp_path / "Photos" / "trip" / "again.jpg")
    return tmp_path / "Photos"


@pytest.fixture
def index(album: Path) -> Iterator[Index]:
    """An index of them."""
    with open_index(album, create=True, model="dct") as index:
        index.add(album)
        yield index


@pytest.fixture
def x(album: Path, tmp_path: Path) -> Path:
    """The cup, smaller."""
    return copy_of(album / "coffee.jpg", tmp_path / "x.jpg")


def names(answer: Answer) -> list[str]:
    return [match.image.path.name for match in answer.matches]


@pytest.mark.slow
def test_an_answer_is_narrowed_down(index: Index, album: Path, x: Path) -> None:
    vector = embed(x, model="dct").vectors[0]
    for asked in (x, vector):
        assert set(names(index.single_lookup(asked, k=3))) == {"coffee.jpg", "cup.png", "again.jpg"}
        assert names(index.single_lookup(asked, k=12, where=Where(formats=("png",)))) == ["cup.png"]
        inside = index.single_lookup(asked, k=12, where=Where(within=str(album / "trip")))
        assert len(inside.matches) == 4 and names(inside)[0] == "again.jpg"
        assert len(index.single_lookup(asked, k=12, max_distance=0.1).matches) == 3
        first, *others = index.single_lookup(asked, k=4, distinct=True).matches
        assert len(first.copies) == 2 and len(others) == 3 and not any(match.copies for match in others)
        spread = index.single_lookup(asked, k=3, diverse=0.2)
        assert len({"coffee.jpg", "cup.png", "again.jpg"} & set(names(spread))) < 3
    several = index.lookup([x, album / "rocket.jpg"], k=2, where=Where(formats=("png",)))
    assert [names(answer) for answer in several] == [["cup.png"], ["cup.png"]]
    assert names(index.query_vector(vector, 12, where=Where(formats=("png",)), distinct=True)) == ["cup.png"]


@pytest.mark.slow
def test_both_ways_to_search_give_one_answer(
    index: Index, album: Path, x: Path, caplog: pytest.LogCaptureFixture
) -> None:
    for seed in range(30):
        cutting(seed).save(album / f"cut{seed}.jpg")
    index.add(album)
    vector = embed(x, model="dct").vectors[0]
    found = {}
    for method, said in (("exact", "every vector"), ("hnsw", "graph of generation")):
        with caplog.at_level(logging.DEBUG, logger="visualsearch_cli"):
            caplog.clear()
            found[method] = [
                names(index.query(x, 5, method=method, verify="none")),  # type: ignore[arg-type]
                names(index.single_lookup(x, 5, method=method)),  # type: ignore[arg-type]
                names(index.query_vector(vector, 5, method=method)),  # type: ignore[arg-type]
                names(index.search(images=x, k=5, method=method, distinct=False)),  # type: ignore[arg-type]
            ]
            assert said in caplog.text
    assert found["exact"] == found["hnsw"]
    with caplog.at_level(logging.DEBUG, logger="visualsearch_cli"):
        caplog.clear()
        index.single_lookup(x, 5, ef_search=77)
        assert "77 candidates" in caplog.text
    with pytest.raises(ValueError, match="method is 'fast', expected one of auto, exact, hnsw"):
        index.single_lookup(x, method="fast")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="ef_search is 0"):
        index.query(x, ef_search=0)


@pytest.mark.slow
def test_a_search_ends_at_a_distance(index: Index, x: Path) -> None:
    assert len(index.search(images=x, k=12, distinct=False).matches) == 12
    assert len(index.search(images=x, k=12, distinct=False, max_distance=0.1).matches) == 3
    with pytest.raises(ValueError, match="max_distance is 3"):
        index.search(images=x, max_distance=3)


@pytest.mark.slow
def test_several_pictures_are_looked_up_in_one_go(
    index: Index, album: Path, x: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Which way to search is chosen for all of them, and not as if each came alone."""
    chosen: list[tuple[int, bool]] = []

    def recorded(*given: Any, one_by_one: bool) -> Method:
        chosen.append((given[1], one_by_one))
        return Method.EXACT

    monkeypatch.setattr(answering, "planned", recorded)
    index.lookup([x, album / "rocket.jpg", album / "chelsea.jpg"], k=1)
    assert chosen == [(3, False)]
    index.single_lookup(x, k=1)
    assert chosen[1:] == [(1, True)]
