"""Measure weights on held-out photographs: `python evaluate.py TARS... --weights a.safetensors`.

Every edit of every held-out photograph looks for its original among all photographs, one vector a picture.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path

import fixed_edits as edits
import numpy as np
import torch
from data import Photographs, read_photographs, split
from geometry import Pixels, shrink_to_square
from metrics import Comparison, Vectors, compare, join
from network import CopyNet, load_weights, to_input
from PIL import Image

from visualsearch_cli.embedders.channels import to_channels

RATE = 1e-6


def render(photographs: Photographs, rows: list[int], names: list[str], side: int) -> Pixels:
    """Return every named edit of every given photograph: uint8 (len(names), len(rows), side, side, 3)."""
    pictures = np.empty((len(names), len(rows), side, side, 3), np.uint8)
    images = [Image.fromarray(photographs.pixels[row]) for row in rows]
    for place, row in enumerate(rows):
        for index, name in enumerate(names):
            edited = edits.apply(name, images[place], images[place - 1], photographs.names[row])
            pictures[index, place] = shrink_to_square(np.asarray(edited), side)
    return pictures


def embed(net: CopyNet, pictures: Sequence[Pixels] | Pixels, bf16: bool) -> Vectors:
    """Embed uint8 (n, side, side, 3) pictures: float32 (n, dim)."""
    vectors = []
    with torch.inference_mode(), torch.autocast("cpu", torch.bfloat16, enabled=bf16):
        for start in range(0, len(pictures), 128):
            inputs = [to_channels(pixels) for pixels in pictures[start : start + 128]]
            batch = torch.from_numpy(np.stack(inputs))
            vectors.append(net(to_input(batch)).float().numpy())
    return np.concatenate(vectors)


Row = tuple[str, float, float]


def measure(
    net: CopyNet, pictures: Pixels, originals: list[Pixels], rows: list[int], bf16: bool
) -> list[Comparison]:
    """Compare each edit, in the order of `render`, with all originals."""
    index = embed(net, originals, bf16)
    return [compare(embed(net, edited, bf16), np.array(rows), index) for edited in pictures]


def tabulate(results: dict[str, Comparison]) -> tuple[list[Row], float]:
    """Return recall@1 and recall at RATE of false pairs, for each edit and overall, and micro-AP.

    The overall rows, the threshold and micro-AP leave out turns and the mirror: a query can be asked in all
    eight positions instead.
    """
    upright = join([result for name, result in results.items() if name not in edits.DIHEDRAL])
    threshold = upright.threshold(RATE)
    rows = [(name, result.first.mean(), (result.true > threshold).mean()) for name, result in results.items()]
    overall = ("all but turns, mirror", upright.first.mean(), (upright.true > threshold).mean())
    return [*rows, overall], upright.average_precision()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("tars", nargs="+", type=Path)
    parser.add_argument("--pairs", type=Path)
    parser.add_argument("--weights", nargs="+", type=Path, required=True)
    parser.add_argument("--held-out", type=int, default=600, help="as it was in training")
    parser.add_argument("--queries", type=int, default=600, help="held-out photographs to edit")
    parser.add_argument("--edits", nargs="*", help="only these")
    parser.add_argument("--side", type=int, default=128)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument(
        "--bf16", action="store_true", help="a quick look: half the digits, several times as fast"
    )
    options = parser.parse_args()
    torch.set_num_threads(options.threads)

    photographs = read_photographs(options.tars, options.pairs)
    rows = split(photographs, options.held_out)[1][: options.queries]
    names = [name for name in edits.NAMES if not options.edits or name in options.edits]
    pictures = render(photographs, rows, names, options.side)
    originals = [shrink_to_square(pixels, options.side) for pixels in photographs.pixels]
    columns = []
    for weights in options.weights:
        net = CopyNet().to(memory_format=torch.channels_last).eval()
        load_weights(net, weights)
        results = measure(net, pictures, originals, rows, options.bf16)
        columns.append(tabulate(dict(zip(names, results, strict=True))))
        print(f"{weights}: micro-AP {columns[-1][1]:.4f}")
    for line in zip(*(rows for rows, _ in columns), strict=True):
        figures = "  ".join(f"{first:.3f} {found:.3f}" for _, first, found in line)
        print(f"{line[0][0]:24}{figures}", flush=True)


if __name__ == "__main__":
    main()
