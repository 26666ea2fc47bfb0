"""What the user decided about groups: pictures that are no duplicates of each other."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from visualsearch_cli.errors import VisualSearchError
from visualsearch_cli.index.records import Decision, Pictures
from visualsearch_cli.pictures.reading import named, read_file
from visualsearch_cli.reports.report import Group

if TYPE_CHECKING:
    from visualsearch_cli.index.catalog import Catalog


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


def pictures_at(paths: Sequence[str]) -> Pictures:
    """Return what is in some files.

    Raises VisualSearchError unless there are two files, all of which can be read.
    """
    files = list(dict.fromkeys(paths))
    if len(files) < 2:
        raise VisualSearchError(
            f"only {', '.join(files)} was named: also name what it is not a duplicate of, "
            "or a group of `dupes` by --group ID"
        )
    found: Counter[str] = Counter()
    for path in files:
        with named(path):
            found[read_file(path).content_hash.hex()] += 1
    return found


def places_of(decision: Decision, catalog: Catalog) -> list[Path]:
    """Return where the pictures of a decision are now."""
    ids = [catalog.content_id(bytes.fromhex(content_hash)) for content_hash in decision.pictures]
    images = catalog.images_of(id for id in ids if id is not None)
    return sorted((image.path for its in images.values() for image in its), key=str)
