"""Networks of timm as they were trained on classes, without their last layer: ResNet, EfficientNet,
MobileNet, VGG …"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import timm
import torch
from PIL import Image
from timm.models import PretrainedCfg, get_pretrained_cfg

from visualsearch_cli.embedders.arrays import squash
from visualsearch_cli.embedders.embedder import ModelInput, ModelSpec
from visualsearch_cli.embedders.specs import TIMM_PREFIX, TIMM_PREPROCESSING, nearest_to
from visualsearch_cli.embedders.torched.tensors import check_fit, read_tensors
from visualsearch_cli.embedders.torched.torch_models import Normalization, embed_in_batches, use_device
from visualsearch_cli.embedders.weights import fetch, weights_id
from visualsearch_cli.errors import ModelUnavailable
from visualsearch_cli.pictures.image import Pixels
from visualsearch_cli.vectors.index import Embeddings

HEADS = ("fc.", "classifier.", "head.fc.", "last_linear.", "head.", "AuxLogits.")
"""How the tensors begin that tell classes apart, among them those by which Inception does so halfway while it
is trained: a network without them is filled without them."""


class TimmEmbedder:
    """A network of timm, with weights of the hub or of a file."""

    def __init__(
        self, name: str, weights: Path | None = None, device: str = "auto", threads: int | None = None
    ) -> None:
        """Load "timm:MODEL.TAG", or "timm:MODEL" with a file of weights.

        Raises ModelUnavailable if there is no such network, or its weights are not here or do not fit.
        """
        model = name.removeprefix(TIMM_PREFIX)
        architecture, _, tag = model.partition(".")
        if architecture not in timm.list_models():
            raise ModelUnavailable(
                f"timm has no network '{architecture}'{nearest_to(architecture, timm.list_models())}: pass "
                f"{TIMM_PREFIX}MODEL with one of timm.list_models()"
            )
        config = _config(architecture, "" if weights else tag)
        if config is None or not (weights or config.hf_hub_id):
            raise ModelUnavailable(f"timm knows no weights '{tag}' of {architecture}: pass --weights FILE")
        self._device = use_device(device, threads)
        file = weights or fetch(f"{config.hf_hub_id}/model.safetensors", name)
        self._network = _loaded(architecture, file).to(self._device)
        self._height, self._width = config.input_size[1:]
        self._resample = Image.Resampling[config.interpolation.upper()]
        self._normalized = Normalization(config.mean, config.std, self._device)
        dim = self._forward(np.zeros((1, self._height, self._width, 3), np.uint8)).shape[1]
        identity = weights_id(file) if weights else f"hub:{tag}"
        self.spec = ModelSpec(name, identity, TIMM_PREPROCESSING, dim)

    @property
    def input_side(self) -> int:
        """The longer side of the network's input, in pixels."""
        return max(self._height, self._width)

    def prepare(self, pixels: Pixels) -> ModelInput:
        """Squash one image to the network's sides, uint8 (height, width, 3). Thread-safe."""
        return squash(pixels, self._width, self._height, self._resample)

    def embed(self, batch: Sequence[ModelInput]) -> Embeddings:
        """Return float32 of shape (n, spec.dim), rows of unit length."""
        return embed_in_batches(self._forward, batch, self.spec.dim, self._device)

    @torch.inference_mode()
    def _forward(self, images: ModelInput) -> Embeddings:
        """Run the network on uint8 (n, height, width, 3). Returns (n, dim), of any length."""
        vectors: Embeddings = self._network(self._normalized(images)).float().cpu().numpy()
        return vectors


def _config(architecture: str, tag: str) -> PretrainedCfg | None:
    """Return what timm knows of a network that was trained, by default the one that it takes itself."""
    try:
        return get_pretrained_cfg(f"{architecture}.{tag}" if tag else architecture)
    except RuntimeError:  # no such tag
        return None


def _loaded(architecture: str, file: Path) -> torch.nn.Module:
    """Return a network without its last layer, with the tensors of a file."""
    network: torch.nn.Module = timm.create_model(architecture, pretrained=False, num_classes=0)
    expected = network.state_dict()
    tensors = {
        name: tensor
        for name, tensor in read_tensors(file).items()
        if name in expected or not name.startswith(HEADS)
    }
    check_fit(expected, tensors, file, architecture, "", f"{TIMM_PREFIX}MODEL")
    network.load_state_dict(tensors)
    return network.eval()
