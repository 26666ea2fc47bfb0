"""How near indexing is to what must be done anyway, and how other programs do, all in one run.

    python -m benchmarks.cost.speed PHOTOS [--runs N] [--large N] [--small N] [--links N] [--peers PYTHON]

PHOTOS is a folder of small photographs; files of 12 megapixels are made of them, and a tree and a
single folder of hard links. A number of files of 0 leaves its part out.
The sides of a comparison alternate, and the ratios are medians of those of neighboring runs. Memory is the
peak of the process, seen from outside.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import shutil
import subprocess
import sys
import tempfile
from functools import partial
from pathlib import Path

from benchmarks.cost.processes import Side, alternate, run, show
from benchmarks.cost.speed_folders import camera_files, copies, flat_links, links

PROGRAM = [str(Path(sys.executable).with_name("visualsearch"))]
HERE = Path(__file__).parent
spawned = multiprocessing.get_context("spawn")


def main() -> None:
    """Make the folders, and measure."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("photos", type=Path)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--large", type=int, default=120, help="files of 12 megapixels")
    parser.add_argument("--small", type=int, default=1000, help="photographs as they are")
    parser.add_argument("--links", type=int, default=100_000, help="files of the unchanged folders")
    parser.add_argument("--peers", type=Path, help="the Python that has imagededup, imagehash and difPy")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="bench-speed-") as name:
        base = Path(name)
        makers = (
            (links, "tree", options.links),
            (flat_links, "flat", options.links),
            (copies, "small", options.small),
            (camera_files, "large", options.large),
        )
        for maker, part, count in makers:
            (base / part).mkdir()
            made = spawned.Process(target=maker, args=(options.photos, base / part, count))
            made.start()  # in a process of its own: what it needs must not count into what this one starts
            made.join()
            if made.exitcode:
                raise SystemExit(f"{part} could not be made")
        for part in ("tree", "flat"):
            unchanged(base / part, base / "index", options.runs)
        for part in ("large", "small"):
            if any((base / part).iterdir()):
                indexing(base / part, base / "index", options.runs, options.peers)
    print("a query:", flush=True)
    subprocess.run([sys.executable, "-m", "benchmarks.cost.start_cost"], check=True)


def unchanged(folder: Path, index: Path, runs: int) -> None:
    """A run over a folder in which nothing changed, beside the walk that it cannot do without."""
    command = [*PROGRAM, "index", "-q", str(folder), "--index", str(index)]
    run(command)
    sides = {
        "find": Side(["find", str(folder), "-printf", "%s %T@ %p\\n"]),
        "python": Side([sys.executable, "-c", "pass"]),
        "unchanged": Side(command),
    }
    costs = alternate(sides, runs)
    costs["find + python"] = [a + b for a, b in zip(costs["find"], costs.pop("python"), strict=True)]
    print(f"unchanged, {sum(len(files) for _, _, files in os.walk(folder))} files ({folder.name}):")
    show(costs, "find + python")
    shutil.rmtree(index)


def indexing(folder: Path, index: Path, runs: int, peers: Path | None) -> None:
    """A first run, beside the decoding of the same files, and what other programs need to hash them."""
    cores = len(os.sched_getaffinity(0))
    fresh = partial(shutil.rmtree, index, ignore_errors=True)
    sides = {
        "bare decode": Side([sys.executable, str(HERE / "bare_decode.py"), str(folder)]),
        "index": Side([*PROGRAM, "index", "-q", str(folder), "--index", str(index)], fresh),
    }
    if peers is not None:
        for peer, processes in (("imagededup", cores), ("imagehash", 1), ("difpy", cores)):
            arguments = [str(HERE / "peer_encode.py"), peer, str(folder), str(processes)]
            sides[f"{peer} ({processes})"] = Side([str(peers), *arguments])
        if found := shutil.which("findimagedupes"):
            sides["findimagedupes (1)"] = Side([found, str(folder)])
    files = list(folder.iterdir())
    mean = sum(file.stat().st_size for file in files) / len(files)
    print(f"{len(files)} {folder.name} files of {mean / 1e6:.2f} MB, {cores} cores; in brackets: processes")
    costs = alternate(sides, runs)
    show(costs, "bare decode")
    if peers is not None:
        print("  the same, as multiples of indexing:")
        show(costs, "index")
    fresh()


if __name__ == "__main__":
    main()
