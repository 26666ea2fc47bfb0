"""Programs that find duplicates in a folder: ours through its command, and those of other projects."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.accuracy.judged_pairs import Pair, pair, pairs_of_groups

LEVELS = ("identical", "pixels", "same", "edited")


@dataclass(slots=True)
class Found:
    """What a program found: pairs at each setting, and how long it took."""

    pairs: dict[str, set[Pair]]  # by setting; the first is the program's own
    seconds: float
    verdicts: dict[Pair, str] = field(default_factory=dict)  # of each kept file and a member, ours alone


def run_ours(folder: Path, index: Path, transforms: str, thorough: bool) -> Found:
    """Index a folder and run `dupes`. The seconds are those of `dupes`."""
    command = [str(Path(sys.executable).with_name("visualsearch"))]
    indexing = [*command, "index", str(folder), "--index", str(index), "-q"]
    subprocess.run(indexing + ["--thorough"] * thorough, check=True)
    begun = time.monotonic()
    arguments = ["dupes", "--index", str(index), "--level", "edited", "--transforms", transforms, "--json"]
    result = subprocess.run([*command, *arguments], check=True, stdout=subprocess.PIPE)
    seconds = time.monotonic() - begun
    groups = json.loads(result.stdout)["groups"]
    found = {f"level {level}": pairs_of_groups(_names(group, level) for group in groups) for level in LEVELS}
    return Found(dict(reversed(found.items())), seconds, _verdicts(groups))


def _names(group: dict[str, Any], level: str) -> list[str]:
    """Return the members of a group whose verdict is that strong, the kept one among them."""
    allowed = LEVELS[: LEVELS.index(level) + 1]
    return [Path(m["path"]).name for m in group["members"] if m["keep"] or m["verdict"] in allowed]


def _verdicts(groups: list[dict[str, Any]]) -> dict[Pair, str]:
    verdicts = {}
    for group in groups:
        kept = Path(group["members"][0]["path"]).name
        for member in group["members"][1:]:
            verdicts[pair(kept, Path(member["path"]).name)] = str(member["verdict"])
    return verdicts


def run_peer(python: Path, program: str, folder: Path) -> Found:
    """Run a program of another project in its environment: the settings it has, its default first.

    Raises CalledProcessError if it fails.
    """
    command = [str(python), str(Path(__file__).with_name("accuracy_peers.py")), program, str(folder)]
    result = subprocess.run(command, check=True, stdout=subprocess.PIPE)
    document = json.loads(result.stdout)
    found = {
        setting: {pair(first, second) for first, second in pairs}
        for setting, pairs in document["pairs"].items()
    }
    return Found(found, document["seconds"])
