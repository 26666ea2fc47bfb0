"""What Google Photos knows of a picture, by the JSON that Takeout puts beside it."""

from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone
from typing import Any

from visualsearch_cli.pictures.metadata.values import GeoPoint, Metadata, clean, point_of

LARGEST = 4 << 20  # bytes: a hundred people and a long description take a hundredth of it
_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)


def metadata_of_takeout(data: bytes) -> Metadata:
    """Return what is known by a file of Takeout. Nothing is, by any other JSON. Its title is a file name."""
    if len(data) > LARGEST:
        return Metadata()
    try:
        document: Any = json.loads(data)
    except (ValueError, RecursionError):
        return Metadata()
    if not isinstance(document, dict):
        return Metadata()
    people = document.get("people")
    names = (
        [person.get("name") for person in people if isinstance(person, dict)]
        if isinstance(people, list)
        else []
    )
    return Metadata(
        captured=_taken(document.get("photoTakenTime")),
        gps=_place(document.get("geoData")) or _place(document.get("geoDataExif")),
        caption=_text(document.get("description")),
        people=tuple(dict.fromkeys(filter(None, map(_text, names)))),
    )


def _text(value: object) -> str:
    return clean(value) if isinstance(value, str) else ""


def _taken(value: object) -> str:
    """Return a moment, of seconds since 1970."""
    try:
        seconds = int(value["timestamp"])  # type: ignore[index]
        moment = _EPOCH + timedelta(seconds=seconds)
    except (KeyError, TypeError, ValueError, OverflowError):
        return ""
    return f"{moment:%Y-%m-%dT%H:%M:%S}Z" if seconds else ""


def _place(value: object) -> GeoPoint | None:
    try:
        latitude, longitude = (float(value[key]) for key in ("latitude", "longitude"))  # type: ignore[index]
        altitude = float(value.get("altitude") or 0)  # type: ignore[attr-defined]
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError):  # an integer of 400 digits
        return None
    return point_of(latitude, longitude, altitude or None)
