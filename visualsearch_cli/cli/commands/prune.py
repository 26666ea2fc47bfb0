"""`visualsearch prune`"""

from __future__ import annotations

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
    index: options.IndexDir = None,
    root: Annotated[
        str | None,
        typer.Option(
            "--root",
            metavar="PATH",
            help="Forget a whole root, or a folder in one, whether it is there or not.",
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
    """Forget missing files, and vectors that nothing refers to. No image is touched.

    Files in recycle bins, snapshots and what other programs made are forgotten as well, because `index`
    leaves them out today. They are in the index if they were named as PATH, by --include-stores, or from an
    earlier version.

    A root without any file looks like a disk that is not mounted. It stays, unless --yes says that it was
    emptied. A root that is not there stays until --root names it.
    """
    from visualsearch_cli.indexing.upkeep import count_forgettable, forget

    folder = find_index(index)
    path = None if root is None else absolute(root)
    if dry_run:
        count = count_forgettable(folder, path, stores=include_stores, emptied=yes)
        print(f"{counted(count.files, 'file')} would be forgotten{_said(count)}")
    else:
        count = forget(folder, path, RichProgress(), MESSAGES, stores=include_stores, emptied=yes)
        print(f"{counted(count.files, 'file')} forgotten{_said(count)}")
    for emptied, images in count.emptied:
        note(
            f"{emptied} holds no file, as if its disk were not mounted: {counted(images, 'image')} stay; "
            "--yes forgets them"
        )
    return ExitCode.DONE


def _said(count: Forgotten) -> str:
    return f", {count.left_out} of them in places that are left out" if count.left_out else ""
