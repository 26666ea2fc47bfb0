"""What training minimizes: views of one photograph meet, everything else parts.

InfoNCE over both views plus the entropy term of SSCD (arXiv 2202.10261), each also against a memory of the
vectors of recent steps (cross-batch memory, arXiv 1912.06798): more negatives at the price of one product.
"""

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional


class Memory:
    """The last `capacity` vectors and the groups of their photographs, oldest overwritten first."""

    def __init__(self, capacity: int, dim: int) -> None:
        self.capacity = capacity
        self.vectors = torch.zeros(0, dim)
        self.groups = torch.zeros(0, dtype=torch.int64)

    def add(self, vectors: Tensor, groups: Tensor) -> None:
        if self.capacity:
            self.vectors = torch.cat([self.vectors, vectors.detach()])[-self.capacity :]
            self.groups = torch.cat([self.groups, groups])[-self.capacity :]


@dataclass(frozen=True, slots=True)
class Losses:
    """The two terms, scalars, and how often the other view was the nearest of all, 0 to 1."""

    contrast: Tensor
    spread: Tensor
    accuracy: float


def copy_losses(vectors: Tensor, groups: Tensor, memory: Memory, temperature: float) -> Losses:
    """Compare float32 (2 n, dim) unit vectors, the second view of row i in row n + i.

    groups: int64 (2 n,). Photographs of one group are near-duplicates, and never each other's negatives.
    """
    count = len(vectors)
    partner = torch.arange(count).roll(count // 2)
    similarity = vectors @ torch.cat([vectors, memory.vectors]).T
    same_group = groups[:, None] == torch.cat([groups, memory.groups])[None, :]
    negatives = similarity.masked_fill(same_group, -torch.inf)

    # One column for the positive, so that a group's other members drop out of the sum below the line.
    positive = similarity.gather(1, partner[:, None])
    scores = torch.cat([positive, negatives], dim=1) / temperature
    contrast = functional.cross_entropy(scores, torch.zeros(count, dtype=torch.int64))

    nearest = negatives.max(dim=1).values
    # KoLeo: the log of the distance to the nearest stranger, |a - b|^2 = 2 - 2 a.b for unit vectors.
    spread = -0.5 * torch.log((2 - 2 * nearest).clamp(min=1e-4)).mean()
    accuracy = (positive[:, 0] > nearest).float().mean().item()
    return Losses(contrast, spread, accuracy)
