"""Perceptual hashes of other projects, and networks in files, behind the interface of our embedders."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import onnxruntime
from PIL import Image

from visualsearch_cli.embedders.arrays import squash
from visualsearch_cli.embedders.bundled import run_network
from visualsearch_cli.embedders.channels import to_channels
from visualsearch_cli.embedders.embedder import Embedder, ModelInput, ModelSpec
from visualsearch_cli.embedders.weights import weights_id
from visualsearch_cli.pictures.image import Pixels
from visualsearch_cli.vectors.index import Embeddings

if TYPE_CHECKING:
    import numpy.typing as npt

    Bits: TypeAlias = npt.NDArray[np.bool_]

BATCH = 32  # images a run of a network


@dataclass(frozen=True, slots=True)
class HashEmbedder:
    """A hash as a vector of ±1/√bits: the cosine distance of two is twice the share of bits that differ.

    bits: from an image, uint8 (height, width, 3), to bool (dim,).
    """

    spec: ModelSpec
    input_side: int
    bits: Callable[[Pixels], Bits]

    def prepare(self, pixels: Pixels) -> ModelInput:
        """Hash one image. Returns bool (dim,)."""
        return self.bits(pixels)

    def embed(self, batch: Sequence[ModelInput]) -> Embeddings:
        """Return float32 (n, dim), rows of unit length."""
        hashes = np.array(batch, np.bool_).reshape(-1, self.spec.dim)
        vectors: Embeddings = (np.where(hashes, 1, -1) / np.sqrt(self.spec.dim)).astype(np.float32)
        return vectors


def phash() -> Embedder:
    """The 64-bit pHash of ImageHash. Raises ImportError if that is not here."""
    import imagehash

    def bits(pixels: Pixels) -> Bits:
        return np.asarray(imagehash.phash(Image.fromarray(pixels)).hash, np.bool_).ravel()

    return HashEmbedder(ModelSpec("pHash", "none", f"ImageHash/{version('ImageHash')}", 64), 32, bits)


def pdq() -> Embedder:
    """Meta's 256-bit PDQ, as pdqhash packs it. Raises ImportError if that is not here."""
    import pdqhash

    def bits(pixels: Pixels) -> Bits:
        return np.asarray(pdqhash.compute(np.ascontiguousarray(pixels))[0], np.bool_)

    return HashEmbedder(ModelSpec("PDQ", "none", f"pdqhash/{version('pdqhash')}", 256), 64, bits)


class NetworkFile:
    """A network that may become the bundled one: the same input and output, any side."""

    def __init__(self, file: Path, side: int) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        self._session = onnxruntime.InferenceSession(
            file.read_bytes(), options, providers=["CPUExecutionProvider"]
        )
        dim = self._session.get_outputs()[0].shape[1]
        self.spec = ModelSpec(file.name, weights_id(file), f"squash{side}-bilinear-muted60-levels/1", dim)
        self.input_side = side

    def prepare(self, pixels: Pixels) -> ModelInput:
        """Resize one image. Returns uint8 (side, side, 4)."""
        return to_channels(squash(pixels, self.input_side, self.input_side))

    def embed(self, batch: Sequence[ModelInput]) -> Embeddings:
        """Return float32 (n, dim), rows of unit length."""
        vectors = np.empty((len(batch), self.spec.dim), np.float32)
        for start in range(0, len(batch), BATCH):
            vectors[start : start + BATCH] = run_network(self._session, batch[start : start + BATCH])
        return vectors
