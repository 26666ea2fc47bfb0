"""`visualsearch query`"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from visualsearch_cli.calibration.known import region_margin
from visualsearch_cli.cli import options, wiring
from visualsearch_cli.cli.distances import PROVED, Precision, check_precision, furthest
from visualsearch_cli.cli.exit_codes import ExitCode
from visualsearch_cli.cli.locating import find_index
from visualsearch_cli.cli.output.console import MESSAGES, note
from visualsearch_cli.cli.output.formats import OutputFormat, chosen_format
from visualsearch_cli.cli.paths import absolute, given_paths
from visualsearch_cli.errors import ImageError
from visualsearch_cli.index.model import embedder_of
from visualsearch_cli.index.open import calibration_of, open_reader, region_scheme
from visualsearch_cli.index.records import Frames
from visualsearch_cli.pictures.image import SkippedImage
from visualsearch_cli.pictures.orientations import Transforms
from visualsearch_cli.pictures.regions import CORNERS
from visualsearch_cli.search.matches import QueryResult
from visualsearch_cli.search.plan import Method
from visualsearch_cli.verdicts.verdict import Verdict

if TYPE_CHECKING:
    from visualsearch_cli.search.neighbors import Query
    from visualsearch_cli.search.queries import QueryReader

CHUNK = 256  # queries answered together: one matrix product, and a first answer soon


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
            help="Also look for five regions of the query: finds pictures that were pasted onto others.",
        ),
    ] = False,
    exact: Annotated[bool, typer.Option("--exact", help="Compare with every vector.")] = False,
    hnsw: Annotated[bool, typer.Option("--hnsw", help="Search through the graph.")] = False,
    ef_search: Annotated[
        int | None,
        typer.Option("--ef-search", min=1, metavar="N", help="Candidates kept in the graph search."),
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
    """Print the nearest neighbors of images, which need not be in the index."""
    from visualsearch_cli.cli.output.query import QueryPrinter
    from visualsearch_cli.cli.paths import key_within
    from visualsearch_cli.search.neighbors import SearchOptions, find_identical, find_neighbors
    from visualsearch_cli.search.opening import open_index
    from visualsearch_cli.search.queries import QueryReader

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
    skipped: list[SkippedImage] = []
    results: list[QueryResult] = []
    with open_reader(folder) as catalog:
        manifest = catalog.manifest()
        embedder = embedder_of(manifest, model, weights, device.value, folder.path, MESSAGES)
        calibration = calibration_of(manifest)
        judge = wiring.judge_of(folder, manifest, max_pixels) if level in PROVED else None
        search_options = SearchOptions(
            k=_candidates(k) if judge else k,
            max_distance=furthest(manifest, catalog, level, max_distance, precision),
            within=key_within(within, catalog),
            similar_distance=None if calibration is None else calibration.similar,
            region_margin=region_margin(manifest.model.name),
        )
        scheme = region_scheme(manifest)
        by_hash = level is Verdict.IDENTICAL
        reader = QueryReader(
            catalog,
            embedder,
            lambda: wiring.image_reader(max_pixels),
            transforms,
            by_hash=by_hash,
            scheme=(scheme or CORNERS) if thorough else None,
        )
        printer = QueryPrinter(chosen_format(format, json=json), folder.path, manifest.model.name, null=null)
        vectors = regions = None
        for start in range(0, len(paths), CHUNK):
            queries = _read(reader, paths[start : start + CHUNK], skipped, alone=len(paths) == 1)
            with catalog.snapshot():
                if by_hash:
                    found = find_identical(queries, catalog, search_options)
                else:
                    method = Method.EXACT if exact else Method.HNSW if hnsw else Method.AUTO
                    vectors = vectors or open_index(
                        folder,
                        catalog,
                        method,
                        len(paths),
                        ef_search,
                        search_options.within,
                        messages=MESSAGES,
                    )
                    if scheme is not None and regions is None:
                        regions = open_index(
                            folder,
                            catalog,
                            method,
                            len(paths),
                            ef_search,
                            search_options.within,
                            Frames.REGIONS,
                            MESSAGES,
                        )
                    found = find_neighbors(
                        queries, vectors, catalog, search_options, regions, scheme or CORNERS
                    )
            if judge is not None and level is not None:  # not inside the snapshot: it writes to its cache
                from visualsearch_cli.search.proving import proved

                found, unread = proved(found, judge, wiring.image_reader(max_pixels), level, k)
                skipped += unread
            printer.add(found)
            results += found
    printer.finish()
    for item in skipped:
        note(f"skipped {item.path}: {item.reason}")
    _show(results, open_, open_with, preview)
    if skipped:
        return ExitCode.INCOMPLETE
    matched = any(result.matches for result in results)
    return ExitCode.NOTHING_MATCHED if exit_code and not matched else ExitCode.DONE


def _read(
    reader: QueryReader, paths: Sequence[Path], skipped: list[SkippedImage], *, alone: bool
) -> list[Query]:
    """Return the queries of the images that can be read. The one image asked for must be."""
    queries: list[Query] = []
    for path in paths:
        try:
            queries.append(reader.read(path))
        except ImageError as error:
            if alone:
                raise
            skipped.append(SkippedImage(str(path), str(error).removeprefix(f"{path}: ")))
    return queries


def _candidates(k: int) -> int:
    """Return how many neighbors are looked at for k that are proved."""
    from visualsearch_cli.search.proving import LEAST_CANDIDATES

    return max(k, LEAST_CANDIDATES)


def _show(results: list[QueryResult], open_: bool, open_with: str | None, preview: bool) -> None:
    if preview:
        from visualsearch_cli.cli.output.preview import show

        for result in results:
            show(result)
    if open_ or open_with is not None:
        from visualsearch_cli.cli.output.opener import open_files

        open_files([result.matches[0].image.path for result in results if result.matches], open_with)
