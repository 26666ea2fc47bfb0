"""What crashes or hangs in native code takes that file, and not the run.

No file that crashes a decoder is committed: what stands in for one ends its process in the middle of a
picture, or does not come back.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from tests.helpers.images import scene
from tests.helpers.photographs import copy_of, stored_images, wait_until
from tests.helpers.program import COMMAND, TIMEOUT, Program

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")

DECODER = """
import os, signal, time
from visualsearch_cli import watched
watched.STALL_SECONDS, watched.BYTES_A_SECOND = float(os.environ.get("STALL", "1")), 1 << 60
from PIL import ImageFile
load = ImageFile.ImageFile.load
def harmful(self):
    if self.size[0] == 123:
        time.sleep(float(os.environ.get("PAUSE", "0")))
        signal.raise_signal(signal.SIGSEGV)
    if self.size[0] == 124:
        time.sleep(600)
    if self.size[0] == 125:
        while time.thread_time() < 0.5:
            pass
    return load(self)
ImageFile.ImageFile.load = harmful
"""
"""Is loaded by every Python that starts: its decoders crash at a picture of 123 pixels, hang at 124,
and take half a second of a processor at 125."""

NETWORK = """
import os, signal
from visualsearch_cli.embedders import bundled
bundled.BundledEmbedder.embed = lambda self, batch: signal.raise_signal(signal.SIGABRT)
"""


@pytest.fixture
def harmful(tmp_path: Path) -> dict[str, str]:
    """The environment in which decoders are harmful."""
    return injected(tmp_path, DECODER)


def injected(folder: Path, code: str) -> dict[str, str]:
    (folder / "injected").mkdir()
    (folder / "injected" / "sitecustomize.py").write_text(code)
    return {"PYTHONPATH": str(folder / "injected")}


def write_picture(path: Path, width: int) -> None:
    path.parent.mkdir(exist_ok=True)
    Image.fromarray(scene(width, 90, width)).save(path)


def test_a_picture_that_ends_its_decoder_and_one_at_which_it_hangs(
    run: Program, photos: Path, harmful: dict[str, str]
) -> None:
    write_picture(photos / "deadly.jpg", 123)
    write_picture(photos / "endless.jpg", 124)
    result = run("index", photos, "--threads", "4", code=3, env=harmful)
    assert "holds 10 images" in result.out
    assert "deadly.jpg: its decoder crashed (SIGSEGV): beginning again without it" in result.err
    assert "endless.jpg: its decoder did not come back within 1 seconds" in result.err
    skipped = run("info", "--skipped", cwd=photos).out
    assert "deadly.jpg" in skipped and "endless.jpg" in skipped
    assert skipped.count("left alone until it changes") == 2

    again = run("index", photos, code=3, env=harmful)
    assert "beginning again" not in again.err and "deadly.jpg" in again.err
    write_picture(photos / "deadly.jpg", 150)
    write_picture(photos / "endless.jpg", 151)
    assert run("index", photos, "--json", env=harmful).json["embedded"] == 2
    run("check", cwd=photos)


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="only Linux tells who waits")
def test_who_waits_for_a_processor_does_not_hang(run: Program, photos: Path, harmful: dict[str, str]) -> None:
    """Five others keep the only processor busy that this program may use."""
    write_picture(photos / "slow.jpg", 125)
    mine = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(mine)})
    busy = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(5)]
    try:
        result = run("index", photos, "--threads", "1", env=harmful)
    finally:
        os.sched_setaffinity(0, mine)
        for process in busy:
            process.kill()
            process.wait()
    assert "holds 11 images" in result.out
    assert "did not come back" not in result.err


def test_a_folder_is_watched_on_without_it_until_it_is_another_one(
    run: Program, photos: Path, harmful: dict[str, str]
) -> None:
    write_picture(photos / "deadly.jpg", 123)
    index = photos / ".visualsearch"
    run.env.update(harmful)
    with run.started("watch", photos, "--settle", "0.2") as process:
        wait_until(lambda: stored_images(index) == 10)
        copy_of(photos / "coffee.jpg", photos / "more.jpg")
        wait_until(lambda: stored_images(index) == 11)
        write_picture(photos / "deadly.jpg", 150)
        wait_until(lambda: stored_images(index) == 12)
        os.killpg(process.pid, signal.SIGKILL)
        _, said = process.communicate()
    assert said.count(b"its decoder crashed (SIGSEGV): beginning again without it") == 1
    run("check", "--index", index)


def test_commands_that_compare_go_on_without_it(run: Program, photos: Path, harmful: dict[str, str]) -> None:
    write_picture(photos / "deadly.jpg", 123)
    copy_of(photos / "deadly.jpg", photos / "deadly-copy.jpg", scale=0.8)
    copy_of(photos / "coffee.jpg", photos / "coffee-copy.jpg", scale=0.8)
    run("index", photos)
    result = run("dupes", "--json", code=3, cwd=photos, env=harmful)
    (group,) = result.json["groups"]
    assert {Path(item["path"]).stem for item in group["members"]} == {"coffee", "coffee-copy"}
    assert any("its decoder crashed" in item["reason"] for item in result.json["skipped"])

    failed = run("compare", "deadly.jpg", "coffee.jpg", code=1, cwd=photos, env=harmful)
    assert "deadly.jpg: its decoder crashed (SIGSEGV): it is left alone" in failed.err.splitlines()[-1]

    copy_of(photos / "coffee.jpg", run.home / "x.jpg", scale=0.9)
    copy_of(photos / "deadly.jpg", run.home / "y.jpg", scale=1.0)
    listed = f"{run.home}/x.jpg\n{run.home}/y.jpg\n".encode()
    asked = run("query", "-", "--json", code=3, stdin=listed, cwd=photos, env=harmful)
    answered, refused = asked.json["results"]
    assert answered["neighbors"] and not refused["neighbors"]
    assert "its decoder crashed" in refused["error"]


def test_nothing_is_printed_twice(run: Program, harmful: dict[str, str]) -> None:
    folder = run.home / "many"
    for number in range(66):
        write_picture(folder / f"{number:02}.jpg", 40 + number)
    write_picture(folder / "zz.jpg", 123)
    slow = {**harmful, "PAUSE": "2", "STALL": "60"}
    result = run("embed", folder, "-o", "-", "--threads", "1", code=1, env=slow)
    lines = [json.loads(line) for line in result.out.splitlines() if line.endswith("}")]
    paths = [line["path"] for line in lines if "path" in line]
    assert len(paths) == len(set(paths)) > 0
    assert "zz.jpg: its decoder crashed (SIGSEGV); results were printed already" in result.err


def test_a_crash_at_no_picture_is_no_pictures_fault(run: Program, photos: Path, tmp_path: Path) -> None:
    result = run("index", photos, code=1, env=injected(tmp_path, NETWORK))
    assert result.message.startswith("ended by SIGABRT in native code, but at no picture")


def indexes(run: Program, photos: Path) -> bool:
    done = subprocess.run(
        [COMMAND, "index", photos],
        env=run.env,
        cwd=run.home,
        capture_output=True,
        timeout=TIMEOUT,
        check=False,
    )
    return done.returncode == 0


@pytest.mark.parametrize(
    ("number", "code"),
    [(signal.SIGINT, 130), (signal.SIGTERM, -signal.SIGTERM), (signal.SIGKILL, -signal.SIGKILL)],
)
def test_a_signal_to_the_process_that_watches_ends_both(
    run: Program, photos: Path, harmful: dict[str, str], number: signal.Signals, code: int
) -> None:
    run("index", photos)
    write_picture(photos / "endless.jpg", 124)
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    run.env.update(harmful, STALL="3" if number == signal.SIGINT else "600")
    try:
        with run.started("index", photos, "--progress", "always") as process:
            assert process.stderr
            shown = b""
            while b"Embedding" not in shown:
                shown += process.stderr.read(1)
            process.send_signal(number)
            assert process.wait(TIMEOUT) == code
    finally:
        signal.signal(signal.SIGINT, before)
    for name in ("PYTHONPATH", "STALL"):
        del run.env[name]
    (photos / "endless.jpg").unlink()
    wait_until(lambda: indexes(run, photos))
