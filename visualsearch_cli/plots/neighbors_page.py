"""Writes what queries found as a page with pictures, which needs nothing but itself."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from jinja2 import Environment
from markupsafe import Markup

from visualsearch_cli.ahead import ahead, workers
from visualsearch_cli.atomic import OutputKind, generated_by
from visualsearch_cli.detectors.parts import with_part
from visualsearch_cli.pictures.image import SkippedImage
from visualsearch_cli.reports.environment import environment, write_page
from visualsearch_cli.reports.thumbnails import Thumbnail, picture_of
from visualsearch_cli.wording import counted, short_size

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator, Sequence

    from visualsearch_cli.detectors.parts import Part
    from visualsearch_cli.pictures.image import ImageReader
    from visualsearch_cli.progress import Advance, Progress
    from visualsearch_cli.search.matches import Match, QueryResult

NEIGHBORS = OutputKind("a page that `visualsearch query --html` wrote", generated_by("visualsearch query"))


@dataclass(frozen=True, slots=True)
class Card:
    """A picture on the page."""

    path: Path
    picture: Thumbnail
    match: Match | None  # None: it was asked for
    part: Part | None = None  # what is shown of it; None: all

    @property
    def data(self) -> Markup:
        """The address of the small picture, which needs no escaping."""
        return Markup(self.picture.uri)  # base64

    @property
    def name(self) -> str:
        """What it is called: its file, and for a part of it which part."""
        return with_part(self.path.name, self.part)

    @property
    def address(self) -> str:
        """The address of the file itself, by which a reader opens it."""
        return self.path.absolute().as_uri()


@dataclass(frozen=True, slots=True)
class Section:
    """A query on the page."""

    number: int
    result: QueryResult
    query: Card | None  # None: words, or a picture that cannot be read
    neighbors: Iterator[Card]  # made as they are asked for


def write_neighbors(
    results: Sequence[QueryResult], reader: ImageReader, file: Path, progress: Progress, threads: int
) -> list[SkippedImage]:
    """Write the page; return the files that should be there and have no picture in it.

    It goes to disk query by query, and is there whole or not at all. Raises OutputRefused if the file may not
    be written over, VisualSearchError if it cannot be written.
    """
    unseen: list[SkippedImage] = []
    count = sum(_has_picture(result) + len(result.matches) for result in results)
    pictures = _pictures(results, reader, threads)
    with progress.step("Writing pictures", count) as advance, closing(pictures):
        write_page(
            _environment().get_template("neighbors.html.jinja"),
            file,
            NEIGHBORS,
            title=_title(results),
            style=Markup(environment("visualsearch_cli.reports").get_template("style.css").render()),
            sections=_sections(results, pictures, unseen, advance),
        )
    return unseen


def _title(results: Sequence[QueryResult]) -> str:
    if len(results) != 1:
        return f"What is near to {counted(len(results), 'query', 'queries')}"
    (result,) = results
    name = with_part(result.query.name, result.part)
    return f"What is near to {name if result.words is None else result.words}"


def _has_picture(result: QueryResult) -> bool:
    return result.words is None and result.error is None


def _pictures(
    results: Sequence[QueryResult], reader: ImageReader, threads: int
) -> Generator[Thumbnail, None, None]:
    """Yield the small pictures in the order of the page: of each query, then of its neighbors."""

    def shown() -> Iterator[tuple[Path, Part | None]]:
        for result in results:
            if _has_picture(result):
                yield result.query, result.part
            yield from ((match.image.path, None) for match in result.matches)

    with workers(threads, "thumbnail") as pool:
        yield from ahead(
            shown(), lambda item: pool.submit(picture_of, item[0], reader, part=item[1]), 4 * threads
        )


def _sections(
    results: Sequence[QueryResult],
    pictures: Iterator[Thumbnail],
    unseen: list[SkippedImage],
    advance: Advance,
) -> Iterator[Section]:
    def card(path: Path, match: Match | None, part: Part | None = None) -> Card:
        picture = next(pictures)
        if not picture.uri and not (match and (match.offline or match.missing)):
            unseen.append(SkippedImage(str(path), picture.note))
        advance(1)
        return Card(path, picture, match, part)

    for number, result in enumerate(results, start=1):
        query = card(result.query, None, result.part) if _has_picture(result) else None
        yield Section(number, result, query, (card(match.image.path, match) for match in result.matches))


@lru_cache(maxsize=1)
def _environment() -> Environment:
    made = environment("visualsearch_cli.plots")
    made.filters["size"] = short_size
    return made
