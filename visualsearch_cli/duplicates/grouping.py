"""Stars: groups of pictures, each member of which was compared with the one that is kept. Nothing chains."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from statistics import mean

import numpy as np

from visualsearch_cli.duplicates.companions import would_lose_raw
from visualsearch_cli.duplicates.keeping import LOSSLESS, Facts, Item, Key, best, expected_order
from visualsearch_cli.duplicates.near_graph import NearGraph
from visualsearch_cli.pictures.formats import RAW
from visualsearch_cli.verdicts.verdict import CandidatePair, Evidence, Judge, Verdict


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


MORE_DETAIL = 1.25
"""How many times the pixels an edit must have on what two pictures share, to be kept for that alone."""

LESS_DETAIL = 0.8
"""With fewer times the pixels on what both share, an edit is not kept for being nearer to the others."""

NEARER = 0.02
"""How much nearer to the others, in cosine distance, an edit must be to be kept."""

AT_ONCE = 256  # pairs judged between two signs of life

Neighbors = Callable[[int], list[tuple[int, float]]]


def find_stars(
    nodes: Sequence[Node],
    graph: NearGraph,
    measure: Callable[[int, int], float],
    judge: Judge,
    facts: Facts,
    policy: Policy,
    advance: Callable[[int], None] = lambda _: None,
) -> list[Star]:
    """Return the stars among nodes, given in the order in which they are expected to be kept.

    graph: the pairs of nodes that may be copies. measure: the distance of any two. `advance` is told how
    many pairs were judged. A node with several files is a star even without members. No node is in two
    stars, but for what is merely similar to a center, which may have a star of its own.

    First come the stars of what is the same, so that no crop parts a picture from its copies; then these are
    joined, each as a whole, to stars of edits; at level `similar`, what looks alike is added at last.
    """
    work = _Work(nodes, graph, measure, judge, facts, policy, advance)
    stars = [Star(number, {}) for number in range(len(nodes))]
    if policy.level is not Verdict.IDENTICAL:
        level = policy.level if policy.level is Verdict.PIXELS else Verdict.SAME
        stars = work.joined(stars, graph.within(policy.same_distance), level)
    if policy.level.rank >= Verdict.EDITED.rank:
        stars = work.joined(stars, graph, Verdict.EDITED)
    if policy.level is Verdict.SIMILAR and policy.similar_distance is not None:
        stars = work.with_look_alikes(stars, graph.within(policy.similar_distance))
    return [star for star in stars if star.members or len(nodes[star.center].items) > 1]


@dataclass(frozen=True, slots=True)
class _Work:
    """The judging of one set of nodes. Stars that are not yet settled are known by their place in a list."""

    nodes: Sequence[Node]
    graph: NearGraph
    measure: Callable[[int, int], float]
    judge: Judge
    facts: Facts
    policy: Policy
    advance: Callable[[int], None]
    _known: dict[tuple[int, int], Evidence] = field(default_factory=dict)

    def joined(self, stars: Sequence[Star], graph: NearGraph, level: Verdict) -> list[Star]:
        """Return the stars, some of them joined to larger ones: whole, and each node at least `level`."""
        stars = sorted(stars, key=lambda star: star.center)
        left = self._between(stars, graph)
        alive = np.ones(len(stars), bool)
        done: list[Star] = []
        while len(left.a):
            near = left.neighbors()
            leaders = left.leaders().tolist()
            found = self._stars_of({place: [o for o, _ in near(place)] for place in leaders}, stars, level)
            if level is not Verdict.EDITED:
                found = self._best_kept(found, stars, level)
            elif self.policy.central:
                found = self._best_centered(found, stars, near)
            for leader, parts in found:
                done.append(self._union(leader, parts, stars))
                alive[[leader, *parts]] = False
            left = left.among(alive)
        return [*done, *(star for star, is_left in zip(stars, alive, strict=True) if is_left)]

    def _between(self, stars: Sequence[Star], graph: NearGraph) -> NearGraph:
        """Return the graph of stars: as near to each other as the nearest of their nodes."""
        places = np.zeros(len(self.nodes), np.int64)
        for place, star in enumerate(stars):
            places[star.nodes] = place
        return graph.renamed(places, len(stars))

    def _stars_of(
        self, around: Mapping[int, Sequence[int]], stars: Sequence[Star], level: Verdict
    ) -> list[tuple[int, list[int]]]:
        """Return each leader with those around it that are, as a whole, at least `level` to its center."""
        centers = {leader: stars[leader].center for leader in around}
        self._ask((centers[leader], stars[o].center) for leader, others in around.items() for o in others)
        near = {
            leader: [o for o in others if self._is(centers[leader], [stars[o].center], level)]
            for leader, others in around.items()
        }
        self._ask(
            (centers[leader], n) for leader, others in near.items() for o in others for n in stars[o].nodes
        )
        return [
            (leader, [o for o in others if self._is(centers[leader], stars[o].nodes, level)])
            for leader, others in near.items()
        ]

    def _union(self, leader: int, parts: Sequence[int], stars: Sequence[Star]) -> Star:
        center = stars[leader].center
        joined = {node: self._known[center, node] for part in parts for node in stars[part].nodes}
        return Star(center, {**stars[leader].members, **joined})

    def _best_kept(
        self, found: Sequence[tuple[int, list[int]]], stars: Sequence[Star], level: Verdict
    ) -> list[tuple[int, list[int]]]:
        """Return each star around the file that the keys choose; what is not proved against it is left."""
        around: dict[int, list[int]] = {}
        for leader, parts in found:
            places = [leader, *parts]
            kept = self._kept(places, stars)
            around[kept] = [place for place in places if place != kept]
        return self._stars_of(around, stars, level)

    def _kept(self, places: Sequence[int], stars: Sequence[Star]) -> int:
        """Return which of some stars has the file that the keys choose.

        A lossless file with the very pixels of a lossy one was made of it: unless the user says what counts,
        the lossy one is the original.
        """
        leads = {place: self.nodes[stars[place].center].lead for place in places}
        if self.policy.central:
            equal = [place for place in places if self._is_leader_or_equal(places[0], place, stars)]
            made = {place for place in equal if leads[place].image.format in LOSSLESS}
            if len(made) < len(equal):
                leads = {place: lead for place, lead in leads.items() if place not in made}
        chosen = best(list(leads.values()), self.policy.keep, self.facts)
        return next(place for place, lead in leads.items() if lead is chosen)

    def _is_leader_or_equal(self, leader: int, place: int, stars: Sequence[Star]) -> bool:
        if place == leader:
            return True
        if self.nodes[stars[place].center].rank != self.nodes[stars[leader].center].rank:
            return False
        return self._known[stars[leader].center, stars[place].center].verdict is Verdict.PIXELS

    def _best_centered(
        self, found: Sequence[tuple[int, list[int]]], stars: Sequence[Star], near: Neighbors
    ) -> list[tuple[int, list[int]]]:
        """Return each star around an edit that would be better kept, if there is one.

        Edits can be as large as their original, or larger: a screenshot, a frame, a caption. But the original
        is what the other edits were made of, so it is nearest to them, and shows the picture in most detail.
        """
        taken = {place for leader, parts in found for place in (leader, *parts)}
        rivals = {
            leader: rival
            for leader, parts in found
            if (rival := self._rival(leader, parts, stars, near, taken)) is not None
        }
        around = {}
        for leader, parts in found:
            if leader in rivals:
                new = [other for other, _ in near(rivals[leader]) if other not in taken]
                around[rivals[leader]] = [o for o in (leader, *parts, *new) if o != rivals[leader]]
        proved = dict(self._stars_of(around, stars, Verdict.EDITED))
        settled = []
        for leader, parts in found:
            rival = rivals.get(leader, leader)
            others = [o for o in proved.get(rival, ()) if o not in taken or o in (leader, *parts)]
            gain = self._weight([rival, *others], stars) - self._weight([leader, *parts], stars)
            if leader in others and gain >= 0:
                taken |= {rival, *others}
                settled.append((rival, others))
            else:
                settled.append((leader, parts))
        return settled

    def _rival(
        self,
        leader: int,
        parts: Sequence[int],
        stars: Sequence[Star],
        near: Neighbors,
        taken: set[int],
    ) -> int | None:
        """Return the part that may be a better center: sharper, nearer to the others, or near to more."""
        if not parts:
            return None
        limit = self.policy.similar_distance or 0.0
        farther = self._mean_distance(leader, parts, stars) - NEARER
        rivals = []
        for place in parts:
            if self.nodes[stars[place].center].rank < self.nodes[stars[leader].center].rank:
                continue
            detail = self._detail(stars[leader].center, stars[place].center)
            apart = self._mean_distance(place, [leader, *parts], stars)
            more = sum(o not in taken and distance <= limit for o, distance in near(place))
            if detail > MORE_DETAIL or more or (apart < farther and detail > LESS_DETAIL):
                rivals.append((detail <= MORE_DETAIL, -more, apart, place))
        return min(rivals)[-1] if rivals else None

    def _mean_distance(self, place: int, others: Iterable[int], stars: Sequence[Star]) -> float:
        """Return how far a star is from others, on average."""
        center = stars[place].center
        return mean(self._distance(center, stars[other].center) for other in others if other != place)

    def _detail(self, center: int, edit: int) -> float:
        """Return how many times the pixels an edit has on what both share; 0 if it was merely enlarged."""
        kept, other = self.nodes[center].lead, self.nodes[edit].lead
        fit = self._known[center, edit].fit
        if fit is None:
            return min(other.pixels / max(kept.pixels, 1), 1.0)
        factor = fit.covered_b * other.pixels / max(fit.covered_a * kept.pixels, 1.0)
        if factor <= MORE_DETAIL:
            return factor
        width, height = (round(side / factor**0.5) for side in (other.image.width, other.image.height))
        return 0.0 if self.facts.is_enlarged(other.image, width, height) else factor

    def _weight(self, places: Iterable[int], stars: Sequence[Star]) -> int:
        return sum(len(stars[place].nodes) for place in places)

    def with_look_alikes(self, stars: Sequence[Star], graph: NearGraph) -> list[Star]:
        """Return the stars with what looks like their centers; a star that does also stays as it is."""
        stars = sorted(stars, key=lambda star: star.center)
        left = self._between(stars, graph)
        alive = np.ones(len(stars), bool)
        found = list(stars)
        while len(left.a):
            near = left.neighbors()
            leaders = left.leaders().tolist()
            around = {place: [o for o, _ in near(place)] for place in leaders}
            self._ask((stars[place].center, stars[o].center) for place in leaders for o in around[place])
            for place in leaders:
                center = stars[place].center
                alive[place] = False
                for other in around[place]:
                    node = stars[other].center
                    if self._is(center, [node], Verdict.SIMILAR):
                        evidence = replace(self._known[center, node], verdict=Verdict.SIMILAR)
                        found[place] = Star(center, {**found[place].members, node: evidence})
                        alive[other] = False
            left = left.among(alive)
        return found

    def _ask(self, pairs: Iterable[tuple[int, int]]) -> None:
        """Have pairs of a center and a node judged, each once.

        Those of one center follow each other, nearest first: a judge then needs few pictures in memory.
        """
        new = [
            (pair[0], self._distance(*pair), pair[1])
            for pair in dict.fromkeys(pairs)
            if pair not in self._known and pair[0] != pair[1]
        ]
        new.sort()
        asked = [
            CandidatePair(self.nodes[center].lead.image, self.nodes[node].lead.image, distance)
            for center, distance, node in new
        ]
        for start in range(0, len(asked), AT_ONCE):
            part = slice(start, start + AT_ONCE)
            found = self.judge.judge(asked[part])
            for (center, distance, node), evidence in zip(new[part], found, strict=True):
                known = evidence if evidence.distance is not None else replace(evidence, distance=distance)
                self._known[center, node] = known
            self.advance(len(found))

    def _distance(self, a: int, b: int) -> float:
        distance = self.graph.distance(a, b)
        return self.measure(a, b) if distance is None else distance

    def _are_originals(self, center: int, node: int) -> bool:
        """Tell whether to keep both on purpose: a RAW, and a second RAW or what was developed from it."""
        kept, other = self.nodes[center].lead, self.nodes[node].lead
        if center == node or RAW not in (kept.image.format, other.image.format):
            return False
        return kept.image.format == RAW or would_lose_raw(other, kept)

    def _is(self, center: int, nodes: Iterable[int], level: Verdict) -> bool:
        """Tell whether each of some nodes is at least `level` to a center. Originals are alike at most."""
        nodes = list(nodes)
        if level is not Verdict.SIMILAR and any(self._are_originals(center, node) for node in nodes):
            return False
        verdicts = [self._known[center, node].verdict for node in nodes]
        return all(verdict is not None and verdict.reaches(level) for verdict in verdicts)


def node_of(items: Iterable[Item], keys: Sequence[Key]) -> Node:
    """Return the node of the files of one content. Equal bytes differ in nothing that had to be read."""
    return Node(tuple(sorted(items, key=lambda item: expected_order(item, keys))))
