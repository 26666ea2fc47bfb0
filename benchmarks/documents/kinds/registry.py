"""All kinds of drawn things, by name."""

from __future__ import annotations

from collections.abc import Callable

from benchmarks.documents.kinds import (
    cards,
    cells,
    codes,
    flat,
    graphics,
    music,
    office,
    pages,
    science,
    screens,
    tables,
)
from benchmarks.documents.sheet import Sheet

Draw = Callable[[Sheet], None]

KINDS: dict[str, Draw] = {
    "invoice": office.invoice,
    "letter": office.letter,
    "form": office.printed_form,
    "book page": pages.book_page,
    "exam sheet": pages.exam_sheet,
    "certificate": cards.certificate,
    "identity card": cards.id_card,
    "ticket": cards.ticket,
    "receipt": cards.receipt,
    "label": cards.label,
    "bar code": codes.bar_code,
    "QR code": codes.qr_sign,
    "spreadsheet": screens.spreadsheet,
    "log": screens.log,
    "code": screens.code,
    "chat": screens.chat,
    "bank": screens.bank,
    "shop": screens.shop,
    "weather": screens.weather,
    "timetable": tables.timetable,
    "calendar": tables.calendar,
    "sudoku": tables.sudoku,
    "slide": graphics.slide,
    "chart": graphics.chart,
    "map": graphics.city_map,
    "meme": graphics.meme,
    "frame": graphics.frame,
    "icons": graphics.icon,
    "sprites": graphics.sprite,
    "chess diagram": flat.chess_diagram,
    "faces": flat.faces,
    "number plate": flat.number_plate,
    "crossword": cells.crossword,
    "knitting chart": cells.knitting_chart,
    "heat map": cells.heat_map,
    "sheet music": music.sheet_music,
    "X-ray": science.x_ray,
    "star field": science.star_field,
}
