"""Reads tensors out of files, and never runs code that a file may contain."""

from __future__ import annotations

import pickle
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open

from visualsearch_cli.errors import ModelUnavailable

Tensors = dict[str, torch.Tensor]


def check_fit(
    expected: Mapping[str, torch.Tensor],
    found: Mapping[str, torch.Tensor],
    path: Path,
    architecture: str,
    prefix: str,
    model: str,
) -> None:
    """Raise ModelUnavailable if tensors are not those that a model expects. `prefix` is for names told, and
    `model` how the architecture is asked for."""
    misfit = _misfit(expected, found, prefix)
    if misfit:
        raise ModelUnavailable(
            f"{path} does not fit the architecture {architecture} ({misfit}): "
            f"pass --model {model} with the architecture it was made for"
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


def read_tensors(path: Path, only: str = "") -> Tensors:
    """Return the tensors of a file; of a safetensors file those alone whose names begin so, if it has any.

    Raises ModelUnavailable if it cannot be read, or holds anything but tensors.
    """
    try:
        with path.open("rb") as file:
            head = file.read(9)
        # A safetensors file is the length of a JSON object in eight bytes, then that object.
        return _read_safetensors(path, only) if head[8:] == b"{" else _read_torch(path)
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


def _read_safetensors(path: Path, only: str) -> Tensors:
    with safe_open(path, framework="pt") as file:
        names = list(file.keys())
        wanted = [name for name in names if name.startswith(only)] if only else []
        return {name: file.get_tensor(name) for name in wanted or names}


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
