"""`visualsearch watch`"""

from __future__ import annotations

import os
import sys
import time
from typing import TYPE_CHECKING, Annotated

import typer

from visualsearch_cli.cli import options
from visualsearch_cli.cli.exit_codes import ExitCode
from visualsearch_cli.cli.locating import find_index_to_write, remember
from visualsearch_cli.cli.output.console import MESSAGES, RichProgress, name_skipped, note
from visualsearch_cli.cli.paths import given_paths
from visualsearch_cli.index.roots import absolute

if TYPE_CHECKING:
    from visualsearch_cli.indexing.adding import Indexed


def watch(
    paths: Annotated[
        list[str] | None,
        typer.Argument(metavar="FOLDER...", help="Folders to watch. Default: all that the index knows."),
    ] = None,
    index: options.IndexDir = None,
    settle: Annotated[
        float,
        typer.Option(
            "--settle",
            min=0.1,
            max=3600,
            metavar="SECONDS",
            help="Take a file once it did not change for so long, and nobody writes to it.",
        ),
    ] = 5.0,
    every: Annotated[
        float,
        typer.Option(
            "--every",
            min=1,
            max=86400,
            metavar="SECONDS",
            help="Where changes are not told, as on network shares, look through the folder this often.",
        ),
    ] = 60.0,
    scan: Annotated[
        bool, typer.Option("--scan", help="Look through all folders: do not rely on being told of changes.")
    ] = False,
    device: options.DeviceOption = options.Device.AUTO,
    hidden: options.Hidden = False,
    follow_symlinks: options.FollowSymlinks = False,
    include_stores: options.IncludeStores = False,
    max_pixels: options.MaxPixels = None,
    threads: options.Threads = None,
) -> ExitCode:
    """Keep the index current: do what `index` does, again whenever something changes.

    It begins with a run over everything, so nothing is missed that changed while it did not run. Files that
    are still being written wait until they are whole. Between two runs other commands may write to the index.
    An index with another model, or with --exclude, is made by `index` first; `watch` keeps to that.
    """
    from visualsearch_cli.indexing.scanner import ScanOptions
    from visualsearch_cli.pictures.reader import Decoding
    from visualsearch_cli.watching.keeper import Keeper, WatchOptions

    given = [absolute(path) for path in given_paths(paths, null=False)]
    for path in given:
        if os.path.isfile(path):
            raise typer.BadParameter(f"{path} is a file: watch the folder that it is in")
    folder = find_index_to_write(index, given[0] if given else None)
    scanning = ScanOptions(hidden, follow_symlinks, stores=include_stores)
    how = WatchOptions(settle, every, scan)
    decoding = Decoding(max_pixels, threads)
    keeper = Keeper(folder, given, scanning, decoding, RichProgress(), MESSAGES, how, device.value)
    remember(folder)
    try:
        keeper.keep(_tell)
    except KeyboardInterrupt:
        if keeper.is_working:
            raise
        print(file=sys.stderr)  # that is how it is ended
    return ExitCode.DONE


def _tell(indexed: Indexed) -> None:
    """Say what a run did, if it did anything."""
    from visualsearch_cli.cli.output.index import what_was_done

    report = indexed.report
    fresh = [item for item in report.skipped if item.path not in report.told_before]
    name_skipped(fresh)
    if report.embedded or report.reused or report.missing or report.rewritten or fresh:
        note(f"{time.strftime('%H:%M:%S')} {what_was_done(report)}")
