"""Benchmarks that documents name run from start to end: on next to nothing, so their figures say nothing."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.helpers.places import PROJECT, SAMPLES

pytestmark = pytest.mark.slow

PHOTOS = str(SAMPLES / "holiday")

RUNS = {
    "benchmarks.cost.speed": (f"{PHOTOS} --runs 1 --large 1 --small 2 --links 5", "query new: "),
    "benchmarks.cost.memory": (
        f"{PHOTOS} --small 6 --huge 0 --large 0 --apart 0",
        "index, 6 small files of ",
    ),
    "benchmarks.scale": ("--sizes 1500 --work {work} --output {work}/scale.md", "1,500: disk, "),
    "benchmarks.scale.bits_cost": ("--count 1500 --rounds 1 --work {work}", "| 16 bits | "),
    "benchmarks.scale.filter_cost": ("--count 2000 --runs 1 --work {work}", "three at once"),
    "benchmarks.scale.index_libraries": (
        "--count 1500 --only our-block our-graph --work {work} --output {work}/libraries.md",
        "| this project: hnswlib, verified | ",
    ),
    "benchmarks.models.embedders": (
        f"{PHOTOS} --embedder pixels --originals 2 --backgrounds 2 --most-distractors 2"
        " --output {work}/embedders.md",
        "| mirror, in eight turns | ",
    ),
}
"""By module: what it is run with, and what its output holds."""

LONG = ("benchmarks.cost.speed", "benchmarks.scale")


@pytest.mark.parametrize(
    "module", [pytest.param(each, marks=pytest.mark.long if each in LONG else ()) for each in RUNS]
)
def test_it_runs(module: str, tmp_path: Path) -> None:
    options, said = RUNS[module]
    run = subprocess.run(
        [sys.executable, "-m", module, *options.format(work=tmp_path).split()],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    assert said in run.stdout
