"""Is the fitted tail right? Levels of a few photographs, against the true rates among thousands.

    python -m benchmarks.models.tail_check TRAIN [--embedder NAME]...

Of the training photographs that are of no known pair, some are drawn by chance and their levels fitted: as
for the package, and as `visualsearch calibrate` does, with edited copies of some of them mixed in. Printed is
log10 of the true rate at each level: -4, -5, -6 and -7 would be right.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from benchmarks.material.photographs import Photograph, find_photographs
from benchmarks.models.held_out import held_out
from visualsearch_cli.calibration.edited_copies import EDITS, edited_copies
from visualsearch_cli.calibration.learning import levels_among
from visualsearch_cli.calibration.tails import fitted_levels, nearest_pairs
from visualsearch_cli.embedders.embedder import Embedder
from visualsearch_cli.embedders.registry import ModelRequest, load
from visualsearch_cli.vectors.index import Embeddings

DRAWN, EDITED = 600, 300
SHARES = (0.0, 0.1, 0.5, 1.0)  # copies mixed in, for each photograph drawn
KEPT = 2e-3  # of all pairs: beyond the level of 1e-4 by far
LEAST = 1e-9  # rate


def embed(photographs: Sequence[Photograph], embedder: Embedder, *, edited: bool) -> Embeddings:
    """Return float32 (n, 1, dim), or with a copy by each edit (n, 1 + edits, dim)."""
    rows = []
    for photograph in photographs:
        pixels = np.asarray(photograph.read())
        ways = [pixels, *(edited_copies(pixels, photograph.name) if edited else [])]
        rows.append(embedder.embed([embedder.prepare(np.ascontiguousarray(way)) for way in ways]))
    return np.stack(rows)


def main() -> None:
    """Print a line for each embedder and share of copies."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("train", type=Path)
    parser.add_argument("--embedder", action="append")
    parser.add_argument("--draws", type=int, default=12)
    options = parser.parse_args()
    photographs = held_out(find_photographs(options.train), count=1_000_000)
    for name in options.embedder or ["bundled", "dct"]:
        embedder = load(ModelRequest(name), threads=1)
        vectors = embed(photographs, embedder, edited=False)[:, 0]
        copies = embed(photographs[:: len(photographs) // EDITED][:EDITED], embedder, edited=True)
        whole = nearest_pairs(vectors, share=KEPT)
        for share in (None, *SHARES):
            found = []
            for seed in range(options.draws):
                rng = np.random.default_rng(seed)
                drawn = vectors[rng.choice(len(vectors), DRAWN, replace=False)]
                if share is None:
                    levels = fitted_levels(nearest_pairs(drawn), repeats=0)
                else:
                    count = round(share * DRAWN)
                    rows, edits = np.arange(count) % EDITED, rng.integers(1, len(EDITS) + 1, count)
                    mixed = [copies[:, 0], drawn[EDITED:], copies[rows, edits]]
                    levels, _, _ = levels_among(np.concatenate(mixed), repeats=0)
                counts = np.searchsorted(whole.distances, levels.distances)
                found.append(np.log10(np.maximum(counts / whole.pairs, LEAST)))
            how = "no copies, all pairs" if share is None else f"{share:.0%} copies, calibrate"
            cells = (f"{m:.2f} ± {d:.2f}" for m, d in zip(np.mean(found, 0), np.std(found, 0), strict=True))
            print(f"{name:9} {how:24} {'  '.join(cells)}", flush=True)


if __name__ == "__main__":
    main()
