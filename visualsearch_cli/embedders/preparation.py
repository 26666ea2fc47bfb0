"""How pictures are prepared for a network that comes as a file: by what lies beside the file."""

from __future__ import annotations

import json
from pathlib import Path

from visualsearch_cli.embedders.specs import ONNX_PREPROCESSING
from visualsearch_cli.errors import ModelUnavailable
from visualsearch_cli.named_tuples import NamedTuple

CONFIG = "preprocessor_config.json"
"""What exporters write beside a model, or above its folder: mean and deviation of colors, and the filter."""

BICUBIC = 3  # Pillow's number of the filter


class Preparation(NamedTuple):
    """How the colors of a picture become numbers, and by which filter it is reduced."""

    mean: tuple[float, ...] = (0.48145466, 0.4578275, 0.40821073)  # of CLIP's own training
    std: tuple[float, ...] = (0.26862954, 0.26130258, 0.27577711)
    resample: int = BICUBIC

    @property
    def name(self) -> str:
        """What tells it from others, in the identity of a model."""
        if self == Preparation():
            return ONNX_PREPROCESSING
        numbers = ",".join(f"{value:g}" for value in (*self.mean, *self.std))
        return f"{ONNX_PREPROCESSING} {numbers} filter {self.resample}"


def preparation_beside(weights: Path) -> Preparation:
    """Return how pictures are prepared for the network in a file: as CLIP does it, if nothing else is said.

    Raises ModelUnavailable if the file beside it cannot be read.
    """
    for folder in (weights.parent, weights.parent.parent):
        path = folder / CONFIG
        if path.is_file():
            try:
                said = json.loads(path.read_text("utf-8"))
                usual = Preparation()
                mean = tuple(map(float, said.get("image_mean", usual.mean)))
                std = tuple(map(float, said.get("image_std", usual.std)))
                filter_ = int(said.get("resample", usual.resample))
                if len(mean) != 3 or len(std) != 3 or min(std) <= 0 or not 0 <= filter_ <= 5:
                    raise ValueError(f"mean {mean}, std {std}, resample {filter_}")
            except (OSError, ValueError, TypeError, AttributeError) as error:
                raise ModelUnavailable(
                    f"{path} does not say how pictures are prepared ({error}): correct it, or move {weights} "
                    "away from it"
                ) from error
            return Preparation(mean, std, filter_)
    return Preparation()
