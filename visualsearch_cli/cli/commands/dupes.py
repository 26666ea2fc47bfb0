"""`visualsearch dupes`"""

from __future__ import annotations

import os
import shlex
import sys
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from visualsearch_cli.cli import options
from visualsearch_cli.cli.distances import Precision, check_precision
from visualsearch_cli.cli.exit_codes import ExitCode
from visualsearch_cli.cli.for_dupes.dupes_options import (
    PAGE_SUFFIXES,
    Html,
    chosen_level,
    parsed_keys,
    parsed_size,
)
from visualsearch_cli.cli.locating import find_indexes
from visualsearch_cli.cli.output.console import MESSAGES, RichProgress, note_skipped
from visualsearch_cli.cli.output.formats import DupesFormat
from visualsearch_cli.cli.paths import checked_output, given_paths
from visualsearch_cli.duplicates.keeping import DEFAULT_KEEP, MEANINGS, Key
from visualsearch_cli.index.model import ModelChoice
from visualsearch_cli.index.roots import absolute
from visualsearch_cli.pictures.orientations import Transforms
from visualsearch_cli.reports.report_files import PAGE, REPORT
from visualsearch_cli.verdicts.verdict import Verdict

DEFAULT_KEYS = ",".join(key.value for key in DEFAULT_KEEP)
KEEP_HELP = (
    "What chooses the file to keep, the most important key first, separated by commas. "
    f"Default: {', '.join(f'{key.value} ({MEANINGS[key]})' for key in DEFAULT_KEEP)}. "
    f"Others: {', '.join(f'{key.value} ({MEANINGS[key]})' for key in Key if key not in DEFAULT_KEEP)}."
)


def _keys(incomplete: str) -> list[str]:
    from visualsearch_cli.cli.completing import keys  # late, as the Tab key alone needs it

    return keys(incomplete)


def dupes(
    paths: options.Paths = None,
    index: options.Indexes = None,
    store: options.Store = None,
    map_: options.StoreMap = None,
    level: Annotated[
        Verdict | None,
        typer.Option(
            "--level",
            metavar="LEVEL",
            help="The weakest verdict that counts as a duplicate: identical, pixels, same, edited or "
            "similar. Default: same; edited with --transforms.",
            show_default=False,
        ),
    ] = None,
    keep: Annotated[
        str,
        typer.Option(
            "--keep",
            metavar="KEYS",
            help=KEEP_HELP,
            show_default=False,
            autocompletion=_keys,
        ),
    ] = DEFAULT_KEYS,
    reference: Annotated[
        list[str] | None,
        typer.Option("--reference", metavar="DIR", help="Always keep what is in DIR; repeatable."),
    ] = None,
    cross: Annotated[
        bool,
        typer.Option(
            "--cross", help="Only groups with files in at least two PATHs, or two roots of the index."
        ),
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
        str,
        typer.Option(
            "--min-size", metavar="SIZE", help="Leave out files smaller than this: 100k, 2M (bytes)."
        ),
    ] = "0",
    exclude: options.Exclude = None,
    partition: Annotated[
        str | None,
        typer.Option(
            "--partition",
            metavar="I/N",
            help="Only compare the I-th of N parts, and write what is near to the file of -o: N machines do "
            "so side by side, and --from takes it.",
            show_default=False,
        ),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            metavar="FILE",
            help="With --partition: FILE.npz, for --from.",
            show_default=False,
        ),
    ] = None,
    from_file: Annotated[
        list[Path] | None,
        typer.Option(
            "--from",
            metavar="FILE",
            help="Take what all N partitions found (also --from *.npz), in place of comparing all with all.",
            show_default=False,
        ),
    ] = None,
    offline: Annotated[
        bool,
        typer.Option(
            "--offline", help="Also show copies on disks that are not mounted, as the index remembers them."
        ),
    ] = False,
    preview: options.Preview = False,
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
    """Find the groups of duplicates in the index, and the file to keep in each.

    PATHs limit this to what is indexed there; where they have indexes of their own, these are asked together.
    Nothing is removed: `apply` acts on the report of --report.
    """
    from visualsearch_cli.cli.for_dupes.dupes_parts import named_partition, taken_from, write_partition
    from visualsearch_cli.cli.output.dupes import print_duplicates, write_page, write_report
    from visualsearch_cli.duplicates.of_index import Asked, report_duplicates
    from visualsearch_cli.index.joined.joining import open_joined
    from visualsearch_cli.index.scope import ScopeOptions
    from visualsearch_cli.pictures.reader import Decoding

    _check_outputs(report, html)
    shows = {"--report": report, "--html": html, "--preview": preview or None, "--from": from_file}
    part = named_partition(partition, output, shows)
    check_precision(precision, max_distance)
    shown = DupesFormat.JSON if json else format
    if preview and shown is not DupesFormat.TABLE:
        raise typer.BadParameter(f"--preview goes with a table, not with --format {shown.value}")
    weakest = chosen_level(level, transforms)
    keys = parsed_keys(keep)
    size = parsed_size(min_size)
    taken, places_given = taken_from(from_file, given_paths(paths, null=null))
    given = tuple(absolute(path) for path in places_given)
    if paths and not given and taken is None:
        raise typer.BadParameter("no PATH was given on stdin")
    protected = tuple(absolute(path) for path in reference or ())
    address = options.store_of(store)
    places = [*given, *protected] if given else ()
    folders = find_indexes(index, places) if address is None else []
    scope = ScopeOptions(given, absolute(within) if within else None, tuple(exclude or ()), size, offline)
    asked = Asked(
        weakest,
        keys,
        scope,
        references=protected,
        cross=cross,
        transforms=transforms,
        max_distance=max_distance,
        precision=precision,
    )
    command = shlex.join(["visualsearch", *sys.argv[1:]])
    progress = RichProgress()
    with ExitStack() as stack:
        if address is None:
            opening = open_joined(folders, ModelChoice(), Decoding(), progress, MESSAGES)
        else:
            from visualsearch_cli.cli.storing.asked_store import store_as_index

            opening = store_as_index(address, map_, places, ModelChoice(), Decoding(), progress)
        opened = stack.enter_context(opening)
        if part is not None:
            return write_partition(opened, asked, part, progress)
        document = report_duplicates(opened, asked, command, progress, taken)
    # Of a store, the report names what this machine keeps of it, where `ignore` and `review` look.
    kept = (opened.memory or opened.folder) if address is not None else folders[0]
    document = replace(document, index=kept.path.absolute())
    if report is not None:
        write_report(document, report)
    unseen = write_page(document, html) if html is not None else []
    print_duplicates(document, shown, null=null)
    if preview:
        from visualsearch_cli.cli.output.preview import show_groups

        show_groups(document.groups)
    note_skipped([*document.skipped, *unseen], "see `skipped` in the report, and the page")
    if document.skipped or unseen:
        return ExitCode.INCOMPLETE
    return ExitCode.NOTHING_MATCHED if exit_code and not document.groups else ExitCode.DONE


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
