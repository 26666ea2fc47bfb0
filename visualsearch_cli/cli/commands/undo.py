"""`visualsearch undo`"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from visualsearch_cli.acting.action import Event, Outcome, Result
from visualsearch_cli.cli.exit_codes import ExitCode
from visualsearch_cli.cli.output.acting import (
    journal_folder,
    note_rest,
    print_results,
    result_record,
)
from visualsearch_cli.cli.output.console import MESSAGES, RichProgress, note
from visualsearch_cli.cli.output.formats import to_json
from visualsearch_cli.wording import counted, printable

if TYPE_CHECKING:
    from visualsearch_cli.acting.journal import JournalFile, JournalFolder

SCHEMA = "visualsearch/undo/1"
LIST_SCHEMA = "visualsearch/journals/1"
WORD = "returned"


def undo(
    journal: Annotated[
        str | None,
        typer.Argument(metavar="JOURNAL", help="The name of a journal, see --list.", show_default=False),
    ] = None,
    last: Annotated[bool, typer.Option("--last", help="Take back what `apply` did last.")] = False,
    show_list: Annotated[bool, typer.Option("--list", help="List what was applied.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", "-n", help="Only say what would come back.")] = False,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> ExitCode:
    """Take back what `apply` did: moved and trashed files return, links become files of their own again."""
    if sum((journal is not None, last, show_list)) != 1:
        raise typer.BadParameter("pass the name of a journal, --last, or --list to see them")
    journals = journal_folder()
    if show_list:
        _print_list(journals, json=json)
        return ExitCode.DONE
    from visualsearch_cli.acting.runs import UndoRun

    run = UndoRun(journals, RichProgress(), MESSAGES)
    try:
        chosen = run.rehearse(journal) if dry_run else run.act(journal)
    except BaseException:
        print_results(run.results, WORD)  # what came back is back
        raise
    _tell(chosen, run.results, dry=dry_run, json=json)
    is_half_done = not dry_run and not chosen.is_closed
    is_problem = is_half_done or any(result.outcome.is_problem for result in run.results)
    return ExitCode.INCOMPLETE if is_problem else ExitCode.DONE


def _tell(journal: JournalFile, results: list[Result], *, dry: bool, json: bool) -> None:
    back = [r for r in results if r.outcome in (Outcome.DONE, Outcome.PLANNED)]
    if json:
        document = {
            "schema": SCHEMA,
            "journal": journal.header.id,
            "action": journal.header.action.value,
            "dry_run": dry,
            "files": len(back),
            "results": [result_record(result) for result in results],
        }
        print(to_json(document, indent=2))
    else:
        print_results(results, "would return" if dry else WORD)
        if back and not dry:
            print(f"{counted(len(back), 'file')} as before")
    note_rest(results, "taken back before")
    if not results and journal.is_closed:
        note(
            f"{journal.header.id} did nothing, so nothing is to be taken back: see `visualsearch undo --list`"
        )
    if back and not dry:
        note("run `visualsearch index` to bring the index up to date")


def _print_list(journals: JournalFolder, *, json: bool) -> None:
    rows = []
    for journal in journals.all():
        events = [record.event for record in journal.records()]
        header = journal.header
        rows.append(
            {
                "journal": header.id,
                "created": header.created,
                "action": header.action.value,
                "report": header.report,
                "done": events.count(Event.DONE),
                "undone": events.count(Event.UNDONE),
                "failed": events.count(Event.FAILED),
                "interrupted": sum(event.announces for event in events),
            }
        )
    if json:
        print(to_json({"schema": LIST_SCHEMA, "folder": str(journals.path), "journals": rows}, indent=2))
        return
    if not rows:
        note(f"nothing was applied yet: there is no journal in {journals.path}")
    for row in rows:
        counts = [f"{row[key]} {key}" for key in ("done", "undone", "failed", "interrupted") if row[key]]
        print(f"{row['journal']}  {row['action']:<8}  {', '.join(counts)}  {printable(str(row['report']))}")
