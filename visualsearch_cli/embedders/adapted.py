"""A model that `adapt` made from another one: the other's vectors, projected."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from visualsearch_cli.embedders.embedder import AskingEmbedder, Embedder, ModelInput
from visualsearch_cli.embedders.projection import read_projection
from visualsearch_cli.embedders.specs import adapted_spec
from visualsearch_cli.embedders.weights import weights_id
from visualsearch_cli.pictures.image import Pixels
from visualsearch_cli.vectors.index import Embeddings


class AdaptedEmbedder:
    """An embedder whose vectors are those of another one, after a projection."""

    def __init__(self, file: Path, base: Embedder) -> None:
        """`base` is the model that the file says it was made from.

        Raises ModelUnavailable if the file is none of `adapt`.
        """
        header, self._projected = read_projection(file)
        self.spec = adapted_spec(header.base, weights_id(file), header.dim)
        self._base = base

    @property
    def input_side(self) -> int:
        """Sides of an image below this many pixels lose detail that `prepare` could use."""
        return self._base.input_side

    def prepare(self, pixels: Pixels) -> ModelInput:
        """Prepare one image as the other model does. Thread-safe."""
        return self._base.prepare(pixels)

    def embed(self, batch: Sequence[ModelInput]) -> Embeddings:
        """Return float32 of shape (n, spec.dim), rows of unit length."""
        return self._projected(self._base.embed(batch))


class AskingAdapted(AdaptedEmbedder):
    """The same of a model that is asked in more ways than one."""

    _base: AskingEmbedder

    def embed_otherwise(self, pictures: Sequence[Pixels]) -> Embeddings:
        """Return float32 of shape (m, spec.dim): pictures in all ways but the plain one."""
        return self._projected(self._base.embed_otherwise(pictures))


def adapted(file: Path, base: Embedder) -> AdaptedEmbedder:
    """Return the model in a file, which asks in as many ways as the other model does."""
    return (AskingAdapted if isinstance(base, AskingEmbedder) else AdaptedEmbedder)(file, base)
