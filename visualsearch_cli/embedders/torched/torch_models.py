"""Where a torch model runs, how many pictures at once, and the pictures as it takes them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt
import torch

from visualsearch_cli.embedders.arrays import unit_rows
from visualsearch_cli.embedders.embedder import ModelInput
from visualsearch_cli.errors import ModelUnavailable
from visualsearch_cli.vectors.index import Embeddings

BATCHES = {"cuda": 128, "mps": 32, "cpu": 32}  # images a forward pass


def use_device(asked: str, threads: int | None = None) -> str:
    """Return "cuda", "mps" or "cpu": the one asked for, or for "auto" the best that is here.

    If that is the CPU, let torch use so many cores; what suits it, if None.

    Raises ModelUnavailable if it is not here.
    """
    here = {
        "cuda": torch.cuda.is_available(),
        "mps": torch.backends.mps.is_available(),
        "cpu": True,
    }
    device = next(name for name, is_here in here.items() if is_here) if asked == "auto" else asked
    if not here.get(device):
        known = ", ".join(name for name, is_here in here.items() if is_here)
        raise ModelUnavailable(f"PyTorch has no device '{asked}' here: pass auto or {known}")
    if threads and device == "cpu":
        torch.set_num_threads(threads)
    return device


def embed_in_batches(
    forward: Callable[[ModelInput], Embeddings], pictures: Sequence[ModelInput], dim: int, device: str
) -> Embeddings:
    """Run a model on any number of pictures. Returns float32 (n, dim), rows of unit length.

    forward: from n pictures, uint8 (n, height, width, 3), to (n, dim), of any length.
    """
    size = BATCHES[device]
    vectors = np.empty((len(pictures), dim), np.float32)
    for start in range(0, len(pictures), size):
        vectors[start : start + size] = forward(np.stack(pictures[start : start + size]))
    return unit_rows(vectors)


class Normalization:
    """From uint8 pictures to what a tower takes: each channel less its mean, by its deviation."""

    def __init__(self, mean: Sequence[float], std: Sequence[float], device: str) -> None:
        self._mean = _per_channel(mean, device)
        self._std = _per_channel(std, device)
        self._device = device

    def __call__(self, images: npt.NDArray[np.uint8]) -> torch.Tensor:
        """Turn uint8 (n, height, width, 3) into float32 (n, 3, height, width), on the device."""
        x = torch.from_numpy(images).to(self._device).permute(0, 3, 1, 2).float()
        return (x / 255 - self._mean) / self._std


def _per_channel(values: Sequence[float], device: str) -> torch.Tensor:
    return torch.tensor(values, dtype=torch.float32, device=device).reshape(1, 3, 1, 1)
