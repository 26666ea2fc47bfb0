"""Networks of timm with weights by chance, as small files."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any


def write_network(architecture: str, path: Path, **options: Any) -> Path:
    """Write the whole network as a state dict of torch, its last layer among them. Needs timm.

    Weights lie over each other in a few random numbers, so that those of VGG take 16 MB and not 500;
    normalized layers begin as those of a new network do.
    """
    import timm
    import torch

    generator = torch.Generator().manual_seed(0)
    with torch.device("meta"):  # shapes alone: to fill a network by its own rule takes seconds
        shapes = timm.create_model(architecture, pretrained=False, **options).state_dict()

    def by_chance(shape: tuple[int, ...]) -> torch.Tensor:
        strides = [7 ** (len(shape) - 1 - axis) for axis in range(len(shape))]
        count = 1 + sum((side - 1) * stride for side, stride in zip(shape, strides, strict=True))
        scale = math.sqrt(2 / math.prod(shape[1:]))  # as He et al. have it: values keep their size
        return (torch.randn(count, generator=generator) * scale).as_strided(shape, strides)

    tensors = {}
    for name, tensor in shapes.items():
        if tensor.ndim > 1:
            tensors[name] = by_chance(tuple(tensor.shape))
        else:
            is_scale = name.endswith(("weight", "running_var"))
            tensors[name] = torch.full(tuple(tensor.shape), int(is_scale), dtype=tensor.dtype)
    torch.save(tensors, path)
    return path
