"""Thick shapes in few flat colors: boards with pieces, drawn faces, number plates."""

from __future__ import annotations

import string

from PIL import ImageDraw

from benchmarks.documents import words
from benchmarks.documents.sheet import BLACK, NONE, WHITE, Color, Picture, Sheet

BOARDS: tuple[tuple[Color, Color], ...] = (
    ((240, 217, 181), (181, 136, 99)),
    (WHITE, (170, 170, 170)),
    ((235, 236, 208), (115, 149, 82)),
)
PIECES = ("pawn", "rook", "bishop", "queen")
MOUTHS = ("glad", "sad", "straight", "open")
SKIN: Color = (255, 204, 60)
BROWN: Color = (80, 40, 0)


def chess_diagram(sheet: Sheet) -> None:
    """A position of a game: thick pieces on two colors."""
    form, content = sheet.form, sheet.content
    sheet.page(40, 44)
    light, dark = form.choice(BOARDS)
    for place in range(64):
        x, y = 2 + 4.5 * (place % 8), 2 + 4.5 * (place // 8)
        sheet.fill((x, y, x + 4.5, y + 4.5), dark if (place + place // 8) % 2 else light)
    for place in range(64):
        x, y = 2 + 4.5 * (place % 8), 2 + 4.5 * (place // 8)
        names = [f"{color} {piece}" for color in ("white", "black") for piece in PIECES]
        shown = content.choice(names) if content.random() < 0.4 else NONE
        others = tuple(name for name in (NONE, *names) if name != shown)
        sheet.symbol(
            (x + 0.5, y + 0.4, x + 4, y + 4.1), "piece", shown, _piece, others=others, stroke=2, sign=True
        )
    sheet.write(2, 42, f"{content.randint(8, 60)}. {content.choice('abcdefgh')}{content.randint(1, 8)}")


def _piece(part: Picture, content: str) -> None:
    color, piece = content.split(" ")
    width, height = part.size
    fill, rim = ((250, 250, 250), BLACK) if color == "white" else ((30, 30, 30), (110, 110, 110))
    draw = ImageDraw.Draw(part)
    draw.rectangle((0.1 * width, 0.85 * height, 0.9 * width, 0.97 * height), fill, rim, 2)
    draw.polygon(
        [(0.3 * width, 0.85 * height), (0.7 * width, 0.85 * height), (0.5 * width, 0.3 * height)], fill, rim
    )
    if piece == "pawn":
        draw.ellipse((0.3 * width, 0.2 * height, 0.7 * width, 0.55 * height), fill, rim, 2)
    elif piece == "rook":
        draw.rectangle((0.2 * width, 0.1 * height, 0.8 * width, 0.45 * height), fill, rim, 2)
    elif piece == "bishop":
        draw.ellipse((0.33 * width, 0.05 * height, 0.67 * width, 0.65 * height), fill, rim, 2)
    else:
        tips = [(0.05, 0.2), (0.3, 0.5), (0.5, 0.05), (0.7, 0.5), (0.95, 0.2), (0.75, 0.7), (0.25, 0.7)]
        draw.polygon([(x * width, y * height) for x, y in tips], fill, rim)


def faces(sheet: Sheet) -> None:
    """Round faces in rows, each in its own mood."""
    form, content = sheet.form, sheet.content
    columns = form.randint(4, 7)
    sheet.page(6 * columns, 6 * columns, form.choice((WHITE, (225, 235, 245))))
    for place in range(columns * columns):
        x, y = 0.6 + 6 * (place % columns), 0.6 + 6 * (place // columns)
        mood = content.choice(MOUTHS)
        others = tuple(other for other in MOUTHS if other != mood)
        sheet.symbol((x, y, x + 4.8, y + 4.8), "mood", mood, _face, others=others, stroke=2, sign=True)


def _face(part: Picture, content: str) -> None:
    width, height = part.size
    draw = ImageDraw.Draw(part)
    draw.ellipse((0, 0, width - 1, height - 1), SKIN, (190, 140, 30))
    for x in (0.28, 0.6):
        draw.ellipse((x * width, 0.3 * height, (x + 0.12) * width, 0.44 * height), BROWN)
    heavy = max(2, width // 18)
    box = 0.25 * width, 0.4 * height, 0.75 * width, 0.8 * height
    if content == "glad":
        draw.arc(box, 20, 160, BROWN, heavy)
    elif content == "sad":
        draw.arc((box[0], box[1] + 0.2 * height, box[2], box[3] + 0.2 * height), 200, 340, BROWN, heavy)
    elif content == "straight":
        draw.line((box[0], 0.68 * height, box[2], 0.68 * height), BROWN, heavy)
    else:
        draw.ellipse((0.4 * width, 0.56 * height, 0.6 * width, 0.84 * height), BROWN)


def number_plate(sheet: Sheet) -> None:
    """The plate of a car: a few thick signs that fill it."""
    form, content = sheet.form, sheet.content
    sheet.page(56, 15, (90, 95, 100))
    sheet.fill((1, 1, 55, 14), (245, 245, 240), radius=1)
    sheet.fill((1.6, 1.6, 6, 13.4), (0, 50, 160))
    letters = "".join(content.choice(string.ascii_uppercase) for _ in range(2))
    number = f"{words.digits(content, 1)}{letters} {words.digits(content, 3)}"
    sheet.write(9, 11.4, number, size=form.uniform(3.2, 4), family="sans bold", room=44)
