"""Vectors distributed like the embeddings of a photo collection, without the photographs."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from visualsearch_cli.vectors.index import Embeddings

_MEAN_NORM = 0.22
_SPECTRUM_DECAY = 10.0


def realistic_vectors(n: int, dim: int, seed: int) -> Embeddings:
    """Return n vectors, float32 of shape (n, dim), rows of unit length, in random order.

    40 % are singles. 25 % lie in scenes of 3 to 300 pictures, 0.05 to 0.3 from each center. 25 % lie in
    groups of 2 to 50 near-equal vectors, 1e-5 to 1e-3 from each center. 10 % are exact duplicates in
    groups of 2 to 200, as blank pictures of many sizes are.

    Singles and centers follow the embeddings that the bundled model gives 1,000 diverse photographs: their
    mean has norm 0.22, their variance falls with the axis i about as exp(-10 i / dim), which is
    an effective dimension of 50 in 256.
    """
    rng = np.random.default_rng(seed)
    copies, near, scenes = n // 10, n // 4, n // 4
    parts = [
        _normalized(_directions(rng, n - copies - near - scenes, dim)),
        _groups(rng, scenes, dim, sizes=(3, 300), distances=(0.05, 0.3)),
        _groups(rng, near, dim, sizes=(2, 50), distances=(1e-5, 1e-3)),
        _groups(rng, copies, dim, sizes=(2, 200), distances=None),
    ]
    vectors = np.concatenate(parts)
    rng.shuffle(vectors)
    return np.ascontiguousarray(vectors)


def _groups(
    rng: np.random.Generator,
    n: int,
    dim: int,
    sizes: tuple[int, int],
    distances: tuple[float, float] | None,
) -> Embeddings:
    """Return n vectors in groups; the sizes and the distances from the center are log-uniform."""
    groups: list[Embeddings] = [np.empty((0, dim), dtype=np.float32)]
    left = n
    while left > 0:
        size = min(left, round(_log_uniform(rng, sizes, 1).item()))
        left -= size
        center = np.repeat(_normalized(_directions(rng, 1, dim)), size, axis=0)
        if distances is None:
            groups.append(center)
            continue
        # Two unit vectors at cosine distance d are sqrt(2 d) apart.
        steps = np.sqrt(2 * _log_uniform(rng, distances, size))[:, np.newaxis]
        groups.append(_normalized(center + steps * _normalized(_directions(rng, size, dim, mean=0))))
    return np.concatenate(groups)


def _directions(
    rng: np.random.Generator, n: int, dim: int, mean: float = _MEAN_NORM
) -> npt.NDArray[np.float64]:
    variances = np.exp(-_SPECTRUM_DECAY * np.arange(dim) / dim)
    variances *= (1 - mean**2) / variances.sum()
    directions = rng.standard_normal((n, dim)) * np.sqrt(variances)
    directions[:, 0] += mean
    return directions


def _log_uniform(rng: np.random.Generator, bounds: tuple[float, float], n: int) -> npt.NDArray[np.float64]:
    low, high = np.log(bounds)
    exponents: npt.NDArray[np.float64] = rng.uniform(low, high, n)
    return np.exp(exponents)


def _normalized(vectors: npt.NDArray[np.float64]) -> Embeddings:
    unit: Embeddings = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)
    return unit
