"""`visualsearch dupes`"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from visualsearch_cli.cli import options, wiring
from visualsearch_cli.cli.distances import Precision, check_precision, precise_distance
from visualsearch_cli.cli.dupes_options import (
    PAGE_SUFFIXES,
    Html,
    chosen_level,
    existing_folder,
    parsed_keys,
    parsed_size,
    places_to_cross,
    reach_of,
)
from visualsearch_cli.cli.exit_codes import ExitCode
from visualsearch_cli.cli.locating import find_index
from visualsearch_cli.cli.output.console import MESSAGES, RichProgress, note, note_skipped, note_unmatched
from visualsearch_cli.cli.output.formats import DupesFormat
from visualsearch_cli.cli.paths import absolute, checked_output, given_paths
from visualsearch_cli.duplicates.keeping import DEFAULT_KEEP, Key
from visualsearch_cli.index.open import open_ignored, open_reader
from visualsearch_cli.pictures.orientations import Transforms
from visualsearch_cli.reports.report_files import PAGE, REPORT
from visualsearch_cli.verdicts.verdict import Verdict

if TYPE_CHECKING:
    from visualsearch_cli.duplicates.find import DupesOptions, Duplicates
    from visualsearch_cli.index.records import Manifest
    from visualsearch_cli.reports.report import Report

DEFAULT_KEYS = ",".join(key.value for key in DEFAULT_KEEP)
KEEP_HELP = (
    "What chooses the file to keep, first what counts most, separated by commas. "
    f"Default: {', '.join(key.value for key in DEFAULT_KEEP)}. "
    f"Others: {', '.join(key.value for key in Key if key not in DEFAULT_KEEP)}."
)


def dupes(
    paths: options.Paths = None,
    index: options.IndexDir = None,
    level: Annotated[
        Verdict | None,
        typer.Option(
            "--level",
            metavar="LEVEL",
            help="The weakest verdict that makes a duplicate: identical, pixels, same, edited or similar. "
            "Default: same; edited with --transforms.",
            show_default=False,
        ),
    ] = None,
    keep: Annotated[
        str,
        typer.Option("--keep", metavar="KEYS", help=KEEP_HELP, show_default=False),
    ] = DEFAULT_KEYS,
    reference: Annotated[
        list[str] | None,
        typer.Option("--reference", metavar="DIR", help="Keep what is in DIR, whatever else; repeatable."),
    ] = None,
    cross: Annotated[
        bool, typer.Option("--cross", help="Only groups with files in several PATHs, or roots of the index.")
    ] = False,
    transforms: Annotated[
        Transforms,
        typer.Option(
            "--transforms",
            metavar="WHICH",
            help="Also look for mirrored copies (mirror), or turned ones too (all), or neither (none).",
        ),
    ] = Transforms.NONE,
    report: Annotated[
        Path | None,
        typer.Option("--report", metavar="FILE", help="Also write the groups to FILE as JSON, for `apply`."),
    ] = None,
    html: Html = None,
    within: Annotated[
        str | None, typer.Option("--within", metavar="PATH", help="Only files at or below PATH.")
    ] = None,
    min_size: Annotated[
        str, typer.Option("--min-size", metavar="SIZE", help="Leave out smaller files: 100k, 2M (bytes).")
    ] = "0",
    exclude: options.Exclude = None,
    max_distance: options.MaxDistance = None,
    precision: Precision = None,
    format: Annotated[
        DupesFormat,
        typer.Option(
            "--format",
            metavar="FORMAT",
            help="How to print: as table, json, jsonl, csv, fdupes or only paths.",
        ),
    ] = DupesFormat.TABLE,
    json: options.JsonFormat = False,
    null: options.Null = False,
    exit_code: Annotated[bool, typer.Option("--exit-code", help="Exit with 4 if nothing was found.")] = False,
) -> ExitCode:
    """Find the groups of duplicates in the index, and the file to keep of each.

    PATHs limit it to what is indexed there. Nothing is removed: the report of --report is for `apply`.
    """
    from visualsearch_cli.cli.output.dupes import print_duplicates, write_page, write_report
    from visualsearch_cli.duplicates.find import DupesOptions, find_duplicates
    from visualsearch_cli.duplicates.ignored import pictures_of, without_ignored
    from visualsearch_cli.index.scope import ScopeOptions
    from visualsearch_cli.wording import counted

    _check_outputs(report, html)
    check_precision(precision, max_distance)
    shown = DupesFormat.JSON if json else format
    weakest = chosen_level(level, transforms)
    keys = parsed_keys(keep, reference)
    size = parsed_size(min_size)
    given = tuple(absolute(path) for path in given_paths(paths, null=null))
    if paths and not given:
        raise typer.BadParameter("stdin named no PATH")
    folder = find_index(index)
    with open_reader(folder) as catalog:
        manifest = catalog.manifest()
        limit = max_distance if precision is None else precise_distance(precision, manifest, catalog)
        sought = DupesOptions(
            weakest,
            reach_of(manifest, weakest, limit),
            keys,
            ScopeOptions(given, absolute(within) if within else None, tuple(exclude or ()), size),
            tuple(existing_folder(path) for path in reference or ()),
            places_to_cross(catalog, given) if cross else (),
        )
        found = find_duplicates(
            catalog,
            wiring.judge_of(folder, manifest, None),
            wiring.picture_facts(),
            sought,
            RichProgress(),
            wiring.turner(manifest, transforms, folder),
        )
    memory = open_ignored(folder, messages=MESSAGES)
    shown_groups = without_ignored(found.groups, memory.decisions())
    memory.remember_groups({group.id: pictures_of(group) for group in shown_groups})
    if hidden := len(found.groups) - len(shown_groups):
        note(f"{counted(hidden, 'group')} hidden: see `visualsearch ignore --list`")
    found.groups = shown_groups
    document = report_of(found, sought, folder.path, manifest)
    if report is not None:
        write_report(document, report)
    unseen = write_page(document, html) if html is not None else []
    print_duplicates(document, shown, null=null)
    note_unmatched(found.unmatched, "the indexed folder")
    note_skipped([*found.skipped, *unseen], "see `skipped` in the report, and the page")
    if found.skipped or unseen:
        return ExitCode.INCOMPLETE
    return ExitCode.NOTHING_MATCHED if exit_code and not found.groups else ExitCode.DONE


def _check_outputs(report: Path | None, html: Path | None) -> None:
    """Refuse what may not be written over now, not after minutes of comparing."""
    if report is not None:
        checked_output("--report", report, REPORT)
    if html is not None:
        checked_output("--html", html, PAGE, PAGE_SUFFIXES)
    if report is None or html is None or (html.exists() and not html.is_file()):  # /dev/null takes both
        return
    if os.path.realpath(report) == os.path.realpath(html):
        raise typer.BadParameter(f"--report and --html name the same file, {html}: name two")


def report_of(found: Duplicates, sought: DupesOptions, index: Path, manifest: Manifest) -> Report:
    """Return what was found as a report."""
    import datetime
    import shlex
    import sys

    from visualsearch_cli.reports.report import Report

    return Report(
        index=index.absolute(),
        model=manifest.model.name,
        created=datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"),
        command=shlex.join(["visualsearch", *sys.argv[1:]]),
        level=sought.level,
        keep=tuple(key.value for key in sought.keep),
        groups=tuple(found.groups),
        skipped=tuple(found.skipped),
    )
