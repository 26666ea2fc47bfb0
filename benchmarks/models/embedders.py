"""How well do embedders find the originals of edited photographs?

    python -m benchmarks.models.embedders PHOTOS [--distractors DIR] [--embedder NAME]... [--output FILE.md]
    python -m benchmarks.models.embedders PHOTOS [--distractors DIR] [--weights NAME=FILE]...
    python -m benchmarks.models.embedders PHOTOS [--distractors DIR] --model-file FILE.onnx --input-side S

PHOTOS is a folder of distinct photographs. Some of them are edited in 45 ways, and each edit looks for its
original among all of them and the pictures of DIR: files or .tar archives, in which copies of one another
do no harm. Prints tables; --output writes them to a file too, with a plot beside it. --weights adds
models whose weights are in files, such as sscd or open_clip:ViT-B-32. --model-file judges a network that may
become the bundled one, with the same input and output, beside those that are here.
"""

from __future__ import annotations

import argparse
import os
import shlex
import sys
from pathlib import Path

from benchmarks.accuracy.peers import NetworkFile, pdq, phash
from benchmarks.material.photographs import cast, find_photographs
from benchmarks.models.embedding import embed_material
from benchmarks.models.figures import figures
from benchmarks.models.plot import plot
from benchmarks.models.report import Setting, machine, report
from visualsearch_cli.calibration.known import region_margin
from visualsearch_cli.embedders.embedder import Embedder
from visualsearch_cli.embedders.registry import ModelRequest, available, load
from visualsearch_cli.errors import ModelUnavailable

PEERS = {"pHash": (phash, "ImageHash"), "PDQ": (pdq, "pdqhash")}
DEFAULT = ("bundled", "dct", "pixels", "histogram", "hog", "sift", "orb", *PEERS, "clip")


def load_embedders(names: list[str]) -> tuple[dict[str, Embedder], dict[str, str]]:
    """Load those that are here. Returns them, and why the others are not."""
    states = {info.name: info.weights for info in available()}
    embedders: dict[str, Embedder] = {}
    missing = {}
    for name in names:
        try:
            if name in PEERS:
                make, package = PEERS[name]
                embedders[name] = make()
            elif name == "clip" and states[name] != "downloaded":  # a benchmark downloads nothing
                missing[name] = f"its weights: {states[name]}"
            else:
                embedders[name] = load(ModelRequest(name, device="cpu"), threads=1)
        except ImportError:
            missing[name] = f"needs {package}"
        except ModelUnavailable as error:
            missing[name] = str(error)
    for name, reason in missing.items():
        print(f"{name} is left out: {reason}", file=sys.stderr)
    return embedders, missing


def main() -> None:
    """Measure, print, and write the report if asked to."""
    options = _parse()
    embedders, missing = load_embedders(options.embedder or list(DEFAULT))
    for name, file in options.weights:
        embedders[f"{name}, {file.name}"] = load(ModelRequest(name, file, device="cpu"), threads=1)
    if options.model_file:
        embedders = {options.model_file.name: NetworkFile(options.model_file, options.input_side)} | embedders
    material = cast(
        find_photographs(options.photos),
        find_photographs(options.distractors) if options.distractors else [],
        originals=options.originals,
        backgrounds=options.backgrounds,
        most_distractors=options.most_distractors,
        seed=options.seed,
    )
    vectors = embed_material(material, embedders, seed=options.seed, threads=options.threads)
    found = {}
    for name in embedders:
        print(f"{name}: comparing", file=sys.stderr, flush=True)
        own = vectors.pop(name)
        found[name] = figures(own)
        if own.asked is not None:
            found[f"{name}, as asked"] = figures(own, region_margin(embedders[name].spec.name))
    setting = Setting(_command(), machine(), material, missing, options.about)
    text = report(found, setting, options.output.with_suffix(".svg").name if options.output else None)
    print(text)
    if options.output:
        options.output.write_text(text, encoding="utf-8")
        options.output.with_suffix(".svg").write_text(plot(found), encoding="utf-8")


def _parse() -> argparse.Namespace:
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("photos", type=Path)
    parser.add_argument("--distractors", type=Path, help="a folder of more pictures for the index")
    parser.add_argument("--embedder", action="append", help=f"default: {', '.join(DEFAULT)}")
    parser.add_argument(
        "--weights", action="append", default=[], type=_named_file, metavar="NAME=FILE", help="of a model"
    )
    parser.add_argument("--model-file", type=Path, help="a network to judge beside the bundled one")
    parser.add_argument("--input-side", type=int, default=128, help="pixels, of the network's input")
    parser.add_argument("--originals", type=int, default=334)
    parser.add_argument(
        "--backgrounds", type=int, default=32, help="photographs that edits paste others onto"
    )
    parser.add_argument("--most-distractors", type=int, default=20_000)
    parser.add_argument("--seed", default="0")
    parser.add_argument("--threads", type=int, default=cores)
    parser.add_argument("--about", default="", help="a sentence about the photographs, for the report")
    parser.add_argument("--output", type=Path, help="FILE.md; the plot becomes FILE.svg")
    return parser.parse_args()


def _named_file(text: str) -> tuple[str, Path]:
    name, equals, file = text.partition("=")
    if not equals:
        raise argparse.ArgumentTypeError(f"{text} is not NAME=FILE")
    return name, Path(file)


def _command() -> str:
    """How this program was started, without what --about says, and without where the folders lie."""
    arguments = sys.argv[1:]
    shown = [
        _without_folders(argument)
        for before, argument in zip(["", *arguments], arguments, strict=False)
        if "--about" not in (before, argument)
    ]
    return f"python -m benchmarks.models.embedders {shlex.join(shown)}"


def _without_folders(argument: str) -> str:
    name, equals, file = argument.rpartition("=")
    return f"{name}{equals}{Path(file).name}" if Path(file).is_dir() or Path(file).is_absolute() else argument


if __name__ == "__main__":
    main()
