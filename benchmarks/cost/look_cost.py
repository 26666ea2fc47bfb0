"""What a query costs that looks at the nearest neighbor, beside one that does not: whole processes.

    python -m benchmarks.cost.look_cost [PHOTO] [--runs N]

A photograph, or a drawn picture, lies in a small index, in several sizes. A copy of each, saved again as
JPEG, is asked for with and without --no-verify, alternately. Printed are the medians of times and of ratios.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sysconfig
import tempfile
from pathlib import Path
from statistics import median

from PIL import Image, ImageOps

from benchmarks.cost.processes import Side, alternate
from benchmarks.places import SAMPLES

SIDES = (300, 400, 640, 1152)  # pixels, of the longer side


def main() -> None:
    """Measure, and print a line for each size."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("photograph", type=Path, nargs="?", default=SAMPLES / "holiday" / "sunset.jpg")
    parser.add_argument("--runs", type=int, default=9)
    options = parser.parse_args()
    program = shutil.which("visualsearch", path=sysconfig.get_path("scripts")) or "visualsearch"
    with Image.open(options.photograph) as opened:
        photograph = ImageOps.exif_transpose(opened).convert("RGB")
    for side in SIDES:
        image = ImageOps.contain(photograph, (side, side))
        with tempfile.TemporaryDirectory() as folder:
            home = Path(folder, "index")
            shutil.copytree(SAMPLES / "phone", home)
            image.save(home / "original.jpg", quality=92)
            image.save(Path(folder, "copy.jpg"), quality=80)
            subprocess.run([program, "index", "-q", str(home)], check=True)
            query = [program, "query", str(Path(folder, "copy.jpg")), "--index", str(home)]
            sides = {"look": Side(query, allowed=(0,)), "none": Side([*query, "--no-verify"], allowed=(0,))}
            costs = alternate(sides, options.runs)
        pairs = list(zip(costs["look"], costs["none"], strict=True))
        wall, cpu = (median(getattr(cost, name) for cost in costs["look"]) for name in ("wall", "cpu"))
        walls, cpus = (
            median(getattr(a, name) / getattr(b, name) for a, b in pairs) for name in ("wall", "cpu")
        )
        size = f"{image.width * image.height / 1e6:.2f} megapixels"
        print(f"{size}: {1e3 * wall:5.0f} ms by the clock, {1e3 * cpu:5.0f} ms of CPU; ", end="")
        print(f"{walls:.2f} and {cpus:.2f} times that without a look")


if __name__ == "__main__":
    main()
