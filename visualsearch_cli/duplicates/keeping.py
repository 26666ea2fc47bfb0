"""Which file of a group is kept: keys in the order they count, each read only where those before it tie."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from visualsearch_cli.pictures.beside.names import Kind, kind_of, suffix_of
from visualsearch_cli.pictures.formats import RAW
from visualsearch_cli.pictures.held.holdings import Holdings
from visualsearch_cli.pictures.image import ImageRecord
from visualsearch_cli.pictures.metadata.values import Metadata
from visualsearch_cli.pictures.quality.file_names import copy_word, edited_word
from visualsearch_cli.reports.report import Companion
from visualsearch_cli.wording import counted, date, exact_date

if TYPE_CHECKING:
    from visualsearch_cli.pictures.quality.origin import Origin  # it loads Pillow and numpy


class Key(str, Enum):
    """What makes a file the one to keep."""

    REFERENCE = "reference"  # below a --reference folder
    DETAIL = "detail"  # what the pictures show of each other: sharpness, JPEG quality, true pixels
    ORIGINAL = "original"  # as a camera wrote it, before what a program saved from it
    RESOLUTION = "resolution"  # most true pixels: a copy that was only enlarged has no more than before
    FORMAT = "format"  # RAW, then lossless, then photographs' lossy formats, then the 256 colours of GIF
    QUALITY = "quality"  # what its JPEG quantisation tables say; lossless formats lose nothing
    EXIF = "exif"  # what the camera wrote is still there
    SIZE = "size"  # most bytes
    OLDEST = "oldest"  # by the date of capture, or else of the file
    NEWEST = "newest"
    SHORTEST_PATH = "shortest-path"
    LONGEST_PATH = "longest-path"


DEFAULT_KEEP = (
    Key.REFERENCE,
    Key.DETAIL,
    Key.ORIGINAL,
    Key.EXIF,
    Key.FORMAT,
    Key.QUALITY,
    Key.SIZE,
    Key.OLDEST,
    Key.SHORTEST_PATH,
)
"""The best original: the most detail, then what a camera wrote, then what lost least since."""

MEANINGS: Mapping[Key, str] = {
    Key.REFERENCE: "below a --reference folder",
    Key.DETAIL: "sharper, of better quality, with more true pixels",
    Key.ORIGINAL: "as a camera wrote it",
    Key.RESOLUTION: "more true pixels",
    Key.FORMAT: "RAW, lossless, lossy, 256 colors",
    Key.QUALITY: "higher JPEG quality",
    Key.EXIF: "what a camera writes, with the place",
    Key.SIZE: "more bytes",
    Key.OLDEST: "captured first",
    Key.NEWEST: "captured last",
    Key.SHORTEST_PATH: "shorter path",
    Key.LONGEST_PATH: "longer path",
}
"""What each key prefers, in a few words."""

LOSSLESS = frozenset({RAW, "PNG", "TIFF", "BMP", "DIB", "PPM"})
PALETTE = frozenset({"GIF"})
EPOCH = datetime(1970, 1, 1)
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
    managed: bool = False  # protected as another program's original, not because the user says so
    links: tuple[Path, ...] = ()  # other names of the same file
    companions: tuple[Companion, ...] = ()  # what lies beside it and goes or stays with it
    lists: tuple[Path, ...] = ()  # files that speak of all files of its folder, and so of it
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
        """Return what is larger for a file with more beside it: a film first, then the kinds of all else.

        Programs have suffixes of their own, so an .aae and an .xmp are two kinds.
        """
        others = (c.path.name for c in self.companions if kind_of(c.path.name) not in (Kind.RAW, Kind.FILM))
        return Kind.FILM in self._beside, len({suffix_of(name) for name in others})

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
        """Return what a file knows of its picture, with files beside it that are of it or speak of it."""

    def is_enlarged(self, image: ImageRecord, width: int, height: int) -> bool:
        """Tell whether an image shows no more than it would at a smaller size: it was enlarged from it."""

    def jpeg_quality(self, image: ImageRecord) -> int | None:
        """Return the quality, 1 to 100, that its quantisation tables stand for; None if it has none."""

    def exif(self, image: ImageRecord) -> int:
        """Return how much EXIF there is: 0 none, 1 some, 2 what a camera writes, 3 with the place."""

    def origin(self, image: ImageRecord) -> Origin:
        """Return who wrote it, by its header."""


@dataclass(frozen=True, slots=True)
class Value:
    """What a key says of a file."""

    order: tuple[float, ...]  # larger is better
    text: str
    exact: str = ""  # the same where two texts are equal and their order is not


def value_of(key: Key, item: Item, facts: Facts) -> Value:
    """Return what a key says of a file that may have to be read for it."""
    return _VALUES[key](item, facts)


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


def _format_rank(item: Item) -> int:
    if item.image.format == RAW:
        return 3
    return 2 if item.image.format in LOSSLESS else 0 if item.image.format in PALETTE else 1


_KNOWN: Mapping[Key, Callable[[Item], float]] = {
    Key.REFERENCE: lambda item: item.standing,
    Key.DETAIL: lambda item: item.pixels,
    Key.ORIGINAL: lambda item: -bool(edited_word(item.image.path)) - bool(copy_word(item.image.path)),
    Key.RESOLUTION: lambda item: item.pixels,
    Key.FORMAT: _format_rank,
    Key.SIZE: lambda item: item.image.size,
    Key.OLDEST: lambda item: -item.image.mtime_ns,
    Key.NEWEST: lambda item: item.image.mtime_ns,
    Key.SHORTEST_PATH: lambda item: -len(str(item.image.path)),
    Key.LONGEST_PATH: lambda item: len(str(item.image.path)),
}
"""What keys say without a look into the file, larger is better; some say more with one."""


def _quality(item: Item, facts: Facts) -> Value:
    if item.image.format in LOSSLESS:
        return Value((101,), "lossless")
    quality = facts.jpeg_quality(item.image)
    if quality is None:
        return Value((UNKNOWN_QUALITY,), f"{item.image.format}, of unknown quality")
    return Value((quality,), f"JPEG of quality {quality}")


def _exif(item: Item, facts: Facts) -> Value:
    amount = facts.exif(item.image)
    return Value((amount,), ("none", "some", "what a camera writes", "with the place")[amount])


def _date(item: Item, facts: Facts, sign: int) -> Value:
    """Return the date of capture, by the camera's clock, then that of the file; else the latter alone."""
    taken, changed = facts.origin(item.image).taken, item.image.mtime_ns / 1e9
    text, exact = (f"{told(item.image.mtime_ns)} (file time)" for told in (date, exact_date))
    if taken is None:
        return Value((sign * changed, sign * changed), text, exact)
    return Value((sign * (taken - EPOCH).total_seconds(), sign * changed), taken.isoformat(" "), exact)


def _length(item: Item, sign: int) -> Value:
    letters = len(str(item.image.path))
    return Value((sign * letters,), counted(letters, "letter"))


_VALUES: Mapping[Key, Callable[[Item, Facts], Value]] = {
    Key.REFERENCE: lambda item, _: Value(
        (item.standing - item.managed,), "protected" if item.standing > item.managed else "not protected"
    ),
    Key.FORMAT: lambda item, _: Value((_format_rank(item),), item.image.format),
    Key.QUALITY: _quality,
    Key.EXIF: _exif,
    Key.SIZE: lambda item, _: Value((item.image.size,), f"{item.image.size:,} bytes"),
    Key.OLDEST: lambda item, facts: _date(item, facts, -1),
    Key.NEWEST: lambda item, facts: _date(item, facts, 1),
    Key.SHORTEST_PATH: lambda item, _: _length(item, -1),
    Key.LONGEST_PATH: lambda item, _: _length(item, 1),
}
"""Of the keys that say something of one file alone."""
