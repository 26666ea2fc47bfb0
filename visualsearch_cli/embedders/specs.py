"""The identity of every embedder, known without importing what runs it.

A change of weights or of preprocessing changes vectors: it needs a new value here, so that old
indexes are refused instead of being compared with vectors of another kind.
"""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

from visualsearch_cli.embedders.embedder import ModelSpec
from visualsearch_cli.named_tuples import NamedTuple

BUNDLED = ModelSpec(
    name="bundled",
    weights="sha256:67d3b3f868ed9c33403060d3620377f4762c09ab21b2f980072a1206ae26c946",
    preprocessing="squash128-bilinear-muted60-levels/1",
    dim=256,
)
DCT = ModelSpec("dct", "none", "grey64-dct256/1", 256)
PIXELS = ModelSpec("pixels", "none", "rgb12/1", 432)
HISTOGRAM = ModelSpec("histogram", "none", "hsv64-cells4x4-bins6x3x3/1", 864)
HOG = ModelSpec("hog", "none", "grey80-cells5x5-bins9/1", 576)
SIFT = ModelSpec(
    "sift",
    "sha256:0bc8e7cf53c3f643571542ef0b24ce9640a8c43983e6d16ba146ed64dece80a9",
    "grey256-vlad16x32/1",
    384,
)
ORB = ModelSpec(
    "orb",
    "sha256:8b6dca9df021686dcd32e3ed474c50f9308e44b596dba72229821e4b65f2190e",
    "grey256-vlad16x32/1",
    384,
)

BUILT_IN = {spec.name: spec for spec in (BUNDLED, DCT, PIXELS, HISTOGRAM, HOG, SIFT, ORB)}

SSCD = "sscd"
SSCD_PREPROCESSING = "sscd-squash320/1"

OPEN_CLIP_PREFIX = "open_clip:"
OPEN_CLIP_PREPROCESSING = "open_clip-squash/1"
"""Squashed; the sides, interpolation, mean and deviation follow from the model's name."""


ONNX = "onnx"
ONNX_PREPROCESSING = "onnx-squash/1"
"""Squashed to the sides of the file's input; the rest follows from the file beside it, see `preparation`."""

TIMM_PREFIX = "timm:"
TIMM_PREPROCESSING = "timm-squash/1"
"""Squashed; the sides, interpolation, mean and deviation follow from the model's name."""

ADAPTED = "adapted"

OF_FILES = (ONNX, SSCD, ADAPTED)
"""Models that are whatever a user's file makes of pictures: their names tell nothing of their vectors."""


def adapted_preprocessing(base: ModelSpec) -> str:
    """Return how pictures are prepared for a model that was made from another one."""
    return f"adapted/1 of {base.name} ({base.preprocessing})"


def adapted_spec(base: ModelSpec, weights: str, dim: int) -> ModelSpec:
    """Return what a model is called that was made from another one, by the id of its file."""
    return ModelSpec(ADAPTED, weights, adapted_preprocessing(base), dim)


class ModelIdentity(NamedTuple):
    """A model as far as it is known before it loads: all of ModelSpec but the dimension."""

    name: str
    weights: str
    preprocessing: str

    def matches(self, spec: ModelSpec) -> bool:
        """Whether this model's vectors can be compared with those made under `spec`."""
        return (self.name, self.weights, self.preprocessing) == (
            spec.name,
            spec.weights,
            spec.preprocessing,
        )


def nearest_to(word: str, known: Iterable[str]) -> str:
    """Return " (did you mean …?)" with the known words nearest to one, or nothing."""
    by_lower = {candidate.lower(): candidate for candidate in known}
    near = [by_lower[lower] for lower in get_close_matches(word.lower(), by_lower)]
    return f" (did you mean {' or '.join(near)}?)" if near else ""


def described(model: ModelSpec | ModelIdentity) -> str:
    """Return what tells a model from others, for a message."""
    return f"{model.name} ({model.weights[:19]}, {model.preprocessing})"
