"""What training minimizes: views of one photograph meet, everything else parts.

InfoNCE plus the entropy term of SSCD (arXiv 2202.10261), both within the batch. Vectors of earlier steps as
further negatives do harm: see README.md.
"""

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional


@dataclass(frozen=True, slots=True)
class Losses:
    """The two terms, scalars, and how often the other view was the nearest of all, 0 to 1."""

    contrast: Tensor
    spread: Tensor
    accuracy: float


def copy_losses(vectors: Tensor, groups: Tensor, temperature: float) -> Losses:
    """Compare float32 (k n, dim) unit vectors: the first views of n photographs, then n others at a time.

    Each other view must find the first one of its photograph, and be found by it. groups: int64 (n,).
    Photographs of one group are near-duplicates, and never each other's negatives.
    """
    count, others = len(groups), len(vectors) // len(groups) - 1
    groups = groups.repeat(1 + others)
    similarity = vectors @ vectors.T
    same_group = groups[:, None] == groups[None, :]
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
