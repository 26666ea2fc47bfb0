"""Real pictures against their edits, and against what only looks like them."""

from __future__ import annotations

from random import Random

import numpy as np
import pytest
from PIL import Image

from benchmarks.accuracy.hard_negatives import burst, parts, recolored
from benchmarks.material.editing import saved, thumbnail
from benchmarks.material.edits import DIHEDRAL, UPRIGHT, edited
from tests.helpers.pictures import photograph, stereo
from visualsearch_cli.pictures.image import Pixels
from visualsearch_cli.verdicts.comparison import Alignment, LocalFeatures
from visualsearch_cli.verdicts.opencv.comparer import OpenCvComparer, whole_frames
from visualsearch_cli.verdicts.rules import decide
from visualsearch_cli.verdicts.verdict import Verdict

COMPARER = OpenCvComparer()
WHOLE_AND_PLAIN = {"resize50", "thumb96", "jpeg30", "webp40", "noise20", "blur2"}


class Looked:
    """A Picture."""

    def __init__(self, image: Image.Image) -> None:
        self.aspect = image.width / image.height
        self.pixels: Pixels = COMPARER.reduced(np.asarray(image))
        self._features: LocalFeatures | None = None

    @property
    def features(self) -> LocalFeatures:
        if self._features is None:
            self._features = COMPARER.detect(self.pixels)
        return self._features


def judged(a: Image.Image, b: Image.Image) -> tuple[Verdict | None, Alignment | None]:
    """Return the first verdict that an alignment proves, and that alignment."""
    picture_a, picture_b = Looked(a), Looked(b)
    for alignment in COMPARER.alignments(picture_a, picture_b):
        verdict = decide(alignment, picture_a.aspect, picture_b.aspect)
        if verdict is not None:
            return verdict, alignment
    return None, None


@pytest.mark.slow
@pytest.mark.parametrize("edit", [*UPRIGHT, *DIHEDRAL])
def test_an_edit_is_a_copy(edit: str) -> None:
    picture = photograph("coffee")
    verdict, _ = judged(picture, edited(picture, edit, photograph("rocket"), "tests"))
    assert verdict in (Verdict.SAME, Verdict.EDITED)
    if edit in WHOLE_AND_PLAIN:
        assert verdict is Verdict.SAME
    if edit not in WHOLE_AND_PLAIN and edit in {*DIHEDRAL, "crop5", "gray", "text", "border5", "stretch4:3"}:
        assert verdict is Verdict.EDITED


@pytest.mark.slow
@pytest.mark.parametrize("name", ["coffee", "astronaut", "chelsea"])
@pytest.mark.parametrize("seed", range(3))
def test_what_looks_alike_is_no_copy(name: str, seed: int) -> None:
    picture = photograph(name)
    for frames in (burst, parts):
        verdict, _ = judged(*frames(picture, Random(seed), photograph("rocket")))
        assert verdict is None, frames.__name__


@pytest.mark.slow
def test_two_views_of_one_scene_are_no_copies() -> None:
    left, right = stereo()
    assert judged(left, right)[0] is None


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3))
def test_a_thing_in_another_colour_is_no_copy(seed: int) -> None:
    picture = photograph("coffee")
    pair = recolored(picture, Random(seed), picture)
    assert pair and judged(*pair)[0] is None


@pytest.mark.slow
@pytest.mark.parametrize("name", ["astronaut", "chelsea", "coffee", "rocket"])
@pytest.mark.parametrize("edit", ["logo10", "logo25", "jpeg8", "gif64", "saturate2", "sharpen"])
def test_small_files_of_edits_are_copies(name: str, edit: str) -> None:
    picture = thumbnail(photograph(name), 300)
    for seed in ("1", "2"):
        copy = saved(edited(picture, edit, picture, seed), "JPEG", quality=92)
        verdict, _ = judged(saved(picture, "JPEG", quality=92), copy)
        assert verdict in (Verdict.SAME, Verdict.EDITED), seed


def test_a_frame_is_laid_onto_itself_below_a_large_drawing() -> None:
    plain = Image.new("RGB", (200, 150), (120, 120, 120))
    plain.paste(thumbnail(photograph("coffee"), 60), (10, 10))
    covered = plain.copy()
    covered.paste((250, 250, 250), (90, 40, 190, 140))
    (likeliest,) = whole_frames(np.asarray(plain), np.asarray(covered))
    assert (likeliest.matrix == np.eye(3)).all() and not likeliest.mirrored


@pytest.mark.slow
@pytest.mark.parametrize("color", [(0, 0, 0), (255, 255, 255), (90, 140, 220)])
def test_two_plain_pictures_prove_nothing(color: tuple[int, int, int]) -> None:
    plain = Image.new("RGB", (300, 200), color)
    assert judged(plain, plain.resize((150, 100)))[0] is None


@pytest.mark.slow
@pytest.mark.parametrize("size", [(1, 1), (3, 200), (8, 8)])
def test_tiny_pictures_are_no_failure(size: tuple[int, int]) -> None:
    tiny = photograph("coffee").resize(size)
    assert judged(tiny, photograph("coffee"))[0] is not Verdict.SAME
    assert judged(photograph("coffee"), tiny)[0] is not Verdict.SAME


@pytest.mark.slow
def test_the_same_pair_gives_the_same_fit() -> None:
    picture = photograph("astronaut")
    other = edited(picture, "persp", picture, "tests")
    assert judged(picture, other) == judged(picture, other)


def test_the_fit_says_where_the_crop_lies() -> None:
    picture = photograph("coffee")
    _, alignment = judged(picture, picture.crop((100, 50, 300, 200)))
    assert alignment is not None
    (a, b, c), (d, e, f), _ = alignment.matrix
    assert (c, f) == pytest.approx((100 / picture.width, 50 / picture.height), abs=0.005)
    assert (a, e) == pytest.approx((200 / picture.width, 150 / picture.height), abs=0.005)
    assert abs(b) + abs(d) < 0.01
    assert alignment.agreement.covered_b == pytest.approx(1, abs=0.01)
