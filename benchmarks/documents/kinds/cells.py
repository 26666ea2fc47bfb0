"""Drawings in cells, without much writing: crosswords, charts to knit by, heat maps."""

from __future__ import annotations

import math
import string

from PIL import ImageDraw

from benchmarks.documents.sheet import BLACK, NONE, Color, Picture, Sheet

SIDE = 2.4  # of a cell, in heights of a small x
FIELD = "black"  # of a crossword, without a letter
STITCHES = ("right", "left", "hole", "bead", "purl")
STEPS = 12  # from the coldest to the hottest
FAR = 5  # steps that are told at a glance
LINE: Color = (120, 120, 120)


def crossword(sheet: Sheet) -> None:
    """A riddle, solved in part."""
    form, content = sheet.form, sheet.content
    count = form.randint(11, 14)
    sheet.page(SIDE * count + 2, SIDE * count + 2)
    for place in range(count * count):
        box = left, top, _, _ = _cell(place, count)
        kind, letter = content.random(), content.choice(string.ascii_uppercase)
        if kind < 0.4:
            shown, other = (FIELD, NONE) if kind < 0.2 else (NONE, FIELD)
            sheet.symbol(box, "field", shown, _field, others=(other,), stroke=2)
        else:
            sheet.write(left + SIDE / 2, top + 0.74 * SIDE, letter, size=1.1, family="sans", anchor="m")
        sheet.frame(box, BLACK)


def _field(part: Picture, _content: str) -> None:
    ImageDraw.Draw(part).rectangle((0, 0, *part.size), BLACK)


def knitting_chart(sheet: Sheet) -> None:
    """A pattern to knit by, a sign for each stitch."""
    form, content = sheet.form, sheet.content
    count = form.randint(14, 20)
    sheet.page(SIDE * count + 2, SIDE * count + 2)
    for place in range(count * count):
        box = _cell(place, count)
        shown = content.choice((NONE, *STITCHES))
        others = tuple(stitch for stitch in (NONE, *STITCHES) if stitch != shown)
        sheet.frame(box, LINE)
        sheet.symbol(box, "stitch", shown, _stitch, others=others, stroke=1.5, sign=True)


def _stitch(part: Picture, content: str) -> None:
    (width, height), draw = part.size, ImageDraw.Draw(part)
    left, top, right, bottom = 0.2 * width, 0.2 * height, 0.8 * width, 0.8 * height
    heavy = max(1, round(0.09 * width))
    if content == "right":
        draw.line((left, bottom, right, top), BLACK, heavy)
    elif content == "left":
        draw.line((left, top, right, bottom), BLACK, heavy)
    elif content == "hole":
        draw.ellipse((left, top, right, bottom), None, BLACK, heavy)
    elif content == "bead":
        draw.rectangle((left, top, right, bottom), (60, 60, 60))
    else:
        draw.line((left, height / 2, right, height / 2), BLACK, heavy)


def heat_map(sheet: Sheet) -> None:
    """Numbers as colors, from cold to hot, that change little from cell to cell."""
    form, content = sheet.form, sheet.content
    count = form.randint(10, 18)
    sheet.page(SIDE * count + 2, SIDE * count + 2)
    across, down = form.uniform(0.3, 1), form.uniform(0.3, 1)
    hue, begins = form.random(), content.uniform(0, math.tau)
    for place in range(count * count):
        row, column = divmod(place, count)
        share = 0.5 + 0.3 * math.sin(begins + across * column) + 0.2 * math.cos(begins + down * row)
        share += content.uniform(-0.1, 0.1)
        step = min(STEPS - 1, max(0, round(share * (STEPS - 1))))
        others = tuple(f"{hue} {other}" for other in range(STEPS) if abs(other - step) >= FAR)
        sheet.symbol(_cell(place, count), "cell", f"{hue} {step}", _shade, others=others, stroke=2, sign=True)


def _shade(part: Picture, content: str) -> None:
    hue, step = (float(number) for number in content.split(" "))
    share = step / (STEPS - 1)
    if hue < 0.5:
        color = int(255 * min(1.0, 2 * share)), int(60 + 150 * share), int(255 * (1 - share))
    else:
        color = int(250 - 210 * share), int(250 - 160 * share), int(235 - 90 * share)
    ImageDraw.Draw(part).rectangle((0, 0, *part.size), color)


def _cell(place: int, count: int) -> tuple[float, float, float, float]:
    left, top = 1 + SIDE * (place % count), 1 + SIDE * (place // count)
    return left, top, left + SIDE, top + SIDE
