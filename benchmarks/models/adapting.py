"""Does `adapt` help: are pictures of kinds that it never saw found better by those of their kind?

    python -m benchmarks.models.adapting KINDS [--only TEXT]

KINDS holds photographs in folders, or in tar files of folders, a folder a kind. --only takes those whose path
has a text in it. Of each kind 120 are taken at most.
Prints, by model and by loss, the share of the pictures of the last fifth of the kinds whose nearest other one
is of their kind: before, after the start alone, which no descent follows, and after the descent. The random
tower is a ResNet-18 of timm with weights by chance: it has learned nothing at all.
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from pathlib import Path, PurePosixPath

import numpy as np

from benchmarks.material.photographs import Photograph, find_photographs
from benchmarks.models.report import table
from visualsearch_cli.embedders.arrays import squash, unit_rows
from visualsearch_cli.embedders.registry import ModelRequest, load
from visualsearch_cli.learning.adapting import NoHelp, adapt
from visualsearch_cli.learning.classes import Classed, parted
from visualsearch_cli.learning.descent import Settings
from visualsearch_cli.learning.losses import LOSSES
from visualsearch_cli.pictures.image import Pixels
from visualsearch_cli.progress import NoProgress
from visualsearch_cli.vectors.index import Embeddings

SKIPPED = frozenset(["BACKGROUND_Google", "Faces_easy"])  # no kind, and crops of another one's pictures
EACH = 120
MODELS = ("hog", "bundled")
RANDOM = "random tower"
SIDE = 96  # pixels


def kinds_of(folder: Path, only: str) -> dict[str, list[Photograph]]:
    """Return photographs by kind."""
    kinds: dict[str, list[Photograph]] = defaultdict(list)
    for photograph in find_photographs(folder):
        kind = PurePosixPath(photograph.name).parent.name
        if kind not in SKIPPED and only in photograph.name:
            kinds[kind].append(photograph)
    return {kind: found[:EACH] for kind, found in sorted(kinds.items())}


def random_tower(pictures: list[Pixels]) -> Embeddings:
    """Return the vectors of a network that was never trained, (n, 512)."""
    import timm
    import torch

    torch.manual_seed(0)
    tower = timm.create_model("resnet18", pretrained=False, num_classes=0).eval()
    images = torch.from_numpy(np.stack([squash(picture, SIDE, SIDE) for picture in pictures]))
    with torch.inference_mode():
        return unit_rows(tower((images.permute(0, 3, 1, 2).float() / 255 - 0.45) / 0.225).numpy())


def main() -> None:
    """Embed, learn with each loss, and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("kinds", type=Path)
    parser.add_argument("--only", default="", help="a text in the paths of what is taken")
    parser.add_argument("--dim", type=int, default=Settings().dim)
    options = parser.parse_args()
    embedders = {name: load(ModelRequest(name), threads=1) for name in MODELS}
    names: list[str] = []
    vectors: dict[str, list[Embeddings]] = {name: [] for name in (*MODELS, RANDOM)}
    for kind, photographs in kinds_of(options.kinds, options.only).items():
        images = [image for photograph in photographs if (image := photograph.read()) is not None]
        pictures = [np.asarray(image) for image in images]
        names += [kind] * len(pictures)
        for name, embedder in embedders.items():
            vectors[name].append(embedder.embed([embedder.prepare(picture) for picture in pictures]))
        vectors[RANDOM].append(random_tower(pictures))
    start = Settings(dim=options.dim, rounds=0)
    ways = {"start alone": start, **{loss: Settings(loss, options.dim) for loss in LOSSES}}
    rows = []
    for name, parts in vectors.items():
        parted_classes = parted(Classed(np.concatenate(parts), names))
        cells, before = [], ""
        for way, settings in ways.items():
            try:
                _, outcome = adapt(parted_classes, settings, NoProgress())
                before = f"{outcome.before:.3f}"
                cells.append(f"{outcome.after:.3f}")
            except NoHelp as error:
                cells.append("refused")
                print(f"{name}, {way}: {error}")
        rows.append((name, before, *cells))
        print(table(("model", "before", *ways), rows[-1:]), flush=True)
    count = parted_classes.judged.class_count
    print(f"\n{len(names)} pictures of {len(set(names))} kinds, of which {count} judge\n")
    print(table(("model", "before", *ways), rows))


if __name__ == "__main__":
    main()
