"""What people put on paper by hand: crosses, signatures, stamps."""

from __future__ import annotations

import math
from random import Random

from PIL import Image, ImageDraw

from benchmarks.documents.fonts import face
from benchmarks.documents.sheet import NONE, Color, Picture, Sheet

BLUE_INK, RED_INK = (28, 42, 120), (170, 30, 40)


def tick_box(sheet: Sheet, x: float, y: float, ticked: bool, side: float = 1.6) -> None:
    """A box on a baseline, with a cross in it or none."""
    box = (x, y - side, x + side, y)
    sheet.frame(box, width=max(1, sheet.px(0.12)))
    stroke = max(1.5, 0.22 * sheet.unit)
    inside = (x + 0.2, y - side + 0.2, x + side - 0.1, y - 0.1)
    drawn = f"{sheet.tick} {sheet.content.randrange(1000)}"
    other = NONE if ticked else drawn
    sheet.symbol(
        inside,
        "cross",
        drawn if ticked else NONE,
        lambda part, content: _cross(part, content, stroke),
        others=(other,),
        stroke=stroke,
    )


def _cross(part: Picture, content: str, stroke: float) -> None:
    style, seed = content.split()
    chance = Random(seed)
    width, height = part.size
    jitter = [chance.uniform(0.02, 0.12) for _ in range(4)]
    lines = (
        [(jitter[0], 0.1, 1 - jitter[1], 0.9), (jitter[2], 0.9, 1 - jitter[3], 0.1)]
        if style == "cross"
        else [(0.05, 0.5 + jitter[0], 0.4, 0.95), (0.4, 0.95, 0.95, 0.1 + jitter[1])]
    )
    for x0, y0, x1, y1 in lines:
        thick_line(part, [(x0 * width, y0 * height), (x1 * width, y1 * height)], BLUE_INK, stroke)


def thick_line(part: Picture, points: list[tuple[float, float]], ink: Color, stroke: float) -> None:
    """Draw a smooth line through points, in fractions of pixels."""
    scale = 4
    mask = Image.new("L", (part.width * scale, part.height * scale))
    ImageDraw.Draw(mask).line(
        [(x * scale, y * scale) for x, y in points], 255, max(1, round(stroke * scale)), joint="curve"
    )
    part.paste(ink, mask=mask.resize(part.size, Image.Resampling.BOX))


def filled(part: Picture, points: list[tuple[float, float]], ink: Color) -> None:
    """Fill a shape whose outline is in fractions of pixels."""
    scale = 4
    mask = Image.new("L", (part.width * scale, part.height * scale))
    ImageDraw.Draw(mask).polygon([(x * scale, y * scale) for x, y in points], 255)
    part.paste(ink, mask=mask.resize(part.size, Image.Resampling.BOX))


def signature(sheet: Sheet, box: tuple[float, float, float, float], signed: bool = True) -> None:
    """A name written by hand."""
    stroke = max(1.2, 0.16 * sheet.unit)
    ink = sheet.form.choice((BLUE_INK, (20, 20, 30)))
    seed = str(sheet.content.randrange(10**6))
    others = (str(int(seed) + 1), NONE)
    sheet.symbol(
        box,
        "signature",
        seed if signed else NONE,
        lambda part, content: _scribble(part, Random(content), ink, stroke),
        others=others if signed else (seed,),
        stroke=stroke,
    )


def _scribble(part: Picture, chance: Random, ink: Color, stroke: float) -> None:
    """Loops of letters along a rising line, the first one large, and a flourish below."""
    width, height = part.size
    letters = chance.randint(5, 9)
    step = width * 0.8 / letters
    points: list[tuple[float, float]] = []
    for letter in range(letters):
        tall = height * (0.42 if letter == 0 else chance.choice((0.12, 0.14, 0.3)))
        fat, slant = step * chance.uniform(0.3, 0.6), chance.uniform(0.1, 0.5)
        middle = width * 0.08 + step * (letter + 0.5), height * (0.62 - 0.12 * letter / letters)
        start, turns = chance.uniform(2.2, 3.6), chance.choice((0.6, 0.9, 1.2))
        for part_of_turn in range(24):
            angle = start + part_of_turn / 24 * turns * 2 * math.pi
            rise = -math.sin(angle) * tall
            points.append(
                (middle[0] + math.cos(angle) * fat - rise * slant * 0.3, middle[1] + rise - tall * 0.3)
            )
    thick_line(part, points, ink, stroke)
    if chance.random() < 0.6:
        flourish = [
            (width * (0.15 + 0.75 * t / 20), height * (0.86 - 0.1 * math.sin(t / 4))) for t in range(21)
        ]
        thick_line(part, flourish, ink, stroke)


def stamp(
    sheet: Sheet, box: tuple[float, float, float, float], texts: tuple[str, ...], stamped: bool
) -> None:
    """A rubber stamp with one of the texts, or none."""
    ink = sheet.form.choice((RED_INK, BLUE_INK, (30, 100, 60)))
    size = sheet.unit * 1.5
    angle = sheet.form.uniform(-14, 14)
    text = sheet.content.choice(texts)
    others = tuple(other for other in texts if other != text)
    sheet.symbol(
        box,
        "stamp",
        text if stamped else NONE,
        lambda part, content: _stamped(part, content, ink, size, angle),
        others=(NONE, *others) if stamped else texts,
        stroke=0.2 * size,
    )


def _stamped(part: Picture, text: str, ink: Color, size: float, angle: float) -> None:
    font = face("sans bold").at(size)
    left, top, right, bottom = font.getbbox(text, anchor="mm")
    mask = Image.new("L", part.size)
    drawing = ImageDraw.Draw(mask)
    x, y = part.width / 2, part.height / 2
    pad = size * 0.7
    frame = (x + left - pad, y + top - pad, x + right + pad, y + bottom + pad)
    drawing.rounded_rectangle(frame, size * 0.5, outline=200, width=max(2, round(size * 0.22)))
    drawing.text((x, y), text, 215, font, "mm")
    part.paste(ink, mask=mask.rotate(angle, Image.Resampling.BICUBIC))
