"""What one file knows and another one does not."""

from __future__ import annotations

from datetime import datetime

import pytest

from visualsearch_cli.pictures.metadata.values import (
    GeoPoint,
    Known,
    Metadata,
    date_of,
    is_same_moment,
    is_same_point,
    joined,
    lacking,
    only_known_to,
    point_of,
    time_of,
)

FULL = Metadata(
    captured="2019-07-03T09:46:12",
    gps=GeoPoint(52.5, 13.4, 34.0),
    rating=4,
    title="Lake",
    caption="At the lake",
    camera="D90",
    maker="Nikon",
    keywords=("sea", "sun"),
    hierarchy=("Places|Berlin",),
    people=("Anna", "Ben"),
    creators=("Eva",),
    rights="(c) Eva",
    label="Red",
    headline="A day off",
    location="Trastevere",
    city="Rome",
    state="Lazio",
    country="Italy",
)


def test_nothing_is_lost_to_one_who_knows_the_same_or_more() -> None:
    assert not list(only_known_to(FULL, FULL)) and not list(only_known_to(Metadata(), FULL))
    assert lacking(FULL, FULL) == Metadata() and lacking(FULL, Metadata()) == FULL


def test_all_is_named_that_nobody_else_knows() -> None:
    assert [(known.field, known.value) for known in only_known_to(FULL, Metadata())] == [
        ("capture date", "2019-07-03T09:46:12"),
        ("GPS", "52.50000, 13.40000, 34 m"),
        ("rating", "4"),
        ("title", "Lake"),
        ("caption", "At the lake"),
        ("camera", "D90"),
        ("maker of the camera", "Nikon"),
        ("keywords", "sea, sun"),
        ("keywords in folders", "Places|Berlin"),
        ("people", "Anna, Ben"),
        ("creators", "Eva"),
        ("copyright", "(c) Eva"),
        ("label", "Red"),
        ("headline", "A day off"),
        ("location", "Trastevere"),
        ("city", "Rome"),
        ("state or province", "Lazio"),
        ("country", "Italy"),
    ]


def test_of_one_value_the_other_one_is_named_and_of_several_only_those_that_lack() -> None:
    other = Metadata(
        captured="2020-01-01T00:00:00", rating=2, caption="At  the lake", keywords=("sun",), people=("Cleo",)
    )
    its = Metadata(
        captured=FULL.captured, rating=4, caption=FULL.caption, keywords=FULL.keywords, people=("Anna",)
    )
    assert list(only_known_to(its, other)) == [
        Known("capture date", "2019-07-03T09:46:12", "2020-01-01T00:00:00"),
        Known("rating", "4", "2"),
        Known("keywords", "sea"),
        Known("people", "Anna"),
    ]
    assert lacking(its, other) == Metadata(keywords=("sea",), people=("Anna",))


def test_of_several_sources_the_first_value_counts_and_lists_are_joined() -> None:
    one = Metadata(rating=3, keywords=("a", "b"))
    assert joined([one, Metadata(rating=5, title="T", keywords=("b", "c"))]) == Metadata(
        rating=3, title="T", keywords=("a", "b", "c")
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2019:07:03 09:46:12", "2019-07-03T09:46:12"),
        ("2019:07:03 09:46:12.5000+02:00", "2019-07-03T09:46:12.5+02:00"),
        ("2019-07-03T09:46Z", "2019-07-03T09:46:00Z"),
        ("20190703", ""),
        ("2019-07-03", "2019-07-03"),
        ("2019-07-03T09:46:12+0200", "2019-07-03T09:46:12+02:00"),
        ("0000:00:00 00:00:00", ""),
        ("    :  :     :  :  ", ""),
        ("2019:13:03 09:46:12", ""),
        ("", ""),
    ],
)
def test_dates(text: str, expected: str) -> None:
    assert date_of(text) == expected
    assert date_of(expected) == expected


@pytest.mark.parametrize(
    ("its", "other", "same"),
    [
        ("2019-07-03T09:46:12", "2019-07-03T09:46:12.25+02:00", True),
        ("2019-07-03T07:46:12Z", "2019-07-03T09:46:12", True),  # Takeout has times in UTC
        ("2019-07-03T07:46:12Z", "2019-07-03T09:46:12+02:00", True),
        ("2019-07-03T07:46:12Z", "2019-07-03T09:46:12+01:00", False),
        ("2019-07-03T07:46:12Z", "2019-07-03T09:46:13", False),
        ("2019-07-03T07:46:12Z", "2019-07-04T09:46:12", False),
        ("2019-07-03", "2019-07-03T09:46:12", True),
        ("2019-07-03T09:46:12", "2019-07-03", False),
        ("2019-07-03T09:46:12", "2019-07-03T10:46:12", False),
    ],
)
def test_moments(its: str, other: str, same: bool) -> None:
    assert is_same_moment(its, other) is same


def test_points() -> None:
    assert point_of(0, 0) is None and point_of(91, 0) is None and point_of(float("nan"), 1) is None
    assert is_same_point(GeoPoint(10, 179.999995), GeoPoint(10.00001, -179.999995))
    assert not is_same_point(GeoPoint(10, 20), GeoPoint(10.001, 20))


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("2019:07:03 09:46:12", datetime(2019, 7, 3, 9, 46, 12)),
        ("2019:07:03 09:46:12\0", datetime(2019, 7, 3, 9, 46, 12)),
        ("2019:07:03", None),
        ("0000:00:00 00:00:00", None),
        ("    :  :     :  :  ", None),
        ("2019:07:03 09:46:60", None),
        ("", None),
    ],
)
def test_the_time_of_a_camera(text: str, time: datetime | None) -> None:
    assert time_of(text) == time
