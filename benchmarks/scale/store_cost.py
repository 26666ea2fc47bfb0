"""What a store costs beside the files of an index, and whether its answers are all there.

    make bench-store [COUNT=200000] [KILLS=20]

Vectors are drawn as those of photographs lie. They are written to an index and to Milvus (Lite, in a file, or
the server that $VISUALSEARCH_MILVUS_URI names), with a file for each, and both are asked in the same run.
Recall is the share of the neighbors under the threshold, as numpy finds them among all, that are given: among
all, and where a filter leaves few rows. With --kills, a writer is killed so many times at moments that are
spread over its run, and it is told what the next run makes of that.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from benchmarks.scale.vectors import DIM, draw
from visualsearch_cli.embedders.embedder import ModelSpec
from visualsearch_cli.index.block_files import BlockFolder
from visualsearch_cli.index.carried.carried_rows import CarriedContent, CarriedFile
from visualsearch_cli.index.carried.catalog_store import WritableCatalogStore
from visualsearch_cli.index.derived import update_blocks
from visualsearch_cli.index.folder import IndexFolder
from visualsearch_cli.index.open import open_reader, open_writer
from visualsearch_cli.index.records import EVERYTHING, Filter
from visualsearch_cli.progress import NoProgress
from visualsearch_cli.search.opening import open_vectors
from visualsearch_cli.search.plan import Method
from visualsearch_cli.store.address import parsed_address
from visualsearch_cli.store.milvus import MilvusStore
from visualsearch_cli.store.port import BATCH, Store
from visualsearch_cli.vectors.index import IndexParams

THRESHOLD = 0.2  # cosine distance
K = 20
FEW = 20  # rows that a filter leaves
ROOT = "/photos"
MODEL = ModelSpec("drawn", "none", "drawn/1", DIM)

Rows = npt.NDArray[np.float32]


def digest(number: int) -> bytes:
    """Return the hash of a content that has a number."""
    return hashlib.blake2b(str(number).encode(), digest_size=32).digest()


def width(number: int) -> int:
    """Return the width of a picture: each is that of FEW pictures."""
    return 100 + number // FEW


def batches(rows: Rows) -> Iterator[tuple[list[CarriedContent], list[CarriedFile]]]:
    """Yield contents and their files, BATCH at a time."""
    for start in range(0, len(rows), BATCH):
        numbers = range(start, min(start + BATCH, len(rows)))
        yield (
            [CarriedContent(digest(n), width(n), 100, "JPEG", rows[n], 1000) for n in numbers],
            [CarriedFile(ROOT, f"{n // 1000}/{n}.jpg".encode(), 1000, 1, digest(n)) for n in numbers],
        )


def written(store: Store, rows: Rows) -> float:
    """Write all, and return how many a second."""
    started = time.perf_counter()
    store.put_roots([ROOT])
    for contents, files in batches(rows):
        store.put_contents(contents)
        store.put_files(files)
    store.flush()
    return len(rows) / (time.perf_counter() - started)


def times(call: Callable[[Rows], object], asked: Rows) -> tuple[float, float]:
    """Return the median and the 95th percentile of how long one question takes, in milliseconds."""
    seconds = []
    for row in asked:
        started = time.perf_counter()
        call(row.reshape(1, -1))
        seconds.append(1000 * (time.perf_counter() - started))
    return float(np.median(seconds)), float(np.percentile(seconds, 95))


def share_found(store: MilvusStore, rows: Rows, numbers: npt.NDArray[np.int64], *, few: bool) -> float:
    """Return which share of the neighbors under the threshold a store gives."""
    known = {digest(n): n for n in range(len(rows))}
    found = expected = 0
    for number in numbers:
        among = np.arange(len(rows))
        filter = EVERYTHING
        if few:
            among = among[[width(n) >= width(len(rows) - 1) for n in among.tolist()]]
            filter = Filter(min_width=width(len(rows) - 1))
        near = set(among[rows[among] @ rows[number] >= 1 - THRESHOLD].tolist())
        (given,) = store.nearest(rows[[number]], K, filter)
        expected += len(near)
        found += len(near & {known[hash_] for hash_ in given})
    return found / expected if expected else 1.0


def measure(count: int, asked: int, place: Path) -> None:
    """Print the table."""
    rows = draw(count, seed=22)
    numbers = np.random.default_rng(7).choice(count, asked, replace=False)
    folder = IndexFolder(place / "index")
    with folder.lock():
        folder.create(MODEL, None, IndexParams())
        with open_writer(folder) as catalog:
            here = written(WritableCatalogStore(catalog), rows)
            update_blocks(catalog, BlockFolder(folder.path), NoProgress())
    with open_reader(folder) as catalog:
        vectors = open_vectors(folder, catalog, Method.EXACT, None)
        of_index = times(lambda row: vectors.search(row, K), rows[numbers])
    store = MilvusStore(parsed_address(address(place)))
    try:
        store.create(MODEL, "drawn")
        there = written(store, rows)
        of_store = times(lambda row: store.nearest(row, K), rows[numbers])
        recall = share_found(store, rows, numbers, few=False)
        last = np.arange(count - FEW, count)
        of_few = share_found(store, rows, last, few=True)
        started = time.perf_counter()
        exported = sum(1 for _ in store.contents())
        rate = exported / (time.perf_counter() - started)
        started = time.perf_counter()
        files = sum(1 for _ in store.files(ROOT)) / (time.perf_counter() - started)
        version = store.version()
    finally:
        store.close()
    print(f"{count:,} vectors of {DIM}, {asked:,} questions, {K} neighbors each, Milvus {version}\n")
    print("| | files of an index | Milvus |\n|---|---|---|")
    print(f"| contents and files written | {here:,.0f} a second | {there:,.0f} a second |")
    print(f"| one question, median | {of_index[0]:.1f} ms | {of_store[0]:.1f} ms |")
    print(f"| one question, 95th percentile | {of_index[1]:.1f} ms | {of_store[1]:.1f} ms |")
    print(f"| neighbors nearer than {THRESHOLD}, found | all | {recall:.4f} |")
    print(f"| those that a filter for {FEW} rows leaves, found | all | {of_few:.4f} |")
    print(f"| contents read out | | {rate:,.0f} a second |")
    print(f"| files read out | | {files:,.0f} a second |")


def address(place: Path) -> str:
    """Return where the store is."""
    server = os.environ.get("VISUALSEARCH_MILVUS_URI")
    return f"milvus:{server}?collection=bench_{os.getpid()}" if server else f"milvus:{place}/store.db"


def killed(kills: int, place: Path) -> None:
    """Kill a writer at moments spread over its run; tell what the next run leaves."""
    from PIL import Image

    photos = place / "Photos"
    photos.mkdir()
    rng = np.random.default_rng(5)
    for number in range(300):
        noise = rng.integers(0, 255, (8, 8, 3), np.uint8)
        Image.fromarray(noise).resize((96, 96)).save(photos / f"{number}.jpg")
    command = [
        sys.executable,
        "-m",
        "visualsearch_cli",
        "index",
        str(photos),
        "--store",
        address(place),
        "-q",
    ]
    took = timed([*command, "--index", str(place / "first")])
    subprocess.run([*command[:3], "prune", str(photos), "--store", address(place)], check=True)
    for number in range(kills):
        own = [*command, "--index", str(place / f"own{number}")]
        run = subprocess.Popen(own)
        time.sleep(took * (number + 0.5) / kills)
        run.send_signal(signal.SIGKILL)
        run.wait()
        timed(own)
        found = told([*command[:3], "check", "--store", address(place), "--json"])
        held = told([*command[:3], "info", "--store", address(place), "--json"])
        counts = [held[name] for name in ("images", "missing", "skipped", "contents")]
        wrong = [found[name] for name in ("problems", "stale", "unused")]
        is_complete = counts == [300, 0, 0, 300] and not any(wrong)
        state = "complete" if is_complete else f"{counts}, {wrong}"
        print(f"killed after {took * (number + 0.5) / kills:.2f} of {took:.2f} s: {state}", flush=True)
        subprocess.run([*command[:3], "prune", str(photos), "--store", address(place)], check=True)


def told(command: Sequence[str]) -> Any:
    """Return the JSON document that a command prints."""
    return json.loads(subprocess.run(command, check=True, capture_output=True).stdout)


def timed(command: Sequence[str]) -> float:
    """Return how many seconds a command takes."""
    started = time.perf_counter()
    subprocess.run(command, check=True)
    return time.perf_counter() - started


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--count", type=int, default=200_000)
    parser.add_argument("--asked", type=int, default=1_000)
    parser.add_argument("--kills", type=int, default=0)
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as place:
        if options.kills:
            killed(options.kills, Path(place))
        else:
            measure(options.count, options.asked, Path(place))


if __name__ == "__main__":
    main()
