"""A tree is embedded in parts, by several processes, and the index is the one that a single process makes."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from tests.helpers.photographs import write_cuttings
from tests.helpers.places import PROJECT
from tests.helpers.program import COMMAND, Program

IMAGES = 40

FAILING = """\
#!{python}
import os, signal, sys
arguments = sys.argv[1:]
shard = arguments[arguments.index("--shard") + 1] if "--shard" in arguments else ""
mark = os.path.join({marks!r}, shard.replace("/", "-"))
with open(mark + ".starts", "a") as starts:
    starts.write("x")
if shard == "2/5" and os.path.getsize(mark + ".starts") == 1:
    sys.exit(1)
if shard == "3/5" and os.path.getsize(mark + ".starts") == 1:
    os.kill(os.getppid(), signal.SIGKILL)
    sys.exit(1)
os.execv({command!r}, [{command!r}, *arguments])
"""
"""Stands for the program: of one shard it fails the first time, of another it kills the worker of Dask."""


@pytest.fixture
def tree(run: Program) -> Path:
    """Photographs in ten folders, two of them the same."""
    paths = write_cuttings(run.home / "Photos", IMAGES)
    shutil.copy(paths[0], run.home / "Photos" / "copy.jpg")
    return run.home / "Photos"


def rows(run: Program, tree: Path, index: Path) -> list[str]:
    """Return what an index says of all pictures: how near each is to one of them."""
    queried = run(
        "query", tree / "0" / "00000.jpg", "-k", "100", "--index", index, "--format", "csv", "--no-verify"
    )
    return sorted(queried.out.splitlines())


def is_the_whole(run: Program, tree: Path, index: Path) -> None:
    """Make sure that an index is the one of a single process, nothing twice, nothing missing."""
    run("index", tree, "--index", run.home / "direct")
    told = run("info", "--json", "--index", index).json
    assert told["images"] == IMAGES + 1
    assert rows(run, tree, index) == rows(run, tree, run.home / "direct")
    run("check", "--index", index)
    assert run("index", tree, "--index", index, "--json").json["unchanged"] == IMAGES + 1


def test_parts_of_machines_that_mount_the_tree_elsewhere(run: Program, tree: Path) -> None:
    """One calls it /home/…/mount, the other what it is called here."""
    other = run.home / "mount" / "photos"
    other.parent.mkdir()
    tree.rename(other)
    run("embed", other, "--shard", "1/2", "-o", "1.npz")
    other.rename(tree)
    run("embed", tree, "--shard", "2/2", "-o", "2.npz")
    parts = ["--from", "1.npz", "2.npz", "--index", "idx"]
    message = run("index", *parts, code=1).message
    assert f"1.npz and 1 more has images of {other}, which is not there" in message
    assert f"--map {other}=FOLDER" in message
    message = run("index", *parts, "--map", f"{other}=Photos", "--map", "/elsewhere=.", code=1).message
    assert f"nothing below /elsewhere, but images of {tree}" in message
    taken = run("index", *parts, "--map", f"{other}=Photos")
    assert "not among" not in taken.err
    is_the_whole(run, tree, run.home / "idx")
    assert "is for --from FILE" in run("index", tree, "--map", "/a=/b", code=2).message
    assert "'a=b' is no THEIRS=OURS" in run("index", *parts, "--map", "a=b", code=2).message


def test_processes_embed_parts_and_one_takes_them(run: Program, tree: Path) -> None:
    def embed(part: int) -> None:
        run("embed", tree, "--shard", f"{part}/4", "--threads", "1", "-o", f"{part}.npz")

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(embed, range(1, 5)))
    names = [np.load(run.home / f"{part}.npz")["path"].tolist() for part in range(1, 5)]
    assert sum(map(len, names)) == len(set().union(*names)) == IMAGES + 1
    some = run("index", "--from", "4.npz", "1.npz", "--index", "idx", "--json", code=3)
    assert some.json["images"] == len(names[0]) + len(names[3])
    for part in (2, 3):
        assert f"part {part}/4 of {tree} is not among the files" in some.err
    every = run.shell("visualsearch index --from *.npz --index idx --json")
    assert "not among" not in every.err and every.json["found"] == IMAGES + 1
    is_the_whole(run, tree, run.home / "idx")


def test_a_place_beside_parts_is_a_place(run: Program, tree: Path) -> None:
    run("embed", tree, "--shard", "1/1", "-o", "a.npz")
    run("embed", tree / "1", "-o", "b.jsonl")
    told = run("index", "--from", "a.npz", "b.jsonl", tree / "1", "--index", "idx", "--json").json
    assert told["images"] == IMAGES // 10


def test_what_cannot_be_a_part_is_said(run: Program, tree: Path) -> None:
    assert "gone.npz is not there: check the path" in run("index", "--from", "gone.npz", code=1).message
    (run.home / "text.npz").write_text("a text")
    assert "line 1 is no JSON object" in run("index", "--from", "text.npz", code=1).message
    assert "'5/4' is no shard" in run("embed", tree, "--shard", "5/4", "-o", "x.npz", code=2).message
    assert "writes a .npz" in run("embed", tree, "--shard", "1/4", "-o", "-", code=2).message
    run("embed", tree / "1", "--shard", "1/1", "-o", "1.npz")
    run("embed", tree / "2", "--shard", "1/1", "--model", "dct", "-o", "2.npz")
    message = run("index", "--from", "1.npz", "2.npz", "--index", "idx", code=12).message
    assert "1.npz has" in message and "2.npz has dct" in message
    (run.home / "2.npz").write_bytes((run.home / "1.npz").read_bytes()[:-100])
    assert "2.npz" in run("index", "--from", "1.npz", "--from", "2.npz", "--index", "idx", code=1).message
    assert not (run.home / "idx").exists(), "all parts are checked before anything is written"
    assert "takes one index" in run("index", "--from", tree, "--from", tree, code=2).message
    for option in ("--model=color", "--weights=x.pt", "--tokenizer=x", "--device=cpu", "--checksum"):
        message = run("index", "--from", "1.npz", option, "--index", "idx", code=2).message
        assert f"{option.partition('=')[0]} is for pictures that are read" in message


def test_an_empty_part_is_one(run: Program, tree: Path) -> None:
    for part in (1, 2, 3):
        told = run("embed", tree / "0" / "00000.jpg", "--shard", f"{part}/3", "-o", f"{part}.npz").err
        assert "embeddings of bundled" in told
    assert run.shell("visualsearch index --from *.npz --index idx --json").json["images"] == 1


def test_what_another_index_could_not_read_is_no_picture(run: Program, tree: Path) -> None:
    (tree / "bad.jpg").write_bytes(b"no picture")
    run("index", tree, code=3)
    taken = run("index", "--from", tree, "--index", "idx", "--json", code=3).json
    assert (taken["found"], taken["reused"], taken["images"]) == (IMAGES + 2, IMAGES + 1, IMAGES + 1)
    assert [item["path"] for item in taken["skipped"]] == [f"{tree}/bad.jpg"]
    assert run("index", "--from", tree, "--index", "idx", "--json").json["unchanged"] == IMAGES + 2


@pytest.mark.skipif(shutil.which("parallel") is None, reason="GNU parallel is not installed")
def test_gnu_parallel_runs_the_parts(run: Program, tree: Path) -> None:
    text = (PROJECT / "docs" / "several-machines.md").read_text(encoding="utf-8")
    recipe = text.split("## With GNU parallel", 1)[1].split("```\n")[1]
    assert "parallel" in recipe
    (run.home / ".parallel").mkdir()
    (run.home / ".parallel" / "will-cite").touch()
    run.shell(f"set -e -o pipefail\n{recipe}")
    is_the_whole(run, tree, tree / ".visualsearch")


def test_dask_tries_again_what_fails(run: Program, tree: Path) -> None:
    """On two workers: a task fails, and another one takes its worker with it."""
    pytest.importorskip("distributed")
    marks = run.home / "marks"
    marks.mkdir()
    program = run.home / "bin" / "visualsearch"
    program.parent.mkdir()
    program.write_text(FAILING.format(python=sys.executable, marks=str(marks), command=COMMAND))
    program.chmod(0o755)
    done = subprocess.run(
        [
            sys.executable,
            PROJECT / "docs" / "dask_shards.py",
            tree,
            run.home / "parts",
            "5",
            "--index",
            "idx",
        ],
        cwd=run.home,
        env={**run.env, "PATH": f"{program.parent}{os.pathsep}{run.env['PATH']}"},
        capture_output=True,
        timeout=240,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()
    starts = {path.stem: path.stat().st_size for path in marks.glob("*-5.starts")}
    assert set(starts) == {f"{part}-5" for part in range(1, 6)}
    assert starts["2-5"] == 2 and starts["3-5"] == 2
    is_the_whole(run, tree, run.home / "idx")
