from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from visualsearch_cli.calibration.levels import Calibration, Levels
from visualsearch_cli.pictures.image import ImageRecord
from visualsearch_cli.search.matches import Match
from visualsearch_cli.search.thinning import COPY_DISTANCE, copy_distance, distinct, diverse

QUERY = 0.0  # degrees: vectors here lie in a plane


def match(name: str, content: int, degrees: float) -> Match:
    image = ImageRecord(content, content, Path(name), 1, 1, f"{content:064x}", 1, 1, "JPEG")
    return Match(image, 1 - math.cos(math.radians(degrees - QUERY)), None)


def vectors(**degrees: float) -> dict[str, npt.NDArray[np.float32]]:
    return {
        f"{int(name[1:]):064x}": np.array([math.cos(math.radians(d)), math.sin(math.radians(d))], np.float32)
        for name, d in degrees.items()
    }


def names(matches: list[Match]) -> list[str]:
    return [str(match.image.path) for match in matches]


def test_copies_are_one_row_and_named_in_it() -> None:
    found = [match("a", 1, 5), match("a again", 1, 5), match("a saved again", 2, 6), match("b", 3, 40)]
    thinned = distinct(found, vectors(c1=5, c2=6, c3=40), 0.001)
    assert names(thinned) == ["a", "b"]
    assert [str(copy.path) for copy in thinned[0].copies] == ["a again", "a saved again"]
    assert thinned[1].copies == ()


def test_likeness_does_not_chain() -> None:
    """Each is near to the one before it, but only the second to the first."""
    found = [match("a", 1, 0), match("b", 2, 2), match("c", 3, 4)]
    limit = 1 - math.cos(math.radians(2.5))
    assert names(distinct(found, vectors(c1=0, c2=2, c3=4), limit)) == ["a", "c"]


def test_the_order_stays_where_only_nearness_counts() -> None:
    found = [match(name, n, d) for n, (name, d) in enumerate([("a", 1), ("b", 2), ("c", 50)], 1)]
    assert diverse(found, vectors(c1=1, c2=2, c3=50), 2, 1.0) == found[:2]


def test_what_differs_comes_before_what_is_nearer() -> None:
    found = [match("a", 1, 10), match("b", 2, 11), match("c", 3, -30), match("d", 4, 80)]
    where = vectors(c1=10, c2=11, c3=-30, c4=80)
    assert names(diverse(found, where, 2, 0.5)) == ["a", "c"]
    assert names(diverse(found, where, 2, 0.0)) == ["a", "d"]
    assert names(diverse(found, where, 9, 0.5)) == ["a", "c", "b", "d"]
    assert diverse([], {}, 3, 0.5) == []


def burst_rows(groups: int, each: int) -> tuple[list[Match], dict[str, npt.NDArray[np.float32]]]:
    """Bursts of pictures that are near to each other, some nearer to a query than others."""
    random = np.random.default_rng(7)
    query = np.eye(32, dtype=np.float32)[0]
    rows = {}
    matches = []
    for group in range(groups):
        center = query * 3 + random.normal(size=32) * (0.6 + 0.02 * group)
        for frame in range(each):
            vector = center + random.normal(size=32) * 0.05
            vector /= np.linalg.norm(vector)
            number = group * each + frame + 1
            rows[f"{number:064x}"] = vector.astype(np.float32)
            matches.append(match(f"{group}/{frame}", number, 0)._replace(distance=float(1 - vector @ query)))
    return sorted(matches, key=lambda found: found.distance), rows


def test_more_bursts_are_shown_than_by_nearness() -> None:
    found, rows = burst_rows(groups=12, each=8)
    nearest = {name.split("/")[0] for name in names(found[:10])}
    differing = {name.split("/")[0] for name in names(diverse(found, rows, 10, 0.5))}
    assert len(nearest) <= 4 and len(differing) >= 9


@pytest.mark.parametrize("least", [0.05, -0.1])
def test_copies_are_told_by_the_strictest_level(least: float) -> None:
    levels = Levels((0.4, 0.3, 0.2, least))
    assert copy_distance(Calibration(levels, None, 10, "test")) == max(0.0, least)
    assert copy_distance(None) == COPY_DISTANCE
