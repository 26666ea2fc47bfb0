"""Copies of forty kinds, each worse than its original or with less in its file: is the original kept?"""

from __future__ import annotations

import argparse
import io
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from random import Random

from PIL import Image

from benchmarks.keeping.kinds import PAIRS, Original
from benchmarks.keeping.running import TOGETHER, Outcome, cleared, outcomes, write_all
from benchmarks.material.photographs import Photograph, find_photographs

LEAST_KEPT = 0.99  # share of the groups
LEAST_FOUND = 0.95  # share of the copies
SHOWN = 3  # mistakes of a kind


def main(words: Sequence[str] | None = None) -> None:
    """Print a line a kind, and whether the bounds are reached."""
    arguments = _arguments(words)
    kinds = [kind for kind in PAIRS if not arguments.kinds or kind in arguments.kinds.split(",")]
    drawn = Random(arguments.seed).sample(find_photographs(arguments.photos), arguments.count)
    originals = [_original(number, photograph) for number, photograph in enumerate(drawn)]
    with tempfile.TemporaryDirectory() as place:
        folder = cleared(arguments.to or Path(place) / "pictures")
        index = cleared(folder.with_name(f"{folder.name}.index"))
        write_all(folder, originals, kinds)
        found = outcomes(folder, index, originals, kinds)
    print(f"{len(originals)} photographs, {len(kinds)} kinds of copies\n")
    print(f"{'kind':42}{'groups':>8}{'kept':>8}{'copies':>8}{'found':>8}{'lost':>8}")
    for line in _lines(found):
        print(line)


def _arguments(words: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.keeping", description=__doc__)
    parser.add_argument("photos", type=Path, help="a folder of JPEG photographs, or of archives of them")
    parser.add_argument("--count", type=int, default=24, help="photographs")
    parser.add_argument("--kinds", default="", help="names, with commas between them; all if empty")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--to", type=Path, help="where the files are written, and stay; emptied before")
    return parser.parse_args(words)


def _original(number: int, photograph: Photograph) -> Original:
    with photograph.file.open("rb") as file:
        file.seek(photograph.offset)
        data = file.read(photograph.size)
    with Image.open(io.BytesIO(data)) as image:
        if image.format != "JPEG":
            raise SystemExit(f"{photograph.name} is {image.format}: name a folder of JPEG photographs")
        return Original(number, Path(photograph.name).stem, data, image.convert("RGB"))


def _lines(found: Sequence[Outcome]) -> Iterator[str]:
    kinds = dict.fromkeys(outcome.kind for outcome in found)
    for kind in sorted(kinds, key=lambda kind: kind == TOGETHER):
        its = [outcome for outcome in found if outcome.kind == kind]
        yield _line("all plain copies together" if kind == TOGETHER else kind, its)
        wrong = [outcome for outcome in its if outcome.found and not outcome.kept]
        yield from (f"    {outcome.photograph}: {outcome.why}" for outcome in wrong[:SHOWN])
    yield _line("all", found)
    grouped = [outcome for outcome in found if outcome.found]
    kept = sum(outcome.kept for outcome in grouped) / max(1, len(grouped))
    share = sum(outcome.found for outcome in found) / sum(outcome.copies for outcome in found)
    yield f"\nkept in {kept:.3f} of the groups, asked {LEAST_KEPT}: {_said(kept >= LEAST_KEPT)}"
    yield f"{share:.3f} of the copies are in them, asked {LEAST_FOUND}: {_said(share >= LEAST_FOUND)}"


def _line(name: str, found: Sequence[Outcome]) -> str:
    grouped = [outcome for outcome in found if outcome.found]
    counts = (
        len(grouped),
        sum(outcome.kept for outcome in grouped),
        sum(outcome.copies for outcome in found),
        sum(outcome.found for outcome in found),
        sum(outcome.lost for outcome in found),
    )
    return f"{name:42}" + "".join(f"{count:8}" for count in counts)


def _said(is_reached: bool) -> str:
    return "reached" if is_reached else "MISSED"


if __name__ == "__main__":
    main()
