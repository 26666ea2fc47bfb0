"""`visualsearch match`"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from visualsearch_cli.cli import options
from visualsearch_cli.cli.exit_codes import ExitCode
from visualsearch_cli.cli.locating import find_index
from visualsearch_cli.cli.output.console import MESSAGES, name_skipped
from visualsearch_cli.cli.output.formats import to_json
from visualsearch_cli.cli.output.text import short_path
from visualsearch_cli.cli.paths import given_pictures
from visualsearch_cli.errors import ImageError
from visualsearch_cli.index.model import ModelChoice, Use
from visualsearch_cli.index.open import open_index
from visualsearch_cli.pictures.image import SkippedImage
from visualsearch_cli.wording import printable

if TYPE_CHECKING:
    from visualsearch_cli.search.labelling import Matched
    from visualsearch_cli.search.naming import Matching

SCHEMA = "visualsearch/match/1"
NONE = "none"


def match(
    images: options.Images = None,
    index: options.IndexDir = None,
    max_distance: options.MaxDistance = None,
    k: Annotated[
        int | None,
        typer.Option(
            "-k", min=1, metavar="N", help="How many neighbors vote. Default: 5.", show_default=False
        ),
    ] = None,
    exit_code: Annotated[
        bool, typer.Option("--exit-code", help="Exit with 4 if a picture has no label.")
    ] = False,
    json: options.Json = False,
    null: options.Null = False,
    model: options.Model = None,
    weights: options.Weights = None,
    device: options.DeviceOption = options.Device.AUTO,
    max_pixels: options.MaxPixels = None,
) -> ExitCode:
    """Print which label fits a picture: that of its nearest pictures among those that have one, or none.

    How near they must be is learned from the labels that were given: nothing is trained, and a new label
    counts at once.
    """
    from visualsearch_cli.pictures.orientations import Transforms
    from visualsearch_cli.pictures.reader import Decoding
    from visualsearch_cli.search.naming import Matching
    from visualsearch_cli.search.queries import QueryReader

    paths, skipped = given_pictures(images, null=null)
    if not images or (not paths and images == ["-"]):
        raise typer.BadParameter("no image was given: name one, or - to read paths from stdin")
    folder = find_index(index, [str(path) for path in paths])
    found: list[tuple[Path, Matched]] = []
    choice = ModelChoice(model, weights, device.value)
    with open_index(folder, choice, Decoding(max_pixels), MESSAGES, Use.MEANING) as opened:
        matching = Matching(opened, max_distance, k)
        reader = QueryReader(opened.catalog, opened.embedder, opened.reader, Transforms.NONE)
        for path in paths:
            try:
                query = reader.read(path)
            except ImageError as error:
                skipped.append(SkippedImage(str(path), str(error).removeprefix(f"{path}: ")))
                continue
            matched = matching.of(query.vectors[0], query.content_hash or "")
            found.append((path, matched))
            if not json:
                _print(path, matched)
        if json:
            document = _document(str(folder.path.absolute()), matching, found)
            print(to_json(document, indent=2))
    name_skipped(skipped)
    if skipped:
        return ExitCode.INCOMPLETE
    missing = any(matched.label is None for _, matched in found)
    return ExitCode.NOTHING_MATCHED if exit_code and missing else ExitCode.DONE


def _print(path: Path, matched: Matched) -> None:
    shown = NONE if matched.label is None else printable(matched.label)
    if matched.label is not None and matched.label.strip('"') == NONE:
        shown = f'"{shown}"'  # there is a label, which is called so
    why = f"{matched.distance:.4f}, {matched.support:.0%} of the votes"
    print(f"{printable(short_path(path))}: {shown}  ({why})")


def _document(index: str, matching: Matching, found: list[tuple[Path, Matched]]) -> dict[str, Any]:
    """Return what was found as JSON has it."""
    cutoff = matching.cutoff
    return {
        "schema": SCHEMA,
        "index": index,
        "max_distance": matching.max_distance,
        "calibrated": None if cutoff is None else _rounded(cutoff._asdict()),
        "results": [{"query": str(path), **_rounded(matched._asdict())} for path, matched in found],
    }


def _rounded(record: dict[str, Any]) -> dict[str, Any]:
    """Return a record with as many digits as those of `query` have."""
    return {key: round(value, 6) if isinstance(value, float) else value for key, value in record.items()}
