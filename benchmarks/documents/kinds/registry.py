"""All kinds of drawn things, by name."""

from __future__ import annotations

from collections.abc import Callable

from benchmarks.documents.kinds import office, pages, screens
from benchmarks.documents.sheet import Sheet

Draw = Callable[[Sheet], None]

KINDS: dict[str, Draw] = {
    "invoice": office.invoice,
    "letter": office.letter,
    "form": office.printed_form,
    "book page": pages.book_page,
    "exam sheet": pages.exam_sheet,
    "spreadsheet": screens.spreadsheet,
    "log": screens.log,
    "chat": screens.chat,
}
