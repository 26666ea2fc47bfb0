"""Runs after one another: what one could not settle, the next one does."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.helpers.reports_of_files import group, member, report
from visualsearch_cli.acting import runs
from visualsearch_cli.acting.action import Action, Entry, Outcome
from visualsearch_cli.acting.disk import Disk
from visualsearch_cli.acting.journal import JournalFolder
from visualsearch_cli.acting.runs import ApplyRun, UndoRun
from visualsearch_cli.acting.selection import select
from visualsearch_cli.errors import ActionError
from visualsearch_cli.progress import UNHEARD, NoProgress
from visualsearch_cli.verdicts.verdict import Verdict


class GoesAway(Disk):
    """A disk that is pulled out while a file is set aside."""

    def __init__(self) -> None:
        super().__init__()
        self.is_away = False

    def rename_aside(self, source: Path, destination: Path, *, durable: bool = False) -> None:
        self._expect_there()
        super().rename_aside(source, destination, durable=durable)
        self.is_away = True

    def look(self, path: Path) -> Entry | None:
        self._expect_there()
        return super().look(path)

    def _expect_there(self) -> None:
        if self.is_away:
            raise ActionError("its disk went away")


class IsAway(GoesAway):
    """A disk that was pulled out."""

    def __init__(self) -> None:
        super().__init__()
        self.is_away = True


class OnACard(Disk):
    """One on which all but the journals lies on a card, which is there."""

    def mount_of(self, path: Path) -> Path | None:
        return path.parent

    def is_mounted(self, point: Path) -> bool:
        del point
        return True


class IsUnmounted(OnACard):
    """After somebody unmounted the card: there is an empty folder."""

    def look(self, path: Path) -> Entry | None:
        del path
        return None

    def is_mounted(self, point: Path) -> bool:
        del point
        return False


class GoesAwayAndIsUnmounted(GoesAway, OnACard):
    """A card that is pulled out when the copy is set aside."""


@pytest.mark.parametrize("action", [Action.DELETE, Action.TRASH, Action.MOVE, Action.HARDLINK])
def test_what_is_set_aside_on_a_card_that_was_unmounted_comes_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, action: Action
) -> None:
    """Where nothing is mounted, everything looks removed: then nothing is settled."""
    for name in ("a.jpg", "b.jpg"):
        (tmp_path / name).write_bytes(b"picture")
    found = report(group(tmp_path / "a.jpg", member(tmp_path / "b.jpg", Verdict.IDENTICAL)))
    journals = JournalFolder(tmp_path / "journals")
    with monkeypatch.context() as patch:
        patch.setattr(runs, "Disk", GoesAwayAndIsUnmounted)
        run = ApplyRun(found, "r.json", action, tmp_path / "moved", journals, NoProgress(), UNHEARD)
        run.act(select(found, action, Verdict.SAME))
        patch.setattr(runs, "Disk", IsUnmounted)
        told: list[str] = []
        UndoRun(journals, NoProgress(), UNHEARD._replace(problem=told.append)).act(None)
        assert "no disk is mounted at" in told[0]
        assert not journals.all()[0].is_closed
    assert "b.jpg" not in os.listdir(tmp_path)
    monkeypatch.setattr(runs, "Disk", OnACard)
    UndoRun(journals, NoProgress(), UNHEARD).act(None)
    assert sorted(os.listdir(tmp_path)) == ["a.jpg", "b.jpg", "journals"]


def test_nothing_is_brought_back_to_where_no_disk_is_mounted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It would go to another disk, below the one that hides it later."""
    card, moved = tmp_path / "card", tmp_path / "moved"
    card.mkdir()
    for name in ("a.jpg", "b.jpg"):
        (card / name).write_bytes(b"picture")
    found = report(group(card / "a.jpg", member(card / "b.jpg", Verdict.IDENTICAL)))
    journals = JournalFolder(tmp_path / "journals")
    with monkeypatch.context() as patch:
        patch.setattr(runs, "Disk", OnACard)
        run = ApplyRun(found, "r.json", Action.MOVE, moved, journals, NoProgress(), UNHEARD)
        (result,) = run.act(select(found, Action.MOVE, Verdict.SAME))
        assert result.outcome is Outcome.DONE
        patch.setattr(runs, "Disk", IsUnmounted)
        undone = UndoRun(journals, NoProgress(), UNHEARD)
        undone.act(None)
        assert [result.outcome for result in undone.results] == [Outcome.FAILED]
        assert "no disk is mounted at" in undone.results[0].message
    assert os.listdir(card) == ["a.jpg"]
    monkeypatch.setattr(runs, "Disk", OnACard)
    UndoRun(journals, NoProgress(), UNHEARD).act(None)
    assert sorted(os.listdir(card)) == ["a.jpg", "b.jpg"]


@pytest.mark.parametrize("then", ["apply", "undo"])
def test_what_is_set_aside_on_a_disk_that_went_away_comes_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, then: str
) -> None:
    """With the next run, which finds the disk again."""
    for name in ("a.jpg", "b.jpg"):
        (tmp_path / name).write_bytes(b"picture")
    found = report(group(tmp_path / "a.jpg", member(tmp_path / "b.jpg", Verdict.IDENTICAL)))
    journals = JournalFolder(tmp_path / "journals")

    def run() -> ApplyRun:
        return ApplyRun(found, "r.json", Action.DELETE, None, journals, NoProgress(), UNHEARD)

    selection = select(found, Action.DELETE, Verdict.SAME)
    with monkeypatch.context() as patch:
        patch.setattr(runs, "Disk", GoesAway)
        (result,) = run().act(selection)
        assert result.outcome is Outcome.FAILED and "went away" in result.message
        patch.setattr(runs, "Disk", IsAway)
        (result,) = run().act(selection)
        assert result.outcome is Outcome.FAILED, "nor can that one settle it"
    (aside,) = set(os.listdir(tmp_path)) - {"a.jpg", "journals"}
    assert aside.startswith(".visualsearch-")
    if then == "undo":
        UndoRun(journals, NoProgress(), UNHEARD).act(None)
        assert sorted(os.listdir(tmp_path)) == ["a.jpg", "b.jpg", "journals"]
    else:
        (result,) = run().act(selection)
        assert result.outcome is Outcome.DONE
        assert sorted(os.listdir(tmp_path)) == ["a.jpg", "journals"]
    assert all(journal.is_closed for journal in journals.all())
