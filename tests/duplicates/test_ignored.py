"""A decision hides a group until the group is about something else."""

from __future__ import annotations

from pathlib import Path

from visualsearch_cli.duplicates.ignored import without_ignored
from visualsearch_cli.index.records import Decision
from visualsearch_cli.reports.report import Group, Member
from visualsearch_cli.verdicts.verdict import Verdict


def group(*contents: str) -> Group:
    members = [
        Member(Path(f"/{n}"), n == 0, False, None if n == 0 else Verdict.SAME, 0.0, 1, 1, 1, 1, content)
        for n, content in enumerate(contents)
    ]
    return Group("id", tuple(members))


def decision(**pictures: int) -> Decision:
    return Decision(1, "2026-01-01T00:00:00+00:00", pictures)


def test_a_group_is_hidden_if_all_of_it_was_decided() -> None:
    assert without_ignored([group("a", "b")], [decision(a=1, b=1)]) == []
    assert without_ignored([group("b", "a")], [decision(c=1, b=1, a=2)]) == []


def test_a_new_picture_or_copy_shows_it_again() -> None:
    for shown in (group("a", "b", "c"), group("a", "a", "b"), group("c", "d")):
        assert without_ignored([shown], [decision(a=1, b=1)]) == [shown]


def test_two_decisions_are_not_one() -> None:
    """A is no copy of B, and B none of C: whether A is one of C was not said."""
    shown = group("a", "b", "c")
    assert without_ignored([shown], [decision(a=1, b=1), decision(b=1, c=1)]) == [shown]
