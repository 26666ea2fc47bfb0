"""What a thorough index costs: CPU time to index a picture, bytes, and time to query.

    OPENBLAS_NUM_THREADS=1 python -m benchmarks.models.region_cost FOLDER... [--count N] [--vectors N]

Of each folder some pictures are read, prepared and embedded in full and with their regions, in turn, so that
a busy moment falls on both; printed are means of CPU milliseconds on one thread. Then an index of so many
pictures with vectors at random is asked, exactly and through its graphs.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from pathlib import Path
from random import Random
from statistics import mean, median
from typing import ParamSpec

import numpy as np

from benchmarks.material.photographs import SUFFIXES
from tests.helpers.vectors import realistic_vectors
from visualsearch_cli.embedders.embedder import Embedder
from visualsearch_cli.embedders.registry import ModelRequest, load
from visualsearch_cli.pictures.image import Pixels
from visualsearch_cli.pictures.pillow import PillowReader
from visualsearch_cli.pictures.regions import CORNERS
from visualsearch_cli.search.likeness import Margins, Parts, look_up
from visualsearch_cli.vectors.exact import ExactIndex
from visualsearch_cli.vectors.hnsw import HnswIndex
from visualsearch_cli.vectors.index import IndexParams, VectorIndex

REPEATS = 15
P = ParamSpec("P")


def main() -> None:
    """Print a table for the folders, and one for the queries."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("folders", nargs="*", type=Path, metavar="FOLDER")
    parser.add_argument("--count", type=int, default=60, help="pictures of each folder")
    parser.add_argument("--vectors", type=int, default=20_000, help="pictures in the index that is asked")
    options = parser.parse_args()
    embedder = load(ModelRequest("bundled"), threads=1)
    for folder in options.folders:
        paths = sorted(path for path in folder.rglob("*") if path.suffix.lower() in SUFFIXES)
        drawn = Random(0).sample(paths, min(options.count, len(paths)))
        print_indexing(folder.name, [path.read_bytes() for path in drawn], embedder)
    print_queries(options.vectors, embedder.spec.dim)


def print_indexing(name: str, files: list[bytes], embedder: Embedder) -> None:
    """Time one file after the other, in full and with regions."""
    reader = PillowReader()
    side = embedder.input_side
    sizes = []
    steps: dict[str, list[float]] = {key: [] for key in ("decode", "embed", "decode more", "embed all")}

    def embed(*frames: Pixels) -> None:
        embedder.embed([embedder.prepare(frame) for frame in frames])

    embed(np.zeros((side, side, 3), np.uint8))  # loads the weights
    for data in files:
        image, more = reader.read(data, side), reader.read(data, CORNERS.min_side(side))
        sizes.append(image.width * image.height / 1e6)
        steps["decode"].append(cpu(reader.read, data, side))
        steps["embed"].append(cpu(embed, image.pixels))
        steps["decode more"].append(cpu(reader.read, data, CORNERS.min_side(side)))
        steps["embed all"].append(cpu(embed, more.pixels, *CORNERS.parts(more.pixels)))
    cost = {key: mean(values) for key, values in steps.items()}
    plain, thorough = cost["decode"] + cost["embed"], cost["decode more"] + cost["embed all"]
    print(
        f"{name}: {len(files)} pictures of {median(sizes):.1f} megapixels: full frame {plain:.1f} ms "
        f"(decoding {cost['decode']:.1f}), with regions {thorough:.1f} ms (decoding "
        f"{cost['decode more']:.1f}), {thorough / plain:.1f} times as much",
        flush=True,
    )


def print_queries(count: int, dim: int) -> None:
    """Time a query of a plain index, of a thorough one, and one with its own regions."""
    vectors = realistic_vectors(count * (1 + len(CORNERS)) + 6, dim, 0)
    query, own = [vectors[:1]], Parts(vectors[1:6], range(1, 6))
    full, corners = vectors[6 : 6 + count], vectors[6 + count :]
    ids = np.arange(1, len(vectors) + 1, dtype=np.int64)
    makers: dict[str, Callable[[], VectorIndex]] = {
        "exact": lambda: ExactIndex(dim),
        "graph": lambda: HnswIndex(dim, IndexParams(), threads=1),
    }
    for name, make in makers.items():
        index, regions = make(), make()
        index.add(ids[: len(full)], full)
        regions.add(ids[: len(corners)], corners)
        asked: dict[str, tuple[Parts | None, VectorIndex | None]] = {
            "plain": (None, None),
            "thorough": (None, regions),
            "thorough, with regions of its own": (own, regions),
        }
        for what, (of_query, of_index) in asked.items():
            parts: list[Parts | None] = [of_query]
            times = [cpu(look_up, query, parts, index, of_index, 12, Margins()) for _ in range(REPEATS)]
            print(f"{name}, {count} pictures, {what}: {median(times[1:]):.2f} ms")


def cpu(step: Callable[P, object], *arguments: P.args, **named: P.kwargs) -> float:
    """Return CPU milliseconds of this process."""
    start = time.process_time()
    step(*arguments, **named)
    return (time.process_time() - start) * 1e3


if __name__ == "__main__":
    main()
