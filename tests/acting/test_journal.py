"""Journals on disk: whatever a crash leaves of one can be read, and written on."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path

import pytest

from tests.helpers.reports_of_files import group, member, report
from visualsearch_cli.acting.action import Action, Entry, Event, Step
from visualsearch_cli.acting.journal import JournalFile, JournalFolder
from visualsearch_cli.errors import ApplyRunning, JournalUnusable
from visualsearch_cli.reports.report_json import report_digest
from visualsearch_cli.verdicts.verdict import Verdict

ENTRY = Entry("file", 2**63 + 1, 5, 7, 1_700_000_000_123_456_789, 0o644, 1000, 1000, 1)
STEP = Step(
    number=0,
    action=Action.MOVE,
    path=Path("/a/new\nline \udcff.jpg"),
    keeper=Path("/a/kept.jpg"),
    verdict=Verdict.SAME,
    content_hash="ab" * 32,
    entry=ENTRY,
    keeper_entry=ENTRY,
    temporary=Path("/b/.tmp"),
    destination=Path("/b/x.jpg"),
    mounts=(Path("/a"), Path("/b")),
)


def begin(folder: Path) -> JournalFile:
    return JournalFolder(folder).create(Action.MOVE, "r.json", "digest")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "journal"
    path.mkdir()
    return path


def test_there_and_back(folder: Path) -> None:
    journal = begin(folder)
    journal.write(STEP, Event.INTENDED)
    journal.write(STEP, Event.DONE, place=Path("/trash/x"))
    second = replace(STEP, number=1, destination=None, target="kept.jpg", action=Action.SYMLINK)
    journal.write(second, Event.INTENDED)
    journal.write(second, Event.FAILED, "no room")
    assert not journal.is_closed
    journal.close()
    (read,) = JournalFolder(folder).all()
    assert read.header == journal.header and read.is_closed
    first, last = read.records()
    assert (first.step, first.event, first.place) == (STEP, Event.DONE, Path("/trash/x"))
    assert (last.step, last.event, last.message) == (second, Event.FAILED, "no room")


def test_undoing_keeps_what_was_known(folder: Path) -> None:
    journal = begin(folder)
    journal.write(STEP, Event.INTENDED)
    journal.write(STEP, Event.DONE, place=Path("/trash/x"))
    journal.close()
    (again,) = JournalFolder(folder).all()
    announced = replace(STEP, temporary=Path("/a/.undo"))
    again.write(announced, Event.UNDOING)
    assert not again.is_closed
    (record,) = again.records()
    assert (record.step, record.event, record.place) == (announced, Event.UNDOING, Path("/trash/x"))


def test_every_length_of_a_torn_journal_can_be_read_and_written_on(folder: Path) -> None:
    journal = begin(folder)
    journal.write(STEP, Event.INTENDED)
    journal.write(STEP, Event.DONE)
    journal.close()
    whole = journal.path.read_bytes()
    lengths = [len(b"".join(whole.splitlines(keepends=True)[: n + 1])) for n in range(4)]
    near = {mark + shift for mark in lengths for shift in (-1, 0, 1)}
    for length in sorted({*range(0, len(whole), 23), *near, len(whole)} - {len(whole) + 1}):
        journal.path.write_bytes(whole[:length])
        found = JournalFolder(folder).all()
        if length < lengths[0]:
            assert found == [], "nothing was announced yet"
            continue
        (read,) = found
        events = [record.event for record in read.records()]
        expected = [[], [Event.INTENDED], [Event.DONE], [Event.DONE]]
        assert events == expected[sum(length >= mark for mark in lengths) - 1]
        assert read.is_closed is (length == len(whole))
        if length >= lengths[1]:
            read.write(STEP, Event.UNDOING)
            assert [record.event for record in read.records()] == [Event.UNDOING]
            read.close()
            assert read.is_closed


def test_a_full_disk_tears_a_line_that_is_cut_off_later(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal = begin(folder)
    write = os.write

    def short(handle: int, data: bytes) -> int:
        if len(data) < 50:
            raise OSError(28, "No space left on device")
        return write(handle, data[: len(data) // 2])

    monkeypatch.setattr("visualsearch_cli.acting.journal.os.write", short)
    with pytest.raises(JournalUnusable, match="free some space"):
        journal.write(STEP, Event.INTENDED)
    monkeypatch.undo()
    assert journal.records() == []
    journal.write(STEP, Event.INTENDED)
    assert [record.event for record in journal.records()] == [Event.INTENDED]


def test_lines_are_on_the_disk_when_a_write_returns(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[int] = []
    fsync = os.fsync

    def watch(handle: int) -> None:
        synced.append(os.fstat(handle).st_size)
        fsync(handle)

    monkeypatch.setattr("visualsearch_cli.acting.journal.os.fsync", watch)
    journal = begin(folder)
    journal.write(STEP, Event.INTENDED)
    assert synced[-1] == journal.path.stat().st_size


HEADER = {"schema": "visualsearch/journal/1", "id": "i", "created": "c", "action": "move", "report": "r"}


@pytest.mark.parametrize(
    "text",
    [
        "x\n",
        "[]\n",
        "{}\n",
        "[" * 100_000 + "\n",
        *(
            json.dumps({**HEADER, "digest": "d", key: value}) + "\n"
            for key, value in [("schema", 1), ("id", 1), ("action", "eat"), ("report", None), ("digest", [])]
        ),
        json.dumps(HEADER) + "\n",
        '{"schema": "visualsearch/journal/2", "id": "x"}\n',
    ],
    ids=range(11),
)
def test_what_is_no_journal_is_named(folder: Path, text: str) -> None:
    (folder / "x.jsonl").write_text(text)
    with pytest.raises(JournalUnusable, match=r"x\.jsonl"):
        JournalFolder(folder).all()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"number": "0"}, "line 2: number is '0'"),
        ({"number": ...}, "line 2: number is missing"),
        ({"event": "begun"}, "line 2: event is 'begun', expected one of intended, done"),
        ({"message": 5}, "line 2: message is 5"),
        ({"place": "here"}, "line 2: place is 'here', expected an absolute path"),
        ({"step": ...}, "line 2: step is missing, and no line before begins this step"),
        ({"step": []}, r"line 2: step is \[\], expected a JSON object"),
        ({"step.number": None}, r"step\.number is None"),
        ({"step.action": "eat"}, r"step\.action is 'eat'"),
        ({"step.path": "a.jpg"}, r"step\.path is 'a\.jpg'"),
        ({"step.keeper": None}, r"step\.keeper is None"),
        ({"step.verdict": "?"}, r"step\.verdict is '\?'"),
        ({"step.content_hash": 5}, r"step\.content_hash is 5"),
        ({"step.temporary": ...}, r"step\.temporary is missing"),
        ({"step.destination": 5}, r"step\.destination is 5"),
        ({"step.target": []}, r"step\.target is \[\]"),
        ({"step.entry": 5}, r"step\.entry is 5"),
        ({"step.entry.kind": "folder"}, r"step\.entry\.kind is 'folder', expected one of file, link, other"),
        ({"step.entry.inode": -1}, r"step\.entry\.inode is -1"),
        ({"step.entry.mode": "rw"}, r"step\.entry\.mode is 'rw'"),
        ({"step.keeper_entry.size": ...}, r"step\.keeper_entry\.size is missing"),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_a_line_with_a_wrong_part_is_named(folder: Path, changes: dict[str, object], message: str) -> None:
    journal = begin(folder)
    journal.write(STEP, Event.INTENDED)
    first, second = journal.path.read_text().splitlines()
    line = json.loads(second)
    for place, value in changes.items():
        *above, key = place.split(".")
        record = line
        for part in above:
            record = record[part]
        if value is ...:
            del record[key]
        else:
            record[key] = value
    journal.path.write_text(f"{first}\n{json.dumps(line)}\n")
    (read,) = JournalFolder(folder).all()
    with pytest.raises(JournalUnusable, match=rf"is damaged \(.*{message}.*\): move it away"):
        read.records()


@pytest.mark.parametrize("error", [AttributeError, KeyError, TypeError, ValueError])
def test_a_bug_of_ours_is_no_damage_of_the_journal(
    folder: Path, error: type[Exception], monkeypatch: pytest.MonkeyPatch
) -> None:
    begin(folder).write(STEP, Event.INTENDED)

    def broken(*_: object, **__: object) -> None:
        raise error("planted")

    for place in ("JournalHeader", "Step", "Entry", "Record"):
        with monkeypatch.context() as patched:
            patched.setattr(f"visualsearch_cli.acting.journal.{place}", broken)
            with pytest.raises(error, match="planted"):
                [journal.records() for journal in JournalFolder(folder).all()]


def test_damage_in_the_middle_is_named(folder: Path) -> None:
    journal = begin(folder)
    journal.write(STEP, Event.INTENDED)
    journal.close()
    journal.path.write_bytes(journal.path.read_bytes().replace(b'"number"', b'"number', 1))
    with pytest.raises(JournalUnusable, match="damaged"):
        journal.records()


@pytest.mark.skipif(os.name == "nt", reason="there, links are followed")
def test_no_journal_is_written_through_a_link(folder: Path, tmp_path: Path) -> None:
    journal = begin(folder)
    elsewhere = journal.path.rename(tmp_path / "elsewhere.jsonl")
    journal.path.symlink_to(elsewhere)
    before = elsewhere.read_bytes()
    (again,) = JournalFolder(folder).all()
    with pytest.raises(JournalUnusable, match="cannot be used"):
        again.write(STEP, Event.INTENDED)
    assert elsewhere.read_bytes() == before


def test_one_process_acts_at_a_time(folder: Path) -> None:
    with (
        JournalFolder(folder).lock(),
        pytest.raises(ApplyRunning, match="another process") as raised,
        JournalFolder(folder).lock(),
    ):
        pass
    assert raised.value.exit_code == 11


def test_no_folder_is_no_journals(tmp_path: Path) -> None:
    assert JournalFolder(tmp_path / "none").all() == []
    (tmp_path / "file").touch()
    with pytest.raises(JournalUnusable), JournalFolder(tmp_path / "file" / "journal").lock():
        pass


def test_journals_come_oldest_first(folder: Path) -> None:
    ids = [begin(folder).header.id for _ in range(5)]
    assert [journal.header.id for journal in JournalFolder(folder).all()] == ids


def test_a_report_is_known_by_its_groups(tmp_path: Path) -> None:
    for name in "ab":
        (tmp_path / name).write_bytes(b"x")
    made = report(group(tmp_path / "a", member(tmp_path / "b", Verdict.IDENTICAL)))
    again = replace(made, created="later", command="dupes --json")
    other = replace(made, groups=(group(tmp_path / "a"),))
    assert report_digest(made) == report_digest(again) != report_digest(other)
