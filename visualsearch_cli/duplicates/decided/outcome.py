"""From what was decided to a report that `apply` takes."""

from __future__ import annotations

import datetime
import os
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from visualsearch_cli.duplicates.decided.review_log import Choice, GroupDecision, files_of
from visualsearch_cli.reports.report import Group, Member, Report, is_removable

STAYS = "stays, as decided in the review"
UNDECIDED = "not decided in the review"


def holding(decisions: Mapping[str, GroupDecision], group: Group) -> GroupDecision | None:
    """Return what was decided about a group, if it still has the files that were looked at."""
    decision = decisions.get(group.id)
    return decision if decision is not None and decision.files == files_of(group) else None


def decided_report(
    report: Report,
    decisions: Mapping[str, GroupDecision],
    keeping: Callable[[Group, Path], Group],
    command: str,
    done: Collection[str] = (),
) -> Report:
    """Return the report of what was decided.

    keeping: gives a group of the report with another file to keep. done: ids of groups that were acted upon.

    A group of which nothing is to go is in it as well, all protected: then what another group offers of it
    stays, as it would by the whole report. What is no longer there is left out.
    """
    now = datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds")
    groups = tuple(_groups(report, decisions, keeping, done))
    return replace(report, created=now, command=command, groups=groups)


def _groups(
    report: Report,
    decisions: Mapping[str, GroupDecision],
    keeping: Callable[[Group, Path], Group],
    done: Collection[str],
) -> Iterator[Group]:
    for group in report.groups:
        if group.id in done:
            continue
        decision = holding(decisions, group)
        if decision is None or decision.choice is None:
            yield with_all_protected(group, UNDECIDED)
        elif decision.choice is Choice.ALL:
            yield with_all_protected(group, STAYS)
        elif decision.choice is Choice.REMOVE:
            chosen = keeping(group, decision.keep)
            others = [
                _stays(member, STAYS) if member.path in decision.spared else member
                for member in chosen.others
                if member.path in decision.spared or os.path.lexists(member.path)
            ]
            if others:
                yield replace(chosen, members=(chosen.kept, *others))


def with_all_protected(group: Group, why: str) -> Group:
    """Return a group of which nothing is offered."""
    members = [_stays(member, why) for member in group.others]
    return replace(group, members=(replace(group.kept, protected=True), *members))


def _stays(member: Member, why: str) -> Member:
    """Return a member that is not offered. The reason is said of what would have been."""
    if not is_removable(member):
        return replace(member, protected=True)
    return replace(member, protected=True, reason=f"{member.reason}, {why}" if member.reason else why, why="")
