"""The program: its commands."""

from __future__ import annotations

from collections.abc import Iterable
from importlib import import_module
from typing import Annotated

import typer

from visualsearch_cli import __version__
from visualsearch_cli.cli.command import register
from visualsearch_cli.cli.help import Program

COMMANDS = {
    "index": "index:index",
    "watch": "watch:watch",
    "query": "query:query",
    "search": "search:search",
    "label": "label:label",
    "match": "match:match",
    "adapt": "adapt:adapt",
    "map": "map:map_index",
    "dupes": "dupes:dupes",
    "compare": "compare:compare",
    "only": "only:only",
    "apply": "apply:apply",
    "undo": "undo:undo",
    "review": "review:review",
    "ignore": "ignore:ignore",
    "embed": "embed:embed",
    "info": "info:info",
    "check": "check:check",
    "calibrate": "calibrate:calibrate",
    "prune": "prune:prune",
    "models": "models:models",
    "eval": "eval:eval_folder",
}
"""Every command, in the order of the help, with its module in `commands` and its function there."""


def program(names: Iterable[str] = COMMANDS) -> typer.Typer:
    """Return the program with some of its commands: to read the options of all takes longer than a query."""
    app = typer.Typer(
        name="visualsearch",
        cls=Program,
        help="Find the duplicates in photo folders.",
        no_args_is_help=True,
        pretty_exceptions_enable=False,  # what is not one of our errors is a bug and shows its traceback
        context_settings={"help_option_names": ["-h", "--help"]},
        callback=_root,
    )
    for name in names:
        module, _, function = COMMANDS[name].partition(":")
        register(app, name, getattr(import_module(f"visualsearch_cli.cli.commands.{module}"), function))
    return app


def _show_version(wanted: bool) -> None:
    if wanted:
        print(f"visualsearch {__version__}")
        raise typer.Exit


def _root(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version."),
    ] = False,
) -> None:
    del version
