"""A whole model of open_clip with random weights: the real code, without its 600 MB."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

TINY = "tiny-clip"
TINY_CONFIG = {
    "embed_dim": 16,
    "vision_cfg": {
        "image_size": 48,
        "layers": 2,
        "width": 32,
        "head_width": 16,
        "patch_size": 16,
    },
    # The tokenizer that comes with open_clip has so many tokens.
    "text_cfg": {"context_length": 12, "vocab_size": 49408, "width": 16, "heads": 2, "layers": 1},
}


def write_tiny(folder: Path) -> Any:
    """Make the model known to open_clip in this process, and write its weights in three forms.

    Returns the model; its `folder` is where they are.
    """
    import open_clip
    import torch
    from safetensors.torch import save_file

    (folder / f"{TINY}.json").write_text(json.dumps(TINY_CONFIG))
    open_clip.add_model_config(folder / f"{TINY}.json")
    torch.manual_seed(0)
    model = open_clip.create_model(TINY).eval()
    save_file(model.state_dict(), folder / "weights.safetensors")
    torch.save(model.state_dict(), folder / "weights.pt")
    training = {f"module.{name}": tensor for name, tensor in model.state_dict().items()}
    torch.save({"epoch": 3, "state_dict": training}, folder / "epoch_3.pt")
    model.folder = folder
    return model
