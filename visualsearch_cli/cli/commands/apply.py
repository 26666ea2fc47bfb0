"""`visualsearch apply`"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from visualsearch_cli.acting.action import Action, Outcome, Result
from visualsearch_cli.cli.exit_codes import ExitCode
from visualsearch_cli.cli.output.acting import (
    confirmed_on_terminal,
    is_sidecar,
    journal_folder,
    list_files,
    note_dangling,
    note_lost,
    note_rest,
    print_other,
    print_results,
    result_record,
)
from visualsearch_cli.cli.output.console import MESSAGES, RichProgress, note
from visualsearch_cli.cli.output.formats import to_json
from visualsearch_cli.cli.output.shell import quote, shell_line
from visualsearch_cli.errors import ReportInvalid
from visualsearch_cli.verdicts.verdict import Verdict
from visualsearch_cli.wording import counted, printable, short_size

if TYPE_CHECKING:
    from visualsearch_cli.acting.action import Journal
    from visualsearch_cli.acting.dangling import Dangling
    from visualsearch_cli.reports.report import Report

SCHEMA = "visualsearch/apply/1"
STDIN = "-"


def apply(
    report: Annotated[str, typer.Argument(metavar="REPORT", help="The JSON of `dupes`; - reads stdin.")],
    trash: Annotated[bool, typer.Option("--trash", help="Move copies to the trash (the default).")] = False,
    move_to: Annotated[
        Path | None,
        typer.Option(
            "--move-to",
            metavar="DIR",
            help="Move copies into a folder, with their paths.",
            show_default=False,
        ),
    ] = None,
    hardlink: Annotated[
        bool, typer.Option("--hardlink", help="Replace identical copies by hard links to the kept file.")
    ] = False,
    symlink: Annotated[
        bool, typer.Option("--symlink", help="Replace identical copies by symbolic links to it.")
    ] = False,
    reflink: Annotated[
        bool, typer.Option("--reflink", help="Let identical copies share its blocks (Btrfs, XFS, APFS).")
    ] = False,
    delete: Annotated[bool, typer.Option("--delete", help="Delete copies for good.")] = False,
    level: Annotated[
        Verdict | None,
        typer.Option(
            "--level",
            metavar="LEVEL",
            help="This verdict or a stronger one: identical, pixels, same or edited. "
            "Default: same; identical for links.",
            show_default=False,
        ),
    ] = None,
    merge_metadata: Annotated[
        bool,
        typer.Option(
            "--merge-metadata",
            help="Write what only a copy knows (date, GPS, stars, keywords, people) into a sidecar of the "
            "kept file.",
        ),
    ] = False,
    list_: Annotated[
        bool,
        typer.Option("--list", help="Name all files before asking, not the first twenty; also with --yes."),
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Act without asking.")] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", "-n", help="Check everything, print shell commands, do nothing.")
    ] = False,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> ExitCode:
    """Act on the copies of a report: move them to the trash, or as the options say. `undo` takes it back.

    Without --yes, and without a terminal to ask on, it only says what it would do.
    """
    from visualsearch_cli.acting.dangling import dangling
    from visualsearch_cli.acting.runs import ApplyRun
    from visualsearch_cli.acting.selection import select

    action = _chosen(
        {
            Action.TRASH: trash,
            Action.MOVE: move_to is not None,
            Action.HARDLINK: hardlink,
            Action.SYMLINK: symlink,
            Action.REFLINK: reflink,
            Action.DELETE: delete,
        }
    )
    if merge_metadata and action.links:
        raise typer.BadParameter(
            f"--{action.value} leaves each name with what lies beside it, so there is nothing to merge: "
            "leave out --merge-metadata"
        )
    weakest = _level(level, action)
    document = _read(report)
    folder = None if move_to is None else Path(os.path.realpath(move_to))
    name = "stdin" if report == STDIN else os.path.abspath(report)
    run = ApplyRun(
        *(document, name, action, folder, journal_folder(), RichProgress(), MESSAGES), merges=merge_metadata
    )
    selection = select(document, action, weakest)
    links = list(dangling(selection.tasks, action))
    note_dangling(links)
    if not merge_metadata:
        note_lost(selection, action)
    if list_ and yes and not dry_run:
        list_files(selection, all_of_them=True)
    asks = not dry_run and not yes and report != STDIN
    confirmed = asks and confirmed_on_terminal(selection, action, all_of_them=list_)
    confirmed = confirmed or (yes and not dry_run)
    try:
        results = run.act(selection) if confirmed else run.rehearse(selection)
    except BaseException:
        print_results(run.results if confirmed else [])  # what was done is done
        raise
    told = [*results, *selection.left]
    _tell(told, name, action, run.journal, links, confirmed=confirmed, asked=dry_run, json=json)
    return ExitCode.INCOMPLETE if any(result.outcome.is_problem for result in results) else ExitCode.DONE


def _tell(
    results: Sequence[Result],
    name: str,
    action: Action,
    journal: Journal | None,
    links: Sequence[Dangling],
    *,
    confirmed: bool,
    asked: bool,
    json: bool,
) -> None:
    """Print what became of each file."""
    told = [r for r in results if r.outcome in (Outcome.DONE, Outcome.PLANNED)]
    done = [result for result in told if not is_sidecar(result)]
    sidecars = len({result.path for result in told if is_sidecar(result)})
    size = sum(result.size for result in done)
    if json:
        document = {
            "schema": SCHEMA,
            "report": name,
            "action": action.value,
            "dry_run": not confirmed,
            "journal": journal.header.id if journal else None,
            "files": len(done),
            "bytes": size,
            "sidecars": sidecars,
            "dangling": [{"path": str(each.link), "target": str(each.target)} for each in links],
            "results": [result_record(result) for result in results],
        }
        print(to_json(document, indent=2))
    elif confirmed:
        print_results(results)
        if done:
            print(_summary(action, len(done), size))
        if sidecars:
            print(f"{counted(sidecars, 'sidecar')} written")
    else:
        _print_commands(results)
    note_rest(results, "done before")
    if confirmed and done:
        note("run `visualsearch index` to bring the index up to date")
        if journal and action is not Action.DELETE:
            note(f"`visualsearch undo {journal.header.id}` takes it back")
    elif not confirmed and not asked:
        note("nothing was done: pass --yes to do it")


def _chosen(wanted: dict[Action, bool]) -> Action:
    chosen = [action for action, is_wanted in wanted.items() if is_wanted]
    if len(chosen) > 1:
        names = " and ".join("--move-to" if a is Action.MOVE else f"--{a.value}" for a in chosen)
        raise typer.BadParameter(f"{names} exclude each other: choose one")
    return chosen[0] if chosen else Action.TRASH


def _level(given: Verdict | None, action: Action) -> Verdict:
    if given is None:
        return Verdict.IDENTICAL if action.links else Verdict.SAME
    if given is Verdict.SIMILAR:
        raise typer.BadParameter(
            "what is merely similar is never acted on: pass identical, pixels, same or edited",
            param_hint="--level",
        )
    if action.links and given is not Verdict.IDENTICAL:
        raise typer.BadParameter(
            f"--{action.value} replaces identical copies only, not --level {given.value}: "
            "a link has the bytes of the kept file, and the copy's own would be lost"
        )
    return given


def _read(name: str) -> Report:
    from visualsearch_cli.reports.report_json import read_report

    try:
        data = sys.stdin.buffer.read() if name == STDIN else Path(name).read_bytes()
        return read_report(data.decode("utf-8-sig"), name="stdin" if name == STDIN else name)
    except OSError as error:
        raise ReportInvalid(f"{name} cannot be read ({error.strerror}): check the path") from error
    except UnicodeDecodeError as error:
        raise ReportInvalid(
            f"{name} is not UTF-8 ({error}): make it with `visualsearch dupes --json`"
        ) from error


def _summary(action: Action, count: int, size: int) -> str:
    text = f"{counted(count, 'file')}, {short_size(size)}"
    if action is Action.TRASH:
        return f"{text} in the trash: emptying it frees the space"
    return f"{text} moved" if action is Action.MOVE else f"{text} freed"


def _print_commands(results: Iterable[Result]) -> None:
    for result in results:
        if result.outcome is Outcome.PLANNED and is_sidecar(result):
            print(f"# {quote(result.path)} would be written: {printable(result.message)}")
        elif result.outcome is Outcome.PLANNED and result.step:
            print(shell_line(result.step))
        else:
            print_other(result)
