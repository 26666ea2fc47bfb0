"""`visualsearch compare`"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from visualsearch_cli.cli import options
from visualsearch_cli.cli.exit_codes import ExitCode
from visualsearch_cli.cli.output.console import MESSAGES
from visualsearch_cli.cli.output.formats import to_json
from visualsearch_cli.cli.paths import check_no_address, checked_output
from visualsearch_cli.index.model import ModelChoice
from visualsearch_cli.index.roots import absolute
from visualsearch_cli.pictures.marks import DRAWN, SUFFIXES
from visualsearch_cli.verdicts.verdict import Verdict

if TYPE_CHECKING:
    from visualsearch_cli.pictures.image import ImageReader, ImageRecord
    from visualsearch_cli.verdicts.evidence import Fit
    from visualsearch_cli.verdicts.two_files import ComparedFiles, OnlyHere

SCHEMA = "visualsearch/compare/1"


def compare(
    a: Annotated[str, typer.Argument(metavar="A", help="An image file.", show_default=False)],
    b: Annotated[
        str, typer.Argument(metavar="B", help="The image file to compare with A.", show_default=False)
    ],
    image: Annotated[
        Path | None,
        typer.Option("--image", metavar="FILE", help="Draw the match: both pictures side by side."),
    ] = None,
    preview: options.Preview = False,
    json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    exit_code: Annotated[
        bool, typer.Option("--exit-code", help="Exit with 4 if B is not a copy of A.")
    ] = False,
    max_pixels: options.MaxPixels = None,
) -> ExitCode:
    """Say what one picture is to another, and why. Neither needs to be in an index."""
    if preview and json:
        raise typer.BadParameter("--preview and --json exclude each other: pictures are no JSON")
    format = "" if image is None else checked_output("--image", image, DRAWN, SUFFIXES)
    for path in (a, b):
        check_no_address(path)
    paths = Path(absolute(a)), Path(absolute(b))
    from visualsearch_cli.pictures.reader import AnyImageReader
    from visualsearch_cli.verdicts.two_files import compare_files, only_in_each

    reader = AnyImageReader(max_pixels)
    compared = compare_files(*paths, reader, ModelChoice().new(MESSAGES))
    only = only_in_each(*paths)
    if json:
        print(to_json(_document(compared, only), indent=2))
    else:
        _print(compared, only)
    if preview:
        from visualsearch_cli.cli.output.preview import show_pair

        show_pair(compared)
    if image is not None:
        _draw(compared, reader, image, format)
    verdict = compared.evidence.verdict
    is_copy = verdict is not None and verdict.reaches(Verdict.EDITED)
    return ExitCode.NOTHING_MATCHED if exit_code and not is_copy else ExitCode.DONE


def _document(compared: ComparedFiles, only: tuple[OnlyHere, OnlyHere]) -> dict[str, Any]:
    from visualsearch_cli.reports.report_json import place_records

    evidence = compared.evidence
    return {
        "schema": SCHEMA,
        "a": _file_record(compared.a),
        "b": _file_record(compared.b),
        "verdict": evidence.verdict.value if evidence.verdict else None,
        "distance": evidence.distance,
        "reason": evidence.reason,
        "differences": place_records(evidence.differences),
        "fit": None if evidence.fit is None else _fit_record(evidence.fit),
        "only_a": _only_record(only[0]),
        "only_b": _only_record(only[1]),
    }


def _only_record(only: OnlyHere) -> dict[str, Any]:
    from visualsearch_cli.reports.report_json import known_records

    return {"holds": list(only.holds), "knows": known_records(only.knows)}


def _file_record(image: ImageRecord) -> dict[str, Any]:
    return {
        "path": str(image.path),
        "width": image.width,
        "height": image.height,
        "bytes": image.size,
        "format": image.format,
        "content_hash": image.content_hash,
    }


def _fit_record(fit: Fit) -> dict[str, Any]:
    return {
        "matrix": [list(row) for row in fit.matrix],
        "mirrored": fit.mirrored,
        "inliers": fit.inliers,
        "covered_a": round(fit.covered_a, 4),
        "covered_b": round(fit.covered_b, 4),
        "residual": round(fit.residual, 4),
        "correlation": round(fit.correlation, 4),
    }


def _print(compared: ComparedFiles, only: tuple[OnlyHere, OnlyHere]) -> None:
    from rich.table import Table
    from rich.text import Text

    from visualsearch_cli.cli.output.console import stdout
    from visualsearch_cli.cli.output.text import short_path, verdict_text
    from visualsearch_cli.reports.differences import in_words
    from visualsearch_cli.wording import printable, short_size

    rows: list[tuple[str, Text]] = []
    for name, image in (("A", compared.a), ("B", compared.b)):
        about = f"{image.width}×{image.height}  {image.format}  {short_size(image.size)}"
        rows.append((name, Text(f"{printable(short_path(image.path))}  ").append(about, style="dim")))
    evidence = compared.evidence
    verdict = verdict_text(evidence.verdict) if evidence.verdict else Text("different")
    rows.append(("verdict", verdict))
    rows.append(("why", Text(printable(evidence.reason))))
    if evidence.distance is not None:
        rows.append(("distance", Text(f"{evidence.distance:.4f}")))
    if evidence.fit is not None:
        fit = evidence.fit
        spots = f"{fit.inliers} matched features" if fit.inliers else "whole frames laid onto each other"
        rows.append(("fit", Text(spots)))
        residual = f"{fit.residual:.3f} of full scale, correlation {fit.correlation:.3f}"
        rows.append(("residual", Text(residual)))
    for name, its in zip("AB", only, strict=True):
        if words := [*its.holds, *in_words(its.knows, f"{'BA'['AB'.index(name)]} has")]:
            rows.append((f"only {name}", Text(printable(" · ".join(words)))))
    console = stdout()
    if not console.is_terminal:  # a line for each, whatever its length
        for name, value in rows:
            print(f"{name:8}  {value.plain}")
        return
    table = Table.grid(padding=(0, 2))
    table.add_column(style="dim", no_wrap=True)
    table.add_column(overflow="fold")
    for name, value in rows:
        table.add_row(name, value)
    console.print(table)


def _draw(compared: ComparedFiles, reader: ImageReader, target: Path, format: str) -> None:
    from visualsearch_cli.atomic import written_whole
    from visualsearch_cli.verdicts.two_files import drawn_match

    data = drawn_match(compared, reader, format)
    with written_whole(target, DRAWN) as stream:
        stream.write(data)
