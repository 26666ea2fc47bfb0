"""Roots: which folder of the index a path belongs to, and whether what it knows is still there."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from visualsearch_cli.errors import NotThere
from visualsearch_cli.index.records import INDEX_FOLDER, FileKey, Root
from visualsearch_cli.named_tuples import NamedTuple
from visualsearch_cli.pictures.image import is_same_time, mtime_of

if TYPE_CHECKING:
    from visualsearch_cli.index.catalog import Catalog
    from visualsearch_cli.index.disks.volumes import Volumes
    from visualsearch_cli.index.known_files import KnownFile
    from visualsearch_cli.index.writer import CatalogWriter


LOOKED_AT = 1000  # known files, or folders, at about the most, before it is said what a folder holds


class Target(NamedTuple):
    """Something to index: a folder or file that is there, and the part of the catalog it covers."""

    path: str
    scope: tuple[FileKey, ...]


def absolute(path: str) -> str:
    """Return the absolute path of a file, with links resolved in its folder but not in its name."""
    if os.path.isdir(path):
        return os.path.realpath(path)
    folder, name = os.path.split(os.path.abspath(path))
    return os.path.join(os.path.realpath(folder), name)


def key_of(path: str, roots: Sequence[Root]) -> FileKey | None:
    """Return where an absolute path lies in the catalog: below the nearest root above it."""
    best: Root | None = None
    for root in roots:
        if is_below(path, root.path) and (best is None or len(root.path) > len(best.path)):
            best = root
    if best is None:
        return None
    relative = os.path.relpath(path, best.path).replace(os.sep, "/")
    return FileKey(best.id, relative)


def is_below(path: str, folder: str) -> bool:
    """Tell whether an absolute path is a folder or inside it."""
    return path == folder or path.startswith(folder.rstrip(os.sep) + os.sep)


def no_such_path(path: str) -> NotThere:
    """Return the error for a path that is not there."""
    return NotThere(f"{path} does not exist: check the path, or that its disk is mounted")


def is_offline(root: Root, catalog: Catalog) -> bool:
    """Tell whether the folder of a root is not there, or holds no file though it once held images.

    The latter is what the mount point of a disk looks like while nothing is mounted there. A folder that
    somebody emptied looks the same, and to take one for the other would lose what is known of a whole disk:
    `prune --yes` says that it was emptied.
    """
    return not os.path.isdir(root.path) or is_emptied(root, catalog)


def is_emptied(root: Root, catalog: Catalog) -> bool:
    """Tell whether the folder of a root is there without any file in it, though it once held images."""
    return (
        os.path.isdir(root.path) and not _holds_a_file(root.path) and catalog.has_files(FileKey(root.id, "."))
    )


def _holds_a_file(folder: str) -> bool:
    """Tell whether a folder, or one below it, holds anything but folders. The folder of an index in it does
    not count. What cannot be listed may hold something, and so may what has very many folders."""
    pending = [folder]
    for _ in range(LOOKED_AT):
        if not pending:
            return False
        try:
            with os.scandir(pending.pop()) as scan:
                for entry in scan:
                    if not entry.is_dir(follow_symlinks=False):
                        return True
                    if entry.name != INDEX_FOLDER:
                        pending.append(entry.path)
        except FileNotFoundError:
            continue
        except OSError:
            return True
    return True


def path_below(root: Root, relpath: str) -> str:
    """Return the absolute path of a place in a root."""
    return os.path.normpath(os.path.join(root.path, relpath.replace("/", os.sep)))


def away_mounts(catalog: Catalog) -> dict[str, FileKey]:
    """Return the folders inside roots at which another disk was mounted, and nothing is now: their absolute
    paths, and where they are in the catalog."""
    roots = {root.id: root for root in catalog.roots()}
    places = {path_below(roots[key.root_id], key.relpath): key for key in catalog.mounts()}
    return {path: key for path, key in places.items() if is_bare(path)}


def is_bare(folder: str) -> bool:
    """Tell whether a folder is not there, or is an empty one at which nothing is mounted."""
    try:
        return not os.path.ismount(folder) and not os.listdir(folder)
    except OSError:
        return True


def find_targets(
    catalog: CatalogWriter,
    paths: Sequence[str],
    note: Callable[[str], None] = lambda _: None,
    volumes: Volumes | None = None,
) -> tuple[list[Target], list[Root]]:
    """Return what of the absolute paths (all roots, if none) is there, and the roots that are offline.

    Folders that no root covers become roots. A root that was renamed is recognised and follows, and `note` is
    told from where to where.

    Raises NotThere for a path that is neither there nor inside a root that is offline.
    """
    from visualsearch_cli.index.disks.volumes import Volumes  # late: a query finds no targets

    volumes = volumes or Volumes()
    targets: list[Target] = []
    offline: dict[int, Root] = {}
    for path in dict.fromkeys(paths or [root.path for root in catalog.roots()]):
        roots = catalog.roots()
        key = key_of(path, roots)
        root = next((root for root in roots if key and root.id == key.root_id), None)
        if root and is_offline(root, catalog):
            offline[root.id] = root
            continue
        if not os.path.lexists(path):
            raise no_such_path(path)
        if root is None:
            folder = path if os.path.isdir(path) else os.path.dirname(path)
            root = _new_root(catalog, folder, volumes, note)
            key = key_of(path, [root])
        elif (root.device, root.inode) != _identity(root.path):
            catalog.move_root(root.id, Path(root.path))
        nested = [
            FileKey(other.id, ".")
            for other in roots
            if other.id != root.id and is_below(other.path, path) and not is_offline(other, catalog)
        ]
        assert key is not None
        targets.append(Target(path, (key, *nested)))
    return targets, list(offline.values())


def _new_root(catalog: CatalogWriter, folder: str, volumes: Volumes, note: Callable[[str], None]) -> Root:
    known = catalog.volumes()
    for root in catalog.roots():
        if _was_renamed(root, folder, known.get(FileKey(root.id, "."), ""), volumes, catalog):
            note(f"{root.path} is now {folder}: its images are known there")
            return catalog.move_root(root.id, Path(folder))
    return catalog.add_root(Path(folder))


def _was_renamed(root: Root, folder: str, name: str, volumes: Volumes, catalog: Catalog) -> bool:
    """Tell whether `folder` is the folder of `root` under another name.

    A rename keeps the inode, and a volume that is mounted elsewhere its name; a copy, for instance a backup
    of a disk that is now unplugged, has neither. Another card in the same reader has the same device and
    inode, though, and even the same names, but other files.
    """
    if os.path.lexists(root.path) or catalog.counts(root.id).images == 0:
        return False
    is_it = (root.device, root.inode) == _identity(folder) or (name and name == volumes.name_of(folder))
    return bool(is_it) and any(found_again(catalog, FileKey(root.id, "."), root.path, folder))


def found_again(catalog: Catalog, place: FileKey, path: str, folder: str) -> Iterator[bool]:
    """Tell of known files of a place, whose path is given, whether they are in a folder, as they were when
    they were indexed."""
    start = len(path.rstrip(os.sep)) + 1
    return (_is_there(row, start, folder) for row in some_known(catalog, place))


def some_known(catalog: Catalog, place: FileKey) -> Iterator[KnownFile]:
    """Yield the first known file of a place, and about LOOKED_AT others, evenly chosen, of those that are
    neither missing nor on a disk that is mounted below it."""
    inner = {row[0] for key in catalog.mounts() if _is_inside(key, place) for row in catalog.known_files(key)}
    known = (row for row in catalog.known_files(place) if not row[4] and row[0] not in inner)
    yield from islice(known, 1)
    others = list(known)
    yield from others[:: 1 + len(others) // LOOKED_AT]


def _is_there(known: KnownFile, start: int, folder: str) -> bool:
    """Tell whether a known file is in a folder, where its path goes on as it does from an index on."""
    path, _, size, mtime_ns, _, _ = known
    try:
        state = os.stat(os.path.join(folder, os.fsdecode(path)[start:]))
    except OSError:
        return False
    return state.st_size == size and is_same_time(mtime_of(state), mtime_ns)


def _is_inside(key: FileKey, place: FileKey) -> bool:
    """Tell whether a place lies below another one."""
    above = "" if place.relpath == "." else place.relpath + "/"
    return key.root_id == place.root_id and key != place and key.relpath.startswith(above)


def _identity(folder: str) -> tuple[str, str]:
    state = os.stat(folder)
    return str(state.st_dev), str(state.st_ino)
