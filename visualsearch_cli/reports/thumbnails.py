"""Small pictures for a page, made in a few threads, in order, and only a few ahead of their use."""

from __future__ import annotations

import base64
import io
import os
from collections.abc import Callable, Generator, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image

from visualsearch_cli.ahead import ahead, workers
from visualsearch_cli.errors import ImageError
from visualsearch_cli.pictures.held.holdings import Holdings, what_more
from visualsearch_cli.pictures.image import ImageReader, ScannedFile, is_same_time, mtime_of
from visualsearch_cli.pictures.reading import read_file
from visualsearch_cli.reports.report import Group, Member

if TYPE_CHECKING:
    from concurrent.futures import Future

    from visualsearch_cli.detectors.parts import Part

SIDE = 320  # pixels, of the longer side
LARGER: tuple[tuple[int, int], ...] = (
    (240, 640),
    (960, 480),
)  # of so many files at most, pixels: enough to see which one is the sharper
QUALITY = 70  # WebP: artefacts do not show at this size, and 1,000 groups of three take 57 MB, of noise
EFFORT = 2  # of 6: 4, the default, takes twice as long for 3 % less


@dataclass(frozen=True, slots=True)
class Thumbnail:
    """A picture in a page, or why there is none."""

    uri: str = ""  # data:image/webp;base64,…; "" if there is no picture
    width: int = 0
    height: int = 0
    note: str = ""  # why there is no picture, or that the file has changed since
    holds: tuple[str, ...] = ()  # what the file holds beside the picture that is shown: "3 frames or pages"


def side_for(files: int) -> int:
    """Return how large thumbnails are, along the longer side, of a page of so many files."""
    return next((side for most, side in LARGER if files <= most), SIDE)


def thumbnails(
    groups: Iterable[Group], reader: ImageReader, threads: int, side: int = SIDE
) -> Generator[Thumbnail, None, None]:
    """Yield the thumbnail of each member of each group, in order.

    Files of a group with the same bytes are read once, if size and mtime say that they still are what
    the report says.
    """

    def members() -> Iterator[tuple[dict[str, Future[Thumbnail]], Member]]:
        for group in groups:
            known: dict[str, Future[Thumbnail]] = {}
            yield from ((known, member) for member in group.members)

    def start(item: tuple[dict[str, Future[Thumbnail]], Member]) -> Future[Thumbnail]:
        known, member = item
        made = known.get(member.content_hash)
        if made is None or not _unchanged(member):
            made = pool.submit(thumbnail, member, reader, side)
            known.setdefault(member.content_hash, made)
        return made

    with workers(threads, "thumbnail") as pool:
        yield from ahead(members(), start, 4 * threads)


def thumbnail(member: Member, reader: ImageReader, side: int = SIDE) -> Thumbnail:
    """Return the thumbnail of a file of a report, or the reason why there is none."""

    def note(file: ScannedFile) -> str:
        is_as_it_was = file.size == member.size and is_same_time(file.mtime_ns, member.mtime_ns)
        return "" if is_as_it_was else "changed since this report was made"

    return picture_of(member.path, reader, note, side)


def picture_of(
    path: Path,
    reader: ImageReader,
    note: Callable[[ScannedFile], str] = lambda _: "",
    side: int = SIDE,
    part: Part | None = None,
) -> Thumbnail:
    """Return the thumbnail of a file, or of a part of it, with a note on what was read, or the reason why
    there is none."""
    try:
        read = read_file(path)
        pixels = read.decoded(reader, side if part is None else None).pixels
        image = Image.fromarray(pixels if part is None else part.of(pixels))
    except (ImageError, ValueError) as error:  # a NUL in the name of a report made by hand
        return Thumbnail(note=str(error))
    image.thumbnail((side, side), Image.Resampling.LANCZOS, reducing_gap=2.0)
    stream = io.BytesIO()
    image.save(stream, "WEBP", quality=QUALITY, method=EFFORT)
    return Thumbnail(
        "data:image/webp;base64," + base64.b64encode(stream.getvalue()).decode("ascii"),
        *image.size,
        note(read.file),
        _holds(read.data),
    )


def _holds(data: bytes) -> tuple[str, ...]:
    """Return in a few words what a file holds beside the picture that it shows first."""
    from visualsearch_cli.pictures.held.inspection import holdings_of

    words = what_more(holdings_of(data), Holdings())
    return tuple(word.partition(" instead of ")[0].removeprefix("a ") for word in words)


def _unchanged(member: Member) -> bool:
    try:
        state = os.stat(member.path)
    except (OSError, ValueError):
        return False
    return state.st_size == member.size and is_same_time(mtime_of(state), member.mtime_ns)
