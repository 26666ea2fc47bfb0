"""What was decided is not lost: not by a crash, nor by others who decide at the same time."""

from __future__ import annotations

import multiprocessing
from pathlib import Path

import pytest

from tests.helpers.reports import member
from visualsearch_cli.duplicates.decided.review_log import (
    Choice,
    ReviewLog,
    decision_about,
    files_of,
)
from visualsearch_cli.errors import VisualSearchError
from visualsearch_cli.reports.report import Group
from visualsearch_cli.verdicts.verdict import Verdict


def group(id: str = "g1") -> Group:
    """Return a group of three files."""
    others = (member(f"/p/{id}/b.jpg", Verdict.SAME), member(f"/p/{id}/c.jpg", Verdict.SAME))
    return Group(id, (member(f"/p/{id}/a.jpg"), *others))


@pytest.fixture
def log(tmp_path: Path) -> ReviewLog:
    """A log that is not there yet."""
    return ReviewLog(tmp_path / "state" / "log.jsonl")


def test_what_was_decided_is_there_for_the_next_one(log: ReviewLog) -> None:
    assert not log.acts()
    kept = group().others[0].path
    log.add([decision_about(group(), kept)])
    log.add([decision_about(group(), kept, Choice.REMOVE, [group().others[1].path])])
    log.add([decision_about(group("g2"), group("g2").kept.path, Choice.DIFFERENT)])
    found = ReviewLog(log.path).decisions()
    assert found["g1"].keep == kept
    assert found["g1"].choice is Choice.REMOVE
    assert found["g1"].spared == (Path("/p/g1/c.jpg"),)
    assert found["g2"].pictures == {"ab" * 32: 3}
    assert found["g1"].files == files_of(group())


def test_the_last_act_is_taken_back_first_whoever_made_it(log: ReviewLog) -> None:
    other = ReviewLog(log.path)
    log.add([decision_about(group("g1"), group("g1").kept.path, Choice.REMOVE)])
    many = [decision_about(group(f"g{n}"), group(f"g{n}").kept.path, Choice.ALL) for n in (2, 3)]
    other.add(many, "/p")
    undone = log.undo_last()
    assert undone is not None
    assert undone.rule == "/p"
    assert set(other.decisions()) == {"g1"}
    assert other.undo_last() is not None
    assert log.undo_last() is None
    assert not log.decisions()


@pytest.mark.slow
def test_a_torn_line_was_never_kept_and_harms_nothing(log: ReviewLog) -> None:
    log.add([decision_about(group("g1"), group("g1").kept.path, Choice.REMOVE)])
    whole = log.path.read_bytes()
    for cut in range(1, len(whole)):
        torn = ReviewLog(log.path.with_name(f"{cut}.jsonl"))
        torn.path.write_bytes(whole + whole[whole.index(b"\n") + 1 :][:cut][:-1])
        assert len(torn.acts()) == 1
        torn.add([decision_about(group("g2"), group("g2").kept.path, Choice.REMOVE)])
        assert set(ReviewLog(torn.path).decisions()) == {"g1", "g2"}


def test_a_log_that_was_torn_at_its_first_line_begins_anew(log: ReviewLog) -> None:
    log.path.parent.mkdir(parents=True)
    log.path.write_bytes(b'{"schema": "visualsea')
    log.add([decision_about(group(), group().kept.path, Choice.REMOVE)])
    assert ReviewLog(log.path).path.read_text().startswith('{"schema": "visualsearch/review/1"}\n')
    assert len(ReviewLog(log.path).acts()) == 1


def test_a_damaged_log_is_named_and_left_as_it_is(log: ReviewLog) -> None:
    log.path.parent.mkdir(parents=True)
    log.path.write_bytes(b'{"schema": "visualsearch/review/1"}\n{"act": 3}\n')
    with pytest.raises(VisualSearchError, match="damaged"):
        log.acts()
    assert log.path.read_bytes().endswith(b'{"act": 3}\n')


def _decide(path: Path, name: str, count: int) -> None:
    log = ReviewLog(path)
    for number in range(count):
        its = group(f"{name}{number}")
        log.add([decision_about(its, its.kept.path, Choice.REMOVE)])


@pytest.mark.slow
def test_several_processes_lose_nothing_of_each_other(log: ReviewLog) -> None:
    context = multiprocessing.get_context("spawn")
    writers = [context.Process(target=_decide, args=(log.path, name, 20)) for name in "xyz"]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(60)
        assert writer.exitcode == 0
    assert set(log.decisions()) == {f"{name}{number}" for name in "xyz" for number in range(20)}


def test_what_the_index_is_to_be_told_is_known_until_it_is(log: ReviewLog) -> None:
    log.add([decision_about(group(), group().kept.path, Choice.DIFFERENT)])
    assert log.unsettled() == 1
    with log.settling() as left:
        ((act, decision),) = left.to_ignore()
        assert decision.pictures == {"ab" * 32: 3}
        left.note_ignored(act, 7)
    assert ReviewLog(log.path).unsettled() == 0
    log.undo_last()
    with ReviewLog(log.path).settling() as left:
        ((undone, number),) = left.to_forget()
        assert number == 7
        left.note_forgotten(undone)
    assert log.unsettled() == 0


def test_what_was_acted_upon_is_known_until_it_is_taken_back(log: ReviewLog) -> None:
    log.note_applied("j1", ["g1", "g2"])
    log.note_applied("j2", ["g3"])
    assert ReviewLog(log.path).applied() == {"g1": "j1", "g2": "j1", "g3": "j2"}
    log.note_returned("j1")
    assert log.applied() == {"g3": "j2"}
