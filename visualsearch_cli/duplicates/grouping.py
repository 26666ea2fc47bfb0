"""Groups of pictures, each member of which was compared with the one that is kept: nothing chains."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from visualsearch_cli.duplicates.centers import Centers, Neighbors, Node, NodeGroup, Policy
from visualsearch_cli.duplicates.companions import would_lose_raw
from visualsearch_cli.duplicates.keeping import DEFAULT_KEEP, Facts, Item, Key, order_of_copies
from visualsearch_cli.duplicates.near_graph import NearGraph
from visualsearch_cli.duplicates.preference import Decision, Pair, best, decision, is_of_detail, is_strong
from visualsearch_cli.duplicates.renditions import (
    UPRIGHT,
    Way,
    has_lost_colors,
    is_set_within,
    marks_of,
    tones_beside,
    way_of,
)
from visualsearch_cli.pictures.formats import RAW
from visualsearch_cli.verdicts.evidence import CandidatePair, Evidence, Judge
from visualsearch_cli.verdicts.verdict import Verdict

AT_ONCE = 256  # pairs judged between two signs of life
MOST_MOVES = 6  # of the center of a group, each of which costs a look at all its members
ALIKE = 1.0  # steps of tones of which one is seen
LEAST_LEFT = 0.5  # of a group of edits, that must be proved against a file that is plainly better
LEAST_OF_A_PAGE = 0.9  # of it, if that file is shown on a page or within a border by the present one
FEW = 3  # members, among which being nearest to the others means little


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
        return Centers(self.nodes, self._known, self.facts, self._distance, policy.similar_distance)

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
            found = self._best_kept(found, groups, level, near)
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
        self,
        found: Sequence[tuple[int, list[int]]],
        groups: Sequence[NodeGroup],
        level: Verdict,
        near: Neighbors,
    ) -> list[tuple[int, list[int]]]:
        """Return each group around the file that is to be kept; what is not proved against it is left.

        Only the pairs with the present center are known, so a better one is looked for again once the others
        were compared with it. It need not hold the very members that the former one did, but as many; fewer,
        if it has detail or colors that the present one has lost, if that was made of it, or if it has nothing
        over it where that one is covered, or nothing around it: such a file must not be offered, whatever has
        more copies. No other sign is worth taking groups apart.
        """
        taken = {position for leader, parts in found for position in (leader, *parts)}
        settled: dict[int, tuple[int, list[int]]] = {leader: (leader, parts) for leader, parts in found}
        tried = {leader: {leader: parts} for leader, parts in found}
        open_ = set(settled)
        for _ in range(MOST_MOVES):
            rivals: dict[int, int] = {}  # of a group, by its first leader
            for first in sorted(open_):
                leader, parts = settled[first]
                rival = self._rival(leader, parts, groups, level, near, taken)
                if rival in tried[first]:  # each is better than the next by another question
                    if len(tried[first]) == 2:
                        continue
                    members = [leader, *parts]
                    nearest = min(
                        tried[first], key=lambda p: (self._centers.mean_distance(p, members, groups), p)
                    )
                    settled[first] = (nearest, tried[first][nearest])
                elif rival is not None:
                    rivals[first] = rival
            open_ = set(rivals)
            if not rivals:
                break
            around = {}
            for first, rival in rivals.items():
                leader, parts = settled[first]
                new = [other for other, _ in near(rival) if other not in taken]
                around[rival] = [o for o in (leader, *parts, *new) if o != rival]
            proved = dict(self._groups_of(around, groups, level))
            for first, rival in rivals.items():
                leader, parts = settled[first]
                others = [o for o in proved[rival] if o not in taken or o in (leader, *parts)]
                before, after = (
                    self._centers.weight(some, groups) for some in ([leader, *parts], [rival, *others])
                )
                evidence = self._known[groups[leader].center, groups[rival].center]
                marks = marks_of(evidence)
                is_covered = marks is not None and not marks.a_wins
                better = self._decision(leader, rival, groups)
                # What falls out of a group of the same is joined again as an edit.
                if is_of_detail(better) or better.is_by_origin or has_lost_colors(evidence):
                    least = 0.0 if level is not Verdict.EDITED else LEAST_LEFT * before
                else:
                    least = LEAST_OF_A_PAGE * before if is_set_within(evidence) else before
                if leader in others and (is_covered or after >= least):
                    taken |= {rival, *others}
                    settled[first] = (rival, others)
                    tried[first][rival] = others
                else:
                    open_.discard(first)
        return [*settled.values()]

    def _rival(
        self,
        leader: int,
        parts: Sequence[int],
        groups: Sequence[NodeGroup],
        level: Verdict,
        near: Neighbors,
        taken: set[int],
    ) -> int | None:
        """Return a part that is to be kept instead of the leader, if there is one.

        Places and what files hold come first. What is turned as few of them are stands behind. Then come
        the user's keys, what the pictures show and who wrote them; where all that ties, an edit that is
        nearer to the others, or near to more, is likely what they were made of, so it must not be farther to
        be kept for how it was toned. Sizes, dates and names come last.
        """
        decisions = {part: self._decision(leader, part, groups) for part in parts}
        if by_place := {p: d for p, d in decisions.items() if d.is_by_place and not d.a_wins}:
            return self._best_of(by_place, groups)
        upright = self._upright(leader, parts, groups)
        decisions = {p: d for p, d in decisions.items() if p in upright and not d.is_by_place}
        members = [leader, *parts]
        better = {p: d for p, d in decisions.items() if not d.a_wins}
        if leader not in upright and decisions:
            return self._first_of(better or decisions, members, groups)
        keys = self.policy.keep
        if strong := {p: d for p, d in better.items() if is_strong(d, keys)}:
            return self._first_of(strong, members, groups)
        if self.policy.central and level is Verdict.EDITED:
            usual = self._toned_as_most(leader, parts, groups)
            equal = {p: d for p, d in decisions.items() if not is_strong(d, keys) and p in usual}
            if leader not in usual and equal:
                return self._first_of(equal, members, groups)
            candidates = [p for p, d in equal.items() if not (d.a_wins and d.is_about_looks)]
            better = {p: d for p, d in better.items() if p in usual}
            central = self._centers.rival(leader, candidates, parts, groups, near, taken)
            if central is not None:
                return central
            if len(members) > FEW:
                here = self._centers.mean_distance(leader, members, groups)
                better = {
                    p: d
                    for p, d in better.items()
                    if not d.is_about_looks or self._centers.mean_distance(p, members, groups) < here
                }
        return self._first_of(better, members, groups) if better else None

    def _first_of(
        self, found: Mapping[int, Decision], members: Sequence[int], groups: Sequence[NodeGroup]
    ) -> int:
        """Return the best of some parts, of which nothing is known but what each is beside the leader.

        That is the one nearest to all members; but where the user says what counts, that does.
        """
        if self.policy.central and len(found) > 1 and len(members) > 2:
            return min(found, key=lambda part: (self._centers.mean_distance(part, members, groups), part))
        return self._best_of(found, groups)

    def _best_of(self, found: Mapping[int, Decision], groups: Sequence[NodeGroup]) -> int:
        """Return the best of some parts, of those that are better by what counts most."""
        least = min(decision.rank for decision in found.values())
        first = [part for part, decision in found.items() if decision.rank == least]
        leads = {part: self.nodes[groups[part].center].lead for part in first}
        chosen = best(list(leads.values()), self.policy.keep, self.facts)
        return next(part for part, lead in leads.items() if lead is chosen)

    def _upright(self, leader: int, parts: Sequence[int], groups: Sequence[NodeGroup]) -> set[int]:
        """Return which of a group stand as most of its pictures do; all of them, if that is not clear."""
        center = groups[leader].center
        ways = {leader: UPRIGHT}
        for part in parts:
            fit = self._known[center, groups[part].center].fit
            ways[part] = UPRIGHT if fit is None else way_of(fit)
        weights: Counter[Way] = Counter()
        for position, way in ways.items():
            weights[way] += len(groups[position].nodes)
        way, weight = max(weights.items(), key=lambda item: (item[1], item[0] == UPRIGHT))
        if 2 * weight <= weights.total() or self.policy.keep != DEFAULT_KEEP:
            return {leader, *parts}
        return {position for position, its in ways.items() if its == way}

    def _toned_as_most(self, leader: int, parts: Sequence[int], groups: Sequence[NodeGroup]) -> set[int]:
        """Return which of a group are toned as most are, and what they were made of was.

        All of them, if that is not clear.
        """
        center = groups[leader].center
        beside = {part: tones_beside(self._known[center, groups[part].center]) for part in parts}
        known = {part: tones for part, tones in beside.items() if tones is not None}
        known[leader] = (0.0,) * len(next(iter(known.values()), ()))
        alike = {
            position: [other for other in known if math.dist(known[position], known[other]) < ALIKE]
            for position in known
        }
        weights = {position: self._centers.weight(alike[position], groups) for position in known}
        most = max(weights, key=lambda position: (weights[position], position == leader))
        return set(alike[most]) if len(alike[most]) > 1 else {leader, *parts}

    def _decision(self, leader: int, part: int, groups: Sequence[NodeGroup]) -> Decision:
        center, node = groups[leader].center, groups[part].center
        pair = Pair(self.nodes[center].lead, self.nodes[node].lead, self._known[center, node])
        return decision(pair, self.policy.keep, self.facts)

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
                        evidence = self._known[center, node]._replace(verdict=Verdict.SIMILAR)
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
                known = evidence if evidence.distance is not None else evidence._replace(distance=distance)
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
