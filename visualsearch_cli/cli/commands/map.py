"""`visualsearch map`"""

from __future__ import annotations

from enum import Enum
from pathlib import Path
from typing import Annotated

import typer

from visualsearch_cli.cli import options
from visualsearch_cli.cli.exit_codes import ExitCode
from visualsearch_cli.cli.locating import find_index
from visualsearch_cli.cli.output.console import MESSAGES, RichProgress, name_skipped, note
from visualsearch_cli.cli.paths import checked_output
from visualsearch_cli.index.model import ModelChoice
from visualsearch_cli.index.open import open_index
from visualsearch_cli.index.records import INDEX_FOLDER
from visualsearch_cli.wording import counted, printable

MOST = 2000


class LayoutName(str, Enum):
    """How pictures are laid out."""

    PCA = "pca"
    TSNE = "tsne"
    UMAP = "umap"


def map_index(
    file: Annotated[
        Path,
        typer.Argument(metavar="FILE", help="The page, .html, or the drawing, .svg.", show_default=False),
    ],
    index: options.IndexDir = None,
    model: options.ModelOfTwo = None,
    layout: Annotated[
        LayoutName,
        typer.Option(
            "--layout", metavar="LAYOUT", help="pca, or with the extra `plots` tsne or umap, which part more."
        ),
    ] = LayoutName.PCA,
    most: Annotated[
        int,
        typer.Option("--most", min=1, metavar="N", help="So many pictures at most, chosen evenly by path."),
    ] = MOST,
    max_pixels: options.MaxPixels = None,
    threads: options.Threads = None,
) -> ExitCode:
    """Draw a map of the index: pictures that look alike lie together.

    The page has the pictures inside and zooms; it loads nothing. Lines join what are probably copies, and
    colors are labels.
    """
    from visualsearch_cli.pictures.reader import Decoding
    from visualsearch_cli.plots.layout import Layout
    from visualsearch_cli.plots.map_files import MAP, write_page, write_svg
    from visualsearch_cli.plots.mapped import map_of

    format = checked_output("FILE", file, MAP, (".html", ".htm", ".svg"))
    folder = find_index(index)
    with open_index(folder, ModelChoice(model), Decoding(max_pixels, threads), MESSAGES) as opened:
        shown = map_of([opened], Layout(layout.value), most)
        place = folder.path.absolute()
        name = place.parent.name if place.name == INDEX_FOLDER else place.name
        title = printable(f"Map of {name}, {opened.catalog.manifest().model.name}, {layout.value}")
        if format == ".svg":
            write_svg(shown, title, file)
            unseen = []
        else:
            unseen = write_page(shown, title, opened.reader, file, RichProgress(), opened.threads)
    name_skipped(unseen)
    left_out = f", {shown.left_out} left out: see --most" if shown.left_out else ""
    note(f"wrote {printable(str(file))}: {counted(len(shown.pictures), 'picture')}{left_out}")
    return ExitCode.INCOMPLETE if unseen else ExitCode.DONE
