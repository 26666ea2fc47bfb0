"""A fit in words."""

from __future__ import annotations

import math

import pytest

from visualsearch_cli.verdicts.comparison import Agreement, Alignment
from visualsearch_cli.verdicts.evidence import Matrix
from visualsearch_cli.verdicts.words import describe


def alignment(matrix: Matrix, a: float, b: float, *, mirrored: bool = False) -> Alignment:
    agreement = Agreement(
        covered_a=a,
        covered_b=b,
        residual=0.01,
        correlation=1,
        shapes=0,
        letters=0,
        moved=0,
        recolored=0,
        hue_turned=0,
        miscolored=0,
        tint=0,
        peak=0,
        change=0,
        faded=0,
        structure=0.2,
        detail=0.5,
    )
    return Alignment(matrix, mirrored, 30, agreement)


IDENTITY: Matrix = ((1, 0, 0), (0, 1, 0), (0, 0, 1))


def test_a_crop() -> None:
    crop: Matrix = ((0.8, 0, 0.1), (0, 0.775, 0.1), (0, 0, 1))
    words = describe(alignment(crop, 0.62, 1), (1000, 1000), (400, 388))
    assert words == "crop of 62 %, scaled 0.50, no rotation"


@pytest.mark.parametrize(
    ("matrix", "words"),
    [
        (IDENTITY, "no rotation"),
        (((0, 1, 0), (-1, 0, 1), (0, 0, 1)), "rotated 90° clockwise"),
        (((0, -1, 1), (1, 0, 0), (0, 0, 1)), "rotated 90° counterclockwise"),
        (((-1, 0, 1), (0, -1, 1), (0, 0, 1)), "half a turn"),
    ],
)
def test_turns(matrix: Matrix, words: str) -> None:
    turned = describe(alignment(matrix, 1, 1), (500, 500), (500, 500))
    assert turned == f"full frame, scaled 1.00, {words}"


def test_a_mirror() -> None:
    mirror: Matrix = ((-1, 0, 1), (0, 1, 0), (0, 0, 1))
    words = describe(alignment(mirror, 1, 1, mirrored=True), (640, 480), (320, 240))
    assert words == "full frame, scaled 0.50, mirrored, no rotation"


def test_a_larger_picture_a_stretch_and_a_tilt() -> None:
    assert describe(alignment(IDENTITY, 1, 0.5), (500, 500), (500, 500)).startswith(
        "all of it on 50 % of a larger picture"
    )
    assert "stretched by 33 %" in describe(alignment(IDENTITY, 1, 1), (400, 400), (400, 300))
    tilted: Matrix = ((1, 0, 0), (0, 1, 0), (0.1, 0, 1))
    assert "in perspective" in describe(alignment(tilted, 1, 1), (400, 400), (400, 400))


def test_a_rotation_by_some_degrees() -> None:
    angle = math.radians(10)
    cosine, sine = math.cos(angle), math.sin(angle)
    matrix: Matrix = ((cosine, sine, 0), (-sine, cosine, 0), (0, 0, 1))
    assert "rotated 10° clockwise" in describe(alignment(matrix, 0.9, 0.9), (500, 500), (500, 500))
