"""What only a copy knows is written into a sidecar of the kept file.

Whatever fails or is killed, none of it is lost, and `undo` gives back every byte.
"""

from __future__ import annotations

import hashlib
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from tests.acting.test_applying import ROOT, World, outcomes
from tests.helpers.acting import Crash, Tripwire
from tests.helpers.metadata import any_metadata
from tests.helpers.reports_of_files import report
from visualsearch_cli.acting.action import Action, Event, Outcome
from visualsearch_cli.pictures.metadata.company_metadata import with_company
from visualsearch_cli.pictures.metadata.embedded import metadata_of
from visualsearch_cli.pictures.metadata.sidecar_text import NEW, with_added
from visualsearch_cli.pictures.metadata.values import GeoPoint, Metadata, lacking
from visualsearch_cli.reports.report import Group, Member, Report
from visualsearch_cli.verdicts.verdict import Verdict

LEAVING = [Action.TRASH, Action.MOVE]
BARE = Metadata()
STARS = Metadata(rating=4, keywords=("sea",))
PLACE = Metadata(captured="2019-07-03T09:46:12", keywords=("sea", "sun"), people=("Anna",))


def picture(known: Metadata = BARE, quality: int = 90) -> bytes:
    stream = BytesIO()
    options = {} if known == BARE else {"xmp": with_added(NEW, known)}
    Image.linear_gradient("L").save(stream, "JPEG", quality=quality, **options)
    return stream.getvalue()


def sidecar(known: Metadata) -> bytes:
    return with_added(NEW, known)


def known_to(world: World, name: str = "kept.jpg", *sidecars: str) -> Metadata:
    """Return what a file and its sidecars know."""
    data = world.files.data(ROOT / name)
    assert data
    beside = [(side, text) for side in sidecars if (text := world.files.data(ROOT / side))]
    return with_company(metadata_of(data), beside)


def two(world: World, kept: Metadata = BARE) -> Report:
    """One group: a file and two copies, each of which knows something else."""
    world.merges = True
    return report(
        Group(
            "g",
            (
                world.member("kept.jpg", picture(kept), None),
                world.member("copy.jpg", picture(STARS, 80), Verdict.SAME),
                world.member("small.jpg", picture(PLACE, 70), Verdict.SAME),
            ),
        )
    )


ALL = Metadata("2019-07-03T09:46:12", rating=4, keywords=("sea", "sun"), people=("Anna",))


@pytest.mark.parametrize("action", LEAVING)
def test_what_copies_know_is_kept_and_taken_back(action: Action) -> None:
    world = World()
    document = two(world)
    before = world.contents()
    results = world.apply(document, action)
    assert [(r.path.name, r.outcome, r.size > 0) for r in results] == [
        ("kept.jpg.xmp", Outcome.DONE, False),
        ("copy.jpg", Outcome.DONE, True),
        ("kept.jpg.xmp", Outcome.DONE, False),
        ("small.jpg", Outcome.DONE, True),
    ]
    assert results[0].message == "rating 4 · keywords sea"
    assert results[2].message == "capture date 2019-07-03T09:46:12 · keywords sun · people Anna"
    assert known_to(world, "kept.jpg", "kept.jpg.xmp") == ALL
    assert world.files.data(ROOT / "kept.jpg") == before[ROOT / "kept.jpg"]
    assert [r.outcome for r in world.apply(document, action)] == [Outcome.ALREADY] * 2
    world.undo()
    assert world.contents() == before
    world.assert_tidy()


def test_a_dry_run_says_it_and_writes_nothing() -> None:
    world = World()
    document = two(world)
    before = world.contents()
    results = world.apply(document, dry=True)
    assert {r.outcome for r in results} == {Outcome.PLANNED} and world.contents() == before
    assert results[2].message == "capture date 2019-07-03T09:46:12 · keywords sun · people Anna"


def test_nothing_is_written_where_nothing_is_lost() -> None:
    world = World()
    document = two(world, ALL)
    assert [r.path.name for r in world.apply(document)] == ["copy.jpg", "small.jpg"]
    assert ROOT / "kept.jpg.xmp" not in world.contents()


def test_a_value_of_the_kept_file_stays_and_the_other_one_is_named() -> None:
    world = World()
    document = two(world, Metadata(rating=2))
    copy = world.apply(document)[1]
    assert copy.path.name == "copy.jpg" and copy.message == "not taken over: rating 4 (kept: 2)"
    assert known_to(world, "kept.jpg", "kept.jpg.xmp").rating == 2


@pytest.mark.parametrize("name", ["kept.xmp", "kept.jpg.xmp", "KEPT.JPG.XMP"])
def test_the_only_sidecar_is_added_to(name: str) -> None:
    world = World()
    document = two(world)
    mine = sidecar(Metadata(title="Mine", keywords=("sea",)))
    world.files.write(ROOT / name, mine)
    before = world.contents()
    world.apply(document)
    assert known_to(world, "kept.jpg", name) == Metadata(
        ALL.captured, rating=4, title="Mine", keywords=("sea", "sun"), people=("Anna",)
    )
    assert set(world.contents()) == {ROOT / "kept.jpg", ROOT / name}
    world.undo()
    assert world.contents() == before


def test_a_sidecar_of_two_pictures_is_neither_ones() -> None:
    world = World()
    document = two(world)
    world.files.write(ROOT / "kept.xmp", sidecar(Metadata(title="Mine")))
    world.files.write(ROOT / "kept.png", b"another picture")
    before = world.files.data(ROOT / "kept.xmp")
    world.apply(document)
    assert world.files.data(ROOT / "kept.xmp") == before
    assert known_to(world, "kept.jpg", "kept.jpg.xmp") == ALL


def test_of_two_sidecars_the_one_with_the_whole_name_is_added_to() -> None:
    world = World()
    document = two(world)
    for name in ("kept.xmp", "kept.jpg.xmp"):
        world.files.write(ROOT / name, sidecar(Metadata(title=name)))
    before = world.files.data(ROOT / "kept.xmp")
    world.apply(document)
    assert world.files.data(ROOT / "kept.xmp") == before
    assert known_to(world, "kept.jpg", "kept.jpg.xmp").people == ("Anna",)


@pytest.mark.parametrize("beside", ["kept.xmp", "kept.jpg.json"])
def test_what_lies_beside_the_kept_file_counts(beside: str) -> None:
    world = World()
    document = two(world)
    data = sidecar(ALL) if beside.endswith("xmp") else b'{"people": [{"name": "Anna"}]}'
    world.files.write(ROOT / beside, data)
    messages = [r.message for r in world.apply(document)]
    assert not any("Anna" in message for message in messages)


def test_a_sidecar_that_cannot_be_added_to_keeps_the_copies() -> None:
    world = World()
    document = two(world)
    world.files.write(ROOT / "kept.jpg.xmp", b"<not XMP")
    before = world.contents()
    results = world.apply(document)
    assert {r.outcome for r in results} == {Outcome.FAILED} and world.contents() == before
    assert all("kept.jpg.xmp" in r.message and "--merge-metadata" in r.message for r in results)


def test_a_sidecar_that_is_too_large_to_be_read_keeps_the_copies(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World()
    document = two(world)
    world.files.write(ROOT / "kept.jpg.xmp", sidecar(BARE))
    before = world.contents()
    monkeypatch.setattr("visualsearch_cli.acting.merging.merger.LARGEST_BESIDE", 20)
    results = world.apply(document)
    assert {r.outcome for r in results} == {Outcome.FAILED} and world.contents() == before
    assert all(f"it has {len(sidecar(BARE))} bytes" in r.message for r in results)


def test_a_sidecar_with_two_names_is_not_written_through() -> None:
    world = World()
    document = two(world)
    world.files.write(ROOT / "kept.jpg.xmp", sidecar(BARE))
    world.files.link(ROOT / "kept.jpg.xmp", Path("/elsewhere/x.xmp"))
    before = world.contents()
    assert all("2 names" in r.message for r in world.apply(document)) and world.contents() == before


def test_nothing_is_written_beside_what_is_protected() -> None:
    world = World(merges=True)
    kept = world.member("kept.jpg", picture(), None, protected=True)
    copy = world.member("copy.jpg", picture(STARS, 80), Verdict.SAME)
    before = world.contents()
    (result,) = world.apply(report(Group("g", (kept, copy))))
    assert result.outcome is Outcome.LEFT and "rating 4" in result.message and world.contents() == before


def with_companions(world: World) -> Report:
    """Two copies, each with a sidecar that is equal to the kept file's."""
    world.merges = True
    text = sidecar(Metadata(title="Lake"))
    members: list[Member] = []
    for name, known, verdict in (
        ("kept", BARE, None),
        ("copy", STARS, Verdict.SAME),
        ("small", PLACE, Verdict.SAME),
    ):
        world.files.write(ROOT / f"{name}.jpg.xmp", text)
        members.append(
            world.member(
                f"{name}.jpg", picture(known, 90 - len(members)), verdict, companions=(f"{name}.jpg.xmp",)
            )
        )
    return report(Group("g", tuple(members)))


def test_companions_that_were_equal_to_the_sidecar_still_go() -> None:
    world = World()
    document = with_companions(world)
    before = world.contents()
    assert {r.outcome for r in world.apply(document)} == {Outcome.DONE}
    assert set(world.contents()) == {ROOT / "kept.jpg", ROOT / "kept.jpg.xmp"}
    assert known_to(world, "kept.jpg", "kept.jpg.xmp") == Metadata(
        ALL.captured, rating=4, title="Lake", keywords=("sea", "sun"), people=("Anna",)
    )
    world.undo()
    assert world.contents() == before


@pytest.mark.parametrize("build", [two, with_companions])
@pytest.mark.parametrize("action", [Action.TRASH, Action.MOVE, Action.DELETE])
@pytest.mark.slow
def test_killed_anywhere_the_next_run_goes_on_or_takes_back(build: Any, action: Action) -> None:
    for crash in range(1000):
        for goes_on in (True, False):
            world = World()
            document = build(world)
            before = world.contents()
            world.files.wire = Tripwire(crash)
            try:
                world.apply(document, action)
            except Crash:
                pass
            else:
                assert crash > 20
                return
            world.files.wire = Tripwire()
            if goes_on:
                results = world.apply(document, action)
                assert not any(r.outcome.is_problem for r in results), (crash, results)
                assert lacking(ALL, known_to(world, "kept.jpg", "kept.jpg.xmp")) == BARE
                left = {path.name for path in world.contents()}
                assert left == {"kept.jpg", "kept.jpg.xmp"}, crash
            if action is not Action.DELETE:
                world.undo()
                assert world.contents() == before, crash
            elif not goes_on:
                world.undo()
                assert_none_is_lost(world, build(World()))
            world.assert_tidy()


def assert_none_is_lost(world: World, document: Report) -> None:
    """Check that what each copy knew is known to it, or else to the kept file."""
    knows = {"copy.jpg": STARS, "small.jpg": PLACE}
    for member in document.groups[0].others:
        if world.files.data(member.path) is None:
            lost = lacking(knows[member.path.name], known_to(world, "kept.jpg", "kept.jpg.xmp"))
            assert lost == BARE, member.path


@pytest.mark.slow
@pytest.mark.parametrize("build", [two, with_companions])
@pytest.mark.parametrize("action", [Action.TRASH, Action.MOVE, Action.DELETE])
def test_whatever_fails_none_is_lost(build: Any, action: Action) -> None:
    for fail in range(200):
        world = World()
        document = build(world)
        before = world.contents()
        world.files.wire = Tripwire(fail_at=frozenset({fail}))
        world.apply(document, action)
        if fail >= world.files.wire.touched:
            return
        world.files.wire = Tripwire()
        assert_none_is_lost(world, document)
        world.assert_tidy()
        world.undo()
        if action is not Action.DELETE:
            assert world.contents() == before, fail
        assert_none_is_lost(world, document)


def test_what_was_deleted_leaves_what_it_knew() -> None:
    world = World()
    document = two(world)
    world.apply(document, Action.DELETE)
    results = world.undo()
    assert outcomes(results) == {
        "small.jpg": Outcome.FAILED,
        "copy.jpg": Outcome.FAILED,
        "kept.jpg.xmp": Outcome.LEFT,
    }
    assert known_to(world, "kept.jpg", "kept.jpg.xmp") == ALL


def test_what_somebody_wrote_since_is_left_alone() -> None:
    world = World()
    document = two(world)
    world.apply(document)
    mine = sidecar(Metadata(title="Mine"))
    world.files.write(ROOT / "kept.jpg.xmp", mine)
    results = outcomes(world.undo())
    assert results["copy.jpg"] is results["small.jpg"] is Outcome.DONE
    assert results["kept.jpg.xmp"] is Outcome.REFUSED
    assert world.files.data(ROOT / "kept.jpg.xmp") == mine


texts = st.sampled_from(["", "a", "b & <c>", "x\ny"])
lists = st.lists(st.sampled_from(["sea", "sun", "R&D", "ä"]), max_size=3, unique=True).map(tuple)
metadata = any_metadata(
    texts,
    lists,
    captured=st.sampled_from(["", "2019-07-03T09:46:12", "2020-01-01T00:00:00+01:00"]),
    gps=st.sampled_from([None, GeoPoint(52.5, 13.4), GeoPoint(-33.9, 18.4, 12.0)]),
)


@pytest.mark.slow
@settings(max_examples=40, deadline=None)
@given(metadata, st.none() | metadata, st.lists(metadata, max_size=3))
def test_all_that_anybody_knew_is_known(
    kept: Metadata, beside: Metadata | None, copies: list[Metadata]
) -> None:
    world = World(merges=True)
    members = [world.member("kept.jpg", picture(kept), None)]
    if beside is not None:
        world.files.write(ROOT / "kept.xmp", sidecar(beside))
    for number, known in enumerate(copies):
        members.append(world.member(f"copy{number}.jpg", picture(known, 80 - number), Verdict.SAME))
    before = world.contents()
    document = report(Group("g", tuple(members)))
    world.apply(document)
    name = "kept.jpg.xmp" if beside is None else "kept.xmp"
    after = known_to(world, "kept.jpg", name)
    for known in (kept, *copies, *([] if beside is None else [beside])):
        assert lacking(known, after) == BARE
    text = world.files.data(ROOT / name)
    world.apply(document)
    assert world.files.data(ROOT / name) == text
    world.undo()
    assert world.contents() == before
    assert all(r.event in (Event.UNDONE, Event.FAILED) for j in world.journals for r in j.records())
    assert hashlib.sha256(picture(kept)).digest() == hashlib.sha256(before[ROOT / "kept.jpg"] or b"").digest()
