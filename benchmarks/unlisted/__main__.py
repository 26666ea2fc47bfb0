"""Edits of kinds that bounds were not chosen for: is each proved, and is its original found first?

Pairs that are no copies are judged in the same run: what proves more must not prove these.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from dataclasses import asdict, replace
from itertools import groupby, islice
from pathlib import Path

from benchmarks.documents.copies import File
from benchmarks.documents.running import new_pool
from benchmarks.material.photographs import Photograph, cast, find_photographs
from benchmarks.unlisted.controls import CONTROLS
from benchmarks.unlisted.kinds import EDITS, FAMILIES
from benchmarks.unlisted.ranking import Ranking
from benchmarks.unlisted.running import Outcome, Task, judged, original_of

LEAST_PROVED = 0.88  # mean over the kinds of edits
ASKED = {"tones": 0.9, "marks": 0.9}
"""Of these families, each kind must be proved so often."""


def main(words: Sequence[str] | None = None) -> None:
    """Print a line a kind, and whether the bounds are reached."""
    arguments = _arguments(words)
    kinds = _chosen(arguments.kinds)
    material = cast(
        find_photographs(arguments.photos),
        [],
        originals=arguments.count,
        backgrounds=max(1, arguments.count // 4),
        most_distractors=0,
        seed=arguments.seed,
    )
    print(f"{len(material.originals)} photographs, {len(kinds)} kinds, seed {arguments.seed}\n", flush=True)
    outcomes: list[Outcome] = []
    with ExitStack() as stack:
        pool = stack.enter_context(new_pool(arguments.processes))
        ranking = None
        if arguments.rank:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            originals = [original_of(photograph, arguments.side) for photograph in material.originals]
            ranking = Ranking(folder, originals, material.others)
            stack.callback(ranking.close)
        tasks = [
            Task(kind, photograph, other, arguments.seed, arguments.side)
            for kind in kinds
            for photograph, other in zip(
                material.originals, _again(material.backgrounds, len(material.originals)), strict=True
            )
        ]
        print(f"{'kind':36}{'pairs':>7}{'proved':>8}{'first':>7}{'thorough':>10}")
        for kind, found in _by_kind(tasks, pool, ranking):
            outcomes += found
            print(_line(kind, found), flush=True)
    _summary(outcomes)
    if arguments.json:
        arguments.json.write_text(json.dumps([asdict(one) for one in outcomes], indent=1) + "\n", "utf-8")


def _arguments(words: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.unlisted", description=__doc__)
    parser.add_argument("photos", type=Path, help="a folder of photographs, or of archives of them")
    parser.add_argument("--count", type=int, default=24, help="photographs that are edited")
    parser.add_argument(
        "--kinds", default="", help="names, with semicolons between them; or families; all if empty"
    )
    parser.add_argument("--seed", default="1")
    parser.add_argument("--side", type=int, default=1024, help="pixels: larger photographs are reduced")
    parser.add_argument(
        "--rank", action="store_true", help="also ask an index of all photographs for each edit"
    )
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--json", type=Path, help="write all outcomes")
    return parser.parse_args(words)


def _chosen(names: str) -> list[str]:
    known = {name: list(family) for name, family in FAMILIES.items()} | {"controls": list(CONTROLS)}
    everything = [*EDITS, *CONTROLS]
    chosen: list[str] = []
    for name in (name.strip() for name in names.split(";")):
        if name in known:
            chosen += known[name]
        elif name in everything:
            chosen.append(name)
        elif name:
            raise SystemExit(f"no kind is named {name}: there are {', '.join([*known, *everything])}")
    return chosen or everything


def _again(photographs: Sequence[Photograph], count: int) -> list[Photograph]:
    return [photographs[number % len(photographs)] for number in range(count)]


def _by_kind(
    tasks: Sequence[Task], pool: ProcessPoolExecutor, ranking: Ranking | None
) -> Iterator[tuple[str, list[Outcome]]]:
    """Yield the outcomes of each kind, in order."""
    for (kind, of_kind), found in _grouped(tasks, pool.map(judged, tasks, chunksize=4)):
        outcomes = []
        for task, made in zip(of_kind, found, strict=True):
            if made is None:
                continue
            outcome, file = made
            if ranking is not None and outcome.is_edit:
                original = original_of(task.photograph, task.side)
                first, thorough = (
                    ranking.is_first(original, file, thorough=thorough) for thorough in (False, True)
                )
                outcome = replace(outcome, first=first, first_thorough=thorough)
            outcomes.append(outcome)
        yield kind, outcomes


def _grouped(
    tasks: Sequence[Task], results: Iterator[tuple[Outcome, File] | None]
) -> Iterator[tuple[tuple[str, list[Task]], list[tuple[Outcome, File] | None]]]:
    for kind, group in groupby(tasks, key=lambda task: task.kind):
        of_kind = list(group)
        yield (kind, of_kind), list(islice(results, len(of_kind)))


def _line(kind: str, found: Sequence[Outcome]) -> str:
    count = len(found)
    cells = [f"{kind:36}{count:7}{sum(one.proved for one in found):8}"]
    if found and found[0].first is not None:
        cells.append(f"{sum(bool(one.first) for one in found):7}")
        cells.append(f"{sum(bool(one.first_thorough) for one in found):10}")
    return "".join(cells)


def _summary(outcomes: Sequence[Outcome]) -> None:
    """Print means over kinds, and the controls that were called copies."""
    print()
    of_edits = [one for one in outcomes if one.is_edit]
    for name, family in FAMILIES.items():
        shares = _shares([one for one in of_edits if one.kind in family])
        if shares:
            low = min(shares, key=shares.__getitem__)
            asked = f", asked {ASKED[name]}" if name in ASKED else ""
            print(f"{name:10}{_mean(shares):.3f} proved; the least {shares[low]:.2f}{asked}: {low}")
    shares = _shares(of_edits)
    if shares:
        proved = _mean(shares)
        said = "reached" if proved >= LEAST_PROVED else "MISSED"
        print(f"{proved:.3f} of {len(shares)} kinds of edits proved, asked {LEAST_PROVED}: {said}")
    if any(one.first is not None for one in of_edits):
        for name, asked_for in (("first", 0.92), ("first_thorough", 0.96)):
            share = sum(bool(getattr(one, name)) for one in of_edits) / len(of_edits)
            print(f"{share:.3f} {name.replace('_', ', ')}, asked {asked_for}")
    controls = [one for one in outcomes if not one.is_edit]
    wrong = [one for one in controls if one.proved]
    print(f"{len(wrong)} of {len(controls)} pairs that are no copies are called so")
    for one in wrong:
        print(f"    {one.kind}, {one.photograph}: {one.verdict or one.turned}, {one.reason}")


def _shares(outcomes: Sequence[Outcome]) -> dict[str, float]:
    """Return the share of each kind that is proved."""
    shares = {}
    for kind in dict.fromkeys(one.kind for one in outcomes):
        found = [one.proved for one in outcomes if one.kind == kind]
        shares[kind] = sum(found) / len(found)
    return shares


def _mean(shares: Mapping[str, float]) -> float:
    return sum(shares.values()) / len(shares)


if __name__ == "__main__":
    main()
