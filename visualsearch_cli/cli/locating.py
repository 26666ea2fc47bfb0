"""Where the index is: --index or its variable, then around the current folder, then around what was named.

On a terminal, the index that was written last comes after these. A script does not get it: its answers would
depend on what somebody did by hand before.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path

from visualsearch_cli.atomic import replacing, state_folder
from visualsearch_cli.cli.output.console import note, settings
from visualsearch_cli.errors import IndexNotFound, IndexStoreError, IndexUntrusted
from visualsearch_cli.index.folder import IndexFolder
from visualsearch_cli.index.records import INDEX_FOLDER
from visualsearch_cli.index.roots import is_below, no_such_path
from visualsearch_cli.remembered import TRUSTED, remember_said, remembered
from visualsearch_cli.wording import typed


def find_index(given: Path | None, named: Sequence[str] = ()) -> IndexFolder:
    """Return the index to read. `named` are the absolute paths of files and folders that it is asked about.

    Raises IndexNotFound with the places that were looked at, IndexUntrusted if it belongs to another user
    and was never named.
    """
    if given is not None:
        folder = IndexFolder(given)
        if folder.exists():
            _trust(folder)
            return folder
        raise IndexNotFound(
            f"there is no index in {given}: run `visualsearch index PATH --index {typed(given)}` first"
        )
    here = Path.cwd()
    if folder_above := _above(here):
        return folder_above
    for path in named:
        if found := _around(Path(path)):
            return found
    last = _last_used()
    hint = ""
    if last and last.exists():
        if _is_watched():
            note(f"using {last.path}, the index written last (none in or above {here})")
            return last
        hint = f"; {last.path}, the index written last, is only used on a terminal, without -q"
    around = (folder / INDEX_FOLDER for folder in (here, *here.parents))
    bare = next((folder for folder in around if folder.is_dir()), None)
    none = f"{bare} holds no index, and there is none" if bare else f"no {INDEX_FOLDER}"
    raise IndexNotFound(
        f"{none} in or above {here}: run `visualsearch index PATH` first, or pass --index DIR{hint}"
    )


def find_indexes(given: Sequence[Path] | None, named: Sequence[str]) -> list[IndexFolder]:
    """Return the indexes that know some absolute paths, each once: those given; else that of the current
    folder where it does, or the one around the path.

    Raises what `find_index` does.
    """
    if given:
        return _each_once(find_index(path) for path in given)
    if not named:
        return [find_index(None)]
    here = _above(Path.cwd())
    found = []
    for path in named:
        folder = here if here is not None and _covers(here, path) else _around(Path(path)) or here
        if folder is None and not os.path.lexists(path):
            raise no_such_path(path)
        found.append(folder or find_index(None))
    return _each_once(found)


def find_indexes_to_ask(given: Sequence[Path] | None, named: Sequence[str]) -> list[IndexFolder]:
    """Return the indexes to ask about pictures, which need be in none, each once: those given; else that of
    the current folder; else those around the pictures, given by their absolute paths.

    Raises what `find_index` does.
    """
    if given:
        return _each_once(find_index(path) for path in given)
    if folder_above := _above(Path.cwd()):
        return [folder_above]
    folders = dict.fromkeys(path if path.is_dir() else path.parent for path in map(Path, named))
    return _each_once(found for folder in folders if (found := _above(folder))) or [find_index(None)]


def indexes_of_report(index: Path, roots: Iterable[Path]) -> list[IndexFolder]:
    """Return the index of a report, and those around folders that it is about and its index knows nothing of:
    a report may be made of several.

    Raises what `find_index` does.
    """
    first = find_index(index)
    others = (_around(root) for root in roots if not _covers(first, str(root)))
    return _each_once([first, *(other for other in others if other is not None)])


def _each_once(folders: Iterable[IndexFolder]) -> list[IndexFolder]:
    found: dict[str, IndexFolder] = {}
    for folder in folders:
        found.setdefault(os.path.realpath(folder.path), folder)
    if len(found) > 1:
        names = ", ".join(str(folder.path) for folder in found.values())
        note(f"asking {len(found)} indexes together: {names}")
    return list(found.values())


def _covers(folder: IndexFolder, path: str) -> bool:
    """Tell whether an index knows of something at, above or below a path."""
    from visualsearch_cli.index.open import open_reader

    with open_reader(folder) as catalog:
        return any(is_below(path, root.path) or is_below(root.path, path) for root in catalog.roots())


def find_index_to_write(given: Path | None, first_path: str | None) -> IndexFolder:
    """Return the index to write to; it need not exist yet.

    Raises IndexNotFound if there is none and no path to make one in.
    """
    if given is not None:
        if first_path is None:
            return find_index(given)
        _trust(folder := IndexFolder(given))
        return folder
    if folder_above := _above(Path.cwd()):
        return folder_above
    if first_path is None:
        return find_index(None)
    start = Path(first_path)
    if found := _around(start):
        return found
    folder = IndexFolder((start if start.is_dir() else start.parent) / INDEX_FOLDER)
    _check_link(folder)
    return folder


def index_around(given: Path | None) -> Path | None:
    """Return the folder of the index that was named, or is around the current one, if it is this user's."""
    try:
        folder = IndexFolder(given) if given is not None else _above(Path.cwd())
    except IndexStoreError:
        return None  # the command says so
    return folder.path if folder is not None and folder.exists() and _stranger(folder) is None else None


def known_indexes(here: Path) -> list[Path]:
    """Return the index folders around a folder, directly in the folders in it, and the one written last."""
    try:
        near = [folder / INDEX_FOLDER for folder in (here, *here.parents, *sorted(here.iterdir()))]
    except OSError:
        near = []
    last = _last_used()
    folders = [last] if last else []
    for path in reversed(near):
        with suppress(IndexStoreError):
            folders.insert(0, IndexFolder(path))
    return [folder.path for folder in folders if folder.exists()]


def _is_watched() -> bool:
    """Tell whether there is somebody who reads what is said by the way."""
    return sys.stderr.isatty() and not settings.quiet


def _around(path: Path) -> IndexFolder | None:
    """Return the nearest index in or above a folder, or the folder of a file."""
    return _above(path if path.is_dir() else path.parent)


def _above(start: Path) -> IndexFolder | None:
    for folder in (start, *start.parents):
        index = IndexFolder(folder / INDEX_FOLDER)
        if index.exists():
            _check_owner(index)
            _check_link(index)
            return index
    return None


def _check_owner(folder: IndexFolder) -> None:
    """Refuse what was found, and not named, if somebody else made it: anybody may put an index into a folder
    that others walk into, such as /tmp or a share."""
    owner = _stranger(folder)
    if owner is not None and remembered(TRUSTED).get(os.path.realpath(folder.path)) != str(owner):
        raise IndexUntrusted(
            f"{folder.path} belongs to another user (number {owner}), and what it says about your files may "
            f"not be true: pass --index {folder.path} once to use it from now on, or --index DIR for yours"
        )


def _check_link(folder: IndexFolder) -> None:
    """Refuse a link that was found, and not named: a folder from elsewhere may have one to any index of the
    user's, or to an empty folder."""
    link, target = os.path.abspath(folder.asked), os.path.realpath(folder.asked)
    if folder.asked.is_symlink() and remembered(TRUSTED).get(link) != target:
        raise IndexUntrusted(
            f"{link} is a symbolic link to {target}, and what comes with a folder may link anywhere: "
            f"pass --index {link} once to use it from now on, or --index DIR for another one"
        )


def _trust(folder: IndexFolder) -> None:
    """Remember that the user named the index of somebody else, or a link to one."""
    owner = _stranger(folder)
    if owner is not None:
        remember_said(TRUSTED, os.path.realpath(folder.path), str(owner))
    if folder.asked.is_symlink():
        remember_said(TRUSTED, os.path.abspath(folder.asked), os.path.realpath(folder.asked))


def _stranger(folder: IndexFolder) -> int | None:
    """Return the number of the user whom an index belongs to, unless that is this one or root."""
    if not hasattr(os, "geteuid"):
        return None  # Windows: its shares and disks have no such owners
    known = {0, os.geteuid()}
    if os.geteuid() == 0 and (behind := os.environ.get("SUDO_UID", "")).isdecimal():
        known.add(int(behind))
    for path in (folder.path, folder.catalog_path):
        try:
            owner = os.stat(path).st_uid
        except OSError:
            continue  # not there yet
        if owner not in known:
            return owner
    return None


def remember(folder: IndexFolder) -> None:
    """Note an index as the one used last. Failing to is no failure."""
    try:
        path, content = _memory(), os.fsencode(os.path.realpath(folder.path))
        if path.is_file() and path.read_bytes() == content:
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        with replacing(path) as written:
            written.write_bytes(content)
    except OSError:
        pass


def _last_used() -> IndexFolder | None:
    try:
        return IndexFolder(Path(os.fsdecode(_memory().read_bytes())))
    except (OSError, ValueError, IndexStoreError):
        return None


def _memory() -> Path:
    return state_folder() / "last-index"
