"""Reads the image tower out of a checkpoint, and never runs code that a checkpoint may contain."""

from __future__ import annotations

import pickle
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from open_clip.convert import convert_state_dict
from safetensors import SafetensorError, safe_open

from visualsearch_cli.errors import ModelUnavailable

Tensors = dict[str, torch.Tensor]

TOWER = "visual."  # what open_clip's names of the image tower's tensors begin with


def load_image_tower(model: torch.nn.Module, path: Path, architecture: str) -> None:
    """Put the tensors of a file into `model.visual`, without a second copy of them.

    Raises ModelUnavailable if the file cannot be read or does not fit.
    """
    tensors = _read(path)
    if not any(name.startswith(TOWER) for name in tensors):
        tensors = convert_state_dict(model, tensors)  # Apple's own names for MobileCLIP
    tower = {name.removeprefix(TOWER): tensor for name, tensor in tensors.items() if name.startswith(TOWER)}
    visual = model.visual
    assert isinstance(visual, torch.nn.Module)
    misfit = _misfit(visual.state_dict(), tower)
    if misfit:
        raise ModelUnavailable(
            f"{path} does not fit the architecture {architecture} ({misfit}): "
            "pass --model open_clip:MODEL with the architecture it was made for"
        )
    visual.load_state_dict(tower, assign=True)


def _misfit(expected: Mapping[str, torch.Tensor], found: Mapping[str, torch.Tensor]) -> str:
    """Say how the tensors of a checkpoint differ from those of a model; nothing if they fit."""
    missing = sorted(expected.keys() - found.keys())
    if missing:
        return f"{len(missing)} of {len(expected)} tensors are missing, such as {TOWER}{missing[0]}"
    unknown = sorted(found.keys() - expected.keys())
    if unknown:
        return f"{len(unknown)} tensors have no place in it, such as {TOWER}{unknown[0]}"
    for name, tensor in expected.items():
        if tensor.shape != found[name].shape:
            ours, theirs = tuple(tensor.shape), tuple(found[name].shape)
            return f"{TOWER}{name} has the shape {theirs} instead of {ours}"
    return ""


def _read(path: Path) -> Tensors:
    try:
        with path.open("rb") as file:
            head = file.read(9)
        # A safetensors file is the length of a JSON object in eight bytes, then that object.
        return _read_safetensors(path) if head[8:] == b"{" else _read_torch(path)
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


def _read_safetensors(path: Path) -> Tensors:
    with safe_open(path, framework="pt") as file:
        names = list(file.keys())
        tower = [name for name in names if name.startswith(TOWER)]
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
