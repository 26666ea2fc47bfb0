"""The copy-detection network: a small residual network that turns a picture into one unit vector."""

from pathlib import Path

import torch
from safetensors.torch import load_file
from torch import Tensor, nn
from torch.nn import functional

INPUTS = 4  # channels: RGB, and the levelled luma
DIM = 256
CHANNELS = (24, 32, 64, 128, 256)  # of the stem, then of each stage
DEPTHS = (1, 2, 2, 1)  # residual blocks of each stage
COARSE_SHARE = 0.2  # of the half-size picture in the pooling: chosen on held-out photographs, with run 2


def convolution(inputs: int, outputs: int, kernel: int = 3, stride: int = 1) -> nn.Sequential:
    """Return a convolution and its batch norm, which an inference engine folds into one."""
    layer = nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, bias=False)
    return nn.Sequential(layer, nn.BatchNorm2d(outputs))


class Block(nn.Module):
    """Two 3 x 3 convolutions around a shortcut (He et al., arXiv 1512.03385)."""

    def __init__(self, inputs: int, outputs: int, stride: int) -> None:
        super().__init__()
        self.first = convolution(inputs, outputs, stride=stride)
        self.second = convolution(outputs, outputs)
        same_shape = inputs == outputs and stride == 1
        self.shortcut = nn.Identity() if same_shape else convolution(inputs, outputs, 1, stride)

    def forward(self, features: Tensor) -> Tensor:
        inner = functional.relu(self.first(features), inplace=True)
        return functional.relu(self.second(inner) + self.shortcut(features), inplace=True)


class CopyNet(nn.Module):
    """Pictures (n, 4, side, side), float32 channels / 127.5 - 1, to float32 (n, DIM), rows of unit length.

    The picture goes through the stages twice, whole and at half its side, and both are pooled as one. A crop
    shows everything larger than its original does: a third of the area at 64 pixels has the scale that the
    original has at 128, and meets it there.

    The last stage keeps the resolution of the one before it: a finer grid for the pooling costs little at
    its end of the network. Any side that is a multiple of 32 works.
    """

    def __init__(self) -> None:
        super().__init__()
        self.stem = convolution(INPUTS, CHANNELS[0], stride=2)
        blocks: list[Block] = []
        width = CHANNELS[0]
        for stage, depth in enumerate(DEPTHS):
            outputs = CHANNELS[stage + 1]
            for block in range(depth):
                shrinks = block == 0 and stage < len(DEPTHS) - 1
                blocks.append(Block(width, outputs, stride=2 if shrinks else 1))
                width = outputs
        self.blocks = nn.Sequential(*blocks)
        self.power = nn.Parameter(torch.tensor(3.0))
        self.coarse_share = nn.Parameter(torch.tensor(COARSE_SHARE))
        self.head = nn.Linear(width, DIM)

    def forward(self, pictures: Tensor) -> Tensor:
        fine, coarse = self.raised(pictures), self.raised(functional.avg_pool2d(pictures, 2))
        share = self.coarse_share.clamp(0, 1)
        pooled = ((1 - share) * fine + share * coarse).pow(1 / self.power)
        return functional.normalize(self.head(pooled))

    def raised(self, pictures: Tensor) -> Tensor:
        """Average the features' powers, (n, CHANNELS[-1]): GeM (arXiv 1711.02512) before its root.

        In float32: the powers need it.
        """
        features: Tensor = self.blocks(functional.relu(self.stem(pictures), inplace=True))
        return features.float().clamp(min=1e-5).pow(self.power).mean((2, 3))


def to_input(pixels: Tensor) -> Tensor:
    """Turn uint8 (n, side, side, 4) pictures, RGB and levels, into what CopyNet takes."""
    scaled = pixels.permute(0, 3, 1, 2).float().div_(127.5).sub_(1)
    return scaled.contiguous(memory_format=torch.channels_last)


def load_weights(net: CopyNet, path: Path) -> None:
    """Load a safetensors file. Weights from before the half-size picture get its share as it is at first."""
    weights = load_file(path)
    weights.setdefault("coarse_share", torch.tensor(COARSE_SHARE))
    net.load_state_dict(weights)
