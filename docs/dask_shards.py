"""Embed a folder on the workers of a Dask cluster, a shard a task, and take all of it into one index.

    python docs/dask_shards.py FOLDER PARTS N [--scheduler ADDRESS] [--index DIR]

PARTS is a folder that all workers see, as they see FOLDER. Without --scheduler, two workers are started here.
A task that fails, or whose worker is lost, is tried again; a part is written whole or not at all, so nothing
is there twice, and `visualsearch index --from` says which parts are not there.
"""

from __future__ import annotations

import argparse
import subprocess
from pathlib import Path
from typing import cast

from distributed import Client, LocalCluster

SKIPPED = 3  # done, but some files could not be read: they are named on stderr
RETRIES = 3


def embed(part: int, of: int, folder: str, parts: str) -> str:
    """Embed one shard. Runs on a worker; a part that is there already is not made again."""
    file = Path(parts) / f"{part}-of-{of}.npz"
    if not file.exists():
        command = ["visualsearch", "embed", folder, "--shard", f"{part}/{of}", "-o", str(file)]
        done = subprocess.run([*command, "--threads", "1"], check=False)
        if done.returncode not in (0, SKIPPED):
            raise RuntimeError(f"part {part} of {of} ended with {done.returncode}")
    return str(file)


def main() -> None:
    """Map, then reduce."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("parts", type=Path)
    parser.add_argument("of", type=int, metavar="N")
    parser.add_argument("--scheduler")
    parser.add_argument("--index", type=Path)
    options = parser.parse_args()
    options.parts.mkdir(exist_ok=True)
    where = options.scheduler or LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None)
    with Client(where) as client:
        numbers = range(1, options.of + 1)
        places = {
            "of": options.of,
            "folder": str(options.folder.resolve()),
            "parts": str(options.parts.resolve()),
        }
        files = cast(
            "list[str]", client.gather(client.map(embed, numbers, retries=RETRIES, pure=False, **places))
        )
    into = ["--index", str(options.index)] if options.index else []
    froms = [word for file in files for word in ("--from", file)]
    subprocess.run(["visualsearch", "index", *froms, *into], check=True)


if __name__ == "__main__":
    main()
