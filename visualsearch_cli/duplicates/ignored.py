"""What the user decided about groups: pictures that are no duplicates of each other."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence

from visualsearch_cli.index.records import Decision, Pictures
from visualsearch_cli.reports.report import Group


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
