"""`visualsearch prune`"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Annotated

import typer

from visualsearch_cli.cli import options
from visualsearch_cli.cli.exit_codes import ExitCode
from visualsearch_cli.cli.locating import find_index
from visualsearch_cli.cli.output.console import MESSAGES, RichProgress, note
from visualsearch_cli.index.roots import absolute
from visualsearch_cli.wording import counted

if TYPE_CHECKING:
    from visualsearch_cli.indexing.upkeep import Forgotten


def prune(
    paths: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[PATH]...",
            help="Forget these pictures, and what is known of these folders, whether they are there or not. "
            "Default: what is missing.",
            show_default=False,
        ),
    ] = None,
    index: options.IndexDir = None,
    store: options.Store = None,
    map_: options.StoreMap = None,
    root: Annotated[
        str | None,
        typer.Option(
            "--root",
            metavar="PATH",
            help="The same as PATH: a whole root, or a folder in one.",
        ),
    ] = None,
    include_stores: Annotated[
        bool,
        typer.Option(
            "--include-stores",
            help="Keep what `index` took of recycle bins, snapshots and what other programs made.",
        ),
    ] = False,
    yes: Annotated[
        bool,
        typer.Option("--yes", "-y", help="Forget roots, too, that hold no file any more."),
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", "-n", help="Only say how many files would be forgotten.")
    ] = False,
) -> ExitCode:
    """Forget missing files, or those that are named, and vectors that nothing refers to. No image is touched.

    Files in recycle bins, snapshots and what other programs made are forgotten as well, because `index`
    leaves them out today. They are in the index if they were named as PATH, by --include-stores, or from an
    earlier version.

    A root without any file looks like a disk that is not mounted. It stays, unless --yes says that it was
    emptied. A root that is not there stays until --root names it.
    """
    from visualsearch_cli.indexing.upkeep import count_forgettable, forget

    places = list(dict.fromkeys(map(absolute, [*(paths or []), *([] if root is None else [root])])))
    if (address := options.store_of(store)) is not None:
        from visualsearch_cli.cli.storing.kept_store import prune_store
        from visualsearch_cli.cli.storing.named_store import refuse

        refuse(
            {"--include-stores": include_stores, "--yes": yes},
            "a store forgets what is missing, or named",
        )
        return prune_store(address, map_, places, dry_run=dry_run)
    folder = find_index(index)
    if dry_run:
        count = count_forgettable(folder, places, stores=include_stores, emptied=yes)
        print(f"{counted(count.files, 'file')} would be forgotten{_said(count)}")
    else:
        count = forget(folder, places, RichProgress(), MESSAGES, stores=include_stores, emptied=yes)
        print(f"{counted(count.files, 'file')} forgotten{_said(count)}")
        if paths and (there := [place for place in map(absolute, paths) if os.path.lexists(place)]):
            note(
                f"{there[0]} is still there: the next `visualsearch index` takes it in again, unless "
                "--exclude leaves it out"
            )
    for emptied, images in count.emptied:
        note(
            f"{emptied} holds no file, as if its disk were not mounted: {counted(images, 'image')} stay; "
            "--yes forgets them"
        )
    return ExitCode.DONE


def _said(count: Forgotten) -> str:
    return f", {count.left_out} of them in places that are left out" if count.left_out else ""
