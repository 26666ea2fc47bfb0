"""The towers of open_clip. Only `registry` imports this module: torch takes seconds."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import open_clip
import torch
from PIL import Image

from visualsearch_cli.embedders.arrays import squash, unit_rows
from visualsearch_cli.embedders.embedder import ModelInput, ModelSpec
from visualsearch_cli.embedders.specs import OPEN_CLIP_PREFIX, OPEN_CLIP_PREPROCESSING, nearest_to
from visualsearch_cli.embedders.torched.checkpoints import load_image_tower, load_text_tower
from visualsearch_cli.embedders.torched.torch_models import Normalization, embed_in_batches, use_device
from visualsearch_cli.embedders.weights import fetch, weights_id
from visualsearch_cli.errors import ModelUnavailable
from visualsearch_cli.pictures.image import Pixels
from visualsearch_cli.vectors.index import Embeddings

# Every open_clip model is built with a text tower. This one takes no memory worth mentioning.
_TINY_TEXT = {"context_length": 4, "vocab_size": 8, "width": 8, "heads": 1, "layers": 1}

# And with an image tower, where texts alone are asked for.
_TINY_IMAGE = {"image_size": 8, "patch_size": 8, "width": 8, "head_width": 8, "layers": 1}

_TOKENS_KEPT = 4_096  # texts, each some hundred bytes
_TEXTS = 256  # a forward pass


class OpenClipEmbedder:
    """An image tower of open_clip, with weights of the hub or of a file."""

    def __init__(
        self,
        name: str,
        weights: Path | None = None,
        device: str = "auto",
        threads: int | None = None,
    ) -> None:
        """Load "open_clip:MODEL/TAG", or "open_clip:MODEL" with a file of weights.

        Raises ModelUnavailable if anything it takes is not here.
        """
        model, tag, preset = _known(name)
        self._device = use_device(device, threads)
        file = weights or _download(preset, name)
        self.spec = ModelSpec(
            name,
            weights_id(file) if weights else f"hub:{tag}",
            OPEN_CLIP_PREPROCESSING,
            int(open_clip.get_model_config(model)["embed_dim"]),
        )
        self._tower, (self._height, self._width) = _load_tower(model, preset, file, self._device)
        self._resample = Image.Resampling[str(preset["interpolation"]).upper()]
        self._normalized = Normalization(preset["mean"], preset["std"], self._device)

    @property
    def input_side(self) -> int:
        """The longer side of the model's input, in pixels."""
        return max(self._height, self._width)

    def prepare(self, pixels: Pixels) -> ModelInput:
        """Squash one image to the model's sides, uint8 (height, width, 3). Thread-safe.

        CLIP's own preprocessing cuts off what lies outside the central square, and with it the
        ends of every panorama; see docs/embedders.md.
        """
        return squash(pixels, self._width, self._height, self._resample)

    def embed(self, batch: Sequence[ModelInput]) -> Embeddings:
        """Return float32 of shape (n, spec.dim), rows of unit length."""
        return embed_in_batches(self._forward, batch, self.spec.dim, self._device)

    @torch.inference_mode()
    def _forward(self, images: ModelInput) -> Embeddings:
        """Run the tower on uint8 (n, height, width, 3). Returns (n, dim), of any length."""
        # On a CPU, bfloat16 did not pay: ViT-B-32-256 took 174 ms an image instead of 137, in
        # batches of 32 on two cores of a Xeon that has matrix units for it (AMX).
        with torch.autocast("cuda", torch.float16, enabled=self._device == "cuda"):
            output = self._tower(self._normalized(images))
        pooled = output[0] if isinstance(output, tuple) else output  # CoCa adds its tokens
        vectors: Embeddings = pooled.float().cpu().numpy()
        return vectors


class OpenClipText:
    """A text tower of open_clip, with the weights that its image tower has."""

    def __init__(
        self,
        name: str,
        weights: Path | None = None,
        device: str = "auto",
        threads: int | None = None,
    ) -> None:
        """Load the text tower of "open_clip:MODEL/TAG", or of "open_clip:MODEL" with a file of weights.

        Raises ModelUnavailable if anything it takes is not here.
        """
        model, _, preset = _known(name)
        if "hf_model_name" in open_clip.get_model_config(model).get("text_cfg", {}):
            raise ModelUnavailable(
                f"the text tower of {name} is one of the package transformers, which this program does not "
                "use: search by words in an index of another model, such as clip"
            )
        self._device = use_device(device, threads)
        self._dim = int(open_clip.get_model_config(model)["embed_dim"])
        file = weights or _download(preset, name)
        with _silent():
            whole = open_clip.create_model(
                model,
                pretrained=None,
                vision_cfg=_TINY_IMAGE,
                force_quick_gelu=bool(preset.get("quick_gelu")),
            )
            self._tokenizer = _tokenizer(model, name)
        load_text_tower(whole, file, model)
        self._model = whole.to(self._device).float().eval()
        self._tokens = lru_cache(maxsize=_TOKENS_KEPT)(self._tokenized)

    def _tokenized(self, text: str) -> torch.Tensor:
        tokens: torch.Tensor = self._tokenizer([text])[0]
        return tokens

    @torch.inference_mode()
    def embed_texts(self, texts: Sequence[str]) -> Embeddings:
        """Return float32 of shape (n, dim), rows of unit length."""
        rows = []
        for start in range(0, len(texts), _TEXTS):
            batch = torch.stack([self._tokens(text) for text in texts[start : start + _TEXTS]])
            rows.append(self._model.encode_text(batch.to(self._device)).float().cpu().numpy())
        return unit_rows(np.concatenate(rows)) if rows else np.empty((0, self._dim), np.float32)


def _known(name: str) -> tuple[str, str, dict[str, Any]]:
    """Return the architecture and the tag that "open_clip:MODEL/TAG" names, and what is known of them.

    Raises ModelUnavailable if open_clip knows no such model or tag.
    """
    model, _, tag = name.removeprefix(OPEN_CLIP_PREFIX).partition("/")
    if model not in open_clip.list_models():
        raise ModelUnavailable(
            f"open_clip {open_clip.__version__} has no model '{model}'"
            f"{nearest_to(model, open_clip.list_models())}: "
            "python -c 'import open_clip; print(open_clip.list_models())' lists them"
        )
    return model, tag, _preset(model, tag)


def _tokenizer(model: str, name: str) -> Callable[[Sequence[str]], torch.Tensor]:
    """Return what turns texts into token ids, int64 (n, context length).

    Raises ModelUnavailable if it is neither in open_clip nor here.
    """
    try:
        found: Callable[[Sequence[str]], torch.Tensor] = open_clip.get_tokenizer(model)
    except Exception as error:  # transformers is missing, the hub is not reached, …
        first = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        raise ModelUnavailable(
            f"the tokenizer of {name} cannot be had ({first}): connect and try again, or search by words in "
            "an index of another model, such as clip"
        ) from error
    return found


def _preset(model: str, tag: str) -> dict[str, Any]:
    """Return what open_clip knows of a tag: where it lies, mean, deviation, interpolation.

    Without a tag, the model's first, of which all but the place goes for every tag of the model.
    """
    tags = open_clip.list_pretrained_tags_by_model(model)
    if tag and tag not in tags:
        raise ModelUnavailable(
            f"open_clip {open_clip.__version__} has no weights '{tag}' of {model}: "
            f"pass {_choices(model, tags)}"
        )
    preset = open_clip.get_pretrained_cfg(model, tag or tags[0]) if tags else {}
    if not tag:
        preset = {**preset, "url": "", "hf_hub": "", "quick_gelu": False}
    return {
        "mean": open_clip.OPENAI_DATASET_MEAN,
        "std": open_clip.OPENAI_DATASET_STD,
        "interpolation": "bicubic",
        **preset,
    }


def _choices(model: str, tags: Sequence[str]) -> str:
    if not tags:
        return f"--model {OPEN_CLIP_PREFIX}{model} --weights FILE"
    return f"{OPEN_CLIP_PREFIX}{model}/TAG with a TAG of {', '.join(tags)}"


def _download(preset: dict[str, Any], name: str) -> Path:
    if preset.get("hf_hub"):
        return fetch(preset["hf_hub"], name)
    model = name.removeprefix(OPEN_CLIP_PREFIX).partition("/")[0]
    tags = open_clip.list_pretrained_tags_by_model(model)
    raise ModelUnavailable(f"{name} has no weights on the hub: pass {_choices(model, tags)}")


def _load_tower(
    model: str, preset: dict[str, Any], file: Path, device: str
) -> tuple[torch.nn.Module, tuple[int, int]]:
    """Return the image tower, ready to run, and the height and width of its input."""
    with _silent():
        whole = open_clip.create_model(
            model,
            pretrained=None,
            text_cfg=_TINY_TEXT,
            # Some tags were trained with the approximation that the plain model name does without.
            force_quick_gelu=bool(preset.get("quick_gelu")),
        )
    load_image_tower(whole, file, model)
    size = whole.visual.image_size
    height, width = size if isinstance(size, (tuple, list)) else (size, size)
    return whole.visual.to(device).float().eval(), (int(height), int(width))


@contextmanager
def _silent() -> Iterator[None]:
    """Keep open_clip from warning that the model has no weights yet, on the root logger."""
    handler = logging.NullHandler()
    logging.getLogger().addHandler(handler)  # or its first warning would set up another one
    logging.disable(logging.WARNING)
    try:
        yield
    finally:
        logging.disable(logging.NOTSET)
        logging.getLogger().removeHandler(handler)
