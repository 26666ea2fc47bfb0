"""What is measured of two copies: detail, colors, borders, marks, and which was made of the other."""

from __future__ import annotations

import io
from collections.abc import Callable

import cv2
import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageEnhance, ImageFilter, ImageOps

from tests.helpers.photographs import originals
from tests.helpers.sweeps import sweep
from visualsearch_cli.pictures.image import Pixels
from visualsearch_cli.pictures.pillow import PillowReader
from visualsearch_cli.pictures.reading import hash_content
from visualsearch_cli.pictures.whole import facts_of
from visualsearch_cli.verdicts.comparison import FullPicture
from visualsearch_cli.verdicts.evidence import Rendition
from visualsearch_cli.verdicts.opencv.comparer import OpenCvComparer
from visualsearch_cli.verdicts.opencv.renditions.provenance import Provenance


@pytest.fixture
def picture() -> Image.Image:
    """Return a photograph without a trace of a codec."""
    return originals()[1].resize((360, 240), Image.Resampling.LANCZOS)


def full(image: Image.Image, format: str, quality: int) -> FullPicture:
    stream = io.BytesIO()
    image.save(stream, format, quality=quality)
    return full_of(stream.getvalue())


def full_of(data: bytes) -> FullPicture:
    return FullPicture(hash_content(data).hex(), PillowReader().read(data).pixels, facts_of(data).compression)


def shown(a: Image.Image, b: Image.Image, format: str = "JPEG") -> tuple[Rendition, Rendition]:
    """Return what is measured of two pictures that are saved, in both orders alike."""
    files = full(a, "JPEG", 88), full(b, format, 95)
    forth, back = measured(*files), measured(*files[::-1])[::-1]
    for one, other in zip(forth, back, strict=True):
        assert one.fine == pytest.approx(other.fine, rel=0.02)
        assert (one.is_made, one.quality, one.before) == (other.is_made, other.quality, other.before)
    return forth


def measured(a: FullPicture, b: FullPicture) -> tuple[Rendition, Rendition]:
    comparer = OpenCvComparer()
    small = [Reduced(comparer, picture.pixels) for picture in (a, b)]
    alignment = next(comparer.alignments(*small))
    proof = comparer.prove(a, b, alignment)
    assert proof is not None
    found = comparer.renditions(a, b, alignment, proof, origins=True)
    assert found is not None
    return found


class Reduced:
    """A picture to compare."""

    def __init__(self, comparer: OpenCvComparer, pixels: Pixels) -> None:
        self.pixels = comparer.reduced(pixels)
        self.features = comparer.detect(self.pixels)


def decoded(image: Image.Image, quality: int) -> Image.Image:
    stream = io.BytesIO()
    image.save(stream, "JPEG", quality=quality)
    return Image.open(stream).convert("RGB")


@pytest.mark.slow
def test_a_blurred_copy_has_less_of_the_finest_octave(picture: Image.Image) -> None:
    a, b = shown(picture, picture.filter(ImageFilter.GaussianBlur(1)))
    assert b.fine < 0.4 * a.fine and b.middle > 0.4 * a.middle
    assert not a.is_made and not b.is_made


@pytest.mark.slow
def test_an_enlarged_copy_has_next_to_nothing_beyond(picture: Image.Image) -> None:
    a, b = shown(picture, picture.resize((720, 480), Image.Resampling.BICUBIC))
    assert (a.scale, b.scale) == (1, 2)
    assert b.beyond < 0.8 * b.top
    large = originals()[1].resize((720, 480), Image.Resampling.LANCZOS)
    a, b = shown(picture, large)
    assert b.beyond > 0.8 * b.top


@pytest.mark.slow
@pytest.mark.parametrize("format", ["JPEG", "PNG"])
def test_what_was_made_of_a_jpeg_shows_it(picture: Image.Image, format: str) -> None:
    a, b = shown(picture, decoded(picture, 88), format)
    assert (a.is_made, b.is_made) == (False, True)
    assert b.before == pytest.approx(88, abs=1) and not a.before


@pytest.mark.slow
@pytest.mark.parametrize(("gain", "quality"), [(0.8, 97), (1.2, 95)])
def test_and_so_does_what_was_toned_or_drawn_over(gain: float, quality: int) -> None:
    picture = originals()[8].resize((540, 360), Image.Resampling.LANCZOS)
    first = full(picture, "JPEG", 93)
    toned = ImageEnhance.Brightness(decoded(picture, 93)).enhance(gain)
    for copy in (toned, covered(decoded(picture, 93), "caption")):
        a, b = measured(first, full(copy, "JPEG", quality))
        assert (a.is_made, b.is_made) == (False, True)


TONES: dict[str, Callable[[Image.Image], Image.Image]] = {
    "paler": lambda image: image.point(lambda level: level * 0.75 + 45),
    "lighter": lambda image: image.point(lambda level: 255 * (level / 255) ** 0.8),
    "darker": lambda image: image.point(lambda level: level * 0.8),
    "sepia": lambda image: ImageOps.colorize(ImageOps.grayscale(image), (30, 15, 0), (255, 240, 200)),
}


@pytest.mark.slow
@pytest.mark.parametrize("tone", sweep(TONES))
@pytest.mark.parametrize("qualities", [(93, 98), (85, 95)])
def test_what_was_toned_knows_the_steps_of_its_original(tone: str, qualities: tuple[int, int]) -> None:
    """Also if its tones were pressed together, and its own steps are hardly finer then."""
    picture = originals()[8].resize((540, 360), Image.Resampling.LANCZOS)
    first = full(picture, "JPEG", qualities[0])
    copy = TONES[tone](decoded(picture, qualities[0]))
    a, b = measured(first, full(copy, "JPEG", qualities[1]))
    assert (a.is_made, b.is_made) == (False, True)
    again = measured(full(picture, "JPEG", qualities[1]), full(TONES[tone](picture), "JPEG", qualities[0]))
    assert [its.is_made for its in again] == [False, False], "both were made of another one"


@pytest.mark.slow
def test_what_a_jpeg_was_exported_from_was_not_made_of_it() -> None:
    """Of other codecs nobody knows the steps; what was a JPEG once loses little to nearly the same ones."""
    for number in (1, 7, 8):
        picture = originals()[number].resize((540, 360), Image.Resampling.LANCZOS)
        before = full(decoded(picture, 90), "WEBP", 98)
        a, _ = measured(before, full(Image.fromarray(before.pixels), "JPEG", 89))
        assert not a.is_made


@pytest.mark.slow
@pytest.mark.parametrize(
    "qualities", sweep([(90, 75), (88, 70), (92, 90), (95, 90), (92, 85), (95, 85)], quick=2)
)
@pytest.mark.parametrize("size", sweep([(150, 100), (540, 360)]))
def test_an_original_was_not_made_of_the_coarser_copy(
    qualities: tuple[int, int], size: tuple[int, int]
) -> None:
    for number in (1, 7, 8):
        picture = originals()[number].resize(size, Image.Resampling.LANCZOS)
        first = full(picture, "JPEG", qualities[0])
        copy = full(decoded(picture, qualities[0]), "JPEG", qualities[1])
        a, b = measured(first, copy)
        assert not a.is_made, (number, b.is_made)


@pytest.mark.slow
@pytest.mark.parametrize("drawn_on", [False, True])
@pytest.mark.parametrize("qualities", [(96, 75), (93, 92), (92, 85), (95, 85)])
def test_a_coarser_copy_was_made_of_the_finer_original(qualities: tuple[int, int], drawn_on: bool) -> None:
    for number in range(4):
        whole = originals()[number].resize((360, 240), Image.Resampling.LANCZOS)
        own, its = qualities
        stream = io.BytesIO()
        whole.save(stream, "JPEG", quality=own, subsampling=0)
        original = full_of(stream.getvalue())
        with Image.open(stream) as read:
            copied = read.convert("RGB")
        if drawn_on:
            ImageDraw.Draw(copied).text((280, 220), "2026-05-01", (255, 165, 0))
        copy = full(copied, "JPEG", its)
        assert Provenance.of(original, copy, (0, False)).made == 1
        assert Provenance.of(copy, original, (0, False)).made == 0


def test_a_copy_that_was_sharpened_was_made_of_the_lossless_file() -> None:
    """Mostly; where much is clipped, a filter does not tell what became of it."""
    told = []
    for number in range(8):
        whole = originals()[number].resize((720, 480), Image.Resampling.LANCZOS)
        light = np.asarray(whole, np.float32)
        sharper = 2 * light - cv2.GaussianBlur(light, (5, 5), 0.6)
        copied = Image.fromarray(sharper.round().clip(0, 255).astype(np.uint8))
        master, copy = full(whole, "PNG", 0), full(copied, "JPEG", 95)
        told.append(Provenance.of(master, copy, (0, False)).made)
        assert Provenance.of(copy, master, (0, False)).made == (None if told[-1] is None else 1 - told[-1])
    assert 0 not in told
    assert told.count(1) >= len(told) / 2


@pytest.mark.parametrize("radius", [0.4, 0.6, 0.9])
@pytest.mark.parametrize("quality", [85, 92, 96])
def test_a_jpeg_was_not_made_of_its_blurred_copy(radius: float, quality: int) -> None:
    for number in range(4):
        whole = originals()[number].resize((360, 240), Image.Resampling.LANCZOS)
        blurred = full(decoded(whole, quality).filter(ImageFilter.GaussianBlur(radius)), "PNG", 0)
        assert Provenance.of(full(whole, "JPEG", quality), blurred, (0, False)).made != 0


def test_of_two_that_were_saved_alike_none_was_made_of_the_other() -> None:
    picture = originals()[8].resize((540, 360), Image.Resampling.LANCZOS)
    for how in ("bar", "blur", "mosaic"):
        a, b = measured(full(picture, "JPEG", 90), full(covered(picture, how), "JPEG", 90))
        assert not a.is_made and not b.is_made


@pytest.mark.slow
def test_noise_that_was_added_is_told_from_what_filters_took(picture: Image.Image) -> None:
    values = np.asarray(picture, np.float64)
    chance = np.random.default_rng(4)
    grains = cv2.GaussianBlur(chance.normal(0, 30, values.shape[:2]), (0, 0), 0.8)
    for noise in (grains[..., None], chance.normal(0, 6, values.shape)):
        noisy = Image.fromarray((values + noise).clip(0, 255).astype(np.uint8))
        a, b = shown(picture, noisy)
        assert (a.grained, b.grained) == (False, True)
    for smooth in (ImageFilter.MedianFilter(3), ImageFilter.GaussianBlur(1)):
        a, b = shown(noisy, noisy.filter(smooth))
        assert (a.grained, b.grained) == (False, False)
    for other in (ImageFilter.MedianFilter(3), ImageFilter.UnsharpMask(2, 150, 2)):
        a, b = shown(picture, picture.filter(other))
        assert (a.grained, b.grained) == (False, False)
    for other in (ImageFilter.MedianFilter(3), ImageFilter.UnsharpMask(2, 150, 2)):
        a, b = shown(picture, picture.filter(other))
        assert not a.grained and not b.grained


@pytest.mark.slow
@pytest.mark.parametrize("sigma", [0, 2.5])
@pytest.mark.parametrize("quality", [85, 92])
def test_a_jpeg_was_made_of_the_lossless_file_that_it_rounds(
    picture: Image.Image, quality: int, sigma: float
) -> None:
    """However much there seems to be of the finest octave in either."""
    values = np.asarray(picture, np.float64)
    noise = np.random.default_rng(6).normal(0, sigma, (*values.shape[:2], 1))
    master = Image.fromarray((values + noise).clip(0, 255).astype(np.uint8))
    for turn, other in ((0, master), (1, master.transpose(Image.Transpose.ROTATE_270))):
        jpeg = full(other, "JPEG", quality)
        assert Provenance.of(full(master, "PNG", 0), jpeg, (turn, False)).made == 1
        assert Provenance.of(jpeg, full(master, "PNG", 0), (-turn % 4, False)).made == 0
        decoded_again = full(decoded(other, quality), "PNG", 0)
        assert Provenance.of(jpeg, decoded_again, (0, False)).made == 1
    blurred = full(master.filter(ImageFilter.GaussianBlur(0.6)), "PNG", 0)
    assert Provenance.of(blurred, full(master, "JPEG", quality), (0, False)).made != 1


@pytest.mark.slow
@pytest.mark.parametrize("sigma", [3, 6])
@pytest.mark.parametrize("quality", [60, 75])
def test_noise_that_a_jpeg_took_was_not_added(picture: Image.Image, quality: int, sigma: int) -> None:
    """A master with grain beside its export, and the first of two exports beside the second."""
    values = np.asarray(picture, np.float64)
    noise = np.random.default_rng(4).normal(0, sigma, (*values.shape[:2], 1))
    noisy = Image.fromarray((values + noise).clip(0, 255).astype(np.uint8))
    for master in (full(noisy, "PNG", 0), full(noisy, "JPEG", 95)):
        for turn, other in ((0, noisy), (1, noisy.transpose(Image.Transpose.ROTATE_270))):
            found = Provenance.of(master, full(other, "JPEG", quality), (turn, False))
            assert not found.grained or not any(found.grained)
            assert found.made != 0
    added = Image.fromarray((np.asarray(decoded(picture, quality)) + noise).clip(0, 255).astype(np.uint8))
    for format, its in (("PNG", 0), ("JPEG", 95)):
        found = Provenance.of(full(added, format, its), full(picture, "JPEG", quality), (0, False))
        assert found.grained == (True, False)


def test_what_differs_at_the_very_edge_is_not_taken_for_noise() -> None:
    """All else is white, where nothing can be told."""
    chance = np.random.default_rng(5)
    files = []
    for _ in range(2):
        values = np.full((96, 128, 3), 255, np.uint8)
        values[:4] = chance.integers(60, 200, (4, 128, 1))  # white reaches three rows far
        files.append(full(Image.fromarray(values), "PNG", 0))
    assert Provenance.of(files[0], files[1], (0, False)).grained is None


@pytest.mark.slow
@pytest.mark.parametrize("angle", sweep([-3, 5, 91.5]))
def test_a_leaning_picture_has_plain_corners(angle: float) -> None:
    picture = originals()[8].resize((540, 360), Image.Resampling.LANCZOS)
    for larger in (False, True):
        leaning = picture.rotate(angle, Image.Resampling.BICUBIC, expand=larger, fillcolor=(255, 255, 255))
        a, b = measured(full(picture, "JPEG", 90), full(leaning, "PNG", 0))
        assert (a.leans, b.leans) == (False, True)
    a, b = measured(full(picture, "JPEG", 90), full(picture.rotate(90, expand=True), "PNG", 0))
    assert (a.leans, b.leans) == (False, False)


@pytest.mark.slow
def test_a_mark_is_no_detail() -> None:
    picture = originals()[8].resize((540, 360), Image.Resampling.LANCZOS)
    a, b = shown(picture, covered(picture, "mosaic"))
    assert a.fine == pytest.approx(b.fine, rel=0.05)


@pytest.mark.slow
def test_and_so_does_a_mirrored_one(picture: Image.Image) -> None:
    a, b = shown(picture, ImageOps.mirror(decoded(picture, 88)))
    assert (a.is_made, b.is_made) == (False, True)


@pytest.mark.slow
def test_a_coarse_jpeg_shows_in_a_png(picture: Image.Image) -> None:
    a, b = shown(picture, decoded(picture, 30), "PNG")
    assert b.quality == pytest.approx(30, abs=2) and a.quality == pytest.approx(88, abs=1)


@pytest.mark.slow
def test_a_border_is_plain_and_a_crop_has_none(picture: Image.Image) -> None:
    a, b = shown(picture, ImageOps.expand(picture, 24, "white"))
    assert b.bordered > 0.9 and a.bordered == 0
    a, b = shown(picture, picture.crop((30, 20, 340, 225)))
    assert a.bordered < 0.8 and b.bordered == 0


@pytest.mark.slow
def test_a_picture_on_another_one_has_a_seam_around_it_and_a_crop_has_none(picture: Image.Image) -> None:
    under = originals()[0].resize((520, 400), Image.Resampling.LANCZOS)
    under.paste(picture, (70, 90))
    _, on_it = shown(picture, under)
    assert on_it.pasted and on_it.bordered < 0.8
    _, whole = shown(picture.crop((40, 40, 330, 210)), picture)
    assert not whole.pasted


def covered(picture: Image.Image, how: str) -> Image.Image:
    copy = picture.copy()
    box = (130, 80, 220, 150)
    part = picture.crop(box)
    if how == "bar":
        copy.paste((20, 20, 20), box)
    elif how == "blur":
        copy.paste(part.filter(ImageFilter.GaussianBlur(6)), box)
    elif how == "mosaic":
        copy.paste(part.resize((9, 7)).resize(part.size, Image.Resampling.NEAREST), box)
    else:
        ImageDraw.Draw(copy).text(
            (30, 190), "SUMMER 2024", "white", font_size=34, stroke_width=2, stroke_fill=0
        )
    return copy


@pytest.mark.slow
@pytest.mark.parametrize("how", sweep(["bar", "blur", "mosaic", "caption"]))
def test_what_was_put_over_a_picture(how: str) -> None:
    picture = originals()[8].resize((540, 360), Image.Resampling.LANCZOS)
    a, b = shown(picture, covered(picture, how))
    assert b.marked > 0.5 > a.marked


def sky(width: int = 540, height: int = 360) -> Image.Image:
    y, x = np.mgrid[0:height, 0:width]
    grain = np.random.default_rng(2).normal(0, 2, (height, width, 1))
    return Image.fromarray(
        np.clip(np.stack([90 + y / 4, 130 + x / 9, 200 - y / 8], 2) + grain, 0, 255).astype(np.uint8)
    )


@pytest.mark.slow
@pytest.mark.parametrize("color", ["white", "black", "red"])
def test_letters_over_a_sky_are_not_what_the_sky_lies_over(color: str) -> None:
    lettered = sky()
    ImageDraw.Draw(lettered).text((40, 60), "Hello sea", color, font_size=48)
    a, b = shown(sky(), lettered)
    assert b.marked > 0.5 > a.marked


@pytest.mark.slow
def test_a_bar_as_light_as_a_part_of_what_it_hides_is_a_bar() -> None:
    """It shows where it differs alone, and all edges around that are those of the other picture."""
    tiles = np.kron(np.indices((9, 13)).sum(axis=0) % 2, np.ones((40, 40)))
    scene = Image.fromarray((60 + 90 * tiles[..., None] + np.zeros(3)).astype(np.uint8))
    barred = scene.copy()
    barred.paste((60, 177, 172), (130, 90, 330, 250))  # as light as the lighter tiles
    a, b = shown(scene, barred)
    assert b.marked > 0.5 > a.marked


@pytest.mark.slow
def test_color_that_follows_from_luma_is_none(picture: Image.Image) -> None:
    sepia = ImageOps.colorize(ImageOps.grayscale(picture), (40, 20, 0), (255, 240, 200))
    a, b = shown(picture, sepia)
    assert a.color > 5 > 1.5 > b.color


@pytest.mark.slow
def test_noise_is_told_from_detail(picture: Image.Image) -> None:
    grain = np.random.default_rng(3).normal(0, 8, (240, 360, 3))
    noisy = Image.fromarray((np.asarray(picture) + grain).clip(0, 255).astype(np.uint8))
    a, b = shown(picture, noisy)
    assert b.noise > 3 and b.noise > 3 * a.noise


@pytest.mark.slow
@pytest.mark.parametrize("factor", [1.15, 1.3])
def test_an_enlarged_picture_is_told_by_its_period_from_one_that_was_reduced(
    picture: Image.Image, factor: float
) -> None:
    sides = round(picture.width * factor), round(picture.height * factor)
    enlarged = decoded(picture, 88).resize(sides, Image.Resampling.BICUBIC)
    small, large = shown(picture, enlarged)
    assert large.enlarged > 20 > small.enlarged == 0
    true = originals()[1].resize(sides, Image.Resampling.LANCZOS)
    reduced = true.resize(picture.size, Image.Resampling.LANCZOS)
    assert shown(reduced, true)[1].enlarged < 20


@pytest.mark.slow
@pytest.mark.parametrize("quality", [70, 88])
def test_of_a_jpeg_and_what_a_codec_made_of_it_the_latter_is_told(picture: Image.Image, quality: int) -> None:
    """And the other way round: a JPEG that was made of a WebP differs by its own rounding alone."""
    before = full(picture, "JPEG", quality)
    made = full(Image.fromarray(before.pixels), "WEBP", 98)
    if quality == 70:
        assert [its.is_made for its in measured(before, made)] == [False, True]
    coarse = full(Image.fromarray(before.pixels), "WEBP", 60)
    jpeg, other = measured(before, coarse)
    assert not jpeg.is_made and not other.is_made and jpeg.unknown > 1.5
    before = full(picture, "WEBP", 85)
    made = full(Image.fromarray(before.pixels), "JPEG", quality)
    assert [its.is_made for its in measured(before, made)] == [False, True]
    assert [its.is_made for its in measured(made, before)] == [True, False]
