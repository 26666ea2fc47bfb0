"""Drawn by programs for eyes: slides, charts, maps, memes, frames, icons, sprites."""

from __future__ import annotations

import math
from random import Random

from PIL import Image, ImageDraw

from benchmarks.documents import words
from benchmarks.documents.kinds import marks, pictures
from benchmarks.documents.sheet import BLACK, NONE, WHITE, Color, Picture, Sheet

GREY: Color = (110, 110, 116)
Points = list[tuple[float, float]]


def slide(sheet: Sheet) -> None:
    """A page of a talk."""
    form, content = sheet.form, sheet.content
    sheet.page(128, 72)
    dark = form.random() < 0.35
    brand = pictures.drawn_color(form, 0.3, 0.7)
    ink = (236, 236, 240) if dark else (36, 38, 44)
    if dark:
        sheet.shade((26, 28, 40), (44, 48, 70))
    sheet.fill((0, 0, 2, 72), brand)
    sheet.write(7, 11, words.sentence(content, 4, 6)[:-1], size=2.6, family="sans bold", ink=ink, room=112)
    y = 21.0
    for _ in range(form.randint(4, 6)):
        sheet.drawing.ellipse(sheet.pixels((7, y - 1.6, 8.4, y - 0.2)), brand)
        with sheet.line():
            sheet.write(
                10.5, y, words.sentence(content, 4, 7)[:-1], size=1.3, family="sans", ink=ink, room=52
            )
        y += 6
    bars = form.randint(4, 6)
    for bar in range(bars):
        x = 72 + bar * 48 / bars
        _bar(sheet, (x, 20, x + 36 / bars, 60), brand)
        sheet.write(x + 18 / bars, 63, str(2018 + bar), family="sans", ink=ink, anchor="m")
    sheet.rule(70, 60, 122, 60, ink, width=2)
    sheet.write(7, 69, f"{words.name(content)}, {words.date(content)}", family="sans", ink=GREY)
    sheet.write(122, 69, str(content.randint(2, 60)), family="sans", ink=GREY, anchor="r")


def _bar(sheet: Sheet, box: tuple[float, float, float, float], ink: Color) -> None:
    """A bar whose height is a share of the box, with the share above it."""
    share = sheet.content.randint(15, 88)
    other = str(share + sheet.content.choice((-9, -6, 6, 9)))
    size = sheet.unit
    sheet.symbol(
        box,
        "bar",
        str(share),
        lambda part, content: _draw_bar(part, content, ink, size),
        others=(other,),
        stroke=2,
    )
    x, y = (box[0] + box[2]) / 2, box[1] - 1
    sheet.write(x, y, f"{share}", family="sans bold", ink=ink, anchor="m")


def _draw_bar(part: Picture, content: str, ink: Color, size: float) -> None:
    top = part.height * (1 - int(content) / 100)
    ImageDraw.Draw(part).rounded_rectangle((0, top, part.width - 1, part.height + size), size * 0.3, ink)


def chart(sheet: Sheet) -> None:
    """Curves over axes, with a legend."""
    form, content = sheet.form, sheet.content
    width, height = form.choice(((100, 70), (90, 72), (120, 66)))
    sheet.page(width, height)
    left, top, right, bottom = 10.0, 11.0, width - 4.0, height - 12.0
    sheet.write(
        (left + right) / 2, 6, words.sentence(form, 3, 5)[:-1], size=1.4, family="sans bold", anchor="m"
    )
    sheet.fill((left, top, right, bottom), form.choice((WHITE, (234, 234, 242), (248, 248, 248))))
    grid, most = (208, 210, 216), form.choice((100, 500, 2000))
    for row in range(6):
        y = bottom - row * (bottom - top) / 5
        sheet.rule(left, y, right, y, grid)
        sheet.write(left - 1, y + 0.5, str(row * most // 5), family="sans", anchor="r")
    first = content.randint(1960, 2010)
    for column in range(9):
        x = left + column * (right - left) / 8
        sheet.rule(x, top, x, bottom, grid)
        sheet.write(x, bottom + 3, str(first + 2 * column), family="sans", anchor="m")
    colors = [pictures.drawn_color(form, 0.4, 0.85) for _ in range(3)]
    stroke = max(1.6, 0.2 * sheet.unit)
    for number, color in enumerate(colors):
        values = [content.randint(15, 85)]
        while len(values) < 17:
            values.append(max(5, min(95, values[-1] + content.randint(-18, 18))))
        points = " ".join(map(str, values))
        values[content.randint(1, 15)] += content.choice((-18, 18))
        sheet.symbol(
            (left, top, right, bottom),
            "curve",
            points,
            lambda part, shown, color=color: _curve(part, shown, color, stroke),  # type: ignore[misc]
            others=(" ".join(map(str, values)),),
            stroke=stroke,
        )
        x = left + 2 + number * (right - left) / 3
        sheet.rule(x, height - 3.6, x + 4, height - 3.6, color, width=max(2, round(stroke)))
        sheet.write(x + 5, height - 3, content.choice(words.TOWNS), family="sans", room=16)
    sheet.frame((left, top, right, bottom), (60, 60, 66))


def _curve(part: Picture, content: str, ink: Color, stroke: float) -> None:
    values = [int(value) for value in content.split(" ")]
    step = part.width / (len(values) - 1)
    marks.thick_line(
        part, [(step * n, part.height * (1 - v / 100)) for n, v in enumerate(values)], ink, stroke
    )


def city_map(sheet: Sheet) -> None:
    """Streets, a river, a park, names, and pins."""
    form, content = sheet.form, sheet.content
    width, height = form.choice(((110, 84), (96, 96), (84, 110)))
    sheet.page(width, height, (242, 239, 233))
    _area(sheet, form, (190, 222, 182), (form.uniform(0.1, 0.7) * width, form.uniform(0.1, 0.7) * height), 14)
    _area(sheet, form, (190, 222, 182), (form.uniform(0.1, 0.9) * width, form.uniform(0.1, 0.9) * height), 9)
    river = [(float(x), height * form.uniform(0.55, 0.8)) for x in range(-10, int(width) + 20, 14)]
    _path(sheet, _bent(river), (170, 210, 235), 4.5)
    slope = form.uniform(-0.25, 0.25)
    roads: list[tuple[Points, float]] = []
    for place in range(int(height / 9)):
        y = 9 * place + form.uniform(2, 6)
        roads.append(
            (
                [
                    (0, y),
                    (width / 2, y + slope * width / 2 + form.uniform(-2, 2)),
                    (width, y + slope * width),
                ],
                1.3,
            )
        )
    for place in range(int(width / 11)):
        x = 11 * place + form.uniform(2, 8)
        roads.append(
            (
                [
                    (x, 0),
                    (x - slope * height / 2 + form.uniform(-2, 2), height / 2),
                    (x - slope * height, height),
                ],
                1.3,
            )
        )
    roads.append(([(0, form.uniform(0, height)), (width, form.uniform(0, height))], 2.6))
    for border in (True, False):
        for points, wide in roads:
            main = wide > 2
            ink = (
                ((205, 170, 90) if main else (205, 203, 198))
                if border
                else ((250, 214, 130) if main else WHITE)
            )
            _path(sheet, points, ink, wide + (0.4 if border else 0))
    for number in range(16):
        x, y = 3 + form.random() * (width - 26), 5 + form.random() * (height - 8)
        name = f"{content.choice(words.STREETS)} {form.choice(('Street', 'Road', 'Lane', 'Square'))}"
        halo = sheet.measure(name, family="sans", size=0.95)
        sheet.fill((x - 0.3, y - 1.5, x + halo + 1.5, y + 0.5), (250, 249, 246))
        sheet.write(x, y, name, size=0.95, family="sans", ink=(90, 90, 96), room=halo + 1)
        if number < 7:
            at = 4 + form.random() * (width - 10), 4 + form.random() * (height - 10)
            shown = "pin" if content.random() < 0.6 else NONE
            other = NONE if shown else "pin"
            sheet.symbol(
                (at[0], at[1], at[0] + 2.6, at[1] + 3.6),
                "pin",
                shown,
                _pin,
                others=(other,),
                stroke=2,
                sign=True,
            )
    sheet.fill((2, height - 4.4, 22, height - 1), WHITE)
    sheet.rule(3, height - 1.8, 13, height - 1.8, width=2)
    sheet.write(14, height - 1.6, f"{form.choice((100, 200, 500))} m", family="sans")


def _area(sheet: Sheet, chance: Random, ink: Color, middle: tuple[float, float], radius: float) -> None:
    points = []
    for step in range(12):
        reach = radius * chance.uniform(0.7, 1.2)
        angle = step * math.pi / 6
        points.append(
            (sheet.px(middle[0] + reach * math.cos(angle)), sheet.px(middle[1] + reach * math.sin(angle)))
        )
    sheet.drawing.polygon(points, ink)


def _path(sheet: Sheet, points: Points, ink: Color, wide: float) -> None:
    sheet.drawing.line([(sheet.px(x), sheet.px(y)) for x, y in points], ink, sheet.px(wide), joint="curve")


def _bent(points: Points) -> Points:
    """Add points between points, along a curve of Catmull and Rom."""
    found: Points = []
    for a, b, c, d in zip(points, points[1:], points[2:], points[3:], strict=False):
        for step in range(8):
            t = step / 8
            x, y = (
                0.5
                * (2 * q + (r - p) * t + (2 * p - 5 * q + 4 * r - s) * t**2 + (3 * q - p - 3 * r + s) * t**3)
                for p, q, r, s in zip(a, b, c, d, strict=True)
            )
            found.append((x, y))
    return found


def _pin(part: Picture, _content: str) -> None:
    width, height = part.size
    x, y, radius = width / 2, height * 0.36, width * 0.46
    round_part = [
        (x + radius * math.cos(a * math.pi / 16), y + radius * math.sin(a * math.pi / 16)) for a in range(32)
    ]
    marks.filled(part, round_part, (214, 48, 49))
    marks.filled(
        part,
        [(x - radius * 0.8, y + radius * 0.6), (x + radius * 0.8, y + radius * 0.6), (x, height * 0.98)],
        (214, 48, 49),
    )
    hole = [(x + radius * 0.4 * math.cos(a), y + radius * 0.4 * math.sin(a)) for a in range(7)]
    marks.filled(part, hole, WHITE)


def meme(sheet: Sheet) -> None:
    """A photograph with words on it."""
    form, content = sheet.form, sheet.content
    sheet.page(66, form.choice((66, 50, 76)))
    sheet.symbol(
        (0, 0, sheet.width, sheet.height), "photograph", str(form.randrange(10**6)), pictures.photograph
    )
    for y in (8.0, sheet.height - 4):
        line = " ".join(words.words(content, form.choice((2, 3)))).upper()
        size = 3.0 * min(1.0, 60 / sheet.measure(line, size=3.0, family="sans bold"))
        sheet.write(33, y, line, size=size, family="sans bold", ink=WHITE, anchor="m", rim=0.3, room=60)
    sheet.write(
        65,
        sheet.height - 0.8,
        f"{form.choice(words.COMMON[150:])}-{words.digits(content, 3)}",
        family="sans",
        ink=WHITE,
        anchor="r",
        rim=0.1,
    )


def frame(sheet: Sheet) -> None:
    """A frame of a film or a game: a place, and over it a clock, a score and a line of text."""
    form, content = sheet.form, sheet.content
    sheet.page(96, 54)
    sheet.symbol((0, 0, 96, 54), "photograph", str(form.randrange(10**6)), pictures.photograph)
    time = f"{content.randint(2015, 2026)}-{content.randint(10, 12)}-{content.randint(10, 28)}"
    family = form.choice(("sans", "mono bold"))
    sheet.write(2, 3, f"{time} {words.clock(content)}", family=family, ink=(255, 110, 30))
    sheet.write(
        94,
        3,
        f"SCORE {words.digits(content, 5)}",
        family="sans bold",
        ink=(250, 230, 60),
        anchor="r",
        rim=0.12,
    )
    line = words.sentence(content, 4, 7)[:-1]
    sheet.write(48, 51, line, size=1.4, family="sans", ink=WHITE, anchor="m", rim=0.15, room=90)


def icon(sheet: Sheet) -> None:
    """The start screen of a telephone: icons with names and counts."""
    form, content = sheet.form, sheet.content
    sheet.page(64, 96)
    sheet.shade(pictures.drawn_color(form, 0.3, 0.8), pictures.drawn_color(form, 0.3, 0.8))
    sheet.write(2.5, 3.2, words.clock(content), family="sans bold", ink=WHITE)
    for place in range(20):
        x, y = 5 + 14.8 * (place % 4), 8 + 17 * (place // 4)
        seed = f"{form.randrange(10**6)} {content.randrange(len(GLYPHS))}"
        other = (
            f"{seed.split()[0]} {(int(seed.split()[1]) + content.randint(1, len(GLYPHS) - 1)) % len(GLYPHS)}"
        )
        sheet.symbol((x, y, x + 9.6, y + 9.6), "icon", seed, _icon, others=(other,), stroke=3, sign=True)
        sheet.write(
            x + 4.8,
            y + 12.4,
            content.choice(words.COMMON[170:]).title(),
            family="sans",
            ink=WHITE,
            anchor="m",
            room=12,
        )
        if content.random() < 0.3:
            sheet.drawing.ellipse(sheet.pixels((x + 7.6, y - 1.4, x + 11, y + 2)), (224, 40, 46))
            sheet.write(
                x + 9.3, y + 0.9, str(content.randint(1, 9)), family="sans bold", ink=WHITE, anchor="m"
            )


GLYPHS = ("disc", "ring", "square", "triangle", "cross", "bars", "star", "arrow", "heart", "drop")


def _icon(part: Picture, content: str) -> None:
    seed, glyph = content.split()
    chance = Random(seed)
    side = part.width
    drawing = ImageDraw.Draw(part)
    drawing.rounded_rectangle(
        (0, 0, side - 1, side - 1), side * 0.22, pictures.drawn_color(chance, 0.35, 0.9)
    )
    for outline in _glyph(GLYPHS[int(glyph)]):
        marks.filled(part, [(side * x, side * y) for x, y in outline], WHITE)


def _glyph(name: str) -> list[Points]:
    """Return outlines in shares of the side."""
    turn = [(math.cos(a * math.pi / 24), math.sin(a * math.pi / 24)) for a in range(48)]
    disc: Points = [(0.5 + 0.28 * x, 0.5 + 0.28 * y) for x, y in turn]
    shapes: dict[str, list[Points]] = {
        "disc": [disc],
        "ring": [
            disc + [disc[0]] + [(0.5 + 0.16 * x, 0.5 + 0.16 * y) for x, y in [turn[0], *reversed(turn)]]
        ],
        "square": [[(0.26, 0.26), (0.74, 0.26), (0.74, 0.74), (0.26, 0.74)]],
        "triangle": [[(0.3, 0.22), (0.8, 0.5), (0.3, 0.78)]],
        "cross": [
            [(0.43, 0.2), (0.57, 0.2), (0.57, 0.8), (0.43, 0.8)],
            [(0.2, 0.43), (0.8, 0.43), (0.8, 0.57), (0.2, 0.57)],
        ],
        "bars": [
            [(x, y), (x + 0.13, y), (x + 0.13, 0.78), (x, 0.78)]
            for x, y in ((0.24, 0.5), (0.44, 0.34), (0.64, 0.22))
        ],
        "star": [
            [
                (
                    0.5 + (0.32 if a % 2 == 0 else 0.13) * math.sin(a * math.pi / 5),
                    0.52 - (0.32 if a % 2 == 0 else 0.13) * math.cos(a * math.pi / 5),
                )
                for a in range(10)
            ]
        ],
        "arrow": [
            [(0.5, 0.2), (0.76, 0.48), (0.59, 0.48), (0.59, 0.8), (0.41, 0.8), (0.41, 0.48), (0.24, 0.48)]
        ],
        "heart": [
            [
                (
                    0.5 + 0.018 * 16 * math.sin(t / 8) ** 3,
                    0.48
                    - 0.018
                    * (
                        13 * math.cos(t / 8) - 5 * math.cos(t / 4) - 2 * math.cos(3 * t / 8) - math.cos(t / 2)
                    ),
                )
                for t in range(50)
            ]
        ],
        "drop": [
            [
                (0.5, 0.18),
                *[
                    (0.5 + 0.24 * math.cos(a * math.pi / 12), 0.58 + 0.24 * math.sin(a * math.pi / 12))
                    for a in range(-2, 15)
                ],
            ]
        ],
    }
    return shapes[name]


def sprite(sheet: Sheet) -> None:
    """Figures of a game, enlarged so that each pixel is seen."""
    form, content = sheet.form, sheet.content
    columns, rows = form.choice(((4, 3), (5, 3), (3, 4)))
    cells, gap = 12, 2
    sheet.page(
        columns * (cells + gap) + gap,
        rows * (cells + gap) + gap,
        form.choice(((255, 0, 255), (40, 44, 52), (180, 220, 240), WHITE)),
    )
    pixel = float(sheet.px(1))
    for row in range(rows):
        for column in range(columns):
            x, y = gap + column * (cells + gap), gap + row * (cells + gap)
            seed = str(content.randrange(10**6))
            toggled = f"{seed} {content.randrange(2, cells - 2)} {content.randrange(2, cells - 2)}"
            another = str(content.randrange(10**6))
            sheet.symbol(
                (x, y, x + cells, y + cells),
                "sprite",
                seed,
                _sprite,
                others=(toggled, another),
                stroke=pixel,
                detail=pixel,
                sign=True,
            )


def _sprite(part: Picture, content: str) -> None:
    """A figure of 12 × 12 pixels that is its own mirror image, but for the pixel named after the seed."""
    numbers = content.split()
    chance = Random(numbers[0])
    body, dark, light = (pictures.drawn_color(chance, *span) for span in ((0.5, 0.9), (0.1, 0.3), (0.9, 1.0)))
    small = Image.new("RGBA", (12, 12))
    for y in range(1, 11):
        for x in range(1, 6):
            if chance.random() < 0.78 - 0.05 * abs(y - 6) - (0.35 if x < 3 else 0):
                ink = body if chance.random() < 0.8 else dark
                for side in (x, 11 - x):
                    small.putpixel((side, y), (*ink, 255))
    for side in (4, 7):
        small.putpixel((side, 4), (*light, 255))
        small.putpixel((side, 5), (*BLACK, 255))
    if len(numbers) == 3:
        place = int(numbers[1]), int(numbers[2])
        there = Image.new("RGBA", (1, 1), (*_corner(part), 255))
        there.alpha_composite(small.crop((*place, place[0] + 1, place[1] + 1)))
        small.putpixel(place, (*light, 255) if sum(_corner(there)) < 400 else (*BLACK, 255))
    large = small.resize(part.size, Image.Resampling.NEAREST)
    part.paste(large, mask=large.getchannel("A"))


def _corner(picture: Image.Image) -> Color:
    red, green, blue = picture.convert("RGB").crop((0, 0, 1, 1)).tobytes()
    return red, green, blue
