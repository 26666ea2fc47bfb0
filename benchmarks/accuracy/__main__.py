"""How right is `dupes`? Precision and recall on a folder of which the truth is known.

    python -m benchmarks.accuracy PHOTOS [--work DIR] [--thorough] [--transforms all] [--peers PYTHON]

PHOTOS is a folder of distinct photographs. A third of them get copies, each edited in another way, some
become pairs that only look like copies (bursts, parts of one scene, products in two colours), all under
names that say nothing; then `dupes` runs, and beside it programs of other projects (`make peers`).

Photographs that people took for distinct may not be. `--same a.jpg b.jpg` says that two of them, looked at,
are one picture: all figures are then printed as counted, and once more with the pairs of these two as true.
"""

from __future__ import annotations

import argparse
import shutil
import tempfile
from collections import Counter, defaultdict
from pathlib import Path

from benchmarks.accuracy.finders import Found, run_ours, run_peer
from benchmarks.accuracy.folder import Plan, Truth, build_folder
from benchmarks.accuracy.judged_pairs import Accuracy, judge_pairs, with_unmarked
from benchmarks.material.photographs import find_photographs

PEERS = {
    "imagededup PHash": "imagededup-phash",
    "imagededup DHash": "imagededup-dhash",
    "difPy": "difpy",
}
SHOWN = 40  # false pairs


def main() -> None:
    """Build, run, compare, print."""
    options = _parse()
    work = _emptied(options.work) if options.work else Path(tempfile.mkdtemp(prefix="accuracy-"))
    folder = work / "photos"
    plan = Plan(options.edited, options.copies, options.hard)
    truths = build_folder(find_photographs(options.photos), folder, plan, options.seed)
    print(f"{len(truths)} files in {folder}, {Counter(truth.hard or bool(truth.edit) for truth in truths)}\n")
    ours = run_ours(folder, work / "index", options.transforms, options.thorough)
    print(f"visualsearch dupes --level edited --transforms {options.transforms}: {ours.seconds:.1f} s")
    corrected = with_unmarked(truths, options.same)
    _print_ours(ours, truths)
    if options.same:
        print(f"\nwith {options.same} as one picture")
        _print_ours(ours, corrected)
    if options.peers:
        _print_peers(options.peers, folder, corrected)
    if options.work is None:
        shutil.rmtree(work)


def _emptied(work: Path) -> Path:
    """Remove what an earlier run left, and nothing else."""
    work.mkdir(parents=True, exist_ok=True)
    if any(work.iterdir()) and not (work / "photos.csv").exists():
        raise SystemExit(f"{work} holds other things: give a folder that is empty or not there")
    for folder in (work / "photos", work / "index"):
        shutil.rmtree(folder, ignore_errors=True)
    return work


def _print_ours(ours: Found, truths: list[Truth]) -> None:
    for setting, pairs in ours.pairs.items():
        _print_line(setting, judge_pairs(pairs, truths))
    _print_details(judge_pairs(next(iter(ours.pairs.values())), truths))
    _print_verdicts(ours, truths)


def _print_line(name: str, accuracy: Accuracy) -> None:
    print(f"{name:24} precision {accuracy.precision}")
    print(f"{'':24} recall original-edit {accuracy.recall_original}, all pairs {accuracy.recall}")


def _print_details(accuracy: Accuracy) -> None:
    for kind, share in accuracy.hard.items():
        print(f"{kind:24} pairs called copies {share}")
    print("\nrecall by edit, original against its edit")
    for edit, share in accuracy.by_edit.items():
        print(f"  {edit:16} {share}")
    for first, second in accuracy.false_pairs[:SHOWN]:
        print(f"false: {first} {second}")


def _print_verdicts(ours: Found, truths: list[Truth]) -> None:
    """Print how many pairs of a kept file and a member are true, by verdict, and the verdicts by edit."""
    by_name = {truth.name: truth for truth in truths}
    right: dict[str, list[bool]] = defaultdict(list)
    edits: dict[str, Counter[str]] = defaultdict(Counter)
    for (first, second), verdict in ours.verdicts.items():
        a, b = by_name[first], by_name[second]
        right[verdict].append(a.original == b.original and not a.hard and not b.hard)
        if not (a.edit and b.edit):
            edits[a.edit or b.edit][verdict] += 1
    print("\nby verdict, kept file against member")
    for verdict, hits in right.items():
        print(f"  {verdict:16} {sum(hits)} of {len(hits)} are the same picture")
    for edit, counts in sorted(edits.items()):
        print(f"  {edit or 'unedited':16} {dict(counts)}")


def _print_peers(python: Path, folder: Path, truths: list[Truth]) -> None:
    """Print what other programs find at their default, and at the setting that serves them best."""
    for name, program in PEERS.items():
        found = run_peer(python, program, folder)
        print(f"\n{name}: {found.seconds:.1f} s")
        settings = list(found.pairs)
        best = max(settings, key=lambda setting: _f1(judge_pairs(found.pairs[setting], truths)))
        for setting in dict.fromkeys((settings[0], best)):
            _print_line(
                setting + (" (best F1)" if setting == best else ""), judge_pairs(found.pairs[setting], truths)
            )


def _f1(accuracy: Accuracy) -> float:
    precision, recall = accuracy.precision, accuracy.recall
    claimed, wanted = max(1, precision.total), max(1, recall.total)
    return 2 * precision.found / (claimed + wanted)


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("photos", type=Path)
    parser.add_argument(
        "--work", type=Path, help="where to make the folder; it is kept, and made anew each time"
    )
    parser.add_argument(
        "--edited", type=float, default=1 / 3, help="the share of photographs that get copies"
    )
    parser.add_argument("--copies", type=int, default=6, help="of each of them")
    parser.add_argument("--hard", type=int, default=100, help="pairs of each kind of look-alikes")
    parser.add_argument("--seed", default="1")
    parser.add_argument("--transforms", default="all", choices=("none", "mirror", "all"))
    parser.add_argument("--thorough", action="store_true", help="index regions too")
    parser.add_argument(
        "--same",
        nargs=2,
        action="append",
        default=[],
        metavar=("A", "B"),
        help="two photographs below PHOTOS that are one picture after all; repeatable",
    )
    parser.add_argument(
        "--peers", type=Path, metavar="PYTHON", help="of the environment that the other programs are in"
    )
    return parser.parse_args()


if __name__ == "__main__":
    main()
