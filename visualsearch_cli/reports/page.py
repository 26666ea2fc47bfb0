"""Writes the page. It goes to disk group by group, so that thousands of pictures never wait in memory."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain
from pathlib import Path
from typing import Any

from jinja2 import Environment
from markupsafe import Markup

from visualsearch_cli.pictures.image import ImageReader, SkippedImage
from visualsearch_cli.progress import Advance, Progress
from visualsearch_cli.reports.differences import Fact, below, common_folder, facts, lost
from visualsearch_cli.reports.environment import environment, write_page
from visualsearch_cli.reports.place_marks import Mark, marks
from visualsearch_cli.reports.report import Group, Member, Report, is_removable, totals
from visualsearch_cli.reports.report_files import PAGE
from visualsearch_cli.reports.thumbnails import SIDE, Thumbnail, side_for, thumbnails
from visualsearch_cli.verdicts.verdict import Verdict
from visualsearch_cli.wording import counted, short_size

MEANINGS = {
    Verdict.IDENTICAL: "same bytes",
    Verdict.PIXELS: "shows exactly the same, with different metadata or container",
    Verdict.SAME: "the same picture, encoded or scaled otherwise, and nothing else",
    Verdict.EDITED: "all it shows comes from the other: cropped, turned, toned, drawn over",
    Verdict.SIMILAR: "looks alike, never offered for removal",
}


@dataclass(frozen=True, slots=True)
class Card:
    """A file on the page."""

    member: Member
    name: str  # below the folder of its group
    picture: Thumbnail
    facts: tuple[Fact, ...]
    marks: tuple[Mark, ...]  # on a copy, where it differs from the kept file; on that, where any copy differs

    @property
    def data(self) -> Markup:
        """The address of the picture, which needs no escaping."""
        return Markup(self.picture.uri)  # base64

    @property
    def beside(self) -> str:
        """What lies beside the file and belongs to it, by the formats: "XMP, MOV"."""
        names = (companion.path.suffix[1:].upper() for companion in self.member.companions)
        return ", ".join(dict.fromkeys(filter(None, names)))

    @property
    def flickers(self) -> bool:
        """Whether it can be seen in turn with the kept one: equal pictures would not change."""
        return bool(self.picture.uri) and self.member.verdict not in (None, Verdict.IDENTICAL, Verdict.PIXELS)

    @property
    def shape(self) -> tuple[int, int]:
        """Width and height of the picture as it is shown, unless all are shown larger."""
        return _shown(self.picture)

    @property
    def address(self) -> str:
        """The address of the file itself, by which a reader opens it."""
        return self.member.path.as_uri()


@dataclass(frozen=True, slots=True)
class Section:
    """A group on the page."""

    number: int
    group: Group
    folder: Path | None  # that all its files are below
    kept: Markup  # the address of the picture of the kept file, if others are seen in turn with it
    cards: Iterator[Card]  # made as they are asked for


def write_html(
    report: Report, reader: ImageReader, file: Path, progress: Progress, threads: int
) -> list[SkippedImage]:
    """Write a report as one page that needs nothing else; return the files that have no picture in it.

    The file is there whole or not at all. Raises OutputRefused if it may not be written over, and
    VisualSearchError if it cannot be written.
    """
    unseen: list[SkippedImage] = []
    numbers = totals(report)
    pictures = thumbnails(report.groups, reader, threads, side_for(numbers.files))
    counts = Counter(group.verdict for group in report.groups)
    with progress.step("Writing pictures", numbers.files) as advance, closing(pictures):
        write_page(
            _environment().get_template("page.html.jinja"),
            file,
            PAGE,
            report=report,
            totals=numbers,
            has_places=any(member.differences for group in report.groups for member in group.others),
            verdicts=[(verdict, counts[verdict]) for verdict in Verdict if counts[verdict]],
            sections=_sections(report, pictures, unseen, advance),
        )
    return unseen


def _sections(
    report: Report, pictures: Iterator[Thumbnail], unseen: list[SkippedImage], advance: Advance
) -> Iterator[Section]:
    for number, group in enumerate(report.groups, start=1):
        folder = common_folder(member.path for member in group.members)
        cards = _cards(group, folder, pictures, unseen, advance)
        first = next(cards)
        equal = (Verdict.IDENTICAL, Verdict.PIXELS)
        changes = any(member.verdict not in equal for member in group.others)
        yield Section(number, group, folder, first.data if changes else Markup(""), chain([first], cards))


def _cards(
    group: Group,
    folder: Path | None,
    pictures: Iterator[Thumbnail],
    unseen: list[SkippedImage],
    advance: Advance,
) -> Iterator[Card]:
    for member in group.members:
        picture = next(pictures)
        if not picture.uri:
            unseen.append(SkippedImage(str(member.path), picture.note))
        advance(1)
        around = _marks(member, group, picture)
        yield Card(member, below(member.path, folder), picture, facts(member, group.kept), around)


def _marks(member: Member, group: Group, picture: Thumbnail) -> tuple[Mark, ...]:
    """Return the marks over a picture; on one that changed since, nothing is known to be where it was."""
    if picture.note:
        return ()
    if member.keep:
        boxes = [place.a for other in group.others for place in other.differences]
    else:
        boxes = [place.b for place in member.differences]
    return marks(boxes, (member.width, member.height), _shown(picture))


def _shown(picture: Thumbnail) -> tuple[int, int]:
    scale = min(1.0, SIDE / max(picture.width, picture.height, 1))
    return round(picture.width * scale), round(picture.height * scale)


@lru_cache(maxsize=1)
def _environment() -> Environment:
    made = environment("visualsearch_cli.reports")
    filters: dict[str, Callable[..., Any]] = {
        "size": short_size,
        "counted": counted,
        "below": below,
        "lost": lost,
        "meaning": MEANINGS.__getitem__,
    }
    made.filters |= filters
    made.tests["removable"] = is_removable
    return made
