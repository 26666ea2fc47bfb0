"""Which neighbors of a query are looked at, and when that ends."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import count
from pathlib import Path

from visualsearch_cli.errors import ImageUnreadable
from visualsearch_cli.pictures.image import ImageRecord
from visualsearch_cli.search.matches import NOT_LOOKED_AT, Match, QueryResult
from visualsearch_cli.search.proving import Limits, looked_at
from visualsearch_cli.verdicts.evidence import CandidatePair, Evidence
from visualsearch_cli.verdicts.verdict import Verdict

LIMIT = 0.4


def image(name: str) -> ImageRecord:
    return ImageRecord(hash(name), 1, Path("/photos", name), 1, 1, name, 100, 100, "JPEG")


def near(name: str, distance: float) -> Match:
    is_near = distance <= LIMIT
    verdict = Verdict.SIMILAR if is_near else None
    return Match(image(name), distance, verdict, is_far=not is_near, reason=NOT_LOOKED_AT if is_near else "")


class Looking:
    """A judge by the names of files, and what it was asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def judge(self, pairs: Sequence[CandidatePair]) -> list[Evidence]:
        names = [pair.b.path.name for pair in pairs]
        self.asked += names
        return [
            Evidence(Verdict.SIMILAR, 0.1, reason="not compared", failure=f"{name}: is damaged")
            if name.startswith("bad")
            else Evidence(Verdict(name.split("-")[0]), 0.1, reason=f"looked at {name}")
            for name in names
        ]


def asked(*matches: Match, limits: Limits, seconds: float = 0.0) -> tuple[list[str], tuple[Match, ...]]:
    judge, clock = Looking(), count(0.0, seconds)
    result = QueryResult(Path("/q.jpg"), matches)
    found = looked_at(result, lambda: image("query"), lambda: judge, limits, lambda: next(clock))
    return judge.asked, found.matches


def test_the_first_that_is_the_same_ends_it() -> None:
    names, matches = asked(
        near("similar-1", 0.1), near("same-2", 0.2), near("same-3", 0.3), limits=Limits(LIMIT)
    )
    assert names == ["similar-1", "same-2"]
    assert [match.looked_at for match in matches] == [True, True, False]
    assert [match.verdict for match in matches] == [Verdict.SIMILAR, Verdict.SAME, Verdict.SIMILAR]
    assert matches[1].reason == "looked at same-2" and matches[2].reason == NOT_LOOKED_AT


def test_what_has_the_same_pixels_is_at_distance_0() -> None:
    """A PNG of a JPEG's pixels is reduced otherwise before it is embedded: its vector is near by."""
    _, matches = asked(near("pixels-1", 0.008), near("same-2", 0.01), limits=Limits(LIMIT))
    assert [(match.verdict, match.distance) for match in matches] == [
        (Verdict.PIXELS, 0.0),
        (Verdict.SIMILAR, 0.01),
    ]


def test_what_one_look_tells_holds_for_all_files_with_these_bytes() -> None:
    first, other = near("same-a", 0.1), near("same-b", 0.1)
    other = other._replace(image=other.image._replace(content_hash=first.image.content_hash))
    names, matches = asked(first, near("similar-c", 0.1), other, limits=Limits(LIMIT), seconds=1.0)
    assert names == ["same-a"]
    assert [match.looked_at for match in matches] == [True, False, True]


def test_no_more_than_three_are_looked_at_and_no_stranger_is() -> None:
    many = [near(f"edited-{n}", n / 10) for n in range(1, 9)]
    names, matches = asked(*many, limits=Limits(LIMIT))
    assert names == ["edited-1", "edited-2", "edited-3"]
    assert matches[7].is_stranger and not matches[3].is_stranger
    assert len(asked(*many, limits=Limits(0.55, None, None, None))[0]) == 5


def test_none_is_begun_late_but_the_first_one_is() -> None:
    many = [near(f"edited-{n}", n / 10) for n in range(1, 4)]
    assert asked(*many, limits=Limits(LIMIT), seconds=0.06)[0] == ["edited-1", "edited-2"]
    assert asked(*many, limits=Limits(LIMIT), seconds=60)[0] == ["edited-1"]


def test_what_needs_no_look_ends_none() -> None:
    identical = near("a", 0.0)._replace(verdict=Verdict.IDENTICAL)
    gone, away = near("same-b", 0.1)._replace(missing=True), near("same-c", 0.1)._replace(offline=True)
    names, _ = asked(identical, gone, away, near("same-d", 0.2), limits=Limits(LIMIT))
    assert names == ["same-d"]

    def never() -> Looking:
        raise AssertionError("there is nothing to look at")

    alone = QueryResult(Path("/q.jpg"), (identical, gone))
    assert looked_at(alone, lambda: image("query"), never, Limits(LIMIT)) == alone


def test_what_cannot_be_compared_says_why_and_proves_nothing() -> None:
    _, (bad, same) = asked(near("bad.jpg", 0.1), near("same-b", 0.2), limits=Limits(LIMIT))
    assert (bad.verdict, bad.looked_at) == (Verdict.SIMILAR, False)
    assert bad.reason == "not compared: bad.jpg: is damaged"
    assert same.verdict is Verdict.SAME


def test_a_query_that_went_away_is_not_looked_at() -> None:
    def gone() -> ImageRecord:
        raise ImageUnreadable("does not exist")

    result = QueryResult(Path("/q.jpg"), (near("same-a", 0.1),))
    assert looked_at(result, gone, Looking, Limits(LIMIT)) == result
