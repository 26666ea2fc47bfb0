"""What is known of a picture, in values that can be compared, and what one file knows but not another one."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from visualsearch_cli.named_tuples import NamedTuple

NEAR = 2e-5  # degrees: about two meters, less than any receiver of a camera is right about
FURTHEST_ZONE = timedelta(hours=14)
QUARTER = timedelta(minutes=15)  # what time zones differ by

NOWHERE = 1e-6  # degrees: nearer to 0, 0 than that is what programs write where they know nothing
_NOT_XML = (
    "[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]"  # to compile it takes 3 ms: when it is used
)

_DATE = re.compile(
    r"(\d{4})[:-](\d{2})[:-](\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(\.\d{1,9})?)?)?\s*(Z|[+-]\d{2}:?\d{2})?"
)


class GeoPoint(NamedTuple):
    """A place on Earth, WGS 84."""

    latitude: float  # degrees, north is positive
    longitude: float  # degrees, east is positive
    altitude: float | None = None  # meters above the sea


class Metadata(NamedTuple):
    """What is known of a picture. What is not known is empty.

    Not what programs note for themselves: history, previews, padding, profiles.
    """

    captured: str = ""  # ISO 8601, local time; fraction and zone only where they are known
    gps: GeoPoint | None = None
    rating: int = 0  # 1 to 5 stars, -1 for rejected; 0 stands for none, as programs write it
    title: str = ""
    caption: str = ""
    camera: str = ""  # its model
    maker: str = ""  # of the camera
    keywords: tuple[str, ...] = ()
    hierarchy: tuple[str, ...] = ()  # keywords with what they are below: "Places|Italy|Rome"
    people: tuple[str, ...] = ()
    creators: tuple[str, ...] = ()  # who took it
    rights: str = ""  # who may do what with it
    label: str = ""  # a color, or a word, that a program marked it with
    headline: str = ""
    location: str = ""  # the name of what is smaller than a city
    city: str = ""
    state: str = ""  # or province
    country: str = ""


NAMES = {
    "captured": "capture date",
    "gps": "GPS",
    "rating": "rating",
    "title": "title",
    "caption": "caption",
    "camera": "camera",
    "maker": "maker of the camera",
    "keywords": "keywords",
    "hierarchy": "keywords in folders",
    "people": "people",
    "creators": "creators",
    "rights": "copyright",
    "label": "label",
    "headline": "headline",
    "location": "location",
    "city": "city",
    "state": "state or province",
    "country": "country",
}
"""The fields in words, in the order in which they are named."""


class Known(NamedTuple):
    """Something that one file knows and another one does not."""

    field: str  # a name of `NAMES`
    value: str  # in words
    other: str = ""  # what the other file has in its place; empty: nothing


def joined(parts: Iterable[Metadata]) -> Metadata:
    """Return what several sources know together: of a single value the first one counts."""
    known: dict[str, object] = {}
    for part in parts:
        for name, value in part._asdict().items():
            if isinstance(value, tuple) and not isinstance(value, GeoPoint):
                before = known.get(name, ())
                assert isinstance(before, tuple)
                known[name] = tuple(dict.fromkeys((*before, *value)))
            elif value and not known.get(name):
                known[name] = value
    return Metadata(**known)  # type: ignore[arg-type]


def only_known_to(its: Metadata, other: Metadata) -> Iterator[Known]:
    """Yield what one file knows and another one does not, or has another value of."""
    missing, differing = lacking(its, other), _differing(its, other)
    for name, word in NAMES.items():
        if value := getattr(missing, name):
            yield Known(word, in_words(value))
        elif name in differing:
            yield Known(word, in_words(getattr(its, name)), in_words(getattr(other, name)))


def lacking(its: Metadata, other: Metadata) -> Metadata:
    """Return what one file knows and another one has no value of; of several values, those that it lacks."""
    known: dict[str, object] = {}
    for name in Metadata._fields:
        value, there = getattr(its, name), getattr(other, name)
        if isinstance(value, tuple) and not isinstance(value, GeoPoint):
            have = {_folded(text) for text in there}
            known[name] = tuple(text for text in value if _folded(text) not in have)
        elif value and not there:
            known[name] = value
    return Metadata(**known)  # type: ignore[arg-type]


def _differing(its: Metadata, other: Metadata) -> set[str]:
    """Return the names of the fields of which both have one value, and not the same: a number or a text."""
    found = {
        name
        for name in NAMES
        if isinstance(getattr(its, name), (str, int))
        and name != "captured"
        and getattr(its, name)
        and getattr(other, name)
        and _folded(getattr(its, name)) != _folded(getattr(other, name))
    }
    if its.captured and other.captured and not is_same_moment(its.captured, other.captured):
        found.add("captured")
    if its.gps and other.gps and not is_same_point(its.gps, other.gps):
        found.add("gps")
    return found


def _folded(value: object) -> str:
    return " ".join(str(value).split())


def in_words(value: object) -> str:
    """Return a value as it is shown."""
    if isinstance(value, GeoPoint):
        altitude = "" if value.altitude is None else f", {value.altitude:.0f} m"
        return f"{value.latitude:.5f}, {value.longitude:.5f}{altitude}"
    if isinstance(value, tuple):
        return ", ".join(map(str, value))
    return str(value)


def clean(text: str) -> str:
    """Return a text without what XML cannot hold, and without the spaces around it."""
    return re.sub(_NOT_XML, "", text).strip()


def date_of(text: str) -> str:
    """Return a date of EXIF, IPTC or XMP as ISO 8601 has it; nothing for what is none."""
    found = _DATE.match(text.strip("\0 "))
    if found is None:
        return ""
    year, month, day, hour, minute, second, fraction, zone = found.groups()
    try:
        datetime(int(year), int(month), int(day), int(hour or 0), int(minute or 0), min(59, int(second or 0)))
    except ValueError:  # "0000:00:00 00:00:00" is what cameras write without a clock
        return ""
    date = f"{year}-{month}-{day}"
    if hour is None:
        return date
    fraction = (fraction or "").rstrip("0").rstrip(".")
    zone = zone or ""
    if len(zone) == 5:
        zone = f"{zone[:3]}:{zone[3:]}"
    return f"{date}T{hour}:{minute}:{second or '00'}{fraction}{zone}"


def time_of(text: str) -> datetime | None:
    """Return a date of EXIF to the second, by the camera's clock; None for what is none, or has no time."""
    date = date_of(text)
    if "T" not in date:
        return None
    try:
        return datetime.fromisoformat(date[: len("2019-07-03T09:46:12")])
    except ValueError:  # a leap second
        return None


def is_same_moment(its: str, other: str) -> bool:
    """Tell whether a date is the other one, or less exact than it.

    Where just one says its time zone, they may be a zone apart: Takeout has times in UTC.
    """
    if its == other or (len(its) == len("2019-07-03") and other.startswith(its)):
        return True
    a, b = _moment(its), _moment(other)
    if a is None or b is None:
        return False
    apart = abs(a.replace(tzinfo=None) - b.replace(tzinfo=None))
    if a.tzinfo and b.tzinfo:
        apart = abs(a - b)
    elif a.tzinfo or b.tzinfo:
        return apart <= FURTHEST_ZONE and not apart % QUARTER
    return not apart


def _moment(text: str) -> datetime | None:
    """Return a moment to the second."""
    found = _DATE.match(text)
    if found is None or found[4] is None:
        return None
    zone = "" if found[8] is None else found[8].replace("Z", "+00:00")
    try:
        return datetime.fromisoformat(
            f"{found[1]}-{found[2]}-{found[3]}T{found[4]}:{found[5]}:{found[6] or '00'}{zone}"
        )
    except ValueError:
        return None


def is_same_point(a: GeoPoint, b: GeoPoint) -> bool:
    """Tell whether two places are one, as far as it is written down."""
    east = abs(a.longitude - b.longitude)
    return abs(a.latitude - b.latitude) <= NEAR and min(east, 360 - east) <= NEAR


def point_of(latitude: float, longitude: float, altitude: float | None = None) -> GeoPoint | None:
    """Return a place; None for what is none, such as 0, 0."""
    if not (math.isfinite(latitude) and math.isfinite(longitude)):
        return None
    if max(abs(latitude), abs(longitude)) < NOWHERE or abs(latitude) > 90 or abs(longitude) > 180:
        return None
    if altitude is not None and not math.isfinite(altitude):
        altitude = None
    return GeoPoint(latitude, longitude, altitude)
