"""How near do pictures of different things come? The distances under which two pictures look alike.

    python -m benchmarks.null_distances FOLDER [--count N] [--rate R] [--skip NAME]...

FOLDER holds one folder for each kind of thing. Of N photographs drawn from it, all pairs of different
kinds are compared; the distance printed is the one below which a share R of these pairs lies.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from random import Random

import numpy as np
from PIL import Image

from visualsearch_cli.embedder import Embedder, Embeddings
from visualsearch_cli.embedders.registry import ModelRequest, available, load

BATCH = 64


def sample(folder: Path, count: int, skipped: list[str]) -> list[Path]:
    """Draw photographs, the same ones every time."""
    paths = sorted(path for path in folder.rglob("*.jpg") if path.parent.name not in skipped)
    return sorted(Random(0).sample(paths, min(count, len(paths))))


def embed(paths: list[Path], embedder: Embedder) -> Embeddings:
    """Embed image files."""
    parts = []
    for start in range(0, len(paths), BATCH):
        inputs = []
        for path in paths[start : start + BATCH]:
            with Image.open(path) as image:
                inputs.append(embedder.prepare(np.asarray(image.convert("RGB"))))
        parts.append(embedder.embed(inputs))
    return np.concatenate(parts)


def main() -> None:
    """Print a line for each embedder whose weights are here."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--count", type=int, default=1500)
    parser.add_argument("--rate", type=float, default=1e-5)
    parser.add_argument("--skip", action="append", default=[])
    args = parser.parse_args()
    paths = sample(args.folder, args.count, args.skip)
    kinds = np.array([str(path.parent) for path in paths])
    first, second = np.triu_indices(len(paths), k=1)
    different = kinds[first] != kinds[second]
    first, second = first[different], second[different]
    print(f"{len(paths)} photographs, {len(first)} pairs of different kinds, rate {args.rate:g}")
    for info in available():
        if info.weights not in ("in the package", "none needed", "downloaded"):
            continue
        vectors = embed(paths, load(ModelRequest(info.name)))
        distances = 1.0 - (vectors @ vectors.T)[first, second]
        low, median = np.quantile(distances, [args.rate, 0.5])
        print(f"{info.name:10} {low:.4f}  median {median:.3f}", flush=True)


if __name__ == "__main__":
    main()
