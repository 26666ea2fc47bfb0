"""Reads a tower of open_clip out of a checkpoint."""

from __future__ import annotations

from pathlib import Path

import torch
from open_clip.convert import convert_state_dict
from open_clip.model import convert_to_custom_text_state_dict

from visualsearch_cli.embedders.torched.tensors import Tensors, check_fit, read_tensors

ASKED = "open_clip:MODEL"
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
    tensors = _named(read_tensors(path, TOWER), model)
    tower = {name.removeprefix(TOWER): tensor for name, tensor in tensors.items() if name.startswith(TOWER)}
    visual = model.visual
    assert isinstance(visual, torch.nn.Module)
    check_fit(visual.state_dict(), tower, path, architecture, TOWER, ASKED)
    visual.load_state_dict(tower, assign=True)


def load_text_tower(model: torch.nn.Module, path: Path, architecture: str) -> None:
    """Put the tensors of a file that make vectors of texts into a model, without a second copy of them.

    Raises ModelUnavailable if the file cannot be read or does not fit.
    """
    tensors = _named(read_tensors(path), model)
    if hasattr(model, "text"):
        tensors = convert_to_custom_text_state_dict(tensors)  # of CLIP's own layout, where it is that
    tower = {
        name: tensor
        for name, tensor in tensors.items()
        if not name.startswith(NO_TEXT) and name not in STRAYS
    }
    expected = {name: tensor for name, tensor in model.state_dict().items() if not name.startswith(NO_TEXT)}
    check_fit(expected, tower, path, architecture, "", ASKED)
    model.load_state_dict(tower, strict=False, assign=True)


def _named(tensors: Tensors, model: torch.nn.Module) -> Tensors:
    """Return the tensors of a checkpoint under open_clip's names."""
    if any(name.startswith(TOWER) for name in tensors):
        return tensors
    converted: Tensors = convert_state_dict(model, tensors)  # Apple's own names for MobileCLIP
    return converted
