"""Writes a map: as a page that zooms, or as a drawing in SVG. Either needs nothing but itself."""

from __future__ import annotations

import base64
import hashlib
import io
import json
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from jinja2 import Environment
from markupsafe import Markup
from PIL import Image

from visualsearch_cli.atomic import HEAD, OutputKind, written_whole
from visualsearch_cli.errors import ImageError
from visualsearch_cli.pictures.ahead import ahead, workers
from visualsearch_cli.pictures.image import SkippedImage
from visualsearch_cli.pictures.reading import read_file
from visualsearch_cli.reports.environment import environment
from visualsearch_cli.wording import counted, printable

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from visualsearch_cli.pictures.image import ImageReader
    from visualsearch_cli.plots.mapped import Map
    from visualsearch_cli.progress import Progress

GENERATOR = "visualsearch map"
SIDE = 64  # pixels of a thumbnail
COLUMNS = 32  # thumbnails side by side in a sheet
SHEET = COLUMNS**2
COLORS = (
    *("#4269d0", "#efb118", "#ff725c", "#6cc5b0", "#3ca951"),
    *("#ff8ab7", "#a463f2", "#97bbf5", "#9c6b4e", "#9498a0"),
)
"""Of the labels of most pictures; the last one is of all others."""

UNLABELLED = "#9498a0"
DRAWING = 1000  # units of the SVG's side


def is_map(stream: BinaryIO) -> bool:
    """Tell whether a file is a map that this program wrote, by its beginning."""
    return f'content="{GENERATOR}"'.encode() in stream.read(HEAD)


MAP = OutputKind("a map that `visualsearch map` wrote", is_map)


def write_page(
    shown: Map, title: str, reader: ImageReader, file: Path, progress: Progress, threads: int
) -> list[SkippedImage]:
    """Write a map as a page; return the files that have no picture in it.

    Raises OutputRefused if the file may not be written over, VisualSearchError if it cannot be written.
    """
    unseen: list[SkippedImage] = []
    sheets = list(_sheets(shown, reader, progress, threads, unseen))
    script = _template_text("map.js")
    policy = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    text = _environment().get_template("map.html.jinja").render(
        title=title,
        summary=_summary(shown),
        script=Markup(script),
        policy=policy,
        style=Markup(_template_text("map.css")),
        data=_data(shown, sheets),
        labels=_legend(shown),
    )  # fmt: skip
    with written_whole(file, MAP) as stream:
        stream.write(text.encode("utf-8"))
    return unseen


def write_svg(shown: Map, title: str, file: Path) -> None:
    """Write a map as a drawing: a dot for each picture, in the color of its label, lines between copies.

    Raises OutputRefused if the file may not be written over, VisualSearchError if it cannot be written.
    """
    colors = _colors(shown)
    dots = [
        (
            round(float(x) * DRAWING, 1),
            round(float(y) * DRAWING, 1),
            colors[picture.label],
            picture.image.path.name,
        )
        for picture, (x, y) in zip(shown.pictures, shown.places.tolist(), strict=True)
    ]
    text = _environment().get_template("map.svg.jinja").render(
        title=title, summary=_summary(shown), dots=dots, near=shown.near, labels=_legend(shown), side=DRAWING
    )  # fmt: skip
    with written_whole(file, MAP) as stream:
        stream.write(text.encode("utf-8"))


def _summary(shown: Map) -> str:
    left_out = f", {shown.left_out:,} more are left out" if shown.left_out else ""
    return (
        f"{counted(len(shown.pictures), 'picture')}{left_out}. Red lines join what is nearer than a "
        f"distance of {shown.distance:.3f}, probably copies: {counted(len(shown.near), 'pair')}."
    )


def _colors(shown: Map) -> dict[str, str]:
    return {"": UNLABELLED} | {
        name: COLORS[min(number, len(COLORS) - 1)] for number, (name, _) in enumerate(shown.labels)
    }


def _legend(shown: Map) -> Sequence[tuple[str, str, int]]:
    """Return color, name and number of pictures of each label."""
    colors = _colors(shown)
    named = sum(count for _, count in shown.labels)
    found = [(colors[name], name, count) for name, count in shown.labels]
    return [*found, (UNLABELLED, "no label", len(shown.pictures) - named)] if found else []


def _data(shown: Map, sheets: Sequence[str]) -> Markup:
    """Return what the script draws, as JSON in which nothing can end the element that it stands in."""
    colors = _colors(shown)
    document = {
        "side": SIDE,
        "columns": COLUMNS,
        "sheets": sheets,
        "near": shown.near,
        "pictures": [
            {
                "x": round(x, 5),
                "y": round(y, 5),
                "color": colors[picture.label],
                "label": printable(picture.label),
                "name": printable(str(picture.image.path)),
                "size": f"{picture.image.width} × {picture.image.height}",
                "files": picture.files,
            }
            for picture, (x, y) in zip(shown.pictures, shown.places.tolist(), strict=True)
        ],
    }
    return Markup(json.dumps(document).replace("<", "\\u003c").replace("&", "\\u0026"))


def _sheets(
    shown: Map, reader: ImageReader, progress: Progress, threads: int, unseen: list[SkippedImage]
) -> Iterator[str]:
    """Yield sheets of thumbnails, 32 in a row, as addresses with all that is in them."""

    def small(path: Path) -> Image.Image | str:
        try:
            image = Image.fromarray(read_file(path).decoded(reader, SIDE).pixels)
        except ImageError as error:
            return str(error)
        image.thumbnail((SIDE, SIDE), Image.Resampling.LANCZOS)
        return image

    paths = [picture.image.path for picture in shown.pictures]
    with progress.step("Drawing", len(paths)) as advance, workers(threads, "thumbnail") as pool:
        sheet = Image.new("RGBA", (COLUMNS * SIDE, COLUMNS * SIDE))
        for number, found in enumerate(ahead(paths, lambda path: pool.submit(small, path), 4 * threads)):
            if isinstance(found, str):
                unseen.append(SkippedImage(str(paths[number]), found))
            else:
                row, column = divmod(number % SHEET, COLUMNS)
                at = (column * SIDE + (SIDE - found.width) // 2, row * SIDE + (SIDE - found.height) // 2)
                sheet.paste(found, at)
            advance(1)
            if number % SHEET == SHEET - 1 or number == len(paths) - 1:
                rows = -(-(number % SHEET + 1) // COLUMNS)
                yield _packed(sheet.crop((0, 0, COLUMNS * SIDE, rows * SIDE)))
                sheet = Image.new("RGBA", sheet.size)


def _packed(image: Image.Image) -> str:
    stream = io.BytesIO()
    image.save(stream, "WEBP", quality=75, method=2)
    return "data:image/webp;base64," + base64.b64encode(stream.getvalue()).decode("ascii")


def _template_text(name: str) -> str:
    return (Path(__file__).parent / "templates" / name).read_text("utf-8")


@lru_cache(maxsize=1)
def _environment() -> Environment:
    return environment("visualsearch_cli.plots")
