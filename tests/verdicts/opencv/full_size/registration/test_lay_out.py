"""Two pictures laid onto each other at full size."""

from __future__ import annotations

from io import BytesIO
from random import Random

import cv2
import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from tests.helpers.pictures import photograph
from visualsearch_cli.pictures.image import Pixels
from visualsearch_cli.verdicts.opencv.alignment import project
from visualsearch_cli.verdicts.opencv.full_size.registration.lay_out import BENT, lay_out
from visualsearch_cli.verdicts.opencv.pixels import even_transform


@pytest.mark.slow
@pytest.mark.parametrize("side", [160, 240, 292, 299, 303, 325, 400])
def test_what_was_not_resampled_is_laid_pixel_onto_pixel(side: int) -> None:
    """A border was cut off, and the fit of reduced pictures is a little off."""
    whole = photograph("astronaut", 480).crop((0, 0, side + 20, side + 20))
    left, top = 14, 5
    stream = BytesIO()
    whole.crop((left, top, left + side, top + side)).save(stream, "JPEG", quality=60)
    cut = np.asarray(Image.open(stream).convert("RGB"))
    share = side / (side + 20)
    rough = np.array(
        [[share, 0, (left + 0.7) / (side + 20)], [0, share, (top - 0.6) / (side + 20)], [0, 0, 1]]
    )
    laid = lay_out(cut, np.asarray(whole), rough, exact=False)
    assert not laid.warped
    assert np.allclose(laid.matrix, [[1, 0, left], [0, 1, top], [0, 0, 1]], atol=1e-6)


def plate(seed: int, text: str) -> Pixels:
    """A number plate before something blurred, and noise."""
    random = np.random.default_rng(seed)
    shades = random.uniform(30, 120, (4, 6)).astype(np.float32)
    ground = cv2.resize(shades, (560, 416), interpolation=cv2.INTER_CUBIC)
    picture = Image.fromarray(np.clip(ground[..., None] * [1.1, 1.0, 0.8], 0, 255).astype(np.uint8))
    draw = ImageDraw.Draw(picture)
    draw.rectangle((96, 322, 234, 354), fill=(232, 232, 225))
    draw.text((165, 338), text, (25, 25, 30), ImageFont.load_default(22), anchor="mm")
    seen = cv2.GaussianBlur(np.asarray(picture, np.float32), (0, 0), 0.8)
    return np.clip(seen + 1.5 * random.normal(size=(416, 560, 1)), 0, 255).astype(np.uint8)


@pytest.mark.slow
@pytest.mark.parametrize("seed", [7, 10, 16, 25])
def test_where_there_is_little_but_noise_nothing_is_pulled_away(seed: int) -> None:
    """Another digit lies off, and so does noise that a codec took: a map that follows them explains both."""
    stream = BytesIO()
    Image.fromarray(plate(seed, "FB-RT 876")).save(stream, "WEBP", quality=75)
    coded = np.asarray(Image.open(stream).convert("RGB"))
    laid = lay_out(coded, plate(seed, "FB-RT 976"), np.eye(3), exact=True)
    assert np.array_equal(laid.matrix, np.eye(3))
    assert not laid.resampled
    assert laid.slack <= BENT


@pytest.mark.slow
@pytest.mark.parametrize("degrees", [-0.5, 0.5])
def test_bars_do_not_tell_how_far_they_lie_along_themselves(degrees: float) -> None:
    """Most of a bar code is bars in one direction: its ends and its digits tell how it was laid."""
    chance = Random(1)
    page = Image.new("RGB", (900, 640), "white")
    draw = ImageDraw.Draw(page)
    x = 60
    while x < 840:
        width = chance.choice((6, 12, 18))
        draw.rectangle((x, 60, x + width - 1, 440), "black")
        x += width + chance.choice((6, 12, 18))
    draw.text((450, 560), "4 006381 333931", "black", ImageFont.load_default(30), anchor="mm")
    turned = np.asarray(page.rotate(degrees, Image.Resampling.BICUBIC, fillcolor="white"), np.float32)
    scan = 30 + 0.8 * turned + np.random.default_rng(1).normal(0, 3, turned.shape)
    laid = lay_out(np.asarray(page), np.clip(scan, 0, 255).astype(np.uint8), np.eye(3), exact=True)
    corners, middle = np.array([[60, 60], [840, 60], [840, 440], [60, 440]], float), np.array([449.5, 319.5])
    angle = np.radians(degrees)
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    expected = (corners - middle) @ turn.T + middle
    assert np.abs(project(laid.matrix, corners) - expected).max() < 0.5


def test_tiles_are_of_even_transforms() -> None:
    """Where OpenCV pads to an odd side, a picture lies half a pixel off itself."""
    assert [even_transform(side) for side in (96, 81, 75, 74, 40, 33, 2)] == [96, 80, 72, 72, 40, 32, 2]
    chance = np.random.default_rng(0)
    for side in range(16, 128):
        tile = cv2.GaussianBlur(
            chance.normal(size=(even_transform(side),) * 2).astype(np.float32), (0, 0), 1.5
        )
        window = cv2.createHanningWindow(tile.shape, cv2.CV_32F)
        (x, y), _ = cv2.phaseCorrelate(tile, tile, window)
        assert max(abs(x), abs(y)) < 0.01


@pytest.mark.parametrize(
    "matrix",
    [
        ((0.97, 0.05, 0.01), (-0.04, 0.96, 0.03), (0.02, 0.01, 1.0)),
        ((1.02, -0.03, -0.05), (0.01, 1.01, 0.04), (0.0, 0.03, 1.0)),
    ],
)
def test_where_both_pictures_are_is_told_by_part_and_reduced(matrix: tuple[tuple[float, ...], ...]) -> None:
    grid, other = np.zeros((301, 407, 3), np.uint8), np.full((299, 401, 3), 200, np.uint8)
    laid = lay_out(grid, other, np.array(matrix), exact=True)
    whole = laid.inside[:]
    assert whole.shape == laid.inside.shape == (301, 407)
    y, x = np.mgrid[0:301, 0:407]
    across, down, depth = np.tensordot(laid.matrix, np.stack([x, y, np.ones_like(x)]), axes=1)
    u, v = across / depth, down / depth
    assert np.array_equal(whole, (u >= 1.5) & (u <= 400 - 1.5) & (v >= 1.5) & (v <= 298 - 1.5))
    assert 0.3 < whole.mean() < 1
    part = np.s_[20:97, 31:]
    assert np.array_equal(laid.inside[part], whole[part])
    reduced = cv2.resize(whole.view(np.uint8), (133, 99), interpolation=cv2.INTER_NEAREST) > 0
    assert np.array_equal(laid.inside.reduced((133, 99)), reduced)
