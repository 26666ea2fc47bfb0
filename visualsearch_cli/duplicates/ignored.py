"""What the user decided about groups: pictures that are no duplicates of each other."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeAlias

from visualsearch_cli.reports.report import Group

Pictures: TypeAlias = Mapping[str, int]
"""Content hashes, hexadecimal, and how many files each has."""


@dataclass(frozen=True, slots=True)
class Decision:
    """Pictures that were said to be no duplicates of each other."""

    id: int
    created: str  # ISO 8601, UTC
    pictures: Pictures


class ReviewMemory(Protocol):
    """Keeps decisions, and the groups of the last run, which a decision may be about."""

    def decisions(self) -> list[Decision]:
        """Return all decisions, oldest first."""

    def ignore(self, pictures: Pictures, created: str) -> int:
        """Remember a decision; return its id."""

    def forget(self, ids: Sequence[int] | None) -> int:
        """Forget decisions, or all of them; return how many there were."""

    def last_group(self, id: str) -> Pictures | None:
        """Return the pictures of a group of the last run."""

    def remember_groups(self, groups: Sequence[Group]) -> None:
        """Remember the groups of a run in place of those before, if that is possible here."""


def pictures_of(group: Group) -> Pictures:
    """Return the contents of a group, and how many of its files have each."""
    return Counter(member.content_hash for member in group.members)


def without_ignored(groups: Iterable[Group], decisions: Sequence[Decision]) -> list[Group]:
    """Return the groups of which no decision covers all.

    A group is covered by a decision about all its pictures, until there is a new one among them, or a further
    copy of one: then it is worth another look.
    """
    by_hash: dict[str, list[Decision]] = defaultdict(list)
    for decision in decisions:
        for content_hash in decision.pictures:
            by_hash[content_hash].append(decision)
    return [group for group in groups if not _is_covered(group, by_hash)]


def _is_covered(group: Group, by_hash: Mapping[str, Sequence[Decision]]) -> bool:
    pictures = pictures_of(group)
    return any(
        all(count <= decision.pictures.get(content_hash, 0) for content_hash, count in pictures.items())
        for decision in by_hash.get(group.kept.content_hash, ())
    )
