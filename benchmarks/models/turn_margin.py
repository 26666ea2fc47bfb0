"""How much farther must a turned query be, so that eight ways to ask find no more strangers than one?

    python -m benchmarks.models.turn_margin PHOTOS [--distractors DIR] [--skip N] [--pictures N] [--queries N]

Edits of some photographs look for their originals among all of them, as `query` asks: as they are, and in all
eight orientations, whose distances get a margin. Printed are, for each margin, how many upright edits and how
many turned ones find their original first. Choose the margin on other photographs, with another seed, than
those that figures are reported of.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image

from benchmarks.material.edits import DIHEDRAL, UPRIGHT, edited
from benchmarks.material.photographs import Photograph, find_photographs
from visualsearch_cli.calibration.known import region_margin
from visualsearch_cli.embedders.embedder import AskingEmbedder, Embedder
from visualsearch_cli.embedders.registry import ModelRequest, load
from visualsearch_cli.embedders.specs import BUNDLED
from visualsearch_cli.pictures.borders import without_border
from visualsearch_cli.pictures.image import Pixels
from visualsearch_cli.pictures.orientations import Transforms, orientations_of
from visualsearch_cli.vectors.index import Embeddings

MARGINS = (0.0, 0.01, 0.02, 0.03, 0.05, 0.07, 0.1)
WAYS = 8

Ranks = npt.NDArray[np.float32]


def main(arguments: Sequence[str] | None = None) -> None:
    """Print a table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("photographs", type=Path)
    parser.add_argument("--distractors", type=Path, help="folder of further pictures of the index")
    parser.add_argument("--others", type=int, default=4000, help="of these, evenly spread")
    parser.add_argument("--skip", type=int, default=0, help="photographs left out before the first")
    parser.add_argument("--pictures", type=int, default=500, help="in the index")
    parser.add_argument("--queries", type=int, default=20, help="of these, that are edited")
    parser.add_argument("--seed", default="choosing")
    options = parser.parse_args(arguments)
    found = find_photographs(options.photographs)[options.skip :][: options.pictures + 1]
    *pictures, background = found
    others = find_photographs(options.distractors) if options.distractors else []
    others = others[:: max(1, len(others) // options.others)]
    embedder = load(ModelRequest(BUNDLED.name), threads=1)
    index = np.concatenate(
        [embedder.embed([embedder.prepare(_pixels(picture))]) for picture in [*pictures, *others]]
    )
    counts = {name: np.zeros(1 + len(MARGINS), int) for name in ("upright", "turned")}
    for number, picture in enumerate(pictures[: options.queries]):
        for name in (*UPRIGHT, *DIHEDRAL):
            query = edited(_opened(picture), name, _opened(background), f"{options.seed} {picture.name}")
            nearest = _nearest(np.asarray(query.convert("RGB")), embedder, index)
            counts["turned" if name in DIHEDRAL else "upright"] += nearest == number
    total = {"upright": options.queries * len(UPRIGHT), "turned": options.queries * len(DIHEDRAL)}
    print(f"the original is the first: of {total['upright']} upright edits, {total['turned']} turned ones")
    for row, title in enumerate(["as it is", *(f"all eight, margin {margin:g}" for margin in MARGINS)]):
        print(f"{title:<24}{counts['upright'][row]:>6}{counts['turned'][row]:>6}")


def _opened(picture: Photograph) -> Image.Image:
    image = picture.read()
    assert image is not None, picture.name
    return image


def _pixels(picture: Photograph) -> Pixels:
    return np.asarray(_opened(picture))


def _nearest(pixels: Pixels, embedder: Embedder, index: Embeddings) -> npt.NDArray[np.int64]:
    """Return which picture is the first: asked as it is, then in all ways with each margin."""
    ways = [np.ascontiguousarray(way) for way in orientations_of(pixels, Transforms.ALL)]
    ranks = [_distances(embedder.embed([embedder.prepare(way) for way in ways]), index)]
    margin = region_margin(BUNDLED.name)
    if isinstance(embedder, AskingEmbedder):
        other = embedder.embed_otherwise(ways)
        ranks += [_distances(part, index) + margin for part in np.split(other, len(other) // WAYS)]
    inside = without_border(pixels)
    if inside is not None:
        turned = [np.ascontiguousarray(way) for way in orientations_of(inside, Transforms.ALL)]
        ranks.append(_distances(embedder.embed([embedder.prepare(way) for way in turned]), index) + margin)
    best = np.min(ranks, axis=0)  # (ways, pictures)
    upright, turned_best = best[0], best[1:].min(axis=0)
    firsts = [upright.argmin(), *(np.minimum(upright, turned_best + m).argmin() for m in MARGINS)]
    return np.array(firsts)


def _distances(vectors: Embeddings, index: Embeddings) -> Ranks:
    distances: Ranks = 1 - vectors @ index.T
    return distances


if __name__ == "__main__":
    main()
