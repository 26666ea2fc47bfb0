"""Reads a tower out of a checkpoint, and never runs code that a checkpoint may contain."""

from __future__ import annotations

import pickle
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from open_clip.convert import convert_state_dict
from open_clip.model import convert_to_custom_text_state_dict
from safetensors import SafetensorError, safe_open

from visualsearch_cli.errors import ModelUnavailable

Tensors = dict[str, torch.Tensor]

TOWER = "visual."  # what open_clip's names of the image tower's tensors begin with

NO_TEXT = (TOWER, "logit_", "text_decoder.")
"""How the names of tensors begin that take no part in a text's vector: the other tower, the scale of the
loss, and what CoCa writes captions with."""

STRAYS = frozenset({"input_resolution", "context_length", "vocab_size"})
"""Numbers that the first checkpoints of CLIP hold among their tensors."""


def load_image_tower(model: torch.nn.Module, path: Path, architecture: str) -> None:
    """Put the tensors of a file into `model.visual`, without a second copy of them.

    Raises ModelUnavailable if the file cannot be read or does not fit.
    """
    tensors = _named(_read(path, only_images=True), model)
    tower = {name.removeprefix(TOWER): tensor for name, tensor in tensors.items() if name.startswith(TOWER)}
    visual = model.visual
    assert isinstance(visual, torch.nn.Module)
    _check_fit(visual.state_dict(), tower, path, architecture, TOWER)
    visual.load_state_dict(tower, assign=True)


def load_text_tower(model: torch.nn.Module, path: Path, architecture: str) -> None:
    """Put the tensors of a file that make vectors of texts into a model, without a second copy of them.

    Raises ModelUnavailable if the file cannot be read or does not fit.
    """
    tensors = _named(_read(path, only_images=False), model)
    if hasattr(model, "text"):
        tensors = convert_to_custom_text_state_dict(tensors)  # of CLIP's own layout, where it is that
    tower = {
        name: tensor
        for name, tensor in tensors.items()
        if not name.startswith(NO_TEXT) and name not in STRAYS
    }
    expected = {name: tensor for name, tensor in model.state_dict().items() if not name.startswith(NO_TEXT)}
    _check_fit(expected, tower, path, architecture, "")
    model.load_state_dict(tower, strict=False, assign=True)


def _named(tensors: Tensors, model: torch.nn.Module) -> Tensors:
    """Return the tensors of a checkpoint under open_clip's names."""
    if any(name.startswith(TOWER) for name in tensors):
        return tensors
    converted: Tensors = convert_state_dict(model, tensors)  # Apple's own names for MobileCLIP
    return converted


def _check_fit(
    expected: Mapping[str, torch.Tensor],
    found: Mapping[str, torch.Tensor],
    path: Path,
    architecture: str,
    prefix: str,
) -> None:
    """Raise ModelUnavailable if tensors are not those that a model expects. `prefix` is for names told."""
    misfit = _misfit(expected, found, prefix)
    if misfit:
        raise ModelUnavailable(
            f"{path} does not fit the architecture {architecture} ({misfit}): "
            "pass --model open_clip:MODEL with the architecture it was made for"
        )


def _misfit(expected: Mapping[str, torch.Tensor], found: Mapping[str, torch.Tensor], prefix: str) -> str:
    """Say how the tensors of a checkpoint differ from those of a model; nothing if they fit."""
    missing = sorted(expected.keys() - found.keys())
    if missing:
        return f"{len(missing)} of {len(expected)} tensors are missing, such as {prefix}{missing[0]}"
    unknown = sorted(found.keys() - expected.keys())
    if unknown:
        return f"{len(unknown)} tensors have no place in it, such as {prefix}{unknown[0]}"
    for name, tensor in expected.items():
        if tensor.shape != found[name].shape:
            ours, theirs = tuple(tensor.shape), tuple(found[name].shape)
            return f"{prefix}{name} has the shape {theirs} instead of {ours}"
    return ""


def _read(path: Path, *, only_images: bool) -> Tensors:
    """Return the tensors of a file; of a safetensors file those of the image tower alone, if it has any."""
    try:
        with path.open("rb") as file:
            head = file.read(9)
        # A safetensors file is the length of a JSON object in eight bytes, then that object.
        return _read_safetensors(path, only_images) if head[8:] == b"{" else _read_torch(path)
    except OSError as error:
        raise ModelUnavailable(f"cannot read the weights {path} ({error.strerror})") from error
    except (
        SafetensorError,
        pickle.UnpicklingError,
        RuntimeError,
        ValueError,
        EOFError,
        LookupError,
        AttributeError,
        TypeError,
    ) as error:
        raise ModelUnavailable(
            f"{path} is damaged, or holds something other than tensors, which are refused because "
            "they can run code: pass a .safetensors file or a PyTorch state dict"
        ) from error


def _read_safetensors(path: Path, only_images: bool) -> Tensors:
    with safe_open(path, framework="pt") as file:
        names = list(file.keys())
        tower = [name for name in names if name.startswith(TOWER)] if only_images else []
        return {name: file.get_tensor(name) for name in tower or names}


def _read_torch(path: Path) -> Tensors:
    # Mapped, only the tensors that are used are ever read.
    content: Any = torch.load(path, map_location="cpu", weights_only=True, mmap=zipfile.is_zipfile(path))
    content = content.get("state_dict", content)  # as open_clip's training saves it
    tensors = {
        name.removeprefix("module."): tensor
        for name, tensor in content.items()
        if isinstance(tensor, torch.Tensor)
    }
    if not tensors:
        raise ValueError("no tensors")
    return tensors
