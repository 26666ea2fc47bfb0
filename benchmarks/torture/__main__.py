"""`python -m benchmarks.torture`: run many libraries, each of a seed of its own."""

from __future__ import annotations

import argparse
import multiprocessing
import os
import sys
import tempfile
import time
from functools import partial

from benchmarks.torture.running import live_in, run_and_forget

AT_A_TIME = 20  # libraries of a process, after which another one takes its place


def main() -> int:
    """Return 0 if nothing was lost anywhere."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.torture", description=__doc__)
    parser.add_argument("--count", type=int, default=10_000, help="libraries (default: 10,000)")
    parser.add_argument("--folders", type=int, default=200, help="of each library (default: 200)")
    parser.add_argument("--seed", type=int, default=0, help="of the first library (default: 0)")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1, help="processes")
    options = parser.parse_args()
    began, libraries, removed, sidecars, wrong = time.monotonic(), 0, 0, 0, 0
    homes = tempfile.TemporaryDirectory()
    with homes, multiprocessing.Pool(options.workers, live_in, (homes.name,), AT_A_TIME) as pool:
        seeds = range(options.seed, options.seed + options.count)
        for ran in pool.imap_unordered(partial(run_and_forget, folders=options.folders), seeds):
            libraries, removed, sidecars = libraries + 1, removed + ran.removed, sidecars + ran.sidecars
            wrong += bool(ran.problems)
            for problem in ran.problems:
                print(f"seed {ran.seed}: {problem}", flush=True)
            if not libraries % AT_A_TIME:
                print(f"{libraries} libraries, {time.monotonic() - began:.0f} s", file=sys.stderr, flush=True)
    print(
        f"{libraries} libraries of {options.folders} folders: {removed} files taken, "
        f"{sidecars} sidecars written, {wrong} libraries with losses"
    )
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
