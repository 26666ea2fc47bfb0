"""The README of the benchmarks says something of each of them."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_every_benchmark_is_in_the_readme() -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    readme = (ROOT / "benchmarks" / "README.md").read_text("utf-8")
    targets = re.findall(r"^((?:bench|calibrate)-[a-z-]+|[a-z-]*picture):", makefile, re.MULTILINE)
    assert "bench-start" in targets
    assert [target for target in targets if f"make {target}" not in readme] == []
    told = set(re.findall(r"make ((?:bench|calibrate)-[a-z-]+)", readme))
    assert told <= set(targets)
