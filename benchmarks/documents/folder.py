"""A folder of documents that are all different, in a few forms: what a household or an office keeps.

Whatever is called a copy in it is none: `dupes` over it says how often it is wrong, and what looking costs.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from benchmarks.documents.cases import SPLITS, sheet, token
from benchmarks.documents.copies import jpeg, png
from benchmarks.documents.kinds.office import WIDTH

PAPERS = ("invoice", "letter", "form", "exam sheet")
PAGE_WIDTH = 1240  # pixels, of A4 at 150 dots an inch


def write_documents(folder: Path, forms: int, count: int, split: str, seed: int) -> None:
    """Write so many pages, every form as often as the others, each second one of a form as JPEG."""
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(count):
        form, month = number % forms, number // forms
        kind = PAPERS[form % len(PAPERS)]
        drawn = sheet(kind, token(split, seed, form), f"month {month}", unit=PAGE_WIDTH / WIDTH)
        file = jpeg(drawn.picture, 85) if month % 2 else png(drawn.picture)
        (folder / f"{kind.replace(' ', '-')}-{form:02}-{month:04}{file.suffix}").write_bytes(file.data)


def main() -> None:
    """Write them."""
    parser = argparse.ArgumentParser(description=__doc__, prog="python -m benchmarks.documents.folder")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--forms", type=int, default=10)
    parser.add_argument("--count", type=int, default=2000)
    parser.add_argument("--split", choices=SPLITS, default="test")
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    write_documents(arguments.folder, arguments.forms, arguments.count, arguments.split, arguments.seed)


if __name__ == "__main__":
    main()
