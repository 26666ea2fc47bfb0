"""Features match across the edits that SIFT promises, and in a mirror."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from tests.helpers.pictures import photograph
from visualsearch_cli.verdicts.comparison import LocalFeatures
from visualsearch_cli.verdicts.opencv.features import MOST, NO_FEATURES, detect
from visualsearch_cli.verdicts.opencv.hypotheses.matching import RATIO, match

PIXELS = np.asarray(photograph("coffee"))


def test_a_mirrored_picture_matches_as_such_only() -> None:
    features, mirrored = detect(PIXELS), detect(np.ascontiguousarray(PIXELS[:, ::-1]))
    points_a, points_b = match(features, mirrored, mirrored=True)
    assert len(points_a) > 0.8 * len(features)
    assert np.median(np.abs(points_a - points_b)) < 0.005
    assert len(match(features, mirrored)[0]) < 0.2 * len(features)


def test_detection_is_bounded_and_repeatable() -> None:
    first, second = detect(PIXELS), detect(PIXELS)
    assert 0 < len(first) <= MOST
    assert (first.points == second.points).all() and (first.descriptors == second.descriptors).all()
    assert ((first.points >= 0) & (first.points <= 1)).all()


def test_a_plain_picture_has_none_and_matches_none() -> None:
    plain = detect(np.full((100, 100, 3), 128, np.uint8))
    assert len(plain) == 0
    assert len(match(plain, detect(PIXELS))[0]) == len(match(detect(PIXELS), NO_FEATURES)[0]) == 0


@pytest.mark.parametrize("count", [2, 31, 32, 33, 200])
def test_matches_are_those_of_opencv(count: int) -> None:
    a, b = detect(PIXELS), detect(np.ascontiguousarray(PIXELS[: len(PIXELS) * 2 // 3]))
    few = LocalFeatures(b.points[:count], b.descriptors[:count])
    rooted = [np.sqrt(f.descriptors / f.descriptors.sum(axis=1, keepdims=True)) for f in (few, a)]
    query, train = (rows.astype(np.float32) for rows in rooted)
    found = cv2.BFMatcher(cv2.NORM_L2).knnMatch(query, train, k=2)
    good = [first for first, second in found if first.distance < RATIO * second.distance]
    points_a, points_b = match(a, few)
    assert (points_a == a.points[[pair.trainIdx for pair in good]]).all()
    assert (points_b == few.points[[pair.queryIdx for pair in good]]).all()
