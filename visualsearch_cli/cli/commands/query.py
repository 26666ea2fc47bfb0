"""`visualsearch query`"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from visualsearch_cli.cli import options
from visualsearch_cli.cli.distances import Precision, check_precision
from visualsearch_cli.cli.exit_codes import ExitCode
from visualsearch_cli.cli.locating import find_index
from visualsearch_cli.cli.output.console import MESSAGES, note
from visualsearch_cli.cli.output.formats import OutputFormat, chosen_format
from visualsearch_cli.cli.paths import given_paths
from visualsearch_cli.index.model import ModelChoice
from visualsearch_cli.index.open import open_index
from visualsearch_cli.index.roots import absolute
from visualsearch_cli.pictures.orientations import Transforms
from visualsearch_cli.search.plan import Method
from visualsearch_cli.verdicts.verdict import Verdict

if TYPE_CHECKING:
    from visualsearch_cli.pictures.image import SkippedImage
    from visualsearch_cli.search.matches import QueryResult


def query(
    images: options.Images = None,
    index: options.IndexDir = None,
    k: Annotated[int, typer.Option("-k", min=1, metavar="N", help="How many neighbors.")] = 10,
    max_distance: options.MaxDistance = None,
    level: Annotated[
        Verdict | None,
        typer.Option(
            "--level",
            metavar="LEVEL",
            help="Only this verdict or a stronger one: identical, pixels, same, edited or similar.",
            show_default=False,
        ),
    ] = None,
    precision: Precision = None,
    within: Annotated[
        str | None,
        typer.Option("--within", metavar="PATH", help="Only neighbors at or below PATH."),
    ] = None,
    transforms: Annotated[
        Transforms,
        typer.Option(
            "--transforms",
            metavar="WHICH",
            help="Also try the query mirrored (mirror), or turned too (all), or neither (none).",
        ),
    ] = Transforms.NONE,
    thorough: Annotated[
        bool,
        typer.Option(
            "--thorough",
            help="Also look for five regions of the query, which finds pictures pasted onto others.",
        ),
    ] = False,
    exact: Annotated[bool, typer.Option("--exact", help="Compare with every vector.")] = False,
    hnsw: Annotated[bool, typer.Option("--hnsw", help="Search through the graph.")] = False,
    ef_search: Annotated[
        int | None,
        typer.Option("--ef-search", min=1, metavar="N", help="How many candidates a graph search keeps."),
    ] = None,
    open_: Annotated[bool, typer.Option("--open", help="Open the nearest in the desktop viewer.")] = False,
    open_with: Annotated[
        str | None, typer.Option("--open-with", metavar="CMD", help="Open the nearest with CMD.")
    ] = None,
    preview: Annotated[bool, typer.Option("--preview", help="Show small pictures in the terminal.")] = False,
    format: Annotated[
        OutputFormat,
        typer.Option(
            "--format", metavar="FORMAT", help="How to print: as table, json, jsonl, csv or only paths."
        ),
    ] = OutputFormat.TABLE,
    json: options.JsonFormat = False,
    null: options.Null = False,
    exit_code: Annotated[bool, typer.Option("--exit-code", help="Exit with 4 if nothing matched.")] = False,
    model: options.Model = None,
    weights: options.Weights = None,
    device: options.DeviceOption = options.Device.AUTO,
    max_pixels: options.MaxPixels = None,
) -> ExitCode:
    """Print the nearest neighbors of images, which do not need to be in the index."""
    from visualsearch_cli.cli.output.query import QueryPrinter
    from visualsearch_cli.pictures.reader import Decoding
    from visualsearch_cli.search.answering import Answering, QueryOptions

    if exact and hnsw:
        raise typer.BadParameter("--exact and --hnsw exclude each other")
    check_precision(precision, max_distance)
    if open_with is not None:
        from visualsearch_cli.cli.output.opener import split_command

        split_command(open_with)
    paths = [Path(absolute(path)) for path in given_paths(images, null=null)]
    if not paths:
        raise typer.BadParameter("no image was given: name one, or - to read paths from stdin")
    folder = find_index(index)
    asked = QueryOptions(
        k=k,
        max_distance=max_distance,
        level=level,
        precision=precision,
        within=None if within is None else absolute(within),
        transforms=transforms,
        thorough=thorough,
        method=Method.EXACT if exact else Method.HNSW if hnsw else Method.AUTO,
        ef_search=ef_search,
    )
    skipped: list[SkippedImage] = []
    results: list[QueryResult] = []
    choice = ModelChoice(model, weights, device.value)
    with open_index(folder, choice, Decoding(max_pixels), MESSAGES) as opened:
        name = opened.catalog.manifest().model.name
        printer = QueryPrinter(chosen_format(format, json=json), folder.path, name, null=null)
        for answers in Answering(opened, asked, len(paths)).of_files(paths):
            printer.add(answers.results)
            results += answers.results
            skipped += answers.skipped
    printer.finish()
    for item in skipped:
        note(f"skipped {item.path}: {item.reason}")
    _show(results, open_, open_with, preview)
    if skipped:
        return ExitCode.INCOMPLETE
    matched = any(result.matches for result in results)
    return ExitCode.NOTHING_MATCHED if exit_code and not matched else ExitCode.DONE


def _show(results: list[QueryResult], open_: bool, open_with: str | None, preview: bool) -> None:
    if preview:
        from visualsearch_cli.cli.output.preview import show

        for result in results:
            show(result)
    if open_ or open_with is not None:
        from visualsearch_cli.cli.output.opener import open_files

        open_files([result.matches[0].image.path for result in results if result.matches], open_with)
