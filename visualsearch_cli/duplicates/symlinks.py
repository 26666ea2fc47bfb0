"""Symbolic links that lead to files which may be removed, so that nobody is surprised when they dangle."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from visualsearch_cli.index.records import INDEX_FOLDER
from visualsearch_cli.reports.report import Group, Member, going_along, is_removable


def with_symlinks(groups: Sequence[Group], roots: Iterable[str]) -> list[Group]:
    """Return groups with the symbolic links below some absolute folders that lead to what may be removed.

    The folders are walked only if there is such a file. Links of folders are not followed.
    """
    wanted: dict[str, Path] = {}  # paths of members, by the real paths of what would go
    for group in groups:
        for member in group.others:
            if is_removable(member):
                along = going_along([member], [group.kept])
                for path in (*member.names, *(companion.path for companion in along)):
                    wanted[_real(path)] = member.path
    if not wanted:
        return list(groups)
    found: dict[Path, list[Path]] = defaultdict(list)
    for link in sorted(set(_links_below(roots))):
        if (owner := wanted.get(os.path.realpath(link))) is not None:
            found[owner].append(Path(link))
    if not found:
        return list(groups)
    return [
        replace(group, members=tuple(_told(member, found) for member in group.members)) for group in groups
    ]


def _told(member: Member, found: dict[Path, list[Path]]) -> Member:
    if member.path not in found or not is_removable(member):
        return member
    return replace(member, symlinks=tuple(found[member.path]))


def _links_below(folders: Iterable[str]) -> Iterator[str]:
    """Yield the paths of all symbolic links below some folders, as far as these can be listed."""
    pending = list(folders)
    while pending:
        try:
            with os.scandir(pending.pop()) as scan:
                for entry in scan:
                    if entry.is_symlink():
                        yield entry.path
                    elif entry.is_dir(follow_symlinks=False) and entry.name != INDEX_FOLDER:
                        pending.append(entry.path)
        except OSError:  # a folder of somebody else's, or a disk that is not mounted: nothing is known of it
            continue


def _real(path: Path) -> str:
    """Return a path with the links in its folder resolved, as a link that leads to it has it."""
    return os.path.join(os.path.realpath(path.parent), path.name)
