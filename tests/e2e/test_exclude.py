"""--exclude means the same to every command that has it."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tests.helpers.program import Argument, Program, Result

WARNING = "matches nothing"


@pytest.fixture
def tree(run: Program, photos: Path) -> Path:
    """~/Tree with seven copies of two photographs, in folders."""
    root = run.home / "Tree"
    for name in ("keep/a.jpg", "keep/skipme/b.jpg", "skipme/c.jpg", "skipme/deep/d.jpg", "e.jpg"):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(photos / "coffee.jpg", root / name)
    for name in ("keep/x.jpg", "skipme/y.jpg"):
        shutil.copy(photos / "rocket.jpg", root / name)
    return root


def indexed(run: Program, tree: Path, *options: str) -> tuple[set[str], Result]:
    place = ("--index", run.home / "idx")
    shutil.rmtree(run.home / "idx", ignore_errors=True)
    result = run("index", tree, *place, *options, cwd=run.home)
    found = run(
        "query", tree / "e.jpg", "-k", "50", "--format", "paths", "--max-distance", "2", *place, cwd=run.home
    ).out
    return below(tree, [*found.splitlines(), str(tree / "e.jpg")]), result


def duplicated(run: Program, tree: Path, *options: str) -> tuple[set[str], Result]:
    place = ("--index", run.home / "whole")
    if not (run.home / "whole").exists():
        run("index", tree, *place, "-q")
    result = run("dupes", "--json", *place, *options, cwd=run.home)
    members = (member for group in result.json["groups"] for member in group["members"])
    return below(tree, [member["path"] for member in members]), result


def embedded(run: Program, tree: Path, *options: str) -> tuple[set[str], Result]:
    result = run("embed", tree, "-o", "-", *options, cwd=run.home)
    return below(tree, [json.loads(line)["path"] for line in result.out.splitlines()]), result


def below(tree: Path, paths: list[str]) -> set[str]:
    return {Path(path).relative_to(tree).as_posix() for path in paths}


ALL = {"keep/a.jpg", "keep/skipme/b.jpg", "skipme/c.jpg", "skipme/deep/d.jpg", "e.jpg"}
ALL |= {"keep/x.jpg", "skipme/y.jpg"}


@pytest.mark.parametrize(
    ("pattern", "gone"),
    [
        ("skipme/", {"keep/skipme/b.jpg", "skipme/c.jpg", "skipme/deep/d.jpg", "skipme/y.jpg"}),
        ("./skipme", {"skipme/c.jpg", "skipme/deep/d.jpg", "skipme/y.jpg"}),
        ("{tree}/skipme/", {"skipme/c.jpg", "skipme/deep/d.jpg", "skipme/y.jpg"}),
        ("skipme/deep", {"skipme/deep/d.jpg"}),
        ("nowhere", set()),
    ],
)
def test_every_command_leaves_out_the_same(run: Program, tree: Path, pattern: str, gone: set[str]) -> None:
    option = ("--exclude", pattern.format(tree=tree))
    stays = ALL - gone
    for name, command in (("index", indexed), ("dupes", duplicated), ("embed", embedded)):
        found, result = command(run, tree, *option)
        # A picture without a copy is no member of a group.
        expected = stays - (
            {"keep/x.jpg", "skipme/y.jpg"} if name == "dupes" and "skipme/y.jpg" in gone else set()
        )
        assert found == expected, name
        assert (WARNING in result.err) is (not gone), name
    assert WARNING not in run("embed", tree, "-o", "-", "-q", *option).err


def test_a_pattern_that_fits_files_without_copies_is_not_warned_of(run: Program, tree: Path) -> None:
    (tree / "lonely").mkdir()
    shutil.copy(run.home / "Photos" / "astronaut.jpg", tree / "lonely" / "z.jpg")
    _, result = duplicated(run, tree, "--exclude", "lonely", "--exclude", "*.gif")
    assert "--exclude *.gif matches nothing" in result.err and "lonely" not in result.err


def test_patterns_are_about_the_root_when_a_part_of_it_is_named(run: Program, tree: Path) -> None:
    run("index", tree, "-q")
    for name in ("skipme/deep", "/deep"):
        report = run("index", tree / "skipme", "--no-exclude", "--exclude", name, "--json")
        assert report.json["found"] == (2 if name == "skipme/deep" else 3)
        assert (WARNING in report.err) is (name == "/deep")
    assert run("embed", tree / "skipme", "-o", "-", "--exclude", "/deep").out.count("\n") == 2


def test_what_is_left_out_as_a_whole_is_not_called_empty(run: Program, tree: Path) -> None:
    for pattern in ("*", str(tree)):
        message = run("index", tree, "--exclude", pattern, code=1).message
        assert message.startswith(f"{tree} has no images but what patterns leave out")
    assert not (tree / ".visualsearch").exists()


def test_embeddings_that_were_made_before_are_left_out_alike(run: Program, tree: Path) -> None:
    run("embed", tree, "-o", "v.npz")
    result = run("index", "--from", "v.npz", "--exclude", "/skipme/", "--exclude", "nothing", "--json")
    assert result.json["found"] == 4
    assert f"--exclude nothing {WARNING}" in result.err and "--exclude /skipme/" not in result.err


def test_what_is_left_out_stays_so_whatever_is_taken_in(run: Program, tree: Path) -> None:
    """From a file of embeddings, and from another index: the same patterns, remembered the same way."""
    run("embed", tree, "-o", "v.npz")
    run("index", tree, "--index", run.home / "all", "-q")
    for source in ("v.npz", "all"):
        place = ("--index", run.home / f"idx-{source}")
        run("index", tree, *place, "--exclude", "keep/", "-q")
        told = run("index", "--from", source, *place).err
        assert "3 files left out by patterns" in told and "those that are remembered" in told
        assert names(run, *place) == ALL - {"keep/a.jpg", "keep/skipme/b.jpg", "keep/x.jpg"}
        fresh = ("--index", run.home / f"fresh-{source}")
        run("index", "--from", source, "--exclude", "skipme/", *fresh)
        stays = {"keep/a.jpg", "e.jpg", "keep/x.jpg"}
        run("index", tree, *fresh)
        assert names(run, *fresh) == stays, "it was remembered"
        run("index", "--from", source, *fresh, "--no-exclude")
        assert names(run, *fresh) == ALL


@pytest.mark.parametrize("command", ["index", "dupes", "embed", "eval"])
def test_what_is_no_pattern_is_named(run: Program, tree: Path, command: str) -> None:
    run("index", tree, "-q")
    where = ("-o", "-") if command == "embed" else ()
    message = run(command, tree, *where, "--exclude", "[z-a]", code=1).message
    assert message.startswith("--exclude [z-a]: this is not a pattern")


def names(run: Program, *place: Argument) -> set[str]:
    """Return what is in the index of ~/Tree, below it."""
    tree = run.home / "Tree"
    (record,) = run("query", tree / "e.jpg", "-k", "50", "--format", "jsonl", *place).jsonl
    return below(tree, [neighbor["path"] for neighbor in record["neighbors"]]) | {"e.jpg"}


def test_what_was_left_out_once_stays_left_out(run: Program, tree: Path) -> None:
    place = ("--index", run.home / "idx")
    told = run("index", tree, *place, "--exclude", f"{tree}/skipme/").err
    assert told == (
        f"{tree}: from now on `visualsearch index` leaves out /skipme/ (--no-exclude forgets that)\n"
    )
    assert run("index", tree, *place).err == ""
    assert run("index", *place, "--exclude", "!nowhere", "-q").err == ""
    stays = {"keep/a.jpg", "keep/skipme/b.jpg", "e.jpg", "keep/x.jpg"}
    assert names(run, *place) == stays
    document = run("info", "--json", *place).json
    assert document["roots"][0]["exclude"] == ["/skipme/", "!nowhere"]
    assert "without /skipme/, !nowhere" in run("info", *place).out
    (tree / "keep" / ".visualsearchignore").write_text("skipme\n")
    assert run("index", *place, "--no-exclude").err == ""
    assert names(run, *place) == ALL
    refused = run("index", tree / "keep" / "skipme", *place, code=1).err
    assert (
        f"{tree}/keep/skipme is left out, by --exclude or by a file .visualsearchignore above it" in refused
    )
    assert run("prune", *place).out == "1 file forgotten, 1 of them in places that are left out\n"
    told = run("index", *place, "--exclude", "skipme").err
    assert "3 files of the index would be left out now: `visualsearch prune` forgets them" in told
    assert run("prune", *place, "--dry-run").out.startswith("3 files would be forgotten")
    assert run("prune", *place, "--include-stores").out.startswith("3 files forgotten")
    assert names(run, *place) == stays - {"keep/skipme/b.jpg"}
