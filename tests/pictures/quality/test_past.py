"""Of what quality a picture once was a JPEG, told from its pixels."""

from __future__ import annotations

import io

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image, ImageFilter, ImageOps

from tests.helpers.photographs import NAMES, originals
from visualsearch_cli.pictures.quality.past import (
    is_rounding,
    past_quality,
    quality_of,
    traces_of,
    unknown_loss,
    usual_steps,
)


def photograph(number: int) -> Image.Image:
    """Return a photograph without any trace of a codec."""
    return originals()[number].resize((296, 200), Image.Resampling.LANCZOS)


def saved(image: Image.Image, quality: int) -> tuple[Image.Image, list[int]]:
    stream = io.BytesIO()
    image.save(stream, "JPEG", quality=quality)
    with Image.open(stream) as read:
        tables: dict[int, list[int]] = read.quantization
        return read.convert("RGB"), tables[0]


def light(image: Image.Image) -> npt.NDArray[np.float32]:
    weights = np.array([0.299, 0.587, 0.114], np.float32)
    return np.asarray(np.asarray(image, np.float32) @ weights, np.float32)


@pytest.mark.parametrize("quality", [25, 50, 75, 90, 95, 100])
def test_the_scale_of_qualities(quality: int) -> None:
    assert abs(quality_of(usual_steps(quality).reshape(-1).tolist()) - quality) <= 1


@pytest.mark.parametrize("number", range(len(NAMES)), ids=NAMES)
def test_a_lossless_picture_that_never_was_a_jpeg_shows_none(number: int) -> None:
    assert past_quality(light(photograph(number))) is None
    again, steps = saved(photograph(number), 92)
    assert past_quality(light(again), steps) is None


@pytest.mark.slow
@pytest.mark.parametrize("before", [10, 30, 60, 80])
def test_a_lossless_picture_that_was_one_shows_which(before: int) -> None:
    found = [past_quality(light(saved(photograph(number), before)[0])) for number in range(len(NAMES))]
    assert sum(quality is not None and abs(quality - before) <= 2 for quality in found) >= 8
    assert all(quality is None or abs(quality - before) <= 4 for quality in found)


def test_a_jpeg_that_was_a_coarser_one_shows_which() -> None:
    first, _ = saved(photograph(1), 40)
    again, steps = saved(first, 95)
    assert past_quality(light(again), steps) == pytest.approx(40, abs=2)


def test_too_little_shows_nothing() -> None:
    assert past_quality(np.zeros((8, 16), np.float32)) is None
    assert past_quality(np.full((200, 200), 90, np.float32)) is None
    assert traces_of(np.full((200, 200), 90, np.float32), usual_steps(50).reshape(-1).tolist()) == 0


@pytest.mark.parametrize("number", [0, 1, 7, 8])
def test_what_was_made_of_a_jpeg_shows_its_steps(number: int) -> None:
    first, steps = saved(photograph(number), 85)
    mirrored, own = saved(ImageOps.mirror(first), 96)
    assert traces_of(light(ImageOps.mirror(mirrored)), steps, own) > 0.25
    other, other_steps = saved(photograph(number), 96)
    assert traces_of(light(other), steps, other_steps) < 0.15
    assert traces_of(light(first), own, steps) < 0.15  # finer steps tell nothing


@pytest.mark.parametrize("step", [100, 255, 65_535])
def test_behind_steps_coarser_than_all_that_are_looked_for_nothing_is_seen(step: int) -> None:
    light = np.random.default_rng(3).integers(0, 2, (64, 64)).astype(np.float32) * 255
    assert past_quality(np.kron(light, np.ones((4, 4), np.float32)), (step,) * 64) is None


@pytest.mark.parametrize("number", [0, 1, 7, 8])
@pytest.mark.parametrize("qualities", [(93, 95), (80, 90), (90, 80)])
def test_whoever_made_a_copy_of_a_jpeg_knows_what_that_lost(number: int, qualities: tuple[int, int]) -> None:
    first, steps = saved(photograph(number), qualities[0])
    again, other_steps = saved(first, qualities[1])
    seen = np.ones(light(first).shape, np.bool_)
    of_first = unknown_loss(light(first), steps, light(again), seen, other_steps)
    of_again = unknown_loss(light(again), other_steps, light(first), seen, steps)
    assert of_first is not None and of_again is not None
    if qualities[0] < qualities[1]:
        assert of_first < 0.75 * of_again and of_first < 0.8
    else:  # what was lost then was finer than what is lost now
        assert of_first > of_again > 0.8


@pytest.mark.parametrize("qualities", [(90, 75), (88, 70), (95, 90), (92, 85)])
@pytest.mark.parametrize("number", [0, 1, 7, 8])
def test_steps_that_nearly_divide_each_other_are_no_knowledge(
    number: int, qualities: tuple[int, int]
) -> None:
    """Multiples of 2, saved again with steps of 5, lie near multiples of 5 more often than not."""
    first, steps = saved(photograph(number), qualities[0])
    again, other_steps = saved(first, qualities[1])
    seen = np.ones(light(first).shape, np.bool_)
    of_again = unknown_loss(light(again), other_steps, light(first), seen, steps)
    assert of_again is not None and of_again > 0.65


def test_two_copies_of_one_picture_know_nothing_of_each_other() -> None:
    first, steps = saved(photograph(1), 85)
    second, other_steps = saved(photograph(1), 94)
    seen = np.ones(light(first).shape, np.bool_)
    for its, table, other, others in (
        (first, steps, second, other_steps),
        (second, other_steps, first, steps),
    ):
        found = unknown_loss(light(its), table, light(other), seen, others)
        assert found is not None and found > 0.8


def test_of_what_is_not_seen_nothing_is_known() -> None:
    first, steps = saved(photograph(1), 85)
    nowhere = np.zeros(light(first).shape, np.bool_)
    assert unknown_loss(light(first), steps, light(first), nowhere, steps) is None
    black = np.zeros((8, 16), np.float32)
    assert unknown_loss(black, steps, black, nowhere[:8, :16], steps) is None


@pytest.mark.slow
@pytest.mark.parametrize("number", range(2))
@pytest.mark.parametrize("quality", [75, 90, 95])
def test_rounding_is_told_from_what_another_codec_took(number: int, quality: int) -> None:
    def as_webp(image: Image.Image, quality: int) -> Image.Image:
        stream = io.BytesIO()
        image.save(stream, "WEBP", quality=quality)
        return Image.open(stream).convert("RGB")

    photo = photograph(number).convert("L").convert("RGB")  # no color that clips
    values = np.asarray(photo.filter(ImageFilter.BoxBlur(3)))
    seen = np.array(((values > 20) & (values < 235)).all(axis=2), np.bool_)  # nothing is clipped
    before = as_webp(photo, 85)
    made, steps = saved(before, quality)
    assert is_rounding(light(made), steps, light(before), seen)
    for other in (70, 85, 98):
        jpeg, steps = saved(photo, quality)
        assert not is_rounding(light(jpeg), steps, light(as_webp(jpeg, other)), seen)
