"""From groups of contents to those of a report: files, verdicts, what may be removed, an id that lasts."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from visualsearch_cli.duplicates.centers import Node, NodeGroup
from visualsearch_cli.duplicates.companions import compared, is_lost_raw
from visualsearch_cli.duplicates.keeping import Facts, Item, Key, place_order
from visualsearch_cli.duplicates.preference import Decision, Pair, decision, shown_better
from visualsearch_cli.duplicates.renditions import shows_more
from visualsearch_cli.index.roots import is_below
from visualsearch_cli.pictures.beside.names import is_list
from visualsearch_cli.pictures.held.holdings import reason_to_stay
from visualsearch_cli.pictures.metadata.company_metadata import knows_something
from visualsearch_cli.pictures.metadata.file_attributes import known_by_attributes
from visualsearch_cli.pictures.metadata.values import only_known_to
from visualsearch_cli.reports.report import Group, Member, is_removable
from visualsearch_cli.verdicts.evidence import Evidence
from visualsearch_cli.verdicts.verdict import Verdict
from visualsearch_cli.verdicts.words import told_of_b

SAME_BYTES = Evidence(Verdict.IDENTICAL, 0.0, reason="same bytes, as indexed")  # `apply` reads them again
ID_DIGITS = 12


def group_of(found: NodeGroup, nodes: Sequence[Node], keys: Sequence[Key], facts: Facts) -> Group:
    """Return a group of contents as one of files, with the reason for each decision.

    What would take the only RAW of a shot with it, or holds or shows what the kept file does not, is
    protected, as if it lay below a reference.
    """
    kept, *copies = nodes[found.center].items
    rest = [(item, SAME_BYTES) for item in copies]
    rest += [(item, evidence) for node, evidence in found.members.items() for item in nodes[node].items]
    members, nearest = [], None
    for item, evidence in rest:
        member = _spared(_member(item, evidence, facts), item, kept, facts)
        if member.verdict is not Verdict.SIMILAR:
            decided = _decision(kept, item, evidence, keys, facts)
            if nearest is None or decided.rank > nearest[0].rank:
                nearest = decided, item.image.path.name
            member = replace(member, why=decided.for_offered)
            if is_removable(member):
                member = _protected(member, shows_more(evidence))
            if decided.is_by_holdings and is_removable(member) and (more := shown_better(evidence)):
                member = _protected(
                    member, f"shows more than the kept file, which holds {decided.of_a}: {more}"
                )
        members.append(member)
    members = _with_what_is_shared(sorted(members, key=_order), kept)
    why = nearest[0].for_kept(nearest[1]) if nearest else ""
    return Group(
        group_id(nodes[node].lead.image.content_hash for node in found.nodes),
        (replace(_member(kept, None, facts), why=why), *members),
    )


def _decision(kept: Item, item: Item, evidence: Evidence, keys: Sequence[Key], facts: Facts) -> Decision:
    """Return why one file is kept and another one is not."""
    found = decision(Pair(kept, item, evidence), keys, facts)
    return found if found.a_wins else Decision.of_group(evidence)


def group_id(content_hashes: Any) -> str:
    """Return the id of the group of some contents (hexadecimal), wherever their files lie."""
    joined = "".join(sorted(set(content_hashes)))
    return hashlib.blake2b(joined.encode("ascii")).hexdigest()[:ID_DIGITS]


def spans(group: Group, folders: Sequence[str], least: int) -> bool:
    """Tell whether a group has files below so many of some folders."""
    paths = [str(path) for member in group.members for path in (member.path, *member.links)]
    return sum(any(is_below(path, folder) for path in paths) for folder in folders) >= least


def _spared(member: Member, item: Item, kept: Item, facts: Facts) -> Member:
    """Return a member, protected if it holds, or has beside it, what the kept file lacks.

    Only what might go is looked at.
    """
    if not is_removable(member):
        return member
    companions, why = compared(item.companions, kept)
    if is_lost_raw(item, kept):
        why = "a RAW, and neither the kept file nor one beside it is the same"
    if item.image.content_hash != kept.image.content_hash:
        why = reason_to_stay(facts.holdings(item.image), facts.holdings(kept.image)) or why
    member = _protected(replace(member, companions=companions), why)
    return member if why else _with_metadata(member, item, kept, facts)


def _with_metadata(member: Member, item: Item, kept: Item, facts: Facts) -> Member:
    """Return a member with what it knows and the kept file does not, and the other way round."""
    beside, theirs = ([*(c.path for c in its.companions), *its.lists] for its in (item, kept))
    is_equal = item.image.content_hash == kept.image.content_hash
    if is_equal and not any(knows_something(path.name) or is_list(path.name) for path in (*beside, *theirs)):
        attributes = [known_by_attributes([its.image.path]) for its in (item, kept)]
        if attributes[0] == attributes[1]:
            return member
    its, others = facts.metadata(item.image, beside), facts.metadata(kept.image, theirs)
    return replace(
        member, only_here=tuple(only_known_to(its, others)), only_kept=tuple(only_known_to(others, its))
    )


def _with_what_is_shared(members: Sequence[Member], kept: Item) -> list[Member]:
    """Return members, one of those protected that would all go and leave a companion of theirs alone."""
    going = {name for member in members if is_removable(member) for name in member.names}
    found = []
    for member in members:
        if member.companions and is_removable(member):
            companions, why = compared(member.companions, kept, going)
            member = _protected(replace(member, companions=companions), why)
            if why:
                going.difference_update(member.names)
        found.append(member)
    return found


def _protected(member: Member, why: str) -> Member:
    """Return a member, protected if there is a reason for it."""
    if not why:
        return member
    return replace(member, protected=True, reason=", ".join(part for part in (member.reason, why) if part))


def _order(member: Member) -> tuple[int, float, tuple[int, str]]:
    rank = member.verdict.rank if member.verdict else 0
    return (rank, member.distance or 0.0, place_order(member.path))


def _member(item: Item, evidence: Evidence | None, facts: Facts) -> Member:
    image = item.image
    taken = facts.origin(image).taken
    distance = 0.0 if evidence is None or evidence.distance is None else evidence.distance
    why = told_of_b(evidence.reason, "the kept file") if evidence else ""
    return Member(
        path=image.path,
        keep=evidence is None,
        protected=item.protected,
        verdict=evidence.verdict if evidence else None,
        distance=round(distance, 6),
        width=image.width,
        height=image.height,
        size=image.size,
        mtime_ns=image.mtime_ns,
        content_hash=image.content_hash,
        reason=", ".join(part for part in (why, item.note) if part),
        taken=taken.isoformat(" ") if taken else "",
        links=item.links,
        companions=item.companions,
        differences=evidence.differences if evidence else (),
    )
