"""Learns the words of `--model sift` and `orb`, and the axes to which their vectors are reduced.

    python -m training.vocabulary TRAIN/*.tar [--out visualsearch_cli/models]

Of photographs in tar files, but those that are held out. Prints the identity of each vocabulary, which
belongs into visualsearch_cli/embedders/specs.py.
"""

from __future__ import annotations

import argparse
import hashlib
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

import cv2
import numpy as np
from PIL import Image

from benchmarks.material.photographs import Photograph, find_photographs
from benchmarks.models.held_out import held_out
from visualsearch_cli.embedders.arrays import squash
from visualsearch_cli.embedders.local_features import ARRAYS, DETECTORS, MODELS, SIDE, Vocabulary
from visualsearch_cli.embedders.specs import BUILT_IN
from visualsearch_cli.pictures.image import Pixels

if TYPE_CHECKING:
    import numpy.typing as npt

    Floats = npt.NDArray[np.float32]

PICTURES = 3000
DESCRIPTORS = 60  # a picture, for the words
WORDS = 16
VALUES = 32  # of a reduced descriptor
WHITENING = 0.75  # 0 leaves axes as long as they vary, 1 makes them vary alike


def grays(photographs: list[Photograph]) -> list[Pixels]:
    """Return the pictures as the embedders see them, uint8 (side, side)."""
    found = []
    for photograph in photographs:
        image = photograph.read()
        if image is not None:
            small = squash(np.asarray(image), SIDE, SIDE)
            found.append(np.asarray(Image.fromarray(small).convert("L")))
    return found


def principal(rows: Floats, count: int, whitening: float) -> tuple[Floats, Floats]:
    """Return the mean of rows (n, d), (d,), and their `count` axes of most variance, (d, count)."""
    mean = rows.mean(axis=0)
    values, vectors = np.linalg.eigh(np.cov((rows - mean).T.astype(np.float64)))
    values, vectors = values[::-1][:count], vectors[:, ::-1][:, :count]
    vectors = vectors * np.where(np.abs(vectors).max(axis=0) == vectors.max(axis=0), 1, -1)
    return mean, (vectors / np.maximum(values, 1e-9) ** (whitening / 2)).astype(np.float32)


def learn(pictures: list[Pixels], detect: Callable[[Pixels], Floats], dim: int) -> Vocabulary:
    """Return a vocabulary for descriptors of one kind."""
    chance = np.random.default_rng(0)
    described = [detect(gray) for gray in pictures]
    some = np.concatenate([d[chance.permutation(len(d))[:DESCRIPTORS]] for d in described])
    mean, axes = principal(some, VALUES, 0.0)
    cv2.setRNGSeed(0)
    stop = (cv2.TERM_CRITERIA_EPS + cv2.TERM_CRITERIA_MAX_ITER, 40, 1e-4)
    _, _, words = cv2.kmeans((some - mean) @ axes, WORDS, None, stop, 1, cv2.KMEANS_PP_CENTERS)  # type: ignore[call-overload]
    width = WORDS * VALUES
    first = Vocabulary(mean, axes, np.asarray(words, np.float32), np.zeros(width, np.float32),
                       np.eye(width, dtype=np.float32))  # fmt: skip
    first = rounded(first)
    sums = np.stack([first.sums(d) for d in described if len(d)])
    center, projection = principal(sums, dim, WHITENING)
    projection /= np.abs(projection).max()
    return rounded(Vocabulary(first.mean, first.axes, first.words, center, projection))


def rounded(vocabulary: Vocabulary) -> Vocabulary:
    """Return it as it is read again: in float16, it takes half of the room."""
    return Vocabulary(*(getattr(vocabulary, name).astype(np.float16).astype(np.float32) for name in ARRAYS))


def main() -> None:
    """Learn, write and name the vocabularies."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("tars", nargs="+", type=Path)
    parser.add_argument("--out", type=Path, default=MODELS)
    options = parser.parse_args()
    found = [
        photograph
        for folder in {tar.parent for tar in options.tars}
        for photograph in find_photographs(folder)
    ]
    kept_out = {photograph.name for photograph in held_out(found)}
    usable = [photograph for photograph in found if photograph.name not in kept_out]
    pictures = grays(Random("vocabulary").sample(usable, min(PICTURES, len(usable))))
    for name, detect in DETECTORS.items():
        vocabulary = learn(pictures, detect, BUILT_IN[name].dim)
        content = BytesIO()
        np.savez(content, **{key: getattr(vocabulary, key).astype(np.float16) for key in ARRAYS})
        (options.out / f"{name}.npz").write_bytes(content.getvalue())
        digest = hashlib.sha256(content.getvalue()).hexdigest()
        print(f"{name}: {len(content.getvalue()):,} bytes, sha256:{digest}", flush=True)


if __name__ == "__main__":
    main()
