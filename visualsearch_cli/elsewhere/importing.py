"""Copies files that are only in a folder to another one. Nothing is overwritten, companions stay together."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from visualsearch_cli.acting.disk import Disk
from visualsearch_cli.atomic import temporary_name
from visualsearch_cli.elsewhere.presence import Presence, State
from visualsearch_cli.errors import ActionError, FileChanged, VisualSearchError

TRIES = 1000  # names with a number that are tried where a name is taken


@dataclass(frozen=True, slots=True)
class Imported:
    """What became of one file."""

    source: Path
    destination: Path | None  # None: it was not copied
    was_there: bool = False  # with these very bytes, from an earlier run perhaps
    error: str = ""


def check_target(target: Path, folder: Path) -> None:
    """Refuse a folder to copy to that lies in the one that is copied from, or is no folder.

    Raises VisualSearchError.
    """
    real, source = os.path.realpath(target), os.path.realpath(folder)
    if real == source or real.startswith(source.rstrip(os.sep) + os.sep):
        raise VisualSearchError(f"{target} lies in {folder}, from which is copied: choose another folder")
    if os.path.lexists(real) and not os.path.isdir(real):
        raise VisualSearchError(f"{target} is not a folder: choose another one")


def import_files(files: Iterable[Presence], folder: Path, target: Path, disk: Disk) -> Iterator[Imported]:
    """Copy what is only in a folder, or cannot be read as a picture, to the same place below another one.

    A picture and what belongs to it get one number where any of their names is taken. Each copy is read again
    before it gets its name. What fails is left out, and says why; what is there already is not copied again.
    """
    done: set[Path] = set()
    for group in _groups(files):
        waiting = [path for path in group if path not in done]
        done.update(waiting)
        yield from _import(waiting, folder, target, disk)


def _groups(files: Iterable[Presence]) -> Iterator[list[Path]]:
    for file in files:
        if file.state is not State.ELSEWHERE and os.path.isfile(file.path):
            yield [file.path, *file.companions]


def _import(group: Sequence[Path], folder: Path, target: Path, disk: Disk) -> Iterator[Imported]:
    if not group:
        return
    try:
        hashes = {path: disk.read(path)[1] for path in group}
        places, there = _free_places(group, hashes, folder, target, disk)
    except ActionError as error:
        yield from (Imported(path, None, error=str(error)) for path in group)
        return
    for path in group:
        if path in there:
            yield Imported(path, places[path], was_there=True)
            continue
        try:
            _copy(path, places[path], hashes[path], disk)
        except ActionError as error:
            yield Imported(path, None, error=str(error))
        else:
            yield Imported(path, places[path])


def _free_places(
    group: Sequence[Path], hashes: dict[Path, str], folder: Path, target: Path, disk: Disk
) -> tuple[dict[Path, Path], set[Path]]:
    """Return where each file of a group goes, and which of them are there already, byte for byte."""
    stem = group[0].stem
    for number in range(1, TRIES):
        places = {path: _numbered(target / path.relative_to(folder), stem, number) for path in group}
        there = {path for path, place in places.items() if disk.look(place) is not None}
        if all(_holds(places[path], hashes[path], disk) for path in there):
            return places, there
    raise ActionError(f"{target} has {TRIES - 1} other files named {group[0].name}: choose another folder")


def _numbered(place: Path, stem: str, number: int) -> Path:
    start = stem if place.name.startswith(stem) else place.stem
    return place if number == 1 else place.with_name(f"{start} ({number}){place.name[len(start) :]}")


def _holds(place: Path, content_hash: str, disk: Disk) -> bool:
    with suppress(ActionError):
        return disk.read(place)[1] == content_hash
    return False


def _copy(source: Path, place: Path, content_hash: str, disk: Disk) -> None:
    disk.make_folder(place.parent)
    temporary = place.with_name(temporary_name())
    entry = disk.look(source)
    if entry is None:
        raise FileChanged(f"{source} is gone: it was not copied")
    try:
        disk.copy(source, temporary, entry)
        copied, found = disk.read(temporary)
        if found != content_hash:
            raise FileChanged(f"{source} was read twice and was not the same: check the disk or the card")
        disk.rename_new(temporary, place, copied)
    finally:
        with suppress(OSError):
            os.unlink(temporary)
