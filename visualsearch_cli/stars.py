"""What groups are made of: contents as nodes, stars of them, and what decides about stars."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from visualsearch_cli.duplicates.keeping import Item, Key, expected_order
from visualsearch_cli.search.matches import Verdict
from visualsearch_cli.verdicts.verdict import Evidence


@dataclass(frozen=True, slots=True)
class Node:
    """The files of one content, the one most likely kept first."""

    items: tuple[Item, ...]

    @property
    def lead(self) -> Item:
        """The file that stands for the content."""
        return self.items[0]

    @property
    def rank(self) -> tuple[bool, int]:
        """What no key outweighs: protected, and a RAW or with one beside it."""
        return (self.lead.protected, self.lead.raw_rank)


@dataclass(frozen=True, slots=True)
class Star:
    """A node that is kept, and the nodes that were compared with it."""

    center: int
    members: Mapping[int, Evidence]

    @property
    def nodes(self) -> list[int]:
        """All of it, the kept one first."""
        return [self.center, *self.members]


@dataclass(frozen=True, slots=True)
class Policy:
    """What decides about groups."""

    level: Verdict  # the weakest verdict that makes a member
    keep: tuple[Key, ...]
    same_distance: float  # farther apart, two pictures are not looked at for `same`
    similar_distance: float | None  # farther apart, two pictures do not look alike; None: nobody knows
    central: bool  # of edits, keep the one that most others are proved against


def node_of(items: Iterable[Item], keys: Sequence[Key]) -> Node:
    """Return the node of the files of one content. Equal bytes differ in nothing that had to be read."""
    return Node(tuple(sorted(items, key=lambda item: expected_order(item, keys))))
