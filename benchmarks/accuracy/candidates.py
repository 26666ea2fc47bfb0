"""Which pairs must be looked at to find edits, and what finding all near pairs costs.

    python -m benchmarks.accuracy.candidates FOLDER [--originals N] [--count N]

Of N photographs of FOLDER, how many edits come within each distance of their original, and how many pairs of
different photographs do, full frame against full frame and against regions. Then all pairs among --count
vectors shaped like real ones, beside the bare product of all with all, in turns.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path
from random import Random
from statistics import median

import numpy as np

from benchmarks.material.editing import Picture
from benchmarks.material.edits import DIHEDRAL, UPRIGHT, edited
from benchmarks.material.photographs import find_photographs
from tests.helpers.vectors import realistic_vectors
from visualsearch_cli.embedders.embedder import Embedder
from visualsearch_cli.embedders.registry import ModelRequest, load
from visualsearch_cli.pictures.image import Pixels
from visualsearch_cli.pictures.regions import CORNERS
from visualsearch_cli.vectors.index import Embeddings
from visualsearch_cli.vectors.pairs import pairs_within

DISTANCES = (0.2, 0.3, 0.35, 0.4, 0.45, 0.5, 0.55, 0.6)
BLOCK = 4096  # rows and columns of the bare product


def main() -> None:
    """Print two tables."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--originals", type=int, default=150)
    parser.add_argument("--count", type=int, default=20_000)
    args = parser.parse_args()
    found = find_photographs(args.folder)
    drawn = Random(0).sample(found, min(args.originals, len(found)))
    print_reach([picture for photograph in drawn if (picture := photograph.read())])
    print_cost(args.count)


def print_reach(pictures: list[Picture]) -> None:
    """Print the shares of edits, and of pairs of different photographs, within each distance."""
    embedder = load(ModelRequest("bundled"))
    full = embed(embedder, [np.asarray(picture) for picture in pictures])
    parts = [part for picture in pictures for part in CORNERS.parts(np.asarray(picture))]
    regions = embed(embedder, parts).reshape(len(pictures), len(CORNERS), -1)
    print(f"{'':16}" + "".join(f"{distance:>7}" for distance in DISTANCES))
    first, second = np.triu_indices(len(pictures), k=1)
    print_line("strangers, full", (1 - full @ full.T)[first, second], digits=5)
    nearest = 1 - np.einsum("id,jrd->ijr", full, regions).max(axis=2)
    print_line("full on regions", np.minimum(nearest, nearest.T)[first, second], digits=5)
    for edit in (*UPRIGHT, *DIHEDRAL):
        made = [
            np.asarray(edited(picture, edit, pictures[number - 1], str(number)).convert("RGB"))
            for number, picture in enumerate(pictures)
        ]
        vectors = embed(embedder, made)
        print_line(edit, 1 - (full * vectors).sum(axis=1))
        if edit in ("crop50", "crop70"):
            print_line(f"{edit} on regions", 1 - np.einsum("id,ird->ir", vectors, regions).max(axis=1))


def print_line(
    name: str, distances: np.ndarray[tuple[int, ...], np.dtype[np.float32]], digits: int = 3
) -> None:
    """Print which shares are within each distance."""
    shares = (f"{float((distances <= limit).mean()):.{digits}f}" for limit in DISTANCES)
    print(f"{name:16}" + "".join(f"{share:>{digits + 4}}" for share in shares), flush=True)


def embed(embedder: Embedder, pictures: list[Pixels]) -> Embeddings:
    """Embed pictures."""
    return embedder.embed([embedder.prepare(np.ascontiguousarray(pixels)) for pixels in pictures])


def print_cost(count: int, rounds: int = 3) -> None:
    """Print how long all pairs take beside the bare product."""
    vectors = realistic_vectors(count, 256, seed=0)
    ratios = []
    for _ in range(rounds):
        begun = time.perf_counter()
        pairs = pairs_within(vectors, 0.45)
        ours = time.perf_counter() - begun
        begun = time.perf_counter()
        for start in range(0, count, BLOCK):
            for other in range(0, count, BLOCK):
                vectors[start : start + BLOCK] @ vectors[other : other + BLOCK].T
        bare = time.perf_counter() - begun
        ratios.append(ours / bare)
        print(
            f"{count:,} vectors: {len(pairs):,} pairs in {ours:.1f} s, the bare product {bare:.1f} s",
            flush=True,
        )
    print(f"median ratio {median(ratios):.2f}")


if __name__ == "__main__":
    main()
