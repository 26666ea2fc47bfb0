"""What is told of a model at so many neighbors. Light: programs import it without numpy."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class MeasuresAtK:
    """Means over queries of what `ranking` defines."""

    k: int
    precision: float
    recall: float
    hit_rate: float
    mean_average_precision: float  # over the first k ranks: mAP@k
