"""The program keeps an index current: bursts, `kill -9`, Ctrl-C, and others that write beside it."""

from __future__ import annotations

import os
import random
import shutil
import signal
import sys
import time
from pathlib import Path

import pytest

from benchmarks.cost.watch_burst import main, measure
from tests.helpers.photographs import stored_images, wait_until, write_cuttings
from tests.helpers.program import Program

KILLS = 5
IMAGES = 60
SETTLE = ("--settle", "0.2")

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="what other systems tell is theirs")


def test_it_keeps_an_index_current_beside_others(run: Program, photos: Path) -> None:
    index = photos / ".visualsearch"
    with run.started("watch", photos, *SETTLE) as process:
        assert process.stderr and any(b"10 embedded" in line for line in process.stderr)
        shutil.copy(photos / "coffee.jpg", run.home / "other.jpg")
        run("index", run.home / "other.jpg")
        (photos / "coffee.jpg").rename(photos / "renamed.jpg")
        wait_until(lambda: stored_images(index) == 12)
        time.sleep(0.5)  # until it has said so
        os.killpg(process.pid, signal.SIGINT)
        said = process.stderr.read()
        assert process.wait() == 0, "that is how it is ended"
    assert b"1 with known content" in said and b"1 newly missing" in said
    assert run("info", "--json").json["images"] == 11
    run("check")


def test_killed_at_any_moment_the_next_one_completes(run: Program) -> None:
    photos = run.home / "Photos"
    rng = random.Random(22)
    for number in range(KILLS):
        with run.started("watch", photos.parent, *SETTLE) as process:
            write_cuttings(photos / str(number), IMAGES, seed=1000 * number)
            time.sleep(rng.uniform(0.2, 1.5))
            os.killpg(process.pid, signal.SIGKILL)
            process.communicate()
    index = run.home / ".visualsearch"
    with run.started("watch", photos.parent, *SETTLE) as process:
        wait_until(lambda: stored_images(index) == KILLS * IMAGES)
        os.killpg(process.pid, signal.SIGINT)
        process.communicate(timeout=20)
    assert run("info", "--json").json["images"] == KILLS * IMAGES
    run("check")
    assert "unchanged" in run("index", photos).out.splitlines()[0], "nothing is left to do"


def test_of_a_burst_nothing_is_missed(tmp_path: Path) -> None:
    burst = measure(tmp_path, files=3_000, contents=20, folders=30, settle=0.3)
    assert burst.known == 3_000


def test_the_burst_is_measured_as_the_documents_say(capsys: pytest.CaptureFixture[str]) -> None:
    main(["--files", "20", "--contents", "2", "--folders", "2"])
    assert "20 known, 0 missed" in capsys.readouterr().out


def test_what_it_cannot_watch_is_said(run: Program, photos: Path) -> None:
    assert "does not exist" in run("watch", "nowhere", code=1).message
    assert "is a file" in run("watch", photos / "coffee.jpg", code=2).message
    run.env["VISUALSEARCH_INDEX"] = str(run.home / "nowhere")
    run("watch", code=10)
