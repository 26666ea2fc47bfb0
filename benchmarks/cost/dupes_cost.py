"""What does `dupes` cost over many photographs of which some have an edited copy?

    python -m benchmarks.cost.dupes_cost PHOTOS [--files N] [--copies 0.1] [--work DIR] [--transforms none]

PHOTOS is a folder of photographs, or of archives of them. So many files are made, that share of them edited
copies, one each; they are indexed, and `dupes --level edited` runs twice: over a new index, and over one that
remembers what was looked at. Seconds by the clock, seconds of CPU and the peak of memory are measured from
outside, of the whole command. A folder of one subject, or of products that look alike, has more pairs to look
at than one of all sorts.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tempfile
from pathlib import Path
from random import Random

from benchmarks.accuracy.folder import Plan, build_folder
from benchmarks.cost.processes import Cost, output_of
from benchmarks.material.photographs import find_photographs

PROGRAM = str(Path(sys.executable).with_name("visualsearch"))


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
    _, cost = output_of([PROGRAM, "index", str(folder), "--index", str(index), "-q"])
    print(f"index           {_shown(cost)}")
    command = [
        PROGRAM,
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
        output, cost = output_of(command)
        groups = json.loads(output)["groups"]
        members = sum(len(group["members"]) for group in groups)
        print(f"{name:15} {_shown(cost)} {len(groups)} groups, {members} files")
    if options.work is None:
        shutil.rmtree(work)


def _shown(cost: Cost) -> str:
    return f"{cost.wall:7.1f} s by the clock {cost.cpu:7.1f} s of CPU {cost.peak:7.0f} MB"


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
