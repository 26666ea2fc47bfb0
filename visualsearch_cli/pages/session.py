"""A review: the groups of a report, and what was decided about each. Several threads may ask at a time."""

from __future__ import annotations

import os
from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from threading import RLock
from typing import TYPE_CHECKING, Protocol

from visualsearch_cli.duplicates.decided.another_kept import with_another_kept
from visualsearch_cli.duplicates.decided.outcome import decided_report, holding, with_all_protected
from visualsearch_cli.duplicates.decided.review_log import Choice, GroupDecision, decision_about
from visualsearch_cli.errors import IndexStoreError, VisualSearchError
from visualsearch_cli.index.roots import is_below
from visualsearch_cli.named_tuples import NamedTuple
from visualsearch_cli.reports.report import Group, Member, Report, is_removable
from visualsearch_cli.verdicts.verdict import Verdict

if TYPE_CHECKING:
    from visualsearch_cli.duplicates.decided.review_log import Act, ReviewLog
    from visualsearch_cli.duplicates.keeping import Facts
    from visualsearch_cli.index.records import Pictures
    from visualsearch_cli.pages.comparing import Comparing
    from visualsearch_cli.progress import Advance

REMEMBERED = 1024  # groups with another file to keep


@dataclass(frozen=True, slots=True)
class Standing:
    """How it stands with a group."""

    decision: GroupDecision | None  # None: nothing was decided
    journal: str = ""  # of what was done; empty: nothing was

    @property
    def word(self) -> str:
        """Return the state in a word: undecided, keep, remove, all, different or applied."""
        if self.journal:
            return "applied"
        if self.decision is None:
            return "undecided"
        return "keep" if self.decision.choice is None else self.decision.choice.value

    @property
    def is_open(self) -> bool:
        """Whether there is something to decide yet."""
        return self.word in ("undecided", "keep")


UNDECIDED = Standing(None)


class Told(NamedTuple):
    """What a report tells of a group as a whole."""

    verdict: Verdict  # the weakest of its members
    reclaimable: int  # bytes


@dataclass(frozen=True, slots=True)
class Sums:
    """A review in numbers."""

    groups: int
    decided: int  # or done
    going: int  # files that would go
    size: int  # bytes of them
    unmeasured: int  # groups of which that is not known yet
    pending: int  # decisions that the index is still to be told


@dataclass(frozen=True, slots=True)
class RuleEffect:
    """What a rule about a folder decides."""

    decisions: tuple[GroupDecision, ...]
    others_kept: int  # groups in which another file than the proposed one is kept


class Stale(VisualSearchError):
    """What was decided is about other files than those that a group has."""


class Memory(Protocol):
    """What an index remembers of pictures that are no duplicates. Raises IndexStoreError where it cannot."""

    def ignore(self, pictures: Pictures, created: str) -> int:
        """Remember pictures, and return the number of that."""

    def forget(self, ids: Sequence[int] | None) -> int:
        """Forget some numbers, and return how many were known."""


class Review:
    """What the page shows. Groups are known by their numbers, from 1; files by their places in the report."""

    def __init__(
        self,
        report: Report,
        log: ReviewLog,
        memory: Memory,
        comparing: Comparing,
        facts: Callable[[], Facts],
    ) -> None:
        """`facts` gives what tells of files what they hold: only who keeps another file needs it."""
        self.report = report
        self._log = log
        self._memory = memory
        self._comparing = comparing
        self._facts = facts
        self._lock = RLock()
        self._numbers = {group.id: number for number, group in enumerate(report.groups, 1)}
        self._kept: OrderedDict[tuple[int, Path], Group] = OrderedDict()
        self._standings: dict[int, Standing] = {}
        self._standing_as_of = -1
        self._told: dict[int, Told] = {}

    def __len__(self) -> int:
        return len(self.report.groups)

    def group(self, number: int) -> Group:
        """Return a group as the report has it. Raises IndexError."""
        if not 1 <= number <= len(self):
            raise IndexError(number)
        return self.report.groups[number - 1]

    def told(self, number: int) -> Told:
        """Return what the report tells of a group, which takes a look at all its files, once."""
        found = self._told.get(number)
        if found is None:
            group = self.group(number)
            found = self._told[number] = Told(group.verdict, group.bytes_reclaimable)
        return found

    def standing(self, number: int) -> Standing:
        """Return how it stands with a group."""
        return self._all_standings().get(number, UNDECIDED)

    def _all_standings(self) -> dict[int, Standing]:
        """Return how it stands with each group about which something was decided, here or elsewhere."""
        with self._lock:
            as_of = self._log.length()
            if as_of != self._standing_as_of:
                decisions, applied = self._log.decisions(), self._log.applied()
                found: dict[int, Standing] = {}
                for id in decisions.keys() | applied.keys():
                    if number := self._numbers.get(id):
                        decision = holding(decisions, self.group(number))
                        if decision is not None or id in applied:
                            found[number] = Standing(decision, applied.get(id, ""))
                self._standings, self._standing_as_of = found, as_of
            return self._standings

    def shown(self, number: int) -> Group:
        """Return a group with the file to keep that was chosen. Raises VisualSearchError."""
        decision = self.standing(number).decision
        group = self.group(number)
        return group if decision is None else self.keeping(group, decision.keep)

    def keeping(self, group: Group, path: Path) -> Group:
        """Return a group of the report with another file to keep. Raises VisualSearchError."""
        if path == group.kept.path:
            return group
        key = self._numbers[group.id], path
        with self._lock:
            if found := self._kept.get(key):
                self._kept.move_to_end(key)
                return found
        made = with_another_kept(group, path, self._comparing.compared, self._facts())
        with self._lock:
            self._kept[key] = made
            if len(self._kept) > REMEMBERED:
                self._kept.popitem(last=False)
        return made

    def decide(
        self, number: int, keep: Path, choice: Choice | None = None, spared: Sequence[Path] = ()
    ) -> None:
        """Remember what was decided about a group; it is on the disk when this returns.

        Raises VisualSearchError.
        """
        group = self.group(number)
        if self.standing(number).journal:
            raise VisualSearchError(f"group {number} was acted upon: undo that first")
        if keep not in [member.path for member in group.members]:
            raise Stale(f"{keep} is not in group {number}")
        if choice in (None, Choice.REMOVE):
            self.keeping(group, keep)  # what cannot be kept is not decided
        self._add([decision_about(group, keep, choice, spared)])

    def rule(self, folder: str) -> RuleEffect:
        """Return what it decides to always keep what lies below a folder, of groups that are not decided."""
        found, others = [], 0
        for number, group in enumerate(self.report.groups, 1):
            standing = self.standing(number)
            if standing.word != "undecided":
                continue
            inside = [m for m in group.members if not m.offline and is_below(str(m.path), folder)]
            if not inside:
                continue
            keep = inside[0]  # the proposed one, if it is there, comes first
            outside = [member for member in group.members if member not in inside]
            if keep.keep and not any(map(is_removable, outside)):
                continue
            if not keep.keep and not any(_may_go(member) for member in outside):
                continue
            others += not keep.keep
            spared = [member.path for member in inside if member is not keep]
            found.append(decision_about(group, keep.path, Choice.REMOVE, spared))
        return RuleEffect(tuple(found), others)

    def decide_by_rule(self, folder: str) -> int:
        """Remember what a rule decides, as one act; return of how many groups."""
        with self._lock:
            effect = self.rule(folder)
            if effect.decisions:
                self._add(effect.decisions, folder)
        return len(effect.decisions)

    def undo(self) -> Act | None:
        """Take back the last act of all that review this, and return it; None if there is none."""
        with self._lock:
            act = self._log.undo_last()
            self.settle()
        return act

    def number_of(self, act: Act) -> int | None:
        """Return the number of a group that an act is about, if it is in this report."""
        return next((n for d in act.decisions if (n := self._numbers.get(d.group))), None)

    def _add(self, decisions: Sequence[GroupDecision], rule: str = "") -> None:
        with self._lock:
            self._log.add(decisions, rule)
            self.settle()

    def settle(self) -> None:
        """Tell the index what are no duplicates, as `ignore` does; what cannot be written now, later."""
        if not self._log.unsettled():
            return
        with self._lock, suppress(IndexStoreError), self._log.settling() as settling:
            for act, decision in settling.to_ignore():
                settling.note_ignored(act, self._memory.ignore(decision.pictures, act.created))
            for act, number in settling.to_forget():
                self._memory.forget([number])
                settling.note_forgotten(act)

    def sums(self) -> Sums:
        """Return the review in numbers, as far as they are known without comparing."""
        with self._lock:
            standings = dict(self._all_standings())
            going = size = unmeasured = 0
            for number, standing in standings.items():
                decision = standing.decision
                if standing.journal or decision is None or decision.choice is not Choice.REMOVE:
                    continue
                group: Group | None = self.group(number)
                if decision.keep != self.group(number).kept.path:
                    group = self._kept.get((number, decision.keep))
                if group is None:
                    unmeasured += 1
                    continue
                those = goes(group, decision.spared)
                going += len(those)
                size += sum(member.size for member in those)
            decided = sum(not standing.is_open for standing in standings.values())
            pending = self._log.unsettled()
        return Sums(len(self), decided, going, size, unmeasured, pending)

    def outcome(self, command: str, advance: Advance = lambda _: None) -> Report:
        """Return the report of what was decided; compares what was not compared yet.

        A group of which the chosen file cannot be kept any more stays as it is.
        """
        with self._lock:
            decisions, done = self._log.decisions(), set(self._log.applied())

        def keeping(group: Group, path: Path) -> Group:
            advance(1)
            try:
                return self.keeping(group, path)
            except VisualSearchError as error:
                return with_all_protected(group, str(error))

        return decided_report(self.report, decisions, keeping, command, done)

    def note_applied(self, journal: str, groups: Iterable[str]) -> None:
        """Remember which groups a journal is about."""
        with self._lock:
            self._log.note_applied(journal, groups)

    def note_returned(self, journal: str) -> None:
        """Remember that a journal was taken back."""
        with self._lock:
            self._log.note_returned(journal)

    def journals(self) -> list[str]:
        """Return the journals of what was done in this review and not taken back, the last one first."""
        with self._lock:
            return sorted(set(self._log.applied().values()), reverse=True)


def goes(group: Group, spared: Sequence[Path]) -> list[Member]:
    """Return the files of a group that go, if what is offered does and some are spared."""
    return [member for member in group.others if is_removable(member) and member.path not in spared]


def _may_go(member: Member) -> bool:
    """Tell whether a file may be offered when another one is kept: then the proposed one may, too."""
    return not member.protected if member.keep else is_removable(member)


def review_path(folder: Path, index: Path) -> Path:
    """Return the file of the log of an index in a folder."""
    import hashlib

    real = os.path.realpath(index)
    name = hashlib.sha256(real.encode("utf-8", "surrogateescape")).hexdigest()[:32]
    return folder / "reviews" / f"{name}.jsonl"
