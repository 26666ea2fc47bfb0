"""`visualsearch label`"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from visualsearch_cli.cli import options
from visualsearch_cli.cli.exit_codes import ExitCode
from visualsearch_cli.cli.locating import find_index
from visualsearch_cli.cli.output.console import MESSAGES, name_skipped
from visualsearch_cli.cli.output.formats import to_json
from visualsearch_cli.cli.paths import given_paths, given_pictures
from visualsearch_cli.errors import VisualSearchError
from visualsearch_cli.index.open import open_labels, open_reader
from visualsearch_cli.index.roots import absolute
from visualsearch_cli.wording import checked_text, counted, printable

if TYPE_CHECKING:
    from visualsearch_cli.index.folder import IndexFolder
    from visualsearch_cli.pictures.image import SkippedImage
    from visualsearch_cli.search.naming import Given

SCHEMA = "visualsearch/labels/1"
SCHEMA_GIVEN = "visualsearch/label/1"


def label(
    paths: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="PATH... NAME",
            help="Pictures, or folders of them, then the label; - reads paths from stdin.",
            show_default=False,
        ),
    ] = None,
    folders: Annotated[
        list[str] | None,
        typer.Option(
            "--folders",
            metavar="DIR",
            help="Each subfolder of DIR is a label for the pictures in it; repeatable.",
            show_default=False,
        ),
    ] = None,
    csv: Annotated[
        Path | None,
        typer.Option(
            "--csv", metavar="FILE", help="A table with the columns file and label.", show_default=False
        ),
    ] = None,
    remove: Annotated[bool, typer.Option("--remove", help="Take labels away instead.")] = False,
    forget: Annotated[
        str | None,
        typer.Option(
            "--forget", metavar="NAME", help="Take a label away from all pictures.", show_default=False
        ),
    ] = None,
    list_: Annotated[bool, typer.Option("--list", help="Show the labels there are.")] = False,
    index: options.IndexDir = None,
    null: options.Null = False,
    json: options.Json = False,
) -> ExitCode:
    """Give pictures a label, by which `match`, and `query` and `search` with --label, find them.

    A label belongs to what is in a file: it stays if the file is moved, and holds for every copy. A picture
    may have several.
    """
    ways = (bool(paths), bool(folders), csv is not None, forget is not None, list_)
    if sum(ways) != 1:
        raise typer.BadParameter("name pictures and a label, or one of --folders, --csv, --forget and --list")
    given = [(absolute(folder), folder) for folder in given_paths(folders, null=null)]
    pictures, name, unread = _split(paths or [], null=null) if paths else ([], "", [])
    if forget is not None:
        forget = _label(forget)
    folder = find_index(index, [str(path) for path in pictures] or [path for path, _ in given])
    if list_:
        with open_reader(folder) as catalog:
            return _show(catalog.labels(), json=json)
    from visualsearch_cli.search.naming import Given, give_labels, labels_in, labels_of_subfolders

    if forget is not None:
        count = open_labels(folder, messages=MESSAGES).forget(forget)
        if not count:
            raise VisualSearchError(f"no picture has the label '{forget}': see `visualsearch label --list`")
        if json:
            _print_given(folder, "forget", Given(count, count, 0, ()))
        else:
            print(f"{counted(count, 'picture')} no longer {printable(forget)}")
        return ExitCode.DONE
    with open_reader(folder) as catalog:
        if csv is not None:
            files: Iterator[tuple[str, str]] = labels_in(csv, MESSAGES)
        elif given:
            files = labels_of_subfolders((path for path, _ in given), unread)
        else:
            files = ((str(path), name) for path in pictures)
        found = give_labels(files, catalog, folder, MESSAGES, remove=remove)
    found = found._replace(skipped=(*unread, *found.skipped))
    name_skipped(found.skipped)
    if found.strangers:
        MESSAGES.note(
            f"{counted(found.strangers, 'of the pictures is', 'of the pictures are')} not in the index: the "
            "label counts once `visualsearch index` has seen them"
        )
    if json:
        _print_given(folder, "remove" if remove else "give", found)
    else:
        done = "taken away from" if remove else "given to"
        print(f"{counted(found.labels, 'label')} {done} {counted(found.pictures, 'distinct picture')}")
    return ExitCode.INCOMPLETE if found.skipped else ExitCode.DONE


def _label(name: str) -> str:
    """Return a label as it is kept. Raises BadParameter for what is no text."""
    try:
        return checked_text(name.strip(), "the label")
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error


def _split(arguments: Sequence[str], *, null: bool) -> tuple[list[Path], str, list[SkippedImage]]:
    """Return pictures, the label after them, and what of folders cannot be listed. Raises BadParameter if
    either is missing, and for a label that is a file: it was left out, then."""
    *paths, name = arguments
    if not name.strip():
        raise typer.BadParameter("the label is empty: name one behind the pictures")
    if not paths:
        raise typer.BadParameter(f"'{name}' is one argument: name pictures, and behind them a label")
    if os.path.isfile(name):
        raise typer.BadParameter(
            f"'{name}' is a file, and no label is behind the pictures: name one; if a label is called so, "
            "take --csv"
        )
    label = _label(name)
    pictures, unread = given_pictures(paths, null=null)
    if not pictures:
        raise VisualSearchError(f"there is no picture in {', '.join(paths)}")
    return pictures, label, unread


def _print_given(folder: IndexFolder, action: str, given: Given) -> None:
    """Print as JSON what was done."""
    document = {
        "schema": SCHEMA_GIVEN,
        "index": str(folder.path.absolute()),
        "action": action,
        "labels": given.labels,
        "pictures": given.pictures,
        "not_in_index": given.strangers,
        "skipped": [item._asdict() for item in given.skipped],
    }
    print(to_json(document, indent=2))


def _show(labels: dict[str, int], *, json: bool) -> ExitCode:
    if json:
        records = [{"label": name, "pictures": count} for name, count in labels.items()]
        print(to_json({"schema": SCHEMA, "labels": records}, indent=2))
        return ExitCode.DONE
    for name, count in labels.items():
        print(f"{printable(name)}  {counted(count, 'picture')}")
    if not labels:
        print("no picture has a label")
    return ExitCode.DONE
