"""What was said of all pairs: a table of kinds, and totals beside what is asked."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from benchmarks.documents.cases import Truth
from benchmarks.documents.kinds.registry import KINDS
from benchmarks.documents.running import Outcome
from benchmarks.documents.shots.registry import PHOTOGRAPH, SHOTS

STRONG = ("identical", "pixels", "same")
WORST = 3  # examples of a kind
WIDTH = 26
LARGE = ("sprites", "faces", "number plate")
"""Kinds without small type: their signs are still to be read at a quarter of the size."""


@dataclass(frozen=True, slots=True)
class Bound:
    """A share that is asked for."""

    name: str
    counted: Callable[[Outcome], bool]  # whether an outcome belongs to it
    hit: Callable[[Outcome], bool]
    bound: float
    at_most: bool

    def line(self, outcomes: Iterable[Outcome]) -> str:
        """Say how many of how many, and whether that is as asked."""
        counted = [outcome for outcome in outcomes if self.counted(outcome)]
        hits = sum(self.hit(outcome) for outcome in counted)
        asked = f"{'≤' if self.at_most else '≥'} {self.bound:g}"
        if not counted:
            return f"{self.name:72} {asked:>9}  none drawn"
        share = hits / len(counted)
        met = share <= self.bound if self.at_most else share >= self.bound
        verdict = "ok" if met else f"MISSED, {self._worst(counted)}"
        return f"{self.name:72} {asked:>9}  {share:.4f} ({hits} of {len(counted)}) {verdict}"

    def _worst(self, counted: Sequence[Outcome]) -> str:
        """Name the kind that is farthest from what is asked."""
        kinds = sorted({outcome.kind for outcome in counted})
        hits = {kind: [self.hit(outcome) for outcome in counted if outcome.kind == kind] for kind in kinds}
        worst = (max if self.at_most else min)(kinds, key=lambda kind: sum(hits[kind]) / len(hits[kind]))
        return f"worst: {worst}, {sum(hits[worst])} of {len(hits[worst])}"


def strong(outcome: Outcome) -> bool:
    """Whether it was called `same` or more."""
    return outcome.verdict in STRONG


def edited(outcome: Outcome) -> bool:
    """Whether it was called `edited`."""
    return outcome.verdict == "edited"


def copied(outcome: Outcome) -> bool:
    """Whether it was called `edited` or more."""
    return strong(outcome) or edited(outcome)


def bounds() -> list[Bound]:
    """Return what is asked for."""
    groups: dict[str, Callable[[Outcome], bool]] = {"documents": _differing(KINDS)}
    groups |= {name: _differing(kinds) for name, kinds in SHOTS.items()}
    page, photo = KINDS.__contains__, PHOTOGRAPH.__eq__
    return [
        Bound("documents that legibly differ, at same or pixels", groups["documents"], strong, 0, True),
        Bound("documents that legibly differ, at edited", groups["documents"], edited, 0.002, True),
        Bound(
            "copies of documents, JPEG >= 50, scale >= 0.5, at same",
            _copies(page, Truth.SAME),
            strong,
            0.985,
            False,
        ),
        Bound(
            "copies of documents, JPEG >= 25, scale >= 0.25, rescans, at edited or more",
            _copies(page, Truth.EDITED),
            copied,
            0.97,
            False,
        ),
        Bound("pages reduced to a quarter, where type is lost, at same", _lost_type, strong, 0, True),
        Bound("bursts and static cameras, at same", groups["bursts"], strong, 0, True),
        Bound("bursts and static cameras, at edited", groups["bursts"], edited, 0.005, True),
        Bound("brackets with EXIF, above similar", groups["brackets with EXIF"], copied, 0, True),
        Bound("brackets without EXIF, above similar", groups["brackets"], copied, 0.05, True),
        Bound("goods in other colors or patterns, at edited or more", groups["goods"], copied, 0.005, True),
        Bound("focus stacks, hand-held shots, blinks, at same", groups["other shots"], strong, 0, True),
        Bound("focus stacks, hand-held shots, blinks, at edited", groups["other shots"], edited, 0.005, True),
        Bound(
            "copies of photographs, JPEG >= 50, scale >= 0.5, profiles, at same",
            _copies(photo, Truth.SAME),
            strong,
            0.98,
            False,
        ),
        Bound(
            "copies of photographs, JPEG 25, a quarter of the size, at edited or more",
            _copies(photo, Truth.EDITED),
            copied,
            0.97,
            False,
        ),
        Bound("what their owners made of photographs, at same", _copies(photo, Truth.EDIT), strong, 0, True),
        Bound(
            "A and B called otherwise than B and A",
            lambda _: True,
            lambda one: one.verdict != one.turned,
            0,
            True,
        ),
    ]


def kind_lines(kind: str, outcomes: Sequence[Outcome]) -> list[str]:
    """Return a line of the table, and the worst examples below it."""
    differ = [one for one in outcomes if one.truth == Truth.OTHER]
    legible = [one for one in differ if one.legible]
    same = [one for one in outcomes if one.truth == Truth.SAME]
    weak = [one for one in outcomes if one.truth == Truth.EDITED]
    turned = sum(one.verdict != one.turned for one in outcomes)
    milliseconds = 1000 * sum(one.seconds for one in outcomes) / max(1, len(outcomes))
    counts = (
        len(legible),
        sum(map(strong, legible)),
        sum(map(edited, legible)),
        sum(not copied(one) for one in legible),
        len(differ) - len(legible),
    )
    line = f"{kind:{WIDTH}}" + "".join(f"{count:10}" for count in counts)
    line += f"{_share(same, strong):>12}{_share(weak, copied):>12}{turned:9}{milliseconds:9.0f}"
    examples = sorted((one for one in outcomes if one.wrong), key=_badness)[:WORST]
    return [line] + [
        f"    {one.seed}: {one.what} ({one.dress or 'as made'}), said: {one.verdict}, {one.reason}"
        for one in examples
    ]


def heading() -> str:
    """Return the names of the columns."""
    names = ("legible", "same", "edited", "similar", "illegible")
    line = f"{'kind':{WIDTH}}" + "".join(f"{name:>10}" for name in names)
    return line + f"{'copies same':>12}{'edited':>12}{'turned':>9}{'ms':>9}"


def by_copy(outcomes: Iterable[Outcome]) -> list[str]:
    """Return a line for each way to copy: what is asked, and how many are found."""
    ways: dict[tuple[str, str, str], list[Outcome]] = {}
    for one in outcomes:
        if one.truth != Truth.OTHER:
            ways.setdefault(
                ("photographs" if one.kind == PHOTOGRAPH else "documents", one.what, one.truth), []
            ).append(one)
    return [
        f"{of:12} {how:20} asked {truth:8} {sum(not one.wrong for one in found):5} of {len(found):5}  "
        + ", ".join(f"{verdict} {count}" for verdict, count in _counted(found))
        for (of, how, truth), found in sorted(ways.items())
    ]


def by_change(outcomes: Iterable[Outcome]) -> list[str]:
    """Return a line for each sort of difference between documents."""
    sorts: dict[str, list[Outcome]] = {}
    for one in outcomes:
        if one.truth == Truth.OTHER and one.legible and one.kind in KINDS:
            sorts.setdefault(one.what, []).append(one)
    return [
        f"{what:20} {len(found):5}  " + ", ".join(f"{verdict} {count}" for verdict, count in _counted(found))
        for what, found in sorted(sorts.items())
    ]


def _counted(outcomes: Sequence[Outcome]) -> list[tuple[str, int]]:
    verdicts = ("identical", "pixels", "same", "edited", "similar", "none")
    counts = [(verdict, sum(one.verdict == verdict for one in outcomes)) for verdict in verdicts]
    return [(verdict, count) for verdict, count in counts if count]


def _lost_type(one: Outcome) -> bool:
    """Whether a copy is so small that it may be one of any page like this: type of 2 to 3 pixels."""
    return one.kind in KINDS and one.kind not in LARGE and one.what.startswith("quarter")


def _differing(kinds: Iterable[str]) -> Callable[[Outcome], bool]:
    names = frozenset(kinds)
    return lambda one: one.kind in names and one.truth == Truth.OTHER and one.legible


def _copies(of: Callable[[str], bool], truth: Truth) -> Callable[[Outcome], bool]:
    return lambda one: of(one.kind) and one.truth == truth


def _share(outcomes: Sequence[Outcome], hit: Callable[[Outcome], bool]) -> str:
    return f"{sum(map(hit, outcomes))} of {len(outcomes)}" if outcomes else "-"


def _badness(outcome: Outcome) -> tuple[int, str]:
    if outcome.truth in (Truth.OTHER, Truth.EDIT):
        return ("identical", "pixels", "same", "edited", "similar", "none").index(
            outcome.verdict
        ), outcome.seed
    return 4, outcome.seed
