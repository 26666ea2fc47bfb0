"""The options of `dupes`, from what is typed to what is meant."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from visualsearch_cli.cli.output.console import note
from visualsearch_cli.duplicates.keeping import Key, keys_named
from visualsearch_cli.fields import LARGEST
from visualsearch_cli.pictures.orientations import Transforms
from visualsearch_cli.verdicts.verdict import Verdict


def parsed_keys(text: str) -> tuple[Key, ...]:
    """Return the keys of --keep."""
    try:
        return keys_named(name.strip() for name in text.split(",") if name.strip())
    except ValueError as error:
        raise typer.BadParameter(f"--keep: {error}") from error


def parsed_size(text: str, option: str = "--min-size") -> int:
    """Return a number of bytes: 500, 100k, 1.5M, 2GB. Powers of 1000, as sizes are shown."""
    number = text.strip().lower().removesuffix("b")
    unit = {"k": 10**3, "m": 10**6, "g": 10**9, "t": 10**12}.get(number[-1:], 1)
    try:
        size = float(number.rstrip("kmgt") if unit > 1 else number) * unit
    except ValueError:
        size = -1.0
    if size > LARGEST:
        raise typer.BadParameter(f"'{text}' is more than any file has", param_hint=option)
    if not size >= 0:
        raise typer.BadParameter(
            f"'{text}' is not a size, expected one such as 100k or 2M", param_hint=option
        )
    return int(size)


def chosen_level(given: Verdict | None, transforms: Transforms) -> Verdict:
    """Return the level: `same`, or `edited` for who looks for turned copies, which are edits."""
    if given is None:
        return Verdict.SAME if transforms is Transforms.NONE else Verdict.EDITED
    if transforms is not Transforms.NONE and given.reaches(Verdict.SAME):
        note(
            f"turned and mirrored copies are edits, so --level {given.value} does not look for them: "
            "use --level edited"
        )
    return given


PAGE_SUFFIXES = (".html", ".htm")

Html = Annotated[
    Path | None,
    typer.Option(
        "--html",
        metavar="FILE",
        help="Also write a page with the pictures side by side.",
        show_default=False,
    ),
]
