"""Acting on what was decided, and taking it back: by the same checks and journal as `apply` and `undo`."""

from __future__ import annotations

import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from visualsearch_cli.acting.action import Action, Outcome, Result
from visualsearch_cli.atomic import replacing
from visualsearch_cli.errors import VisualSearchError
from visualsearch_cli.pages.job import Job, Jobs
from visualsearch_cli.progress import UNHEARD
from visualsearch_cli.reports.report_json import report_record
from visualsearch_cli.verdicts.verdict import Verdict

if TYPE_CHECKING:
    from visualsearch_cli.acting.journal import JournalFolder
    from visualsearch_cli.pages.session import Review
    from visualsearch_cli.reports.report import Member, Report


@dataclass(frozen=True, slots=True)
class Actions:
    """What can be done. Copies go to the trash, or into a folder; nothing is deleted."""

    review: Review
    jobs: Jobs
    journals: JournalFolder
    reports: Path  # the folder for the reports that were acted upon
    command: str  # as typed, for these reports
    folder: Path | None = None  # real and absolute, where copies move to; None: to the trash

    def apply(self, *, merges: bool) -> bool:
        """Begin to act on what was decided. Returns False if something is being done already."""

        def work(job: Job) -> None:
            from visualsearch_cli.acting.runs import ApplyRun
            from visualsearch_cli.acting.selection import select

            with job.step("comparing", self.review.sums().decided) as advance:
                report = self.review.outcome(self.command, advance)
            action = Action.TRASH if self.folder is None else Action.MOVE
            name = self._write(report)
            # All that is offered was looked at on the page, edits too.
            selection = select(report, action, Verdict.EDITED)
            run = ApplyRun(report, str(name), action, self.folder, self.journals, job, UNHEARD, merges=merges)
            job.results = run.results
            try:
                run.act(selection)
            finally:
                if run.journal is not None:
                    job.journal = run.journal.header.id
                    self.review.note_applied(job.journal, _groups_of(report, run.results))
            plain = {m.path for g in report.groups for m in g.others if _stays_by_rule(m)}
            job.results = [*run.results, *(r for r in selection.left if r.path not in plain)]

        return self.jobs.start(Job("apply"), work)

    def undo(self, journal: str) -> bool:
        """Begin to take back what was done. Returns False if something is being done already."""

        def work(job: Job) -> None:
            from visualsearch_cli.acting.runs import UndoRun

            run = UndoRun(self.journals, job, UNHEARD)
            job.results, job.journal = run.results, journal
            run.act(journal)
            if not any(result.outcome.is_problem for result in run.results):
                self.review.note_returned(journal)

        return self.jobs.start(Job("undo"), work)

    def _write(self, report: Report) -> Path:
        """Keep the report that is about to be acted upon, for `apply` to go on with if this one is killed."""
        path = self.reports / f"{report.created.replace(':', '')}-{secrets.token_hex(4)}.json"
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with replacing(path) as written:
                written.write_text(json.dumps(report_record(report), indent=2) + "\n", "ascii")
        except OSError as error:
            raise VisualSearchError(f"{path} cannot be written: {error.strerror or error}") from error
        return path


def _groups_of(report: Report, results: Sequence[Result]) -> list[str]:
    """Return the groups of which something is gone."""
    gone = {result.path for result in results if result.outcome in (Outcome.DONE, Outcome.ALREADY)}
    return [group.id for group in report.groups if any(member.path in gone for member in group.others)]


def _stays_by_rule(member: Member) -> bool:
    """Tell whether nobody wonders that a file was left: it was decided, or the page said that it stays."""
    return member.protected or member.verdict is Verdict.SIMILAR
