"""Runs of `apply` and `undo`: one at a time, after what an interrupted one left half done is settled."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from visualsearch_cli.acting.action import Action, Event
from visualsearch_cli.acting.applying import Applier, Placement
from visualsearch_cli.acting.checking import require_below_roots
from visualsearch_cli.acting.disk import Disk
from visualsearch_cli.acting.merging.merger import Merger
from visualsearch_cli.acting.trash import SystemTrash
from visualsearch_cli.acting.undoing import Undoer, recover
from visualsearch_cli.atomic import temporary_name
from visualsearch_cli.errors import VisualSearchError
from visualsearch_cli.index.records import INDEX_FOLDER
from visualsearch_cli.reports.report_json import report_digest

if TYPE_CHECKING:
    from collections.abc import Iterable

    from visualsearch_cli.acting.action import FileSystem, Journal, Record, Result, Step, Trash
    from visualsearch_cli.acting.journal import JournalFile, JournalFolder
    from visualsearch_cli.acting.selection import Selection
    from visualsearch_cli.progress import Messages, Progress
    from visualsearch_cli.reports.report import Report


class ApplyRun:
    """One run of `apply`. `results` are there as far as it came, also if something stops it."""

    def __init__(
        self,
        report: Report,
        name: str,
        action: Action,
        folder: Path | None,
        journals: JournalFolder,
        progress: Progress,
        messages: Messages,
        *,
        merges: bool = False,
    ) -> None:
        """`name` is where the report came from; `folder`, which is real and absolute, where files move to.
        `merges` says whether what only a copy knows is written into a sidecar of the kept file.

        Raises ReportInvalid if a file of the report lies below no folder that was indexed.
        """
        require_below_roots(report, name)
        self.results: list[Result] = []
        self.journal: Journal | None = None  # of what was done, if anything was
        self._name = name
        self._action = action
        self._merges = merges
        self._journals = journals
        self._progress = progress
        self._messages = messages
        base = report.index.parent if report.index.name == INDEX_FOLDER else None
        self._placement = Placement(base, folder)
        self._digest = report_digest(report)
        if base and folder and folder.is_relative_to(base):
            messages.note(f"{folder} lies in {base}: the next `visualsearch index` will find the files there")

    def rehearse(self, selection: Selection) -> list[Result]:
        """Check every file and return what would be done."""
        applier = self._applier(acts=False)
        applier.earlier = _done_before(self._journals, self._digest)
        applier.added = _added_before(self._journals, self._digest)
        return self._collect(applier, selection)

    def act(self, selection: Selection) -> list[Result]:
        """Do it. Raises ApplyRunning if another process does, JournalUnusable where nothing can be noted."""
        with self._journals.lock():
            applier = self._applier(acts=True)
            interrupted = _recover_all(self._journals, applier.files, applier.trash, self._messages)
            self._go_on(interrupted, applier)
            applier.earlier = _done_before(self._journals, self._digest)
            applier.added = _added_before(self._journals, self._digest)
            results = self._collect(applier, selection)
            if self.journal and not applier.unsettled:
                self.journal.close()
        return results

    def _go_on(self, interrupted: Iterable[JournalFile], applier: Applier) -> None:
        """Go on in the journal of an interrupted run, so that one `undo` takes back both."""
        for journal in interrupted:
            if (journal.header.digest, journal.header.action) == (self._digest, self._action):
                self.journal = journal
                applier.unsettled = not journal.is_closed
                applier.next_number = 1 + max((r.step.number for r in journal.records()), default=-1)

    def _collect(self, applier: Applier, selection: Selection) -> list[Result]:
        label = "acting" if applier.journal else "checking"
        with self._progress.step(label, len(selection.tasks)) as advance:
            for result in applier.run(selection):
                self.results.append(result)
                advance(1)
        return self.results

    def _applier(self, *, acts: bool) -> Applier:
        def journal() -> Journal:
            if self.journal is None:
                self.journal = self._journals.create(self._action, self._name, self._digest)
            return self.journal

        files = Disk()
        return Applier(
            action=self._action,
            files=files,
            trash=SystemTrash(),
            journal=journal if acts else None,
            placement=self._placement,
            token=temporary_name,
            merger=Merger(files, temporary_name) if self._merges else None,
        )


class UndoRun:
    """One run of `undo`. `results` are there as far as it came, also if something stops it."""

    def __init__(self, journals: JournalFolder, progress: Progress, messages: Messages) -> None:
        self.results: list[Result] = []
        self._journals = journals
        self._progress = progress
        self._messages = messages

    def rehearse(self, id: str | None) -> JournalFile:
        """Return the journal of that name (None: the last one), after `results` says what would come back.

        Raises VisualSearchError if there is none.
        """
        undoer = Undoer(Disk(), SystemTrash(), temporary_name, dry=True)
        return self._take_back(undoer, id)

    def act(self, id: str | None) -> JournalFile:
        """Take back what a journal says was done, and return it.

        Raises ApplyRunning if another process acts, VisualSearchError if there is no such journal.
        """
        with self._journals.lock():
            undoer = Undoer(Disk(), SystemTrash(), temporary_name)
            _recover_all(self._journals, undoer.files, undoer.trash, self._messages)
            journal = self._take_back(undoer, id)
            if not undoer.unsettled:
                journal.close()
        return journal

    def _take_back(self, undoer: Undoer, id: str | None) -> JournalFile:
        journal = _found(self._journals, id)
        undoer.unsettled = not journal.is_closed
        with self._progress.step("undoing", len(journal.records())) as advance:
            for result in undoer.run(journal):
                self.results.append(result)
                advance(1)
        return journal


def _found(journals: JournalFolder, id: str | None) -> JournalFile:
    known = journals.all()
    if not known:
        raise VisualSearchError(f"nothing was applied yet: there is no journal in {journals.path}")
    if id is None:
        return known[-1]
    for journal in known:
        if journal.header.id == id:
            return journal
    raise VisualSearchError(f"there is no journal {id} in {journals.path}: see `visualsearch undo --list`")


def _recover_all(
    journals: JournalFolder, files: FileSystem, trash: Trash, messages: Messages
) -> list[JournalFile]:
    """Settle what interrupted runs left half done; return their journals. The caller holds the lock."""
    interrupted = []
    for journal in journals.all():
        if journal.is_closed:
            continue
        interrupted.append(journal)
        problems = recover(journal, files, trash)
        for problem in problems:
            messages.problem(f"an earlier run ({journal.header.id}) was interrupted: {problem}")
        if not problems:
            journal.close()
    return interrupted


def _done_before(journals: JournalFolder, digest: str) -> dict[Path, Record]:
    """Return what earlier runs did of the same report and nobody took back."""
    found: dict[Path, Record] = {}
    for journal in journals.all():
        if journal.header.digest == digest:
            for record in journal.records():
                if record.step.action is not Action.MERGE:
                    found[record.step.path] = record
    return {path: record for path, record in found.items() if record.event is Event.DONE}


def _added_before(journals: JournalFolder, digest: str) -> list[Step]:
    """Return what earlier runs of the same report added to sidecars and nobody took out, in this order."""
    return [
        record.step
        for journal in journals.all()
        if journal.header.digest == digest
        for record in journal.records()
        if record.step.action is Action.MERGE and record.event is Event.DONE
    ]
