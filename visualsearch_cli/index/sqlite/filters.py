"""Filters as conditions of SQL: on rows of `facts`, to find contents, and on images, to keep some of them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from enum import Enum
from typing import TYPE_CHECKING, Any

from visualsearch_cli.index.records import EVERYTHING, Circle, Filter
from visualsearch_cli.index.sqlite.database import INTEGER, NULL, Database, Types
from visualsearch_cli.index.sqlite.rows import below, chunks

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

FACTS_SINCE = 7  # the format that has facts and labels

EARTH = 6371.0088  # km, the mean radius (IUGG)
DEGREE = math.pi / 180 * EARTH  # km of a degree of latitude
SAMPLE = 300  # contents that the share is estimated by
MOST_LOOKED_UP = 20_000  # rows: to find more by an index takes longer than to pass over a million
MOST_COVERED = 200_000  # likewise, where the index has all that is asked for
MOST_CAMERAS = 2_000  # names that are read before the filter looks at each row instead

REAL: Types = frozenset({float, int})

Condition = tuple[list[str], list[Any]]
"""Terms, all of which must hold, and their parameters."""


class By(Enum):
    """By which index of `facts` rows are found."""

    CAPTURED = "facts_by_captured"
    CAMERA = "facts_by_camera"
    PLACE = "facts_by_place"


def of_facts(filter: Filter, *, one_by_one: bool = False, by: By | None = None) -> Condition:
    """Return conditions on rows of `facts f`. They hold for all that the filter lets through, and for some
    more: of files that were not looked at yet the size is not known, and a circle is taken for a box.

    one_by_one: for a few rows, each of which is looked up; else for all, and what is listed is listed first.
    by: the index that rows are found by, if any.
    """
    terms, parameters = _of_both(filter, "f.width", "f.format", by)
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


def _of_both(filter: Filter, width: str, format: str, by: By | None = None) -> Condition:
    terms: list[str] = []
    parameters: list[Any] = []
    # SQLite takes no index for what has a plus before it: it does not know which one lets less through.
    captured, camera, latitude = (
        f"{'' if by is each else '+'}f.{name}"
        for each, name in ((By.CAPTURED, "captured"), (By.CAMERA, "camera"), (By.PLACE, "latitude"))
    )

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
        add(f"{captured} >= ?", filter.after)
    if filter.before:
        add(f"{captured} < ?", filter.before)
    if filter.cameras and filter.in_full:
        add(f"f.camera <> '' AND {camera} IN ({_marks(filter.cameras)})", *filter.cameras)
    elif filter.cameras:
        add(f"({' OR '.join(['instr(f.camera, ?)'] * len(filter.cameras))})", *filter.cameras)
    if filter.near is not None:
        box, sides = _box(filter.near, latitude)
        add(box, *sides)
    return terms, parameters


def _marks(values: Iterable[Any]) -> str:
    return ",".join("?" for _ in values)


def _box(circle: Circle, column: str) -> tuple[str, list[float]]:
    """Return the condition for a box around a circle; around a pole or the date line, a band. `column` has
    the latitudes."""
    high = circle.kilometers / DEGREE
    box, sides = f"{column} BETWEEN ? AND ?", [circle.latitude - high, circle.latitude + high]
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

    if filter.labels and filter == EVERYTHING._replace(labels=filter.labels):  # facts need no look
        sql = "SELECT DISTINCT k.id FROM labels l JOIN contents k ON k.hash = l.hash WHERE l.label IN"
        named = f"{sql} ({_marks(filter.labels)})"
        return np.sort(database.numbers("contents", "id", named, filter.labels))
    filter, by = _found_by(database, filter)
    terms, parameters = of_facts(filter, by=by)
    where = f"WHERE {' AND '.join(terms)}" if terms else ""
    found = f"INDEXED BY {by.value}" if by else "NOT INDEXED" if not _is_listed(filter) else ""
    among = f"FROM facts f {found} {where}"
    if filter.near is None:
        return np.sort(database.numbers("facts", "content_id", f"SELECT f.content_id {among}", parameters))
    columns = {"content_id": INTEGER, "latitude": REAL, "longitude": REAL}
    rows = database.table(
        "facts", columns, f"SELECT f.content_id, f.latitude, f.longitude {among}", parameters
    )
    places = np.array([row[1:] for row in rows], np.float64).reshape(-1, 2)
    is_near = kilometers(places[:, 0], places[:, 1], filter.near) <= filter.near.kilometers
    return np.sort(np.array([row[0] for row in rows], np.int64)[is_near])


def _found_by(database: Database, filter: Filter) -> tuple[Filter, By | None]:
    """Return by which index few rows are found, if by any, and the filter with whole names of cameras."""
    indexes = "SELECT name FROM sqlite_master WHERE type = 'index'"
    known = {name for (name,) in database.rows(indexes)}
    if not known.issuperset(by.value for by in By):  # of an older format
        return filter, None
    if filter.cameras and (names := _cameras(database)) is not None:
        meant = tuple(name for name in names if any(text in name for text in filter.cameras))
        filter = filter._replace(cameras=meant or ("",), in_full=True)
    asked = {
        By.CAPTURED: EVERYTHING._replace(after=filter.after, before=filter.before),
        By.CAMERA: EVERYTHING._replace(cameras=filter.cameras, in_full=True)
        if filter.in_full
        else EVERYTHING,
        By.PLACE: EVERYTHING._replace(near=filter.near),
    }
    wanted = {by: alone for by, alone in asked.items() if alone._replace(in_full=False) != EVERYTHING}
    for by, alone in wanted.items():
        if alone._replace(in_full=filter.in_full) == filter:
            return filter, by  # an index holds all that is asked for
    if _is_listed(filter):
        return filter, None
    most = {
        by: MOST_COVERED if by is By.CAPTURED and filter.near is None else MOST_LOOKED_UP for by in wanted
    }
    counts = {by: _at_most(database, alone, by, most[by] + 1) for by, alone in wanted.items()}
    few = [by for by in wanted if counts[by] <= most[by]]
    return filter, min(few, key=lambda by: counts[by], default=None)


def _is_listed(filter: Filter) -> bool:
    """Tell whether a list of contents leads to the rows: those of a folder, or with a label."""
    return filter.within is not None or bool(filter.labels)


def _cameras(database: Database) -> list[str] | None:
    """Return the names of all cameras, from the index, which jumps from one to the next. None: too many."""
    names: list[str] = []
    last = ""
    while rows := database.rows("SELECT min(camera) FROM facts WHERE camera <> '' AND camera > ?", (last,)):
        last = rows[0][0]
        if last is None:
            return names
        names.append(last)
        if len(names) > MOST_CAMERAS:
            return None
    return names


def _at_most(database: Database, filter: Filter, by: By, most: int) -> int:
    """Count the rows that an index leads to, up to so many."""
    terms, parameters = of_facts(filter, by=by)
    among = f"SELECT 1 FROM facts f INDEXED BY {by.value} WHERE {' AND '.join(terms)}"
    sql = f"SELECT count(*) FROM ({among} LIMIT {most})"
    return int(database.rows(sql, parameters)[0][0])


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
