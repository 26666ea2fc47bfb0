"""Small pictures in the terminal: in its own graphics, if it says that it has some, else as half blocks.

Kitty's graphics and sixels (of foot, WezTerm, Konsole, and of a tmux that was built with them) are asked for
and drawn by textual-image, an extra. iTerm2's files, and half blocks, colored, two pixels a cell, need
nothing.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from enum import Enum
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.columns import Columns
from rich.console import Group, RenderableType
from rich.style import Style
from rich.text import Text

from visualsearch_cli.cli.output.console import stdout
from visualsearch_cli.cli.output.iterm import FilePicture, shows_files
from visualsearch_cli.errors import ImageError
from visualsearch_cli.pictures.reader import AnyImageReader
from visualsearch_cli.wording import printable

if TYPE_CHECKING:
    from PIL import Image

    from visualsearch_cli.reports import report
    from visualsearch_cli.search.matches import QueryResult
    from visualsearch_cli.verdicts.two_files import ComparedFiles

WIDTH = 24  # character cells
HEIGHT = 12
SIDE = 480  # pixels of a picture in the terminal's own graphics, at least
MOST = 12  # pictures of a group


class Graphics(Enum):
    """What a terminal can show."""

    KITTY = "kitty"
    FILES = "files"
    SIXEL = "sixel"
    BLOCKS = "blocks"


@lru_cache(maxsize=1)
def graphics() -> Graphics:
    """Ask the terminal, once, what it can show. Where nobody answers, it shows characters."""
    if os.environ.get("TERM") == "dumb":
        return Graphics.BLOCKS
    # The answer comes on stdin, whatever that is.
    if not (sys.__stdin__ and sys.__stdin__.isatty() and sys.__stdout__ and sys.__stdout__.isatty()):
        return Graphics.BLOCKS
    sys.stdout.flush()
    if shows_files():  # without loss of color, unlike sixels, which such a terminal may know as well
        return Graphics.FILES
    if find_spec("textual_image") is None:
        return Graphics.BLOCKS
    try:
        with _without_typed():  # it asks while it is imported
            from textual_image import renderable
    except Exception:  # noqa: BLE001 - what was typed meanwhile comes in the place of an answer
        return Graphics.BLOCKS
    chosen = {renderable.SixelImage: Graphics.SIXEL, renderable.TGPImage: Graphics.KITTY}
    return chosen.get(renderable.Image, Graphics.BLOCKS)


@contextmanager
def _without_typed() -> Iterator[None]:
    """Let nothing that was typed before be taken for the answer."""
    try:
        import termios
    except ImportError:  # Windows
        yield
        return
    assert sys.__stdin__
    termios.tcflush(sys.__stdin__, termios.TCIFLUSH)
    yield


def show(result: QueryResult) -> None:
    """Print the query, if it is a picture, and its neighbors."""
    asked = "query" if result.part is None else f"query: {result.part.what} at {result.part.region}"
    captions = [(result.query, asked)] if result.words is None else []
    for rank, match in enumerate(result.matches, 1):
        verdict = match.verdict.value if match.verdict else "stranger" if match.is_stranger else ""
        captions.append((match.image.path, f"{rank}  {match.distance:.4f}  {verdict}".rstrip()))
    _show(captions)


def show_groups(groups: Iterable[report.Group]) -> None:
    """Print the pictures of each group, the file to keep first; of large ones, the first few."""
    console = stdout()
    for number, group in enumerate(groups, 1):
        console.print(f"{number}  {group.verdict.value}", style="bold")
        _show(
            [
                (member.path, "keep" if member.keep or member.verdict is None else member.verdict.value)
                for member in group.members[:MOST]
            ]
        )
        if len(group.members) > MOST:
            console.print(f"and {len(group.members) - MOST} more", style="dim")


def show_pair(compared: ComparedFiles) -> None:
    """Print two pictures that were compared."""
    verdict = compared.evidence.verdict
    said = verdict.value if verdict else "different"
    _show([(compared.a.path, "A"), (compared.b.path, f"B  {said}")])


def _show(captions: Sequence[tuple[Path, str]]) -> None:
    console = stdout()
    cards = [_card(path, caption) for path, caption in captions]
    if graphics() in (Graphics.SIXEL, Graphics.FILES):  # drawn where the cursor is, which no column knows
        for card in cards:
            console.print(card)
        return
    console.print(Columns(cards, padding=(1, 2)))


def _card(path: Path, caption: str) -> RenderableType:
    name = Text(printable(path.name), overflow="ellipsis", no_wrap=True, style="dim")
    name.truncate(WIDTH, overflow="ellipsis")
    return Group(_picture(path), Text(caption), name)


def _picture(path: Path) -> Any:
    from PIL import Image

    from visualsearch_cli.pictures.reading import read_picture

    kind = graphics()
    side = 2 * max(WIDTH, HEIGHT) if kind is Graphics.BLOCKS else SIDE
    try:
        pixels = read_picture(path, AnyImageReader(), side).pixels
    except ImageError:
        return Text("(cannot be read)", style="dim")
    image = Image.fromarray(pixels)
    if kind is Graphics.BLOCKS:
        return _blocks(image)
    if kind is Graphics.FILES:
        image.thumbnail((2 * SIDE, 2 * SIDE))
        return FilePicture(image, WIDTH, HEIGHT)
    from textual_image import renderable

    image.thumbnail((2 * SIDE, 2 * SIDE))
    wide = image.width * HEIGHT * 2 > image.height * WIDTH  # a cell is about twice as high as wide
    sides = {"width": WIDTH, "height": "auto"} if wide else {"width": "auto", "height": HEIGHT}
    return renderable.Image(image, **sides)  # type: ignore[arg-type]


def _blocks(image: Image.Image) -> Text:
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
