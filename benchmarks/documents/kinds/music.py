"""Sheet music."""

from __future__ import annotations

import math

from benchmarks.documents import words
from benchmarks.documents.kinds import marks
from benchmarks.documents.sheet import BLACK, INK, Picture, Sheet

SPACE = 1.25  # units between two lines of a staff
STEPS = 8  # half spaces above the lowest line that a note may stand
SHAPES = ("quarter", "half", "eighth")


def sheet_music(sheet: Sheet) -> None:
    """A page of a melody in staves."""
    form, content = sheet.form, sheet.content
    width, height = 106, 140
    sheet.page(width, height, form.choice(((255, 255, 255), (253, 251, 243))))
    sheet.write(
        width / 2,
        9,
        f"{words.word(form).title()} {words.word(form)}",
        size=2.2,
        family="roman bold",
        anchor="m",
    )
    sheet.write(width - 8, 14, words.name(form), family="roman", anchor="r")
    sheet.write(8, 14, f"Op. {content.randint(1, 140)}, no. {content.randint(1, 12)}", family="roman italic")
    sheet.write(
        8,
        19.5,
        f"{form.choice(('Allegro', 'Andante', 'Presto', 'Largo'))}, {content.randint(50, 190)} a minute",
        family="roman italic",
    )
    left, right, staves = 8.0, width - 8.0, 8
    for staff in range(staves):
        top = 25.0 + 14 * staff
        for line in range(5):
            sheet.rule(left, top + line * SPACE, right, top + line * SPACE, BLACK)
        _clef(sheet, left + 2.2, top)
        start = left + 6.0
        if staff == 0:
            for row, digit in enumerate(("4", "4")):
                sheet.write(
                    start + 1, top + (2 + 2 * row) * SPACE, digit, size=1.75, family="serif bold", anchor="m"
                )
            start += 3.2
        bars = 4
        wide = (right - start) / bars
        for bar in range(bars):
            for place in range(4):
                shown = f"{content.choice(SHAPES)} {content.randint(0, STEPS)}"
                shape, step = shown.split()
                other = max(0, min(STEPS, int(step) + content.choice((-2, -1, 1, 2))))
                x = start + bar * wide + 1.4 + place * (wide - 1.6) / 4
                box = (x, top - 3.8 * SPACE, x + 3.6, top + 7.4 * SPACE)
                sheet.symbol(
                    box,
                    "note",
                    shown,
                    _note,
                    others=(f"{shape} {other if str(other) != step else (other + 1) % STEPS}",),
                    stroke=1.5,
                    detail=SPACE * sheet.unit,
                    sign=True,
                )
            edge = start + (bar + 1) * wide
            sheet.rule(edge, top, edge, top + 4 * SPACE, BLACK)
        sheet.rule(left, top, left, top + 4 * SPACE, BLACK)
        sheet.write(left, top - 1.4, str(4 * staff + 1), size=0.9, family="roman italic", ink=INK)
    sheet.write(width / 2, height - 4, str(content.randint(1, 80)), family="roman", anchor="m")


def _clef(sheet: Sheet, x: float, top: float) -> None:
    """A treble clef: a spiral about the second line, a loop above, and a hook below."""
    unit = sheet.unit * SPACE
    left, upper = (x - 2) * sheet.unit, (top - 2 * SPACE) * sheet.unit
    box = (int(left), int(upper), int(left + 4.6 * sheet.unit), int(upper + 8.4 * unit))
    part = sheet.picture.crop(box)
    middle = x * sheet.unit - box[0], (top + 3 * SPACE) * sheet.unit - box[1]
    points = [
        (
            middle[0] + unit * (0.35 + 0.11 * turn / 4) * math.cos(turn * math.pi / 8) * (0.5 + turn / 24),
            middle[1] + unit * (0.35 + 0.13 * turn / 4) * math.sin(turn * math.pi / 8) * (0.5 + turn / 24),
        )
        for turn in range(25)
    ]
    rest = (
        (-0.9, -0.9),
        (-0.4, -2.0),
        (0.5, -3.1),
        (0.6, -4.1),
        (0.2, -4.7),
        (-0.2, -4.0),
        (-0.1, -2.4),
        (0.25, 0.4),
        (0.4, 1.6),
        (0.0, 2.3),
        (-0.5, 2.0),
        (-0.35, 1.6),
    )
    points += [(middle[0] + unit * dx, middle[1] + unit * dy) for dx, dy in rest]
    marks.thick_line(part, points, BLACK, max(1.5, 0.16 * unit))
    sheet.picture.paste(part, box[:2])


def _note(part: Picture, content: str) -> None:
    shape, step = content.split()
    space = part.height / 11.2
    base = part.height * 7.8 / 11.2  # the lowest line of the staff
    x, y = part.width * 0.36, base - int(step) * space / 2
    head = []
    for turn in range(24):
        across, down = (
            0.62 * space * math.cos(turn * math.pi / 12),
            0.42 * space * math.sin(turn * math.pi / 12),
        )
        head.append((x + across * 0.92 + down * 0.35, y + down * 0.92 - across * 0.35))
    marks.filled(part, head, BLACK)
    if shape == "half":
        marks.filled(part, [(x + (a - x) * 0.62, y + (b - y) * 0.5) for a, b in head], (255, 255, 255))
    up = int(step) < 4
    side = x + 0.58 * space * (1 if up else -1)
    end = y - 3.2 * space * (1 if up else -1)
    marks.thick_line(part, [(side, y), (side, end)], BLACK, max(1.2, 0.13 * space))
    if shape == "eighth":
        back = 1 if up else -1
        flag = [
            (side, end),
            (side + 0.5 * space, end + 0.8 * space * back),
            (side + 0.75 * space, end + 1.7 * space * back),
        ]
        marks.thick_line(part, flag, BLACK, max(1.5, 0.22 * space))
