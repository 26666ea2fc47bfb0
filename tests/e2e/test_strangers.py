"""A folder that was downloaded, with an index in it that its maker changed: commands run there do no harm."""

from __future__ import annotations

import hashlib
import json
import os
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.helpers.photographs import change_index, copy_of
from tests.helpers.program import ESCAPE, Program

TORCH = {"torch", "open_clip"}


def test_no_weights_are_loaded_because_an_index_says_so(run: Program, indexed: Path) -> None:
    index = indexed / ".visualsearch"
    program = index / "weights.torchscript.pt"
    program.write_bytes(b"a program that overwrites files")
    model = {
        "name": "sscd",
        "weights": f"sha256:{hashlib.sha256(program.read_bytes()).hexdigest()}",
        "preprocessing": "sscd-squash320/1",
        "dim": 256,
    }
    change_index(index, f"UPDATE manifest SET value = '{json.dumps(model)}' WHERE key = 'model'")
    change_index(
        index, f"UPDATE manifest SET value = '{json.dumps(str(program))}' WHERE key = 'weights_path'"
    )
    new = copy_of(indexed / "coffee.jpg", run.home / "new.jpg")
    for command in (["query", new], ["index", "."]):
        copy_of(indexed / "coffee.jpg", indexed / "another.jpg", quality=50)
        result, loaded = run.modules(*command, code=1, cwd=indexed)
        assert "pass --weights FILE, or set VISUALSEARCH_WEIGHTS" in result.message
        assert str(program) not in result.message and not loaded & TORCH


def test_a_file_outside_of_the_folder_is_neither_shown_nor_removed(run: Program, chosen: Path) -> None:
    index = chosen / ".visualsearch"
    private = run.home / "private"
    private.mkdir()
    secret = private / ".bashrc.jpg"
    secret.write_bytes((chosen / "coffee.jpg").read_bytes())
    (chosen / "copy.jpg").write_bytes(secret.read_bytes())
    run("index", chosen)
    (chosen / "copy.jpg").unlink()
    outside, inside = (os.fsencode(name).hex() for name in ("../private/.bashrc.jpg", "copy.jpg"))
    change_index(index, f"UPDATE images SET relpath = x'{outside}' WHERE relpath = x'{inside}'")
    for command in (["query", chosen / "coffee.jpg"], ["dupes"], ["check"]):
        result = run(*command, code=13)
        assert "../private/.bashrc.jpg' leads out of root 1" in result.message, command
    assert secret.exists()


def test_apply_takes_nothing_from_behind_a_link(run: Program, indexed: Path) -> None:
    run.env["VISUALSEARCH_INDEX"] = str(indexed / ".visualsearch")
    (indexed / "sub").mkdir()
    (indexed / "sub" / "copy.jpg").write_bytes((indexed / "coffee.jpg").read_bytes())
    run("index", indexed)
    run("dupes", "--report", "report.json", "--level", "identical")
    private = run.home / "private"
    (indexed / "sub").rename(private)
    (indexed / "sub").symlink_to(private)
    report = json.loads((run.home / "report.json").read_text())
    assert any("sub" in member["path"] for group in report["groups"] for member in group["members"])
    result = run("apply", "report.json", "--delete", "--yes", code=3)
    assert f"is reached through a symbolic link, it lies in {private}" in result.out + result.err
    assert (private / "copy.jpg").exists() and (indexed / "coffee.jpg").exists()


@pytest.mark.parametrize("version", ["0.1.0", "now"])
@pytest.mark.parametrize("part", ["copy", "kept", "link", "companion"])
def test_apply_takes_no_file_outside_of_what_was_indexed(
    run: Program, chosen: Path, part: str, version: str
) -> None:
    """A report that names an absolute path elsewhere, with the very bytes that it says."""
    for path in (chosen / "copy.jpg", run.home / "private" / "secret.jpg"):
        path.parent.mkdir(exist_ok=True)
        path.write_bytes((chosen / "coffee.jpg").read_bytes())
    run("index", chosen)
    run("dupes", "--report", "report.json", "--level", "identical")
    report = json.loads((run.home / "report.json").read_text())
    (group,) = report["groups"]
    kept, copy = group["members"]
    secret = str(run.home / "private" / "secret.jpg")
    if part in ("link", "companion"):
        copy[f"{part}s"] = [secret]
    else:
        {"copy": copy, "kept": kept}[part]["path"] = secret
    if version == "0.1.0":
        del report["roots"]  # then its index tells
    (run.home / "report.json").write_text(json.dumps(report))
    for how in (["--dry-run"], ["--delete", "--yes"]):
        message = run("apply", "report.json", *how, code=1).message
        assert (
            f"report.json names {secret}, which lies below no folder that was indexed ({chosen})" in message
        )
    assert {path.name for path in chosen.glob("co*")} == {"coffee.jpg", "copy.jpg"} and Path(secret).exists()


def test_texts_of_a_catalog_do_not_reach_the_terminal_as_they_are(run: Program, chosen: Path) -> None:
    index = chosen / ".visualsearch"
    copy_of(chosen / "coffee.jpg", chosen / "small.jpg")
    (chosen / "bad.jpg").write_bytes(b"no picture")
    run("index", chosen, code=3)
    run("dupes")
    evil = "\x1b[2J\x1b]0;x\x07[red]"
    with closing(sqlite3.connect(index / "catalog.sqlite")) as connection:
        (text,) = connection.execute("SELECT value FROM manifest WHERE key = 'model'").fetchone()
        model = {**json.loads(text), "name": evil, "preprocessing": evil}
        connection.execute("UPDATE manifest SET value = ? WHERE key = 'model'", (json.dumps(model),))
        connection.execute("UPDATE manifest SET value = ? WHERE key LIKE 'created%'", (evil,))
        connection.execute("UPDATE skipped SET reason = ?", (evil,))
        connection.execute("UPDATE contents SET format = ?", (evil,))
        connection.execute("UPDATE images SET relpath = ? WHERE id = 1", (evil.encode(),))
        connection.commit()
    (chosen / "bad.jpg").write_bytes(b"no picture")
    lines = (
        ("info", "--skipped"),
        ("info", "--json"),
        ("check",),
        ("dupes",),
        ("dupes", "--json"),
        ("query", chosen / "coffee.jpg"),
    )
    for line in lines:
        result = run(*line)
        assert ESCAPE not in result.stdout + result.stderr, line
        assert "\\x1b[2J" in result.out or line[0] != "info" or "\\u001b" in result.out
    assert ESCAPE not in run("query", run.home / "small.jpg", code=3).stderr
    (chosen / "bad.jpg").unlink()
    indexed = run("index", chosen)  # nothing is new
    assert ESCAPE not in indexed.stdout + indexed.stderr and "\\x1b[2J" in indexed.out


@pytest.mark.parametrize("name", ["README", "catalog.sqlite", "lock"])
@pytest.mark.parametrize("command", ["index", "check --repair"])
def test_nothing_is_written_through_links_of_an_index(
    run: Program, chosen: Path, command: str, name: str
) -> None:
    index = chosen / ".visualsearch"
    precious = run.home / "precious"
    precious.write_bytes((index / name).read_bytes() if (index / name).exists() else b"")
    before = (precious.read_bytes(), precious.stat().st_mtime_ns)
    (index / name).unlink(missing_ok=True)
    (index / name).symlink_to(precious)
    copy_of(chosen / "coffee.jpg", chosen / "another.jpg", quality=50)
    result = run.shell(f"visualsearch {command} || true")
    assert name == "README" or "symbolic link" in result.err
    assert (precious.read_bytes(), precious.stat().st_mtime_ns) == before


def test_blocks_and_graphs_are_not_written_through_links(run: Program, chosen: Path) -> None:
    index = chosen / ".visualsearch"
    kept = {}
    for path in [*index.glob("hnsw.*.bin"), *index.glob("vectors.*.f32")]:
        target = run.home / path.name
        path.rename(target)
        path.symlink_to(target)
        kept[target] = target.read_bytes()
    assert kept
    for number in range(3):
        copy_of(chosen / "coffee.jpg", chosen / f"another{number}.jpg", quality=50 + number)
    run("index", chosen)
    run("check", "--repair")
    assert {path: path.read_bytes() for path in kept} == kept


def test_a_backup_of_hard_links_stays_as_it_was(run: Program, chosen: Path) -> None:
    """As `cp -al` makes one: what is written in place would be written in the backup, too."""
    index = chosen / ".visualsearch"
    backup = run.home / "backup"
    backup.mkdir()
    kept = {}
    for path in index.iterdir():
        (backup / path.name).hardlink_to(path)
        kept[path.name] = path.read_bytes()
    copy_of(chosen / "rocket.jpg", chosen / "new.jpg", quality=50)
    assert run("dupes", "--json").json["groups"] == []  # a reader of what has another name
    assert run("index", chosen, "--json").json["embedded"] == 1
    assert len(run("dupes", "--json").json["groups"]) == 1
    run("check")
    assert {path.name: path.read_bytes() for path in backup.iterdir()} == kept


@pytest.mark.parametrize("side", ["width", "height"])
def test_embeddings_of_a_picture_without_size_are_refused(run: Program, photos: Path, side: str) -> None:
    run("embed", photos, "-o", "x.jsonl")
    lines = (run.home / "x.jsonl").read_text().splitlines()
    changed = json.dumps({**json.loads(lines[0]), side: 0})
    (run.home / "x.jsonl").write_text("\n".join([changed, *lines[1:]]))
    message = run("index", "--from", "x.jsonl", code=1).message
    assert f"{side} is 0, expected a whole number from 1" in message


def test_a_block_that_is_named_as_none_is_left_for_the_catalog(run: Program, chosen: Path) -> None:
    block = (
        """INSERT OR REPLACE INTO manifest VALUES ('block', '{"name": "../x", "count": 1, "last_id": 1}')"""
    )
    change_index(chosen / ".visualsearch", block)
    copy_of(chosen / "coffee.jpg", run.home / "new.jpg", scale=0.9)
    said = "'../x' is not the name of a block file"
    assert f"{said}; reading the vectors from the catalog instead" in run("query", run.home / "new.jpg").err
    assert said in run("check", code=13).message


DEEP = "[" * 200_000 + "]" * 200_000
ENDLESS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT"
CHANGED = {
    "a text for the size of a file": ("UPDATE images SET size = 'x' WHERE id = 2", "size is 'x', expected "),
    "a text for a width": ("UPDATE contents SET width = 'x' WHERE id = 1", "width is 'x', expected "),
    "no width": ("UPDATE contents SET width = 0 WHERE id = 1", "0 × "),
    "a height below none": ("UPDATE contents SET height = -3 WHERE id = 1", " × -3 pixels"),
    "a number for a vector": ("UPDATE embeddings SET vector = 7 WHERE id = 3", " 3"),
    "a text for a path": ("UPDATE images SET relpath = 'x' WHERE id = 2", "relpath is 'x'"),
    "a path elsewhere": (
        "UPDATE images SET relpath = x'2e2e2f78' WHERE id = 2",
        "'../x' leads out of root 1",
    ),
    "a text for a root": ("UPDATE roots SET location = 'x'", "location is 'x', expected "),
    "a root elsewhere": ("UPDATE roots SET location = x'2f78', relative = 1", "root 1 leads elsewhere"),
    "deep JSON": (f"UPDATE manifest SET value = '{DEEP}' WHERE key = 'model'", "model is "),
    "another type of JSON": ("UPDATE manifest SET value = '[7]' WHERE key = 'params'", "params is "),
    "a view that never ends": (
        f"ALTER TABLE images RENAME TO t; CREATE VIEW images AS {ENDLESS} i AS id FROM n",
        "its table t is not as this program makes it",
    ),
    "a trigger": (
        "CREATE TRIGGER mine AFTER INSERT ON images BEGIN DELETE FROM images; END",
        "its trigger mine is not as this program makes it",
    ),
}
"""What was done to catalogs that ended commands of version 0.1.0 with a traceback, or let them hang."""


@pytest.mark.parametrize("change", CHANGED)
def test_a_changed_catalog_is_said_to_be_damaged(run: Program, chosen: Path, change: str) -> None:
    statements, named = CHANGED[change]
    with closing(sqlite3.connect(chosen / ".visualsearch" / "catalog.sqlite")) as connection:
        connection.executescript(statements)
    copy_of(chosen / "coffee.jpg", run.home / "new.jpg", scale=0.9)
    for command in (["query", run.home / "new.jpg"], ["check"]):
        assert named in run(*command, code=13).err, command


@pytest.mark.parametrize("vector", ["substr(vector, 5)", "vector || x'00000000'"])
def test_vectors_of_another_length_are_refused(run: Program, chosen: Path, vector: str) -> None:
    change_index(chosen / ".visualsearch", f"UPDATE embeddings SET vector = {vector} WHERE id = 1")
    copy_of(chosen / "coffee.jpg", run.home / "new.jpg", scale=0.9)
    for command in (["query", run.home / "new.jpg"], ["dupes"], ["check"]):
        assert "vector" in run(*command, code=13).message, command


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="has no pipes with names")
def test_nothing_waits_for_a_pipe(run: Program, chosen: Path) -> None:
    (chosen / "coffee.jpg").unlink()
    for name in ("coffee.jpg", "coffee.xmp", "pipe.jpg", "IMG_1.mov"):
        os.mkfifo(chosen / name)
    said = "it is a pipe, a device or a socket, and no file"
    assert said in run("query", chosen / "pipe.jpg", code=3).err
    assert said in run("compare", chosen / "coffee.jpg", chosen / "pipe.jpg", code=1).message
    run("dupes")
    run("index", chosen)
