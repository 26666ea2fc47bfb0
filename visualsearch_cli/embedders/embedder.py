"""What turns an image into a vector."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias, runtime_checkable

from visualsearch_cli.fields import Fields
from visualsearch_cli.named_tuples import NamedTuple
from visualsearch_cli.pictures.image import Pixels
from visualsearch_cli.pictures.orientations import Transforms, orientations_of
from visualsearch_cli.vectors.index import Embeddings

if TYPE_CHECKING:
    import numpy.typing as npt


ModelInput: TypeAlias = "npt.NDArray[Any]"
"""One prepared image: small, fixed shape and dtype per embedder."""


class ModelSpec(NamedTuple):
    """What makes vectors comparable: two specs that are equal give the same vectors for the same image."""

    name: str  # as given to --model: "bundled", "dct", "open_clip:ViT-B-32/laion2b_s34b_b79k"
    weights: str  # "sha256:<hex>" of the weights file, "hub:<tag>", or "none"
    preprocessing: str  # name and version of what `prepare` does: "squash128-area/1"
    dim: int


def model_of(fields: Fields) -> ModelSpec:
    """Return the model that a document names.

    Raises Malformed also if it tells more than this version knows: vectors may then not be comparable.
    """
    fields.only("name", "weights", "preprocessing", "dim")
    return ModelSpec(
        fields.text("name"),
        fields.text("weights"),
        fields.text("preprocessing"),
        fields.integer("dim", least=1),
    )


class Embedder(Protocol):
    """A model that embeds images."""

    @property
    def spec(self) -> ModelSpec:
        """The identity of this model."""

    @property
    def input_side(self) -> int:
        """Sides of an image below this many pixels lose detail that `prepare` could use."""

    def prepare(self, pixels: Pixels) -> ModelInput:
        """Resize and normalize one image, uint8 (height, width, 3) RGB. Thread-safe."""

    def embed(self, batch: Sequence[ModelInput]) -> Embeddings:
        """Return float32 of shape (n, spec.dim), rows of unit length, for n >= 0 prepared images."""


@runtime_checkable
class AskingEmbedder(Embedder, Protocol):
    """A model that finds more when it is shown a query in more ways than the index was shown its pictures."""

    def embed_otherwise(self, pictures: Sequence[Pixels]) -> Embeddings:
        """Return float32 of shape (m, spec.dim), rows of unit length: pictures in all ways but the plain one.

        By chance alone, the nearest of several is nearer to anything: these have the margin of regions.
        """


class TextTower(Protocol):
    """What turns words into vectors that can be compared with those of an image tower."""

    def embed_texts(self, texts: Sequence[str]) -> Embeddings:
        """Return float32 of shape (n, dim), rows of unit length, for n >= 0 texts.

        A text that is longer than the model takes is cut off there.
        """


def prepared_ways(embedder: Embedder, pixels: Pixels, transforms: Transforms) -> list[ModelInput]:
    """Return the model inputs of all orientations of a picture."""
    import numpy as np

    return [embedder.prepare(np.ascontiguousarray(way)) for way in orientations_of(pixels, transforms)]
