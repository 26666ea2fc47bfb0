"""From files to items: hard links to one file are one, and what lies beside a picture belongs to it."""

from __future__ import annotations

import os
import stat
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path

from visualsearch_cli.duplicates.keeping import Item, place_order
from visualsearch_cli.errors import ImageUnreadable
from visualsearch_cli.index.roots import is_below
from visualsearch_cli.indexing.stores import Places, Treatment
from visualsearch_cli.pictures.beside.company import Companions, names_in
from visualsearch_cli.pictures.beside.names import Kind, kind_of, suffix_of
from visualsearch_cli.pictures.formats import RAW
from visualsearch_cli.pictures.image import ImageRecord, SkippedImage, is_same_time, mtime_of
from visualsearch_cli.pictures.reading import read_file
from visualsearch_cli.reports.report import Companion

CHANGED = "changed since it was indexed: run `visualsearch index` again"
REPAIRED = "found by a repair"
GONE = "has vanished since it was indexed: run `visualsearch index` again"

HASHED = 1 << 20
"""Bytes. Smaller companions are compared by content, larger ones (RAWs, films) by size; `apply` reads all."""


@dataclass(slots=True)
class ItemMaker:
    """Looks at files as they are now, each folder and each file once."""

    references: Sequence[str] = ()  # absolute folders whose files are protected
    skipped: list[SkippedImage] = field(default_factory=list)
    _places: Places = field(default_factory=Places)
    _beside: Companions = field(default_factory=lambda: Companions(names_in))

    def items(self, images: Iterable[ImageRecord]) -> list[Item]:
        """Return the items that the files of one content are, those named first by path.

        What changed or vanished since it was indexed is added to `skipped`. A RAW whose JPEG lies beside it
        is no item of its own.
        """
        files: dict[tuple[int, int], list[ImageRecord]] = defaultdict(list)
        for image in images:
            if identity := self._unchanged(image):
                files[identity].append(image)
        found = [self._item(names) for names in files.values()]
        return [item for item in found if not self._is_companion(item.image.path)]

    def _unchanged(self, image: ImageRecord) -> tuple[int, int] | None:
        """Return the device and inode of a file that is as it was indexed."""
        try:
            state = os.stat(image.path)
        except OSError as error:
            gone = isinstance(error, (FileNotFoundError, NotADirectoryError))
            reason = GONE if gone else f"cannot be read: {error.strerror}"
            self.skipped.append(SkippedImage(str(image.path), reason))
            return None
        if state.st_size != image.size or not is_same_time(mtime_of(state), image.mtime_ns):
            self.skipped.append(SkippedImage(str(image.path), CHANGED))
            return None
        return state.st_dev, state.st_ino

    def _item(self, names: Sequence[ImageRecord]) -> Item:
        """Return the item of one file with all its names."""
        first, *others = sorted(names, key=lambda image: (-self._standing(image), place_order(image.path)))
        paths = {image.path for image in names}
        beside = {path for image in names for path in self._beside.of(image.path)}
        return Item(
            first,
            protected=any(self._protects(image) for image in names),
            managed=self._treatment(first) is Treatment.ORIGINALS and not self._is_reference(first),
            set_aside=self._standing(first) < 0,
            lists=tuple(self._beside.lists(first.path.parent)),
            note=REPAIRED if any(self._treatment(image) is Treatment.FOUND for image in names) else "",
            links=tuple(image.path for image in others),
            companions=tuple(
                companion
                for path in sorted(beside, key=place_order)
                if (companion := self._companion(path, paths))
            ),
        )

    def _protects(self, image: ImageRecord) -> bool:
        """Tell whether a file is never offered: the user says so, or another program would miss it."""
        managed = self._treatment(image) not in (None, Treatment.LEFT_OUT)
        return managed or self._is_reference(image)

    def _treatment(self, image: ImageRecord) -> Treatment | None:
        place = self._places.of(str(image.path))
        return None if place is None else place.treatment

    def _standing(self, image: ImageRecord) -> int:
        """Return 1 for what is kept before others, -1 for what others are kept before."""
        treatment = self._treatment(image)
        if self._is_reference(image) or treatment is Treatment.ORIGINALS:
            return 1
        return 0 if treatment is None else -1

    def _is_reference(self, image: ImageRecord) -> bool:
        return any(is_below(str(image.path), folder) for folder in self.references)

    def _companion(self, path: Path, owners: set[Path]) -> Companion | None:
        """Return a file as a companion of a picture that has some names; None if it is no file."""
        try:
            state = os.lstat(path)
        except OSError:
            return None
        if stat.S_ISDIR(state.st_mode):
            return None
        others = tuple(owner for owner in self._beside.owners(path) if owner not in owners)
        return Companion(path, state.st_size, mtime_of(state), shared_with=others)

    def _is_companion(self, path: Path) -> bool:
        """Tell whether a file belongs to another one: of those that are indexed, only a RAW may."""
        return kind_of(path.name) is Kind.RAW and bool(self._beside.owners(path))


def would_lose_raw(item: Item, kept: Item) -> bool:
    """Tell whether a file is a RAW, or has one beside it, that would not be left with the kept file.

    What lies beside a file is compared by kind and size; `apply` reads it.
    """
    if item.image.format == RAW:
        return is_lost_raw(item, kept)
    raws = _raw_paths(item)
    if not raws:
        return False  # most files: nothing need be looked at
    return not _raws(raws) <= _raws([*_raw_paths(kept), kept.image.path])


def is_lost_raw(item: Item, kept: Item) -> bool:
    """Tell whether a file is a RAW that would not be left with the kept file."""
    if item.image.format != RAW or item.image.content_hash == kept.image.content_hash:
        return False
    return not _raws([item.image.path]) <= _raws(_raw_paths(kept))


def compared(
    companions: Iterable[Companion], kept: Item, going: Collection[Path] = frozenset()
) -> tuple[tuple[Companion, ...], str]:
    """Return the companions of a copy, those that are like one of the kept file hashed, and why it must stay.

    That is, if something belongs to this copy, and else only to pictures that are going, and has no equal
    beside the kept file; else nothing.
    """
    theirs = {companion.path for companion in kept.companions}
    found, alone = [], ""
    for companion in companions:
        if companion.path not in theirs and all(path in going for path in companion.shared_with):
            content_hash = _hash_of_equal(companion, kept)
            if content_hash is None:
                alone = alone or f"{companion.path.name} belongs to it and has no copy beside the kept file"
            else:
                companion = replace(companion, content_hash=content_hash)
        found.append(companion)
    return tuple(found), alone


def _hash_of_equal(companion: Companion, kept: Item) -> str | None:
    """Return the content hash of a companion whose equal the kept file has, "" if it is too large to be read.

    None: there is no equal.
    """
    beside = [(other.path, other.size, other.mtime_ns) for other in kept.companions]
    if kept.image.format == RAW:
        beside.append((kept.image.path, kept.image.size, kept.image.mtime_ns))
    suffix, size = suffix_of(companion.path.name), companion.size
    equal = [other for other in beside if (suffix_of(other[0].name), other[1]) == (suffix, size)]
    if not equal or not _is_file(companion.path):
        return None
    if size > HASHED:
        return ""
    content_hash = _content_hash(companion.path, size, companion.mtime_ns)
    return (
        content_hash if content_hash and content_hash in [_content_hash(*other) for other in equal] else None
    )


@lru_cache(maxsize=1024)
def _content_hash(path: Path, size: int, mtime_ns: int | None) -> str:
    """Return the content hash of a small file, hexadecimal; "" if it cannot be read.

    Size and mtime are not looked at, but tell what was remembered from what is there now.
    """
    del size, mtime_ns
    try:
        return read_file(path).content_hash.hex()
    except ImageUnreadable:
        return ""


def _is_file(path: Path) -> bool:
    try:
        return stat.S_ISREG(os.lstat(path).st_mode)
    except OSError:
        return False


def _raw_paths(item: Item) -> list[Path]:
    return [companion.path for companion in item.companions if kind_of(companion.path.name) is Kind.RAW]


def _raws(paths: Iterable[Path]) -> set[tuple[str, int]]:
    found = set()
    for path in paths:
        try:
            found.add((path.suffix.lower(), os.stat(path).st_size))
        except OSError:  # nobody knows what it is: nothing else counts as the same
            found.add((str(path), -1))
    return found
