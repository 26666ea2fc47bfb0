"""`kill -9` and Ctrl-C at any moment: nothing is damaged, little is lost, running again goes on."""

from __future__ import annotations

import os
import random
import re
import shutil
import signal
import sqlite3
import subprocess
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from tests.helpers.photographs import change_index, cutting, stored_images, wait_until, write_cuttings
from tests.helpers.program import Program
from visualsearch_cli.atomic import is_temporary, temporary_name

pytestmark = pytest.mark.xdist_group("crash")  # runs two at once, and kills them at moments measured before

IMAGES = 200
KILLS = 10
VECTORS = 3000  # enough that a graph takes a second


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with some hundred small photographs; the tests keep their indexes elsewhere."""
    folder = tmp_path_factory.mktemp("many") / "Photos"
    write_cuttings(folder, IMAGES)
    return folder


@pytest.fixture(autouse=True)
def interruptible() -> Iterator[None]:
    """Let commands take Ctrl-C, even where pytest runs in the background of a script: there it is ignored,
    and every process started from there inherits that."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def kill_after(run: Program, seconds: float, *arguments: str | Path) -> bool:
    """Start a command and kill it; tell whether it was still running."""
    with run.started(*arguments) as process:
        time.sleep(seconds)
        running = process.poll() is None
        os.killpg(process.pid, signal.SIGKILL) if running else None
        process.communicate()
    return running


def duration(run: Program, *arguments: str | Path) -> float:
    """Return how many seconds a command takes."""
    started = time.monotonic()
    run(*arguments)
    return time.monotonic() - started


def slowed_until(process: subprocess.Popen[bytes], condition: Callable[[], bool]) -> None:
    """Let a command run a third of the time until something is so: what it commits once a second is then
    only a part of its work, however fast the machine is."""

    def turn() -> bool:
        os.killpg(process.pid, signal.SIGSTOP)
        time.sleep(0.2)
        os.killpg(process.pid, signal.SIGCONT)
        time.sleep(0.1)
        return condition()

    wait_until(turn)


def assert_sound(run: Program, index: Path) -> None:
    """Check that an index is whole and no leftover lies in it."""
    assert run("check", "--index", index).out.endswith("nothing wrong\n")
    names = {path.name for path in index.iterdir()}
    derived = names - {"README", "lock", "catalog.sqlite"}
    assert len([name for name in derived if re.fullmatch(r"hnsw\.\d{6}\.bin", name)]) == 1
    assert len(derived - {name for name in derived if re.fullmatch(r"vectors\.\d{6}\.f32", name)}) == 1
    assert len(derived) <= 2


def test_kill_at_random_moments_of_an_indexing_run(run: Program, many: Path) -> None:
    # Two runs at once, as below: the moments are to spread over a run under the same load.
    with ThreadPoolExecutor(2) as pool:
        whole = min(pool.map(lambda n: duration(run, "index", many, "--index", f"whole{n}"), range(2)))
    rng = random.Random(20)
    moments = [whole * (number + rng.random()) / KILLS for number in range(KILLS)]

    def crash(number: int) -> int:
        index = run.home / f"killed{number}"
        arguments = ("index", many, "--index", index)
        seconds = moments[number]
        while not kill_after(run, seconds, *arguments):  # the machine has less to do than before
            shutil.rmtree(index)
            seconds *= 0.7
        before = stored_images(index)
        report = run(*arguments, "--json").json
        assert (report["images"], report["skipped"], report["missing"]) == (IMAGES, [], 0)
        assert report["unchanged"] == before, "what was committed is kept"
        assert_sound(run, index)
        shutil.rmtree(index)
        return before

    with ThreadPoolExecutor(2) as pool:
        kept = list(pool.map(crash, range(KILLS)))
    if whole > 3:  # else it has barely begun to commit when it is done
        assert any(0 < before < IMAGES for before in kept), "some were killed half-way"


def write_vectors(folder: Path, file: Path, *, first: int = 0, count: int = VECTORS) -> None:
    """Write a file of embeddings of many files, which are empty: their vectors are at random."""
    from visualsearch_cli.embedders.specs import BUNDLED
    from visualsearch_cli.indexing.parts.vector_file import VectorRecord, write_npz

    rng = np.random.default_rng(7 + first)
    vectors = rng.standard_normal((count, BUNDLED.dim)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    records = []
    folder.mkdir()
    for number, vector in enumerate(vectors, first):
        path = folder / f"{number:05}.jpg"
        path.touch()
        mtime_ns = path.stat().st_mtime_ns
        digest = f"{number:064x}"
        records.append(VectorRecord(str(path), str(folder), 0, mtime_ns, digest, 1, 1, "JPEG", vector))
    write_npz(file, BUNDLED, records)


def test_kill_while_a_graph_is_built_and_written(run: Program) -> None:
    folder = run.home / "Photos"
    write_vectors(folder, run.home / "vectors.npz")
    index = run.home / "idx"
    run("index", "--from", "vectors.npz", "--index", index)
    repair = ("check", "--repair", "--index", index)
    whole = duration(run, *repair)
    rng = random.Random(6)
    for number in range(4):
        kill_after(run, whole * (0.4 + 0.15 * (number + rng.random())), *repair)
        assert run("check", "--index", index).code == 0

    def being_written() -> bool:
        return any(is_temporary(path.name) for path in index.iterdir())

    with run.started(*repair) as process:
        wait_until(being_written)
        process.kill()
    assert run("check", "--index", index).code == 0
    assert run("query", folder / "00001.jpg", "--hnsw", "--index", index, "-k", "1").err == ""
    report = run("index", "--index", index, "--json").json
    assert (report["images"], report["embedded"]) == (VECTORS, 0)
    assert_sound(run, index)


def test_kill_between_the_graph_and_the_commit(run: Program, indexed: Path) -> None:
    """A graph that no manifest names, and half of one: both are swept away."""
    index = indexed / ".visualsearch"
    graph = next(index.glob("hnsw.*.bin"))
    shutil.copy(graph, index / "hnsw.000099.bin")
    (index / temporary_name()).write_bytes(graph.read_bytes()[:1000])
    run("check", cwd=indexed)
    cutting(1).save(indexed / "new.jpg")
    assert run("index", indexed, "--json").json["embedded"] == 1
    assert_sound(run, index)
    assert graph.exists()


def test_a_graph_of_an_older_generation_is_searched_with_what_came_later(run: Program, indexed: Path) -> None:
    cutting(1).save(indexed / "new.jpg")
    run("index", indexed)
    assert run("info", "--json", cwd=indexed).json["graph"]["beside"] == 1
    cutting(1).save(run.home / "x.png")
    (record,) = run("query", "x.png", "--hnsw", "-k", "1", "--format", "jsonl").jsonl
    assert record["neighbors"][0]["path"] == f"{indexed}/new.jpg"


def test_kill_before_there_is_a_catalog(run: Program, photos: Path) -> None:
    index = photos / ".visualsearch"
    index.mkdir()
    (index / "README").write_text("half")
    (index / "lock").touch()
    (index / temporary_name()).write_bytes(b"half a catalog")
    run("query", photos / "coffee.jpg", code=10, cwd=photos)
    assert run("index", photos, "--json").json["embedded"] == 10
    assert_sound(run, index)


def test_a_vector_lost_from_the_catalog_is_found_by_check(run: Program, indexed: Path) -> None:
    change_index(indexed / ".visualsearch", "DELETE FROM embeddings WHERE id = 2")
    assert "has no vector" in run("check", cwd=indexed, code=13).err


def test_interrupt_keeps_what_is_done(run: Program, tmp_path: Path) -> None:
    folder = tmp_path / "Photos"
    write_cuttings(folder, 600, seed=5000)
    index = folder / ".visualsearch"
    with run.started("index", folder, "--threads", "1") as process:
        slowed_until(process, lambda: stored_images(index) > 0)
        os.killpg(process.pid, signal.SIGINT)  # as a terminal does
        out, err = process.communicate(timeout=60)
    assert process.returncode == 130, err.decode()
    assert out == b""
    lines = err.decode().splitlines()
    assert len(lines) == 1 and "interrupted" in lines[0] and "run the same command again" in lines[0]
    kept = stored_images(index)
    assert 0 < kept < 600
    run("check", cwd=folder)
    report = run("index", folder, "--json").json
    assert (report["unchanged"], report["embedded"], report["images"]) == (kept, 600 - kept, 600)
    assert_sound(run, index)


@pytest.mark.parametrize("seconds", [0, 0.03, 0.1, 0.3])
def test_interrupt_at_any_time_says_so_in_one_line(run: Program, many: Path, seconds: float) -> None:
    """Also while the model loads: compiled modules make other errors of an interrupt."""
    with run.started("index", many, "--index", run.home / "idx", "--threads", "1", "-v") as process:
        assert process.stderr and process.stderr.readline() == b"loading bundled\n"
        time.sleep(seconds)
        os.killpg(process.pid, signal.SIGINT)
        _, err = process.communicate(timeout=60)
    assert process.returncode == 130, err.decode()
    assert b"interrupted" in err and len(err.splitlines()) == 1, err.decode()
    assert run("index", many, "--index", run.home / "idx", "--json").json["images"] == IMAGES


def test_interrupted_embedding_leaves_no_half_file(run: Program, many: Path) -> None:
    with run.started("embed", many, "-o", "x.jsonl", "--threads", "1") as process:
        wait_until(lambda: any(p.stat().st_size for p in run.home.iterdir() if is_temporary(p.name)))
        os.killpg(process.pid, signal.SIGINT)
        _, err = process.communicate(timeout=60)
    assert process.returncode == 130 and b"interrupted" in err
    assert b"is kept" not in err
    assert not [path for path in run.home.iterdir() if path.name == "x.jsonl" or is_temporary(path.name)]


def test_readers_see_no_half_written_index(run: Program, many: Path) -> None:
    """Queries are answered all the while another process is writing."""
    index = run.home / "idx"
    x = run.home / "x.jpg"
    cutting(3).save(x)
    with run.started("index", many, "--index", index) as writer:
        wait_until(lambda: stored_images(index) > 0 or writer.poll() is not None)
        answers = 0
        while writer.poll() is None or not answers:
            (record,) = run("query", x, "--index", index, "-k", "3", "--format", "jsonl").jsonl
            assert len(record["neighbors"]) == 3
            answers += 1
    assert run("check", "--index", index).code == 0


def test_two_writers_at_once(run: Program, many: Path) -> None:
    """One of them waits its turn by being refused."""
    index = run.home / "idx"
    with run.started("index", many, "--index", index) as first:
        wait_until((index / "catalog.sqlite").exists)
        os.killpg(first.pid, signal.SIGSTOP)  # or it is done before the other one has started
        assert "another process" in run("index", many, "--index", index, code=11).message
        os.killpg(first.pid, signal.SIGCONT)
        first.communicate(timeout=60)
    assert first.returncode == 0
    connection = sqlite3.connect(index / "catalog.sqlite")
    assert connection.execute("SELECT count(*) FROM images").fetchone() == (IMAGES,)
    connection.close()
