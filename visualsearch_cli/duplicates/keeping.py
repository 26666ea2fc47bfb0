"""Which file of a group is kept: keys in the order they count, each read only where those before it tie."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Any, Protocol

from visualsearch_cli.pictures.beside.names import Kind, kind_of
from visualsearch_cli.pictures.formats import RAW
from visualsearch_cli.pictures.held.holdings import Holdings, outweighs
from visualsearch_cli.pictures.image import ImageRecord
from visualsearch_cli.pictures.metadata.values import Metadata
from visualsearch_cli.reports.report import Companion


class Key(str, Enum):
    """What makes a file the one to keep."""

    REFERENCE = "reference"  # below a --reference folder
    RESOLUTION = "resolution"  # most true pixels: a copy that was only enlarged has no more than before
    FORMAT = "format"  # RAW, then lossless, then photographs' lossy formats, then the 256 colours of GIF
    QUALITY = "quality"  # what its JPEG quantisation tables say; lossless formats lose nothing
    EXIF = "exif"  # what the camera wrote is still there
    SIZE = "size"  # most bytes
    OLDEST = "oldest"  # by modification time
    NEWEST = "newest"
    SHORTEST_PATH = "shortest-path"
    LONGEST_PATH = "longest-path"


DEFAULT_KEEP = (
    Key.REFERENCE,
    Key.RESOLUTION,
    Key.EXIF,
    Key.FORMAT,
    Key.QUALITY,
    Key.SIZE,
    Key.OLDEST,
    Key.SHORTEST_PATH,
)
"""The best original: the most detail, then what a camera wrote, then what lost least since."""

LOSSLESS = frozenset({RAW, "PNG", "TIFF", "BMP", "DIB", "PPM"})
PALETTE = frozenset({"GIF"})
UNKNOWN_QUALITY = 75
"""Of a lossy format that does not say: what most programs write when nobody asks for more."""


def keys_named(names: Iterable[str]) -> tuple[Key, ...]:
    """Return the keys of some names, each once.

    Raises ValueError for a name that is not one, or if there are none.
    """
    known = ", ".join(key.value for key in Key)
    keys: list[Key] = []
    for name in dict.fromkeys(names):
        try:
            keys.append(Key(name))
        except ValueError:
            raise ValueError(f"'{name}' is not a key, expected some of {known}") from None
    if not keys:
        raise ValueError(f"no key was given, expected some of {known}")
    return tuple(keys)


@dataclass(frozen=True, slots=True)
class Item:
    """One thing to keep or to remove: a file, its other names, and what belongs to it."""

    image: ImageRecord
    protected: bool = False  # below a --reference folder, or another program would miss it
    links: tuple[Path, ...] = ()  # other names of the same file
    companions: tuple[Companion, ...] = ()  # what lies beside it and goes or stays with it
    set_aside: bool = False  # in a bin or a snapshot, or made by another program: kept for want of others
    note: str = ""  # why it is protected, where that needs a word

    @property
    def pixels(self) -> int:
        """As the file has them, whether they show anything or not."""
        return self.image.width * self.image.height

    @property
    def standing(self) -> int:
        """Return 1 for what is protected, -1 for what is set aside, protected or not, and 0 for all else."""
        return -1 if self.set_aside else int(self.protected)

    @property
    def raw_rank(self) -> int:
        """Return 2 for a picture with its RAW beside it, 1 for a RAW alone, 0 for what has none."""
        return 2 if Kind.RAW in self._beside else int(self.image.format == RAW)

    @property
    def company_rank(self) -> tuple[bool, int]:
        """Return what is larger for a file with more beside it: a film first, then the kinds of all else."""
        kinds = set(self._beside)
        return Kind.FILM in kinds, len(kinds - {Kind.RAW, Kind.FILM})

    @property
    def _beside(self) -> list[Kind | None]:
        return [kind_of(companion.path.name) for companion in self.companions]


class Facts(Protocol):
    """What only the file itself can tell. Each answer costs reading it, so each is asked for once, late.

    Files that cannot be read have nothing to their credit.
    """

    def holdings(self, image: ImageRecord) -> Holdings:
        """Return what a file holds beside the picture that it shows first."""

    def metadata(self, image: ImageRecord, beside: Iterable[Path]) -> Metadata:
        """Return what a file knows of its picture, with the files beside it that belong to it."""

    def is_enlarged(self, image: ImageRecord, width: int, height: int) -> bool:
        """Tell whether an image shows no more than it would at a smaller size: it was enlarged from it."""

    def jpeg_quality(self, image: ImageRecord) -> int | None:
        """Return the quality, 1 to 100, that its quantisation tables stand for; None if it has none."""

    def exif(self, image: ImageRecord) -> int:
        """Return how much EXIF there is: 0 none, 1 some, 2 what a camera writes, 3 with the place."""


def best(items: Sequence[Item], keys: Sequence[Key], facts: Facts) -> Item:
    """Return the one to keep of files that show the same picture.

    The place, and what is a RAW or has one beside it, comes before all keys: what is protected, or a RAW, is
    never given up for a file that is not, nor any file for one that is set aside. Next comes what a file
    holds: none is kept if another one holds all that it does, and more; then what lies beside it. Where all
    keys tie, the path decides, so that it does not depend on the order in which files are found.
    """
    left = _best_of(items, lambda item: (item.standing, item.raw_rank))
    if len(left) > 1:
        left = _best_of(_fullest(left, facts), lambda item: item.company_rank)
    for key in keys:
        if len(left) == 1:
            break
        left = _by_resolution(left, facts) if key is Key.RESOLUTION else _best_of(left, _value(key, facts))
    return min(left, key=lambda item: place_order(item.image.path))


def expected_order(item: Item, keys: Sequence[Key]) -> tuple[Any, ...]:
    """Return what sorts files by how likely they are kept, from what the catalog knows: nothing is read."""
    known = [_KNOWN[key](item) for key in keys if key in _KNOWN]
    first = (-item.standing, -item.raw_rank)
    return (*first, *(-value for value in known), place_order(item.image.path))


def order_of_copies(item: Item, keys: Sequence[Key]) -> tuple[Any, ...]:
    """Return what sorts files of equal bytes: the place and what lies beside them comes before the keys."""
    film, kinds = item.company_rank
    return (-item.standing, -item.raw_rank, -film, -kinds, *expected_order(item, keys))


def place_order(path: Path) -> tuple[int, str]:
    """Return what sorts paths: fewer folders, then by name."""
    return len(path.parts), str(path)


def _best_of(items: Sequence[Item], value: Callable[[Item], Any]) -> list[Item]:
    values = [value(item) for item in items]
    highest = max(values)
    return [item for item, its in zip(items, values, strict=True) if its == highest]


def _fullest(items: Sequence[Item], facts: Facts) -> list[Item]:
    """Return the items but those that another one outweighs by what it holds."""
    held = [facts.holdings(item.image) for item in items]
    kinds = set(held)
    highest = {kind for kind in kinds if not any(outweighs(other, kind) for other in kinds)}
    return [item for item, its in zip(items, held, strict=True) if its in highest]


def _value(key: Key, facts: Facts) -> Callable[[Item], int]:
    if key is Key.QUALITY:
        return lambda item: _quality(item, facts)
    if key is Key.EXIF:
        return lambda item: facts.exif(item.image)
    return _KNOWN[key]


def _quality(item: Item, facts: Facts) -> int:
    if item.image.format in LOSSLESS:
        return 101
    quality = facts.jpeg_quality(item.image)
    return UNKNOWN_QUALITY if quality is None else quality


def _by_resolution(items: Sequence[Item], facts: Facts) -> list[Item]:
    """Return the items with the most true pixels: an enlarged one stands behind what it was made of.

    It is compared with every smaller size, since it may have been enlarged more than once.
    """
    sizes = sorted({(item.pixels, item.image.width, item.image.height) for item in items}, reverse=True)
    left: list[Item] = list(items)
    for pixels, *_ in sizes:
        smaller = [(width, height) for count, width, height in sizes if count < pixels]
        left = [
            item
            for item in items
            if item.pixels == pixels and not any(facts.is_enlarged(item.image, *size) for size in smaller)
        ]
        if left:
            break
    return left


def _format_rank(item: Item) -> int:
    if item.image.format == RAW:
        return 3
    return 2 if item.image.format in LOSSLESS else 0 if item.image.format in PALETTE else 1


_KNOWN: Mapping[Key, Callable[[Item], int]] = {
    Key.REFERENCE: lambda item: item.standing,
    Key.RESOLUTION: lambda item: item.pixels,
    Key.FORMAT: _format_rank,
    Key.SIZE: lambda item: item.image.size,
    Key.OLDEST: lambda item: -item.image.mtime_ns,
    Key.NEWEST: lambda item: item.image.mtime_ns,
    Key.SHORTEST_PATH: lambda item: -len(str(item.image.path)),
    Key.LONGEST_PATH: lambda item: len(str(item.image.path)),
}
"""The keys that need no look into the file, larger is better."""
