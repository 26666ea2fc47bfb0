"""Two paths that are one file: nothing is done, whatever a report says; two files are told apart."""

from __future__ import annotations

import itertools
from dataclasses import replace
from pathlib import Path

import pytest

from tests.acting.test_applying import World, outcomes
from tests.helpers.acting import ACTIONS, SEEN, Crash, MemoryTrash, Tripwire, TwoPaths
from tests.helpers.reports_of_files import report
from visualsearch_cli.acting.action import Action, Event, Outcome
from visualsearch_cli.reports.report import Group, Member, Report
from visualsearch_cli.verdicts.verdict import Verdict

SURE = "one file under two paths"


def world_of(files: TwoPaths) -> World:
    world = World()
    world.files, world.trash = files, MemoryTrash(files)
    return world


def again(member: Member, verdict: Verdict | None) -> Member:
    """Return a file as it is seen through the other mount."""
    return replace(
        member, path=SEEN / member.path.name, verdict=verdict, keep=verdict is None, protected=False
    )


def twice(world: World, *, keeps_seen: bool) -> Report:
    """One picture under its two paths."""
    real = world.member("a.jpg", b"picture", Verdict.IDENTICAL if keeps_seen else None)
    seen = again(real, None if keeps_seen else Verdict.IDENTICAL)
    return report(Group("g", (seen, real) if keeps_seen else (real, seen)))


@pytest.mark.parametrize("action", ACTIONS)
@pytest.mark.parametrize("keeps_seen", [False, True])
@pytest.mark.parametrize(("cached", "listed"), [(False, False), (True, False), (False, True)])
def test_one_file_is_refused_and_stays(cached: bool, listed: bool, keeps_seen: bool, action: Action) -> None:
    """By what is seen beside the kept file, and by opening it: either is enough."""
    world = world_of(TwoPaths(cached=cached, listed=listed))
    document = twice(world, keeps_seen=keeps_seen)
    before = world.contents()
    (result,) = world.apply(document, action)
    if action is Action.HARDLINK:
        assert result.outcome is Outcome.FAILED and "different file systems" in result.message
    else:
        assert result.outcome is Outcome.REFUSED and SURE in result.message
    assert world.contents() == before
    assert all(record.event is Event.FAILED for journal in world.journals for record in journal.records())


def test_where_nothing_can_be_told_the_two_look_like_two() -> None:
    """What the tests above rest on: if both are fooled, the picture is gone."""
    world = world_of(TwoPaths(cached=True, listed=True))
    world.apply(twice(world, keeps_seen=False), Action.DELETE)
    assert not world.contents()


@pytest.mark.parametrize("action", [action for action in ACTIONS if action is not Action.HARDLINK])
def test_copies_in_one_folder_under_two_paths_are_two(action: Action) -> None:
    world = world_of(TwoPaths())
    world.files.can_clone = False
    kept = world.member("a.jpg", b"picture", None)
    copy = again(world.member("b.jpg", b"picture", Verdict.IDENTICAL), Verdict.IDENTICAL)
    outcome = Outcome.FAILED if action is Action.REFLINK else Outcome.DONE
    assert outcomes(world.apply(report(Group("g", (kept, copy))), action)) == {"b.jpg": outcome}
    assert world.files.data(kept.path) == b"picture"


def test_names_of_one_file_under_two_paths_are_one() -> None:
    """Hard links, of which the report knows all, but through the other mount."""
    world = world_of(TwoPaths())
    kept = world.member("a.jpg", b"picture", None, links=("b.jpg",))
    copy = replace(again(kept, Verdict.IDENTICAL), path=SEEN / "b.jpg", links=(SEEN / "a.jpg",))
    before = world.contents()
    results = world.apply(report(Group("g", (kept, copy))), Action.DELETE)
    assert results[0].outcome is Outcome.REFUSED and SURE in results[0].message
    assert world.contents() == before


def test_a_protected_file_is_not_removed_under_its_other_path() -> None:
    """The kept file is another picture: the check is about every file that is to stay."""
    world = world_of(TwoPaths())
    kept = world.member("large.jpg", b"large picture", None)
    safe = world.member("small.jpg", b"small", Verdict.SAME, protected=True)
    results = world.apply(report(Group("g", (kept, safe, again(safe, Verdict.SAME)))), Action.DELETE)
    assert {result.outcome for result in results} == {Outcome.REFUSED, Outcome.LEFT}
    assert world.files.data(safe.path) == b"small"


def test_names_that_differ_in_case_may_be_one() -> None:
    """Where they are two, nothing is lost: the report can be made of one path."""
    world = world_of(TwoPaths(cached=True))
    kept = world.member("a.jpg", b"picture", None)
    copy = again(world.member("A.JPG", b"picture", Verdict.IDENTICAL), Verdict.IDENTICAL)
    (result,) = world.apply(report(Group("g", (kept, copy))), Action.DELETE)
    assert result.outcome is Outcome.REFUSED and SURE in result.message


def test_killed_while_set_aside() -> None:
    """The next run brings the picture back under its name."""
    for moment in itertools.count():
        world = world_of(TwoPaths())
        document = twice(world, keeps_seen=False)
        before = world.contents()
        world.files.wire = Tripwire(crash_at=moment)
        try:
            world.apply(document, Action.DELETE)
        except Crash:
            pass
        else:
            assert moment > 5
            return
        world.files.wire = Tripwire()
        assert b"picture" in world.contents().values()
        assert {result.outcome for result in world.apply(document, Action.DELETE)} == {Outcome.REFUSED}
        assert world.contents() == before


def test_what_is_set_aside_comes_back_over_nothing() -> None:
    """Somebody else took the name meanwhile: both stay, and each run says where the picture is."""
    world = World()
    kept = world.member("kept.jpg", b"picture", None)
    copy = world.member("copy.jpg", b"picture", Verdict.IDENTICAL)
    document = report(Group("g", (kept, copy)))
    world.files.wire = Tripwire(crash_at=4)
    with pytest.raises(Crash):
        world.apply(document, Action.DELETE)
    world.files.wire = Tripwire()
    assert copy.path not in world.files.nodes
    world.files.write(copy.path, b"new")
    journal = world.journals[0]
    for _ in range(2):
        assert [record.event for record in journal.records()] == [Event.INTENDED]
        world.apply(document, Action.DELETE)
    assert world.files.data(copy.path) == b"new"
    assert world.files.data(journal.records()[0].step.aside or Path()) == b"picture"
