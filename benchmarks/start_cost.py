"""What queries cost on a small index, whole process, beside `python -c "import numpy"`.

    python -m benchmarks.start_cost [--runs N]

Asked for are a picture of the index, which needs no model, and a new one. All are run alternately, so that
what else the machine does meets them alike; printed are the medians, and the medians of the ratios of
neighboring runs, by the wall clock and by CPU time.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from PIL import Image

SAMPLES = Path(__file__).parent.parent / "sample_images" / "holiday"
QUERY = "sunset.jpg"
BASE = "import numpy"


@dataclass(frozen=True, slots=True)
class Cost:
    """Seconds."""

    wall: float
    cpu: float


def run(command: list[str]) -> Cost:
    """Run a command to its end and return what it cost. Raises CalledProcessError if it fails."""
    start = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)  # os.times counts in hundredths of a second only
    wall, process.returncode = time.perf_counter() - start, os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command)
    return Cost(wall, used.ru_utime + used.ru_stime)


def alternately(sides: dict[str, list[str]], runs: int) -> dict[str, list[Cost]]:
    """Run each command that many times, in turn."""
    costs: dict[str, list[Cost]] = {name: [] for name in sides}
    for number in range(runs + 1):
        for name, command in sides.items():
            cost = run(command)
            if number:  # the first run warms the disk
                costs[name].append(cost)
    return costs


def main() -> None:
    """Index the sample pictures, and measure."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--runs", type=int, default=21)
    options = parser.parse_args()
    program = shutil.which("visualsearch", path=sysconfig.get_path("scripts")) or "visualsearch"
    with tempfile.TemporaryDirectory() as folder:
        index, new = Path(folder) / ".visualsearch", Path(folder) / "new.jpg"
        subprocess.run([program, "index", "-q", str(SAMPLES), "--index", str(index)], check=True)
        with Image.open(SAMPLES / QUERY) as image:
            image.resize((image.width // 2, image.height // 2)).save(new)
        sides = {
            BASE: [sys.executable, "-c", BASE],
            "--version": [program, "--version"],
            "query indexed": [program, "query", str(SAMPLES / QUERY), "--index", str(index)],
            "query new": [program, "query", str(new), "--index", str(index)],
        }
        costs = alternately(sides, options.runs)
    print(f"medians of {options.runs} runs, and of their ratios to `python -c '{BASE}'`")
    for name, found in costs.items():
        pairs = list(zip(found, costs[BASE], strict=True))
        wall, cpu = median(cost.wall for cost in found), median(cost.cpu for cost in found)
        walls, cpus = median(c.wall / b.wall for c, b in pairs), median(c.cpu / b.cpu for c, b in pairs)
        print(
            f"{name:>14}: {1e3 * wall:5.0f} ms by the clock ({walls:.2f}), "
            f"{1e3 * cpu:5.0f} ms of CPU ({cpus:.2f})"
        )


if __name__ == "__main__":
    main()
