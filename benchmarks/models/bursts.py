"""Does `--diverse` show more of a folder of bursts than the nearest k do?

    python -m benchmarks.models.bursts PHOTOS [--bursts 12] [--frames 8] [-k 10] [--seeds 5]

PHOTOS is a folder of distinct photographs, or of tar files of them. Of some, drawn by chance, a burst is
written as files: from frame to frame the camera moves a little, and sees a little more or less light. One
more frame of each asks an index of the others. Prints how many bursts the k answers show on average, by
distance alone and with --diverse, and how many of the first answers are of the burst that was asked for. Each
seed draws anew.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image

from benchmarks.material.photographs import Photograph, find_photographs
from benchmarks.models.report import table
from visualsearch_cli.library import Answer, open_index

BALANCES = (None, 1.0, 0.7, 0.5, 0.3, 0.0)
MARGIN = 0.04  # of each side that frames leave away, here or there
LEAST_SIDE = 160  # pixels, of a photograph


def frame(picture: Image.Image, chance: np.random.Generator) -> Image.Image:
    """Return a frame: a part of a picture in RGB that lies elsewhere each time, brighter or darker by up to a
    tenth."""
    width, height = (round((1 - 2 * MARGIN) * side) for side in picture.size)
    left, top = (round(2 * MARGIN * side * chance.random()) for side in picture.size)
    light = chance.uniform(0.9, 1.1)
    levels = [min(255, round(value * light)) for value in range(256)]
    return picture.crop((left, top, left + width, top + height)).point(levels * 3)


def write_bursts(pictures: Sequence[Image.Image], frames: int, folder: Path, seed: int) -> list[Path]:
    """Write bursts below a folder, a folder a burst, and return one more frame of each, beside it."""
    chance = np.random.default_rng(seed)
    asking = []
    for number, picture in enumerate(pictures):
        where = folder / "bursts" / f"{number:02}"
        where.mkdir(parents=True)
        for each in range(frames):
            frame(picture, chance).save(where / f"{each}.jpg", quality=int(chance.integers(85, 96)))
        asking.append(folder / f"{number:02}.jpg")
        frame(picture, chance).save(asking[-1], quality=90)
    return asking


def shown(answer: Answer) -> list[str]:
    """Return of which burst each answer is."""
    return [match.image.path.parent.name for match in answer.matches]


def measured(folder: Path, asking: Sequence[Path], k: int) -> dict[float | None, tuple[float, float]]:
    """Return for each balance how many bursts the k answers show, and the share of first answers that are of
    the burst asked for: means over the queries."""
    with open_index(folder, create=True) as index:
        index.add(folder / "bursts")
        found = {}
        for balance in BALANCES:
            answers = [shown(answer) for answer in index.lookup(asking, k, diverse=balance)]
            first = [its[0] == path.stem for its, path in zip(answers, asking, strict=True)]
            found[balance] = float(np.mean([len(set(its)) for its in answers])), float(np.mean(first))
        return found


def drawn(photographs: Sequence[Photograph], count: int, seed: int) -> list[Image.Image]:
    """Return some photographs that are no thumbnails, drawn by chance."""
    found: list[Image.Image] = []
    for row in np.random.default_rng(seed).permutation(len(photographs)).tolist():
        picture = photographs[row].read()
        if picture is not None and min(picture.size) >= LEAST_SIDE:
            found.append(picture)
        if len(found) == count:
            return found
    raise SystemExit(f"{len(found)} photographs are {LEAST_SIDE} pixels wide and high, expected {count}")


def main() -> None:
    """Write bursts, ask, and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("photos", type=Path)
    parser.add_argument("--bursts", type=int, default=12)
    parser.add_argument("--frames", type=int, default=8)
    parser.add_argument("-k", type=int, default=10)
    parser.add_argument("--seeds", type=int, default=5)
    options = parser.parse_args()
    photographs = find_photographs(options.photos)
    runs = []
    for seed in range(options.seeds):
        with tempfile.TemporaryDirectory() as folder:
            pictures = drawn(photographs, options.bursts, seed)
            asking = write_bursts(pictures, options.frames, Path(folder), seed)
            runs.append(measured(Path(folder), asking, options.k))
    rows = []
    for balance in BALANCES:
        bursts, first = np.array([run[balance] for run in runs]).T
        name = "by distance alone" if balance is None else f"--diverse {balance:g}"
        rows.append(
            (name, f"{bursts.mean():.1f}", f"{bursts.min():.1f} to {bursts.max():.1f}", f"{first.mean():.2f}")
        )
    print(f"{options.bursts} bursts of {options.frames} frames, {options.k} answers, {options.seeds} seeds\n")
    print(table(("answers", "bursts shown", "by seed", "first is of the burst"), rows))


if __name__ == "__main__":
    main()
