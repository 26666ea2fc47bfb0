"""How much memory a first run takes, on many small photographs and on many huge ones.

    python -m benchmarks.cost.memory PHOTOS [--small N] [--huge N]

PHOTOS is a folder of small photographs. The peak is that of the process, seen from outside.
"""

from __future__ import annotations

import argparse
import multiprocessing
import shutil
import sys
import tempfile
from pathlib import Path

from benchmarks.cost.processes import run
from benchmarks.cost.speed_folders import copies, huge_files

PROGRAM = [str(Path(sys.executable).with_name("visualsearch"))]
spawned = multiprocessing.get_context("spawn")


def main() -> None:
    """Make one folder after the other, and measure."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("photos", type=Path)
    parser.add_argument("--small", type=int, default=20_000, help="photographs as they are")
    parser.add_argument("--huge", type=int, default=100, help="files of 108 megapixels, half JPEG, half PNG")
    options = parser.parse_args()
    for maker, part, count in ((copies, "small", options.small), (huge_files, "huge", options.huge)):
        with tempfile.TemporaryDirectory(prefix="bench-memory-") as name:
            folder, index = Path(name) / part, Path(name) / "index"
            folder.mkdir()
            made = spawned.Process(target=maker, args=(options.photos, folder, count))
            made.start()  # in a process of its own: what it needs must not count into what this one starts
            made.join()
            if made.exitcode:
                raise SystemExit(f"{part} could not be made")
            files = [file.stat().st_size for file in folder.iterdir()]
            cost = run([*PROGRAM, "index", "-q", str(folder), "--index", str(index)])
            shutil.rmtree(folder)
        print(
            f"{len(files)} {part} files of {sum(files) / len(files) / 1e6:.2f} MB: {cost.peak:.0f} MB, "
            f"{cost.cpu:.0f} s of CPU, {cost.wall:.0f} s by the clock",
            flush=True,
        )


if __name__ == "__main__":
    main()
