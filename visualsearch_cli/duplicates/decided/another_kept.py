"""A group of a report with another file to keep: all others are measured against that one. Nothing chains."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from visualsearch_cli.duplicates.centers import Node, NodeGroup
from visualsearch_cli.duplicates.companions import ItemMaker
from visualsearch_cli.duplicates.groups import group_of
from visualsearch_cli.duplicates.keeping import DEFAULT_KEEP, Facts
from visualsearch_cli.errors import ImageError, VisualSearchError
from visualsearch_cli.pictures.image import ImageRecord
from visualsearch_cli.reports.report import Group, Member
from visualsearch_cli.verdicts.evidence import Evidence
from visualsearch_cli.verdicts.two_files import ComparedFiles
from visualsearch_cli.verdicts.verdict import Verdict

CHOSEN = "chosen in the review"

Compare = Callable[[Member, Member], ComparedFiles]
"""Says what the second file is to the first one. Raises ImageError, the file named, if it cannot."""


def with_another_kept(group: Group, path: Path, compare: Compare, facts: Facts) -> Group:
    """Return a group that keeps the file at a path, which must be one of its members.

    The verdict, the distance, the differences and what is only known to one of them are those of each other
    file against this one. What was protected stays so, and what cannot be compared now is only similar.

    Raises VisualSearchError if the file that is to be kept cannot be used, or is not as the report says.
    """
    if path == group.kept.path:
        return group
    chosen = next((member for member in group.others if member.path == path), None)
    if chosen is None:
        raise VisualSearchError(f"{path} does not belong to group {group.id}")
    if chosen.offline:
        raise VisualSearchError(f"{path} lies on a disk that is not mounted: mount it to keep this file")
    contents: dict[str, list[Member]] = defaultdict(list)
    contents[chosen.content_hash].append(chosen)
    for member in group.members:
        if member is not chosen and not member.offline:
            contents[member.content_hash].append(member)
    left = {member.path: "its disk is not mounted" for member in group.members if member.offline}
    nodes: list[Node] = []
    evidence: dict[int, Evidence] = {}
    maker = ItemMaker()
    for members in contents.values():
        try:
            compared = compare(chosen, members[0])
        except ImageError as error:
            if members[0] is chosen:
                raise VisualSearchError(str(error)) from error
            left |= {member.path: str(error) for member in members}
            continue
        if not nodes:
            nodes.append(_node(maker, compared.a, members))
        else:
            found = compared.evidence
            verdict = found.verdict or Verdict.SIMILAR  # they are in one group, since they look alike
            evidence[len(nodes)] = found._replace(verdict=verdict)
            nodes.append(_node(maker, compared.b, members))
    if maker.skipped:
        skipped = maker.skipped[0]
        raise VisualSearchError(f"{skipped.path} {skipped.reason}")
    made = group_of(NodeGroup(0, evidence), nodes, DEFAULT_KEEP, facts)
    before = {member.path: member for member in group.members}
    kept = replace(made.kept, why=CHOSEN)
    others = [_as_before(member, before[member.path]) for member in made.others]
    rest = [_not_compared(before[path], why) for path, why in left.items()]
    return Group(group.id, (kept, *others, *rest))


def _node(maker: ItemMaker, image: ImageRecord, members: list[Member]) -> Node:
    """Return the node of files with one content, the first of them first."""
    if image.content_hash != members[0].content_hash:
        raise VisualSearchError(
            f"{image.path} changed since the report was made: run `visualsearch index`, then review again"
        )
    names = [(path, member) for member in members for path in member.names]
    images = [image._replace(path=path, mtime_ns=member.mtime_ns) for path, member in names]
    items = maker.items(images)
    first = members[0].path
    return Node(tuple(sorted(items, key=lambda item: item.image.path != first)))


def _as_before(member: Member, before: Member) -> Member:
    """Return a member with what the report says of the file whatever is kept."""
    member = replace(member, symlinks=before.symlinks)
    if before.protected and not member.protected:
        member = replace(member, protected=True, reason=f"{member.reason}, protected by the report")
    return member


def _not_compared(member: Member, why: str) -> Member:
    return replace(
        member,
        keep=False,
        verdict=Verdict.SIMILAR,
        distance=None,
        reason=f"not compared with the file to keep: {why}",
        differences=(),
        only_here=(),
        only_kept=(),
        why="",
    )
