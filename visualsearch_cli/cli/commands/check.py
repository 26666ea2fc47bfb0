"""`visualsearch check`"""

from __future__ import annotations

from typing import Annotated

import typer

from visualsearch_cli.cli import options
from visualsearch_cli.cli.exit_codes import ExitCode
from visualsearch_cli.cli.locating import find_index
from visualsearch_cli.cli.output.console import MESSAGES, RichProgress, fail
from visualsearch_cli.cli.output.formats import to_json
from visualsearch_cli.wording import printable


def check(
    index: options.IndexDir = None,
    store: options.Store = None,
    map_: options.StoreMap = None,
    repair: Annotated[
        bool, typer.Option("--repair", help="Write the derived files again from the catalog.")
    ] = False,
    json: options.Json = False,
) -> ExitCode:
    """Verify the index: every page, reference and checksum. Images are not read.

    A store is compared with itself, and with the files that are here: what changed or is gone is named.
    """
    from visualsearch_cli.indexing import upkeep

    if (address := options.store_of(store)) is not None:
        from visualsearch_cli.cli.storing.kept_store import check_store
        from visualsearch_cli.cli.storing.named_store import refuse

        refuse({"--repair": repair}, "`visualsearch index --store` writes again what a store lacks")
        return check_store(address, map_, json=json)
    folder = find_index(index)
    if repair:
        upkeep.repair(folder, RichProgress(), MESSAGES)
    problems = upkeep.problems_of(folder, MESSAGES)
    if json:
        print(to_json({"schema": "visualsearch/check/1", "index": str(folder.path), "problems": problems}))
    elif not problems:
        print(f"{printable(str(folder.path))}: nothing wrong")
    for problem in problems:
        fail(problem)
    return ExitCode.DAMAGED if problems else ExitCode.DONE
