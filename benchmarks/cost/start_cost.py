"""What queries cost on a small index, whole process, beside `python -c "import numpy"`.

    python -m benchmarks.cost.start_cost [--runs N]

Asked for are a picture of the index, which needs no model, and a new one, without a look at what is near:
`bench-look` tells what that takes, and version 0.1.0 did not look. All are run alternately, so that
what else the machine does meets them alike; printed are the medians, and the medians of the ratios of
neighboring runs, by the wall clock and by CPU time.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Sequence
from pathlib import Path
from statistics import median

from PIL import Image

from benchmarks.cost.processes import Cost, Side, alternate
from benchmarks.places import SAMPLES

HOLIDAY = SAMPLES / "holiday"
QUERY = "sunset.jpg"
BASE = "import numpy"
WITHOUT_LOOK = ["--no-verify"]


def main() -> None:
    """Index the sample pictures, and measure."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--runs", type=int, default=21)
    options = parser.parse_args()
    program = shutil.which("visualsearch", path=sysconfig.get_path("scripts")) or "visualsearch"
    with tempfile.TemporaryDirectory() as folder:
        index, new = Path(folder) / ".visualsearch", Path(folder) / "new.jpg"
        subprocess.run([program, "index", "-q", str(HOLIDAY), "--index", str(index)], check=True)
        with Image.open(HOLIDAY / QUERY) as image:
            image.resize((image.width // 2, image.height // 2)).save(new)
        sides = {
            BASE: [sys.executable, "-c", BASE],
            "--version": [program, "--version"],
            "query indexed": [program, "query", str(HOLIDAY / QUERY), "--index", str(index)],
            "query new": [program, "query", str(new), "--index", str(index), *WITHOUT_LOOK],
        }
        costs = alternate(
            {name: Side(command, allowed=(0,)) for name, command in sides.items()}, options.runs
        )
    print(f"medians of {options.runs} runs, and of their ratios to `python -c '{BASE}'`")
    for name, found in costs.items():
        print(said(name, found, costs[BASE]))


def said(name: str, found: Sequence[Cost], base: Sequence[Cost]) -> str:
    """Return a line with the medians of runs, and of their ratios to those of something else."""
    pairs = list(zip(found, base, strict=True))
    wall, cpu = median(cost.wall for cost in found), median(cost.cpu for cost in found)
    walls, cpus = median(c.wall / b.wall for c, b in pairs), median(c.cpu / b.cpu for c, b in pairs)
    return (
        f"{name:>14}: {1e3 * wall:5.0f} ms by the clock ({walls:.2f}), "
        f"{1e3 * cpu:5.0f} ms of CPU ({cpus:.2f})"
    )


if __name__ == "__main__":
    main()
