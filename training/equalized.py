"""Learn what takes vectors of equalized pictures back to those of their originals, with the network as it is:

    python equalized.py bundled.onnx TARS... --pairs near_duplicates.tsv --out equalized.npy

A linear map, learned as the network was: the vector of each equalized picture must be nearest to that of its
own original (InfoNCE). Needs the package, which decides what is equalized and in what tones it is shown.
"""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from data import Photographs
from geometry import Pixels
from PIL import Image, ImageOps
from quality import compressed
from quantize import started, vectors
from torch import Tensor, nn
from torch.nn import functional

from visualsearch_cli.embedders.arrays import unit_rows
from visualsearch_cli.equalized import is_equalized, other_tones

TEMPERATURE = 0.05
STEPS = 300
RATE = 1e-3
BATCH = 512
STRANGERS = 2_000  # further negatives a step
LEAST_AREA = 0.6  # of the crops

Rows = npt.NDArray[np.float32]


def equalized(pixels: Pixels) -> Pixels:
    return np.asarray(ImageOps.equalize(Image.fromarray(np.ascontiguousarray(pixels))))


def pairs(pictures: list[Pixels], rng: np.random.Generator) -> Iterator[tuple[list[Pixels], list[Pixels]]]:
    """Yield originals and the same equalized: whole, then as crops, mirrored or compressed or both."""
    yield pictures, [equalized(pixels) for pixels in pictures]
    for mirror, compress in ((True, False), (False, True), (True, True)):
        parts = [_part(pixels, mirror, rng) for pixels in pictures]
        edited = (equalized(part) for part in parts)
        yield parts, [compressed(one, int(rng.integers(30, 95))) if compress else one for one in edited]


def _part(pixels: Pixels, mirror: bool, rng: np.random.Generator) -> Pixels:
    height, width = pixels.shape[:2]
    scale = rng.uniform(LEAST_AREA, 1) ** 0.5
    rows, columns = int(scale * height), int(scale * width)
    top, left = rng.integers(0, height - rows + 1), rng.integers(0, width - columns + 1)
    part = pixels[top : top + rows, left : left + columns]
    return np.ascontiguousarray(part[:, ::-1] if mirror else part)


def learn(originals: Tensor, edited: Tensor, groups: Tensor) -> nn.Linear:
    """Return the map. All float32 (n, dim) and int64 (n,): near-duplicates are no negatives of each other."""
    torch.manual_seed(0)
    linear = nn.Linear(edited.shape[1], originals.shape[1])
    nn.init.eye_(linear.weight)
    nn.init.zeros_(linear.bias)
    optimizer = torch.optim.AdamW(linear.parameters(), RATE, weight_decay=0)
    rates = torch.optim.lr_scheduler.OneCycleLR(optimizer, RATE, total_steps=STEPS, pct_start=0.07)
    for _ in range(STEPS):
        rows = torch.randperm(len(edited))[:BATCH]
        keys = torch.cat([rows, torch.randint(len(originals), (STRANGERS,))])
        similar = functional.normalize(linear(edited[rows])) @ originals[keys].T
        related = groups[rows, None] == groups[keys]
        related.fill_diagonal_(False)
        loss = functional.cross_entropy(
            similar.masked_fill(related, -1) / TEMPERATURE, torch.arange(len(rows))
        )
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        rates.step()
    return linear


def found(queries: list[Rows], index: Rows, truth: npt.NDArray[np.int64]) -> float:
    """Return recall@1 of queries, each of which is asked with a row of every array; the nearest counts."""
    similar = np.maximum.reduce([rows @ index.T for rows in queries])
    numbers = np.arange(len(truth))
    own = similar[numbers, truth].copy()
    similar[numbers, truth] = -1
    return float((own > similar.max(axis=1)).mean())


def report(photographs: Photographs, held_out: list[int], model: Path, saved: Path) -> None:
    """Print how many held-out photographs are found, and how many are taken for equalized."""
    table = np.load(saved).astype(np.float32)
    pictures = [photographs.pixels[row] for row in held_out]
    edited = [equalized(pixels) for pixels in pictures]
    index = vectors(model, photographs.pixels)
    truth = np.asarray(held_out)
    plain = vectors(model, edited)
    tones = zip(*(other_tones(pixels) for pixels in edited), strict=True)
    back = [_restored(rows, table) for rows in (plain, *(vectors(model, list(tone)) for tone in tones))]
    print(f"recall@1 of {len(truth)} equalized held-out photographs among {len(index)}: ", end="")
    print(f"{found([plain], index, truth):.4f}, taken back {found(back[:1], index, truth):.4f}, ", end="")
    print(f"in other tones too {found([plain, *back], index, truth):.4f}")
    kinds = {
        "as they are": pictures,
        "equalized": edited,
        "equalized, JPEG 90": [compressed(pixels, 90) for pixels in edited],
        "equalized, JPEG 50": [compressed(pixels, 50) for pixels in edited],
    }
    for name, kind in kinds.items():
        print(f"taken for equalized, {name}: {np.mean([is_equalized(pixels) for pixels in kind]):.3f}")


def _restored(rows: Rows, table: Rows) -> Rows:
    return unit_rows(rows @ table[:-1] + table[-1])


def main() -> None:
    options, photographs, trained, held_out = started(__doc__)
    pictures = [photographs.pixels[row] for row in trained]
    both = [
        [vectors(options.onnx, kind) for kind in pair] for pair in pairs(pictures, np.random.default_rng(0))
    ]
    originals, edited = (torch.from_numpy(np.concatenate(kind)) for kind in zip(*both, strict=True))
    groups = torch.from_numpy(np.tile(photographs.groups[trained], len(both)))
    linear = learn(originals, edited, groups)
    table = torch.cat([linear.weight.T, linear.bias[None]]).detach().numpy()
    np.save(options.out, table.astype(np.float16))
    report(photographs, held_out, options.onnx, options.out)


if __name__ == "__main__":
    main()
