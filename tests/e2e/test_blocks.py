"""The file of vectors beside the catalog, from the outside: a help that is never needed."""

from __future__ import annotations

import os
import random
import shutil
from pathlib import Path

import pytest

from tests.e2e.test_crash import VECTORS, assert_sound, duration, kill_after, write_vectors
from tests.helpers.program import Program


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an index of many vectors; tests copy it."""
    home = tmp_path_factory.mktemp("made")
    write_vectors(home / "Photos", home / "vectors.npz")
    return home


@pytest.fixture
def index(run: Program, made: Path) -> Path:
    """An index of the folder, of this test."""
    if not (made / "apart" / "idx").exists():
        run("index", "--from", made / "vectors.npz", "--index", made / "apart" / "idx")
    shutil.copytree(made / "apart" / "idx", run.home / "idx")
    return run.home / "idx"


def block_of(index: Path) -> Path:
    (path,) = index.glob("vectors.*.f32")
    return path


def neighbors(run: Program, made: Path, index: Path, *options: str) -> tuple[list[object], str]:
    """Return what a query prints, and what it says besides."""
    asked = made / "Photos" / "00007.jpg"
    found = run("query", asked, "--index", index, "-k", "5", "--format", "jsonl", *options)
    return [record["neighbors"] for record in found.jsonl], found.err


def test_every_way_to_search_gives_equal_numbers(run: Program, made: Path, index: Path) -> None:
    exact, note = neighbors(run, made, index, "--exact")
    assert note == ""
    assert neighbors(run, made, index, "--hnsw")[0] == exact
    assert neighbors(run, made, index, "--within", str(made / "Photos"))[0] == exact
    block_of(index).unlink()
    assert neighbors(run, made, index, "--exact")[0] == exact


def cut(path: Path) -> None:
    os.truncate(path, path.stat().st_size - 1)


def swap(path: Path) -> None:
    """Put one row in the place of another, both whole."""
    data = bytearray(path.read_bytes())
    size = (len(data) - 64) // VECTORS
    data[64 + 7 * size : 64 + 8 * size] = data[64 + 9 * size : 64 + 10 * size]
    path.write_bytes(data)


def spoil(path: Path) -> None:
    with path.open("r+b") as file:
        file.seek(64 + 100 * ((path.stat().st_size - 64) // VECTORS) + 40)
        file.write(b"\xff" * 8)


@pytest.mark.parametrize("harm", [Path.unlink, cut, spoil])
def test_a_lost_or_damaged_file_is_a_note(run: Program, made: Path, index: Path, harm: object) -> None:
    expected, _ = neighbors(run, made, index, "--exact")
    assert callable(harm)
    harm(block_of(index))
    found, note = neighbors(run, made, index, "--exact")
    assert found == expected
    assert "vectors.000001.f32" in note
    assert len(note.splitlines()) == 1
    assert "check --repair" in run("check", "--index", index, code=13).err
    run("check", "--repair", "--index", index)
    assert neighbors(run, made, index, "--exact") == (expected, "")
    assert_sound(run, index)


def test_check_finds_what_no_query_can(run: Program, index: Path) -> None:
    swap(block_of(index))
    assert "vectors" in run("check", "--index", index, code=13).err


def test_an_append_adds_to_the_file(run: Program, index: Path) -> None:
    before = block_of(index).read_bytes()
    write_vectors(run.home / "More", run.home / "more.npz", first=VECTORS, count=30)
    run("index", "--from", "more.npz", "--index", index)
    block = run("info", "--index", index, "--json").json["block"]
    assert (block["file"], block["vectors"], block["beside"]) == ("vectors.000001.f32", VECTORS + 30, 0)
    after = block_of(index).read_bytes()
    assert after.startswith(before)
    asked = run.home / "More" / f"{VECTORS + 3:05}.jpg"
    exact = run("query", asked, "--index", index, "--exact", "-k", "3", "--format", "jsonl").jsonl
    assert run("query", asked, "--index", index, "--hnsw", "-k", "3", "--format", "jsonl").jsonl == exact
    assert_sound(run, index)


def test_kill_at_random_moments_of_an_append(run: Program, index: Path) -> None:
    """Old or new rows count, never half of them."""
    write_vectors(run.home / "More", run.home / "more.npz", first=VECTORS, count=900)
    spare = run.home / "spare"
    shutil.copytree(index, spare)
    append = ("index", "--from", "more.npz", "--index", index)
    whole = duration(run, *append)
    rng = random.Random(3)
    for number in range(6):
        shutil.rmtree(index)
        shutil.copytree(spare, index)
        kill_after(run, whole * (0.4 + 0.1 * (number + rng.random())), *append)
        assert run("check", "--index", index).code == 0
        run(*append)
        assert run("info", "--index", index, "--json").json["block"]["vectors"] == VECTORS + 900
        assert_sound(run, index)
