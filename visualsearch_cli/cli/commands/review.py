"""`visualsearch review`"""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from visualsearch_cli.cli import options
from visualsearch_cli.cli.exit_codes import ExitCode
from visualsearch_cli.cli.for_dupes.dupes_options import chosen_level, parsed_keys
from visualsearch_cli.cli.locating import find_index, find_indexes, indexes_of_report
from visualsearch_cli.cli.output.acting import journal_folder
from visualsearch_cli.cli.output.console import MESSAGES, RichProgress, note, note_skipped
from visualsearch_cli.cli.paths import checked_output, given_paths
from visualsearch_cli.duplicates.keeping import DEFAULT_KEEP
from visualsearch_cli.errors import VisualSearchError
from visualsearch_cli.index.model import ModelChoice
from visualsearch_cli.index.open import open_ignored, open_reader
from visualsearch_cli.index.roots import absolute
from visualsearch_cli.pictures.orientations import Transforms
from visualsearch_cli.reports.report_files import REPORT
from visualsearch_cli.verdicts.verdict import Verdict
from visualsearch_cli.watched import WATCH
from visualsearch_cli.wording import counted

if TYPE_CHECKING:
    from visualsearch_cli.index.folder import IndexFolder
    from visualsearch_cli.pages.setting_up import Opened
    from visualsearch_cli.reports.report import Report

DEFAULT_KEYS = ",".join(key.value for key in DEFAULT_KEEP)


def review(
    places: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="REPORT|PATH...",
            help="The JSON of `dupes`, or folders and files to look for duplicates in. Default: all of the "
            "index.",
            show_default=False,
        ),
    ] = None,
    index: options.Indexes = None,
    level: Annotated[
        Verdict | None,
        typer.Option(
            "--level",
            metavar="LEVEL",
            help="The weakest verdict that is shown: identical, pixels, same, edited or similar. Default: "
            "same; what the report has.",
            show_default=False,
        ),
    ] = None,
    keep: Annotated[
        str,
        typer.Option(
            "--keep",
            metavar="KEYS",
            help="What chooses the file to keep, as for `dupes`, if there is no report.",
            show_default=False,
        ),
    ] = DEFAULT_KEYS,
    reference: Annotated[
        list[str] | None,
        typer.Option(
            "--reference",
            metavar="DIR",
            help="Always keep what is in DIR, if there is no report; repeatable.",
        ),
    ] = None,
    move_to: Annotated[
        Path | None,
        typer.Option(
            "--move-to",
            metavar="DIR",
            help="Move copies into a folder, with their paths. Default: to the trash.",
            show_default=False,
        ),
    ] = None,
    report: Annotated[
        Path | None,
        typer.Option(
            "--report", metavar="FILE", help="At the end, write what was decided to FILE, for `apply`."
        ),
    ] = None,
    language: Annotated[
        str | None,
        typer.Option(
            "--language",
            metavar="TAG",
            help="The language of the page: en or de. Default: the one that the browser prefers.",
            show_default=False,
        ),
    ] = None,
    search: Annotated[
        bool,
        typer.Option("--search", help="Look for no duplicates, and open the page to search in."),
    ] = False,
    no_open: Annotated[
        bool, typer.Option("--no-open", help="Only print the address, do not open the browser.")
    ] = False,
) -> ExitCode:
    """Look at the groups of duplicates side by side, decide, apply and undo: on a page in the browser.

    The page is served to this machine alone, until you end it there or press Ctrl-C. What you decide is kept
    at once, and is there again when you start anew. Nothing is deleted for good.
    """
    from visualsearch_cli.pages.setting_up import check_installed, open_review
    from visualsearch_cli.pages.texts import languages

    if language is not None and language not in languages():
        raise typer.BadParameter(f"--language: '{language}' is none of {', '.join(languages())}")
    if report is not None:
        checked_output("--report", report, REPORT)
    check_installed()
    command = shlex.join(["visualsearch", *sys.argv[1:]])
    named = _report_named(places)
    if search:
        document, folders = _nothing(index, places, command)
    elif named is not None:
        document, folders = _read(named, index)
    else:
        document, folders = _found(places, index, level, keep, reference, command)
    if level is not None:
        document = replace(document, groups=tuple(g for g in document.groups if g.verdict.reaches(level)))
    memory = open_ignored(folders[0], needed=True, messages=MESSAGES)
    folder = None if move_to is None else Path(os.path.realpath(move_to))
    opened = open_review(
        document,
        _roots(folders),
        memory,
        ModelChoice().new(MESSAGES),
        journal_folder(),
        command,
        folder,
        language,
        folders,
    )
    _serve(opened, "search" if search else "", quiet=no_open)
    if not search or report is not None:
        _tell(opened, report)
    return ExitCode.DONE


def _report_named(places: Sequence[str] | None) -> str | None:
    """Return the report, if one is named, and not pictures: it is looked at, not judged by its name."""
    if not places or len(places) != 1 or places[0] == "-" or not os.path.isfile(places[0]):
        return None
    try:
        with open(places[0], "rb") as stream:
            return places[0] if REPORT.is_ours(stream) else None
    except OSError:
        return None


def _read(name: str, index: Sequence[Path] | None) -> tuple[Report, list[IndexFolder]]:
    """Return a report, and the indexes that it is about: its own, or those that are given."""
    from visualsearch_cli.reports.report_json import read_report

    document = read_report(Path(name).read_bytes().decode("utf-8-sig", "replace"), name)
    if index:
        return document, [find_index(each) for each in index]
    return document, indexes_of_report(document.index, document.roots)


def _found(
    places: Sequence[str] | None,
    index: Sequence[Path] | None,
    level: Verdict | None,
    keep: str,
    reference: Sequence[str] | None,
    command: str,
) -> tuple[Report, list[IndexFolder]]:
    """Look for the duplicates, as `dupes` does."""
    from visualsearch_cli.duplicates.of_index import Asked, report_duplicates
    from visualsearch_cli.index.joined.joining import open_joined
    from visualsearch_cli.index.scope import ScopeOptions
    from visualsearch_cli.pictures.reader import Decoding

    keys = parsed_keys(keep)
    given = tuple(absolute(path) for path in given_paths(list(places or ()), null=False))
    protected = tuple(absolute(path) for path in reference or ())
    folders = find_indexes(index, [*given, *protected] if given else ())
    asked = Asked(chosen_level(level, Transforms.NONE), keys, ScopeOptions(given), references=protected)
    progress = RichProgress()
    with open_joined(folders, ModelChoice(), Decoding(), progress, MESSAGES) as opened:
        document = report_duplicates(opened, asked, command, progress)
    note_skipped(document.skipped, "see `visualsearch dupes`")
    return replace(document, index=folders[0].path.absolute()), folders


def _nothing(
    index: Sequence[Path] | None, places: Sequence[str] | None, command: str
) -> tuple[Report, list[IndexFolder]]:
    """Return a report of no groups, and the index that is to be searched."""
    from visualsearch_cli.reports.report import Report

    folders = find_indexes(index, [absolute(path) for path in places or ()])
    with open_reader(folders[0]) as catalog:
        model = catalog.manifest().model.name
    keys = tuple(key.value for key in DEFAULT_KEEP)
    return Report(folders[0].path.absolute(), model, "", command, Verdict.SAME, keys, ()), folders


def _roots(folders: Sequence[IndexFolder]) -> list[str]:
    """Return the folders that the indexes are about: no picture elsewhere is shown."""
    found: list[str] = []
    for folder in folders:
        with open_reader(folder) as catalog:
            found += [root.path for root in catalog.roots()]
    return found


def _serve(opened: Opened, page: str, *, quiet: bool) -> None:
    """Serve the page until it is ended there, or by Ctrl-C."""

    def ready() -> None:
        if WATCH.has_told:
            return  # the page is open, and has the same address
        print(opened.door.address + page, flush=True)
        note("open this address in a browser of this machine; Ctrl-C ends the review")
        if not quiet:
            _open(opened.door.address + page)

    try:
        opened.serve(ready)
    except KeyboardInterrupt:  # that is how it is ended: all that was decided is kept
        print(file=sys.stderr)


def _open(address: str) -> None:
    """Open the address in the user's browser, where there is a display."""
    import webbrowser

    shown = sys.platform == "darwin" or os.name == "nt"
    if shown or os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"):
        webbrowser.open(address)


def _tell(opened: Opened, report: Path | None) -> None:
    """Say how far the review came, and write the report of it."""
    sums = opened.review.sums()
    note(f"{sums.decided:,} of {counted(sums.groups, 'group')} decided: run the same command again to go on")
    if sums.pending:
        note(
            f"{counted(sums.pending, 'decision')} could not be written to the index yet, which is in use: "
            "the next review does that"
        )
    if report is None:
        return
    from visualsearch_cli.cli.output.dupes import write_report

    try:
        write_report(opened.review.outcome(opened.command), report)
    except VisualSearchError:
        note("what was decided is kept: run the same command again with another --report")
        raise
