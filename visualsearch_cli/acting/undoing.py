"""Taking back what `apply` did, the last step first; and clearing up what a crash left half done."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from visualsearch_cli.acting.action import (
    Action,
    Event,
    FileSystem,
    Journal,
    Outcome,
    Record,
    Result,
    Step,
    Trash,
)
from visualsearch_cli.acting.steps import find_source, is_back, is_in_place, revert, settle
from visualsearch_cli.errors import ActionError, FileChanged


def recover(journal: Journal, files: FileSystem, trash: Trash) -> list[str]:
    """Settle every step that was announced and not finished. Returns what could not be settled."""
    problems = []
    for record in journal.records():
        if record.event.announces:
            try:
                settle(record.step, record.event, journal, files, trash)
            except ActionError as error:
                problems.append(str(error))
    return problems


@dataclass
class Undoer:
    """Takes steps back. With `dry` it only says what it would do."""

    files: FileSystem
    trash: Trash
    token: Callable[[], str]  # a new name for each temporary file
    dry: bool = False
    unsettled: bool = False  # whether a step is half done: for the next run

    def run(self, journal: Journal) -> Iterator[Result]:
        """Take back every step of a journal that was done and not yet taken back, the last one first.

        Raises JournalUnusable, at which nothing further is done.
        """
        away: set[Path] = set()  # what is not back, and the sidecars that know what it knew
        for record in reversed(journal.records()):
            step, is_done = record.step, record.event is Event.DONE
            if is_done and step.action is Action.MERGE and away & {step.path, step.companion_of}:
                away.add(step.path)
                yield _left(step)
            elif is_done or record.event is Event.UNDONE:
                result = self.take_back(record, journal)
                if result.outcome.is_problem and step.action is not Action.MERGE:
                    away.add(step.path)
                yield result

    def take_back(self, record: Record, journal: Journal) -> Result:
        """Take one step back that was done. Raises JournalUnusable."""
        step = record.step
        size = 0 if step.action is Action.MERGE else step.entry.size
        result = Result(step.path, step.keeper, step.verdict, size, Outcome.ALREADY, "", step)
        if record.event is Event.UNDONE:
            return result
        try:
            if not is_in_place(step, self.files) and is_back(step, self.files):
                return replace(result, message="the file is back in its place")
            source = find_source(record, self.files, self.trash)
        except FileChanged as error:
            return replace(result, outcome=Outcome.REFUSED, message=str(error))
        except ActionError as error:
            return replace(result, outcome=Outcome.FAILED, message=str(error))
        if self.dry:
            return replace(result, outcome=Outcome.PLANNED)
        # What is half done lies beside the file that is to come back.
        announced = replace(step, temporary=step.path.with_name(self.token()))
        journal.write(announced, Event.UNDOING)
        try:
            revert(announced, source, self.files, self.trash)
        except ActionError as error:
            try:
                settle(announced, Event.UNDOING, journal, self.files, self.trash)
            except ActionError as further:
                self.unsettled = True
                return replace(result, outcome=Outcome.FAILED, message=f"{error}; then {further}")
            return replace(result, outcome=Outcome.FAILED, message=str(error))
        journal.write(announced, Event.UNDONE)
        return replace(result, outcome=Outcome.DONE)


def _left(step: Step) -> Result:
    """Return the result for a sidecar that stays: nothing else may still know what it was told."""
    why = f"{step.companion_of} is not back, and what it knew stays here"
    return Result(step.path, step.keeper, step.verdict, 0, Outcome.LEFT, why, step)
