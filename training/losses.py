"""What training minimizes: views of one photograph meet, everything else parts.

InfoNCE over both views plus the entropy term of SSCD (arXiv 2202.10261), each also against a gallery: the
latest vector of every training photograph (a memory bank, arXiv 1805.01978). That is an index as it is
searched in use, look-alikes and all, at the price of one product.
"""

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional


class Gallery:
    """Vectors, float32 (m, dim), and groups, int64 (m,), of photographs; none at first."""

    def __init__(self, dim: int) -> None:
        self.vectors = torch.zeros(0, dim)
        self.groups = torch.zeros(0, dtype=torch.int64)

    def renew(self, rows: Tensor, vectors: Tensor) -> None:
        """Replace the vectors of photographs by newer ones. A gallery of none stays one of none."""
        if len(self.vectors):
            self.vectors[rows] = vectors.detach()


@dataclass(frozen=True, slots=True)
class Losses:
    """The two terms, scalars, and how often the other view was the nearest of all, 0 to 1."""

    contrast: Tensor
    spread: Tensor
    accuracy: float


def copy_losses(vectors: Tensor, groups: Tensor, gallery: Gallery, temperature: float) -> Losses:
    """Compare float32 (k n, dim) unit vectors: the first views of n photographs, then n others at a time.

    Each other view must find the first one of its photograph, and be found by it. groups: int64 (n,).
    Photographs of one group are near-duplicates, and never each other's negatives.
    """
    count, others = len(groups), len(vectors) // len(groups) - 1
    groups = groups.repeat(1 + others)
    similarity = vectors @ torch.cat([vectors, gallery.vectors]).T
    same_group = groups[:, None] == torch.cat([groups, gallery.groups])[None, :]
    negatives = similarity.masked_fill(same_group, -torch.inf)

    first, other = torch.arange(count).repeat(others), torch.arange(count, len(vectors))
    query, sought = torch.cat([first, other]), torch.cat([other, first])
    # One column for the positive, so that a group's other members drop out of the sum below the line.
    positive = similarity[query, sought][:, None]
    scores = torch.cat([positive, negatives[query]], dim=1) / temperature
    contrast = functional.cross_entropy(scores, torch.zeros(len(query), dtype=torch.int64))

    nearest = negatives.max(dim=1).values
    # KoLeo: the log of the distance to the nearest stranger, |a - b|^2 = 2 - 2 a.b for unit vectors.
    spread = -0.5 * torch.log((2 - 2 * nearest).clamp(min=1e-4)).mean()
    accuracy = (positive[:, 0] > nearest[query]).float().mean().item()
    return Losses(contrast, spread, accuracy)
