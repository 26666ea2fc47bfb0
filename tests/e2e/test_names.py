"""File names that people, cameras and attackers come up with."""

from __future__ import annotations

import csv
import io
import os
import shutil
import sys
from pathlib import Path

import pytest

from tests.helpers.photographs import copy_of, cutting
from tests.helpers.program import COMMAND, Program

NAMES = (
    b"two words.jpg",
    b" leading and trailing .jpg",
    b"new\nline.jpg",
    b"tab\tand\rreturn.jpg",
    b'it\'s "quoted".jpg',
    b"-k.jpg",
    b"--help.jpg",
    b"$(touch hacked) `id` ;&|.jpg",
    b"comma, semicolon; [bold]red[/].jpg",
    b"back\\slash %s {0}.jpg",
    b"\x1b[31mred\x1b]0;title\x07.jpg",
    "München Straße 日本 🎉.jpg".encode(),
    "e\u0301clair.jpg".encode(),
    b"UPPER.JPEG",
    b"many.dots.in.it.jpg",
    b"100%.jpg",
    b"x" * 240 + b".jpg",
)
BYTES = (b"caf\xe9 latin-1.jpg", b"\xff\xfe.jpg", b"folder \xe4/inside.jpg")


@pytest.fixture
def odd(run: Program) -> list[bytes]:
    """~/odd with a photograph of each name, indexed; the names."""
    run.env["VISUALSEARCH_INDEX"] = str(run.home / "odd" / ".visualsearch")
    names = [*NAMES, *(BYTES if sys.platform != "darwin" else ())]
    for number, name in enumerate(names):
        path = os.fsencode(run.home / "odd") + b"/" + name
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as file:
            cutting(number).save(file, "JPEG")
    report = run("index", "odd", "--json").json
    assert (report["found"], report["embedded"], report["skipped"]) == (len(names), len(names), [])
    assert run("index", "odd", "--json").json["unchanged"] == len(names)
    return names


def test_odd_names_in_every_format(run: Program, odd: list[bytes]) -> None:
    """One query whose neighbors are all the files."""
    folder = os.fsencode(run.home / "odd") + b"/"
    expected = {folder + name for name in odd}
    cutting(999).save(run.home / "x.jpg")
    query = ("query", "x.jpg", "-k", "100", "--max-distance", "2", "--format")

    assert set(run(*query, "paths", "-0").stdout.removesuffix(b"\0").split(b"\0")) == expected
    whole = [name for name in expected if b"\n" not in name]
    assert set(run(*query, "paths").stdout.splitlines()) >= {n for n in whole if b"\r" not in n}
    (record,) = run(*query, "jsonl").jsonl
    assert {os.fsencode(n["path"]) for n in record["neighbors"]} == expected
    (result,) = run(*query, "json").json["results"]
    assert result == record
    rows = list(csv.DictReader(io.StringIO(run(*query, "csv").out, newline="")))
    assert len(rows) == len(odd) and rows[0]["rank"] == "1"
    readable = {name for name in expected if name not in {folder + odd for odd in BYTES}}
    assert {row["path"].encode() for row in rows} >= readable
    table = run(*query, "table").stdout
    assert len(table.splitlines()) == len(odd) + 2  # the query, the head of the table
    assert b"\x1b" not in table and b"\x07" not in table
    assert rb"new\nline.jpg" in table and "München Straße 日本 🎉".encode() in table
    assert not (run.home / "hacked").exists()
    shown = run.on_terminal(*query, "table", "--preview", columns=60)
    assert b"\x1b]0;title" not in shown and b"\x1b[31mred" not in shown


def test_each_odd_name_can_be_queried(run: Program, odd: list[bytes]) -> None:
    folder = os.fsencode(run.home / "odd")
    paths = b"\0".join(folder + b"/" + name for name in odd)
    records = run("query", "-", "-0", "--format", "jsonl", stdin=paths).jsonl
    assert [os.fsencode(r["query"]) for r in records] == paths.split(b"\0")
    assert all(len(r["neighbors"]) == min(10, len(odd) - 1) for r in records)
    lines = [p for p in paths.split(b"\0") if b"\n" not in p]
    result = run("query", "-", "--format", "jsonl", stdin=b"\n".join(lines))
    assert [os.fsencode(r["query"]) for r in result.jsonl] == lines
    run("query", b"./odd/" + NAMES[11], *(b"odd/" + name for name in odd[:3]))


def test_names_that_look_like_options(run: Program, odd: list[bytes]) -> None:
    assert b"-k.jpg" in odd
    folder = run.home / "odd"
    for arguments in (("./-k.jpg",), ("--", "-k.jpg", "--help.jpg")):
        records = run("query", "--format", "jsonl", *arguments, cwd=folder).jsonl
        assert Path(records[0]["query"]).name == "-k.jpg"
    (folder / "-").mkdir()
    shutil.copy(folder / "-k.jpg", folder / "-" / "-.jpg")
    assert run("index", "./-", "--json", cwd=folder).json["found"] == 1
    result = run.shell("printf '%s\\0' -k.jpg | visualsearch query - -0 --format jsonl", cwd=folder)
    assert Path(result.jsonl[0]["neighbors"][0]["path"]) == folder / "-" / "-.jpg"


def test_paths_reach_other_programs_whole(run: Program, odd: list[bytes]) -> None:
    cutting(999).save(run.home / "x.jpg")
    listed = run.shell(
        "visualsearch query x.jpg -k 100 --max-distance 2 --format paths -0 "
        "| xargs -0 sh -c 'ls -d \"$@\" | wc -c' sh"
    )
    folder = len(os.fsencode(run.home / "odd")) + 1
    assert int(listed.out) == sum(folder + len(name) + 1 for name in odd)


def test_odd_names_go_through_a_file_of_embeddings(run: Program, odd: list[bytes]) -> None:
    for name in ("x.npz", "x.jsonl"):
        run("embed", "odd", "-o", name)
        report = run("index", "--from", name, "--index", name + ".idx", "--json").json
        assert (report["images"], report["skipped"]) == (len(odd), [])


@pytest.mark.usefixtures("odd")
def test_odd_names_are_reported_in_one_line(run: Program) -> None:
    with open(os.fsencode(run.home / "odd") + b"/broken\n\xff\x1b[31m.jpg", "wb") as file:
        file.write(b"no picture")
    result = run("index", "odd", code=3)
    assert len(result.err.splitlines()) == 1 and b"\x1b" not in result.stderr
    text = run("info", "--skipped", cwd=run.home / "odd").stdout
    assert rb"broken\n" in text and b"\x1b" not in text
    run("info", "--skipped", "--json", cwd=run.home / "odd")
    message = run("query", b"gone\xff\n\x1b[31m.jpg", code=3).err
    assert r"gone" in message and "\x1b" not in message
    message = run("index", b"gone\xff\n", code=1).message
    assert "gone" in message


def test_output_in_other_encodings(run: Program, odd: list[bytes]) -> None:
    """A terminal or a cron job with another character set is no reason to fail."""
    cutting(999).save(run.home / "x.jpg")
    for env in (
        {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"},
        {"PYTHONIOENCODING": "latin-1"},
    ):
        for format in ("table", "csv"):
            result = run("query", "x.jpg", "-k", "100", "--format", format, env=env)
            assert result.stdout.count(b"\n") >= len(odd)
    for command in (["models"], ["--help"], ["index", "odd"]):
        run(*command, env={"PYTHONIOENCODING": "ascii:strict"})


def test_a_folder_with_an_odd_name(run: Program, photos: Path) -> None:
    name = b"M\xfcnchen 'a\nb" if sys.platform != "darwin" else "München 'a\nb".encode()
    folder = os.fsencode(run.home) + b"/" + name
    os.rename(photos, folder)
    run("index", name)
    document = run("info", "--json").json
    assert os.fsencode(document["roots"][0]["path"]) == folder
    (record,) = run("query", name + b"/coffee.jpg", "--format", "jsonl").jsonl
    assert len(record["neighbors"]) == 9
    run("query", b"coffee.jpg", cwd=Path(os.fsdecode(folder)))
    assert run("index", "--json").json["unchanged"] == 10


def test_the_viewer_gets_a_name_as_one_argument(run: Program, odd: list[bytes]) -> None:
    viewer = run.home / "viewer"
    viewer.write_text(f'#!/bin/sh\nprintf "%s\\0" "$@" > {run.home}/opened\n')
    viewer.chmod(0o755)
    for name in (NAMES[7], odd[-1]):
        source = os.fsencode(run.home / "odd") + b"/" + name
        copy_of(Path(os.fsdecode(source)), run.home / "x.jpg", scale=1, quality=95)
        run("query", "x.jpg", "--open-with", viewer)
        assert (run.home / "opened").read_bytes() == source + b"\0"
    assert not (run.home / "hacked").exists()


def test_the_program_is_found_by_its_full_path(run: Program) -> None:
    assert Path(COMMAND).is_file()
    assert run("--version").out.startswith("visualsearch ")
