"""Small pictures in the terminal: two pixels a character cell, as coloured half blocks."""

from __future__ import annotations

from pathlib import Path

from rich.columns import Columns
from rich.console import Group, RenderableType
from rich.style import Style
from rich.text import Text

from visualsearch_cli.cli.output.console import stdout
from visualsearch_cli.errors import ImageError
from visualsearch_cli.pictures.reader import AnyImageReader
from visualsearch_cli.search.matches import QueryResult
from visualsearch_cli.wording import printable

WIDTH = 24  # character cells
HEIGHT = 12


def show(result: QueryResult) -> None:
    """Print the query, if it is a picture, and its neighbors side by side."""
    captions = [(result.query, "query")] if result.words is None else []
    captions += [(m.image.path, f"{rank}  {m.distance:.4f}") for rank, m in enumerate(result.matches, 1)]
    stdout().print(Columns([_card(path, caption) for path, caption in captions], padding=(1, 2)))


def _card(path: Path, caption: str) -> RenderableType:
    name = Text(printable(path.name), overflow="ellipsis", no_wrap=True, style="dim")
    name.truncate(WIDTH, overflow="ellipsis")
    return Group(_picture(path), Text(caption), name)


def _picture(path: Path) -> Text:
    from PIL import Image

    from visualsearch_cli.pictures.reading import read_picture

    try:
        pixels = read_picture(path, AnyImageReader(), 2 * max(WIDTH, HEIGHT)).pixels
    except ImageError:
        return Text("(cannot be read)", style="dim")
    image = Image.fromarray(pixels)
    image.thumbnail((WIDTH, 2 * HEIGHT))
    picture = Text()
    for y in range(0, image.height - 1, 2):
        for x in range(image.width):
            upper, lower = image.getpixel((x, y)), image.getpixel((x, y + 1))
            assert isinstance(upper, tuple) and isinstance(lower, tuple)
            colors = ("#{:02x}{:02x}{:02x}".format(*color) for color in (upper, lower))
            picture.append("▀", Style(color=next(colors), bgcolor=next(colors)))
        picture.append("\n")
    picture.right_crop(1)
    return picture
