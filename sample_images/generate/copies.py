"""The list of known copies: which original, which edit, and what the embedding cannot find."""

import io
from collections.abc import Callable
from dataclasses import dataclass

from PIL import Image

from sample_images.generate import edits
from sample_images.generate.edits import Edit

Remake = Callable[[bytes], bytes]
ORIENTATION = 0x0112  # the EXIF tag; 6 means: turn clockwise by 90 degrees to view


@dataclass(frozen=True)
class Copy:
    """A file made from an original; hard means that one embedding does not find it."""

    file: str
    original: str
    relation: str
    remake: Remake
    hard: bool = False


def jpeg(*steps: Edit, quality: int = 85) -> Remake:
    return _encoded(steps, "JPEG", quality)


def _encoded(steps: tuple[Edit, ...], form: str, quality: int) -> Remake:
    def remake(data: bytes) -> bytes:
        with Image.open(io.BytesIO(data)) as opened:
            image = opened.convert("RGB")
        for step in steps:
            image = step(image)
        if form == "GIF":
            image = image.quantize(128)
        buffer = io.BytesIO()
        options = {"optimize": True} if form in ("PNG", "GIF") else {"quality": quality}
        image.save(buffer, form, **options)
        return buffer.getvalue()

    return remake


def converted(form: str, *steps: Edit, quality: int = 80) -> Remake:
    return _encoded(steps, form, quality)


def lying_down(data: bytes) -> bytes:
    """Store the pixels turned, as cameras do, with an orientation tag that sets them upright."""
    with Image.open(io.BytesIO(data)) as opened:
        image = edits.quarter_turn(opened.convert("RGB"))
    exif = Image.Exif()
    exif[ORIENTATION] = 6
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=92, exif=exif)
    return buffer.getvalue()


def same_bytes(data: bytes) -> bytes:
    return data


def cut_short(data: bytes) -> bytes:
    """Break off like an interrupted download."""
    return data[: len(data) * 2 // 5]


def a_note(_: bytes) -> bytes:
    return b"Buy batteries for the camera, and a new memory card.\n"


COPIES = (
    Copy("backup/candle.jpg", "phone/candle.jpg", "identical", same_bytes),
    Copy("backup/red dice (1).jpg", "phone/red-dice.jpg", "identical", same_bytes),
    Copy("backup/moon.png", "phone/moon.jpg", "converted", converted("PNG")),
    Copy("backup/fireworks.webp", "phone/fireworks.jpg", "converted", converted("WEBP")),
    Copy("backup/milky-way.avif", "holiday/milky-way.jpg", "converted", converted("AVIF")),
    Copy(
        "backup/dice-on-felt.gif",
        "phone/dice-on-felt.jpg",
        "converted",
        converted("GIF", edits.fit(320)),
    ),
    Copy("backup/pears.jpg", "phone/pears.jpg", "exif_rotated", lying_down),
    Copy("downloads/alps-small.jpg", "holiday/alps.jpg", "resized", jpeg(edits.fit(480))),
    Copy("downloads/sunset-640.jpg", "holiday/sunset.jpg", "resized", jpeg(edits.fit(640))),
    Copy("downloads/thumb-mountain-lake.jpg", "holiday/mountain-lake.jpg", "thumbnail",
         jpeg(edits.fit(128), quality=75)),
    Copy("downloads/thumb-skyline.jpg", "phone/skyline.jpg", "thumbnail",
         jpeg(edits.fit(128), quality=75)),
    Copy("downloads/beach-q15.jpg", "holiday/beach.jpg", "recompressed", jpeg(quality=15)),
    Copy("downloads/dice-tower-q30.jpg", "phone/dice-tower.jpg", "recompressed", jpeg(quality=30)),
    Copy("downloads/dunes-crop.jpg", "holiday/dunes.jpg", "cropped",
         jpeg(edits.crop(0.14, 0.04, 0.04, 0.10))),
    Copy("downloads/red-dice-crop.jpg", "phone/red-dice.jpg", "cropped",
         jpeg(edits.crop(0.05, 0.05, 0.10, 0.12))),
    Copy("downloads/alps-peak.jpg", "holiday/alps.jpg", "cropped",
         jpeg(edits.crop(0.60, 0.10, 0.05, 0.55), quality=90), hard=True),
    Copy("downloads/coffee-turned.jpg", "phone/coffee.jpg", "rotated90",
         jpeg(edits.quarter_turn, edits.fit(480))),
    Copy("downloads/misty-hills-turned.jpg", "holiday/misty-hills.jpg", "rotated90",
         jpeg(edits.quarter_turn, edits.fit(600)), hard=True),
    Copy("downloads/country-road-tilted.jpg", "holiday/country-road.jpg", "rotated",
         jpeg(edits.tilt(3.0), edits.fit(560))),
    Copy("downloads/balloons-mirrored.jpg", "holiday/balloons.jpg", "mirrored",
         jpeg(edits.mirror, edits.fit(560))),
    Copy("downloads/meadow good morning.jpg", "phone/meadow.jpg", "captioned",
         jpeg(edits.fit(560), edits.caption("Good morning!"))),
    Copy("downloads/baubles-framed.jpg", "phone/baubles.jpg", "bordered",
         jpeg(edits.fit(480), edits.border(0.07, "#f7f4ec"))),
    Copy("downloads/birches-warm.jpg", "phone/birches.jpg", "toned",
         jpeg(edits.fit(520), edits.warm)),
    Copy("downloads/sunflower-dark.jpg", "phone/sunflower.jpg", "toned",
         jpeg(edits.fit(480), edits.darker)),
    Copy("downloads/Straße schwarzweiß.jpg", "holiday/München Straße.jpg", "toned",
         jpeg(edits.fit(600), edits.grayscale)),
    Copy("downloads/tartan-sepia.jpg", "phone/tartan.jpg", "toned",
         jpeg(edits.fit(480), edits.sepia)),
    Copy("downloads/oranges-story.jpg", "phone/oranges.jpg", "letterboxed",
         jpeg(edits.letterbox(560, 560))),
    Copy("phone/Screenshot 2024-07-14.jpg", "holiday/northern-lights.jpg", "screenshot",
         jpeg(edits.screenshot(640, 480))),
    Copy("downloads/bricks.jpg", "phone/bricks.jpg", "damaged", cut_short),
    Copy("downloads/notes.jpg", "", "not_an_image", a_note),
)  # fmt: skip
