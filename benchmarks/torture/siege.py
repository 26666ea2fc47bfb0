"""An index under siege: writers that are killed, two at a time, many readers, a disk that is full.

    python -m benchmarks.torture.siege --hours H [--readers N] [--seed S]

Photographs come, change and go, while commands run as a user runs them. Whatever happens, no command may show
a traceback, end with another code than is right, or leave an index that is not whole; when all is quiet, the
index holds every photograph, and each of them is byte for byte what was written.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from contextlib import suppress
from pathlib import Path

import numpy as np
from PIL import Image

from visualsearch_cli.pictures.reading import hash_content

PROGRAM = [sys.executable, "-m", "visualsearch_cli"]
LIMIT = 120  # seconds for a command
FULL = "3m"  # of a disk: the photographs fit, and the index does not always

WRITING = {0, 3, 11}  # done, some skipped, another one writes
READING = {0, 3, 10}  # 10: before the first index is there
WAITED = 11  # a reader waits a minute for a commit, which may take longer where a hundred share two cores


class Siege:
    """A folder of photographs, and what was done to it."""

    def __init__(self, folder: Path, seed: int, readers: int) -> None:
        self.photos = folder / "Photos"
        self.photos.mkdir()
        self.rng = random.Random(seed)
        self.readers = readers
        self.written: dict[Path, bytes] = {}  # the hash of each photograph
        self.counts: Counter[str] = Counter()
        self.wrong: list[str] = []
        self.env = {**os.environ, "HOME": str(folder), "XDG_STATE_HOME": str(folder / "state")}
        self.env.pop("VISUALSEARCH_INDEX", None)

    def round(self) -> None:
        """Change photographs, let several commands at them at once, and look at what they left."""
        self._change()
        writers = [self._start("index", "-q") for _ in range(2)]
        readers = [self._start(*self._question()) for _ in range(self.readers)]
        if self.rng.random() < 0.6:
            time.sleep(self.rng.uniform(0, 1.5))
            victim = self.rng.choice(writers)
            killed = self.rng.choice(("both", "watching", "working"))
            self.counts["kills"] += self._kill(victim, killed)
            self._ended(victim, {*WRITING, -signal.SIGKILL})
            writers.remove(victim)
        for process in writers:
            self._ended(process, WRITING)
        for process in readers:
            self._ended(process, {*READING, WAITED})
            self.counts["readers that gave up after a minute"] += process.returncode == WAITED
        self.counts["writers"] += 2
        self.counts["readers"] += len(readers)
        self._look()

    def fill(self) -> None:
        """Write an index to a disk that is too small for it, then to the same disk with room."""
        disk = self.photos.parent / "disk"
        disk.mkdir(exist_ok=True)
        mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={FULL}", "tmpfs", disk], check=False)
        if mounted.returncode:
            self.counts["disks that could not be mounted"] += 1
            return
        try:
            ballast = disk / "ballast"
            ballast.write_bytes(bytes(self.rng.randrange(2_000_000, 3_100_000)))
            where = ("--index", str(disk / "index"))
            self._ended(self._start("index", "-q", ".", *where), {0, 1, 3})
            ballast.unlink()
            self._ended(self._start("index", "-q", ".", *where), {0, 3})
            self._ended(self._start("check", "-q", *where), {0})
            self.counts["full disks"] += 1
        except OSError:
            self.counts["disks that were full at once"] += 1
        finally:
            subprocess.run(["umount", disk], check=False)

    def _change(self) -> None:
        for _ in range(self.rng.randint(1, 12)):
            known = sorted(self.written)
            if known and self.rng.random() < 0.3:
                path = self.rng.choice(known)
                path.unlink()
                del self.written[path]
                continue
            path = self.photos / f"{self.rng.randrange(200):03}.jpg"
            small = np.random.default_rng(self.rng.randrange(2**32)).integers(0, 256, (6, 8, 3), np.uint8)
            Image.fromarray(small).resize((320, 240), Image.Resampling.BICUBIC).save(path, quality=90)
            self.written[path] = hash_content(path.read_bytes())

    def _question(self) -> tuple[str, ...]:
        path = str(self.rng.choice(sorted(self.written) or [self.photos / "none.jpg"]))
        lines = (("info",), ("query", path, "-k", "3"), ("dupes", "--json"), ("info", "--skipped"))
        return (*self.rng.choice(lines), "--index", str(self.photos / ".visualsearch"))

    def _start(self, *line: str) -> subprocess.Popen[bytes]:
        arguments = (*line, str(self.photos)) if line == ("index", "-q") else line
        return subprocess.Popen(
            [*PROGRAM, *arguments],
            cwd=self.photos,
            env=self.env,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            start_new_session=True,
            preexec_fn=_stay_nice,
        )

    def _kill(self, process: subprocess.Popen[bytes], which: str) -> int:
        with suppress(IndexError, OSError):  # it has ended already
            if which == "both":
                os.killpg(process.pid, signal.SIGKILL)
            elif which == "watching":
                process.kill()
            else:
                children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
                os.kill(int(children[0]), signal.SIGKILL)
            return 1
        return 0

    def _ended(self, process: subprocess.Popen[bytes], codes: set[int]) -> None:
        line = " ".join(map(str, process.args[len(PROGRAM) :])) if isinstance(process.args, list) else ""
        try:
            _, said = process.communicate(timeout=LIMIT)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.communicate()
            self.wrong.append(f"{line}: no end within {LIMIT} s")
            return
        self.counts["commands"] += 1
        if process.returncode not in codes or b"Traceback" in said:
            self.wrong.append(f"{line}: ended with {process.returncode}: {said.decode()[-600:]}")

    def _look(self) -> None:
        """When nothing else runs: is all there?"""
        self._ended(self._start("index", "-q"), {0})
        self._ended(self._start("check", "-q"), {0})
        listed = subprocess.run(
            [*PROGRAM, "info", "--json"], cwd=self.photos, env=self.env, capture_output=True, check=False
        )
        if f'"images": {len(self.written)}'.encode() not in listed.stdout:
            self.wrong.append(f"{len(self.written)} photographs, but: {listed.stdout.decode()[:300]}")
        for path, known in self.written.items():
            if hash_content(path.read_bytes()) != known:
                self.wrong.append(f"{path.name} is not what was written")
        stray = [path.name for path in self.photos.iterdir() if path.suffix != ".jpg" and path.name[0] != "."]
        if stray:
            self.wrong.append(f"written beside photographs: {stray}")


def _stay_nice() -> None:
    """Let a command in a session of its own be as nice as this one: on Linux, each session has a share."""
    with suppress(OSError):
        Path("/proc/self/autogroup").write_text(f"{os.nice(0)}\n")


def main() -> int:
    """Return 0 if nothing went wrong."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--hours", type=float, default=1)
    parser.add_argument("--readers", type=int, default=100)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    began, rounds, told = time.monotonic(), 0, 0
    folder = Path(tempfile.mkdtemp(prefix="siege-")).resolve()
    siege = Siege(folder, options.seed, options.readers)
    try:
        while time.monotonic() - began < 3600 * options.hours:
            siege.round()
            rounds += 1
            if rounds % 5 == 1:
                siege.fill()
            for problem in siege.wrong[told:]:
                print(f"round {rounds}: {problem}", flush=True)
            told = len(siege.wrong)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    counts = ", ".join(f"{count:,} {what}" for what, count in siege.counts.most_common())
    print(f"{rounds} rounds in {time.monotonic() - began:.0f} s: {counts}; {len(siege.wrong)} wrong")
    return 1 if siege.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
