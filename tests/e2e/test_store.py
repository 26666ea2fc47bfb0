"""`--store`: what many machines write to and ask. With $VISUALSEARCH_MILVUS_URI, on that server."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import time
from pathlib import Path
from typing import Any

import pytest

from tests.helpers.photographs import copy_of, write_cuttings
from tests.helpers.program import Program
from tests.helpers.stores import milvus_address


@pytest.fixture
def store(run: Program) -> str:
    """The address of a store that is not there yet."""
    run.env.pop("VISUALSEARCH_STORE", None)
    return milvus_address(run.home)


@pytest.fixture
def shared(run: Program, photos: Path, store: str) -> Path:
    """~/Photos with ten photographs and three copies, in an index and in the store."""
    (photos / "copies").mkdir()
    copy_of(photos / "coffee.jpg", photos / "copies" / "small.jpg")
    shutil.copy(photos / "rocket.jpg", photos / "copies" / "rocket.jpg")
    copy_of(photos / "chelsea.jpg", photos / "copies" / "chelsea.jpg", scale=1, quality=60)
    (photos / "notes.jpg").write_text("no picture")
    run("index", photos, "--store", store, code=3)
    return photos


def counts(run: Program, store: str) -> tuple[int, int, int, int]:
    """Return how many images, missing ones, skipped files and contents a store holds."""
    found = run("info", "--store", store, "--json").json
    return found["images"], found["missing"], found["skipped"], found["contents"]


def groups(document: Any) -> Any:
    """Return groups without what tells when, and what is asked."""
    return json.loads(json.dumps(document["groups"]))


def test_answers_are_those_of_the_index(run: Program, shared: Path, store: str) -> None:
    copy = copy_of(shared / "coffee.jpg", run.home / "x.jpg", scale=0.8)
    asked = (["--level", "edited"], ["--transforms", "all", "-k", "3"], ["--within", str(shared / "copies")])
    for options in asked:
        here = run("query", copy, shared / "rocket.jpg", "--json", *options).json["results"]
        there = run("query", copy, shared / "rocket.jpg", "--json", "--store", store, *options).json[
            "results"
        ]
        assert there == here and here[0]["neighbors"]
    here, there = run("dupes", "--json").json, run("dupes", "--json", "--store", store).json
    assert groups(there) == groups(here)
    assert len(here["groups"]) == 3
    only_here = run("only", shared / "copies", "--json").json["files"]
    assert run("only", shared / "copies", "--json", "--store", store).json["files"] == only_here
    assert run("check", "--store", store).out == f"{store}: nothing wrong\n"


def test_what_runs_again_writes_nothing_and_what_changed_goes_along(
    run: Program, shared: Path, store: str
) -> None:
    assert counts(run, store) == (13, 0, 1, 12)
    again = run("index", shared, "--store", store, code=3)
    assert "0 files and 0 contents written, 14 unchanged" in again.err
    (shared / "rocket.jpg").rename(shared / "moved.jpg")
    (shared / "copies" / "small.jpg").unlink()
    assert "2 files changed or gone" in run("check", "--store", store).err
    run("index", shared, "--store", store, code=3)
    assert counts(run, store) == (12, 2, 1, 12)
    run("prune", "--store", store)
    assert counts(run, store) == (12, 0, 1, 11)
    assert not run("check", "--store", store).err


def test_a_report_on_a_store_is_acted_upon_and_the_store_told(run: Program, shared: Path, store: str) -> None:
    run("dupes", "--store", store, "--report", "r.json")
    report = json.loads((run.home / "r.json").read_text())
    run("ignore", "--group", report["groups"][0]["id"], "--index", report["index"])
    assert len(run("dupes", "--store", store, "--json").json["groups"]) == 2
    run("ignore", "--forget", "all", "--index", report["index"])
    run("apply", "r.json", "--move-to", run.home / "away", "--yes")
    run("index", shared, "--store", store, code=3)
    assert counts(run, store) == (10, 3, 1, 12)
    assert run("dupes", "--store", store, "--exit-code", code=4)


def test_machines_that_have_the_tree_elsewhere_map_it(run: Program, shared: Path, store: str) -> None:
    here = shared.rename(run.home / "mounted")
    mapped = f"{shared}={here}"
    far = run("query", here / "coffee.jpg", "-k", "1", "--store", store, "--format", "json").json
    near = run("query", here / "coffee.jpg", "-k", "1", "--store", store, "--map", mapped, "--json").json
    (found,) = near["results"][0]["neighbors"]
    assert (Path(found["path"]), found["verdict"]) == (here / "copies" / "small.jpg", "same")
    assert far["results"][0]["neighbors"][0]["path"] == str(shared / "coffee.jpg")
    roots = run("info", "--store", store, "--map", mapped, "--json").json["roots"]
    assert roots == [{"name": str(shared), "path": str(here), "offline": False, "images": 13}]
    index = ("index", here, "--index", run.home / "other", "--store", store, "--map", mapped)
    run(*index, code=3)
    assert counts(run, store) == (13, 0, 1, 12)


def test_several_machines_write_to_one_store(run: Program, photos: Path, store: str) -> None:
    write_cuttings(run.home / "More", 5)
    shutil.copy(photos / "coffee.jpg", run.home / "More" / "coffee.jpg")
    run("index", photos, "--store", store)
    run("index", run.home / "More", "--index", run.home / "of-more", "--store", store)
    assert counts(run, store) == (16, 0, 0, 15)
    (group,) = run("dupes", "--json", "--store", store).json["groups"]
    assert {Path(member["path"]).parent for member in group["members"]} == {photos, run.home / "More"}


@pytest.mark.parametrize("moments", [3])
def test_a_killed_writer_leaves_what_the_next_run_completes(
    run: Program, photos: Path, store: str, moments: int
) -> None:
    """`benchmarks.scale.store` kills at twenty moments."""
    started = time.monotonic()
    run("index", photos, "--index", run.home / "first", "--store", store)
    took = time.monotonic() - started
    run("prune", photos, "--store", store)
    for number in range(moments):
        with run.started("index", photos, "--index", run.home / "own", "--store", store) as process:
            time.sleep(took * (number + 1) / (moments + 1))
            os.kill(process.pid, signal.SIGKILL)
            process.wait()
        time.sleep(0.3)
    run("index", photos, "--index", run.home / "own", "--store", store)
    assert counts(run, store) == (10, 0, 0, 10)
    assert not run("check", "--store", store).err


@pytest.mark.parametrize(
    ("line", "code", "said"),
    [
        ("query x.jpg --store postgres:x", 2, "names no store"),
        ("query x.jpg --store milvus:http://me:secret@host:1", 2, "MILVUS_TOKEN"),
        ("query x.jpg --store milvus:x.db?size=3", 2, "says size"),
        ("query x.jpg --store milvus:x.db --index .", 2, "exclude each other"),
        ("query x.jpg --store milvus:x.db --hnsw", 2, "?ef=256"),
        ("query x.jpg --store milvus:x.db --label cat", 2, "labels are kept in an index"),
        ("index Photos --store milvus:x.db --thorough", 2, "full frames"),
        ("info --store milvus:x.db --statistics", 2, "of an index"),
        ("check --store milvus:x.db --repair", 2, "writes again"),
        ("query x.jpg --store milvus:x.db --map a=b", 2, "THEIRS=OURS"),
        ("query x.jpg --store milvus:no/x.db", 10, "is not there"),
        ("query x.jpg --store milvus:x.db", 10, "holds no index"),
        ("dupes --store milvus:x.db", 10, "holds no index"),
        ("prune --store milvus:x.db", 10, "holds no index"),
    ],
)
def test_what_cannot_be_is_said_in_one_sentence(
    run: Program, photos: Path, line: str, code: int, said: str
) -> None:
    pytest.importorskip("milvus_lite")
    shutil.copy(photos / "coffee.jpg", run.home / "x.jpg")
    assert said in run(*line.split(), code=code).message


def test_an_engine_that_cannot_be_reached(run: Program, photos: Path) -> None:
    pytest.importorskip("pymilvus")
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        address = f"milvus:http://127.0.0.1:{nobody.getsockname()[1]}"
        message = run("index", photos, "--store", address, code=1).message
    assert message.startswith(f"{address} cannot be reached") and "run this again" in message
    assert not (photos / ".visualsearch").exists()


def test_another_model_is_refused_before_anything_is_written(run: Program, photos: Path, store: str) -> None:
    run("index", photos, "--store", store)
    own = ("--index", run.home / "own")
    run("index", photos, *own, "--model", "dct")
    message = run("index", photos, *own, "--store", store, code=12).message
    assert "dct" in message and "bundled" in message
    assert (
        "bundled" in run("query", photos / "coffee.jpg", "--model", "dct", "--store", store, code=12).message
    )
    thorough = ("--index", run.home / "thorough")
    run("index", photos, *thorough, "--thorough")
    assert "regions" in run("index", photos, *thorough, "--store", store, code=12).message
    assert counts(run, store) == (10, 0, 0, 10)


def test_settings_and_the_environment_name_a_store(run: Program, shared: Path, store: str) -> None:
    config = run.home / ".config" / "visualsearch" / "visualsearch.toml"
    config.parent.mkdir(parents=True)
    config.write_text(f'[info]\nstore = "{store}"\n')
    assert run("info", "--json").json["schema"] == "visualsearch/store/1"
    assert run("info", "--index", shared, "--json").json["schema"] == "visualsearch/info/1"
    config.unlink()
    found = run("info", "--json", env={"VISUALSEARCH_STORE": store}).json
    assert found["store"] == store


def test_a_query_without_a_store_loads_nothing_of_it(run: Program, indexed: Path) -> None:
    _, loaded = run.modules("query", indexed / "coffee.jpg")
    assert not {name for name in loaded if name.startswith(("pymilvus", "visualsearch_cli.store"))}
