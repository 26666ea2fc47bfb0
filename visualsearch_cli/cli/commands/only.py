"""`visualsearch only`"""

from __future__ import annotations

import os
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated

import typer

from visualsearch_cli.cli import options
from visualsearch_cli.cli.exit_codes import ExitCode
from visualsearch_cli.cli.locating import find_indexes, find_indexes_to_ask
from visualsearch_cli.cli.output.console import MESSAGES, RichProgress
from visualsearch_cli.cli.output.formats import OutputFormat, chosen_format
from visualsearch_cli.index.model import ModelChoice
from visualsearch_cli.index.roots import absolute, no_such_path
from visualsearch_cli.verdicts.verdict import Verdict


def only(
    folder: Annotated[
        str, typer.Argument(metavar="FOLDER", help="The folder that is asked about.", show_default=False)
    ],
    not_in: Annotated[
        list[str] | None,
        typer.Option(
            "--not-in",
            metavar="PLACE",
            help="Where a copy may be; repeatable. Default: all of the index but FOLDER.",
            show_default=False,
        ),
    ] = None,
    index: options.Indexes = None,
    store: options.Store = None,
    map_: options.StoreMap = None,
    level: Annotated[
        Verdict,
        typer.Option(
            "--level",
            metavar="LEVEL",
            help="The weakest verdict that makes a copy: identical, pixels, same or edited; similar is none.",
        ),
    ] = Verdict.SAME,
    copy_to: Annotated[
        Path | None,
        typer.Option(
            "--copy-to",
            metavar="DIR",
            help="Copy what is only there, or cannot be read, into DIR; nothing is overwritten.",
        ),
    ] = None,
    offline: Annotated[
        bool,
        typer.Option(
            "--offline",
            help="Also count what the index remembers of disks that are not mounted, if the bytes are equal; "
            "what looks alike there is named.",
        ),
    ] = False,
    format: options.Format = OutputFormat.TABLE,
    json: options.JsonFormat = False,
    null: options.Null = False,
    exit_code: Annotated[
        bool, typer.Option("--exit-code", help="Exit with 4 if nothing is only there.")
    ] = False,
    max_pixels: options.MaxPixels = None,
) -> ExitCode:
    """List the files of a folder that have no copy elsewhere.

    Can this backup go? What is new on this card? A copy is as good as the file, holds all that it holds, and
    has beside it all that belongs to it. It is read before it counts. Where there is doubt, the file is only
    there. FOLDER need not be in the index.
    """
    from visualsearch_cli.acting.disk import Disk
    from visualsearch_cli.cli.output.only import note_presences, print_imported, print_presences
    from visualsearch_cli.elsewhere.asking import OnlyOptions, find_only
    from visualsearch_cli.elsewhere.importing import Imported, check_target, import_files
    from visualsearch_cli.elsewhere.presence import State
    from visualsearch_cli.index.joined.joining import open_joined
    from visualsearch_cli.pictures.reader import Decoding

    if level is Verdict.SIMILAR:
        raise typer.BadParameter("--level similar: what only looks alike is no copy; edited is the weakest")
    asked = absolute(folder)
    if not os.path.lexists(asked):
        raise no_such_path(asked)
    if copy_to is not None:
        check_target(copy_to, Path(asked))
    places = tuple(absolute(place) for place in not_in or ())
    address = options.store_of(store)
    if address is not None:
        folders = []
    else:
        folders = find_indexes(index, places) if places else find_indexes_to_ask(index, [asked])
    imported: list[Imported] = []
    progress = RichProgress()
    decoding = Decoding(max_pixels)
    with ExitStack() as stack:
        if address is None:
            opening = open_joined(folders, ModelChoice(), decoding, progress, MESSAGES)
        else:
            from visualsearch_cli.cli.storing.asked_store import store_to_ask

            opening = store_to_ask(address, map_, ModelChoice(), decoding)
        opened = stack.enter_context(opening)
        found = find_only(opened, asked, OnlyOptions(places, level, offline), progress)
    if copy_to is not None:
        waiting = found.of(State.ONLY, State.UNREADABLE)
        target = Path(absolute(str(copy_to)))
        with progress.step("Copying", len(waiting)) as advance:
            for item in import_files(waiting, Path(asked), target, Disk()):
                imported.append(item)
                advance(1)
    print_presences(
        found,
        asked,
        places,
        level.value,
        folders[0].path if address is None else address.text,
        chosen_format(format, json=json),
        imported,
        null=null,
    )
    note_presences(found)
    if copy_to is not None:
        print_imported(imported, copy_to)
    unread = found.of(State.UNREADABLE)
    if unread or found.skipped or any(item.error for item in imported):
        return ExitCode.INCOMPLETE
    return ExitCode.NOTHING_MATCHED if exit_code and not found.of(State.ONLY) else ExitCode.DONE
