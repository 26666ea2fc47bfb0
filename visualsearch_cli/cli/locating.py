"""Where the index is: --index or its variable, then around the current folder, then the one last used."""

from __future__ import annotations

import os
from pathlib import Path

from visualsearch_cli.atomic import replacing, state_folder
from visualsearch_cli.cli.output.console import note
from visualsearch_cli.errors import IndexNotFound
from visualsearch_cli.index.folder import IndexFolder
from visualsearch_cli.index.records import INDEX_FOLDER


def find_index(given: Path | None) -> IndexFolder:
    """Return the index to read.

    Raises IndexNotFound with the places that were looked at.
    """
    if given is not None:
        folder = IndexFolder(given)
        if folder.exists():
            return folder
        raise IndexNotFound(
            f"there is no index in {given}: run `visualsearch index PATH --index {given}` first"
        )
    here = Path.cwd()
    if folder_above := _above(here):
        return folder_above
    last = _last_used()
    if last and last.exists():
        note(f"using {last.path}, the index written last (none in or above {here})")
        return last
    raise IndexNotFound(
        f"no {INDEX_FOLDER} in or above {here}: run `visualsearch index PATH` first, or pass --index DIR"
    )


def find_index_to_write(given: Path | None, first_path: str | None) -> IndexFolder:
    """Return the index to write to; it need not exist yet.

    Raises IndexNotFound if there is none and no path to make one in.
    """
    if given is not None:
        return IndexFolder(given) if first_path is not None else find_index(given)
    if folder_above := _above(Path.cwd()):
        return folder_above
    if first_path is None:
        return find_index(None)
    start = Path(first_path)
    start = start if start.is_dir() else start.parent
    return _above(start) or IndexFolder(start / INDEX_FOLDER)


def _above(start: Path) -> IndexFolder | None:
    for folder in (start, *start.parents):
        index = IndexFolder(folder / INDEX_FOLDER)
        if index.exists():
            return index
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
    except (OSError, ValueError):
        return None


def _memory() -> Path:
    return state_folder() / "last-index"
