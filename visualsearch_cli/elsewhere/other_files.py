"""Files of a folder that are no pictures: films, notes, archives. Of these only the bytes are compared, with
the files that are on the disk elsewhere, since no index knows them."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path

from visualsearch_cli.atomic import is_temporary
from visualsearch_cli.elsewhere.one_file import Leaving, hash_of, is_file, size_of
from visualsearch_cli.elsewhere.presence import Copy, Presence, State
from visualsearch_cli.errors import ActionError
from visualsearch_cli.index.records import INDEX_FOLDER
from visualsearch_cli.index.roots import is_below
from visualsearch_cli.indexing.stores import Places
from visualsearch_cli.pictures.beside.company import Companions
from visualsearch_cli.pictures.beside.names import Kind, kind_of
from visualsearch_cli.verdicts.verdict import Verdict

OF_SYSTEMS = frozenset({".ds_store", ".localized", "desktop.ini", "thumbs.db", "ehthumbs.db"})
"""What systems write into folders that they show, and write again: in lower case. "._NAME" is, too."""


def other_files_in(
    folder: str, pictures: Collection[Path], left_out: Collection[Path], companions: Companions
) -> list[Path]:
    """Return the regular files in a folder that are no pictures, nor what belongs to one of them, by path."""
    known, without = set(pictures), {str(path) for path in left_out}
    found = []
    for path in files_below(folder, without):
        if path in known or path.name.lower() in OF_SYSTEMS or path.name.startswith("._"):
            continue
        belongs = kind_of(path.name) not in (None, Kind.RAW) and bool(companions.owners(path))
        if not belongs and not is_temporary(path.name) and is_file(path):
            found.append(path)
    return sorted(found, key=str)


class OtherFiles:
    """Looks for the bytes of files in folders on the disk, without those in one folder."""

    def __init__(self, folders: Sequence[str], without: str, leaving: Leaving) -> None:
        self._folders = folders
        self._without = without
        self._leaving = leaving
        self._hashes: dict[Path, str] = {}

    def presences(self, files: Sequence[Path]) -> Iterator[Presence]:
        """Yield of each file whether it is only here, in order."""
        by_size = self._of_sizes({size_of(path) for path in files}) if files else {}
        for path in files:
            size = size_of(path)
            try:
                known = hash_of(path)
            except ActionError as error:
                why = str(error).removeprefix(f"{path} ")
                yield Presence(path, size, State.UNREADABLE, why, is_picture=False)
                continue
            copy = next((other for other in by_size.get(size, ()) if self._is_copy(known, other)), None)
            if copy is None:
                yield Presence(path, size, State.ONLY, "no picture", None, known, is_picture=False)
            else:
                same = Copy(copy, Verdict.IDENTICAL)
                yield Presence(path, size, State.ELSEWHERE, "", same, known, is_picture=False)

    def _of_sizes(self, sizes: Collection[int]) -> dict[int, list[Path]]:
        found: dict[int, list[Path]] = defaultdict(list)
        stores = Places()
        for folder in dict.fromkeys(self._folders):
            for path in files_below(folder, {self._without}) if os.path.isdir(folder) else [Path(folder)]:
                wanted = is_file(path) and (size := size_of(path)) in sizes and path not in found[size]
                if wanted and not stores.leaves_out(str(path)):
                    found[size].append(path)
        return found

    def _is_copy(self, content_hash: str, other: Path) -> bool:
        try:
            if other not in self._hashes:
                self._hashes[other] = hash_of(other)
            return self._hashes[other] == content_hash and self._leaving.is_under_another_path(other) is None
        except (ActionError, OSError):
            return False


def files_below(folder: str, without: Collection[str] = ()) -> Iterator[Path]:
    """Yield all that is no folder at or below a folder, without indexes, and without some folders."""
    for top, folders, names in os.walk(folder):
        folders[:] = sorted(
            name for name in folders if name != INDEX_FOLDER and os.path.join(top, name) not in without
        )
        if any(is_below(top, other) for other in without):
            continue
        yield from (Path(top, name) for name in names)
