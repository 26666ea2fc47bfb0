"""How much memory a first run takes, on many small photographs and on huge ones, and `dupes` on large ones.

    python -m benchmarks.cost.memory PHOTOS [--small N] [--huge N] [--large N] [--apart N]

PHOTOS is a folder of small photographs. Of 0 files, nothing is measured. The peak is that of the process,
seen from outside. On large files, no command may take more than LARGE_PEAK.
"""

from __future__ import annotations

import argparse
import multiprocessing
import shutil
import sys
import tempfile
from pathlib import Path

from benchmarks.cost.processes import run
from benchmarks.cost.speed_folders import copies, huge_files, large_copies

PROGRAM = [str(Path(sys.executable).with_name("visualsearch"))]
LARGE_PEAK = 700  # MB, on files of 24 to 50 megapixels

spawned = multiprocessing.get_context("spawn")


def main() -> int:
    """Make one folder after the other, and measure. Returns 0 if nothing took more than it may."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("photos", type=Path)
    parser.add_argument("--small", type=int, default=20_000, help="photographs as they are")
    parser.add_argument("--huge", type=int, default=100, help="files of 108 megapixels, half JPEG, half PNG")
    parser.add_argument("--large", type=int, default=300, help="copies of 24 to 50 megapixels")
    parser.add_argument("--apart", type=int, default=40, help="of these, that have pixels of their own")
    options = parser.parse_args()
    most = 0.0
    parts = [
        (copies, "small", options.small),
        (huge_files, "huge", options.huge),
        (large_copies, "large", options.large),
        (large_copies, "large", options.apart),
    ]
    for maker, part, count in (each for each in parts if each[-1]):
        with tempfile.TemporaryDirectory(prefix="bench-memory-") as name:
            folder, index = Path(name) / part, Path(name) / "index"
            folder.mkdir()
            made = spawned.Process(target=maker, args=(options.photos, folder, count))
            made.start()  # in a process of its own: what it needs must not count into what this one starts
            made.join()
            if made.exitcode:
                raise SystemExit(f"{part} could not be made")
            files = [file.stat().st_size for file in folder.iterdir()]
            costs = {"index": run([*PROGRAM, "index", "-q", str(folder), "--index", str(index)])}
            if part == "large":
                costs["dupes"] = run([*PROGRAM, "dupes", "-q", "--index", str(index)])
            shutil.rmtree(folder)
        for command, cost in costs.items():
            print(
                f"{command}, {len(files)} {part} files of {sum(files) / len(files) / 1e6:.2f} MB: "
                f"{cost.peak:.0f} MB, {cost.cpu:.0f} s of CPU, {cost.wall:.0f} s by the clock",
                flush=True,
            )
            if part == "large":
                most = max(most, cost.peak)
    if most:
        verdict = "within" if most <= LARGE_PEAK else "BEYOND"
        print(f"on large files, at most {most:.0f} MB: {verdict} the bound of {LARGE_PEAK} MB")
    return 0 if most <= LARGE_PEAK else 1


if __name__ == "__main__":
    sys.exit(main())
