"""What of a report may be acted upon, by the report alone."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.helpers.reports import member, report
from visualsearch_cli.acting.action import Action
from visualsearch_cli.acting.selection import Selection, select
from visualsearch_cli.reports.report import Group
from visualsearch_cli.verdicts.verdict import Verdict

KEPT = member("/p/kept.jpg")


def selected(selection: Selection) -> list[str]:
    return [task.member.path.name for task in selection.tasks]


def reasons(selection: Selection) -> dict[str, str]:
    return {result.path.name: result.message for result in selection.left}


@pytest.mark.parametrize("level", [level for level in Verdict if level is not Verdict.SIMILAR])
def test_a_level_and_what_is_stronger(level: Verdict) -> None:
    members = [member(f"/p/{verdict.value}", verdict) for verdict in Verdict]
    selection = select(report(Group("g", (KEPT, *members))), Action.TRASH, level)
    assert selected(selection) == [verdict.value for verdict in Verdict if verdict.reaches(level)]
    assert "never" in reasons(selection)["similar"]


def test_similar_is_not_even_taken_when_it_is_asked_for() -> None:
    group = Group("g", (KEPT, member("/p/a", Verdict.SIMILAR)))
    assert selected(select(report(group), Action.TRASH, Verdict.SIMILAR)) == []


@pytest.mark.parametrize("action", [Action.HARDLINK, Action.SYMLINK, Action.REFLINK])
def test_links_replace_the_same_bytes_only(action: Action) -> None:
    members = [member(f"/p/{verdict.value}", verdict) for verdict in Verdict]
    assert selected(select(report(Group("g", (KEPT, *members))), action, Verdict.EDITED)) == ["identical"]


def test_protected_anywhere_is_protected() -> None:
    copy = member("/p/a", Verdict.SAME)
    safe = replace(copy, protected=True)
    other = member("/p/other", Verdict.SAME, links=(Path("/p/a"),))
    groups = (Group("1", (KEPT, copy, other)), Group("2", (KEPT, safe)))
    selection = select(report(*groups), Action.DELETE, Verdict.EDITED)
    assert selected(selection) == []
    assert all("protected" in message for message in reasons(selection).values())
    assert Path("/p/a") in selection.guarded


def test_kept_anywhere_is_kept_however_it_is_spelled() -> None:
    elsewhere = member("/p/x/../second.jpg", Verdict.SAME)
    groups = (Group("1", (KEPT, elsewhere)), Group("2", (member("/p/second.jpg"),)))
    selection = select(report(*groups), Action.DELETE, Verdict.EDITED)
    assert selected(selection) == [] and "kept" in reasons(selection)["second.jpg"]


def test_the_raw_of_a_kept_file_is_kept() -> None:
    kept = member("/p/kept.jpg", companions=(Path("/p/kept.cr2"),))
    groups = (
        Group("1", (kept,)),
        Group("2", (member("/p/other.cr2"), member("/p/kept.cr2", Verdict.IDENTICAL))),
    )
    assert selected(select(report(*groups), Action.TRASH, Verdict.SAME)) == []


def test_a_file_is_taken_once() -> None:
    copy = member("/p/a", Verdict.SAME, size=10)
    groups = (Group("1", (KEPT, copy)), Group("2", (member("/p/k2"), copy)))
    selection = select(report(*groups), Action.TRASH, Verdict.SAME)
    assert selected(selection) == ["a"] and selection.size == 10
    assert "twice" in reasons(selection)["a"]


def test_identical_with_other_bytes_is_a_lie() -> None:
    group = Group("g", (KEPT, member("/p/a", Verdict.IDENTICAL, content_hash="cd" * 32)))
    selection = select(report(group), Action.HARDLINK, Verdict.IDENTICAL)
    assert selected(selection) == [] and "another content hash" in reasons(selection)["a"]
