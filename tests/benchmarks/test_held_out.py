"""The photographs held out are those that the training holds out: two programs pick them by one rule."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.material.photographs import Photograph
from benchmarks.models.held_out import PAIRS, held_out
from tests.helpers.places import TRAINING

COUNT = 40
SPLIT = f"""
import json, sys
from pathlib import Path
from data import Photographs, group, read_pairs, split
names = json.load(sys.stdin)
groups = group(names, read_pairs(Path("near_duplicates.tsv")))
train, chosen = split(Photographs(names, [], groups), {COUNT})
json.dump([names[row] for row in chosen], sys.stdout)
"""


@pytest.mark.long
def test_they_are_those_of_the_training() -> None:
    pytest.importorskip("torch")
    rows = [line.split("\t") for line in PAIRS.read_text(encoding="utf-8").splitlines()]
    paired = {name for row in rows[:150] for name in row} | {row[0] for row in rows[150:170]}
    names = sorted({*paired, *(f"kind/image_{number:04}.jpg" for number in range(60))})
    result = subprocess.run(
        [sys.executable, "-c", SPLIT],
        cwd=TRAINING,
        input=json.dumps(names),
        stdout=subprocess.PIPE,
        check=True,
        text=True,
    )
    photographs = [Photograph(f"some.tar/{name}", Path("some.tar")) for name in names]
    ours = [photograph.name.removeprefix("some.tar/") for photograph in held_out(photographs, COUNT)]
    assert len(ours) == COUNT
    assert ours == json.loads(result.stdout)
