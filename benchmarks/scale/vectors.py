"""Any number of vectors shaped like the embeddings of a photo collection, without the photographs.

    python -m benchmarks.scale.vectors FOLDER

prints how near the neighbors of photographs are, and those of as many drawn vectors: the check of the numbers
below, which were fitted to 12,925 photographs of objects, people and clothes.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np
import numpy.typing as npt

from visualsearch_cli.vectors.index import Embeddings

DIM = 256
SLICE = 65_536  # vectors drawn at once


@dataclass(frozen=True, slots=True)
class Shape:
    """What real embeddings look like, in a few numbers.

    spectrum: the share of the variance on the axes AXES, between which its logarithm is a straight line.
    """

    mean_norm: float
    spectrum: tuple[float, ...]
    kind_share: float = 0.12  # of the variance that pictures of one kind share
    kind_sizes: tuple[int, int] = (10, 3_000)  # log-uniform
    in_scenes: float = 0.45  # of the pictures
    scene_sizes: tuple[int, int] = (2, 30)
    scene_shares: tuple[float, float] = (0.25, 0.55)  # of the variance that pictures of one scene share
    in_clumps: float = 0.15  # of the pictures: copies of each other, edited more or less
    clump_sizes: tuple[int, int] = (2, 20)
    clump_distances: tuple[float, float] = (1e-5, 0.3)  # from their original, log-uniform


AXES = (0, 1, 2, 4, 8, 16, 32, 64, 96, 128, 160, 192, 224, 254)

PHOTOGRAPHS = Shape(
    mean_norm=0.069,
    spectrum=(
        *(0.026302, 0.024005, 0.022198, 0.019473, 0.016796, 0.012866, 0.009464),
        *(0.005968, 0.003555, 0.00177, 0.000826, 0.000304, 0.00007, 0.000005),
    ),
)


def draw(count: int, seed: int, shape: Shape = PHOTOGRAPHS) -> Embeddings:
    """Return vectors, float32 of shape (count, 256), rows of unit length, in random order."""
    rng = np.random.default_rng(seed)
    scale = _scale(shape)
    vectors = np.empty((count, DIM), np.float32)
    _fill(vectors, rng, scale)
    _share(vectors, rng, scale, _members(rng, count, 1.0, shape.kind_sizes), (shape.kind_share,) * 2)
    _share(vectors, rng, scale, _members(rng, count, shape.in_scenes, shape.scene_sizes), shape.scene_shares)
    for rows in _slices(count):
        vectors[rows, 0] += shape.mean_norm
        vectors[rows] /= np.linalg.norm(vectors[rows], axis=1, keepdims=True)
    members, groups = _members(rng, count, shape.in_clumps, shape.clump_sizes)
    originals = members[np.searchsorted(groups, groups)]  # the first of each clump
    copies = members != originals
    _edit(vectors, rng, scale, members[copies], originals[copies], shape.clump_distances)
    return vectors


def _scale(shape: Shape) -> npt.NDArray[np.float32]:
    variances = np.exp(np.interp(np.arange(DIM), AXES, np.log(shape.spectrum)))
    variances *= (1 - shape.mean_norm**2) / variances.sum()
    return np.sqrt(variances).astype(np.float32)


def _slices(count: int) -> list[slice]:
    return [slice(start, min(start + SLICE, count)) for start in range(0, count, SLICE)]


def _fill(vectors: Embeddings, rng: np.random.Generator, scale: npt.NDArray[np.float32]) -> None:
    for rows in _slices(len(vectors)):
        rng.standard_normal(dtype=np.float32, out=vectors[rows])
        vectors[rows] *= scale


def _members(
    rng: np.random.Generator, count: int, share: float, sizes: tuple[int, int]
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Return rows at random, a share of all, and the number of the group of each, rising."""
    members = rng.permutation(count)[: int(count * share)]
    low, high = np.log(sizes)
    mean = (sizes[1] - sizes[0]) / (high - low)
    drawn = np.exp(rng.uniform(low, high, int(2 * len(members) / mean) + 10)).astype(np.int64)
    while drawn.sum() < len(members):
        drawn = np.concatenate([drawn, drawn])
    return members, np.repeat(np.arange(len(drawn)), drawn)[: len(members)]


def _share(
    vectors: Embeddings,
    rng: np.random.Generator,
    scale: npt.NDArray[np.float32],
    grouped: tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]],
    shares: tuple[float, float],
) -> None:
    """Let the members of a group have a part of their variance in common."""
    members, groups = grouped
    count = int(groups[-1]) + 1 if len(groups) else 0
    centers = np.empty((count, DIM), np.float32)
    _fill(centers, rng, scale)
    share = rng.uniform(*shares, count).astype(np.float32)[:, np.newaxis]
    for part in _slices(len(members)):
        rows, group = members[part], groups[part]
        common = share[group]
        vectors[rows] = np.sqrt(1 - common) * vectors[rows] + np.sqrt(common) * centers[group]


def _edit(
    vectors: Embeddings,
    rng: np.random.Generator,
    scale: npt.NDArray[np.float32],
    copies: npt.NDArray[np.int64],
    originals: npt.NDArray[np.int64],
    distances: tuple[float, float],
) -> None:
    """Make some rows copies of others, at distances between two bounds."""
    low, high = np.log(distances)
    for part in _slices(len(copies)):
        source = vectors[originals[part]]
        away = np.empty_like(source)
        _fill(away, rng, scale)
        away -= (away * source).sum(axis=1, keepdims=True) * source
        away /= np.linalg.norm(away, axis=1, keepdims=True)
        cosine = 1 - np.exp(rng.uniform(low, high, len(source))).astype(np.float32)[:, np.newaxis]
        edited = cosine * source + np.sqrt(1 - cosine**2) * away
        vectors[copies[part]] = edited / np.linalg.norm(edited, axis=1, keepdims=True)


def fitted(vectors: Embeddings) -> Shape:
    """Return the shape of real vectors: their mean and spectrum; groups are as in PHOTOGRAPHS."""
    variances = np.linalg.eigvalsh(np.cov(vectors.T))[::-1]
    variances = np.maximum(variances / variances.sum(), 5e-6)
    mean = float(np.linalg.norm(vectors.mean(axis=0)))
    return Shape(mean, tuple(float(variances[axis]) for axis in AXES))


def neighbor_distances(
    vectors: Embeddings, ranks: tuple[int, ...] = (1, 3, 10, 30, 100, 300, 1000)
) -> dict[int, list[float]]:
    """Return for some ranks the distances of the neighbor of that rank: at 1, 10, 50, 90, 99 % of rows."""
    rows = np.random.default_rng(0).choice(len(vectors), min(1000, len(vectors)), replace=False)
    similarities = vectors[rows] @ vectors.T
    similarities[np.arange(len(rows)), rows] = -2
    nearest = 1 + np.sort(-similarities, axis=1)
    shares = (0.01, 0.1, 0.5, 0.9, 0.99)
    return {rank: np.quantile(nearest[:, rank - 1], shares).tolist() for rank in ranks}


def embedded(folder: Path) -> Embeddings:
    """Return what the bundled model makes of the photographs of a folder and its archives."""
    from benchmarks.material.photographs import find_photographs
    from visualsearch_cli.embedders.registry import ModelRequest, load

    embedder = load(ModelRequest("bundled"))
    pictures = (picture for photograph in find_photographs(folder) if (picture := photograph.read()))
    inputs = (embedder.prepare(np.asarray(picture)) for picture in pictures)
    parts = []
    while batch := list(islice(inputs, 32)):
        parts.append(embedder.embed(batch))
    return np.concatenate(parts)


def main() -> None:
    """Print how near the neighbors of photographs are, and those of drawn vectors."""
    real = embedded(Path(sys.argv[1]))
    print(f"mean and spectrum: {fitted(real)}")
    ranks = tuple(rank for rank in (1, 3, 10, 30, 100, 300, 1000) if rank < len(real))
    drawn = neighbor_distances(draw(len(real), 0), ranks)
    print(f"{'neighbor':>8}   photographs: 1, 10, 50, 90, 99 %        drawn")
    for rank, distances in neighbor_distances(real, ranks).items():
        line = "   ".join(" ".join(f"{d:.3f}" for d in both) for both in (distances, drawn[rank]))
        print(f"{rank:>8}   {line}")


if __name__ == "__main__":
    main()
