"""`visualsearch ignore`"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from visualsearch_cli.cli import options
from visualsearch_cli.cli.exit_codes import ExitCode
from visualsearch_cli.cli.locating import find_index
from visualsearch_cli.cli.output.console import MESSAGES
from visualsearch_cli.cli.output.formats import to_json
from visualsearch_cli.cli.paths import given_paths
from visualsearch_cli.errors import IndexNotFound, VisualSearchError
from visualsearch_cli.index.open import open_ignored, open_reader
from visualsearch_cli.index.roots import absolute
from visualsearch_cli.wording import counted, printable

if TYPE_CHECKING:
    from visualsearch_cli.index.folder import IndexFolder
    from visualsearch_cli.index.records import Pictures

ALL = "all"


def ignore(
    images: options.Images = None,
    index: options.IndexDir = None,
    group: Annotated[
        str | None,
        typer.Option("--group", metavar="ID", help="All pictures of a group of the last `dupes`."),
    ] = None,
    list_: Annotated[bool, typer.Option("--list", help="Show what is ignored.")] = False,
    forget: Annotated[
        list[str] | None,
        typer.Option(
            "--forget", metavar="ID", help="Show it again: a number from --list, or all; repeatable."
        ),
    ] = None,
    null: options.Null = False,
    json: options.Json = False,
) -> ExitCode:
    """Remember that pictures are not duplicates of each other: `dupes` then hides their group.

    It stays hidden, wherever the files are moved, until another picture, or a further copy, belongs to it.
    """
    paths = [absolute(path) for path in given_paths(images, null=null)]
    if sum((bool(paths), group is not None, list_, forget is not None)) != 1:
        raise typer.BadParameter("name two or more images, or a group with --group, or --list, or --forget")
    if group is not None:
        return remember_group(index, group)
    if paths:
        from visualsearch_cli.duplicates.ignored import pictures_at

        return remember(find_index(index, paths), pictures_at(paths))
    folder = find_index(index)
    return show(folder, json=json) if forget is None else forget_decisions(folder, forget)


def remember(folder: IndexFolder, pictures: Pictures, option: str = "") -> ExitCode:
    """Remember a decision. `option` is what finds the index again, if it would not be found by itself."""
    import datetime

    memory = open_ignored(folder, needed=True, messages=MESSAGES)
    now = datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds")
    id = memory.ignore(pictures, now)
    files = counted(sum(pictures.values()), "file")
    back = f"visualsearch ignore --forget {id}{option}"
    print(f"{files} ignored as duplicates of each other: `{back}` takes it back")
    return ExitCode.DONE


def remember_group(index: Path | None, group: str) -> ExitCode:
    """Remember a decision about a group of the last run over an index, or over several.

    In the latter case it is kept in the first of them: a run that joins it to others hides the group.
    """
    from visualsearch_cli.index.joined.memory import memories

    missing: VisualSearchError | None = None
    try:
        folder = find_index(index)
        if found := open_ignored(folder, messages=MESSAGES).last_group(group):
            return remember(folder, found)
    except IndexNotFound as error:
        missing = error
    for memory in memories():
        there = [each for each in memory.indexes if each.exists() and _is_meant(each, index)]
        if there and (found := open_ignored(memory.folder, messages=MESSAGES).last_group(group)):
            return remember(there[0], found, f" --index {there[0].path}")
    raise missing or VisualSearchError(
        f"the last `visualsearch dupes` found no group {group}: run it again, or name the files"
    )


def _is_meant(folder: IndexFolder, named: Path | None) -> bool:
    return named is None or os.path.realpath(find_index(named).path) == os.path.realpath(folder.path)


def show(folder: IndexFolder, *, json: bool) -> ExitCode:
    """Print all decisions."""
    from visualsearch_cli.duplicates.ignored import places_of

    decisions = open_ignored(folder, messages=MESSAGES).decisions()
    with open_reader(folder) as catalog:
        places = {decision.id: places_of(decision, catalog) for decision in decisions}
    if json:
        records = [
            {"id": known.id, "created": known.created, "paths": [str(path) for path in places[known.id]]}
            for known in decisions
        ]
        print(to_json({"schema": "visualsearch/ignored/1", "ignored": records}, indent=2))
        return ExitCode.DONE
    for known in decisions:
        files = counted(sum(known.pictures.values()), "file")
        print(f"{known.id}  since {printable(known.created[:10])}, {files}")
        names = [printable(str(path)) for path in places[known.id]]
        for name in names or ["no longer in the index"]:
            print(f"    {name}")
    if not decisions:
        print("nothing is ignored")
    return ExitCode.DONE


def forget_decisions(folder: IndexFolder, given: Sequence[str]) -> ExitCode:
    """Forget decisions."""
    every = ALL in given
    wrong = [text for text in given if text != ALL and not text.isdecimal()]
    if wrong:
        raise typer.BadParameter(f"--forget: '{wrong[0]}' is neither a number from --list nor all")
    memory = open_ignored(folder, needed=True, messages=MESSAGES)
    known = {decision.id for decision in memory.decisions()}
    ids = known if every else {int(text) for text in given}
    if missing := sorted(ids - known):
        raise VisualSearchError(f"there is no decision {missing[0]}: see `visualsearch ignore --list`")
    count = memory.forget(None if every else sorted(ids))
    print(f"{counted(count, 'decision')} forgotten")
    return ExitCode.DONE
