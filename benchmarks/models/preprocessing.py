"""Which part of a picture should an embedder see: its centre, all of it squashed, or all of it between bars?

    python -m benchmarks.models.preprocessing PHOTOS [--model NAME]... [--weights FILE] [--limit N]

Every photograph is cut to an aspect ratio, from 3:1 to 1:3, and then edited. For each edit it prints
recall@1: the share of edited pictures whose nearest neighbor among all originals is their own.
The photographs' sizes, the cuts and the edits depend on nothing but the files' names.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from random import Random

import numpy as np
from PIL import Image, ImageOps

from visualsearch_cli.embedders.embedder import Embedder
from visualsearch_cli.embedders.registry import ModelRequest, available, load
from visualsearch_cli.vectors.index import Embeddings

ASPECTS = (3 / 2, 2 / 3, 4 / 3, 3 / 4, 16 / 9, 9 / 16, 1.0, 3.0, 1 / 3)  # width to height
BATCH = 64

Edit = Callable[[Image.Image, Random], Image.Image]
Frame = Callable[[Image.Image], Image.Image]


def cut(image: Image.Image, width: float, height: float, random: Random) -> Image.Image:
    """Cut a box of these sides, at a random place."""
    w, h = max(1, round(width)), max(1, round(height))
    x, y = random.randint(0, image.width - w), random.randint(0, image.height - h)
    return image.crop((x, y, x + w, y + h))


def cut_to_aspect(image: Image.Image, aspect: float, random: Random) -> Image.Image:
    """Cut the largest box of an aspect ratio, at a random place."""
    width = min(image.width, image.height * aspect)
    return cut(image, width, width / aspect, random)


def keep_end(image: Image.Image, share: float) -> Image.Image:
    """Keep the beginning of the longer side."""
    if image.width >= image.height:
        return image.crop((0, 0, round(image.width * share), image.height))
    return image.crop((0, 0, image.width, round(image.height * share)))


EDITS: dict[str, Edit] = {
    "half size": lambda image, _: image.reduce(2),
    "stretched by 4/3": lambda image, _: image.resize((image.width * 4 // 3, image.height)),
    "cut to 75 % of the area": lambda image, random: cut(
        image, image.width * 0.75**0.5, image.height * 0.75**0.5, random
    ),
    "cut to 50 % of the area": lambda image, random: cut(
        image, image.width * 0.5**0.5, image.height * 0.5**0.5, random
    ),
    "cut to another aspect ratio": lambda image, random: cut_to_aspect(
        image, image.width / image.height * random.choice((0.6, 0.75, 4 / 3, 5 / 3)), random
    ),
    "two thirds, one end cut off": lambda image, _: keep_end(image, 2 / 3),
    "central square": lambda image, _: ImageOps.fit(image, (min(image.size),) * 2),
    "black bars to a square": lambda image, _: ImageOps.pad(image, (max(image.size),) * 2),
    "white border of 5 %": lambda image, _: ImageOps.expand(
        image, max(1, min(image.size) // 20), (255, 255, 255)
    ),
}

FRAMES: dict[str, Frame] = {
    "crop": lambda image: ImageOps.fit(image, (min(image.size),) * 2),
    "squash": lambda image: image,
    "letterbox": lambda image: ImageOps.pad(image, (max(image.size),) * 2, color=(128, 128, 128)),
}


def embed(images: list[Image.Image], frame: Frame, embedder: Embedder) -> Embeddings:
    """Embed images as an embedder would if it saw only what `frame` makes of them."""
    parts = [
        embedder.embed(
            [embedder.prepare(np.asarray(frame(image))) for image in images[start : start + BATCH]]
        )
        for start in range(0, len(images), BATCH)
    ]
    return np.concatenate(parts)


def originals(folder: Path, limit: int | None) -> list[Image.Image]:
    """Read the photographs of a folder, each cut to one of the aspect ratios."""
    images = []
    for number, path in enumerate(sorted(folder.rglob("*.jpg"))[:limit]):
        with Image.open(path) as image:
            random = Random(path.name)
            aspect = ASPECTS[number % len(ASPECTS)]
            images.append(cut_to_aspect(image.convert("RGB"), aspect, random))
    return images


def measure(images: list[Image.Image], embedder: Embedder) -> None:
    """Print a table: an edit a row, a way of framing a column."""
    print(f"\n{embedder.spec.name}, {len(images)} photographs, recall@1\n")
    print("| edit | " + " | ".join(FRAMES) + " |\n|---|" + "---|" * len(FRAMES))
    known = {name: embed(images, frame, embedder) for name, frame in FRAMES.items()}
    rows = []
    for edit, apply in EDITS.items():
        edited = [apply(image, Random(f"{edit} {i}")) for i, image in enumerate(images)]
        row = []
        for name, frame in FRAMES.items():
            nearest = (embed(edited, frame, embedder) @ known[name].T).argmax(axis=1)
            row.append(float((nearest == np.arange(len(images))).mean()))
        rows.append(row)
        print(f"| {edit} | " + " | ".join(f"{recall:.3f}" for recall in row) + " |", flush=True)
    print("| mean | " + " | ".join(f"{mean:.3f}" for mean in np.mean(rows, axis=0)) + " |")


def main() -> None:
    """Measure the models asked for, or all small ones whose weights are here."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("photos", type=Path)
    parser.add_argument("--model", action="append", dest="models")
    parser.add_argument("--weights", type=Path)
    parser.add_argument("--limit", type=int)
    args = parser.parse_args()
    here = [info.name for info in available() if info.weights in ("in the package", "downloaded")]
    images = originals(args.photos, args.limit)
    for model in args.models or here:
        measure(images, load(ModelRequest(model, args.weights)))


if __name__ == "__main__":
    main()
