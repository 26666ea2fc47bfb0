"""`visualsearch check`"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from visualsearch_cli.cli import options
from visualsearch_cli.cli.exit_codes import ExitCode
from visualsearch_cli.cli.locating import find_index
from visualsearch_cli.cli.output.console import RichProgress, fail
from visualsearch_cli.cli.output.formats import to_json
from visualsearch_cli.index.open import open_reader, open_writer

if TYPE_CHECKING:
    from visualsearch_cli.index.folder import IndexFolder


def check(
    index: options.IndexDir = None,
    repair: Annotated[
        bool, typer.Option("--repair", help="Write the derived files again from the catalog.")
    ] = False,
    json: options.Json = False,
) -> ExitCode:
    """Verify the index: every page, reference and checksum. Images are not read."""
    folder = find_index(index)
    if repair:
        _rebuild(folder)
    problems = _problems(folder)
    if json:
        print(to_json({"schema": "visualsearch/check/1", "index": str(folder.path), "problems": problems}))
    elif not problems:
        print(f"{folder.path}: nothing wrong")
    for problem in problems:
        fail(problem)
    return ExitCode.DAMAGED if problems else ExitCode.DONE


def _problems(folder: IndexFolder) -> list[str]:
    from visualsearch_cli.errors import IndexStoreError
    from visualsearch_cli.index.block_files import BlockFolder
    from visualsearch_cli.index.derived import block_problems
    from visualsearch_cli.index.graph_files import GraphFolder

    with open_reader(folder) as catalog, catalog.snapshot():
        problems = catalog.problems()
        manifest = catalog.manifest()
        store = GraphFolder(folder.path)
        for graph in manifest.graphs:
            wrong = store.verify(graph)
            if wrong is None:
                try:
                    store.load(graph, manifest.model.dim, manifest.params)
                except IndexStoreError as error:
                    wrong = str(error)
            if wrong is not None:
                problems.append(f"graph: {wrong}: run `visualsearch check --repair`")
        if not problems:  # else the catalog itself may be what is wrong
            problems += [
                f"vectors: {wrong}: run `visualsearch check --repair`"
                for wrong in block_problems(catalog, BlockFolder(folder.path))
            ]
    return problems


def _rebuild(folder: IndexFolder) -> None:
    from visualsearch_cli.index.block_files import BlockFolder
    from visualsearch_cli.index.derived import update_derived
    from visualsearch_cli.index.graph_files import GraphFolder

    blocks, graphs = BlockFolder(folder.path), GraphFolder(folder.path)
    with folder.lock(), open_writer(folder) as catalog:
        update_derived(catalog, blocks, graphs, RichProgress(), rebuild=True)
