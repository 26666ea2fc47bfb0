"""What does an index of 8 or 16 bits a value save and lose, beside one of 32?

    python -m benchmarks.scale.bits_cost [--count 20000] [--rounds 15] [--work FOLDER]

Vectors are drawn as those of photographs lie. Three indexes are made of them, and their files weighed. Each
round asks each block for the neighbors of one picture that is not in it, in this process, and then each index
by the command for those of one that is: CPU of the former and the latter, beside 32 bits, round by round. The
answers to queries that the indexes do not hold are compared with those of all bits.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median

import numpy as np

from benchmarks.cost.processes import output_of
from benchmarks.models.report import table
from benchmarks.scale.__main__ import ENVIRONMENT
from benchmarks.scale.steps import K, Place, updates
from benchmarks.scale.vectors import draw
from visualsearch_cli.embedders.specs import BUNDLED
from visualsearch_cli.index.block_files import BlockFolder
from visualsearch_cli.index.block_rows import VectorBlock
from visualsearch_cli.index.catalog import Catalog
from visualsearch_cli.index.derived import update_blocks, update_graphs
from visualsearch_cli.index.graph_files import GraphFolder
from visualsearch_cli.index.records import FileKey, FileUpdate
from visualsearch_cli.progress import NoProgress
from visualsearch_cli.vectors.index import BITS, FULL_BITS, Embeddings, IndexParams, Neighbors

QUERIES = 500


def made(place: Place, bits: int, rows: Embeddings, *, graph: bool) -> Path:
    """Make an index of some vectors. Returns a picture that is in it, and really there."""
    place.photos.mkdir(parents=True)
    place.index.path.mkdir()
    place.index.create(BUNDLED, None, IndexParams(), bits=bits)
    asked = place.photos / "00000" / "00000007.jpg"
    asked.parent.mkdir()
    asked.write_bytes(b"x")
    state = asked.stat()
    with place.writer() as writer:
        root = writer.add_root(place.photos)
        for batch in updates(rows, 0):
            writer.write(batch)
        key = FileKey(root.id, "00000/00000007.jpg")
        writer.write([FileUpdate(key, state.st_size, state.st_mtime_ns, (7).to_bytes(32, "big"))])
        writer.summarize()
        update_blocks(writer, BlockFolder(place.index.path), NoProgress())
        if graph:
            update_graphs(writer, GraphFolder(place.index.path), NoProgress())
    return asked


def block_of(place: Place) -> VectorBlock:
    """Map the block of an index."""
    catalog = Catalog(place.index.catalog_path)
    manifest = catalog.manifest()
    catalog.close()
    assert manifest.block
    return BlockFolder(place.index.path).open(manifest.block, manifest.model.dim, manifest.bits)


def sizes(place: Place) -> list[str]:
    """Return how large the catalog, the block and the graph are, in MB."""
    names = ("catalog.sqlite", "vectors.*", "hnsw.*")
    found = [sum(path.stat().st_size for path in place.index.path.glob(name)) for name in names]
    return [f"{size / 1e6:.1f} MB" for size in (*found, sum(found))]


def in_turns(
    blocks: Mapping[int, VectorBlock],
    asked: Mapping[int, tuple[Place, Path]],
    queries: Embeddings,
    rounds: int,
) -> tuple[dict[int, list[float]], dict[int, list[float]]]:
    """Return the seconds of CPU that one query took in each round: of a block, and of the command."""
    searched: dict[int, list[float]] = {bits: [] for bits in blocks}
    commands: dict[int, list[float]] = {bits: [] for bits in blocks}
    for number in range(rounds + 1):  # the first brings files into memory
        query = queries[number % len(queries)][np.newaxis]
        for bits, block in blocks.items():
            start = time.process_time()
            block.search(query, K)
            searched[bits].append(time.process_time() - start)
        for bits, (place, picture) in asked.items():
            program = [sys.executable, "-m", "visualsearch_cli", "query", str(picture), "--exact"]
            _, cost = output_of([*program, "--index", str(place.index.path)], env=ENVIRONMENT)
            commands[bits].append(cost.cpu)
    return ({k: v[1:] for k, v in searched.items()}, {k: v[1:] for k, v in commands.items()})


def beside(seconds: Mapping[int, Sequence[float]], bits: int) -> str:
    """Return the median of some seconds, and how they are beside those of all bits, in the same rounds."""
    ratio = median(one / all_ for one, all_ in zip(seconds[bits], seconds[FULL_BITS], strict=True))
    return f"{median(seconds[bits]) * 1000:.1f} ms, × {ratio:.2f}"


def answers(found: Neighbors, whole: Neighbors) -> list[str]:
    """Return by how much distances are off, in the mean and at most, which share of queries has the same
    nearest, and which share of the nearest ten are found."""
    off = np.abs(found.distances - whole.distances)
    first = float((found.ids[:, 0] == whole.ids[:, 0]).mean())
    ten = float(np.mean([np.isin(*rows).mean() for rows in zip(whole.ids, found.ids, strict=True)]))
    return [f"{off.mean():.6f}", f"{off.max():.5f}", f"{first:.3f}", f"{ten:.3f}"]


def main() -> None:
    """Measure, and print three tables."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--count", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--no-graph", dest="graph", action="store_false")
    parser.add_argument("--work", type=Path)
    options = parser.parse_args()
    drawn = draw(options.count + QUERIES, 1)
    rows, queries = drawn[: options.count], np.ascontiguousarray(drawn[options.count :])
    with tempfile.TemporaryDirectory(dir=options.work) as work:
        places = {bits: Place(options.count, Path(work) / str(bits)) for bits in BITS}
        asked = {
            bits: (place, made(place, bits, rows, graph=options.graph)) for bits, place in places.items()
        }
        blocks = {bits: block_of(place) for bits, place in places.items()}
        searched, commands = in_turns(blocks, asked, queries, options.rounds)
        whole = blocks[FULL_BITS].search(queries, K)
        names = [f"{bits} bits" for bits in BITS]
        files = [(name, *sizes(places[bits])) for name, bits in zip(names, BITS, strict=True)]
        print(table(("", "catalog", "block", "graph", "all"), files))
        times = [(f"{bits} bits", beside(searched, bits), beside(commands, bits)) for bits in BITS]
        print("\n" + table(("", "search of the block", "the whole command"), times))
        lost = [(f"{bits} bits", *answers(blocks[bits].search(queries, K), whole)) for bits in BITS]
        print("\n" + table(("", "off in the mean", "at most", "same nearest", "recall@10"), lost))


if __name__ == "__main__":
    main()
