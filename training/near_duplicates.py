"""List the near-duplicates among the training photographs: `python near_duplicates.py TARS... --weights ...`.

Prints two tab-separated names a line. Caltech's Faces_easy/image_N is a crop of Faces/image_N; the
others are the pairs that given weights find alike. A pair listed in error costs one negative, one missed
teaches a falsehood.
"""

import argparse
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import torch
from data import read_photographs
from evaluate import embed
from geometry import shrink_to_square
from metrics import Vectors
from network import CopyNet, load_weights


def by_name(names: Sequence[str]) -> Iterator[tuple[str, str]]:
    known = set(names)
    for name in names:
        whole = name.replace("/Faces_easy/", "/Faces/")
        if whole != name and whole in known:
            yield whole, name


def alike(names: Sequence[str], vectors: Vectors, least: float) -> Iterator[tuple[str, str]]:
    """Yield the pairs with a cosine similarity above `least`."""
    for row, vector in enumerate(vectors):
        for other in np.flatnonzero(vectors[row + 1 :] @ vector > least):
            yield names[row], names[row + 1 + other]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("tars", nargs="+", type=Path)
    parser.add_argument("--weights", type=Path, required=True)
    parser.add_argument("--least", type=float, default=0.85)
    parser.add_argument("--side", type=int, default=128)
    options = parser.parse_args()
    torch.set_num_threads(1)

    photographs = read_photographs(options.tars, pairs=None)
    net = CopyNet().to(memory_format=torch.channels_last).eval()
    load_weights(net, options.weights)
    squares = [shrink_to_square(pixels, options.side) for pixels in photographs.pixels]
    pairs = {tuple(sorted(pair)) for pair in by_name(photographs.names)}
    found = alike(photographs.names, embed(net, squares, bf16=True), options.least)
    pairs |= {tuple(sorted(pair)) for pair in found}
    print("\n".join("\t".join(pair) for pair in sorted(pairs)))


if __name__ == "__main__":
    main()
