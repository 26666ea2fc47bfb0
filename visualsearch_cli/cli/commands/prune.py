"""`visualsearch prune`"""

from __future__ import annotations

from typing import Annotated

import typer

from visualsearch_cli.cli import options
from visualsearch_cli.cli.exit_codes import ExitCode
from visualsearch_cli.cli.locating import find_index
from visualsearch_cli.cli.output.console import RichProgress
from visualsearch_cli.index.roots import absolute


def prune(
    index: options.IndexDir = None,
    root: Annotated[
        str | None,
        typer.Option("--root", metavar="PATH", help="Forget a whole root, for instance a disk that is gone."),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", "-n", help="Only say how many files would be forgotten.")
    ] = False,
) -> ExitCode:
    """Forget missing files, and vectors that nothing refers to. No image is touched."""
    from visualsearch_cli.indexing.upkeep import count_forgettable, forget

    folder = find_index(index)
    path = None if root is None else absolute(root)
    if dry_run:
        print(f"{count_forgettable(folder, path)} files would be forgotten")
    else:
        print(f"{forget(folder, path, RichProgress())} files forgotten")
    return ExitCode.DONE
