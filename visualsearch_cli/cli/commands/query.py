"""`visualsearch query`"""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from visualsearch_cli.cli import options
from visualsearch_cli.cli.distances import Precision, check_precision
from visualsearch_cli.cli.exit_codes import ExitCode
from visualsearch_cli.cli.locating import find_indexes, find_indexes_to_ask
from visualsearch_cli.cli.narrowing import (
    After,
    Before,
    Camera,
    Distinct,
    Diverse,
    Exact,
    GpsNear,
    Hnsw,
    LargerThan,
    MinWidth,
    NeighborsPage,
    OfLabel,
    Open,
    OpenWith,
    Type,
    Within,
    check_viewer,
    method_of,
    where_of,
)
from visualsearch_cli.cli.output.console import MESSAGES, name_skipped, note
from visualsearch_cli.cli.output.formats import OutputFormat, chosen_format
from visualsearch_cli.cli.paths import given_pictures
from visualsearch_cli.index.model import ModelChoice
from visualsearch_cli.index.open import open_several
from visualsearch_cli.pictures.orientations import Transforms
from visualsearch_cli.search.filtering import ANYWHERE
from visualsearch_cli.search.limits import Looks, require_calibration
from visualsearch_cli.search.matches import QueryResult
from visualsearch_cli.verdicts.verdict import Verdict
from visualsearch_cli.wording import printable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from visualsearch_cli.detectors.parts import Detector
    from visualsearch_cli.index.folder import IndexFolder
    from visualsearch_cli.pictures.regions import Cutting
    from visualsearch_cli.search.several import AnsweringFromSeveral


def query(
    images: options.Images = None,
    index: options.Indexes = None,
    store: options.Store = None,
    map_: options.StoreMap = None,
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
    within: Within = None,
    after: After = None,
    before: Before = None,
    camera: Camera = None,
    type_: Type = None,
    min_width: MinWidth = 0,
    larger_than: LargerThan = "",
    label: OfLabel = None,
    gps_near: GpsNear = None,
    transforms: Annotated[
        Transforms,
        typer.Option(
            "--transforms",
            metavar="WHICH",
            help="Also try the query mirrored (mirror), or turned too (all), or neither (none).",
        ),
    ] = Transforms.NONE,
    verify: Annotated[
        Looks,
        typer.Option(
            "--verify",
            metavar="WHICH",
            help="Which neighbors are compared in detail: the nearest, until one is the same picture, three "
            "at most (nearest), all that may be copies (all), or none.",
        ),
    ] = Looks.NEAREST,
    no_verify: Annotated[bool, typer.Option("--no-verify", help="Short for --verify none.")] = False,
    region: Annotated[
        str | None,
        typer.Option(
            "--region",
            metavar="X,Y,W,H",
            help="Look for this part of IMAGE: left, top, width and height in pixels, or in percent, such as "
            "10%,10%,50%,50%.",
            show_default=False,
        ),
    ] = None,
    face: Annotated[
        bool, typer.Option("--face", help="Look for each face in IMAGE, found by a detector that you have.")
    ] = False,
    object_: Annotated[
        bool,
        typer.Option("--object", help="Look for each thing in IMAGE, found by a detector that you have."),
    ] = False,
    detector: Annotated[
        Path | None,
        typer.Option(
            "--detector",
            metavar="FILE",
            help="The network for --face (YuNet) or --object (YOLO), in a file of ONNX. Default: what "
            "VISUALSEARCH_FACES or VISUALSEARCH_OBJECTS names.",
            show_default=False,
        ),
    ] = None,
    distinct: Distinct = False,
    diverse: Diverse = None,
    thorough: Annotated[
        bool,
        typer.Option(
            "--thorough",
            help="Look closely: also for parts of the query, as of a collage, for it turned by any angle, "
            "and at more of what is near. Takes up to some seconds.",
        ),
    ] = False,
    exact: Exact = False,
    hnsw: Hnsw = False,
    ef_search: Annotated[
        int | None,
        typer.Option("--ef-search", min=1, metavar="N", help="How many candidates a graph search keeps."),
    ] = None,
    open_: Open = False,
    open_with: OpenWith = None,
    preview: options.Preview = False,
    html: NeighborsPage = None,
    format: options.Format = OutputFormat.TABLE,
    json: options.JsonFormat = False,
    null: options.Null = False,
    exit_code: Annotated[bool, typer.Option("--exit-code", help="Exit with 4 if nothing matched.")] = False,
    model: options.Model = None,
    weights: options.Weights = None,
    device: options.DeviceOption = options.Device.AUTO,
    max_pixels: options.MaxPixels = None,
) -> ExitCode:
    """Print the nearest neighbors of images, which do not need to be in the index.

    Folders are asked for picture by picture. What is farther away than pictures that look alike is marked
    as a stranger; --format paths leaves strangers out.
    """
    from visualsearch_cli.cli.output.query import (
        QueryPrinter,
        check_page,
        note_unreachable,
        show_found,
        write_page,
    )
    from visualsearch_cli.duplicates.best_first import best_first
    from visualsearch_cli.pictures.reader import Decoding
    from visualsearch_cli.search.answering import Answering, QueryOptions

    method = method_of(exact=exact, hnsw=hnsw)
    check_precision(precision, max_distance)
    check_viewer(open_with)
    check_page(html)
    if no_verify and verify is Looks.ALL:
        raise typer.BadParameter("--verify all and --no-verify exclude each other")
    paths, skipped = given_pictures(images, null=null)
    if not images or (not paths and images == ["-"]):
        raise typer.BadParameter("no image was given: name one, or - to read paths from stdin")
    where = where_of(within, after, before, camera, type_, min_width, larger_than, label, gps_near)
    address = options.store_of(store)
    if address is not None:
        from visualsearch_cli.cli.storing.asked_store import check_search  # late: few have a store

        check_search(labels=bool(label), exact=exact, hnsw=hnsw, ef_search=ef_search is not None)
        folders: list[IndexFolder] = []
    elif where.within is None:
        folders = find_indexes_to_ask(index, [str(path) for path in paths])
    else:
        folders = find_indexes(index, [where.within])
    finder = _detector(detector, region, level, verify, face=face, object_=object_)
    cutting = _cutting(region, level, verify)
    asked = QueryOptions(
        k=k,
        max_distance=max_distance,
        level=level,
        precision=precision,
        where=where,
        transforms=transforms,
        thorough=thorough,
        method=method,
        ef_search=ef_search,
        looks=Looks.NONE if no_verify or region is not None or finder is not None else verify,
        distinct=distinct,
        diverse=diverse,
        cutting=cutting,
        detector=finder,
    )
    shown = chosen_format(format, json=json)
    results: list[QueryResult] = []

    def arranged(result: QueryResult) -> QueryResult:
        return best_first(result, first.reader)

    choice = ModelChoice(model, weights, device.value)
    decoding = Decoding(max_pixels)
    with ExitStack() as stack:
        if address is None:
            opened = stack.enter_context(open_several(folders, choice, decoding, MESSAGES))
        else:
            from visualsearch_cli.cli.storing.asked_store import store_to_ask

            opened = [stack.enter_context(store_to_ask(address, map_, choice, decoding))]
        first = opened[0]
        manifest = first.catalog.manifest()
        if shown is OutputFormat.PATHS and max_distance is None and level is None:
            require_calibration(manifest, "--format paths, which leaves strangers out")
        far_too = max_distance is not None
        printer = QueryPrinter(
            shown,
            first.folder.path if address is None else address.text,
            manifest.model.name,
            null=null,
            far_too=far_too,
            filtered=where != ANYWHERE,
            parts="" if finder is None else finder.kind.value,
        )
        printer.add([QueryResult(Path(item.path), (), item.reason) for item in skipped])
        answering: Answering | AnsweringFromSeveral
        if len(opened) == 1:
            answering = Answering(first, asked, len(paths), arranged=arranged)
        else:
            from visualsearch_cli.search.several import AnsweringFromSeveral

            answering = AnsweringFromSeveral(opened, asked, len(paths), arranged=arranged)
        for answers in answering.of_files(paths):
            printer.add(answers.results)
            results += answers.results
            if finder is not None:
                _say_where_nothing_is(answers.results, finder)
            if cutting is not None:
                _say_what_was_cut(answers.results, cutting)
            skipped += answers.skipped
        printer.finish()
        if html is not None:
            skipped += write_page(results, first, html)
    name_skipped(skipped)
    if shown is OutputFormat.PATHS:
        note_unreachable(results)
    found = [
        [match for match in result.matches if not match.missing and (far_too or not match.is_stranger)]
        for result in results
    ]
    show_found(results, found, open_, open_with, preview)
    if skipped:
        return ExitCode.INCOMPLETE
    return ExitCode.NOTHING_MATCHED if exit_code and not any(found) else ExitCode.DONE


def _detector(
    file: Path | None, region: str | None, level: Verdict | None, verify: Looks, *, face: bool, object_: bool
) -> Detector | None:
    """Return what finds the parts that are looked for. Raises BadParameter for what cannot be meant, and
    ModelUnavailable for a file that is no detector."""
    if not face and not object_:
        if file is not None:
            raise typer.BadParameter("--detector is for --face or --object: say what it finds")
        return None
    if (face and object_) or region is not None:
        raise typer.BadParameter(
            "--face, --object and --region exclude each other: each says what is looked for"
        )
    if level not in (None, Verdict.SIMILAR) or verify is Looks.ALL:
        raise typer.BadParameter(
            f"--{'face' if face else 'object'} looks for parts, and what is compared in detail are whole "
            "pictures: leave --level and --verify out"
        )
    from visualsearch_cli.detectors.loading_detectors import load_detector
    from visualsearch_cli.detectors.parts import Kind

    return load_detector(Kind.FACE if face else Kind.OBJECT, file)


def _say_where_nothing_is(results: Sequence[QueryResult], finder: Detector) -> None:
    for result in results:
        if result.part is None and result.error is None:
            note(f"{printable(str(result.query))}: the detector found no {finder.kind.value} in it")


def _say_what_was_cut(results: Sequence[QueryResult], cutting: Cutting) -> None:
    for result in results:
        image, part = result.image, result.part
        if image and part and cutting.reaches_beyond(image.width, image.height):
            note(
                f"{printable(str(result.query))}: the region reaches beyond the picture, which has "
                f"{image.width} × {image.height} pixels: {part.region} is looked for"
            )


def _cutting(region: str | None, level: Verdict | None, verify: Looks) -> Cutting | None:
    """Return the part of a picture that is looked for. Raises BadParameter for what cannot be meant."""
    if region is None:
        return None
    from visualsearch_cli.pictures.regions import Cutting

    if level not in (None, Verdict.SIMILAR) or verify is Looks.ALL:
        raise typer.BadParameter(
            "--region looks for a part, and what is compared in detail are whole pictures: leave --level and "
            "--verify out"
        )
    try:
        return Cutting.parsed(region)
    except ValueError as error:
        raise typer.BadParameter(f"--region: {error}") from error
