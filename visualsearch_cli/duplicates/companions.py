"""From files to items: hard links to one file are one, and a RAW belongs to its JPEG."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from visualsearch_cli.duplicates.keeping import Item, place_order
from visualsearch_cli.index.roots import is_below
from visualsearch_cli.indexing.stores import Places, Treatment
from visualsearch_cli.pictures.formats import RAW, RAW_COMPANY, RAW_EXTENSIONS
from visualsearch_cli.pictures.image import ImageRecord, SkippedImage

CHANGED = "changed since it was indexed: run `visualsearch index` again"
GONE = "has vanished since it was indexed: run `visualsearch index` again"


@dataclass(slots=True)
class ItemMaker:
    """Looks at files as they are now, each folder and each file once."""

    references: Sequence[str] = ()  # absolute folders whose files are protected
    skipped: list[SkippedImage] = field(default_factory=list)
    _places: Places = field(default_factory=Places)
    _raws: dict[str, dict[str, list[Path]]] = field(default_factory=dict)
    _company: dict[str, set[str]] = field(default_factory=dict)

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
        if (state.st_size, state.st_mtime_ns) != (image.size, image.mtime_ns):
            self.skipped.append(SkippedImage(str(image.path), CHANGED))
            return None
        return state.st_dev, state.st_ino

    def _item(self, names: Sequence[ImageRecord]) -> Item:
        """Return the item of one file with all its names."""
        first, *others = sorted(names, key=lambda image: (-self._standing(image), place_order(image.path)))
        raws = {raw for image in names for raw in self._raws_beside(image.path)}
        return Item(
            first,
            protected=any(self._protects(image) for image in names),
            set_aside=self._standing(first) < 0,
            links=tuple(image.path for image in others),
            companions=tuple(sorted(raws, key=place_order)),
        )

    def _protects(self, image: ImageRecord) -> bool:
        """Tell whether a file is never offered: the user says so, or another program would miss it."""
        place = self._places.of(str(image.path))
        managed = place is not None and place.treatment is not Treatment.LEFT_OUT
        return managed or self._is_reference(image)

    def _standing(self, image: ImageRecord) -> int:
        """Return 1 for what is kept before others, -1 for what others are kept before."""
        place = self._places.of(str(image.path))
        if self._is_reference(image) or (place is not None and not place.is_left_out):
            return 1
        return 0 if place is None else -1

    def _is_reference(self, image: ImageRecord) -> bool:
        return any(is_below(str(image.path), folder) for folder in self.references)

    def _raws_beside(self, path: Path) -> list[Path]:
        if path.suffix.lower() not in RAW_COMPANY:
            return []
        return self._look(path)[0].get(path.stem, [])

    def _is_companion(self, path: Path) -> bool:
        return path.suffix.lower() in RAW_EXTENSIONS and path.stem in self._look(path)[1]

    def _look(self, path: Path) -> tuple[dict[str, list[Path]], set[str]]:
        """Return the RAW files in the folder of a file by stem, and the stems that may have one."""
        folder = str(path.parent)
        if folder not in self._raws:
            raws: dict[str, list[Path]] = defaultdict(list)
            company: set[str] = set()
            try:
                names = os.listdir(folder)
            except OSError:  # the files in it cannot be read either, which is said of each
                names = []
            for name in names:
                stem, suffix = os.path.splitext(name)
                if suffix.lower() in RAW_EXTENSIONS:
                    raws[stem].append(path.with_name(name))
                elif suffix.lower() in RAW_COMPANY:
                    company.add(stem)
            self._raws[folder], self._company[folder] = raws, company
        return self._raws[folder], self._company[folder]


def would_lose_raw(item: Item, kept: Item) -> bool:
    """Tell whether a file is a RAW, or has one beside it, that would not be left with the kept file.

    What lies beside a file is compared by kind and size; `apply` reads it.
    """
    if item.image.format == RAW and item.image.content_hash != kept.image.content_hash:
        return not _raws([item.image.path]) <= _raws(kept.companions)
    if not item.companions:
        return False  # most files: nothing need be looked at
    return not _raws(item.companions) <= _raws([*kept.companions, kept.image.path])


def _raws(paths: Iterable[Path]) -> set[tuple[str, int]]:
    found = set()
    for path in paths:
        try:
            found.add((path.suffix.lower(), os.stat(path).st_size))
        except OSError:  # nobody knows what it is: nothing else counts as the same
            found.add((str(path), -1))
    return found
