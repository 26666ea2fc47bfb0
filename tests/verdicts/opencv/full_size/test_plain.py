"""What is plainly one picture, and what is not: all that differs has to be looked at closely."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image, ImageEnhance, ImageFilter

from tests.helpers.pictures import noisy, photograph
from tests.helpers.sweeps import sweep
from tests.verdicts.opencv.full_size.test_proof import (
    Picture,
    encoded,
    exposed,
    ledger,
    proved,
    verdict,
)
from visualsearch_cli.ahead import core_to_spare
from visualsearch_cli.verdicts.opencv.full_size import proof as proofs
from visualsearch_cli.verdicts.opencv.full_size.plain import PLAIN
from visualsearch_cli.verdicts.opencv.full_size.registration.lay_out import lay_as_found, lay_out
from visualsearch_cli.verdicts.verdict import Verdict


@pytest.fixture(scope="module")
def scene() -> Picture:
    return photograph("rocket", 640).resize((640, 427), Image.Resampling.BOX).crop((0, 0, 640, 426))


COPIES: dict[str, Callable[[Picture], bytes]] = {
    "lossless": lambda picture: encoded(picture, "PNG"),
    "JPEG 90": lambda picture: encoded(picture, "JPEG", quality=90),
    "JPEG 70": lambda picture: encoded(picture, "JPEG", quality=70),
    "half as large": lambda picture: encoded(picture.reduce(2), "JPEG", quality=85),
}


@pytest.mark.slow
@pytest.mark.parametrize("copy", COPIES)
def test_a_photograph_that_was_saved_or_reduced_is_plainly_the_same(scene: Picture, copy: str) -> None:
    assert proved(encoded(scene, "JPEG", quality=95), COPIES[copy](scene)) is PLAIN


def softened(scene: Picture) -> Picture:
    """Make a picture larger, and as soft as a lens may be."""
    small = scene.resize((320, 213), Image.Resampling.BOX)
    return small.resize((1200, 800), Image.Resampling.BICUBIC)


@pytest.mark.slow
@pytest.mark.parametrize("quality", [60, 75])
def test_so_is_one_of_which_a_codec_took_the_grain(scene: Picture, quality: int) -> None:
    original = noisy(softened(scene), 5, 1)
    copy = encoded(original, "JPEG", quality=quality)
    assert proved(encoded(original, "JPEG", quality=95), copy) is PLAIN


@pytest.mark.slow
@pytest.mark.parametrize(("sigma", "quality"), [(0.7, 85), (0.7, 75)])
def test_a_blur_is_not_taken_for_what_the_codec_took(scene: Picture, sigma: float, quality: int) -> None:
    original = softened(scene)
    blurred = original.filter(ImageFilter.GaussianBlur(sigma))
    copy = encoded(blurred, "JPEG", quality=quality)
    assert proved(encoded(original, "JPEG", quality=94), copy) is not PLAIN


@pytest.mark.slow
@pytest.mark.parametrize("copy", ["lossless", "JPEG 90"])
def test_so_is_a_page(copy: str) -> None:
    assert proved(encoded(ledger(1), "PNG"), COPIES[copy](ledger(1))) is PLAIN


def spotted(scene: Picture) -> Picture:
    """Put a mark of 5 by 5 pixels on a picture, 20 levels lighter than what it covers."""
    pixels = np.asarray(scene).astype(np.int16)
    pixels[200:205, 300:305] += 20
    return Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))


CHANGES: dict[str, Callable[[Picture], Picture]] = {
    "brighter": lambda scene: ImageEnhance.Brightness(scene).enhance(1.06),
    "warmer": lambda scene: Image.merge(
        "RGB",
        [
            band.point([min(255, i + 8 * (n == 0)) for i in range(256)])
            for n, band in enumerate(scene.split())
        ],
    ),
    "sharpened": lambda scene: scene.filter(ImageFilter.UnsharpMask(2, 120, 0)),
    "blurred": lambda scene: scene.filter(ImageFilter.GaussianBlur(1.2)),
    "spotted": spotted,
    "paler": lambda scene: ImageEnhance.Color(scene).enhance(0.7),
}


@pytest.mark.slow
@pytest.mark.parametrize("change", CHANGES)
def test_what_was_changed_is_never_plain(scene: Picture, change: str) -> None:
    changed = CHANGES[change](scene)
    assert proved(encoded(scene, "PNG"), encoded(changed, "JPEG", quality=92)) is not PLAIN


@pytest.mark.slow
@pytest.mark.parametrize("number", sweep(range(5)))
def test_a_page_with_another_digit_is_never_plain(number: int) -> None:
    other = ledger(2, changed=f"{3 * number} {number}")
    for copy in COPIES.values():
        assert proved(encoded(ledger(2), "PNG"), copy(other)) is not PLAIN


@pytest.mark.slow
def test_two_shots_with_hardly_any_noise_are_not_plain(scene: Picture) -> None:
    assert proved(exposed(scene, 1), exposed(scene, 2)) is not PLAIN


@pytest.mark.slow
def test_what_is_plain_is_the_same_by_the_whole_proof(
    scene: Picture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(proofs, "_is_plain", lambda *_, **__: False)
    for picture in (scene, ledger(1)):
        for copy in ("lossless", "JPEG 90"):
            found = proved(encoded(picture, "PNG"), COPIES[copy](picture))
            assert found is not PLAIN and verdict(found) is Verdict.SAME


@pytest.mark.slow
@pytest.mark.parametrize("second", [*COPIES, "another shot", "other writing"])
def test_a_second_thread_changes_nothing(scene: Picture, second: str) -> None:
    one = encoded(scene, "JPEG", quality=95)
    if second in COPIES:
        other = COPIES[second](scene)
    elif second == "another shot":
        one, other = exposed(scene, 1), exposed(scene, 2)
    else:
        one, other = (encoded(ledger(number), "PNG") for number in (1, 2))
    with core_to_spare():
        found = proved(one, other)
    assert found == proved(one, other)


def test_what_goes_wrong_in_a_second_thread_is_raised(
    scene: Picture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object) -> bool:
        raise MemoryError

    monkeypatch.setattr(proofs, "few_planes", fails)
    one = encoded(scene, "PNG")
    with core_to_spare(), pytest.raises(MemoryError):
        proved(one, COPIES["JPEG 90"](scene))


@pytest.mark.slow
@pytest.mark.parametrize("quarters", [0, 1])
def test_what_lies_on_whole_pixels_is_laid_out_without_looking_for_more(
    scene: Picture, quarters: int
) -> None:
    turned = np.rot90(np.asarray(scene), quarters)
    matrix = np.linalg.matrix_power(np.array([[0, -1.0, 1], [1, 0, 0], [0, 0, 1]]), -quarters % 4)
    found = lay_as_found(np.asarray(scene), np.ascontiguousarray(turned), matrix)
    looked_for = lay_out(np.asarray(scene), np.ascontiguousarray(turned), matrix, exact=True)
    assert np.array_equal(found.fine, found.coarse) and not found.warped
    assert np.array_equal(found.fine, looked_for.fine)
