"""What a query for a new picture costs on a small index, whole process, beside `python -c "import numpy"`.

    python -m benchmarks.start_cost [--runs N]

Both are run alternately, so that what else the machine does meets them alike; printed are the medians, and
the median of the ratios of neighboring runs, by the wall clock and by CPU time.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from PIL import Image

SAMPLES = Path(__file__).parent.parent / "sample_images" / "holiday"
QUERY = "sunset.jpg"


@dataclass(frozen=True, slots=True)
class Cost:
    """Seconds."""

    wall: float
    cpu: float


def run(command: list[str]) -> Cost:
    """Run a command to its end and return what it cost."""
    before, start = os.times(), time.perf_counter()
    subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
    wall, after = time.perf_counter() - start, os.times()
    used = after.children_user + after.children_system - before.children_user - before.children_system
    return Cost(wall, used)


def main() -> None:
    """Index the sample pictures, and measure."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--runs", type=int, default=21)
    options = parser.parse_args()
    program = [sys.executable, "-m", "visualsearch_cli"]
    with tempfile.TemporaryDirectory() as folder:
        index, new = Path(folder) / ".visualsearch", Path(folder) / "new.jpg"
        subprocess.run([*program, "index", "-q", str(SAMPLES), "--index", str(index)], check=True)
        with Image.open(SAMPLES / QUERY) as image:
            image.resize((image.width // 2, image.height // 2)).save(new)
        sides = {
            "import numpy": [sys.executable, "-c", "import numpy"],
            "query": [*program, "query", str(new), "--index", str(index)],
        }
        costs: dict[str, list[Cost]] = {name: [] for name in sides}
        for number in range(options.runs + 1):
            for name, command in sides.items():
                cost = run(command)
                if number:  # the first run warms the disk
                    costs[name].append(cost)
    for name, found in costs.items():
        wall, cpu = median(cost.wall for cost in found), median(cost.cpu for cost in found)
        print(f"{name:>12}: {1e3 * wall:5.0f} ms by the clock, {1e3 * cpu:5.0f} ms of CPU")
    pairs = list(zip(costs["query"], costs["import numpy"], strict=True))
    print(
        f"{'ratio':>12}: {median(q.wall / n.wall for q, n in pairs):.2f} by the clock, "
        f"{median(q.cpu / n.cpu for q, n in pairs):.2f} of CPU, medians of {len(pairs)}"
    )


if __name__ == "__main__":
    main()
