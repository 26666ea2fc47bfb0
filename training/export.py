"""Write weights as an ONNX file, and check it against torch: `python export.py weights.safetensors out.onnx`.

The file takes `x`, float32 (n, 4, side, side) RGB and levels / 127.5 - 1, n and side free, and gives `z`,
float32 (n, DIM) with rows of unit length. Batch norms are folded into the convolutions before them.
"""

import argparse
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import torch
from network import INPUTS, CopyNet, load_weights
from safetensors import safe_open
from torch import nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

OPSET = 17
SIDES = (96, 128, 160)


def fold(module: nn.Module) -> None:
    """Fold every convolution and batch norm that follow each other, in place."""
    for name, child in module.named_children():
        parts = list(child.children())
        if len(parts) == 2 and isinstance(parts[0], nn.Conv2d) and isinstance(parts[1], nn.BatchNorm2d):
            setattr(module, name, fuse_conv_bn_eval(parts[0], parts[1]))
        else:
            fold(child)


def load(weights: Path) -> tuple[CopyNet, dict[str, str]]:
    """Return the network, ready for use, and what the training run noted about it."""
    net = CopyNet().eval()
    load_weights(net, weights)
    with safe_open(weights, "pt") as opened:
        return net, dict(opened.metadata() or {})


def export(net: CopyNet, path: Path, metadata: dict[str, str]) -> None:
    fold(net)
    axes = {"x": {0: "n", 2: "side", 3: "side"}, "z": {0: "n"}}
    example = torch.zeros(2, INPUTS, 128, 128)
    torch.onnx.export(
        net,
        (example,),
        path,
        input_names=["x"],
        output_names=["z"],
        dynamic_axes=axes,
        opset_version=OPSET,
        dynamo=False,  # the newer exporter needs a package more, and writes the same graph
    )
    model = onnx.load(path)
    onnx.helper.set_model_props(model, metadata)
    onnx.checker.check_model(model)
    onnx.save(model, path)


def difference(net: CopyNet, path: Path) -> float:
    """The largest absolute difference of any value, over noise pictures of several sides and batch sizes."""
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    worst = 0.0
    for count, side in enumerate(SIDES, start=1):
        chance = torch.Generator().manual_seed(side)
        pictures = torch.rand(count, INPUTS, side, side, generator=chance) * 2 - 1
        with torch.inference_mode():
            wanted = net(pictures).numpy()
        found = session.run(["z"], {"x": pictures.numpy()})[0]
        worst = max(worst, float(np.abs(wanted - found).max()))
    return worst


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("weights", type=Path)
    parser.add_argument("onnx", type=Path)
    options = parser.parse_args()
    net, metadata = load(options.weights)
    export(net, options.onnx, metadata)
    untouched, _ = load(options.weights)
    size, worst = options.onnx.stat().st_size / 1e6, difference(untouched, options.onnx)
    print(f"{options.onnx}: {size:.2f} MB, largest difference from torch {worst:.1e}")


if __name__ == "__main__":
    main()
