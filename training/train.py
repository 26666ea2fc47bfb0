"""Train the copy-detection network: `python train.py TARS... --out run/`. Goes on from run/checkpoint.pt."""

import argparse
import json
import math
import os
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import torch
from data import Views, read_photographs, split
from losses import copy_losses
from network import CopyNet, load_weights, to_input
from safetensors.torch import save_file
from torch import Tensor, nn
from torch.utils.data import DataLoader

WARM_UP = 30  # steps to the full learning rate


@dataclass
class State:
    """What a checkpoint keeps: the trained and the averaged network, the optimizer, how far the run is."""

    net: CopyNet
    average: dict[str, Tensor]
    optimizer: torch.optim.Optimizer
    step: int = 0
    views: int = 0
    seconds: float = 0.0

    def save(self, path: Path) -> None:
        """Write beside the old checkpoint, then replace it: a stopped run never leaves half a file."""
        parts: dict[str, Any] = {
            "net": self.net.state_dict(),
            "average": self.average,
            "optimizer": self.optimizer.state_dict(),
            "progress": (self.step, self.views, self.seconds),
        }
        torch.save(parts, path.with_suffix(".new"))
        path.with_suffix(".new").replace(path)

    def load(self, path: Path) -> None:
        parts = torch.load(path, weights_only=True)
        self.net.load_state_dict(parts["net"])
        self.average = parts["average"]
        self.optimizer.load_state_dict(parts["optimizer"])
        self.step, self.views, self.seconds = parts["progress"]

    def follow(self, decay: float) -> None:
        """Move the averaged weights towards the trained ones."""
        for name, value in self.net.state_dict().items():
            if value.dtype.is_floating_point:
                self.average[name].lerp_(value, 1 - decay)
            else:
                self.average[name].copy_(value)


def start(options: argparse.Namespace) -> State:
    """Return a fresh state, from given weights or from nothing, or the one of the run's checkpoint."""
    torch.manual_seed(options.seed)
    net = CopyNet().to(memory_format=torch.channels_last)
    if options.weights:
        load_weights(net, options.weights)
    matrices = [value for value in net.parameters() if value.ndim > 1]
    others = [value for value in net.parameters() if value.ndim <= 1]
    decays = [{"params": matrices, "weight_decay": options.decay}, {"params": others, "weight_decay": 0.0}]
    average = {name: value.clone() for name, value in net.state_dict().items()}
    state = State(net, average, torch.optim.AdamW(decays))
    checkpoint = options.out / "checkpoint.pt"
    if checkpoint.exists():
        state.load(checkpoint)
    return state


def side_at(progress: float, options: argparse.Namespace) -> int:
    """Small pictures first, for more of them; the larger ones at the end, where details are learnt."""
    return int(options.small if progress < options.grow_at else options.large)


def rate_at(progress: float, step: int, options: argparse.Namespace) -> float:
    """The learning rate: a short warm-up by steps, then a cosine over the wall clock."""
    return float(options.rate * min(1, (step + 1) / WARM_UP) * (0.5 + 0.5 * math.cos(math.pi * progress)))


def fix_statistics(net: CopyNet) -> None:
    """Let batch norms use what they have learned, as they will in use.

    Else they take the statistics at hand, and those of a batch differ between the two sizes of a picture.
    """
    for module in net.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.eval()


def train(options: argparse.Namespace) -> None:
    options.out.mkdir(parents=True, exist_ok=True)
    torch.set_num_threads(options.threads)
    state = start(options)
    everything = read_photographs(options.tars, options.pairs)
    photographs = everything.take(split(everything, options.held_out)[0])
    print(f"{len(photographs.names)} photographs, from step {state.step}", flush=True)
    # The schedule follows the clock, not the steps: a shared machine may be slow, the end stays.
    budget = options.minutes * 60
    side = get_context("fork").Value("i", side_at(state.seconds / budget, options))
    views = Views(photographs, options.batch, side, options.seed, state.step)
    loader = DataLoader(views, batch_size=None, num_workers=options.workers, prefetch_factor=3)
    net: Callable[[Tensor], Tensor] = state.net
    if options.compile:
        net = torch.compile(state.net, dynamic=False)
    state.net.train()
    if options.fix_statistics:
        fix_statistics(state.net)
    # A polite stop loses no step; the checkpoint carries on from it.
    stopping: list[int] = []
    signal.signal(signal.SIGTERM, lambda number, _: stopping.append(number))
    begun = saved = time.monotonic()
    before = state.seconds
    for pixels, groups in loader:
        state.seconds = before + time.monotonic() - begun
        progress = min(1.0, state.seconds / budget)
        if progress >= 1:
            break
        side.value = side_at(progress, options)
        for parameters in state.optimizer.param_groups:
            parameters["lr"] = rate_at(progress, state.step, options)
        with torch.autocast("cpu", torch.bfloat16, enabled=options.bf16):
            vectors = net(to_input(pixels))
        losses = copy_losses(vectors.float(), groups, options.temperature)
        state.optimizer.zero_grad()
        (losses.contrast + options.spread * losses.spread).backward()
        state.optimizer.step()
        state.follow(min(options.average, (state.step + 1) / (state.step + 10)))
        state.step += 1
        state.views += len(pixels)
        if state.step % 20 == 0:
            values = losses.contrast.item(), losses.spread.item(), losses.accuracy
            report = "step {} contrast {:.3f} spread {:.3f} nearest {:.3f}".format(state.step, *values)
            where = f"side {pixels.shape[1]} views {state.views} seconds {state.seconds:.0f}"
            print(f"{report} {where}", flush=True)
        if stopping:
            break
        if time.monotonic() - saved > options.save_every * 60:
            write(state, options)
            saved = time.monotonic()
    write(state, options)


def write(state: State, options: argparse.Namespace) -> None:
    """Save the checkpoint, and the averaged weights alone for use."""
    state.save(options.out / "checkpoint.pt")
    files = {"tars", "out", "pairs", "weights"}  # where they lie is of no use to others
    settings = {name: str(value) for name, value in vars(options).items() if name not in files}
    metadata = {"step": str(state.step), "views": str(state.views), "settings": json.dumps(settings)}
    average = {name: value.contiguous() for name, value in state.average.items()}
    save_file(average, options.out / "average.safetensors", metadata=metadata)


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    argument = parser.add_argument
    argument("tars", nargs="+", type=Path, help="tar files of training photographs")
    argument("--out", type=Path, required=True, help="folder of the checkpoint and the weights")
    argument("--pairs", type=Path, help="known near-duplicates, two tab-separated names a line")
    argument("--weights", type=Path, help="start from these weights instead of random ones")
    argument("--held-out", type=int, default=600, help="photographs kept for evaluate.py")
    argument("--minutes", type=float, default=110, help="length of the run, resumed parts included")
    argument("--batch", type=int, default=192, help="photographs a step, three views each")
    argument("--fix-statistics", action="store_true", help="of trained weights: leave them as they were")
    argument("--small", type=int, default=96, help="side of the pictures at first")
    argument("--large", type=int, default=128, help="side of the pictures at the end")
    argument("--grow-at", type=float, default=0.6, help="part of the run after which they grow")
    argument("--rate", type=float, default=1e-3, help="highest learning rate")
    argument("--decay", type=float, default=0.01, help="weight decay")
    argument("--average", type=float, default=0.99, help="decay of the averaged weights")
    argument("--temperature", type=float, default=0.05)
    argument("--spread", type=float, default=3.0, help="weight of the entropy term")
    argument("--seed", type=int, default=1)
    argument("--threads", type=int, default=os.cpu_count(), help="of the network: views take little")
    argument("--workers", type=int, default=1)
    argument("--save-every", type=float, default=4, help="minutes between checkpoints")
    argument("--bf16", action="store_true", help="convolve in bfloat16: twice as fast with AMX")
    argument("--compile", action="store_true", help="a tenth faster, needs a C++ compiler")
    return parser.parse_args()


if __name__ == "__main__":
    train(parse())
