"""Symbolic links that would lead to nothing: named before the files that they lead to go."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from visualsearch_cli.acting.action import Action
from visualsearch_cli.acting.selection import Task
from visualsearch_cli.named_tuples import NamedTuple


class Dangling(NamedTuple):
    """A symbolic link, and the file that it leads to, which is about to go."""

    link: Path
    target: Path


def dangling(tasks: Iterable[Task], action: Action) -> Iterator[Dangling]:
    """Yield the links that a report knows, that lead where it says, and would not any more."""
    if action.links:
        return  # the name stays, and leads to a file with the same bytes
    for task in tasks:
        member = task.member
        paths = (*member.names, *(companion.path for companion in member.companions))
        for link in member.symlinks:
            target = os.path.realpath(link)
            for path in paths:
                if os.path.islink(link) and target == os.path.realpath(path) and os.path.exists(path):
                    yield Dangling(link, path)
