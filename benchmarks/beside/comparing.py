"""Which figures of two versions differ by more than chance, and which of those became worse."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from statistics import median
from typing import Literal

from benchmarks.beside.printed import Key, Kind, Number, Statement, Text, statements
from benchmarks.beside.ratios import Measured, Ratio, ranks, ratio_of
from benchmarks.cost.processes import Cost

DIGITS = 3  # of a ratio, behind the point
WHOLE_RUN = "the whole run, from outside"
HIGH = re.compile(r"\b(recall|precision|accuracy|average|[uµ]ap|queries/s)\b|(per|a) second\b", re.I)
LOW = re.compile(r"\b(cpu|clock|wall|seconds?|ms|memory|peak|bytes|MB|beside|ratio|multiples)\b", re.I)
OWN, OTHER = "\0", "…"  # a number in its label, and its neighbors that vary too

Wanted = Literal["low", "high", ""]


class Verdict(Enum):
    """What the interval of a ratio says."""

    WORSE = "worse"
    BETTER = "better"
    DIFFERENT = "different"  # neither better nor worse, as far as its name says
    EQUAL = ""  # the interval holds 1


@dataclass(frozen=True, slots=True)
class Run:
    """One run of a benchmark: what it printed and wrote, and what it cost."""

    statements: dict[Key, Statement]
    cost: Cost

    @classmethod
    def of(cls, text: str, cost: Cost) -> Run:
        """Read what a run printed."""
        return cls(statements(text), cost)


@dataclass(frozen=True, slots=True)
class Figure:
    """A number of both versions. Values are medians: seconds, bytes, or of no unit."""

    heading: str
    label: str
    kind: Kind
    base: float
    this: float
    ratio: Ratio
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Comparison:
    """What two versions of a benchmark have in common, and what they have not."""

    figures: list[Figure]  # that were not the same in every run
    same: int  # numbers that were
    only_base: list[str]
    only_this: list[str]
    rounds: int

    @property
    def confidence(self) -> float:
        """Of each interval."""
        return ranks(self.rounds)[1]

    def of(self, verdict: Verdict) -> list[Figure]:
        """Return the figures with a verdict."""
        return [figure for figure in self.figures if figure.verdict is verdict]


def compare(base: Sequence[Run], this: Sequence[Run]) -> Comparison:
    """Compare the runs of both versions: the first of the one with the first of the other, and so on."""
    figures = list(_costs([run.cost for run in base], [run.cost for run in this]))
    runs = (*base, *this)
    common = [key for key in base[0].statements if all(key in run.statements for run in runs)]
    same = 0
    for key in common:
        said = [run.statements[key] for run in runs]
        varying = [place for place in range(len(said[0].numbers)) if _varies(said, place)]
        same += len(said[0].numbers) - len(varying)
        for place in varying:
            if len({statement.numbers[place].kind for statement in said}) == 1:  # 3 % and 3 s have no ratio
                figures.append(_figure(said, place, varying))
    return Comparison(figures, same, _others(base, common), _others(this, common), len(base))


def _costs(base: Sequence[Cost], this: Sequence[Cost]) -> Iterator[Figure]:
    both = (*base, *this)
    rows: tuple[tuple[str, Kind, list[float]], ...] = (
        ("by the clock", "time", [cost.wall for cost in both]),
        ("CPU, user and system", "time", [cost.cpu for cost in both]),
        ("peak memory of its largest process", "memory", [cost.peak_bytes for cost in both]),
    )
    for label, kind, values in rows:
        yield _compared(WHOLE_RUN, label, kind, [Measured(value) for value in values], "low")


def _figure(said: Sequence[Statement], place: int, varying: Sequence[int]) -> Figure:
    """Compare one number of a statement: first all that the base said, then all that this tree said."""
    first, number = said[0], said[0].numbers[place]
    subject = _filled([s.subject for s in said], place, varying)
    shift = len(first.subject.numbers)
    says = _filled([s.says for s in said], place - shift, [other - shift for other in varying])
    heading = _filled([s.heading for s in said])
    clause = next((part for part in re.split(r"[,;] ", says) if OWN in part), "")
    if clause and not re.search(r"\w", clause) and clause != says:  # its unit is all that tells it apart
        clause = says if number.kind != "memory" else number.kind
    label = ": ".join(filter(None, (subject, clause))).removesuffix(f": {OWN}")
    label = re.sub(rf" ?\((?:{OTHER}|\d+\.\d+)\)", "", label).replace(OWN, "#").strip()
    places = [f"{subject} {clause}", f"{subject} {says}", heading]
    wanted = _wanted(number, places, first.in_table)
    measured = [s.numbers[place].measured for s in said]
    if number.whole and not wanted:  # a count is not rounded
        measured = [Measured(value.value) for value in measured]
    return _compared(heading, label, number.kind, measured, wanted)


def _compared(heading: str, label: str, kind: Kind, both: Sequence[Measured], wanted: Wanted) -> Figure:
    rounds = len(both) // 2
    base, this = both[:rounds], both[rounds:]
    ratio = ratio_of(this, base)
    verdict = Verdict.EQUAL
    low, high = round(ratio.low, DIGITS), round(ratio.high, DIGITS)  # as shown: memory is counted to a byte
    if low > 1 or high < 1:
        verdict = Verdict.DIFFERENT
        if wanted:
            verdict = Verdict.WORSE if (low > 1) == (wanted == "low") else Verdict.BETTER
    before, now = (median(measured.value for measured in side) for side in (base, this))
    return Figure(heading, label, kind, before, now, ratio, verdict)


def _wanted(number: Number, places: Sequence[str], in_table: bool) -> Wanted:
    """Say which way is better. What stands nearest to the number decides."""
    if number.kind:
        return "low"
    if number.whole and not in_table:
        return ""
    for words in places:
        if HIGH.search(words):
            return "high"
        if LOW.search(words):
            return "low"
    return ""


def _varies(said: Sequence[Statement], place: int) -> bool:
    return len({(s.numbers[place].kind, s.numbers[place].measured) for s in said}) > 1


def _filled(texts: Sequence[Text], own: int = -1, varying: Sequence[int] | None = None) -> str:
    """Return the words of a text with those of its numbers that are the same in every run."""
    filled = texts[0].words[0]
    for place, (number, words) in enumerate(zip(texts[0].numbers, texts[0].words[1:], strict=True)):
        if place == own:
            shown = OWN
        elif varying is None:
            shown = number.text if len({text.numbers[place].measured for text in texts}) == 1 else OTHER
        else:
            shown = OTHER if place in varying else number.text
        filled += shown + words
    return filled


def _others(runs: Sequence[Run], common: Sequence[Key]) -> list[str]:
    """Return what runs stated that not all runs of both versions did, without its numbers."""
    found: dict[str, None] = {}
    for run in runs:
        for key, statement in run.statements.items():
            if key not in set(common):
                found[": ".join(filter(None, map(OTHER.join, statement.words)))] = None
    return list(found)
