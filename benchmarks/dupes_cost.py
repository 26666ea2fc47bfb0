"""What does `dupes` cost over many photographs of which some have an edited copy?

    python -m benchmarks.dupes_cost PHOTOS [--files 10000] [--copies 0.1] [--work DIR] [--transforms none]

PHOTOS is a folder of photographs, or of archives of them. So many files are made, that share of them edited
copies, one each; they are indexed, and `dupes --level edited` runs twice: over a new index, and over one that
remembers what was looked at. Seconds by the clock, seconds of CPU and the peak of memory are measured from
outside, of the whole command. A folder of one subject, or of products that look alike, has more pairs to look
at than one of all sorts.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from random import Random

from benchmarks.accuracy_folder import Plan, build_folder
from benchmarks.photographs import find_photographs

PROGRAM = str(Path(sys.executable).with_name("visualsearch"))


@dataclass(frozen=True, slots=True)
class Cost:
    """What a command took."""

    wall: float  # seconds
    cpu: float  # seconds, its child processes' too
    memory: int  # kB, the most of one process

    def __str__(self) -> str:
        return f"{self.wall:7.1f} s by the clock {self.cpu:7.1f} s of CPU {self.memory / 1000:7.0f} MB"


def main() -> None:
    """Build, index, run, print."""
    options = _parse()
    work = options.work or Path(tempfile.mkdtemp(prefix="dupes-"))
    folder, index = work / "photos", work / "index"
    if not folder.exists():
        copies = round(options.files * options.copies)
        originals = options.files - copies
        found = find_photographs(options.photos)
        if len(found) < originals:
            raise SystemExit(f"{options.photos} holds {len(found)} photographs, and {originals} are needed")
        drawn = Random(f"{options.seed} dupes").sample(found, originals)
        build_folder(drawn, folder, Plan(copies / originals, 1, 0), options.seed)
    shutil.rmtree(index, ignore_errors=True)
    print(f"{len(list(folder.iterdir()))} files in {folder}")
    cost, _ = measure(["index", str(folder), "--index", str(index), "-q"])
    print(f"index           {cost}")
    command = [
        "dupes",
        "--index",
        str(index),
        "--level",
        "edited",
        "--transforms",
        options.transforms,
        "--json",
    ]
    for name in ("dupes", "dupes, again"):
        cost, output = measure(command)
        groups = json.loads(output)["groups"]
        members = sum(len(group["members"]) for group in groups)
        print(f"{name:15} {cost} {len(groups)} groups, {members} files")
    if options.work is None:
        shutil.rmtree(work)


def measure(arguments: list[str]) -> tuple[Cost, bytes]:
    """Run the program, measured from outside. Returns what it printed, too."""
    with tempfile.TemporaryFile() as output:
        begun = time.monotonic()
        process = subprocess.Popen([PROGRAM, *arguments], stdout=output)
        _, status, used = os.wait4(process.pid, 0)
        wall = time.monotonic() - begun
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            raise SystemExit(f"visualsearch {arguments[0]} ended with {process.returncode}")
        output.seek(0)
        return Cost(wall, used.ru_utime + used.ru_stime, used.ru_maxrss), output.read()


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("photos", type=Path)
    parser.add_argument("--files", type=int, default=10_000)
    parser.add_argument("--copies", type=float, default=0.1, help="the share of them that are edited copies")
    parser.add_argument("--transforms", default="none", choices=("none", "mirror", "all"))
    parser.add_argument("--work", type=Path, help="where to make the folder; one that is there is used again")
    parser.add_argument("--seed", default="1")
    return parser.parse_args()


if __name__ == "__main__":
    main()
