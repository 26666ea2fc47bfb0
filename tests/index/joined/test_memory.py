"""What runs over several indexes remember: by set, not for ever, and never as a reason to fail."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.contracts.catalog import MANIFEST
from visualsearch_cli.index.folder import IndexFolder
from visualsearch_cli.index.joined.memory import MOST_MEMORIES, memories, memory_of


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr("visualsearch_cli.index.joined.memory.state_folder", lambda: tmp_path / "state")
    return tmp_path / "state"


def indexes(tmp_path: Path, *names: str) -> list[IndexFolder]:
    found = []
    for name in names:
        index = IndexFolder(tmp_path / name)
        if not index.exists():
            with index.lock():
                index.create(MANIFEST.model, None, MANIFEST.params)
        found.append(index)
    return found


@pytest.mark.slow
def test_a_set_has_one_memory_in_whatever_order_it_is_named(tmp_path: Path) -> None:
    memory = memory_of(indexes(tmp_path, "a", "b"), MANIFEST)
    assert memory is not None
    again = memory_of(indexes(tmp_path, "b", "a"), MANIFEST)
    assert again is not None and again.path == memory.path
    (known,) = memories()
    assert [index.path.name for index in known.indexes] == ["a", "b"]


@pytest.mark.slow
def test_those_that_were_not_used_for_longest_are_forgotten(tmp_path: Path, state: Path) -> None:
    sets = [indexes(tmp_path, "a", f"b{number}") for number in range(MOST_MEMORIES + 2)]
    for number, each in enumerate(sets):
        memory = memory_of(each, MANIFEST)
        assert memory is not None
        os.utime(memory.path, (number, number))
    assert len(list((state / "joined").iterdir())) == MOST_MEMORIES
    left = {memory.indexes[1].path.name for memory in memories()}
    assert "b0" not in left and f"b{MOST_MEMORIES + 1}" in left
    assert memories()[0].indexes[1].path.name == f"b{MOST_MEMORIES + 1}", "the last one first"


@pytest.mark.parametrize("text", ["", "{}", '{"schema": "visualsearch/joined/1", "indexes": ["relative"]}'])
def test_what_is_damaged_is_none(tmp_path: Path, text: str) -> None:
    memory = memory_of(indexes(tmp_path, "a", "b"), MANIFEST)
    assert memory is not None
    (memory.path / "indexes.json").write_text(text)
    assert memories() == []


def test_without_a_state_folder_there_is_none(tmp_path: Path, state: Path) -> None:
    assert memories() == []
    state.write_text("a file in its place")
    assert memory_of(indexes(tmp_path, "a", "b"), MANIFEST) is None
    assert memories() == []
