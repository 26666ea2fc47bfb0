"""The table of what is a copy of what."""

import csv
from collections.abc import Iterator
from pathlib import Path

from sample_images.generate.copies import COPIES
from sample_images.generate.scenes import SCENES

COLUMNS = ("file", "original", "relation", "hard")


def rows() -> Iterator[tuple[str, str, str, str]]:
    """Yield one row per file, sorted by path."""
    table = []
    for scene in SCENES:
        relation = "burst" if scene.burst_of else "original"
        table.append((scene.file, scene.burst_of, relation, "no"))
    for copy in COPIES:
        table.append((copy.file, copy.original, copy.relation, "yes" if copy.hard else "no"))
    yield from sorted(table)


def write_truth(path: Path) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows(rows())
