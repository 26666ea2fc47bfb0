"""The program: its commands and how it ends."""

from __future__ import annotations

import io
import sys
from typing import Annotated

import typer

from visualsearch_cli import __version__
from visualsearch_cli.cli.check import check
from visualsearch_cli.cli.command import register
from visualsearch_cli.cli.compare import compare
from visualsearch_cli.cli.dupes import dupes
from visualsearch_cli.cli.embed import embed
from visualsearch_cli.cli.eval import eval_folder
from visualsearch_cli.cli.ignore import ignore
from visualsearch_cli.cli.index import index
from visualsearch_cli.cli.info import info
from visualsearch_cli.cli.models import models
from visualsearch_cli.cli.prune import prune
from visualsearch_cli.cli.query import query

app = typer.Typer(
    name="visualsearch",
    help="Find the duplicates in photo folders.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,  # what is not one of our errors is a bug and shows its traceback
    context_settings={"help_option_names": ["-h", "--help"]},
)

for name, command in (
    ("index", index),
    ("query", query),
    ("dupes", dupes),
    ("ignore", ignore),
    ("compare", compare),
    ("embed", embed),
    ("info", info),
    ("check", check),
    ("prune", prune),
    ("models", models),
    ("eval", eval_folder),
):
    register(app, name, command)


def _show_version(wanted: bool) -> None:
    if wanted:
        print(f"visualsearch {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version."),
    ] = False,
) -> None:
    del version


def main() -> None:
    """Run the program; it exits with one of the codes of docs/exit-codes.md."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # a name may not fit the terminal's character set
    app()
