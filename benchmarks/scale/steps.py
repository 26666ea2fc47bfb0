"""The steps of `benchmarks.scale`, each run in a process of its own: its memory is seen from outside.

    python -m benchmarks.scale.steps STEP COUNT FOLDER

prints one JSON object of figures. Seconds are by the clock where named `wall`, else of CPU.
"""

from __future__ import annotations

import hashlib
import json
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

from benchmarks.scale.vectors import DIM, draw, fitted
from visualsearch_cli.calibration.known import calibration
from visualsearch_cli.embedders.specs import BUNDLED
from visualsearch_cli.index.block_files import BlockFolder
from visualsearch_cli.index.block_rows import VectorBlock
from visualsearch_cli.index.catalog import Catalog
from visualsearch_cli.index.derived import update_blocks, update_derived, update_graphs
from visualsearch_cli.index.folder import IndexFolder
from visualsearch_cli.index.graph_files import GraphFolder
from visualsearch_cli.index.records import FileKey, FileUpdate, NewContent
from visualsearch_cli.index.writer import CatalogWriter
from visualsearch_cli.progress import NoProgress
from visualsearch_cli.vectors.combined import CombinedIndex, MeasuredIndex
from visualsearch_cli.vectors.exact import ExactIndex
from visualsearch_cli.vectors.index import Embeddings, IndexParams, Searchable
from visualsearch_cli.vectors.pairs import pairs_between, pairs_within
from visualsearch_cli.vectors.recall import recall_against_exact

hashlib.blake2b()  # loads OpenSSL now, and not within the first step that hashes

APPENDED = (1_000, 100)
QUERIES = 1_000  # of pictures that are not in the index
K = 10
STRIP = 2_048  # rows of a sample of all pairs
WHOLE = 200_000  # vectors up to which all pairs are really compared
SIDE = 4_096  # rows of a block of the bare product
FEWER = 256  # columns that are checked in float64: the memory of a step is to be that of what is measured
REGIONS = 5  # of a picture
EVERY = 5  # so many strips apart are those of a sample of frames and regions
FEW = 20_000  # pictures up to which all regions are compared

Figures = dict[str, Any]


class Place:
    """Where the files of one size are."""

    def __init__(self, count: int, folder: Path) -> None:
        self.count = count
        self.folder = folder
        self.photos = folder / "photos"
        self.index = IndexFolder(folder / "index")

    def vectors(self) -> Embeddings:
        """Return all vectors, mapped: those of the index, then those appended, then the queries."""
        found: Embeddings = np.load(self.folder / "vectors.npy", mmap_mode="r")
        return found

    def queries(self) -> Embeddings:
        """Return the vectors of the queries."""
        return np.array(self.vectors()[-QUERIES:])

    @contextmanager
    def writer(self) -> Iterator[CatalogWriter]:
        """Open the catalog for writing."""
        catalog = CatalogWriter(self.index.catalog_path)
        try:
            yield catalog
        finally:
            catalog.close()

    def graph(self) -> Searchable:
        """Load the graph, and beside it what was appended since, as the command does."""
        catalog = Catalog(self.index.catalog_path)
        manifest = catalog.manifest()
        assert manifest.graph
        tail = catalog.all_vectors(manifest.graph.last_id)
        catalog.close()
        params = manifest.params.for_search(manifest.graph.vectors)
        graph = GraphFolder(self.index.path).load(manifest.graph, DIM, params)
        return (
            CombinedIndex([graph, ExactIndex.from_arrays(tail.ids, tail.vectors)]) if len(tail.ids) else graph
        )

    def block(self) -> VectorBlock:
        """Map the block."""
        catalog = Catalog(self.index.catalog_path)
        block = catalog.manifest().block
        catalog.close()
        assert block
        return BlockFolder(self.index.path).open(block, DIM)

    def threshold(self) -> float:
        """Return the distance at which the bundled model calls two pictures similar."""
        found = calibration(BUNDLED)
        assert found
        return found.similar


@contextmanager
def timed(figures: Figures, name: str) -> Iterator[None]:
    """Note how long something takes, by the clock and of CPU."""
    wall, cpu = time.perf_counter(), time.process_time()
    yield
    figures[f"{name} wall"] = round(time.perf_counter() - wall, 4)
    figures[name] = round(time.process_time() - cpu, 4)


def vectors(place: Place) -> Figures:
    """Draw the vectors; those of photographs embedded before decide the shape, if there are any."""
    place.folder.mkdir(parents=True, exist_ok=True)
    real = place.folder.parent / "photographs.npy"
    count = place.count + sum(APPENDED) + QUERIES
    drawn = draw(count, 1, fitted(np.load(real))) if real.exists() else draw(count, 1)
    np.save(place.folder / "vectors.npy", drawn)
    return {}


def updates(rows: Embeddings, first: int) -> Iterator[list[FileUpdate]]:
    """Yield files with these vectors, 10,000 at a time, as `index` would commit them."""
    for start in range(0, len(rows), 10_000):
        yield [
            FileUpdate(
                FileKey(1, f"{number // 1000:05}/{number:08}.jpg"),
                1,
                1,
                NewContent(number.to_bytes(32, "big"), 4000, 3000, "JPEG", vector),
            )
            for number, vector in enumerate(rows[start : start + 10_000], first + start)
        ]


def catalog(place: Place) -> Figures:
    """Write the catalog and the block. One file is really there, so that a query can ask for it."""
    figures: Figures = {}
    place.photos.mkdir(exist_ok=True)
    place.index.path.mkdir(exist_ok=True)
    place.index.create(BUNDLED, None, IndexParams())
    with place.writer() as writer:
        root = writer.add_root(place.photos)
        with timed(figures, "catalog"):
            for batch in updates(place.vectors()[: place.count], 0):
                writer.write(batch)
        asked = place.photos / "00000" / "00000007.jpg"
        asked.parent.mkdir(exist_ok=True)
        asked.write_bytes(b"x")
        state = asked.stat()
        key = FileKey(root.id, "00000/00000007.jpg")
        writer.write([FileUpdate(key, state.st_size, state.st_mtime_ns, (7).to_bytes(32, "big"))])
        writer.summarize()
        with timed(figures, "block"):
            update_blocks(writer, BlockFolder(place.index.path), NoProgress())
    return figures


def build(place: Place) -> Figures:
    """Build the graph."""
    figures: Figures = {}
    with place.writer() as writer, timed(figures, "build"):
        update_graphs(writer, GraphFolder(place.index.path), NoProgress())
    return figures


def append(place: Place) -> Figures:
    """Append some vectors, then fewer, each time with all that a run of `index` does after embedding."""
    figures: Figures = {}
    first = place.count
    for count in APPENDED:
        rows = place.vectors()[first : first + count]
        with timed(figures, f"append {count}"), place.writer() as writer:
            for batch in updates(rows, first):
                writer.write(batch)
            update_derived(writer, BlockFolder(place.index.path), GraphFolder(place.index.path), NoProgress())
        first += count
    return figures


def load(place: Place) -> Figures:
    """Load what a search needs, and ask the first question."""
    figures: Figures = {}
    query = place.queries()[:1]
    with timed(figures, "block, first query"):
        place.block().search(query, K)
    with timed(figures, "load"):
        place.graph()
    return figures


def warm(place: Place) -> Figures:
    """Ask one at a time, and all at once; compare the answers."""
    figures: Figures = {}
    queries, threshold = place.queries(), place.threshold()
    block = place.block()
    graph = MeasuredIndex(place.graph(), block)
    for name, index in (("exact", block), ("graph", graph)):
        index.search(queries[:1], K)
        seconds = []
        for number in range(50):
            start = time.process_time()
            index.search(queries[number : number + 1], K)
            seconds.append(time.process_time() - start)
        figures[f"{name}, one"] = median(seconds)
    wide = 200
    found = {}
    for name, index in (("exact", block), ("graph", graph)):
        with timed(figures, f"{name}, {QUERIES}"):
            found[name] = index.search(queries, K)
    exact, near = block.search(queries, wide), graph.search(queries, wide)
    figures["recall@10"] = recall_against_exact(found["graph"], found["exact"], K)
    # As a query with a limit meets it: the search widens until the limit is passed, so up to `wide`.
    wanted = exact.distances <= threshold
    got = [np.isin(exact.ids[row][wanted[row]], near.ids[row]).sum() for row in range(QUERIES)]
    figures["pairs"] = int(wanted.sum())
    figures["recall of pairs"] = float(sum(got)) / max(1, int(wanted.sum()))
    at_ten = [
        np.isin(exact.ids[row, :K][wanted[row, :K]], found["graph"].ids[row]).sum() for row in range(QUERIES)
    ]
    figures["recall of pairs among 10"] = float(sum(at_ten)) / max(1, int(wanted[:, :K].sum()))
    return figures


def all_pairs(place: Place) -> Figures:
    """Compare all with all, beside the bare product in turns; of many, a strip with all."""
    figures: Figures = {}
    rows = np.array(place.vectors()[: place.count])
    threshold = place.threshold()
    whole = place.count <= WHOLE
    ratios, ours = [], []
    for _ in range(3 if place.count <= 20_000 else 1):
        start = time.process_time()
        pairs = pairs_within(rows, threshold) if whole else pairs_between(rows[:STRIP], rows, threshold)
        ours.append(time.process_time() - start)
        start = time.process_time()
        for first in range(0, len(rows) if whole else STRIP, SIDE):
            left = rows[first : min(first + SIDE, len(rows) if whole else STRIP)]
            multiply(left, rows[first:] if whole else rows)  # each pair once: as much as there is to compare
        ratios.append(ours[-1] / (time.process_time() - start))
    share = 1.0 if whole else 2 * STRIP / place.count
    figures["all pairs"] = median(ours) / share
    figures["all pairs sampled"] = not whole
    figures["all pairs ratio"] = median(ratios)
    figures["pairs found"] = len(pairs)
    return figures


def multiply(left: Embeddings, right: Embeddings) -> None:
    """Make the bare product of all rows, block by block."""
    for other in range(0, len(right), SIDE):
        left @ right[other : other + SIDE].T


def region_pairs(place: Place) -> Figures:
    """Compare full frames with five regions of as many pictures, beside the bare product, strip by strip.

    Every strip costs the same, so of many pictures each fifth tells what all would take.
    """
    if place.count > WHOLE:
        return {}
    rows = draw((1 + REGIONS) * place.count, 2)  # together: some of the pairs are near
    frames, regions = rows[: place.count], rows[place.count :]
    threshold = place.threshold()
    ours = bare = 0.0
    found = missed = compared = 0
    sampled = place.count > FEW
    for first in range(0, place.count, SIDE * EVERY if sampled else SIDE):
        strip = frames[first : first + SIDE]
        compared += len(strip)
        start = time.process_time()
        pairs = pairs_between(strip, regions, threshold)
        ours += time.process_time() - start
        found += len(pairs)
        start = time.process_time()
        multiply(strip, regions)
        bare += time.process_time() - start
        if first == 0:
            precise = strip.astype(np.float64)
            near = [
                np.count_nonzero(1 - precise @ regions[other : other + FEWER].T <= threshold)
                for other in range(0, len(regions), FEWER)
            ]
            missed = int(sum(near)) - len(pairs)
    return {
        "region pairs": ours * place.count / compared,
        "region pairs ratio": ours / bare,
        "region pairs found": found,
        "region pairs missed": missed,  # of the first strip
    }


def disk(place: Place) -> Figures:
    """Tell how large the files are, in bytes."""
    figures = {"catalog bytes": place.index.catalog_path.stat().st_size}
    figures["block bytes"] = sum(path.stat().st_size for path in place.index.path.glob("vectors.*"))
    figures["graph bytes"] = sum(path.stat().st_size for path in place.index.path.glob("hnsw.*"))
    return figures


STEPS: dict[str, Callable[[Place], Figures]] = {
    step.__name__: step
    for step in (vectors, catalog, build, append, load, warm, all_pairs, region_pairs, disk)
}

if __name__ == "__main__":
    print(json.dumps(STEPS[sys.argv[1]](Place(int(sys.argv[2]), Path(sys.argv[3])))))
