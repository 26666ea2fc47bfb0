"""Kinds of pictures that look alike and are not: what is other content, what is a copy, drawn here.

Each kind is held from both sides: what differs is `similar` at most, and true copies are `same`, or `pixels`.
"""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFilter

from tests.helpers import documents
from tests.helpers.pictures import photograph
from visualsearch_cli.library import Evidence, Verdict, compare

pytestmark = pytest.mark.slow

Picture = Image.Image
Save = Callable[[Picture, Path], None]


def found(a: Path, b: Path) -> Evidence:
    """Return the evidence, which is the same whichever is named first."""
    there, back = compare(a, b), compare(b, a)
    assert there.verdict is back.verdict
    return there


def is_copy(evidence: Evidence) -> bool:
    return evidence.verdict is not None and evidence.verdict.reaches(Verdict.EDITED)


def png(picture: Picture, path: Path) -> None:
    picture.save(path, "PNG")


def jpeg(picture: Picture, path: Path) -> None:
    picture.save(path, "JPEG", quality=75)


def webp(picture: Picture, path: Path) -> None:
    picture.save(path, "WEBP", quality=80)


def smaller(picture: Picture, path: Path) -> None:
    size = (round(picture.width * 0.6), round(picture.height * 0.6))
    picture.resize(size, Image.Resampling.LANCZOS).save(path, "JPEG", quality=90)


# Pages and screens

PAGES: dict[str, Callable[[bool], Picture]] = {  # one page, or the same filled in otherwise
    "log file": lambda other: documents.log_file(1 + other),
    "timetable": lambda other: documents.timetable(1 + other),
    "score sheet": lambda other: documents.score_sheet(1 + other),
    "certificate": lambda other: documents.certificate("Matteo Berlinguer" if other else "Ingrid Sommerfeld"),
    "exam sheet": lambda other: documents.exam_sheet(3 if other else 1),
    "delivery note": lambda other: documents.delivery_note("48-2297" if other else "48-2291"),
    "weather": lambda other: documents.weather("17°" if other else "14°"),
    "bank": lambda other: documents.bank("4,781.22" if other else "4,187.22"),
    "chat": lambda other: documents.chat("Nobody" if other else "Granny"),
}

OTHERS: dict[str, Save] = {"png": png, "webp": webp}
COPIES: dict[str, Save] = {"jpeg": jpeg, "smaller": smaller}


@pytest.mark.parametrize("save", OTHERS)
@pytest.mark.parametrize("page", PAGES)
def test_another_entry_makes_another_page(tmp_path: Path, page: str, save: str) -> None:
    png(PAGES[page](False), tmp_path / "a.png")
    OTHERS[save](PAGES[page](True), tmp_path / "b")
    evidence = found(tmp_path / "a.png", tmp_path / "b")
    assert not is_copy(evidence), evidence.reason


@pytest.mark.parametrize("save", COPIES)
@pytest.mark.parametrize("page", PAGES)
def test_a_page_saved_otherwise_is_the_same(tmp_path: Path, page: str, save: str) -> None:
    png(PAGES[page](False), tmp_path / "a.png")
    COPIES[save](PAGES[page](False), tmp_path / "b")
    evidence = found(tmp_path / "a.png", tmp_path / "b")
    assert evidence.verdict is Verdict.SAME, evidence.reason


@pytest.mark.parametrize("total", ["18.36", "18.38", "18.30"])
def test_another_digit_of_a_faded_receipt_makes_another_receipt(tmp_path: Path, total: str) -> None:
    documents.receipt("18.36").save(tmp_path / "large.jpg", quality=85)
    other = documents.receipt(total)
    half = other.resize((other.width // 2, other.height // 2), Image.Resampling.LANCZOS)
    half.save(tmp_path / "half.jpg", quality=85)
    half.save(tmp_path / "half.png")
    for name in ("half.jpg", "half.png"):
        evidence = found(tmp_path / "large.jpg", tmp_path / name)
        if total == "18.36":
            assert evidence.verdict is Verdict.SAME, evidence.reason
        else:
            assert not is_copy(evidence), evidence.reason


# Frames and pages behind the first


def slides(*colors: str) -> list[Picture]:
    """Draw a title, and a slide for each color."""
    title = Image.new("RGB", (480, 360), (250, 250, 245))
    draw = ImageDraw.Draw(title)
    draw.rectangle((60, 80, 420, 90), fill=(30, 90, 150))
    draw.text((60, 120), "Our year in pictures", (20, 20, 20), documents.font(34))
    rest = []
    for number, color in enumerate(colors):
        slide = Image.new("RGB", title.size, "white")
        ImageDraw.Draw(slide).pieslice((90, 40, 370, 320), 0, 100 + 60 * number, fill=color)
        rest.append(slide)
    return [title, *rest]


def in_frames(pictures: list[Picture], format_: str, **options: object) -> bytes:
    stream = BytesIO()
    first, *rest = pictures
    first.save(stream, format_, save_all=True, append_images=rest, **options)
    return stream.getvalue()


MOVING = {
    "gif": ("GIF", {"duration": 200}),
    "apng": ("PNG", {"duration": 200}),
    "tiff": ("TIFF", {}),
    "webp": ("WEBP", {"lossless": True, "duration": 200}),
}


@pytest.mark.parametrize("kind", MOVING)
def test_what_comes_after_one_first_frame_counts(tmp_path: Path, kind: str) -> None:
    format_, options = MOVING[kind]
    for name, colors in (("a", ("red", "gold")), ("b", ("navy", "green")), ("more", ("red", "gold", "teal"))):
        (tmp_path / name).write_bytes(in_frames(slides(*colors), format_, **options))
    assert not is_copy(found(tmp_path / "a", tmp_path / "b"))
    assert not is_copy(found(tmp_path / "a", tmp_path / "more"))
    (tmp_path / "title").write_bytes(in_frames(slides(), format_, **options))
    assert found(tmp_path / "a", tmp_path / "title").verdict not in (Verdict.PIXELS, Verdict.SAME)


def test_the_same_frames_in_another_file_are_the_same_pixels(tmp_path: Path) -> None:
    frames = slides("red", "gold")
    for name, format_, options in (
        ("a", "TIFF", {}),
        ("b", "TIFF", {"compression": "tiff_deflate"}),
        ("c", "PNG", {"duration": 200}),
        ("d", "WEBP", {"lossless": True, "duration": 200}),
    ):
        (tmp_path / name).write_bytes(in_frames(frames, format_, **options))
    assert found(tmp_path / "a", tmp_path / "b").verdict is Verdict.PIXELS
    assert found(tmp_path / "c", tmp_path / "d").verdict is Verdict.PIXELS


# What only shows on another ground


def stencil(shape: str, color: str) -> Picture:
    """Draw in one color on transparent ground, which has that color, too."""
    red, green, blue = Image.new("RGB", (1, 1), color).getpixel((0, 0))  # type: ignore[misc]
    picture = Image.new("RGBA", (480, 480), (red, green, blue, 0))
    draw = ImageDraw.Draw(picture)
    if shape == "heart":
        draw.ellipse((80, 90, 250, 260), fill=color)
        draw.ellipse((230, 90, 400, 260), fill=color)
        draw.polygon([(95, 220), (385, 220), (240, 420)], fill=color)
    elif shape == "house":
        draw.polygon([(60, 230), (240, 70), (420, 230)], fill=color)
        draw.rectangle((110, 230, 370, 420), fill=color)
    return picture


@pytest.mark.parametrize("color", ["white", "black", "#2060c0"])
def test_drawings_in_the_color_of_their_ground_are_told_by_their_transparency(
    tmp_path: Path, color: str
) -> None:
    for shape in ("heart", "house", "nothing"):
        stencil(shape, color).save(tmp_path / f"{shape}.png")
    Image.new("RGB", (480, 480), color).save(tmp_path / "plain.png")
    names = ("heart", "house", "nothing", "plain")
    for number, name in enumerate(names):
        for other in names[:number]:
            evidence = found(tmp_path / f"{name}.png", tmp_path / f"{other}.png")
            assert not is_copy(evidence), (name, other, evidence.reason)
    heart = stencil("heart", color)
    heart.save(tmp_path / "again.png", compress_level=1, dpi=(300, 300))
    heart.save(tmp_path / "heart.webp", lossless=True, exact=True)
    for copy in ("again.png", "heart.webp"):
        assert found(tmp_path / "heart.png", tmp_path / copy).verdict is Verdict.PIXELS


# Exposures


def shot(scene: Picture, seed: int, stops: float = 0.0) -> Picture:
    """Read a scene out of a sensor: light, clipped, with noise of its own."""
    light = (np.asarray(scene, np.float64) / 255) ** 2.2 * 2**stops
    noise = np.random.default_rng(seed).normal(0, 1, light.shape) * np.sqrt(light + 0.002) * 0.012
    levels = np.clip(light + noise, 0, 1) ** (1 / 2.2) * 255
    return Image.fromarray(np.rint(levels).astype(np.uint8))


def told(camera: bool, exposure: float) -> Image.Exif:
    exif = Image.Exif()
    if camera:
        exif[0x010F], exif[0x0110] = "Maker", "Model 7"
        inner = exif.get_ifd(0x8769)
        inner[0xA431], inner[0x829A], inner[0x9003] = "00417", exposure, "2021:05:01 10:00:00"
    return exif


@pytest.fixture(scope="module", params=["astronaut", "rocket"])
def scene(request: pytest.FixtureRequest) -> Picture:
    """A photograph that is large enough to tell: a quarter of a megapixel."""
    return photograph(request.param, 640)


@pytest.mark.parametrize("stops", [-0.7, 0.33, 1.5])
@pytest.mark.parametrize("camera", [True, False])
def test_a_bracket_is_two_shots(tmp_path: Path, scene: Picture, stops: float, camera: bool) -> None:
    first, second = tmp_path / "a.jpg", tmp_path / "b.jpg"
    shot(scene, 1).save(first, quality=92, exif=told(camera, 0.01))
    shot(scene, 2, stops).save(second, quality=92, exif=told(camera, 0.01 * 2**stops))
    evidence = found(first, second)
    assert not is_copy(evidence), evidence.reason


@pytest.mark.parametrize(
    ("name", "side", "stops", "noise", "quality"),
    [
        *(
            (name, 420, stops, 2.5, quality)
            for name in ("astronaut", "rocket")
            for stops in (-0.7, 0.33)
            for quality in (92, 86)
        ),
        *((name, 300, 1, 2.0, 90) for name in ("astronaut", "coffee")),  # few blocks are not clipped
    ],
)
def test_a_bracket_of_small_pictures_is_two_shots(
    tmp_path: Path, name: str, side: int, stops: float, noise: float, quality: int
) -> None:
    """What is white noise before the tones of one are those of the other is none after that."""
    first, second, edit = (tmp_path / f"{name}.jpg" for name in ("a", "b", "edit"))
    small = photograph(name, side)
    grain = (np.random.default_rng(seed).normal(0, noise, (small.height, small.width, 3)) for seed in (1, 2))
    light = np.asarray(small) / 255
    for path, exposed in ((first, light), (second, brighter(light, stops))):
        levels = np.rint(exposed * 255 + next(grain)).clip(0, 255).astype(np.uint8)
        Image.fromarray(levels).save(path, quality=92 if path == first else quality)
    evidence = found(first, second)
    assert not is_copy(evidence), evidence.reason
    with Image.open(first) as image:
        levels = np.rint(brighter(np.asarray(image) / 255, stops) * 255).astype(np.uint8)
    Image.fromarray(levels).save(edit, quality=92)
    assert found(first, edit).verdict is Verdict.EDITED


def brighter(levels: np.ndarray, stops: float) -> np.ndarray:
    """Expose levels from 0 to 1 longer."""
    exposed: np.ndarray = np.clip(levels**2.2 * 2**stops, 0, 1) ** (1 / 2.2)
    return exposed


@pytest.mark.parametrize("stops", [-0.7, 0.33, 0.7])
def test_one_shot_saved_again_is_the_same_and_made_brighter_an_edit(
    tmp_path: Path, scene: Picture, stops: float
) -> None:
    first, copy, edit = (tmp_path / f"{name}.jpg" for name in ("a", "copy", "edit"))
    shot(scene, 1).save(first, quality=92)
    with Image.open(first) as image:
        image.save(copy, quality=70)
        gain = 2 ** (stops / 2.2)
        image.point([min(255, round(level * gain)) for level in range(256)] * 3).save(edit, quality=92)
    assert found(first, copy).verdict is Verdict.SAME
    evidence = found(first, edit)
    assert evidence.verdict is Verdict.EDITED
    assert ("brighter by 0." if stops > 0 else "darker by 0.") in evidence.reason


# A thing that was taken elsewhere, and a stroke more, where all else is equal


def with_ball(name: str, place: tuple[int, int] | None, color: tuple[int, int, int]) -> Picture:
    """A photograph with a shaded ball on it."""
    ground = photograph(name, 480)
    if place is None:
        return ground
    y, x = np.mgrid[0 : ground.height, 0 : ground.width].astype(np.float32)
    left, top = place
    cover = np.clip(18.5 - np.hypot(x - left, y - top), 0, 1)[..., None]
    light = np.exp(-(np.square(x - left + 5) + np.square(y - top + 5)) / 120)[..., None]
    shown = np.asarray(ground, np.float32) * (1 - cover) + (np.array(color, np.float32) + 50 * light) * cover
    return Image.fromarray(np.rint(shown.clip(0, 255)).astype(np.uint8))


@pytest.mark.parametrize(
    ("name", "color"),
    [
        ("coffee", (20, 20, 20)),
        ("gravel", (190, 60, 40)),
        ("rocket", (190, 60, 40)),
        ("rocket", (205, 205, 205)),
    ],
)
def test_a_ball_that_rolled_makes_another_moment(
    tmp_path: Path, name: str, color: tuple[int, int, int]
) -> None:
    with_ball(name, (110, 90), color).save(tmp_path / "a.jpg", quality=92)
    smaller(with_ball(name, (300, 200), color), tmp_path / "b.jpg")
    evidence = found(tmp_path / "a.jpg", tmp_path / "b.jpg")
    assert not is_copy(evidence), evidence.reason
    smaller(with_ball(name, (110, 90), color), tmp_path / "copy.jpg")
    assert found(tmp_path / "a.jpg", tmp_path / "copy.jpg").verdict is Verdict.SAME
    smaller(with_ball(name, None, color), tmp_path / "without.jpg")  # it was drawn over one of them
    assert found(tmp_path / "a.jpg", tmp_path / "without.jpg").verdict is Verdict.EDITED


SEGMENTS = {"0": "abcdef", "1": "bc", "2": "abged", "5": "afgcd", "6": "afgcde", "7": "abc", "8": "abcdefg"}
ENDS = {"a": (0, 0, 1, 0), "b": (1, 0, 1, 1), "c": (1, 1, 1, 2), "d": (0, 2, 1, 2), "e": (0, 1, 0, 2)}
ENDS |= {"f": (0, 0, 0, 1), "g": (0, 1, 1, 1)}


def meter(number: str) -> Picture:
    """A photograph of a wall with a meter on it."""
    picture = photograph("gravel", 480).convert("RGB")
    draw = ImageDraw.Draw(picture)
    draw.rectangle((120, 150, 120 + 44 * len(number) + 20, 250), fill=(148, 162, 138))
    for place, digit in enumerate(number):
        for x0, y0, x1, y1 in (ENDS[segment] for segment in SEGMENTS[digit]):
            left, top = 138 + 44 * place, 170
            draw.line((left + 28 * x0, top + 30 * y0, left + 28 * x1, top + 30 * y1), (32, 34, 32), 6)
    return picture.filter(ImageFilter.GaussianBlur(0.7))


@pytest.mark.parametrize(("number", "other"), [("86521", "86527"), ("86527", "85527"), ("86520", "86528")])
def test_a_lamp_more_of_a_meter_makes_another_number(tmp_path: Path, number: str, other: str) -> None:
    meter(number).save(tmp_path / "a.jpg", quality=92)
    smaller(meter(other), tmp_path / "b.jpg")
    smaller(meter(number), tmp_path / "copy.jpg")
    evidence = found(tmp_path / "a.jpg", tmp_path / "b.jpg")
    assert not is_copy(evidence), evidence.reason
    assert found(tmp_path / "a.jpg", tmp_path / "copy.jpg").verdict is Verdict.SAME


# Detail


def through_half(picture: Picture) -> Picture:
    half = picture.resize((picture.width // 2, picture.height // 2), Image.Resampling.LANCZOS)
    return half.resize(picture.size, Image.Resampling.BICUBIC)


def enlarged(picture: Picture) -> Picture:
    larger = (round(picture.width * 1.3), round(picture.height * 1.3))
    return through_half(picture).resize(larger, Image.Resampling.BICUBIC)


@pytest.mark.parametrize("name", ["astronaut", "chelsea"])
@pytest.mark.parametrize("soften", [through_half, enlarged])
def test_what_lost_detail_is_an_edit(tmp_path: Path, name: str, soften: Callable[[Picture], Picture]) -> None:
    """Its frame is the same, and so are its tones; but whoever has both sees which is which."""
    picture = photograph(name)
    picture.save(tmp_path / "a.jpg", quality=92)
    soften(picture).save(tmp_path / "b.jpg", quality=92)
    evidence = found(tmp_path / "a.jpg", tmp_path / "b.jpg")
    assert evidence.verdict is Verdict.EDITED, evidence.reason
    assert "softer" in evidence.reason or "less sharp" in evidence.reason
    for save in COPIES.values():
        save(picture, tmp_path / "c.jpg")
        assert found(tmp_path / "a.jpg", tmp_path / "c.jpg").verdict is Verdict.SAME


# What was hidden


def mosaic(picture: Picture, box: tuple[int, int, int, int]) -> Picture:
    part = picture.crop(box)
    cells = part.resize((5, 5), Image.Resampling.BOX)
    return cells.resize(part.size, Image.Resampling.NEAREST)


def blur(picture: Picture, box: tuple[int, int, int, int]) -> Picture:
    return picture.crop(box).filter(ImageFilter.GaussianBlur(6))


@pytest.mark.parametrize("hide", [mosaic, blur])
def test_what_was_hidden_is_an_edit(tmp_path: Path, hide: Callable[..., Picture]) -> None:
    """Other content in its place is not, though it covers as much."""
    picture = photograph("astronaut")
    box = (145, 40, 225, 130)  # the face
    picture.save(tmp_path / "a.jpg", quality=90)
    censored, other = picture.copy(), picture.copy()
    censored.paste(hide(picture, box), box)
    censored.save(tmp_path / "b.jpg", quality=90)
    other.paste(photograph("chelsea").crop((100, 60, 180, 150)), box)
    other.save(tmp_path / "c.jpg", quality=90)
    assert found(tmp_path / "a.jpg", tmp_path / "b.jpg").verdict is Verdict.EDITED
    assert not is_copy(found(tmp_path / "a.jpg", tmp_path / "c.jpg"))


@pytest.mark.parametrize("name", ["astronaut", "coffee"])
@pytest.mark.parametrize("moved", [False, True])
def test_two_shots_of_a_tripod_are_no_copies_however_small(tmp_path: Path, name: str, moved: bool) -> None:
    scene = photograph(name, 256)
    for seed, path in enumerate((tmp_path / "a.jpg", tmp_path / "b.jpg")):
        frame = scene.copy()
        if moved and seed:
            frame.paste(frame.crop((10, 10, 50, 50)).filter(ImageFilter.GaussianBlur(8)), (150, 100))
        grain = np.random.default_rng(seed).normal(0, 2.5, (frame.height, frame.width, 3))
        levels = np.clip(np.rint(np.asarray(frame) + grain), 0, 255).astype(np.uint8)
        Image.fromarray(levels).save(path, quality=95 - 5 * seed)
    assert not is_copy(found(tmp_path / "a.jpg", tmp_path / "b.jpg"))
