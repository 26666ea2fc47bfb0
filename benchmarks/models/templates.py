"""Do templates around words find more: "dog", "a photo of a dog", or the mean of many such sentences?

    python -m benchmarks.models.templates KINDS --model NAME [--weights FILE] [--tokenizer FILE]

KINDS holds photographs in folders, or in tar files of folders, a folder a kind, whose name the model is asked
for. Of each kind 120 are taken at most. The weights are those that `index` takes, such as
`--weights image.onnx,text.onnx --tokenizer tokenizer.json`, or `--model open_clip:ViT-B-32 --weights FILE`.

Prints, by template: how many of the ten pictures nearest to a kind's name are of this kind, how many pictures
are nearest to the name of their own kind, and of how many kinds more and fewer of the ten are found than by
the bare name, with how often chance alone brings about as much (sign test).
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from benchmarks.models.adapting import kinds_of
from benchmarks.models.report import table
from visualsearch_cli.index.model import ModelChoice
from visualsearch_cli.learning.gains import chance_of
from visualsearch_cli.search.wishes import PLAIN, WORDS, Wish, vectors_of

if TYPE_CHECKING:
    import numpy.typing as npt

    from visualsearch_cli.embedders.embedder import Embedder, TextTower
    from visualsearch_cli.vectors.index import Embeddings

K = 10
BATCH = 32
SENTENCES = (
    "a photo of a {}",
    "a photo of the {}",
    "a close-up photo of a {}",
    "a cropped photo of a {}",
    "a blurry photo of a {}",
    "a bright photo of a {}",
    "a dark photo of a {}",
    "a photo of many {}",
)
TEMPLATES: Mapping[str, Sequence[str]] = {
    "none": PLAIN,
    SENTENCES[0]: SENTENCES[:1],
    f"all {len(SENTENCES)}": SENTENCES,
    f"none and all {len(SENTENCES)}": (WORDS, *SENTENCES),
}
HEAD = ("template", f"of the {K} nearest", "nearest name", "more", "fewer", "by chance")


class Found(NamedTuple):
    """What a template finds."""

    of_nearest: npt.NDArray[
        np.float64
    ]  # (kinds,): the share of the ten nearest pictures that are of the kind
    named: float  # the share of pictures whose nearest name is that of their kind


def found(pictures: Embeddings, kinds: npt.NDArray[np.int64], names: Embeddings) -> Found:
    """Return what names find among pictures.

    pictures: float32 (n, dim), unit rows, of the kinds (n,). names: float32 (kinds, dim), unit rows.
    """
    similarities = names @ pictures.T
    nearest = np.argsort(-similarities, axis=1, kind="stable")[:, :K]
    right = kinds[nearest] == np.arange(len(names))[:, None]
    return Found(right.mean(axis=1), float((similarities.argmax(axis=0) == kinds).mean()))


def row(name: str, its: Found, bare: Found) -> tuple[str, ...]:
    """Return a row of the table."""
    more, fewer = (int((its.of_nearest * way > bare.of_nearest * way).sum()) for way in (1, -1))
    chance = chance_of(max(more, fewer), min(more, fewer))
    return (
        name,
        f"{its.of_nearest.mean():.3f}",
        f"{its.named:.3f}",
        *((str(more), str(fewer), f"{chance:.3f}") if its is not bare else ("", "", "")),
    )


def embedded(
    folder: Path, only: str, embedder: Embedder
) -> tuple[list[str], npt.NDArray[np.int64], Embeddings]:
    """Return the names of kinds, in words, the kinds of pictures, (n,), and their vectors, (n, dim)."""
    names: list[str] = []
    kinds: list[int] = []
    vectors: list[Embeddings] = []
    for kind, photographs in kinds_of(folder, only).items():
        inputs = [
            embedder.prepare(np.asarray(image)) for photograph in photographs if (image := photograph.read())
        ]
        if inputs:
            kinds += [len(names)] * len(inputs)
            names.append(kind.replace("_", " ").replace("-", " ").strip())
            vectors += [embedder.embed(inputs[at : at + BATCH]) for at in range(0, len(inputs), BATCH)]
    return names, np.array(kinds), np.concatenate(vectors)


def measured(
    names: Sequence[str], kinds: npt.NDArray[np.int64], pictures: Embeddings, tower: TextTower
) -> str:
    """Return the table."""
    rows, bare = [], None
    for title, templates in TEMPLATES.items():
        its = found(pictures, kinds, vectors_of([Wish([name], (), templates) for name in names], tower))
        bare = bare or its
        rows.append(row(title, its, bare))
    return table(HEAD, rows)


def main() -> None:
    """Embed pictures and words, and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("kinds", type=Path)
    parser.add_argument("--model")
    parser.add_argument("--weights", type=Path)
    parser.add_argument("--tokenizer", type=Path)
    parser.add_argument("--device", default="auto")
    parser.add_argument("--only", default="", help="a text in the paths of what is taken")
    options = parser.parse_args()
    model = ModelChoice(options.model, options.weights, options.device, options.tokenizer).new()
    names, kinds, pictures = embedded(options.kinds, options.only, model())
    print(f"{len(pictures)} pictures of {len(names)} kinds, by {model.request.name}\n")
    print(measured(names, kinds, pictures, model.text()))


if __name__ == "__main__":
    main()
