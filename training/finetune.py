"""Fine-tunes a network of timm, or an image tower of open_clip, on a folder with a subfolder for each class.

    python training/finetune.py FOLDER --model timm:resnet18 --weights FILE --out tuned.safetensors

A part of the classes is kept back: before and after, each of their pictures looks for its nearest, and what
finds no more of its class than before is not written. `visualsearch index FOLDER --model timm:resnet18
--weights tuned.safetensors` then indexes with what was learned. `visualsearch adapt` learns from the vectors
of an index alone, takes seconds instead of hours, and is to be tried first.
"""

import argparse
import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from safetensors.torch import save_file
from torch import Tensor, nn
from torch.nn import functional

from visualsearch_cli.embedders.embedder import Embedder
from visualsearch_cli.embedders.registry import ModelRequest, load
from visualsearch_cli.embedders.specs import OPEN_CLIP_PREFIX, TIMM_PREFIX
from visualsearch_cli.embedders.torched.tensors import read_tensors
from visualsearch_cli.errors import ImageError, VisualSearchError
from visualsearch_cli.learning.gains import found_first
from visualsearch_cli.learning.losses import LOSSES
from visualsearch_cli.pictures.reader import Decoding

SUFFIXES = {".jpg", ".jpeg", ".png", ".webp"}
KEPT_BACK = 0.25  # share of the classes that judge
OF_A_CLASS = 4  # pictures in a batch
LEAST_CROP = 0.6  # of the sides

Pixels = npt.NDArray[np.uint8]


def read_classes(folder: Path, embedder: Embedder) -> dict[str, Pixels]:
    """Return the pictures of each class, as the network takes them: uint8 (n, height, width, 3)."""
    reader = Decoding().reader()
    found: dict[str, Pixels] = {}
    for part in sorted(each for each in folder.iterdir() if each.is_dir()):
        pictures = []
        for path in sorted(each for each in part.rglob("*") if each.suffix.lower() in SUFFIXES):
            try:
                pixels = reader.read(path.read_bytes(), embedder.input_side).pixels
            except ImageError as error:
                print(f"skipped {path}: {error}")
                continue
            pictures.append(embedder.prepare(pixels))
        if len(pictures) > 1:
            found[part.name] = np.stack(pictures)
    return found


def parted(classes: dict[str, Pixels]) -> tuple[dict[str, Pixels], dict[str, Pixels]]:
    """Part the classes in those to learn from and those that judge, the same way every time."""
    names = sorted(classes, key=lambda name: hashlib.sha256(os.fsencode(name)).digest())
    judges = names[: max(2, round(KEPT_BACK * len(names)))]
    return {n: classes[n] for n in names if n not in judges}, {n: classes[n] for n in judges}


def right_first(embedder: Embedder, classes: dict[str, Pixels]) -> float:
    """Return how many pictures have one of their class nearest: recall@1."""
    vectors = embedder.embed([picture for pictures in classes.values() for picture in pictures])
    numbers = np.repeat(np.arange(len(classes)), [len(pictures) for pictures in classes.values()])
    return float(found_first(vectors, numbers).mean())


def batches(
    classes: dict[str, Pixels], size: int, seed: int
) -> Iterator[tuple[Tensor, npt.NDArray[np.int64]]]:
    """Yield pictures of some classes, float32 (n, 3, height, width), 0 to 1, and their classes, (n,)."""
    random = np.random.default_rng(seed)
    parts = [*classes.values()]
    while True:
        chosen = random.permutation(len(parts))[: max(2, size // OF_A_CLASS)]
        pictures, numbers = [], []
        for number in chosen.tolist():
            for row in random.permutation(len(parts[number]))[:OF_A_CLASS].tolist():
                pictures.append(varied(parts[number][row], random))
                numbers.append(number)
        yield torch.stack(pictures), np.array(numbers, np.int64)


def varied(picture: Pixels, random: np.random.Generator) -> Tensor:
    """Return a part of a picture, perhaps mirrored, at its size: float32 (3, height, width)."""
    height, width = picture.shape[:2]
    share = random.uniform(LEAST_CROP, 1)
    h, w = max(1, round(share * height)), max(1, round(share * width))
    top, left = random.integers(height - h + 1), random.integers(width - w + 1)
    part = picture[top : top + h, left : left + w]
    tensor = torch.from_numpy(np.ascontiguousarray(part[:, ::-1] if random.random() < 0.5 else part))
    whole = tensor.permute(2, 0, 1).float().div(255)[None]
    return functional.interpolate(whole, (height, width), mode="bilinear", antialias=True)[0]


def built(name: str, weights: Path) -> tuple[nn.Module, nn.Module, Tensor, Tensor]:
    """Return the whole network, the part that makes vectors, and mean and deviation of the channels."""
    whole: nn.Module
    if name.startswith(TIMM_PREFIX):
        import timm

        whole = timm.create_model(name.removeprefix(TIMM_PREFIX), pretrained=False, num_classes=0)
        whole.load_state_dict(read_tensors(weights), strict=False)  # without the layer that tells its classes
        part, config = whole, timm.get_pretrained_cfg(name.removeprefix(TIMM_PREFIX))
        assert config is not None  # or the weights could not have been loaded before
        mean, std = config.mean, config.std
    else:
        import open_clip

        whole = open_clip.create_model(name.removeprefix(OPEN_CLIP_PREFIX), pretrained=str(weights))
        part = whole.get_submodule("visual")
        settings = part.preprocess_cfg
        assert isinstance(settings, dict)
        mean, std = settings["mean"], settings["std"]
    return whole, part, torch.tensor(mean).reshape(3, 1, 1), torch.tensor(std).reshape(3, 1, 1)


def tune(
    part: nn.Module, mean: Tensor, std: Tensor, learned: dict[str, Pixels], options: argparse.Namespace
) -> None:
    """Let pictures of one class come near to each other, and others part."""
    part.train()
    for module in part.modules():  # small batches of few classes would spoil what it knows of all pictures
        if isinstance(module, nn.BatchNorm2d):
            module.eval()
    descent = torch.optim.AdamW(part.parameters(), lr=options.rate, weight_decay=1e-4)
    loss = LOSSES[options.loss]
    for step, (pictures, numbers) in enumerate(batches(learned, options.batch, options.seed), start=1):
        vectors = functional.normalize(part((pictures - mean) / std))
        similarities = vectors @ vectors.T
        same = numbers[:, None] == numbers
        np.fill_diagonal(same, False)
        value, gradient = loss(similarities.detach().double().numpy(), same)
        descent.zero_grad()
        torch.autograd.backward(similarities, torch.from_numpy(gradient).float())
        descent.step()
        if step % 10 == 0 or step == options.steps:
            print(f"step {step} of {options.steps}: loss {value:.4f}", flush=True)
        if step == options.steps:
            return


def main() -> None:
    """Read, tune, judge, write."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--model", required=True, metavar="timm:MODEL|open_clip:MODEL")
    parser.add_argument("--weights", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--steps", type=int, default=500)
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--rate", type=float, default=1e-5)
    parser.add_argument("--loss", choices=LOSSES, default="multi-similarity")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    torch.manual_seed(options.seed)
    if options.out.exists():
        raise SystemExit(f"{options.out} is there already: name another file")
    if not options.model.startswith((TIMM_PREFIX, OPEN_CLIP_PREFIX)):
        raise SystemExit(f"{options.model}: expected {TIMM_PREFIX}MODEL or {OPEN_CLIP_PREFIX}MODEL")
    if not options.folder.is_dir():
        raise SystemExit(f"{options.folder} is no folder: name one with a subfolder for each class")
    try:
        embedder = load(ModelRequest(options.model, options.weights, device="cpu"))
    except VisualSearchError as error:
        raise SystemExit(str(error)) from error
    learned, judged = parted(read_classes(options.folder, embedder))
    if len(learned) < 2:
        raise SystemExit(f"{options.folder}: {len(learned)} classes to learn from, expected at least 2")
    before = right_first(embedder, judged)
    whole, part, mean, std = built(options.model, options.weights)
    tune(part, mean, std, learned, options)
    trial = options.out.with_name(f".{options.out.stem}.trial.safetensors")
    try:
        save_file({name: tensor.contiguous().clone() for name, tensor in whole.state_dict().items()}, trial)
        after = right_first(load(ModelRequest(options.model, trial, device="cpu")), judged)
        print(
            f"of the pictures of {len(judged)} unseen classes, {before:.3f} found one of their class before"
        )
        print(f"and {after:.3f} do now")
        if after <= before:
            raise SystemExit("that is no gain: nothing is written")
        trial.rename(options.out)
    finally:
        trial.unlink(missing_ok=True)


if __name__ == "__main__":
    main()
