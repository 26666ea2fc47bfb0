"""`visualsearch prune`"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from visualsearch_cli.cli import options
from visualsearch_cli.cli.exit_codes import ExitCode
from visualsearch_cli.cli.locating import find_index
from visualsearch_cli.cli.output.console import MESSAGES, RichProgress
from visualsearch_cli.index.roots import absolute
from visualsearch_cli.wording import counted

if TYPE_CHECKING:
    from visualsearch_cli.indexing.upkeep import Forgotten


def prune(
    index: options.IndexDir = None,
    root: Annotated[
        str | None,
        typer.Option("--root", metavar="PATH", help="Forget a whole root, for instance a disk that is gone."),
    ] = None,
    include_stores: Annotated[
        bool,
        typer.Option(
            "--include-stores",
            help="Keep what `index` took of recycle bins, snapshots and what other programs made.",
        ),
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", "-n", help="Only say how many files would be forgotten.")
    ] = False,
) -> ExitCode:
    """Forget missing files, and vectors that nothing refers to. No image is touched.

    Files in recycle bins, snapshots and what other programs made are forgotten as well, because `index`
    leaves them out today. They are in the index if they were named as PATH, by --include-stores, or from an
    earlier version.
    """
    from visualsearch_cli.indexing.upkeep import count_forgettable, forget

    folder = find_index(index)
    path = None if root is None else absolute(root)
    if dry_run:
        count = count_forgettable(folder, path, stores=include_stores)
        print(f"{counted(count.files, 'file')} would be forgotten{_said(count)}")
    else:
        count = forget(folder, path, RichProgress(), MESSAGES, stores=include_stores)
        print(f"{counted(count.files, 'file')} forgotten{_said(count)}")
    return ExitCode.DONE


def _said(count: Forgotten) -> str:
    return f", {count.left_out} of them in places that are left out" if count.left_out else ""
