"""What is printed for other programs, and what becomes of a reader that leaves early."""

from __future__ import annotations

import csv
import io
import shutil
from pathlib import Path

import pytest

from tests.helpers.photographs import copy_of, write_cuttings
from tests.helpers.program import Program


@pytest.fixture
def queries(run: Program, chosen: Path) -> list[Path]:
    """Two small copies; the index is chosen."""
    return [copy_of(chosen / f"{name}.jpg", run.home / f"{name}.png") for name in ("coffee", "rocket")]


def test_all_formats_say_the_same(run: Program, queries: list[Path]) -> None:
    document = run("query", *queries, "-k", "3", "--json").json
    assert [Path(r["query"]) for r in document["results"]] == queries
    assert run("query", *queries, "-k", "3", "--format", "jsonl").jsonl == document["results"]
    rows = list(csv.DictReader(io.StringIO(run("query", *queries, "-k", "3", "--format", "csv").out)))
    flat = [
        {"query": r["query"], **n, "copies": len(n["copies"])}
        for r in document["results"]
        for n in r["neighbors"]
    ]
    texts = [{key: "" if value is None else str(value) for key, value in record.items()} for record in flat]
    assert rows == texts
    paths = run("query", *queries, "-k", "3", "--format", "paths").out
    assert paths.splitlines() == [record["path"] for record in flat if not record["stranger"]]
    assert any(record["stranger"] for record in flat)
    assert run("query", *queries, "-k", "3", "--format", "paths", "-0").out == paths.replace("\n", "\0")
    table = run("query", *queries, "-k", "3").out
    assert [line for line in table.splitlines() if line.endswith(".png")] == ["coffee.png", "rocket.png"]
    for record in flat:
        assert f"{record['distance']:.4f}" in table
        assert f"{record['width']}×{record['height']}" in table


def test_nothing_matched_in_every_format(run: Program, queries: list[Path]) -> None:
    query = ("query", queries[0], "--level", "identical", "--format")
    nothing: dict[str, object] = {"query": str(queries[0]), "neighbors": [], "error": None, "part": None}
    assert "nothing near enough" in run(*query, "table").out
    assert run(*query, "json").json["results"] == [nothing]
    assert run(*query, "jsonl").jsonl == [nothing]
    assert run(*query, "paths").out == ""
    assert run(*query, "csv").out.splitlines() == [
        "query,rank,path,distance,similarity,verdict,width,height,bytes,mtime,region,query_region,"
        "reason,looked_at,stranger,offline,missing,copies"
    ]


def test_numbers_are_what_they_are_called(run: Program, chosen: Path, queries: list[Path]) -> None:
    (record,) = run("query", queries[0], "-k", "1", "--format", "jsonl").jsonl
    nearest = record["neighbors"][0]
    original = chosen / "coffee.jpg"
    assert nearest["path"] == str(original)
    assert nearest["bytes"] == original.stat().st_size
    assert nearest["mtime"] == pytest.approx(original.stat().st_mtime)
    assert nearest["similarity"] == pytest.approx(1 - nearest["distance"])
    assert (nearest["width"], nearest["height"]) == (320, 213)


def test_json_of_every_command_has_a_schema(run: Program, chosen: Path, queries: list[Path]) -> None:
    for command in (["index", chosen], ["query", queries[0]], ["info"], ["check"], ["models"]):
        document = run(*command, "--json").json
        assert document["schema"] == f"visualsearch/{command[0]}/1"


def test_a_table_in_a_pipe_has_one_line_for_each_neighbor(run: Program, chosen: Path) -> None:
    deep = chosen / ("a rather long name of a folder " * 5) / ("another one " * 15)
    copy_of(chosen / "coffee.jpg", deep / "coffee.jpg")
    run("index", chosen)
    lines = run("query", chosen / "coffee.jpg", "-k", "2").out.splitlines()
    assert len(lines) == 2 + 2  # the query, the head of the table
    assert any(line.rstrip().endswith("another one /coffee.jpg") for line in lines)


@pytest.mark.parametrize("format", ["table", "json", "csv", "paths"])
def test_a_closed_pipe_ends_quietly(run: Program, chosen: Path, format: str) -> None:
    """More is printed than a pipe holds, so the program does notice that nobody reads."""
    for number in range(60):
        shutil.copy(chosen / "coffee.jpg", chosen / f"{'long name ' * 20}{number}.jpg")
    run("index", chosen)
    line = f"for i in $(seq 30); do echo {chosen}/coffee.jpg; done | visualsearch query - -k 100"
    result = run.shell(f"set -o pipefail; {line} --format {format} | head -c 10")
    assert len(result.stdout) == 10
    assert result.stderr == b""


def test_other_commands_end_quietly_too(run: Program, chosen: Path) -> None:
    for number in range(300):
        (chosen / f"{'broken ' * 30}{number}.jpg").write_bytes(b"no picture")
    run("index", chosen, "-q", code=3)
    for line in ("info --skipped", "info --skipped --json", f"embed {chosen} -o - -q", "--help"):
        result = run.shell(f"visualsearch {line} | head -1")
        assert result.stderr == b""
    result = run.shell(f"visualsearch index {chosen} 2>&1 >/dev/null | head -1")
    assert b"skipped" in result.stdout and result.stderr == b""


@pytest.mark.parametrize("line", ["info", "models", "query Photos/coffee.jpg"])
@pytest.mark.usefixtures("chosen")
def test_a_full_disk_is_an_error(run: Program, line: str) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("needs /dev/full")
    result = run.shell(f"visualsearch {line} > /dev/full", code=1)
    assert "No space left" in result.message


def test_answers_come_while_the_list_is_long(run: Program, chosen: Path) -> None:
    """Hundreds of queries are answered in parts, in order."""
    write_cuttings(run.home / "many", 300)
    result = run.shell("find many -name '*.jpg' | sort | visualsearch query - -k 1 --format jsonl")
    queries = [Path(record["query"]).name for record in result.jsonl]
    assert len(queries) == 300
    expected = sorted(str(p.relative_to(run.home)) for p in (run.home / "many").rglob("*.jpg"))
    assert queries == [Path(path).name for path in expected]
    assert all(record["neighbors"][0]["path"].startswith(str(chosen)) for record in result.jsonl)
