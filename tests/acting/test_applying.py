"""Acting on reports, on a disk in memory: whatever is in the report and whatever fails, nothing is lost."""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from tests.helpers.acting import ACTIONS, Crash, MemoryFiles, MemoryJournal, MemoryTrash, Tripwire
from tests.helpers.reports_of_files import report
from visualsearch_cli.acting.action import Action, Entry, Event, Outcome, Result
from visualsearch_cli.acting.applying import Applier, Placement
from visualsearch_cli.acting.merging.merger import Merger
from visualsearch_cli.acting.selection import select
from visualsearch_cli.acting.undoing import Undoer, recover
from visualsearch_cli.errors import ActionError
from visualsearch_cli.reports.report import Companion, Group, Member, Report
from visualsearch_cli.verdicts.verdict import Verdict

REVERSIBLE = [action for action in ACTIONS if action is not Action.DELETE]
ROOT = Path("/photos")


FILM = b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom" + bytes(100)


def jpeg(quality: int) -> bytes:
    stream = BytesIO()
    Image.linear_gradient("L").save(stream, "JPEG", quality=quality)
    return stream.getvalue()


def hashed(data: bytes) -> str:
    return hashlib.blake2b(data, digest_size=32).hexdigest()


@dataclass
class World:
    """A disk, a trash and the journals of the runs so far."""

    files: MemoryFiles = field(default_factory=MemoryFiles)
    journals: list[MemoryJournal] = field(default_factory=list)
    tokens: Iterable[int] = field(default_factory=itertools.count)
    moved: Path = Path("/other/moved")
    merges: bool = False

    def __post_init__(self) -> None:
        self.trash = MemoryTrash(self.files)

    def member(
        self,
        name: str,
        data: bytes,
        verdict: Verdict | None,
        *,
        protected: bool = False,
        links: tuple[str, ...] = (),
        companions: tuple[str, ...] = (),
    ) -> Member:
        """Write a file; return it as a report has it."""
        path = ROOT / name
        self.files.write(path, data)
        for link in links:
            self.files.link(path, ROOT / link)
        return Member(
            path,
            verdict is None,
            protected,
            verdict,
            0.0,
            4,
            3,
            len(data),
            1,
            hashed(data),
            links=tuple(ROOT / link for link in links),
            companions=tuple(Companion(ROOT / companion) for companion in companions),
        )

    def applier(self, action: Action, *, dry: bool = False) -> Applier:
        """Return what acts, with a new journal."""
        journal = MemoryJournal(lambda: self.files.wire)

        def begin() -> MemoryJournal:
            if journal not in self.journals:
                self.journals.append(journal)
            return journal

        return Applier(
            action=action,
            files=self.files,
            trash=self.trash,
            journal=None if dry else begin,
            placement=Placement(None, self.moved if action is Action.MOVE else None),
            token=lambda: f".tmp{next(iter(self.tokens))}",
            earlier={
                record.step.path: record
                for known in self.journals
                for record in known.records()
                if record.event is Event.DONE and record.step.action is not Action.MERGE
            },
            merger=Merger(self.files, lambda: f".tmp{next(iter(self.tokens))}") if self.merges else None,
            added=[
                record.step
                for known in self.journals
                for record in known.records()
                if record.event is Event.DONE and record.step.action is Action.MERGE
            ],
        )

    def apply(
        self,
        report: Report,
        action: Action = Action.TRASH,
        level: Verdict = Verdict.EDITED,
        *,
        dry: bool = False,
    ) -> list[Result]:
        """Apply a report as the command does."""
        for journal in self.journals:
            recover(journal, self.files, self.trash)
        selection = select(report, action, level)
        return [*self.applier(action, dry=dry).run(selection), *selection.left]

    def undo(self) -> list[Result]:
        """Take everything back, the last run first."""
        for journal in self.journals:
            recover(journal, self.files, self.trash)
        undoer = Undoer(self.files, self.trash, lambda: f".undo{next(iter(self.tokens))}")
        return [result for journal in reversed(self.journals) for result in undoer.run(journal)]

    def contents(self) -> dict[Path, bytes | None]:
        """Return what reading each path below the photographs gives."""
        return {path: self.files.data(path) for path in self.files.nodes if path.is_relative_to(ROOT)}

    def assert_tidy(self) -> None:
        """Check that nothing half done lies about."""
        assert not [path for path in self.files.nodes if path.name.startswith((".tmp", ".undo"))]


def outcomes(results: list[Result]) -> dict[str, Outcome]:
    return {result.path.name: result.outcome for result in results}


def simple(world: World) -> Report:
    """One group: a file, an identical copy and a smaller one."""
    kept = world.member("kept.jpg", b"picture", None)
    copy = world.member("copy.jpg", b"picture", Verdict.IDENTICAL)
    small = world.member("small.jpg", b"small", Verdict.SAME)
    return report(Group("g", (kept, copy, small)))


@pytest.mark.parametrize("action", ACTIONS)
def test_each_action_frees_copies_and_keeps_the_kept(action: Action) -> None:
    world = World()
    document = simple(world)
    before = world.contents()
    results = outcomes(world.apply(document, action))
    assert results["copy.jpg"] is Outcome.DONE
    assert results["small.jpg"] is (Outcome.LEFT if action.links else Outcome.DONE)
    assert world.files.data(ROOT / "kept.jpg") == b"picture"
    if action.links:
        assert world.contents() == before
        entry = world.files.look(ROOT / "copy.jpg")
        kept = world.files.look(ROOT / "kept.jpg")
        assert entry and kept
        assert (entry.kind == "link") is (action is Action.SYMLINK)
        assert entry.is_same_file(kept) is (action is Action.HARDLINK)
    else:
        assert set(world.contents()) == {ROOT / "kept.jpg"}
    world.assert_tidy()


@pytest.mark.parametrize("action", ACTIONS)
def test_twice_is_once(action: Action) -> None:
    world = World()
    document = simple(world)
    world.apply(document, action)
    after = dict(world.files.nodes)
    again = world.apply(document, action)
    assert world.files.nodes == after
    assert outcomes(again)["copy.jpg"] is Outcome.ALREADY
    assert len(world.journals) == 1, "nothing was done, so there is nothing to note"


@pytest.mark.parametrize("action", REVERSIBLE)
def test_undo_brings_everything_back_and_is_done_once(action: Action) -> None:
    world = World()
    document = simple(world)
    before, stamp = world.contents(), world.files.look(ROOT / "copy.jpg")
    world.apply(document, action)
    results = world.undo()
    assert {result.outcome for result in results} == {Outcome.DONE}
    assert world.contents() == before
    entry, kept = world.files.look(ROOT / "copy.jpg"), world.files.look(ROOT / "kept.jpg")
    assert entry and kept and stamp and entry.kind == "file" and not entry.is_same_file(kept)
    assert (entry.mtime_ns, entry.mode) == (stamp.mtime_ns, stamp.mode)
    assert {result.outcome for result in world.undo()} == {Outcome.ALREADY}
    assert world.contents() == before
    assert outcomes(world.apply(document, action))["copy.jpg"] is Outcome.DONE, "and can be applied again"


def test_what_was_deleted_is_said_to_be_gone() -> None:
    world = World()
    world.apply(simple(world), Action.DELETE)
    results = world.undo()
    assert {result.outcome for result in results} == {Outcome.FAILED}
    assert all("deleted" in result.message for result in results)


@pytest.mark.parametrize("action", ACTIONS)
def test_a_dry_run_changes_nothing(action: Action) -> None:
    world = World()
    document = simple(world)
    before = dict(world.files.nodes)
    assert outcomes(world.apply(document, action, dry=True))["copy.jpg"] is Outcome.PLANNED
    assert world.files.nodes == before and not world.journals


@pytest.mark.parametrize("name", ["kept.jpg", "copy.jpg"])
@pytest.mark.parametrize("data", [b"longer than before", b"PICTURE", None])
@pytest.mark.parametrize("action", ACTIONS)
def test_a_stale_report_is_refused_for_that_file(name: str, data: bytes | None, action: Action) -> None:
    world = World()
    document = simple(world)
    others = report(
        Group("o", (world.member("k2", b"two", None), world.member("c2", b"two", Verdict.IDENTICAL)))
    )
    del world.files.nodes[ROOT / name]
    if data is not None:
        world.files.write(ROOT / name, data)
    results = world.apply(replace(document, groups=document.groups + others.groups), action)
    wrong = next(result for result in results if result.path.name == "copy.jpg")
    assert wrong.outcome is Outcome.REFUSED
    assert name in wrong.message and "visualsearch dupes" in wrong.message
    if data == b"longer than before":
        assert "18 bytes" in wrong.message and "says 7" in wrong.message
    if data == b"PICTURE":
        assert hashed(b"PICTURE")[:16] in wrong.message and hashed(b"picture")[:16] in wrong.message
    assert outcomes(results)["c2"] is Outcome.DONE
    assert world.files.data(ROOT / name) == data


def test_a_symbolic_link_is_no_file_to_keep() -> None:
    world = World()
    document = simple(world)
    world.files.nodes[ROOT / "kept.jpg"] = replace(
        world.files.nodes[ROOT / "kept.jpg"], target=str(ROOT / "copy.jpg"), inode=99
    )
    (result, _) = world.apply(document)
    assert result.outcome is Outcome.REFUSED and f"symbolic link to {ROOT / 'copy.jpg'}" in result.message


def test_another_name_of_the_kept_file_is_left_alone() -> None:
    world = World()
    document = simple(world)
    world.files.link(ROOT / "kept.jpg", ROOT / "copy.jpg")
    assert outcomes(world.apply(document))["copy.jpg"] is Outcome.LEFT
    assert outcomes(world.apply(document, Action.HARDLINK))["copy.jpg"] is Outcome.ALREADY
    assert ROOT / "copy.jpg" in world.files.nodes


def test_another_name_of_a_protected_file_is_left_alone() -> None:
    world = World()
    kept = world.member("kept", b"x", None)
    safe = world.member("safe", b"y", Verdict.SAME, protected=True)
    copy = world.member("copy", b"y", Verdict.SAME)
    world.files.link(ROOT / "safe", ROOT / "copy")
    found = {result.path.name: result for result in world.apply(report(Group("g", (kept, safe, copy))))}
    assert found["safe"].outcome is found["copy"].outcome is Outcome.LEFT
    assert "another name of" in found["copy"].message and "protected" in found["copy"].message


def test_what_one_group_keeps_no_other_removes() -> None:
    world = World()
    a, b = world.member("a", b"x", None), world.member("b", b"x", Verdict.IDENTICAL)
    circle = report(
        Group("1", (a, b)),
        Group("2", (replace(b, keep=True, verdict=None), replace(a, keep=False, verdict=Verdict.IDENTICAL))),
    )
    assert set(outcomes(world.apply(circle, Action.DELETE)).values()) == {Outcome.LEFT}
    assert len(world.contents()) == 2


@pytest.mark.parametrize(("known", "outcome"), [(("l1", "l2"), Outcome.DONE), (("l1",), Outcome.LEFT)])
def test_all_names_of_a_file_go_or_none(known: tuple[str, ...], outcome: Outcome) -> None:
    world = World()
    kept = world.member("kept", b"x", None)
    copy = world.member("copy", b"x", Verdict.IDENTICAL, links=("l1", "l2"))
    document = report(Group("g", (kept, replace(copy, links=tuple(ROOT / name for name in known)))))
    results = world.apply(document)
    assert {result.outcome for result in results} == {outcome}
    assert len(results) == (3 if outcome is Outcome.DONE else 1)
    assert sum(result.size for result in results) == 1, "freed once"
    if outcome is Outcome.LEFT:
        assert "3 names" in results[0].message and "knows only 2" in results[0].message
    world.undo()
    assert len({world.files.nodes[ROOT / name].inode for name in ("copy", "l1", "l2")}) == 1


def test_a_raw_goes_with_its_jpeg_if_the_kept_one_has_the_same() -> None:
    for raw, outcome in ((b"raw", Outcome.DONE), (b"another raw", Outcome.LEFT)):
        world = World()
        kept = world.member("kept", b"x", None, companions=("kept.cr2",))
        copy = world.member("copy", b"x", Verdict.IDENTICAL, companions=("copy.cr2",))
        world.files.write(ROOT / "kept.cr2", b"raw")
        world.files.write(ROOT / "copy.cr2", raw)
        results = world.apply(report(Group("g", (kept, copy))))
        assert {result.outcome for result in results} == {outcome}
        assert (ROOT / "copy.cr2" in world.files.nodes) is (outcome is Outcome.LEFT)
        assert ROOT / "kept.cr2" in world.files.nodes
        world.undo()
        assert len(world.contents()) == 4


def test_a_raw_stays_where_its_jpeg_could_not_go() -> None:
    world = World()
    kept = world.member("kept", b"x", None, companions=("kept.cr2",))
    copy = world.member("copy", b"x", Verdict.IDENTICAL, companions=("copy.cr2",))
    for name in ("kept.cr2", "copy.cr2"):
        world.files.write(ROOT / name, b"raw")
    before = world.contents()
    world.files.wire = Tripwire(fail_at=frozenset({17}))  # after the RAW went
    results = world.apply(report(Group("g", (kept, copy))))
    assert outcomes(results) == {"copy.cr2": Outcome.LEFT, "copy": Outcome.FAILED}
    assert "it is back" in results[0].message
    assert world.contents() == before


def beside_both(world: World, copy: dict[str, bytes], kept: dict[str, bytes]) -> Report:
    """A group of two equal files with companions, which a report knows as they are."""
    members = []
    for folder, verdict, files in (("kept", None, kept), ("copy", Verdict.IDENTICAL, copy)):
        member = world.member(f"{folder}/a.jpg", b"picture", verdict)
        for name, data in files.items():
            world.files.write(ROOT / folder / name, data)
        companions = tuple(
            Companion(ROOT / folder / name, len(data), 1, hashed(data)) for name, data in files.items()
        )
        members.append(replace(member, companions=companions))
    return report(Group("g", tuple(members)))


FILES = {"a.mov": b"film", "a.jpg.xmp": b"sidecar", "A.aae": b"edits"}


@pytest.mark.parametrize("action", ACTIONS)
def test_companions_go_along_but_not_for_a_link(action: Action) -> None:
    world = World()
    document = beside_both(world, FILES, FILES)
    before = world.contents()
    results = world.apply(document, action)
    assert {result.outcome for result in results} == {Outcome.DONE}
    steps = [result.step for result in results if result.step]
    if action.links:
        assert len(steps) == 1 and world.contents() == before
    else:
        assert [step.companion_of for step in steps] == [ROOT / "copy/a.jpg"] * 3 + [None], "the picture last"
        assert {path.parent.name for path in world.contents()} == {"kept"}
        assert all(step.keeper.parent.name == "kept" for step in steps)
    if action is not Action.DELETE:
        world.undo()
        assert world.contents() == before
    world.assert_tidy()


@pytest.mark.parametrize("dry", [False, True])
@pytest.mark.parametrize("name", FILES)
def test_nothing_goes_if_one_companion_has_no_equal(name: str, dry: bool) -> None:
    for kept in ({**FILES, name: FILES[name][::-1]}, {key: FILES[key] for key in FILES if key != name}):
        world = World()
        document = beside_both(world, FILES, kept)
        before = world.contents()
        (result,) = world.apply(document, dry=dry)
        assert result.outcome is Outcome.LEFT
        assert f"{ROOT / 'copy' / name} belongs to it and has no copy beside" in result.message
        assert world.contents() == before


def test_what_came_since_the_report_is_refused_and_what_went_is_not_missed() -> None:
    world = World()
    document = beside_both(world, FILES, FILES)
    world.files.write(ROOT / "copy/a.dop", b"new")
    world.files.write(ROOT / "copy/b.dop", b"of another picture")
    (result,) = world.apply(document)
    assert result.outcome is Outcome.REFUSED and str(ROOT / "copy/a.dop") in result.message
    del world.files.nodes[ROOT / "copy/a.dop"], world.files.nodes[ROOT / "copy/a.mov"]
    assert {result.outcome for result in world.apply(document)} == {Outcome.DONE}
    assert ROOT / "copy/b.dop" in world.files.nodes


@pytest.mark.parametrize("data", [b"longer than before", b"FILM"])
@pytest.mark.parametrize("hash_known", [True, False])
def test_a_companion_that_changed_is_refused(data: bytes, hash_known: bool) -> None:
    world = World()
    document = beside_both(world, FILES, FILES)
    kept, copy = document.groups[0].members
    if not hash_known:  # as of a large one
        copy = replace(copy, companions=tuple(replace(one, content_hash="") for one in copy.companions))
    node = world.files.nodes[ROOT / "copy/a.mov"]
    node.data, node.mtime_ns = data, 2
    (result,) = world.apply(report(Group("g", (kept, copy))))
    assert result.outcome is Outcome.REFUSED and str(ROOT / "copy/a.mov") in result.message
    assert len(world.contents()) == 8


def test_a_shared_companion_goes_with_the_last_of_its_pictures() -> None:
    """Also in a dry run, in which nothing goes."""
    for dry in (True, False):
        world = World()
        document = beside_both(world, {"a.xmp": b"x"}, {"a.xmp": b"x"})
        kept, copy = document.groups[0].members
        other = replace(world.member("copy/a.png", b"picture", Verdict.IDENTICAL), companions=copy.companions)
        results = world.apply(report(Group("g", (kept, copy, other))), dry=dry)
        done = Outcome.PLANNED if dry else Outcome.DONE
        assert [(result.path.name, result.outcome) for result in results] == [
            ("a.jpg", done), ("a.xmp", done), ("a.png", done)
        ]  # fmt: skip


def test_a_shared_companion_without_an_equal_keeps_the_last_picture() -> None:
    world = World()
    document = beside_both(world, {"a.xmp": b"x"}, {})
    kept, copy = document.groups[0].members
    other = replace(world.member("copy/a.png", b"picture", Verdict.IDENTICAL), companions=copy.companions)
    results = world.apply(report(Group("g", (kept, copy, other))))
    assert outcomes(results) == {"a.jpg": Outcome.DONE, "a.png": Outcome.LEFT}
    assert {path.name for path in world.contents()} == {"a.jpg", "a.png", "a.xmp"}


def test_hard_linked_companions_go_with_hard_linked_pictures() -> None:
    """As in backups that share what did not change."""
    world = World()
    kept = world.member("kept/a.jpg", b"picture", None)
    copy = world.member("one/a.jpg", b"picture", Verdict.IDENTICAL, links=("two/a.jpg",))
    for folder in ("kept", "one"):
        world.files.write(ROOT / folder / "a.mov", b"film")
    world.files.link(ROOT / "one/a.mov", ROOT / "two/a.mov")
    kept = replace(kept, companions=(Companion(ROOT / "kept/a.mov", 4, 1),))
    both = tuple(Companion(ROOT / folder / "a.mov", 4, 1) for folder in ("one", "two"))
    for companions, left in ((both[:1], 6), (both, 2)):
        results = world.apply(report(Group("g", (kept, replace(copy, companions=companions)))))
        assert len(world.contents()) == left, results
    assert sum(result.size for result in results) == 11, "freed once"


@pytest.mark.slow
@pytest.mark.parametrize("action", [Action.TRASH, Action.MOVE])
def test_whatever_fails_a_picture_and_its_companions_stay_together(action: Action) -> None:
    for number in range(60):
        world = World()
        document = beside_both(world, FILES, FILES)
        before = world.contents()
        world.files.wire = Tripwire(fail_at=frozenset({number}))
        results = world.apply(document, action)
        world.files.wire = Tripwire()
        copies = {path for path in world.contents() if path.parent.name == "copy"}
        assert len(copies) in (0, 4), results
        assert all(result.outcome is Outcome.DONE for result in results) is (not copies)
        world.undo()
        assert world.contents() == before
        world.assert_tidy()


def test_a_raw_that_lies_beside_both_stays() -> None:
    world = World()
    kept = world.member("a.heic", b"x", None, companions=("a.cr2",))
    copy = world.member("a.jpg", b"y", Verdict.SAME, companions=("a.cr2",))
    world.files.write(ROOT / "a.cr2", b"raw")
    assert outcomes(world.apply(report(Group("g", (kept, copy))))) == {"a.jpg": Outcome.DONE}
    assert set(world.contents()) == {ROOT / "a.heic", ROOT / "a.cr2"}


@pytest.mark.parametrize(("beside", "outcome"), [(b"raw", Outcome.DONE), (b"RAW", Outcome.LEFT)])
def test_a_raw_alone_goes_only_if_its_bytes_stay(beside: bytes, outcome: Outcome) -> None:
    world = World()
    kept = world.member("kept.jpg", b"x", None, companions=("kept.cr2",))
    raw = world.member("raw.CR2", b"raw", Verdict.SAME)
    world.files.write(ROOT / "kept.cr2", beside)
    (result,) = world.apply(report(Group("g", (kept, raw))))
    assert result.outcome is outcome
    assert (ROOT / "raw.CR2" in world.files.nodes) is (outcome is Outcome.LEFT)
    if outcome is Outcome.LEFT:
        assert "RAW" in result.message and str(ROOT / "kept.jpg") in result.message


def test_a_raw_of_other_bytes_stays_whatever_a_report_says() -> None:
    world = World()
    kept, raw = world.member("kept.cr2", b"x", None), world.member("raw.cr2", b"y", Verdict.SAME)
    (result,) = world.apply(report(Group("g", (kept, raw))))
    assert result.outcome is Outcome.LEFT and len(world.contents()) == 2


def test_a_pair_goes_for_the_same_raw_alone() -> None:
    world = World()
    kept = world.member("kept.cr2", b"raw", None)
    pair = world.member("a.jpg", b"y", Verdict.SAME, companions=("a.cr2",))
    world.files.write(ROOT / "a.cr2", b"raw")
    world.apply(report(Group("g", (kept, pair))))
    assert set(world.contents()) == {ROOT / "kept.cr2"}


@pytest.mark.parametrize("dry", [False, True])
def test_what_holds_more_stays_whatever_a_report_says(dry: bool) -> None:
    """As the reports of programs that did not look."""
    world = World()
    still, film = jpeg(90), jpeg(80) + FILM
    kept = world.member("still.jpg", still, None)
    others = [
        world.member("film.jpg", film, Verdict.SAME, links=("other name.jpg",)),
        world.member("same film.jpg", jpeg(70) + FILM, Verdict.EDITED),
        world.member("small.jpg", jpeg(60), Verdict.SAME),
    ]
    results = world.apply(report(Group("g", (kept, *others))), dry=dry)
    done = Outcome.PLANNED if dry else Outcome.DONE
    assert outcomes(results) == {
        "film.jpg": Outcome.LEFT,
        "same film.jpg": Outcome.LEFT,
        "small.jpg": done,
    }
    assert results[0].message == "holds more than the kept file: a film"
    assert world.files.data(ROOT / "film.jpg") == world.files.data(ROOT / "other name.jpg") == film


def test_a_copy_goes_for_a_file_that_holds_as_much_or_more() -> None:
    world = World()
    kept = world.member("film.jpg", jpeg(80) + FILM, None)
    others = [
        world.member("same film.jpg", jpeg(90) + FILM, Verdict.SAME),
        world.member("still.jpg", jpeg(90), Verdict.SAME),
    ]
    results = world.apply(report(Group("g", (kept, *others))))
    assert outcomes(results) == {"same film.jpg": Outcome.DONE, "still.jpg": Outcome.DONE}


def test_what_changes_before_it_is_looked_into_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World()
    group = Group(
        "g", (world.member("kept.jpg", jpeg(80), None), world.member("copy.jpg", jpeg(90), Verdict.SAME))
    )
    monkeypatch.setattr(world.files, "contents", lambda _: jpeg(50))
    (result,) = world.apply(report(group))
    assert result.outcome is Outcome.REFUSED and "changed a moment ago" in result.message
    assert world.files.data(ROOT / "copy.jpg") == jpeg(90)


def test_a_failed_trash_is_no_deletion() -> None:
    world = World()
    document = simple(world)
    world.files.wire = Tripwire(fail_at=frozenset({2}))
    results = world.apply(document)
    assert outcomes(results) == {"copy.jpg": Outcome.FAILED, "small.jpg": Outcome.DONE}
    assert world.files.data(ROOT / "copy.jpg") == b"picture"
    assert world.journals[0].records()[0].event is Event.FAILED


def test_no_hard_link_across_devices() -> None:
    world = World()
    document = simple(world)
    far = Path("/other/copy.jpg")
    world.files.write(far, b"picture")
    moved = replace(document.groups[0].members[1], path=far)
    results = world.apply(report(Group("g", (document.groups[0].kept, moved))), Action.HARDLINK)
    assert results[0].outcome is Outcome.FAILED and "different file systems" in results[0].message
    assert world.files.data(far) == b"picture"


def test_a_bad_copy_on_another_device_is_no_move() -> None:
    world = World()
    document = simple(world)
    copy = world.files.copy

    def spoil(source: Path, temporary: Path, stamp: Entry, attributes_of: Path | None = None) -> None:
        copy(source, temporary, stamp, attributes_of)
        world.files.nodes[temporary].data = b"garbage"

    world.files.copy = spoil  # type: ignore[method-assign]
    before = dict(world.files.nodes)
    results = world.apply(document, Action.MOVE)
    assert {result.outcome for result in results} == {Outcome.FAILED}
    assert "check the disk" in results[0].message
    assert world.files.nodes == before


def test_a_copy_beside_an_original_that_stays_is_removed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Else each run on a disk that cannot be written to would leave one more."""
    world = World(moved=Path("/other/moved"))
    document = simple(world)
    before = world.contents()

    def refuse(path: Path, expected: Entry) -> None:
        if path.is_relative_to(ROOT):
            raise ActionError(f"{path} cannot be removed")
        remove(path, expected)

    remove = world.files.remove
    monkeypatch.setattr(world.files, "remove", refuse)
    assert set(outcomes(world.apply(document, Action.MOVE)).values()) == {Outcome.FAILED}
    assert world.contents() == before
    assert all(path.is_relative_to(ROOT) for path in world.files.nodes)


def test_a_taken_name_gets_a_number() -> None:
    world = World()
    document = simple(world)
    taken = Path("/other/moved/photos/copy.jpg")
    world.files.write(taken, b"somebody's")
    world.apply(document, Action.MOVE)
    assert world.files.data(taken) == b"somebody's"
    assert world.files.data(taken.with_name("copy (2).jpg")) == b"picture"


def test_undo_overwrites_nothing() -> None:
    world = World()
    world.apply(simple(world), Action.MOVE)
    world.files.write(ROOT / "copy.jpg", b"new")
    results = outcomes(world.undo())
    assert results == {"copy.jpg": Outcome.REFUSED, "small.jpg": Outcome.DONE}
    assert world.files.data(ROOT / "copy.jpg") == b"new"


def test_undo_refuses_what_changed_since() -> None:
    world = World()
    world.apply(simple(world), Action.MOVE)
    place = Path("/other/moved/photos/copy.jpg")
    world.files.nodes[place].data = b"PICTURE"
    assert outcomes(world.undo())["copy.jpg"] is Outcome.REFUSED
    assert world.files.data(place) == b"PICTURE"


def test_undo_of_a_link_whose_kept_file_changed() -> None:
    for action in (Action.HARDLINK, Action.SYMLINK):
        world = World()
        world.apply(simple(world), action)
        world.files.nodes[ROOT / "kept.jpg"].data = b"PICTURE"
        assert outcomes(world.undo())["copy.jpg"] is Outcome.REFUSED
        world.assert_tidy()


def test_undo_where_the_trash_tells_nothing() -> None:
    world = World()
    document = simple(world)
    world.trash.blind = True
    world.apply(document)
    (result, _) = world.undo()
    assert result.outcome is Outcome.FAILED and "look into the trash" in result.message


def test_what_somebody_put_back_is_back() -> None:
    world = World()
    world.apply(simple(world), Action.MOVE)
    world.files.write(ROOT / "copy.jpg", b"picture")
    assert outcomes(world.undo())["copy.jpg"] is Outcome.ALREADY


# Every moment: the process is killed there, and runs again.


def crowd(world: World) -> Report:
    """Files with all that complicates: names, companions, another device, protection, a second group."""
    kept = world.member("k.jpg", b"picture", None, companions=("k.cr2", "k.mov"))
    copy = world.member(
        "c.jpg", b"picture", Verdict.IDENTICAL, links=("c2.jpg",), companions=("c.cr2", "c.mov")
    )
    for name in ("k", "c"):
        world.files.write(ROOT / f"{name}.cr2", b"raw")
        world.files.write(ROOT / f"{name}.mov", b"film")
    small = world.member("s", b"small", Verdict.SAME)
    safe = world.member("p", b"safe", Verdict.IDENTICAL, protected=True)
    other = (world.member("k2", b"two", None), world.member("c3", b"two", Verdict.IDENTICAL))
    return report(Group("1", (kept, copy, small, safe)), Group("2", other))


def until_done(world: World, what: Callable[[], list[Result]], moment: int) -> bool:
    """Crash at a moment; tell whether there was one."""
    world.files.wire = Tripwire(crash_at=moment)
    try:
        what()
    except Crash:
        return True
    finally:
        world.files.wire = Tripwire()
    return False


@pytest.mark.slow
@pytest.mark.parametrize("moved", ["/moved", "/other/moved"])
@pytest.mark.parametrize("action", REVERSIBLE)
def test_killed_at_any_moment_of_applying(action: Action, moved: str) -> None:
    for moment in itertools.count():
        world = World(moved=Path(moved))
        document = crowd(world)
        before = world.contents()
        crashed = until_done(world, lambda world=world, d=document: world.apply(d, action), moment)  # type: ignore[misc]
        everything = {world.files.data(path) for path in world.files.nodes}
        assert everything >= set(before.values()), "nothing is lost the moment after"
        results = world.apply(document, action)
        assert not any(result.outcome.is_problem for result in results), results
        world.assert_tidy()
        assert world.files.data(ROOT / "k.jpg") == b"picture" and world.files.data(ROOT / "p") == b"safe"
        if not action.links:
            left = ("k.jpg", "k.cr2", "k.mov", "k2", "p")
            assert set(world.contents()) == {ROOT / name for name in left}
        world.undo()
        assert world.contents() == before, f"after {moment} touches"
        assert moved != "/moved" or all(p.is_relative_to(ROOT) for p in world.files.nodes), "no second name"
        assert not crashed or moment < 200
        if not crashed:
            assert moment > 10
            return


@pytest.mark.slow
@pytest.mark.parametrize("moved", ["/moved", "/other/moved"])
@pytest.mark.parametrize("action", REVERSIBLE)
def test_killed_at_any_moment_of_undoing(action: Action, moved: str) -> None:
    for moment in itertools.count():
        world = World(moved=Path(moved))
        document = crowd(world)
        before = world.contents()
        world.apply(document, action)
        crashed = until_done(world, world.undo, moment)
        everything = {world.files.data(path) for path in world.files.nodes}
        assert everything >= set(before.values())
        assert not any(result.outcome.is_problem for result in world.undo())
        assert world.contents() == before, f"after {moment} touches"
        assert moved != "/moved" or all(p.is_relative_to(ROOT) for p in world.files.nodes), "no second name"
        world.assert_tidy()
        if not crashed:
            return


@pytest.mark.slow
def test_killed_while_settling_what_a_kill_left() -> None:
    for first, second in itertools.product(range(0, 45, 4), range(0, 8)):
        world = World()
        document = crowd(world)
        before = world.contents()
        until_done(world, lambda world=world, d=document: world.apply(d, Action.MOVE), first)  # type: ignore[misc]
        until_done(world, world.undo, second)
        world.undo()
        assert world.contents() == before
        world.assert_tidy()


# Any report, any failure.

verdicts = st.sampled_from(Verdict)


def with_sidecars(world: World, both: list[Member], equal: bool, members: list[Member]) -> Member:
    """Give a kept file and a copy of it a sidecar each; return the copy."""
    for position, member in enumerate(both):
        data = b"sidecar" if equal else b"sidecar %d" % position
        path = member.path.with_name(f"{member.path.name}.xmp")
        if path not in world.files.nodes:
            world.files.write(path, data)
            companion = Companion(path, len(data), 1, hashed(data))
            both[position] = replace(member, companions=(companion,))
    members[0] = both[0]
    return both[1]


@st.composite
def worlds(draw: st.DrawFn) -> tuple[World, Report]:
    """A few groups of files in all constellations; copies may be links of kept or protected files."""
    world = World()
    names = itertools.count()
    groups: list[Group] = []
    paths: list[Path] = []
    for number in range(draw(st.integers(1, 3))):
        data = f"picture {number}".encode()
        members = [world.member(f"{next(names)}", data, None, protected=draw(st.booleans()))]
        for _ in range(draw(st.integers(0, 4))):
            verdict = draw(verdicts)
            same = verdict is Verdict.IDENTICAL and draw(st.integers(0, 9)) > 0
            name = f"{next(names)}"
            links = (f"{name}link",) if draw(st.integers(0, 4)) == 0 else ()
            other = data if same else f"picture {number}, copy {name}".encode()
            protected = draw(st.integers(0, 5)) == 0
            member = world.member(name, other, verdict, protected=protected, links=links)
            kind = draw(st.integers(0, 9))
            if kind == 0:  # known by one name less than it has
                member = replace(member, links=())
            elif kind == 1 and paths:  # another name of a file of an earlier group
                world.files.link(draw(st.sampled_from(paths)), member.path)
            elif kind == 2:  # changed since
                world.files.nodes[member.path].data = b"changed"
            elif kind in (3, 4, 5):  # with a sidecar, perhaps one that lies beside the kept file as well
                member = with_sidecars(world, [members[0], member], draw(st.booleans()), members)
            members.append(member)
        if draw(st.integers(0, 5)) == 0 and groups:  # a file of another group turns up here as well
            stray = draw(st.sampled_from(groups[0].members))
            members.append(replace(stray, keep=False, verdict=draw(verdicts)))
        groups.append(Group(f"g{number}", tuple(members)))
        paths += [member.path for member in members]
    return world, report(*groups)


@pytest.mark.slow
@settings(max_examples=300, deadline=None)
@given(
    worlds(),
    st.sampled_from(ACTIONS),
    st.sampled_from([level for level in Verdict if level is not Verdict.SIMILAR]),
    st.frozensets(st.integers(0, 60), max_size=12),
    st.one_of(st.none(), st.integers(0, 60)),
)
def test_whatever_is_in_the_report_and_whatever_fails(
    made: tuple[World, Report], action: Action, level: Verdict, fails: frozenset[int], crash: int | None
) -> None:
    world, document = made
    before = world.contents()
    nodes = dict(world.files.nodes)
    world.files.wire = Tripwire(-1 if crash is None else crash, fails)
    try:
        world.apply(document, action, level)
    except Crash:
        pass
    world.files.wire = Tripwire()
    for item in document.groups:
        assert world.files.nodes[item.kept.path] is nodes[item.kept.path], "no group is emptied"
        for member in item.members:
            if member.protected:
                assert world.files.nodes[member.path] is nodes[member.path], "protected is untouched"
            elif member.verdict is Verdict.SIMILAR and not member.keep:
                twins = [m for g in document.groups for m in g.members if m.path == member.path]
                if all(twin.verdict is Verdict.SIMILAR for twin in twins):
                    assert world.files.nodes[member.path] is nodes[member.path], "similar is no copy"
    after = {world.files.data(path) for path in world.files.nodes}
    if not fails and crash is None:
        for path in before:
            if path.suffix == ".xmp":
                assert (path in world.files.nodes) is (path.with_suffix("") in world.files.nodes), "orphan"
    assert {data for path, data in before.items() if path.suffix == ".xmp"} <= after, "no sidecar is lost"
    if action is not Action.DELETE:
        assert after >= set(before.values()), "every content is still somewhere"
        world.undo()
        world.assert_tidy()
        assert world.contents() == before
        assert {result.outcome for result in world.undo()} <= {Outcome.ALREADY}
