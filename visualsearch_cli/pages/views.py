"""What the templates show of a review: plain values, made from groups and decisions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from visualsearch_cli.errors import VisualSearchError
from visualsearch_cli.pages.session import Standing, Told, goes
from visualsearch_cli.reports.differences import Fact, below, common_folder, facts
from visualsearch_cli.reports.place_marks import Mark, marks
from visualsearch_cli.reports.report import Group, Member, is_removable

if TYPE_CHECKING:
    from visualsearch_cli.pages.session import Review

MOST_CARDS = 60  # of a group that are shown at once
IN_A_ROW = 3  # thumbnails of a group in the list
SIDE = 320  # pixels, of the longer side of a thumbnail


@dataclass(frozen=True, slots=True)
class Card:
    """A file of a group."""

    place: int  # in the report's group, from 0
    member: Member
    name: str  # below the folder of its group
    goes: bool
    spared: bool
    facts: tuple[Fact, ...]
    marks: tuple[Mark, ...]
    shape: tuple[int, int]  # of its thumbnail, in pixels

    @property
    def key(self) -> str:
        """The key that keeps this file, if there is one."""
        return str(self.place + 1) if self.place < 9 else ""

    @property
    def version(self) -> str:
        """What tells its content, for the address of its picture."""
        return self.member.content_hash[:16]


@dataclass(frozen=True, slots=True)
class GroupView:
    """A group as it is shown."""

    number: int
    group: Group  # with the file to keep that was chosen
    standing: Standing
    folder: Path | None
    cards: Sequence[Card]
    more: int  # files that are not shown
    going: int
    kept_place: int
    error: str  # why the chosen file cannot be kept


@dataclass(frozen=True, slots=True)
class Row:
    """A group in the list."""

    number: int
    group: Group
    told: Told
    standing: Standing
    folder: Path | None
    pictures: Sequence[Card]


def group_view(review: Review, number: int, *, whole: bool = False) -> GroupView:
    """Return a group to show. Raises IndexError."""
    reported, standing, error = review.group(number), review.standing(number), ""
    try:
        group = review.shown(number)
    except VisualSearchError as failure:
        group, error = reported, str(failure)
    places = {member.path: place for place, member in enumerate(reported.members)}
    spared = standing.decision.spared if standing.decision else ()
    going = {member.path for member in goes(group, spared)}
    folder = common_folder(member.path for member in group.members)
    shown = group.members if whole else group.members[:MOST_CARDS]
    cards = [_card(group, member, places[member.path], folder, going, spared) for member in shown]
    more = len(group.members) - len(shown)
    kept = places[group.kept.path]
    return GroupView(number, group, standing, folder, cards, more, len(going), kept, error)


def rows(review: Review, numbers: Sequence[int]) -> Iterator[Row]:
    """Yield groups to list, as the report has them."""
    for number in numbers:
        group, standing = review.group(number), review.standing(number)
        spared = standing.decision.spared if standing.decision else ()
        going = {member.path for member in goes(group, spared)}
        folder = common_folder(member.path for member in group.members[:MOST_CARDS])
        pictures = [
            _card(group, member, place, folder, going, spared)
            for place, member in enumerate(group.members[:IN_A_ROW])
        ]
        yield Row(number, group, review.told(number), standing, folder, pictures)


def _card(
    group: Group,
    member: Member,
    place: int,
    folder: Path | None,
    going: set[Path],
    spared: Sequence[Path],
) -> Card:
    shape = _shape(member)
    if member.keep:
        boxes = [each.a for other in group.others for each in other.differences]
    else:
        boxes = [each.b for each in member.differences]
    return Card(
        place,
        member,
        below(member.path, folder),
        member.path in going,
        member.path in spared and is_removable(member),
        facts(member, group.kept),
        marks(boxes, (member.width, member.height), shape),
        shape,
    )


def _shape(member: Member) -> tuple[int, int]:
    longer = max(member.width, member.height, 1)
    scale = min(1.0, SIDE / longer)
    return max(1, round(member.width * scale)), max(1, round(member.height * scale))
