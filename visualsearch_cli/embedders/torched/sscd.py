"""SSCD, the copy-detection network of Pizzi et al. (arXiv 2202.10261), from its authors' TorchScript files.

Only `registry.load` imports this module: torch takes seconds.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch

from visualsearch_cli.embedders.arrays import squash
from visualsearch_cli.embedders.embedder import ModelInput, ModelSpec
from visualsearch_cli.embedders.specs import SSCD, SSCD_PREPROCESSING
from visualsearch_cli.embedders.torched.torch_models import Normalization, embed_in_batches, use_device
from visualsearch_cli.embedders.weights import weights_id
from visualsearch_cli.errors import ModelUnavailable
from visualsearch_cli.pictures.image import Pixels
from visualsearch_cli.vectors.index import Embeddings

SIDE = 320  # pixels: the square that its authors recommend, into which a picture is squashed
MEAN = (0.485, 0.456, 0.406)
STD = (0.229, 0.224, 0.225)


class SscdEmbedder:
    """A TorchScript network of SSCD."""

    input_side: int = SIDE

    def __init__(self, weights: Path, device: str = "auto", threads: int | None = None) -> None:
        """Load a file such as sscd_disc_mixup.torchscript.pt.

        A TorchScript is a program, so a file from elsewhere is to be trusted as one.

        Raises ModelUnavailable if it cannot be read, or is no network from pictures to vectors.
        """
        self._device = use_device(device, threads)
        self._normalized = Normalization(MEAN, STD, self._device)
        identity = weights_id(weights)
        try:
            self._network = _opened(weights, self._device)
            dim = self._forward(np.zeros((1, 64, 64, 3), np.uint8)).shape[1]
        except (RuntimeError, ValueError, IndexError, AttributeError) as error:
            raise ModelUnavailable(
                f"{weights} is not a TorchScript network of SSCD, or it is damaged: pass one of the "
                ".torchscript.pt files of github.com/facebookresearch/sscd-copy-detection"
            ) from error
        self.spec = ModelSpec(SSCD, identity, SSCD_PREPROCESSING, dim)

    def prepare(self, pixels: Pixels) -> ModelInput:
        """Squash one image, uint8 (320, 320, 3). Thread-safe."""
        return squash(pixels, SIDE, SIDE)

    def embed(self, batch: Sequence[ModelInput]) -> Embeddings:
        """Return float32 of shape (n, spec.dim), rows of unit length."""
        return embed_in_batches(self._forward, batch, self.spec.dim, self._device)

    @torch.inference_mode()
    def _forward(self, images: ModelInput) -> Embeddings:
        """Run the network on uint8 (n, height, width, 3). Returns (n, dim)."""
        vectors: Embeddings = self._network(self._normalized(images)).float().cpu().numpy()
        if vectors.ndim != 2 or len(vectors) != len(images):
            raise ValueError(f"{len(images)} pictures gave an array of shape {vectors.shape}")
        return vectors


def _opened(weights: Path, device: str) -> torch.jit.ScriptModule:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)  # torch would rather have other files: there are none
        network: torch.jit.ScriptModule = torch.jit.load(str(weights), device)  # type: ignore[no-untyped-call]
    return network.eval()
