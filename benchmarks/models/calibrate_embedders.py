"""How often do pictures of different things come how near? Writes what the program knows of it.

    python -m benchmarks.models.calibrate_embedders TRAIN [--check PHOTOS]

TRAIN is the folder of training photographs, of which only the held-out ones are used: no network was
trained on them. Writes visualsearch_cli/calibration/calibrations.json, and a report,
docs/calibration-measured.md, with what the levels do on other photographs, PHOTOS, no two of them copies.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.material.photographs import Photograph, find_photographs
from benchmarks.models.held_out import held_out
from benchmarks.places import DOCS
from visualsearch_cli.calibration.edited_copies import EDITS, edited_copies
from visualsearch_cli.calibration.known import CALIBRATIONS
from visualsearch_cli.calibration.learning import measured_copies
from visualsearch_cli.calibration.levels import RATES, Calibration, Levels, to_document
from visualsearch_cli.calibration.tails import Tail, fitted_levels, nearest_pairs
from visualsearch_cli.embedders.embedder import Embedder
from visualsearch_cli.embedders.registry import ModelRequest, load
from visualsearch_cli.embedders.specs import BUILT_IN
from visualsearch_cli.pictures.image import Pixels
from visualsearch_cli.pictures.regions import CORNERS
from visualsearch_cli.vectors.index import Embeddings

REPORT = DOCS / "calibration-measured.md"
EDITED = 150  # photographs whose copies are measured


@dataclass(frozen=True, slots=True)
class Measured:
    """An embedder's calibration, and the pairs it calls alike among other photographs, at each rate."""

    calibration: Calibration
    found: tuple[int, ...]
    found_by_regions: tuple[int, ...]


def parts(pixels: Pixels) -> list[Pixels]:
    """Return the full frame, then the regions."""
    return [pixels, *CORNERS.parts(pixels)]


def embed(photographs: Sequence[Photograph], embedders: Mapping[str, Embedder]) -> dict[str, Embeddings]:
    """Return the vectors of the parts of each photograph, float32 (n, 6, dim)."""
    found: dict[str, list[Embeddings]] = {name: [] for name in embedders}
    for photograph in photographs:
        image = photograph.read()
        if image is None:
            raise SystemExit(f"cannot decode {photograph.name}: take it away")
        ways = [np.ascontiguousarray(part) for part in parts(np.asarray(image))]
        for name, embedder in embedders.items():
            found[name].append(embedder.embed([embedder.prepare(way) for way in ways]))
    return {name: np.stack(vectors) for name, vectors in found.items()}


def tails(vectors: Embeddings) -> tuple[Tail, Tail]:
    """Return the nearest pairs of full frames, and of frames with the nearest part of another picture."""
    frames = np.ascontiguousarray(vectors[:, 0])
    return nearest_pairs(frames), nearest_pairs(frames, vectors)


def within(tail: Tail | None, levels: Levels) -> tuple[int, ...]:
    """Count the pairs at each level or nearer."""
    if tail is None:
        return ()
    return tuple(int(np.searchsorted(tail.distances, distance, "right")) for distance in levels.distances)


def measure(name: str, vectors: Embeddings, others: Embeddings | None, pictures: list[tuple[str, Pixels]],
            embedder: Embedder) -> Measured:  # fmt: skip
    """Fit the levels of one embedder, and count on other photographs what they let through."""
    full, regions = (fitted_levels(tail) for tail in tails(vectors))
    source = f"{len(vectors)} photographs that no network was trained on"
    copies = measured_copies(pictures, embedder, edited_copies)
    print(f"{name}: {', '.join(f'{distance:.3f}' for distance in full.distances)}", flush=True)
    far, far_regions = (None, None) if others is None else tails(others)
    calibration = Calibration(full, regions, len(vectors), source, copies)
    return Measured(calibration, within(far, full), within(far_regions, regions))


def report(measured: Mapping[str, Measured], command: str, photographs: int) -> str:
    """Return the tables in Markdown."""
    heads = " | ".join(f"{rate:.0e}".replace("e-0", "e-") for rate in RATES)
    any_one = next(iter(measured.values())).calibration
    lines = [
        "# Calibration, measured", "",
        f"    {command}", "",
        "The tables show, for each rate, the cosine distance below which that share of the pairs of",
        f"different photographs lies. It comes from {any_one.source}. The 90 % intervals",
        "are from a bootstrap over photographs. The last column shows how many such pairs were found among",
        "other photographs, beside how many were expected. The last table shows the share of edited copies",
        "that are found. [calibration.md](calibration.md) says how.", "",
    ]  # fmt: skip
    for title, of_regions in (("Full frame against full frame", False), ("Full frame against regions", True)):
        pairs = photographs * (photographs - 1) // (1 if of_regions else 2)
        expected = ", ".join(f"{pairs * rate:.3g}" for rate in RATES)
        lines += [f"## {title}", "", f"| | {heads} | found among {photographs} (expected {expected}) |"]
        lines += ["|---" * (len(RATES) + 2) + "|"]
        for name, item in measured.items():
            levels = item.calibration.regions if of_regions else item.calibration.full
            assert levels is not None
            cells = [
                f"{distance:.3f} ({low:.3f}–{high:.3f})"
                for distance, (low, high) in zip(levels.distances, levels.intervals, strict=True)
            ]
            found = item.found_by_regions if of_regions else item.found
            lines += [f"| `{name}` | {' | '.join(cells)} | {', '.join(map(str, found)) or '–'} |"]
        lines += [""]
    lines += ["## Edited copies found at each rate", "", f"| | {heads} |", "|---" * (len(RATES) + 1) + "|"]
    for name, item in measured.items():
        copies = item.calibration.copies
        assert copies is not None
        cells = [f"{copies.recall_at(distance):.3f}" for distance in item.calibration.full.distances]
        lines += [f"| `{name}` | {' | '.join(cells)} |"]
    return "\n".join([*lines, "", f"{EDITED} photographs, {len(EDITS)} edits each: {', '.join(EDITS)}.", ""])


def main() -> None:
    """Measure all embedders that come with the package."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("train", type=Path)
    parser.add_argument("--check", type=Path, help="a folder of other photographs, no two of them copies")
    options = parser.parse_args()
    embedders = {name: load(ModelRequest(name), threads=1) for name in BUILT_IN}
    chosen = held_out(find_photographs(options.train))
    vectors = embed(chosen, embedders)
    check = find_photographs(options.check) if options.check else []
    others = embed(check, embedders) if check else dict.fromkeys(embedders)
    images = [(photograph.name, photograph.read()) for photograph in chosen[:: len(chosen) // EDITED]]
    pictures = [(name, np.asarray(image)) for name, image in images if image is not None][:EDITED]
    measured = {
        name: measure(name, vectors[name], others[name], pictures, embedder)
        for name, embedder in embedders.items()
    }
    entries = {
        name: {
            "weights": BUILT_IN[name].weights,
            "preprocessing": BUILT_IN[name].preprocessing,
            "calibration": to_document(item.calibration),
        }
        for name, item in measured.items()
    }
    CALIBRATIONS.write_text(json.dumps(entries, indent=1) + "\n", encoding="utf-8")
    command = "python -m benchmarks.models.calibrate_embedders TRAIN" + (" --check PHOTOS" if check else "")
    REPORT.write_text(report(measured, command, len(check)), encoding="utf-8")


if __name__ == "__main__":
    main()
