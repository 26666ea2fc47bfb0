"""What do regions find, and which distance of a region means as much as one of full frames?

    python -m benchmarks.models.regions PHOTOS [--distractors DIR] [--embedder NAME] [--margin M] [--output F]
    python -m benchmarks.models.regions PHOTOS [--distractors DIR] --model-file FILE.onnx --input-side S

As in `benchmarks.models.embedders`, edits of some of PHOTOS look for their originals among all of them and
the pictures of DIR. Printed are the distances that pairs of different pictures stay below at each rate, and
recall per edit: with full frames alone, with the regions of the index, and with those of the query too. The
margin is added to what a region is away; it comes from other photographs than those the figures are for:

    python -m benchmarks.models.regions HELD_OUT --distractors TRAINING --by-folder --skip NAME
"""

from __future__ import annotations

import argparse
import shlex
import sys
from collections.abc import Sequence
from pathlib import Path, PurePosixPath

import numpy as np
import numpy.typing as npt

from benchmarks.accuracy.peers import NetworkFile
from benchmarks.material.edits import UPRIGHT
from benchmarks.material.photographs import Material, Photograph, cast, find_photographs
from benchmarks.models.embedding import CHUNK, decoded, embed_all, upright_edits
from benchmarks.models.region_metrics import USED, WAYS, Comparison, compare
from benchmarks.models.report import machine, table
from visualsearch_cli.calibration.known import region_margin
from visualsearch_cli.calibration.levels import RATES
from visualsearch_cli.embedders.embedder import Embedder, ModelInput, ModelSpec
from visualsearch_cli.embedders.registry import ModelRequest, load
from visualsearch_cli.pictures.image import Pixels
from visualsearch_cli.pictures.regions import CORNERS
from visualsearch_cli.vectors.index import Embeddings

FRAMES = 1 + len(CORNERS)
MARGINS = (0.0, 0.01, 0.02, 0.03, 0.04, 0.06, 0.08)


class WithRegions:
    """An embedder of full frames and their regions: the vectors of a picture, one after the other."""

    input_side = 0  # pictures are decoded in full here

    def __init__(self, inner: Embedder) -> None:
        self._inner = inner
        self.spec: ModelSpec = inner.spec

    def prepare(self, pixels: Pixels) -> ModelInput:
        """Return the inputs of all frames, stacked."""
        return np.stack([self._inner.prepare(part) for part in (pixels, *CORNERS.parts(pixels))])

    def embed(self, batch: Sequence[ModelInput]) -> Embeddings:
        """Return float32 (n, frames * dim)."""
        return self._inner.embed([part for picture in batch for part in picture]).reshape(len(batch), -1)


def main() -> None:
    """Measure, print, and write the report if asked to."""
    options = _parse()
    if options.model_file:
        inner: Embedder = NetworkFile(options.model_file, options.input_side)
    else:
        inner = load(ModelRequest(options.embedder, device="cpu"), threads=1)
    material = cast(
        _photographs(options.photos, options.skip),
        _photographs(options.distractors, options.skip) if options.distractors else [],
        originals=options.originals,
        backgrounds=options.backgrounds,
        most_distractors=options.most_distractors,
        seed=options.seed,
    )
    index, queries = embed(material, inner, options.seed, options.threads)
    margin = region_margin(inner.spec.name) if options.margin is None else options.margin
    originals = np.repeat(np.arange(len(material.originals)), len(UPRIGHT))
    kinds = _kinds(material) if options.by_folder else None
    text = report(compare(queries, originals, index, margin, kinds), material, options.about)
    print(text)
    if options.output:
        options.output.write_text(text, encoding="utf-8")


def _photographs(folder: Path, skipped: Sequence[str]) -> list[Photograph]:
    found = find_photographs(folder)
    return [photograph for photograph in found if PurePosixPath(photograph.name).parent.name not in skipped]


def _kinds(material: Material) -> npt.NDArray[np.int64]:
    """Number the folders that the pictures of the index come from."""
    folders = [str(PurePosixPath(photograph.name).parent) for photograph in material.index]
    return np.unique(folders, return_inverse=True)[1].astype(np.int64)


def embed(material: Material, inner: Embedder, seed: str, threads: int) -> tuple[Embeddings, Embeddings]:
    """Return the vectors of the index, (m, frames, dim), and of all edits, original by original, likewise."""
    pictures = material.index
    chunks = [decoded(pictures[start : start + CHUNK]) for start in range(0, len(pictures), CHUNK)]
    edits = [
        upright_edits(original, material.backgrounds[number % len(material.backgrounds)], seed)
        for number, original in enumerate(material.originals)
    ]
    embedders = {"": WithRegions(inner)}
    found = (embed_all(chunks, embedders, threads, "index"), embed_all(edits, embedders, threads, "edits"))
    index, queries = (np.concatenate([part[""].vectors for part in parts]) for parts in found)
    return index.reshape(len(index), FRAMES, -1), queries.reshape(len(queries), FRAMES, -1)


def report(found: Comparison, material: Material, about: str) -> str:
    """Return the whole report, in markdown."""
    return (
        "\n\n".join(
            (
                "# Regions, measured",
                f"Written by `{_command()}` on {machine()}.",
                f"{len(UPRIGHT)} edits of each of {len(material.originals)} photographs look for their "
                f"originals among {len(material.index)} pictures, each with the vectors of its full frame "
                f"and of its regions ({CORNERS.name}). {about}".strip(),
                "The first table shows which distance pairs of different pictures come below at each rate of "
                "false pairs, by what is compared. Of the regions of a picture, the nearest one counts:",
                _levels(found),
                f"A margin of {found.margin:.3f} is added to the distance of a region. The second table "
                "shows recall@1 over all edits for other margins:",
                _margins(found),
                "The last table shows recall@1 / recall at one false pair in a million, which each column "
                "has at a distance of its own. Where recall@1 differs by more than 0.005 from that of full "
                "frames, the difference is given:",
                _per_edit(found),
            )
        )
        + "\n"
    )


def _levels(found: Comparison) -> str:
    head = ("compared", *(f"{rate:.0e}".replace("e-0", "e-") for rate in RATES))
    return table(
        head, ((way, *(f"{distance:.3f}" for distance in found.levels[row])) for row, way in enumerate(WAYS))
    )


def _margins(found: Comparison) -> str:
    rows = (
        (name, *(f"{found.recall_at_1(used, slice(None), margin):.4f}" for margin in MARGINS))
        for name, used in USED.items()
    )
    return table(("compared", *(f"{margin:.2f}" for margin in MARGINS)), rows)


def _per_edit(found: Comparison) -> str:
    rows = [("all edits", slice(None))]
    rows += [(edit, slice(number, None, len(UPRIGHT))) for number, edit in enumerate(UPRIGHT)]
    lines = [("distance there", *(f"{threshold:.3f}" for threshold in found.thresholds.values()))]
    for name, part in rows:
        alone = found.recall_at_1(1, part)
        cells = []
        for used, ways in USED.items():
            first = found.recall_at_1(ways, part)
            change = f" ({first - alone:+.3f})" if abs(first - alone) > 0.005 else ""
            cells.append(f"{first:.3f}{change} / {found.recall_at_rate(used, part):.3f}")
        lines.append((name, *cells))
    return table(("edit", *USED), lines)


def _command() -> str:
    """How this program was started, without what --about says, and without where the folders lie."""
    given = zip(["", *sys.argv[1:]], sys.argv[1:], strict=False)
    shown = [
        Path(text).name if Path(text).exists() else text
        for last, text in given
        if "--about" not in (last, text)
    ]
    return f"python -m benchmarks.models.regions {shlex.join(shown)}"


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("photos", type=Path)
    parser.add_argument("--distractors", type=Path, help="a folder of more pictures for the index")
    parser.add_argument("--embedder", default="bundled")
    parser.add_argument("--model-file", type=Path, help="a network to judge instead")
    parser.add_argument("--input-side", type=int, default=128, help="pixels, of the network's input")
    parser.add_argument("--margin", type=float, help="default: the embedder's own")
    parser.add_argument("--originals", type=int, default=200)
    parser.add_argument("--backgrounds", type=int, default=32)
    parser.add_argument("--most-distractors", type=int, default=10_000)
    parser.add_argument("--by-folder", action="store_true", help="compare no pictures of one folder")
    parser.add_argument("--skip", action="append", default=[], metavar="NAME", help="leave out such folders")
    parser.add_argument("--seed", default="0")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--about", default="", help="a sentence about the photographs, for the report")
    parser.add_argument("--output", type=Path, help="FILE.md")
    return parser.parse_args()


if __name__ == "__main__":
    main()
