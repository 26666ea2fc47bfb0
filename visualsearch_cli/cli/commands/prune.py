"""`visualsearch prune`"""

from __future__ import annotations

from typing import Annotated

import typer

from visualsearch_cli.cli import options
from visualsearch_cli.cli.exit_codes import ExitCode
from visualsearch_cli.cli.locating import find_index
from visualsearch_cli.cli.output.console import RichProgress
from visualsearch_cli.errors import VisualSearchError
from visualsearch_cli.index.open import open_reader, open_writer
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
    from visualsearch_cli.index.block_files import BlockFolder
    from visualsearch_cli.index.derived import update_derived
    from visualsearch_cli.index.graph_files import GraphFolder

    folder = find_index(index)
    with open_reader(folder) as reading:
        roots = {known.path: known.id for known in reading.roots()}
        path = None if root is None else absolute(root)
        if path is not None and path not in roots:
            raise VisualSearchError(f"{path} is not a root of {folder.path}, which has {', '.join(roots)}")
        root_id = None if path is None else roots[path]
        counts = reading.counts(root_id)
        count = counts.missing if root_id is None else counts.images + counts.missing
    if dry_run:
        print(f"{count} files would be forgotten")
        return ExitCode.DONE
    with folder.lock(), open_writer(folder) as catalog:
        forgotten = catalog.prune(root_id)
        update_derived(catalog, BlockFolder(folder.path), GraphFolder(folder.path), RichProgress())
    print(f"{forgotten} files forgotten")
    return ExitCode.DONE
