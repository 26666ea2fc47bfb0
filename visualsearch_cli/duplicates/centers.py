"""What a group is kept around if nothing else decides: of edits, the one that is nearest to the others."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import mean

from visualsearch_cli.duplicates.keeping import Facts, Item, Key
from visualsearch_cli.verdicts.evidence import Evidence
from visualsearch_cli.verdicts.verdict import Verdict


@dataclass(frozen=True, slots=True)
class Node:
    """The files of one content, the one most likely kept first."""

    items: tuple[Item, ...]

    @property
    def lead(self) -> Item:
        """The file that stands for the content."""
        return self.items[0]

    @property
    def rank(self) -> tuple[int, int]:
        """What no key outweighs: the place, and a RAW or with one beside it."""
        return (self.lead.standing, self.lead.raw_rank)


@dataclass(frozen=True, slots=True)
class NodeGroup:
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


MORE_DETAIL = 1.25
"""How many times the pixels an edit must have on what two pictures share, to be kept for that alone."""

LESS_DETAIL = 0.8
"""With fewer times the pixels on what both share, an edit is not kept for being nearer to the others."""

NEARER = 0.02
"""How much nearer to the others, in cosine distance, an edit must be to be kept."""

Neighbors = Callable[[int], list[tuple[int, float]]]


@dataclass(frozen=True, slots=True)
class Centers:
    """Compares the centers that groups have with those that they might have."""

    nodes: Sequence[Node]
    known: Mapping[tuple[int, int], Evidence]  # of a center and a node
    facts: Facts
    distance: Callable[[int, int], float]  # of two nodes
    similar_distance: float | None

    def rival(
        self,
        leader: int,
        candidates: Sequence[int],
        parts: Sequence[int],
        groups: Sequence[NodeGroup],
        near: Neighbors,
        taken: set[int],
    ) -> int | None:
        """Return a candidate, one of the parts, that is likely what the others were made of.

        Edits can be as large as their original, or larger. But the original is what the others were made of,
        so it is nearest to them, or near to more.
        """
        if not candidates:
            return None
        limit = self.similar_distance or 0.0

        def others_near(position: int) -> int:
            return sum(o not in taken and distance <= limit for o, distance in near(position))

        farther = self.mean_distance(leader, parts, groups) - NEARER
        rivals = []
        for position in candidates:
            detail = self._detail(groups[leader].center, groups[position].center)
            apart = self.mean_distance(position, [leader, *parts], groups)
            more = others_near(position) - others_near(leader)
            if detail > MORE_DETAIL or more > 0 or (apart < farther and detail > LESS_DETAIL):
                rivals.append((detail <= MORE_DETAIL, -more, apart, position))
        return min(rivals)[-1] if rivals else None

    def mean_distance(self, position: int, others: Iterable[int], groups: Sequence[NodeGroup]) -> float:
        """Return how far a group is from others, on average."""
        center = groups[position].center
        return mean(self.distance(center, groups[other].center) for other in others if other != position)

    def _detail(self, center: int, edit: int) -> float:
        """Return how many times the pixels an edit has on what both share; 0 if it was merely enlarged."""
        kept, other = self.nodes[center].lead, self.nodes[edit].lead
        fit = self.known[center, edit].fit
        if fit is None:
            return min(other.pixels / max(kept.pixels, 1), 1.0)
        factor = fit.covered_b * other.pixels / max(fit.covered_a * kept.pixels, 1.0)
        if factor <= MORE_DETAIL:
            return factor
        width, height = (round(side / factor**0.5) for side in (other.image.width, other.image.height))
        return 0.0 if self.facts.is_enlarged(other.image, width, height) else factor

    def weight(self, positions: Iterable[int], groups: Sequence[NodeGroup]) -> int:
        """Return how many nodes some groups have."""
        return sum(len(groups[position].nodes) for position in positions)
