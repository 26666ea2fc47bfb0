"""What was found, pair by pair, beside what there is to be found."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations

from benchmarks.accuracy.folder import PASTED, Truth

Pair = tuple[str, str]
"""Two names of files, sorted."""


def pair(first: str, second: str) -> Pair:
    """Return two names in their order."""
    return (first, second) if first < second else (second, first)


def pairs_of_groups(groups: Iterable[Sequence[str]]) -> set[Pair]:
    """Return every pair inside a group: who reads a group takes all its members for copies of each other."""
    return {pair(*two) for names in groups for two in combinations(names, 2)}


@dataclass(frozen=True, slots=True)
class Share:
    """How many of how many."""

    found: int
    total: int

    def __str__(self) -> str:
        """Four digits, and the count."""
        return f"{self.found / self.total:.4f} ({self.found} of {self.total})" if self.total else "none"


@dataclass(slots=True)
class Accuracy:
    """How the pairs that were found compare with the truth."""

    precision: Share
    recall: Share  # of all pairs of one photograph
    recall_original: Share  # of pairs of a photograph and an edit of it
    by_edit: dict[str, Share]  # pairs of a photograph and an edit of it
    hard: dict[str, Share]  # pairs of hard negatives that were called copies
    false_pairs: list[Pair] = field(default_factory=list)


def judge_pairs(found: set[Pair], truths: Sequence[Truth]) -> Accuracy:
    """Compare pairs with the truth. Pasted pictures count in `by_edit` alone, unless they are false pairs.

    A hard negative's two frames are no copies of each other. Files of different photographs never are, but
    for the pasted one and the photograph it was pasted onto, which shows in part: those pairs are left out.
    """
    by_name = {truth.name: truth for truth in truths}
    wanted = _true_pairs(truths)
    true = {two for two in found if two in wanted}
    false = sorted(two for two in found - true if not _excused(*two, by_name))
    counted = {two for two in wanted if not any(by_name[name].edit == PASTED for name in two)}
    original = {two for two in counted if any(not by_name[name].edit for name in two)}
    per_edit: dict[str, list[bool]] = defaultdict(list)
    for two in wanted:
        edits = sorted(by_name[name].edit for name in two)
        if not edits[0]:
            per_edit[edits[1]].append(two in true)
    return Accuracy(
        Share(len(true), len(true) + len(false)),
        Share(len(true & counted), len(counted)),
        Share(len(true & original), len(original)),
        {edit: Share(sum(hits), len(hits)) for edit, hits in sorted(per_edit.items())},
        _hard(found, truths),
        false,
    )


def with_unmarked(truths: Sequence[Truth], copies: Iterable[Sequence[str]]) -> list[Truth]:
    """Return the truth with pairs of photographs, by their names, that are one picture after all.

    Raises ValueError for a name that no photograph of the folder has.
    """
    numbers = {truth.photograph: truth.original for truth in truths}
    merged = {number: number for number in numbers.values()}
    for first, second in copies:
        for name in (first, second):
            if name not in numbers:
                raise ValueError(f"no photograph is named {name}")
        into, gone = merged[numbers[first]], merged[numbers[second]]
        merged = {number: into if now == gone else now for number, now in merged.items()}
    return [
        truth
        if truth.hard
        else replace(truth, original=merged[truth.original], behind=merged.get(truth.behind, truth.behind))
        for truth in truths
    ]


def _true_pairs(truths: Sequence[Truth]) -> set[Pair]:
    families: Mapping[int, list[str]] = defaultdict(list)
    for truth in truths:
        if not truth.hard:
            families[truth.original].append(truth.name)
    return pairs_of_groups(families.values())


def _excused(first: str, second: str, by_name: Mapping[str, Truth]) -> bool:
    """Whether one of two files holds a picture pasted onto another, which is no clean negative."""
    a, b = by_name[first], by_name[second]
    return a.behind == b.original or b.behind == a.original or (a.behind >= 0 and a.behind == b.behind)


def _hard(found: set[Pair], truths: Sequence[Truth]) -> dict[str, Share]:
    frames: dict[tuple[str, int], list[str]] = defaultdict(list)
    for truth in truths:
        if truth.hard:
            frames[truth.hard, truth.original].append(truth.name)
    called: Counter[str] = Counter()
    total: Counter[str] = Counter()
    for (kind, _), names in frames.items():
        total[kind] += 1
        called[kind] += pair(*names) in found
    return {kind: Share(called[kind], total[kind]) for kind in total}
