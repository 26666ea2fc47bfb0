"""Which files of a report may be acted upon: decided from the report alone, before any file is looked at."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from visualsearch_cli.acting.action import Action, Outcome, Result
from visualsearch_cli.reports.report import Companion, Group, Member, Report, going_along
from visualsearch_cli.verdicts.verdict import Verdict


@dataclass(frozen=True, slots=True)
class Task:
    """A copy to act upon, and the file that is kept instead."""

    member: Member
    kept: Member

    def result(self, outcome: Outcome, message: str = "") -> Result:
        """Return how it ended."""
        member = self.member
        return Result(member.path, self.kept.path, member.verdict, member.size, outcome, message)


@dataclass(frozen=True, slots=True)
class Selection:
    """What to act upon, what is left alone by rule, and the files that nothing may happen to."""

    tasks: tuple[Task, ...]
    along: tuple[Companion, ...]  # what goes with them, as far as the report tells
    left: tuple[Result, ...]
    guarded: tuple[Path, ...]  # kept or protected, all names of them, and what belongs to them
    holding: Mapping[str, tuple[Path, ...]] = field(default_factory=dict)
    """The files that are kept or protected, one name of each, by content hash (hexadecimal)."""

    @property
    def size(self) -> int:
        """Bytes of the files to act upon."""
        return sum(task.member.size for task in self.tasks) + sum(one.size for one in self.along)


def select(report: Report, action: Action, level: Verdict) -> Selection:
    """Return what of a report may be acted upon.

    A file that any group keeps or protects is never acted upon, whatever another group says. So each
    group keeps at least its first file, and that file is what the others were compared with.
    """
    kept = {_key(path) for group in report.groups for path in _all(group.kept)}
    protected = [member for group in report.groups for member in group.members if member.protected]
    shielded = {_key(path) for member in protected for path in _all(member)}
    tasks: list[Task] = []
    left: list[Result] = []
    chosen: set[str] = set()
    for task in (Task(member, group.kept) for group in report.groups for member in group.others):
        names = {_key(path) for path in task.member.names}
        if names & shielded:
            reason = (
                "protected: a reference folder is never touched, nor what holds or has beside it what the "
                "kept file lacks, nor what another program would miss"
            )
            if task.member.reason:
                reason = f"{reason} (the report says: {task.member.reason})"
        elif names & kept:
            reason = "kept: a group of the report keeps it"
        elif names & chosen:
            reason = "in the report twice: see its first mention"
        else:
            reason = _too_weak(task, action, level)
        if reason:
            left.append(task.result(Outcome.LEFT, reason))
        else:
            chosen |= names
            tasks.append(task)
    staying = (*_kept(report.groups), *protected)
    guarded = [path for member in staying for path in _all(member)]
    holding: dict[str, tuple[Path, ...]] = {}
    for member in staying:
        if member.offline and not member.keep:
            continue  # it cannot be looked at, and no copy is measured against it
        if member.path not in (known := holding.get(member.content_hash, ())):
            holding[member.content_hash] = (*known, member.path)
    along = () if action.links else going_along((t.member for t in tasks), (t.kept for t in tasks))
    return Selection(tuple(tasks), tuple(along), tuple(left), tuple(dict.fromkeys(guarded)), holding)


def _too_weak(task: Task, action: Action, level: Verdict) -> str:
    verdict = task.member.verdict
    if verdict is None or verdict is Verdict.SIMILAR:
        return "similar pictures are not copies: they are never acted on"
    if verdict is Verdict.IDENTICAL and task.member.content_hash != task.kept.content_hash:
        return "the report calls it identical, but gives it another content hash: make the report again"
    if action.links and verdict is not Verdict.IDENTICAL:
        return f"{verdict.value}, not identical: a link would replace its bytes, use --trash or --move-to"
    if not verdict.reaches(level):
        return f"{verdict.value} is weaker than --level {level.value}"
    return ""


def _kept(groups: Sequence[Group]) -> list[Member]:
    return [group.kept for group in groups]


def _all(member: Member) -> tuple[Path, ...]:
    """Return what stays with a member: the names of its file, and what lies beside it."""
    return (*member.names, *(companion.path for companion in member.companions))


def _key(path: Path) -> str:
    return os.path.normpath(path)
