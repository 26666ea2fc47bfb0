"""The option --html: a report as a page with pictures."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from visualsearch_cli.cli import wiring
from visualsearch_cli.cli.output.console import RichProgress, note
from visualsearch_cli.wording import short_size

if TYPE_CHECKING:
    from visualsearch_cli.pictures.image import SkippedImage
    from visualsearch_cli.reports.report import Report

SUFFIXES = (".html", ".htm")


def _writable(file: Path | None) -> Path | None:
    """Check the name now, not after minutes of comparing. No photograph is overwritten by a slip."""
    if file is None:
        return None
    if file.suffix.lower() not in SUFFIXES:
        raise typer.BadParameter(f"{file}: the name must end in {' or '.join(SUFFIXES)}")
    folder = file.absolute().parent
    if not folder.is_dir():
        raise typer.BadParameter(f"{file} cannot be written: {folder} is not a folder")
    return file


Html = Annotated[
    Path | None,
    typer.Option(
        "--html",
        metavar="FILE",
        help="Also write a page with the pictures side by side.",
        callback=_writable,
        show_default=False,
    ),
]


def write_page(report: Report, file: Path) -> list[SkippedImage]:
    """Write a report as a page and say where it is; return the files of which it shows no picture.

    Raises VisualSearchError if it cannot be written.
    """
    from visualsearch_cli.reports.page import write_html

    reader = wiring.image_reader(None)
    unseen = write_html(report, reader, file, RichProgress(), wiring.thread_count(None))
    note(f"wrote {file}, {short_size(file.stat().st_size)}: open it in a browser")
    return unseen
