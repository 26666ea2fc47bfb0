"""Pages through codecs, and pages of which one mark differs; photographs of one exposure, and of two."""

from __future__ import annotations

import math
from io import BytesIO
from random import Random

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from tests.helpers.pictures import photograph
from tests.verdicts.test_words import IDENTITY, alignment
from visualsearch_cli.pictures.whole import facts_of
from visualsearch_cli.verdicts.comparison import FullPicture, Proof
from visualsearch_cli.verdicts.evidence import Matrix
from visualsearch_cli.verdicts.opencv.full_size.grounds import look_of
from visualsearch_cli.verdicts.opencv.full_size.proof import prove
from visualsearch_cli.verdicts.opencv.full_size.registration.laid_out import Inside, LaidOut
from visualsearch_cli.verdicts.opencv.full_size.residual import split, toned, toning_of
from visualsearch_cli.verdicts.rules import (
    are_two_shots,
    is_paper,
    is_recolored,
    log_odds_of_drawing,
    log_odds_of_page,
    log_odds_of_two_tones,
    settle,
)
from visualsearch_cli.verdicts.verdict import Verdict

Picture = Image.Image
FRAMES = alignment(IDENTITY, 1, 1)


def ledger(seed: int, *, changed: str = "", ground: str = "white") -> Picture:
    """Draw a page of numbers; `changed` names a cell in which one digit is another."""
    chance = Random(seed)
    page = Image.new("RGB", (640, 480), ground)
    draw = ImageDraw.Draw(page)
    font = ImageFont.load_default(16)
    for row in range(20):
        for column in range(5):
            digits = f"{chance.randrange(100_000, 999_999)}"
            if changed == f"{row} {column}":
                digits = digits[:3] + str((int(digits[3]) + 3) % 10) + digits[4:]
            draw.text((20 + 125 * column, 10 + 23 * row), digits, (20, 20, 30), font)
    return page


def encoded(picture: Picture, format_: str, **options: object) -> bytes:
    stream = BytesIO()
    picture.save(stream, format_, **options)
    return stream.getvalue()


def full(data: bytes, key: str) -> FullPicture:
    with Image.open(BytesIO(data)) as image:
        return FullPicture(key, np.asarray(image.convert("RGB")), facts_of(data).compression)


def proved(a: bytes, b: bytes, matrix: Matrix = IDENTITY, inliers: int = 0) -> Proof:
    way = alignment(matrix, 1, 1)
    found = prove(full(a, "a"), full(b, "b"), type(way)(matrix, False, inliers, way.agreement))
    assert found is not None
    return found


def verdict(proof: Proof) -> Verdict | None:
    return settle(FRAMES, proof, 4 / 3, 4 / 3).verdict


AVIFS = [(1, 60, 9), (6, 60, 8), (1, 50, 9)]  # page, quality and speed


@pytest.mark.slow
@pytest.mark.parametrize(("number", "quality", "speed"), AVIFS)
def test_an_avif_of_a_page_is_the_same_and_one_of_another_digit_is_not(
    number: int, quality: int, speed: int
) -> None:
    saved = encoded(ledger(number), "AVIF", quality=quality, speed=speed)
    assert verdict(proved(encoded(ledger(number), "PNG"), saved)) is Verdict.SAME
    for cell in ("3 1", "17 4"):
        assert verdict(proved(encoded(ledger(number, changed=cell), "PNG"), saved)) is None


COPIES = {
    "png": lambda page: encoded(page, "PNG"),
    "jpeg 90": lambda page: encoded(page, "JPEG", quality=90),
    "jpeg 50": lambda page: encoded(page, "JPEG", quality=50),
    "webp": lambda page: encoded(page, "WEBP", quality=80),
    "smaller": lambda page: encoded(page.resize((544, 408), Image.Resampling.LANCZOS), "JPEG", quality=75),
}


@pytest.mark.slow
@pytest.mark.parametrize("ground", ["white", "#eee5dd"])
@pytest.mark.parametrize("copy", COPIES)
def test_a_page_stays_the_same_through_a_codec_and_one_digit_makes_it_another(copy: str, ground: str) -> None:
    page = encoded(ledger(1, ground=ground), "PNG")
    proof = proved(page, COPIES[copy](ledger(1, ground=ground)))
    assert verdict(proof) is Verdict.SAME
    other = proved(page, COPIES[copy](ledger(1, changed="7 2", ground=ground)))
    assert is_paper(other)
    assert verdict(other) is None
    left, top, right, bottom = other.differences[0].box_a
    assert 270 <= left < right <= 340 and 165 <= top < bottom <= 200


@pytest.mark.slow
def test_the_order_of_two_pages_changes_nothing() -> None:
    page, other = encoded(ledger(2), "PNG"), encoded(ledger(2, changed="3 3"), "JPEG", quality=70)
    there = prove(full(page, "a"), full(other, "b"), alignment(IDENTITY, 1, 1))
    back = prove(full(other, "b"), full(page, "a"), alignment(IDENTITY, 1, 1))
    assert there is not None and back is not None
    assert [place.strength for place in there.differences] == [place.strength for place in back.differences]
    assert there.differences[0].box_a == back.differences[0].box_b


@pytest.mark.slow
def test_a_fit_of_reduced_pictures_is_made_better() -> None:
    """Features are found to about a pixel of a reduced picture: several of the full one."""
    page = ledger(3).resize((1280, 960), Image.Resampling.LANCZOS)
    off: Matrix = ((1.002, 0, 0.004), (0, 0.999, -0.003), (0, 0, 1))
    proof = proved(encoded(page, "PNG"), encoded(page, "JPEG", quality=85), off, inliers=30)
    assert not [place for place in proof.differences if place.strength > 1.5]


def exposed(scene: Picture, seed: int, stops: float = 0.0, grain: float = 0.012) -> bytes:
    """Read a scene out of a sensor, with noise of its own."""
    light = (np.asarray(scene, np.float64) / 255) ** 2.2 * 2**stops
    noise = np.random.default_rng(seed).normal(0, 1, light.shape) * np.sqrt(light + 0.002) * grain
    levels = np.clip(light + noise, 0, 1) ** (1 / 2.2) * 255
    return encoded(Image.fromarray(np.rint(levels).astype(np.uint8)), "JPEG", quality=92)


@pytest.fixture(scope="module")
def scene() -> Picture:
    """A photograph reduced until it has no noise of its own, and large enough to tell."""
    return photograph("rocket", 640).resize((640, 427), Image.Resampling.BOX)


@pytest.mark.slow
@pytest.mark.parametrize("stops", [0.0, 0.5])
def test_two_exposures_are_told_by_their_noise(scene: Picture, stops: float) -> None:
    first, second = exposed(scene, 1), exposed(scene, 2, stops)
    assert are_two_shots(proved(first, second))


@pytest.mark.slow
@pytest.mark.parametrize("grain", [0.03, 0.05])
def test_two_exposures_in_the_dark_are_told_by_their_noise(scene: Picture, grain: float) -> None:
    """As much noise as there is light flattens the curve that fits best from one onto the other."""
    first, second = (exposed(scene, seed, stops=-3.5, grain=grain) for seed in (1, 2))
    assert are_two_shots(proved(first, second))


@pytest.mark.slow
@pytest.mark.parametrize("quality", [85, 60, 30])
def test_one_exposure_stays_one(scene: Picture, quality: int) -> None:
    first = exposed(scene, 1)
    with Image.open(BytesIO(first)) as image:
        again = encoded(image.convert("RGB"), "JPEG", quality=quality)
    proof = proved(first, again)
    assert not are_two_shots(proof)
    assert verdict(proof) is Verdict.SAME


@pytest.mark.slow
def test_a_thing_that_moved_is_another_picture(scene: Picture) -> None:
    moved = scene.copy()
    mask = Image.new("L", (60, 60))
    mask.paste(255, (10, 10, 50, 50))  # as soft as lenses are: a sharp outline would be one of its own
    moved.paste(scene.crop((290, 140, 350, 200)), (110, 190), mask.filter(ImageFilter.GaussianBlur(3)))
    proof = proved(encoded(scene, "JPEG", quality=90), encoded(moved, "JPEG", quality=90))
    assert verdict(proof) is None
    left, top, right, bottom = proof.differences[0].box_b
    assert left < 160 and right > 120 and top < 240 and bottom > 200


@pytest.mark.slow
def test_tones_and_sharpness_are_named(scene: Picture) -> None:
    brighter = scene.point(
        [min(255, round(255 * (level / 255 * 2 ** (0.5 / 2.2)))) for level in range(256)] * 3
    )
    proof = proved(encoded(scene, "PNG"), encoded(brighter, "PNG"))
    assert verdict(proof) is Verdict.EDITED
    assert abs(abs(proof.toning.stops) - 0.5) < 0.1


@pytest.mark.slow
def test_a_mark_on_an_untouched_photograph_is_drawn_over_whatever_its_colors(scene: Picture) -> None:
    """A curve of tones or a turn of hues would explain a part of a large mark."""
    marked = scene.copy()
    draw = ImageDraw.Draw(marked)
    draw.ellipse((200, 60, 460, 320), (190, 40, 160))
    draw.rectangle((290, 150, 370, 230), (65, 215, 95))
    way = alignment(IDENTITY, 1, 1)
    exact = way._replace(inliers=0, agreement=way.agreement._replace(exact=True))
    one, other = (
        full(encoded(picture, "JPEG", quality=92), name) for picture, name in ((scene, "a"), (marked, "b"))
    )
    proof = prove(one, other, exact)
    assert proof is not None and not is_recolored(proof.toning)
    assert not [place for place in proof.differences if place.strength > 3 and place.moved]
    assert verdict(proof) is Verdict.EDITED


@pytest.mark.slow
def test_a_turned_hue_is_told_and_sepia_is_none(scene: Picture) -> None:
    def colored(matrix: tuple[float, ...]) -> Proof:
        return proved(encoded(scene, "PNG"), encoded(scene.convert("RGB", matrix), "PNG"))

    turned = colored((0, 1, 0, 0, 0, 0, 1, 0, 1, 0, 0, 0))
    assert is_recolored(turned.toning) and verdict(turned) is None
    sepia = colored((0.39, 0.77, 0.19, 0, 0.35, 0.69, 0.17, 0, 0.27, 0.53, 0.13, 0))
    assert not is_recolored(sepia.toning) and verdict(sepia) is Verdict.EDITED


@pytest.mark.slow
def test_two_shots_are_told_by_their_focus(scene: Picture) -> None:
    def focused(near: bool) -> bytes:
        soft = scene.filter(ImageFilter.GaussianBlur(4))
        mask = Image.new("L", scene.size, 0)
        mask.paste(255, (0, 0, scene.width // 2, scene.height))
        shown = Image.composite(scene, soft, mask) if near else Image.composite(soft, scene, mask)
        return encoded(shown, "JPEG", quality=92)

    assert are_two_shots(proved(focused(near=True), focused(near=False)))
    assert not are_two_shots(proved(focused(near=True), encoded(scene, "JPEG", quality=92)))  # a blurred half


@pytest.mark.slow
@pytest.mark.parametrize("digit", [False, True])
def test_light_that_falls_unevenly_on_a_page_is_no_writing(digit: bool) -> None:
    page = np.asarray(ledger(5, changed="9 2" if digit else ""), np.float64)
    gain = (
        np.linspace(1.0, 0.72, page.shape[1])[None, :, None]
        * np.linspace(0.9, 1, page.shape[0])[:, None, None]
    )
    lit = Image.fromarray(np.rint(page * gain).astype(np.uint8))
    proof = proved(encoded(ledger(5), "PNG"), encoded(lit, "JPEG", quality=85))
    assert proof.shade > 20
    assert verdict(proof) is (None if digit else Verdict.EDITED)


@pytest.mark.slow
def test_a_thing_on_a_plain_ground_is_a_photograph_and_drawings_are_pages() -> None:
    thing = photograph("coffee", 600)
    shop = Image.new("RGB", (900, 700), "white")
    shop.paste(thing, (150, 150))
    looks = [look_of([split(np.asarray(picture))], 0.5, edges=True) for picture in (thing, shop, ledger(1))]
    assert [log_odds_of_page(look) > 0 for look in looks] == [False, False, True]
    assert [log_odds_of_drawing(look) > 0 for look in looks] == [False, False, True]
    assert log_odds_of_drawing(look_of([split(np.asarray(thing))], 0.5)) == -math.inf
    board = look_of([split(np.asarray(diagram()))], 0.0, edges=True)
    assert log_odds_of_page(board) < 0 < log_odds_of_drawing(board)


def diagram(*, moved: bool = False) -> Picture:
    """Draw pieces of thick strokes on a board of two colors; one of them may have `moved`."""
    board = Image.new("RGB", (480, 480), "#ebecd0")
    draw = ImageDraw.Draw(board)
    chance = Random(3)
    for number in range(64):
        x, y = 60 * (number % 8), 60 * (number // 8)
        if (number + number // 8) % 2:
            draw.rectangle((x, y, x + 59, y + 59), "#739552")
        at = 36 if moved and number == 21 else number
        has_piece = chance.random() < 0.4 or number == 21
        if (has_piece and at != 36) or (number == 36 and moved):
            draw.ellipse((x + 12, y + 8, x + 48, y + 52), "#f9f9f9", "#202020", 3)
            draw.rectangle((x + 22, y + 20, x + 38, y + 44), "#202020")
    return board


@pytest.mark.slow
def test_a_piece_that_stands_elsewhere_on_a_diagram_is_another_diagram() -> None:
    there = encoded(diagram(), "JPEG", quality=92)
    proof = proved(there, encoded(diagram(), "JPEG", quality=75))
    assert verdict(proof) is Verdict.SAME
    proof = proved(there, encoded(diagram(moved=True), "JPEG", quality=75))
    assert is_paper(proof) and verdict(proof) is None


def cells(count: int, side: int, *, changed: int = -1) -> Picture:
    """Draw a chart of cells, each in a color of its own; the one that is `changed` shows another."""
    chance = Random(4)
    chart = Image.new("RGB", (count * side, count * side))
    draw = ImageDraw.Draw(chart)
    for number in range(count * count):
        x, y = side * (number % count), side * (number // count)
        color = tuple(chance.randint(0, 255) for _ in range(3))
        if number == changed:
            color = (color[0], (color[1] + 110) % 256, color[2])
        draw.rectangle((x, y, x + side - 1, y + side - 1), color)
    return chart


@pytest.mark.slow
@pytest.mark.parametrize("side", [20, 24])  # some of which no window of eight pixels shows an edge of
def test_a_cell_in_another_color_makes_another_chart(side: int) -> None:
    """Of more colors than a page has, and without strokes: a mark on it was called drawn over."""
    there = encoded(cells(18, side), "PNG")
    for copy in (encoded(cells(18, side), "JPEG", quality=80), encoded(cells(18, side), "WEBP", quality=85)):
        assert verdict(proved(there, copy)) is Verdict.SAME
    proof = proved(there, encoded(cells(18, side, changed=150), "JPEG", quality=80))
    assert all(log_odds_of_page(look) < 0 for look in proof.grounds)
    assert is_paper(proof) and verdict(proof) is None


def test_two_tones_tell_a_drawing_from_a_photograph_of_many_edges() -> None:
    chart, shown = (
        log_odds_of_two_tones(look_of([split(np.asarray(picture))], 0.5, edges=True))
        for picture in (cells(18, 20), photograph("coffee", 320))
    )
    assert chart > 6 and shown < 0
    assert log_odds_of_two_tones(look_of([split(np.asarray(cells(18, 20)))], 0.5)) == -math.inf
    tiny = look_of([split(np.asarray(cells(1, 9)))], 0.5, edges=True)  # no window has contrast
    assert log_odds_of_two_tones(tiny) < 0


def test_a_faded_page_is_toned_down_to_its_thinnest_strokes_and_a_signature_keeps_its_color() -> None:
    """Blurred, a stroke is never as dark as it is, and too little of a page for its color to count."""
    page = Image.new("RGB", (640, 480), "white")
    draw = ImageDraw.Draw(page)
    for row in range(20):
        draw.line((20, 12 + 23 * row, 620, 12 + 23 * row), "black", 1)
    draw.line([(x, 447 + 5 * ((x // 9) % 3)) for x in range(330, 620, 9)], (20, 20, 120), 2)
    paper = np.array((252, 246, 238))
    scan = np.rint(50 + np.asarray(page, np.float32) / 255 * (paper - 50)).astype(np.uint8)
    everywhere = Inside.everywhere(480, 640)
    found = toning_of(LaidOut(scan, np.asarray(page), everywhere, 1.0, np.eye(3), 0.0, warped=False))
    assert found.tones is not None
    black, blue = toned(np.array([[(0, 0, 0), (20, 20, 120)]], np.uint8), found.tones)[0].astype(int)
    assert np.abs(black - 50).max() <= 12
    assert blue[2] - blue[0] >= 50  # 72 of them


@pytest.mark.slow
def test_what_a_curve_clipped_is_lost_and_nothing_else_is_there(scene: Picture) -> None:
    gain = 2 ** (1.5 / 2.2)
    brighter = scene.point([min(255, round(level * gain)) for level in range(256)] * 3)
    proof = proved(encoded(scene, "JPEG", quality=92), encoded(brighter, "JPEG", quality=92))
    assert verdict(proof) is Verdict.EDITED


@pytest.mark.slow
@pytest.mark.parametrize("digit", [False, True])
def test_a_page_that_is_nearly_empty_is_laid_out_by_what_is_there(digit: bool) -> None:
    def sheet(number: str) -> Picture:
        page = Image.new("RGB", (1100, 1556), "white")
        draw = ImageDraw.Draw(page)
        font = ImageFont.load_default(22)
        draw.polygon([(80, 140), (160, 140), (120, 70)], fill="#205090")
        draw.text((700, 300), f"Delivery note {number}", "black", font)
        for row in range(3):
            draw.text((90, 480 + 60 * row), f"Item {row + 1}, twelve pieces", "black", font)
            draw.line((90, 520 + 60 * row, 1000, 520 + 60 * row), "gray")
        draw.text((90, 1380), "Received with thanks", "black", font)
        return page

    other = sheet("48-2297" if digit else "48-2291")
    proof = proved(encoded(sheet("48-2291"), "PNG"), encoded(other, "JPEG", quality=85), inliers=12)
    assert verdict(proof) is (None if digit else Verdict.SAME)


@pytest.mark.slow
@pytest.mark.parametrize("replaced", [False, True])
def test_letters_without_an_outline_are_drawn_over_a_photograph_and_other_letters_are_not(
    scene: Picture, replaced: bool
) -> None:
    def lettered(words: str) -> Picture:
        picture = scene.copy()
        ImageDraw.Draw(picture).text((150, 200), words, "white", ImageFont.load_default(36))
        return picture

    first = lettered("SUNDAY 14 MAY") if replaced else scene
    way = alignment(IDENTITY, 1, 1)
    exact = way._replace(inliers=0, agreement=way.agreement._replace(exact=True))
    a, b = (
        full(encoded(one, "JPEG", quality=92), name)
        for one, name in ((first, "a"), (lettered("SUNDAY 19 JUN"), "b"))
    )
    proof = prove(a, b, exact)
    assert proof is not None
    assert verdict(proof) is (None if replaced else Verdict.EDITED)


@pytest.mark.slow
@pytest.mark.parametrize("quality", [20, 50, 80])
def test_a_picture_saved_again_at_a_higher_quality_is_not_sharper(scene: Picture, quality: int) -> None:
    first = encoded(scene, "JPEG", quality=quality)
    with Image.open(BytesIO(first)) as image:
        again = encoded(image.convert("RGB"), "JPEG", quality=97)
    for proof in (proved(first, again), proved(again, first)):
        assert 1 / 1.2 < proof.toning.sharpness < 1.2
        assert verdict(proof) is Verdict.SAME


def clocked(scene: Picture, time: str, off: int = 0) -> Picture:
    """A frame of a camera that writes the time into it, some pixels off."""
    frame = scene.copy()
    draw = ImageDraw.Draw(frame)
    draw.rectangle((0, 0, 150, 28), fill="black")
    draw.text((8 + off, 4 + off), time, "white", ImageFont.load_default(18))
    return frame


@pytest.mark.slow
@pytest.mark.parametrize("quality", [90, 70])
@pytest.mark.parametrize("later", ["12:40:24", "12:40:57", "12:41:04"])
def test_another_time_in_a_frame_is_another_moment(scene: Picture, later: str, quality: int) -> None:
    first, second = (encoded(clocked(scene, time), "JPEG", quality=quality) for time in ("12:40:22", later))
    assert verdict(proved(first, second)) is None


@pytest.mark.slow
def test_writing_that_one_picture_has_alone_or_that_lies_off_is_no_other_writing(scene: Picture) -> None:
    marked = encoded(clocked(scene, "12:40:22"), "JPEG", quality=90)
    for other in (scene, clocked(scene, "12:40:22", off=1)):
        proof = proved(marked, encoded(other, "JPEG", quality=90))
        assert proof.differences and not [place for place in proof.differences if place.rewritten]
    again = encoded(clocked(scene, "12:40:22"), "JPEG", quality=60)
    assert verdict(proved(marked, again)) is Verdict.SAME
