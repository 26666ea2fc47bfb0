"""The photographs that the bundled network was not trained on: those that training/data.py holds out."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import PurePosixPath

from benchmarks.material.photographs import Photograph
from benchmarks.places import PROJECT

COUNT = 600
PAIRS = PROJECT / "training" / "near_duplicates.tsv"


def held_out(photographs: Sequence[Photograph], count: int = COUNT) -> list[Photograph]:
    """Pick them by name, as the training does: none of a pair of known near-duplicates."""
    rows = [line.split("\t") for line in PAIRS.read_text(encoding="utf-8").splitlines()]
    known = {_name(photograph) for photograph in photographs}
    paired = {name for row in rows if set(row) <= known for name in row}
    alone = [photograph for photograph in photographs if _name(photograph) not in paired]
    alone.sort(key=lambda photograph: hashlib.sha256(_name(photograph).encode()).digest())
    return sorted(alone[:count], key=_name)


def _name(photograph: Photograph) -> str:
    """The name of an archive's member, as the training knows it."""
    parts = PurePosixPath(photograph.name).parts
    ends = [number for number, part in enumerate(parts) if part.endswith(".tar")]
    return PurePosixPath(*parts[ends[-1] + 1 :] if ends else parts).as_posix()
