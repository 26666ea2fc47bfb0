"""Which pictures are looked among: what is asked for, checked against an index."""

from __future__ import annotations

import datetime
import os
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from visualsearch_cli.errors import IndexIncompatible, VisualSearchError
from visualsearch_cli.fields import LARGEST
from visualsearch_cli.index.records import Circle, Filter
from visualsearch_cli.index.roots import key_of
from visualsearch_cli.named_tuples import NamedTuple
from visualsearch_cli.wording import checked_text, several, typed

if TYPE_CHECKING:
    from visualsearch_cli.index.open import OpenIndex
    from visualsearch_cli.index.records import FileKey

# No query waits for it to be compiled but those that name a date.
_DATE = r"(?!0000)\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01])(T([01]\d|2[0-3])(:[0-5]\d){0,2})?)?)?"

ALIASES = {
    "JPG": ("JPEG", "MPO"),
    "JPEG": ("JPEG", "MPO"),
    "TIF": ("TIFF",),
    "HEIC": ("HEIF",),
    "JP2": ("JPEG2000",),
    "JPEGXL": ("JXL",),
}
"""The formats of the catalog that a name stands for; others stand for themselves."""


class Where(NamedTuple):
    """Which pictures count: those of which all holds that is said here."""

    within: str | None = None  # absolute path: at or below it
    after: str | None = None  # captured then or later: the beginning of a date, YYYY to YYYY-MM-DDTHH:MM:SS
    before: str | None = None  # captured earlier
    cameras: str | Sequence[str] = ()  # any of these texts is in maker and model, whatever its case
    formats: str | Sequence[str] = ()  # any of these, such as "jpeg" or "raw"
    min_width: int = 0  # pixels, upright
    larger_than: int = 0  # bytes
    labels: str | Sequence[str] = ()  # any of these
    near: tuple[float, float, float] | None = None  # latitude, longitude (degrees, WGS 84), kilometers

    def checked(self) -> Where:
        """Return it, with tuples of texts. Raises ValueError for what cannot be meant."""
        for date in (self.after, self.before):
            if date is not None and not _begins_date(date):
                raise ValueError(f"'{date}' is not the beginning of a date, expected one such as 2019-07-03")
        for what, number in (("width", self.min_width), ("size", self.larger_than)):
            if not 0 <= number <= LARGEST:
                raise ValueError(f"a {what} of {number} is none: expected 0 to {LARGEST}")
        if self.near is not None:
            latitude, longitude, kilometers = self.near
            if not (abs(latitude) <= 90 and abs(longitude) <= 180 and 0 <= kilometers < float("inf")):
                raise ValueError(
                    f"{latitude:g},{longitude:g},{kilometers:g} is no place: expected a latitude from -90 to "
                    "90, a longitude from -180 to 180, and kilometers"
                )
        if self.after and self.before and self.after >= self.before:
            raise ValueError(
                f"nothing is both after {self.after} and before {self.before}: after takes the first date "
                "that counts, and before the first one that no longer does"
            )
        cameras, formats, labels = map(several, (self.cameras, self.formats, self.labels))
        for what, texts in (("the camera", cameras), ("the format", formats), ("the label", labels)):
            for text in texts:
                if not text.strip():
                    raise ValueError("an empty text was given: name a camera, a format or a label")
                checked_text(text, what)
        if formats:
            from visualsearch_cli.pictures.formats import FORMATS  # late: no other query needs it

            for text in formats:
                if not FORMATS.issuperset(_formats_named(text)):
                    known = ", ".join(sorted(name.lower() for name in {*FORMATS, *ALIASES}))
                    raise ValueError(f"'{text}' is no format of pictures: expected one of {known}")
        return self._replace(cameras=cameras, formats=formats, labels=labels)


ANYWHERE = Where()


class NotInIndex(VisualSearchError):
    """The index knows nothing of a place that was asked for."""


def filter_of(where: Where, index: OpenIndex) -> Filter:
    """Return a filter for the images of an index.

    Raises NotInIndex for a place or a label that it does not know, and IndexIncompatible if it is of a format
    that knows nothing of dates, cameras, places and labels.
    """
    formats = [name for text in several(where.formats) for name in _formats_named(text)]
    filter = Filter(
        _place_within(where.within, index),
        where.after or "",
        where.before or "",
        tuple(text.strip().lower() for text in several(where.cameras)),
        tuple(dict.fromkeys(formats)),
        where.min_width,
        where.larger_than,
        tuple(text.strip() for text in several(where.labels)),
        None if where.near is None else Circle(*where.near),
    )
    if filter.needs_facts:
        _check_facts(filter, index)
    return filter


def _begins_date(text: str) -> bool:
    """Tell whether there are moments that begin so: February has no 30th."""
    if not re.fullmatch(_DATE, text, re.ASCII):
        return False
    day = text[: len("2019-07-03")]
    if len(day) < len("2019-07-03"):
        return True
    try:
        datetime.date.fromisoformat(day)
    except ValueError:
        return False
    return True


def _formats_named(text: str) -> tuple[str, ...]:
    """Return the formats of the catalog that a name stands for, whatever its case."""
    name = text.strip().upper()
    return ALIASES.get(name, (name,))


def _check_facts(filter: Filter, index: OpenIndex) -> None:
    catalog = index.catalog
    if not catalog.has_facts():
        raise IndexIncompatible(
            f"{index.folder.path} was made by an older version and knows no dates, cameras, places and "
            "labels: run `visualsearch index` once, which brings it up to date"
        )
    if filter.labels and (unknown := sorted(set(filter.labels) - set(catalog.labels()))):
        known = ", ".join(sorted(catalog.labels())[:10]) or "none"
        raise NotInIndex(
            f"no picture has the label '{unknown[0]}' (known: {known}): give it with "
            "`visualsearch label PATH NAME`"
        )
    if waiting := len(catalog.contents_to_look_at()):
        index.messages.note(
            f"of {waiting} contents nobody has looked yet when, where and by what they were taken: "
            "`visualsearch index` does it"
        )


def _place_within(path: str | None, index: OpenIndex) -> FileKey | None:
    if path is None:
        return None
    roots = index.catalog.roots()
    key = key_of(path, roots)
    if key is None:
        covered = ", ".join(root.path for root in roots)
        raise NotInIndex(f"--within {path}: not inside the index, which covers {covered}")
    if not index.catalog.has_files(key):
        if os.path.lexists(path):
            raise NotInIndex(
                f"--within {path}: the index knows of no picture there: check the path, or run "
                f"`visualsearch index {typed(path)}` first"
            )
        raise NotInIndex(
            f"--within {path} does not exist, and the index knows of nothing there: check the path"
        )
    return key
