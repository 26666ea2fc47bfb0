"""Groups of pictures, each member of which was compared with the one that is kept: nothing chains."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from visualsearch_cli.duplicates.centers import Centers, Neighbors, Node, NodeGroup, Policy
from visualsearch_cli.duplicates.companions import would_lose_raw
from visualsearch_cli.duplicates.keeping import LOSSLESS, Facts, Item, Key, best, order_of_copies
from visualsearch_cli.duplicates.near_graph import NearGraph
from visualsearch_cli.pictures.formats import RAW
from visualsearch_cli.verdicts.evidence import CandidatePair, Evidence, Judge
from visualsearch_cli.verdicts.verdict import Verdict

AT_ONCE = 256  # pairs judged between two signs of life


def find_groups(
    nodes: Sequence[Node],
    graph: NearGraph,
    measure: Callable[[int, int], float],
    judge: Judge,
    facts: Facts,
    policy: Policy,
    advance: Callable[[int], None] = lambda _: None,
) -> list[NodeGroup]:
    """Return the groups among nodes, given in the order in which they are expected to be kept.

    graph: the pairs of nodes that may be copies. measure: the distance of any two. `advance` is told how
    many pairs were judged. A node with several files is a group even without members. No node is in two
    groups, but for what is merely similar to a center, which may have a group of its own.

    First come the groups of what is the same, so that no crop parts a picture from its copies; then these are
    joined, each as a whole, to groups of edits; at level `similar`, what looks alike is added at last.
    """
    work = _Work(nodes, graph, measure, judge, facts, policy, advance)
    groups = [NodeGroup(number, {}) for number in range(len(nodes))]
    if policy.level is not Verdict.IDENTICAL:
        level = policy.level if policy.level is Verdict.PIXELS else Verdict.SAME
        groups = work.joined(groups, graph.within(policy.same_distance), level)
    if policy.level.rank >= Verdict.EDITED.rank:
        groups = work.joined(groups, graph, Verdict.EDITED)
    if policy.level is Verdict.SIMILAR and policy.similar_distance is not None:
        groups = work.with_look_alikes(groups, graph.within(policy.similar_distance))
    return [group for group in groups if group.members or len(nodes[group.center].items) > 1]


@dataclass(frozen=True, slots=True)
class _Work:
    """The judging of one set of nodes. Groups that are not settled yet are known by positions in a list."""

    nodes: Sequence[Node]
    graph: NearGraph
    measure: Callable[[int, int], float]
    judge: Judge
    facts: Facts
    policy: Policy
    advance: Callable[[int], None]
    _known: dict[tuple[int, int], Evidence] = field(default_factory=dict)

    @property
    def _centers(self) -> Centers:
        policy = self.policy
        return Centers(
            self.nodes, self._known, self.facts, self._distance, policy.similar_distance, policy.central
        )

    def joined(self, groups: Sequence[NodeGroup], graph: NearGraph, level: Verdict) -> list[NodeGroup]:
        """Return the groups, some of them joined to larger ones: whole, and each node at least `level`."""
        groups = sorted(groups, key=lambda group: group.center)
        left = self._between(groups, graph)
        alive = np.ones(len(groups), bool)
        done: list[NodeGroup] = []
        while len(left.a):
            near = left.neighbors()
            leaders = left.leaders().tolist()
            found = self._groups_of(
                {position: [o for o, _ in near(position)] for position in leaders}, groups, level
            )
            if level is not Verdict.EDITED:
                found = self._best_kept(found, groups, level)
            else:
                found = self._best_centered(found, groups, near)
            for leader, parts in found:
                done.append(self._union(leader, parts, groups))
                alive[[leader, *parts]] = False
            left = left.among(alive)
        return [*done, *(group for group, is_left in zip(groups, alive, strict=True) if is_left)]

    def _between(self, groups: Sequence[NodeGroup], graph: NearGraph) -> NearGraph:
        """Return the graph of groups: as near to each other as the nearest of their nodes."""
        positions = np.zeros(len(self.nodes), np.int64)
        for position, group in enumerate(groups):
            positions[group.nodes] = position
        return graph.renamed(positions, len(groups))

    def _groups_of(
        self, around: Mapping[int, Sequence[int]], groups: Sequence[NodeGroup], level: Verdict
    ) -> list[tuple[int, list[int]]]:
        """Return each leader with those around it that are, as a whole, at least `level` to its center."""
        centers = {leader: groups[leader].center for leader in around}
        self._ask((centers[leader], groups[o].center) for leader, others in around.items() for o in others)
        near = {
            leader: [o for o in others if self._is(centers[leader], [groups[o].center], level)]
            for leader, others in around.items()
        }
        self._ask(
            (centers[leader], n) for leader, others in near.items() for o in others for n in groups[o].nodes
        )
        return [
            (leader, [o for o in others if self._is(centers[leader], groups[o].nodes, level)])
            for leader, others in near.items()
        ]

    def _union(self, leader: int, parts: Sequence[int], groups: Sequence[NodeGroup]) -> NodeGroup:
        center = groups[leader].center
        joined = {node: self._known[center, node] for part in parts for node in groups[part].nodes}
        return NodeGroup(center, {**groups[leader].members, **joined})

    def _best_kept(
        self, found: Sequence[tuple[int, list[int]]], groups: Sequence[NodeGroup], level: Verdict
    ) -> list[tuple[int, list[int]]]:
        """Return each group around the file that the keys choose; what is not proved against it is left."""
        around: dict[int, list[int]] = {}
        for leader, parts in found:
            positions = [leader, *parts]
            kept = self._kept(positions, groups)
            around[kept] = [position for position in positions if position != kept]
        return self._groups_of(around, groups, level)

    def _kept(self, positions: Sequence[int], groups: Sequence[NodeGroup]) -> int:
        """Return which of some groups has the file that the keys choose.

        A lossless file with the very pixels of a lossy one was made of it: unless the user says what counts,
        the lossy one is the original.
        """
        leads = {position: self.nodes[groups[position].center].lead for position in positions}
        if self.policy.central:
            equal = [
                position for position in positions if self._is_leader_or_equal(positions[0], position, groups)
            ]
            made = {position for position in equal if leads[position].image.format in LOSSLESS}
            if len(made) < len(equal):
                leads = {position: lead for position, lead in leads.items() if position not in made}
        chosen = best(list(leads.values()), self.policy.keep, self.facts)
        return next(position for position, lead in leads.items() if lead is chosen)

    def _is_leader_or_equal(self, leader: int, position: int, groups: Sequence[NodeGroup]) -> bool:
        if position == leader:
            return True
        if self.nodes[groups[position].center].rank != self.nodes[groups[leader].center].rank:
            return False
        return self._known[groups[leader].center, groups[position].center].verdict is Verdict.PIXELS

    def _best_centered(
        self, found: Sequence[tuple[int, list[int]]], groups: Sequence[NodeGroup], near: Neighbors
    ) -> list[tuple[int, list[int]]]:
        """Return each group around an edit that would be better kept, if there is one.

        One that holds more (a film, further pages) is, whatever the keys.

        Edits can be as large as their original, or larger: a screenshot, a frame, a caption. But the original
        is what the other edits were made of, so it is nearest to them, and shows the picture in most detail.
        This decides only where the user does not say what counts.
        """
        taken = {position for leader, parts in found for position in (leader, *parts)}
        rivals = {
            leader: rival
            for leader, parts in found
            if (rival := self._centers.rival(leader, parts, groups, near, taken)) is not None
        }
        around = {}
        for leader, parts in found:
            if leader in rivals:
                new = [other for other, _ in near(rivals[leader]) if other not in taken]
                around[rivals[leader]] = [o for o in (leader, *parts, *new) if o != rivals[leader]]
        proved = dict(self._groups_of(around, groups, Verdict.EDITED))
        settled = []
        for leader, parts in found:
            rival = rivals.get(leader, leader)
            others = [o for o in proved.get(rival, ()) if o not in taken or o in (leader, *parts)]
            gain = self._centers.weight([rival, *others], groups) - self._centers.weight(
                [leader, *parts], groups
            )
            if leader in others and gain >= 0:
                taken |= {rival, *others}
                settled.append((rival, others))
            else:
                settled.append((leader, parts))
        return settled

    def with_look_alikes(self, groups: Sequence[NodeGroup], graph: NearGraph) -> list[NodeGroup]:
        """Return the groups with what looks like their centers; a group that does also stays as it is."""
        groups = sorted(groups, key=lambda group: group.center)
        left = self._between(groups, graph)
        alive = np.ones(len(groups), bool)
        found = list(groups)
        while len(left.a):
            near = left.neighbors()
            leaders = left.leaders().tolist()
            around = {position: [o for o, _ in near(position)] for position in leaders}
            self._ask(
                (groups[position].center, groups[o].center) for position in leaders for o in around[position]
            )
            for position in leaders:
                center = groups[position].center
                alive[position] = False
                for other in around[position]:
                    node = groups[other].center
                    if self._is(center, [node], Verdict.SIMILAR):
                        evidence = replace(self._known[center, node], verdict=Verdict.SIMILAR)
                        found[position] = NodeGroup(center, {**found[position].members, node: evidence})
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
    return Node(tuple(sorted(items, key=lambda item: order_of_copies(item, keys))))
