"""The report of what was decided offers what was decided to go, and protects all else."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.helpers.reports_of_files import group, member, report
from visualsearch_cli.acting.action import Action
from visualsearch_cli.acting.selection import select
from visualsearch_cli.duplicates.decided.outcome import decided_report
from visualsearch_cli.duplicates.decided.review_log import Choice, GroupDecision, decision_about
from visualsearch_cli.reports.report import Group, Report, is_removable
from visualsearch_cli.verdicts.verdict import Verdict


@pytest.fixture
def whole(tmp_path: Path) -> Report:
    """Five groups of three files, the third of which is an edit."""
    groups = []
    for number in range(5):
        names = [tmp_path / f"{number}{letter}.jpg" for letter in "abc"]
        for name in names:
            name.write_text(name.name)
        others = member(names[1], Verdict.SAME), member(names[2], Verdict.EDITED)
        groups.append(group(names[0], *others, id=f"g{number}"))
    return report(*groups)


def decided(whole: Report, done: tuple[str, ...] = (), **choices: GroupDecision) -> Report:
    return decided_report(whole, choices, lambda group, _: group, "visualsearch review", done)


def about(whole: Report, number: int, choice: Choice | None, *spared: Path) -> GroupDecision:
    its = whole.groups[number]
    return decision_about(its, its.kept.path, choice, spared)


def offered(found: Report) -> list[str]:
    return [m.path.stem for group in found.groups for m in group.others if is_removable(m)]


def test_what_was_decided_to_go_is_offered_and_nothing_else(whole: Report) -> None:
    spared = whole.groups[1].others[0].path
    found = decided(
        whole,
        g0=about(whole, 0, Choice.REMOVE),
        g1=about(whole, 1, Choice.REMOVE, spared),
        g2=about(whole, 2, Choice.ALL),
        g3=about(whole, 3, Choice.DIFFERENT),
    )
    assert offered(found) == ["0b", "0c", "1c"]
    assert [group.id for group in found.groups] == ["g0", "g1", "g2", "g4"]  # no duplicates: `dupes` hides it
    selection = select(found, Action.TRASH, Verdict.EDITED)
    assert [task.member.path.stem for task in selection.tasks] == ["0b", "0c", "1c"]


def test_what_another_group_offers_of_an_undecided_one_stays(whole: Report) -> None:
    kept = whole.groups[1].kept
    also = member(kept.path, Verdict.SAME)
    first = Group("g0", (whole.groups[0].kept, also))
    found = decided(report(first, whole.groups[1]), g0=decision_about(first, first.kept.path, Choice.REMOVE))
    assert not select(found, Action.TRASH, Verdict.EDITED).tasks


def test_a_decision_about_other_files_decides_nothing(whole: Report) -> None:
    its = whole.groups[0]
    fewer = Group(its.id, its.members[:2])
    found = decided(whole, g0=decision_about(fewer, its.kept.path, Choice.REMOVE))
    assert not offered(found)


def test_what_was_done_or_is_gone_is_left_out(whole: Report) -> None:
    whole.groups[1].others[0].path.unlink()
    for member_ in whole.groups[2].others:
        member_.path.unlink()
    remove = {f"g{n}": about(whole, n, Choice.REMOVE) for n in range(3)}
    found = decided(whole, ("g0",), **remove)
    assert offered(found) == ["1c"]
    assert [group.id for group in found.groups] == ["g1", "g3", "g4"]
