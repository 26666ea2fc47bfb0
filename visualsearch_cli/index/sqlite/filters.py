"""Filters as conditions of SQL: on rows of `facts`, to find contents, and on images, to keep some of them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from visualsearch_cli.index.records import Circle, Filter
from visualsearch_cli.index.sqlite.database import INTEGER, NULL, Database, Types
from visualsearch_cli.index.sqlite.rows import below, chunks

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

FACTS_SINCE = 7  # the format that has facts and labels

EARTH = 6371.0088  # km, the mean radius (IUGG)
DEGREE = math.pi / 180 * EARTH  # km of a degree of latitude
SAMPLE = 300  # contents that the share is estimated by

REAL: Types = frozenset({float, int})

Condition = tuple[list[str], list[Any]]
"""Terms, all of which must hold, and their parameters."""


def of_facts(filter: Filter, *, one_by_one: bool = False) -> Condition:
    """Return conditions on rows of `facts f`. They hold for all that the filter lets through, and for some
    more: of files that were not looked at yet the size is not known, and a circle is taken for a box.

    one_by_one: for a few rows, each of which is looked up; else for all, and what is listed is listed first.
    """
    terms, parameters = _of_both(filter, "f.width", "f.format")
    if filter.labels:
        named = f"l.label IN ({_marks(filter.labels)})"
        joined = "FROM contents k JOIN labels l ON l.hash = k.hash WHERE"
        terms.append(
            f"EXISTS (SELECT 1 {joined} k.id = f.content_id AND {named})"
            if one_by_one
            else f"f.content_id IN (SELECT k.id {joined} {named})"
        )
        parameters += filter.labels
    if filter.larger_than:
        terms.append("(f.size > ? OR f.looked_at = 0)")
        parameters.append(filter.larger_than)
    if filter.within is not None:
        condition, place = below(filter.within, "i")
        # Of a few contents the images are looked up, not those of the whole folder for each.
        chosen = "INDEXED BY images_by_content" if one_by_one else ""
        there = f"FROM images i {chosen} WHERE i.missing = 0 AND {condition}"
        terms.append(
            f"EXISTS (SELECT 1 {there} AND i.content_id = f.content_id)"
            if one_by_one
            else f"f.content_id IN (SELECT i.content_id {there})"
        )
        parameters += place
    return terms, parameters


def of_images(filter: Filter) -> Condition:
    """Return conditions on rows of `images i`, `contents c` and, where the filter needs them, `facts f`. A
    circle is taken for a box."""
    terms, parameters = _of_both(filter, "c.width", "c.format")
    if filter.larger_than:
        terms.append("i.size > ?")
        parameters.append(filter.larger_than)
    if filter.labels:
        named = f"l.label IN ({_marks(filter.labels)})"
        terms.append(f"EXISTS (SELECT 1 FROM labels l WHERE l.hash = c.hash AND {named})")
        parameters += filter.labels
    if filter.within is not None:
        condition, place = below(filter.within, "i")
        terms.append(condition)
        parameters += place
    return terms, parameters


def _of_both(filter: Filter, width: str, format: str) -> Condition:
    terms: list[str] = []
    parameters: list[Any] = []

    def add(term: str, *values: Any) -> None:
        terms.append(term)
        parameters.extend(values)

    if filter.min_width:
        add(f"{width} >= ?", filter.min_width)
    if filter.formats:
        add(f"{format} IN ({_marks(filter.formats)})", *filter.formats)
    if filter.after or filter.before:
        add("f.captured <> ''")
    if filter.after:
        add("f.captured >= ?", filter.after)
    if filter.before:
        add("f.captured < ?", filter.before)
    if filter.cameras:
        add(f"({' OR '.join(['instr(f.camera, ?)'] * len(filter.cameras))})", *filter.cameras)
    if filter.near is not None:
        box, sides = _box(filter.near)
        add(box, *sides)
    return terms, parameters


def _marks(values: Iterable[Any]) -> str:
    return ",".join("?" for _ in values)


def _box(circle: Circle) -> tuple[str, list[float]]:
    """Return the condition for a box around a circle; around a pole or the date line, a band."""
    high = circle.kilometers / DEGREE
    box, sides = "f.latitude BETWEEN ? AND ?", [circle.latitude - high, circle.latitude + high]
    ratio = math.sin(min(math.pi / 2, circle.kilometers / EARTH)) / max(
        1e-9, math.cos(math.radians(circle.latitude))
    )
    if ratio < 1:
        wide = math.degrees(math.asin(ratio))
        west, east = circle.longitude - wide, circle.longitude + wide
        if west >= -180 and east <= 180:
            return f"{box} AND f.longitude BETWEEN ? AND ?", [*sides, west, east]
    return box, sides


def kilometers(
    latitude: npt.NDArray[np.float64], longitude: npt.NDArray[np.float64], circle: Circle
) -> npt.NDArray[np.float64]:
    """Return how far places, each of shape (n,) in degrees, are from the center of a circle: haversine."""
    import numpy as np

    here, there = np.radians(circle.latitude), np.radians(latitude)
    east = np.radians(longitude - circle.longitude)
    half = np.sin((there - here) / 2) ** 2 + np.cos(here) * np.cos(there) * np.sin(east / 2) ** 2
    far: npt.NDArray[np.float64] = 2 * EARTH * np.arcsin(np.sqrt(np.clip(half, 0, 1)))
    return far


def contents_where(database: Database, filter: Filter) -> npt.NDArray[np.int64]:
    """Return the ids of contents that a filter lets through, rising, and some more as `of_facts` says; of
    those in a circle no others. Some may have no file that is there."""
    import numpy as np

    terms, parameters = of_facts(filter)
    where = f"WHERE {' AND '.join(terms)}" if terms else ""
    columns: dict[str, Types] = {"content_id": INTEGER}
    if filter.near is not None:
        columns |= {"latitude": REAL, "longitude": REAL}
    names = ", ".join(f"f.{name}" for name in columns)
    rows = database.table(
        "facts", columns, f"SELECT {names} FROM facts f {where} ORDER BY f.content_id", parameters
    )
    ids = np.fromiter((row[0] for row in rows), np.int64, len(rows))
    if filter.near is None or not rows:
        return ids
    places = np.array([row[1:] for row in rows], np.float64)
    return ids[kilometers(places[:, 0], places[:, 1], filter.near) <= filter.near.kilometers]


def in_circle(database: Database, contents: Iterable[int], circle: Circle) -> set[int]:
    """Return those of some contents that were taken in a circle."""
    import numpy as np

    found: set[int] = set()
    columns: Mapping[str, Types] = {
        "content_id": INTEGER,
        "latitude": REAL | NULL,
        "longitude": REAL | NULL,
    }
    for chunk, marks in chunks(sorted(contents)):
        rows = database.table(
            "facts",
            columns,
            f"SELECT content_id, latitude, longitude FROM facts WHERE content_id IN ({marks})",
            chunk,
        )
        known = [row for row in rows if row[1] is not None and row[2] is not None]
        if known:
            places = np.array([row[1:] for row in known], np.float64)
            near = kilometers(places[:, 0], places[:, 1], circle) <= circle.kilometers
            found.update(row[0] for row, is_near in zip(known, near.tolist(), strict=True) if is_near)
    return found


def share_of(database: Database, filter: Filter) -> float:
    """Return about which share of the contents a filter lets through, by some of them."""
    # Asked together, SQLite would pass over all rows.
    ((first, last),) = database.rows(
        "SELECT (SELECT min(content_id) FROM facts), (SELECT max(content_id) FROM facts)"
    )
    if first is None:
        return 0.0
    step = max(1, (last - first) // SAMPLE)
    ids = range(first, last + 1, step)
    terms, parameters = of_facts(filter, one_by_one=True)
    asked = hits = 0
    for chunk, marks in chunks(ids):
        among = f"FROM facts f WHERE f.content_id IN ({marks})"
        asked += database.rows(f"SELECT count(*) {among}", chunk)[0][0]
        if terms:
            condition = " AND ".join(terms)
            hits += database.rows(f"SELECT count(*) {among} AND {condition}", (*chunk, *parameters))[0][0]
    return hits / asked if asked and terms else 1.0
