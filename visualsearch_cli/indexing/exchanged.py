"""Disks that take turns at one path: what is known of one is set aside while another one lies there.

What is set aside is a root of its own, whose folder is not there, so it is offline like a disk in a drawer.
When its disk is back, it is taken up again, and nothing is embedded twice.
"""

from __future__ import annotations

import datetime
import os
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from visualsearch_cli.errors import ImageError
from visualsearch_cli.index.records import FileKey
from visualsearch_cli.index.roots import (
    found_again,
    is_bare,
    is_below,
    is_offline,
    key_of,
    path_below,
    some_known,
)
from visualsearch_cli.pictures.reading import read_file
from visualsearch_cli.wording import counted, typed

if TYPE_CHECKING:
    from visualsearch_cli.index.catalog import Catalog
    from visualsearch_cli.index.disks.volumes import Volumes
    from visualsearch_cli.index.records import Root
    from visualsearch_cli.index.writer import CatalogWriter

READ = 3  # files that are read, where others have the times of a copy
UNTIL = re.compile(r" \(until \d{4}-\d\d-\d\d(, \d+)?\)")
"""Stands behind a path in the name of what was set aside there."""


def settle_exchanged(
    catalog: CatalogWriter, paths: Sequence[str], volumes: Volumes, note: Callable[[str], None]
) -> None:
    """Set aside what is known of places where another disk lies now, and take up what is known of that one.

    Of all places, or of those that absolute paths have to do with. `note` is told what was done.

    A disk is the same if its volume is, or if files of it are there as they were: any of them, or, where it
    is known that the volume is another one, most of them, as after a move to a larger disk. It is, too, if
    most are there with other times, as after a copy that kept none: some of these are read.
    """
    for place, folder in _concerned(catalog, paths):
        name, before = volumes.name_of(folder), catalog.volumes().get(place, "")
        if name and name == before:
            continue
        is_there = _is_there(catalog, place, folder, folder, is_another=bool(name and before))
        if is_there is False:
            root = catalog.set_aside(place, _free_name(catalog, folder))
            catalog.set_volumes({**catalog.volumes(), place: name, FileKey(root.id, "."): before})
            note(
                f"{folder} holds another disk now, or was formatted and filled anew: "
                f"{_images_of(catalog, root)} of the one before stay in the index, as {root.path}, which is "
                f"offline; `visualsearch prune --root {typed(root.path)}` forgets them"
            )
        if not is_there and (back := _kept_of(catalog, folder, name)):
            note(f"{folder} holds the disk again that was {back.path}: {_images_of(catalog, back)} are known")
            catalog.bring_back(back, place)
        if (names := catalog.volumes()).get(place) != name:
            catalog.set_volumes({**names, place: name})


def note_volumes(catalog: CatalogWriter, volumes: Volumes, paths: Sequence[str]) -> None:
    """Keep what new places lie on that absolute paths have to do with, or all."""
    before = catalog.volumes()
    there = {root.id for root in catalog.roots()}
    after = {place: name for place, name in before.items() if place.root_id in there}
    for place, folder in _concerned(catalog, paths):
        if place not in after:
            after[place] = volumes.name_of(folder)
    if after != before:
        catalog.set_volumes(after)


def _concerned(catalog: Catalog, paths: Sequence[str]) -> list[tuple[FileKey, str]]:
    """Return the places that absolute paths have to do with, or all, with their paths."""
    return [
        (place, folder)
        for place, folder in _places(catalog)
        if not paths or any(is_below(folder, path) or is_below(path, folder) for path in paths)
    ]


def _places(catalog: Catalog) -> list[tuple[FileKey, str]]:
    """Return the roots that are there, and the disks that are mounted inside them, with their paths."""
    roots = {root.id: root for root in catalog.roots()}
    there = [(FileKey(root.id, "."), root.path) for root in roots.values() if not is_offline(root, catalog)]
    mounts = [(key, path_below(roots[key.root_id], key.relpath)) for key in catalog.mounts()]
    return [*there, *((key, folder) for key, folder in mounts if not is_bare(folder))]


def _is_there(catalog: Catalog, place: FileKey, path: str, folder: str, *, is_another: bool) -> bool | None:
    """Tell whether the known files of a place, whose path is given, are in a folder. None: there are none.

    One is enough, unless the volume is known to be another one: then it takes most of them.
    """
    each = found_again(catalog, place, path, folder)
    first = next(each, None)
    if first is None:
        return None
    if is_another:
        others = list(each)
        is_found = 2 * (first + sum(others)) > 1 + len(others)
    else:
        is_found = first or any(each)
    return is_found or _are_copied(catalog, place, path, folder)


def _are_copied(catalog: Catalog, place: FileKey, path: str, folder: str) -> bool:
    """Tell whether most known files are in a folder with their sizes, and the first of them byte for byte."""
    start, roots = len(path.rstrip(os.sep)) + 1, catalog.roots()
    looked_at = sized = 0
    for known in some_known(catalog, place):
        before = os.fsdecode(known[0])
        now = os.path.join(folder, before[start:])
        looked_at += 1
        try:
            if os.stat(now).st_size != known[2]:
                continue
            sized += 1
            if sized > READ:
                continue
            key = key_of(before, roots)
            image = catalog.image(key) if key else None
            if image is not None and read_file(now).content_hash.hex() != image.content_hash:
                return False
        except (OSError, ImageError):
            continue
    return 2 * sized > looked_at


def _kept_of(catalog: Catalog, folder: str, name: str) -> Root | None:
    """Return what was set aside in a folder and is there again."""
    names = catalog.volumes()
    for root in catalog.roots():
        if root.path.startswith(folder) and UNTIL.fullmatch(root.path, len(folder)):
            place = FileKey(root.id, ".")
            before = names.get(place, "")
            is_another = bool(name and before)
            if (name and name == before) or _is_there(
                catalog, place, root.path, folder, is_another=is_another
            ):
                return root
    return None


def _images_of(catalog: Catalog, root: Root) -> str:
    return counted(catalog.counts(root.id).images, "image")


def _free_name(catalog: Catalog, folder: str) -> Path:
    taken = {root.path for root in catalog.roots()}
    day = f"{folder} (until {datetime.date.today().isoformat()}"
    name, number = f"{day})", 1
    while name in taken or os.path.lexists(name):
        number += 1
        name = f"{day}, {number})"
    return Path(name)
