"""How all pages are made from templates, and written."""

from __future__ import annotations

from io import TextIOWrapper
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, Template
from markupsafe import Markup

from visualsearch_cli.atomic import OutputKind, written_whole
from visualsearch_cli.wording import printable

BUFFER = 200  # pieces of text gathered before they are written; a piece is at most one picture


def environment(package: str) -> Environment:
    """Return what renders a package's templates: values are escaped and visible, and none may be missing."""
    return Environment(
        loader=PackageLoader(package),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_shown,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def write_page(template: Template, file: Path, kind: OutputKind, **values: Any) -> None:
    """Write a page piece by piece, so that thousands of pictures never wait in memory.

    It is there whole or not at all. Raises OutputRefused if it may not be written over, and VisualSearchError
    if it cannot be written.
    """
    with (
        written_whole(file, kind) as stream,
        TextIOWrapper(stream, encoding="utf-8", newline="\n") as text,
    ):
        page = template.stream(**values)
        page.enable_buffering(BUFFER)
        text.writelines(page)


def _shown(value: Any) -> Any:
    """Make what goes onto the page visible: stray bytes have no place in UTF-8, and controls act on text."""
    return value if isinstance(value, Markup) else printable(str(value))
