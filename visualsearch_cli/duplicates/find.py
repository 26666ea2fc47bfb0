"""Find the groups of duplicates: which contents may be copies, which are, and what is kept of each group."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from visualsearch_cli.duplicates.centers import Node, Policy
from visualsearch_cli.duplicates.companions import ItemMaker
from visualsearch_cli.duplicates.grouping import find_groups, node_of
from visualsearch_cli.duplicates.groups import group_of, spans
from visualsearch_cli.duplicates.keeping import DEFAULT_KEEP, Facts, Key, expected_order
from visualsearch_cli.duplicates.near_graph import NearGraph
from visualsearch_cli.duplicates.second_paths import SecondPaths
from visualsearch_cli.duplicates.turned import Turner
from visualsearch_cli.index.records import Frames
from visualsearch_cli.index.scope import Scope, ScopeOptions
from visualsearch_cli.pictures.image import ImageRecord, SkippedImage
from visualsearch_cli.progress import Advance, Progress
from visualsearch_cli.reports.report import Group
from visualsearch_cli.vectors.index import Embeddings
from visualsearch_cli.vectors.pairs import Nodes, Pairs, pairs_between, pairs_within
from visualsearch_cli.verdicts.evidence import CandidatePair, Evidence, Judge
from visualsearch_cli.verdicts.verdict import Verdict

if TYPE_CHECKING:
    from visualsearch_cli.duplicates.partitioned.taken_pairs import TakenPairs
    from visualsearch_cli.index.catalog import Catalog


@dataclass(frozen=True, slots=True)
class Reach:
    """How far apart the embeddings of two pictures may be for the pair to be looked at. Cosine distances."""

    same: float  # for the verdicts `pixels` and `same`
    edited: float
    similar: float | None  # at or below it, pictures look alike to the model; None: not known
    regions: float | None = None  # of a full frame and a region of another picture, for `edited`


@dataclass(frozen=True, slots=True)
class DupesOptions:
    """What is looked for, where, and what is kept. Paths are absolute."""

    level: Verdict
    reach: Reach | None  # None: the distances of this model mean nothing, only equal bytes are found
    keep: tuple[Key, ...] = DEFAULT_KEEP
    scope: ScopeOptions = field(default_factory=ScopeOptions)
    references: tuple[str, ...] = ()  # folders whose files are protected
    cross: tuple[str, ...] = ()  # if there are any: folders, below two of which a group must have files
    asked: tuple[str, ...] = ()  # if there are any: folders, below one of which a group must have a file

    @property
    def by_bytes(self) -> bool:
        """Whether equal bytes are all that is looked for: no vector is read then."""
        return self.reach is None or self.level is Verdict.IDENTICAL

    @property
    def policy(self) -> Policy:
        """What grouping has to know."""
        if self.reach is None or self.by_bytes:
            return Policy(Verdict.IDENTICAL, self.keep, 0.0, None, central=False)
        reach = self.reach
        return Policy(self.level, self.keep, reach.same, reach.similar, central=self.keep == DEFAULT_KEEP)

    @property
    def max_distance(self) -> float:
        """How far apart a pair may be that can still make a member."""
        if self.reach is None or self.by_bytes:
            return 0.0
        return self.reach.edited if self.looks_for_edits else self.reach.same

    @property
    def looks_for_edits(self) -> bool:
        """Whether crops, turned copies and the like count."""
        return not self.by_bytes and not self.level.reaches(Verdict.SAME)

    @property
    def region_distance(self) -> float | None:
        """How far a full frame may be from a region; None: regions are not looked at."""
        return self.reach.regions if self.reach and self.looks_for_edits else None


@dataclass(slots=True)
class Duplicates:
    """What was found."""

    groups: list[Group]  # by the path of the kept file
    skipped: list[SkippedImage] = field(default_factory=list)
    judged: int = 0  # pairs that were looked at
    unmatched: list[str] = field(default_factory=list)  # patterns of the scope that fit no file
    second_paths: list[str] = field(default_factory=list)  # sentences about trees that are there twice


@dataclass(frozen=True, slots=True)
class _Contents:
    """The contents of a scope, one a row, and which may be copies of each other."""

    ids: Nodes  # content ids, rising
    vectors: Embeddings  # of the full frames, a row each; (0, 0) where only equal bytes are looked for
    pairs: Pairs  # of rows
    images: Mapping[int, Sequence[ImageRecord]]  # by content id: of those that may have copies


def find_duplicates(
    catalog: Catalog,
    judge: Judge,
    facts: Facts,
    options: DupesOptions,
    progress: Progress,
    turner: Turner | None = None,
    taken: TakenPairs | None = None,
) -> Duplicates:
    """Return the groups of the files in scope. With a turner, turned copies are looked for as well. Pairs
    that partitions found are taken from them.

    Raises VisualSearchError for a place that the index does not know.
    """
    with catalog.snapshot():
        scope = Scope(catalog, options.scope)
        stored = Stored.of(catalog, scope, options)

    def near(advance: Advance) -> Pairs:
        if taken is None:
            return pairs_within(stored.vectors, options.max_distance, advance)
        return taken.pairs(catalog, stored.ids, stored.vectors, options.max_distance, advance)

    contents = _contents(stored, scope, options, progress, turner, near)
    second = SecondPaths(options.references)
    contents = replace(contents, images=second.without(contents.images))
    maker = ItemMaker(options.references)
    nodes, numbers = _nodes(contents, maker, options.keep)
    found = Duplicates([])
    noting = _NotingFailures(judge)
    with progress.step("Verifying") as advance:

        def count(pairs: int) -> None:
            found.judged += pairs
            advance(pairs)

        node_groups = find_groups(
            nodes,
            _graph(contents, numbers, len(nodes)),
            _measure(contents, numbers),
            noting,
            facts,
            options.policy,
            count,
        )
    groups = [group_of(each, nodes, options.keep, facts) for each in node_groups]
    if options.cross:
        groups = [group for group in groups if spans(group, options.cross, 2)]
    if options.asked:
        groups = [group for group in groups if spans(group, options.asked, 1)]
    found.groups = sorted(groups, key=lambda group: str(group.kept.path))
    skipped = {item.path: item for item in (*noting.failed, *maker.skipped, *scope.offline)}
    found.skipped = [skipped[path] for path in sorted(skipped)]
    found.unmatched = scope.unmatched()
    found.second_paths = second.sentences()
    return found


class _NotingFailures:
    """A Judge that keeps which files could not be looked at: they are members of no group, and are named."""

    def __init__(self, judge: Judge) -> None:
        self._judge = judge
        self.failed: list[SkippedImage] = []

    def judge(self, pairs: Sequence[CandidatePair]) -> list[Evidence]:
        found = self._judge.judge(pairs)
        for pair, evidence in zip(pairs, found, strict=True):
            for path in (str(pair.a.path), str(pair.b.path)) if evidence.failure else ():
                if evidence.failure and evidence.failure.startswith(f"{path}: "):
                    self.failed.append(SkippedImage(path, evidence.failure.removeprefix(f"{path}: ")))
        return found


@dataclass(frozen=True, slots=True)
class Stored:
    """What the catalog holds of the contents of a scope."""

    files: Mapping[int, int]  # how many each content has
    ids: Nodes  # content ids, rising
    vectors: Embeddings  # of the full frames, a row each
    regions: Embeddings  # of regions, if they are looked at
    region_rows: Nodes  # the row of the content of each

    @classmethod
    def of(cls, catalog: Catalog, scope: Scope, options: DupesOptions, *, regions: bool = True) -> Stored:
        """Read it; regions, if they are looked at and wanted."""
        files = scope.counts()
        ids = np.array(sorted(files), np.int64)
        none: Embeddings = np.empty((0, 0), np.float32)
        if options.by_bytes:
            return cls(files, ids, none, none, np.empty(0, np.int64))
        stored = catalog.vectors()
        rows = np.flatnonzero(np.isin(stored.content_ids, ids))
        rows = rows[np.argsort(stored.content_ids[rows], kind="stable")]
        ids, vectors = stored.content_ids[rows], stored.vectors[rows]
        if not regions or options.region_distance is None or catalog.manifest().regions is None:
            return cls(files, ids, vectors, none, np.empty(0, np.int64))
        stored = catalog.vectors(frames=Frames.REGIONS)
        here = np.isin(stored.content_ids, ids)
        region_rows = np.searchsorted(ids, stored.content_ids[here])
        return cls(files, ids, vectors, stored.vectors[here], region_rows)


def _contents(
    stored: Stored,
    scope: Scope,
    options: DupesOptions,
    progress: Progress,
    turner: Turner | None,
    near: Callable[[Advance], Pairs],
) -> _Contents:
    """Return the contents that may be copies: near in full, to a region of another, or when turned."""
    ids, parts = stored.ids, [Pairs.none()]
    if not options.by_bytes:
        with progress.step("Comparing", len(ids)) as advance:
            parts.append(near(advance))
    if options.region_distance is not None and len(stored.regions):
        with progress.step("Comparing regions", len(ids)) as advance:
            found = pairs_between(stored.vectors, stored.regions, options.region_distance, advance)
        parts.append(Pairs(found.a, stored.region_rows[found.b].astype(np.int32), found.distances))
    if turner is not None and options.looks_for_edits:
        parts.append(turner.pairs(ids, stored.vectors, scope.images_of, options.max_distance))
    pairs = Pairs.joined(parts)
    paired = set(ids[pairs.a].tolist()) | set(ids[pairs.b].tolist())
    wanted = paired | {content for content, count in stored.files.items() if count > 1}
    return _Contents(ids, stored.vectors, pairs, scope.images_of(wanted))


def _nodes(contents: _Contents, maker: ItemMaker, keep: Sequence[Key]) -> tuple[list[Node], dict[int, int]]:
    """Return the nodes, those likely kept first, and their numbers by content id."""
    by_content = {
        content: node_of(items, keep)
        for content, images in contents.images.items()
        if (items := maker.items(images))
    }
    order = sorted(by_content, key=lambda content: expected_order(by_content[content].lead, keep))
    return [by_content[content] for content in order], {content: n for n, content in enumerate(order)}


def _graph(contents: _Contents, numbers: Mapping[int, int], size: int) -> NearGraph:
    """Return the pairs of contents as pairs of nodes, without those whose files are no longer there."""
    names = np.array([numbers.get(content, -1) for content in contents.ids.tolist()], np.int64)
    a, b = names[contents.pairs.a], names[contents.pairs.b]
    there = (a >= 0) & (b >= 0)
    return NearGraph.of(size, a[there], b[there], contents.pairs.distances[there])


def _measure(contents: _Contents, numbers: Mapping[int, int]) -> Callable[[int, int], float]:
    """Return what gives the distance of two nodes, whether or not they are a pair."""
    rows = {numbers[content]: row for row, content in enumerate(contents.ids.tolist()) if content in numbers}

    def measure(a: int, b: int) -> float:
        left, right = contents.vectors[[rows[a], rows[b]]].astype(np.float64)
        return float(np.clip(1.0 - left @ right, 0.0, 2.0))

    return measure
