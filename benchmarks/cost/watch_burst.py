"""A burst of new files in a watched folder: how long until the index knows all, and how much memory.

    python -m benchmarks.cost.watch_burst [--files N] [--contents N] [--folders N] [--folder DIR]

Small pictures are written as fast as the disk takes them, many copies of a few contents, so that what is
measured is the watching and not the network. Linux drops what it has no room for of so much
(/proc/sys/fs/inotify/max_queued_events), so whether any file is missed is what this is about.
"""

from __future__ import annotations

import argparse
import os
import re
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path
from typing import NamedTuple

import numpy as np
from PIL import Image

SIDE = 96  # pixels
START = "import sys; from visualsearch_cli.cli.app import main; sys.argv[0] = 'visualsearch'; main()"
PATIENCE = 470.0  # seconds


class Burst(NamedTuple):
    """What came of one."""

    known: int  # files that the index knows afterwards
    writing: float  # seconds until all were written
    current: float  # seconds from then until the index knew them
    peak: float  # MB, of the process that watches


def pictures(count: int) -> list[bytes]:
    """Return that many small pictures, each another one."""
    made = []
    for seed in range(count):
        rng = np.random.default_rng(seed)
        coarse = Image.fromarray(rng.integers(0, 256, (6, 6, 3), dtype=np.uint8))
        stream = BytesIO()
        coarse.resize((SIDE, SIDE), Image.Resampling.BICUBIC).save(stream, "JPEG", quality=85)
        made.append(stream.getvalue())
    return made


def measure(base: Path, files: int, contents: int, folders: int, settle: float = 2.0) -> Burst:
    """Watch a folder in `base`, and write the files into it."""
    photos, index = base / "Photos", base / "index"
    photos.mkdir()
    data = pictures(contents)
    (photos / "first.jpg").write_bytes(data[0])
    command = [sys.executable, "-c", START, "watch", str(photos), "--index", str(index)]
    with subprocess.Popen(
        [*command, "--settle", str(settle)], start_new_session=True, stderr=subprocess.DEVNULL
    ) as process:
        try:
            _until(index, 1, process)
            started = time.monotonic()
            for number in range(files):
                folder = photos / f"{number % folders}"
                if number < folders:
                    folder.mkdir()
                (folder / f"{number}.jpg").write_bytes(data[number % contents])
            written = time.monotonic()
            known = _until(index, files + 1, process)
            current = time.monotonic()
            peak = max(_peak(number) for number in _family(process.pid))
        finally:
            os.killpg(process.pid, signal.SIGKILL)
    return Burst(known - 1, written - started, current - written, peak)


def _until(index: Path, wanted: int, process: subprocess.Popen[bytes]) -> int:
    known, ends = 0, time.monotonic() + PATIENCE
    while known < wanted and time.monotonic() < ends and process.poll() is None:
        time.sleep(0.2)
        known = _known(index)
    return known


def _known(index: Path) -> int:
    try:
        connection = sqlite3.connect(f"{(index / 'catalog.sqlite').as_uri()}?mode=ro", uri=True)
        try:
            return int(connection.execute("SELECT count(*) FROM images WHERE missing = 0").fetchone()[0])
        finally:
            connection.close()
    except sqlite3.Error:  # not there yet, or being written
        return 0


def _family(process: int) -> list[int]:
    children = Path(f"/proc/{process}/task/{process}/children").read_text().split()
    return [process, *map(int, children)]


def _peak(process: int) -> float:
    found = re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{process}/status").read_text())
    return int(found[1]) / 1000 if found else 0.0


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure one burst and print it."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--files", type=int, default=50_000)
    parser.add_argument("--contents", type=int, default=500)
    parser.add_argument("--folders", type=int, default=100)
    parser.add_argument("--folder", type=Path)
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(dir=options.folder) as name:
        base = Path(os.path.realpath(name))
        found = measure(base, options.files, options.contents, options.folders)
    print(f"{options.files:,} files of {options.contents:,} contents in {options.folders:,} folders:")
    print(f"  {found.known:,} known, {options.files - found.known:,} missed")
    print(f"  {found.writing:.0f} s to write, then {found.current:.0f} s until the index was current")
    print(f"  {found.peak:.0f} MB at the most")


if __name__ == "__main__":
    main()
