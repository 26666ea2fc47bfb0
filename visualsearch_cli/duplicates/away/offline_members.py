"""Copies on disks that are not mounted, put into the groups of what is there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from visualsearch_cli.duplicates.find import DupesOptions
from visualsearch_cli.duplicates.groups import SAME_BYTES, group_id
from visualsearch_cli.duplicates.keeping import place_order
from visualsearch_cli.pictures.image import ImageRecord
from visualsearch_cli.reports.report import Group, Member
from visualsearch_cli.vectors.pairs import pairs_between
from visualsearch_cli.verdicts.verdict import Verdict

if TYPE_CHECKING:
    from visualsearch_cli.index.catalog import Catalog
    from visualsearch_cli.index.scope import Scope
    from visualsearch_cli.verdicts.comparison import FindingsCache
    from visualsearch_cli.verdicts.evidence import Finding

OFFLINE = "its disk is offline"


@dataclass(frozen=True, slots=True)
class _Kept:
    """Something that is there and that others may be copies of: a kept file, and its group if it has one."""

    member: Member
    group: Group | None


def with_offline(
    groups: Sequence[Group], catalog: Catalog, scope: Scope, options: DupesOptions, findings: FindingsCache
) -> list[Group]:
    """Return the groups, with the files on disks that are away, and new groups of one file and such copies.

    A file that is away is protected, and never the kept one. Equal bytes are `identical`. Else its verdict is
    what was found with the kept file when both were there, or at level `similar` that its vector is near.
    """
    away = _images_away(catalog, scope)
    kept: dict[str, _Kept] = {}  # by the hash of the content
    members: dict[str, tuple[Member, Group]] = {}  # of groups, by hash
    for group in groups:
        kept[group.kept.content_hash] = _Kept(group.kept, group)
        for member in group.others:
            if member.verdict is not Verdict.SIMILAR:
                members.setdefault(member.content_hash, (member, group))
    added: dict[str, list[Member]] = {}  # by the hash of the kept content
    alone: list[list[ImageRecord]] = []  # files of contents that nothing online has
    for content, images in away.items():
        content_hash = images[0].content_hash
        if content_hash in members and content_hash not in kept:
            like, group = members[content_hash]
            added.setdefault(group.kept.content_hash, []).extend(_member(image, like) for image in images)
            continue
        if content_hash not in kept:
            here = scope.images_of([content]).get(content)
            if not here:
                alone.append(images)
                continue
            kept[content_hash] = _Kept(_kept(here[0]), None)
        added.setdefault(content_hash, []).extend(_identical(image) for image in images)
    if alone and not options.by_bytes:
        for content_hash, member in _alike(alone, catalog, scope, options, findings, kept):
            added.setdefault(content_hash, []).append(member)
    return _joined(groups, kept, added)


def _images_away(catalog: Catalog, scope: Scope) -> dict[int, list[ImageRecord]]:
    """Return the files of the scope that are on disks that are away, by content."""
    found: dict[int, dict[int, ImageRecord]] = {}
    for key in scope.away:
        contents = catalog.files_per_content([key], scope.min_size)
        for content, images in catalog.images_of(contents, key).items():
            its = {image.id: image for image in images if scope.wants(image)}
            if its:
                found.setdefault(content, {}).update(its)
    return {
        content: sorted(its.values(), key=lambda image: place_order(image.path))
        for content, its in found.items()
    }


def _alike(
    alone: Sequence[Sequence[ImageRecord]],
    catalog: Catalog,
    scope: Scope,
    options: DupesOptions,
    findings: FindingsCache,
    kept: dict[str, _Kept],
) -> Iterable[tuple[str, Member]]:
    """Yield what is no copy byte by byte, each with the hash of what it is a copy of.

    Only kept files, and files without a group, can be what it is a copy of.
    """
    assert options.reach is not None
    limit = max(options.max_distance, options.reach.similar or 0.0)
    stored = catalog.vectors()
    rows = {content: row for row, content in enumerate(stored.content_ids.tolist())}
    there = sorted(set(scope.counts()) & rows.keys())
    mine = [images for images in alone if images[0].content_id in rows]
    if not there or not mine:
        return
    near = pairs_between(
        stored.vectors[[rows[images[0].content_id] for images in mine]],
        stored.vectors[[rows[content] for content in there]],
        limit,
    )
    order = np.argsort(near.distances, kind="stable")
    here = scope.images_of({there[column] for column in near.b.tolist()})
    in_groups = {m.content_hash for k in kept.values() if k.group for m in k.group.others}
    candidates: dict[int, list[tuple[float, ImageRecord]]] = {}
    for row, column, distance in zip(near.a[order], near.b[order], near.distances[order], strict=True):
        images = here.get(there[int(column)])
        if images and images[0].content_hash not in in_groups:
            candidates.setdefault(int(row), []).append((float(distance), images[0]))
    pairs = [
        (image.content_hash, mine[row][0].content_hash) for row, of in candidates.items() for _, image in of
    ]
    known = findings.load([*pairs, *((b, a) for a, b in pairs)])
    for row, of in candidates.items():
        chosen = _best(mine[row][0], of, known, options)
        if chosen is None:
            continue
        image, distance, verdict, reason = chosen
        kept.setdefault(image.content_hash, _Kept(_kept(image), None))
        for its in mine[row]:
            yield (
                image.content_hash,
                replace(
                    _identical(its),
                    verdict=verdict,
                    distance=round(distance, 6),
                    reason=f"{reason}; {OFFLINE}",
                ),
            )


def _best(
    image: ImageRecord,
    candidates: Sequence[tuple[float, ImageRecord]],
    known: Mapping[tuple[str, str], Finding],
    options: DupesOptions,
) -> tuple[ImageRecord, float, Verdict, str] | None:
    """Return what a picture that is away is a copy of, with distance, verdict and reason, if of anything."""
    proved = []
    for distance, other in candidates:
        pair = (other.content_hash, image.content_hash)
        found = known.get(pair) or known.get(pair[::-1])
        if found is not None and found.verdict is not None and found.verdict.reaches(options.level):
            reason = found.reason if pair in known else found.verdict.value
            proved.append((found.verdict.rank, distance, other, found.verdict, reason))
    if proved:
        _, distance, other, verdict, reason = min(proved, key=lambda each: each[:2])
        return other, distance, verdict, f"{reason}, as compared when it was there"
    similar = options.reach.similar if options.reach else None
    if options.level is Verdict.SIMILAR and similar is not None and candidates[0][0] <= similar:
        distance, other = candidates[0]
        return other, distance, Verdict.SIMILAR, "looks alike by its vector, not compared"
    return None


def _joined(
    groups: Sequence[Group], kept: Mapping[str, _Kept], added: Mapping[str, Sequence[Member]]
) -> list[Group]:
    found = []
    for group in groups:
        members = added.get(group.kept.content_hash, ())
        found.append(replace(group, members=(*group.members, *_ordered(members))))
    for content_hash, members in added.items():
        center = kept[content_hash]
        if center.group is None:
            hashes = (content_hash, *(member.content_hash for member in members))
            found.append(Group(group_id(hashes), (center.member, *_ordered(members))))
    return sorted(found, key=lambda group: str(group.kept.path))


def _ordered(members: Iterable[Member]) -> list[Member]:
    def order(member: Member) -> tuple[int, float, tuple[int, str]]:
        rank = member.verdict.rank if member.verdict else 0
        return rank, member.distance or 0.0, place_order(member.path)

    return sorted(members, key=order)


def _kept(image: ImageRecord) -> Member:
    return replace(_identical(image), keep=True, protected=False, offline=False, verdict=None, reason="")


def _identical(image: ImageRecord) -> Member:
    return Member(
        path=image.path,
        keep=False,
        protected=True,
        verdict=SAME_BYTES.verdict,
        distance=0.0,
        width=image.width,
        height=image.height,
        size=image.size,
        mtime_ns=image.mtime_ns,
        content_hash=image.content_hash,
        reason=f"{SAME_BYTES.reason}; {OFFLINE}",
        offline=True,
    )


def _member(image: ImageRecord, like: Member) -> Member:
    """Return a file with the content of a member, which is to the kept one what that is."""
    return replace(
        _identical(image),
        verdict=like.verdict,
        distance=like.distance,
        reason=f"same bytes as {like.path.name}, as indexed; {OFFLINE}",
        differences=like.differences,
    )
