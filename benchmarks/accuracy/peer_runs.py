"""Programs of other projects that find duplicates in a folder, each run in an environment of its own.

    .venv-peers/bin/python benchmarks/accuracy/peer_runs.py PROGRAM FOLDER

prints JSON: the seconds it took, and by setting, its default first, the pairs of names it calls duplicates.
It needs nothing of this project, so that their environment need not hold ours (`make peers` makes it).
"""

from __future__ import annotations

import json
import sys
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from unittest.mock import MagicMock

DEFAULT_BITS = 10
BITS = range(0, 17, 2)
Pairs = list[tuple[str, str]]
Result = tuple[float, dict[str, Pairs]]


def imagededup(folder: str, method: str) -> Result:
    """Run a hash of imagededup over a folder: at its default of 10 bits, then at other thresholds."""
    # Its networks are not run here; importing them beside the hashes would take gigabytes of torchvision.
    for name in ("methods.cnn", "utils.models", "utils.data_generator"):
        sys.modules[f"imagededup.{name}"] = MagicMock()
    from imagededup import methods

    begun = time.monotonic()
    hasher = getattr(methods, method)(verbose=False)
    hashes = hasher.encode_images(folder, num_enc_workers=0)

    found = hasher.find_duplicates(encoding_map=hashes, max_distance_threshold=DEFAULT_BITS)
    seconds = time.monotonic() - begun
    by_setting = {f"{DEFAULT_BITS} bits (default)": pairs_of(found)}
    scored = hasher.find_duplicates(encoding_map=hashes, max_distance_threshold=max(BITS), scores=True)
    for bits in BITS:
        near = {
            name: [other for other, apart in matches if apart <= bits] for name, matches in scored.items()
        }
        by_setting[f"{bits} bits"] = pairs_of(near)
    return seconds, by_setting


def difpy(folder: str) -> Result:
    """Run difPy over a folder, at its default: equal pictures, and at its looser setting."""
    import difPy

    begun = time.monotonic()
    built = difPy.build(folder, processes=1, show_progress=False)
    by_setting: dict[str, Pairs] = {}
    seconds = 0.0
    for setting in ("duplicates", "similar"):
        result = difPy.search(built, similarity=setting, processes=1, show_progress=False).result
        by_setting[setting + " (default)" * (not by_setting)] = _of_difpy(result)
        seconds = seconds or time.monotonic() - begun
    return seconds, by_setting


def _of_difpy(result: dict[str, list[list[object]]]) -> Pairs:
    lists: dict[str, list[str]] = defaultdict(list)
    for name, matches in result.items():
        lists[Path(name).name] = [Path(str(match[0])).name for match in matches]
    return pairs_of(lists)


def pairs_of(lists: dict[str, list[str]]) -> Pairs:
    """Return each pair of a name and one in its list once, sorted."""
    pairs = {(min(name, other), max(name, other)) for name, others in lists.items() for other in others}
    return sorted(pairs)


PROGRAMS: dict[str, Callable[[str], Result]] = {
    "imagededup-phash": lambda folder: imagededup(folder, "PHash"),
    "imagededup-dhash": lambda folder: imagededup(folder, "DHash"),
    "difpy": difpy,
}


def main() -> None:
    """Run one program, print what it found."""
    program, folder = sys.argv[1:]
    seconds, by_setting = PROGRAMS[program](folder)
    json.dump({"seconds": seconds, "pairs": by_setting}, sys.stdout)


if __name__ == "__main__":
    main()
