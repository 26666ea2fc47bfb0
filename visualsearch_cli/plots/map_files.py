"""Writes a map: as a page that zooms, or as a drawing in SVG. Either needs nothing but itself."""

from __future__ import annotations

import base64
import colorsys
import hashlib
import io
import json
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jinja2 import Environment
from markupsafe import Markup
from PIL import Image

from visualsearch_cli.ahead import ahead, workers
from visualsearch_cli.atomic import OutputKind, generated_by, written_whole
from visualsearch_cli.errors import ImageError
from visualsearch_cli.pictures.image import SkippedImage
from visualsearch_cli.pictures.reading import read_file
from visualsearch_cli.reports.environment import environment
from visualsearch_cli.wording import counted, printable

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from visualsearch_cli.pictures.image import ImageReader
    from visualsearch_cli.plots.mapped import Map
    from visualsearch_cli.progress import Progress

SIDE = 64  # pixels of a thumbnail
COLUMNS = 32  # thumbnails side by side in a sheet
SHEET = COLUMNS**2
COLORS = (
    *("#4269d0", "#efb118", "#ff725c", "#6cc5b0", "#3ca951"),
    *("#ff8ab7", "#a463f2", "#97bbf5", "#9c6b4e"),
)
"""Of the labels of most pictures. Those of the others are farther apart the fewer there are."""

GOLDEN = (5**0.5 - 1) / 2  # of a turn: hues so far from each other fall between all that were taken before
LIGHTNESS = (0.4, 0.6, 0.75)
SATURATION = 0.65
UNLABELLED = "#9498a0"
DRAWING = 1000  # units of the SVG's side


MAP = OutputKind("a map that `visualsearch map` wrote", generated_by("visualsearch map"))


def write_page(
    shown: Map, title: str, reader: ImageReader, file: Path, progress: Progress, threads: int
) -> list[SkippedImage]:
    """Write a map as a page; return the files that have no picture in it.

    Raises OutputRefused if the file may not be written over, VisualSearchError if it cannot be written.
    """
    unseen: list[SkippedImage] = []
    sheets = list(_sheets(shown, reader, progress, threads, unseen))
    drawing = script()
    policy = base64.b64encode(hashlib.sha256(drawing.encode()).digest()).decode()
    text = _environment().get_template("map.html.jinja").render(
        title=title,
        summary=summary(shown),
        script=Markup(drawing),
        policy=policy,
        style=Markup(_template_text("map.css")),
        data=_embedded(map_data(shown, sheets)),
        labels=legend(shown),
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
        title=title, summary=summary(shown), dots=dots, near=shown.near, labels=legend(shown), side=DRAWING
    )  # fmt: skip
    with written_whole(file, MAP) as stream:
        stream.write(text.encode("utf-8"))


def summary(shown: Map) -> str:
    """Return in words what a map shows."""
    left_out = f", {shown.left_out:,} more are left out" if shown.left_out else ""
    return (
        f"{counted(len(shown.pictures), 'picture')}{left_out}. Red lines join what is nearer than a "
        f"distance of {shown.distance:.3f}, probably copies: {counted(len(shown.near), 'pair')}."
    )


def _colors(shown: Map) -> dict[str, str]:
    return {"": UNLABELLED} | {name: color_of(number) for number, (name, _) in enumerate(shown.labels)}


def color_of(number: int) -> str:
    """Return the color of a label, by how many others more pictures have: #rrggbb."""
    if number < len(COLORS):
        return COLORS[number]
    lightness = LIGHTNESS[number % len(LIGHTNESS)]
    parts = colorsys.hls_to_rgb(number * GOLDEN % 1, lightness, SATURATION)
    return "#" + "".join(f"{round(255 * part):02x}" for part in parts)


def legend(shown: Map) -> Sequence[tuple[str, str, int]]:
    """Return color, name and number of pictures of each label."""
    colors = _colors(shown)
    named = sum(count for _, count in shown.labels)
    found = [(colors[name], name, count) for name, count in shown.labels]
    return [*found, (UNLABELLED, "no label", len(shown.pictures) - named)] if found else []


def map_data(shown: Map, sheets: Sequence[str], columns: int = COLUMNS) -> dict[str, Any]:
    """Return what the script draws, as JSON has it. `sheets` are the addresses of the thumbnails, `columns`
    side by side in as many rows."""
    colors = _colors(shown)
    return {
        "side": SIDE,
        "columns": columns,
        "sheets": list(sheets),
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


def _embedded(document: dict[str, Any]) -> Markup:
    """Return JSON in which nothing can end the element that it stands in."""
    return Markup(json.dumps(document).replace("<", "\\u003c").replace("&", "\\u0026"))


def script() -> str:
    """Return the script that draws a map."""
    return _template_text("map.js")


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
        sheet: list[Image.Image | None] = []
        for number, found in enumerate(ahead(paths, lambda path: pool.submit(small, path), 4 * threads)):
            if isinstance(found, str):
                unseen.append(SkippedImage(str(paths[number]), found))
            sheet.append(None if isinstance(found, str) else found)
            advance(1)
            if len(sheet) == SHEET or number == len(paths) - 1:
                data = sheet_of(sheet, COLUMNS)
                yield "data:image/webp;base64," + base64.b64encode(data).decode("ascii")
                sheet.clear()


def sheet_of(pictures: Sequence[Image.Image | None], columns: int) -> bytes:
    """Return thumbnails, none wider or higher than `SIDE`, in rows of so many, as one WebP."""
    rows = -(-len(pictures) // columns)
    sheet = Image.new("RGBA", (columns * SIDE, rows * SIDE))
    for number, found in enumerate(pictures):
        if found is not None:
            row, column = divmod(number, columns)
            at = (column * SIDE + (SIDE - found.width) // 2, row * SIDE + (SIDE - found.height) // 2)
            sheet.paste(found, at)
    stream = io.BytesIO()
    sheet.save(stream, "WEBP", quality=75, method=2)
    return stream.getvalue()


def _template_text(name: str) -> str:
    return (Path(__file__).parent / "templates" / name).read_text("utf-8")


@lru_cache(maxsize=1)
def _environment() -> Environment:
    return environment("visualsearch_cli.plots")
