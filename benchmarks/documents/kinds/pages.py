"""Pages that are read: of a book, of a school."""

from __future__ import annotations

from benchmarks.documents import words
from benchmarks.documents.kinds import marks
from benchmarks.documents.kinds.office import HEIGHT, WIDTH
from benchmarks.documents.sheet import WHITE, Sheet

GREY = (110, 110, 115)


def book_page(sheet: Sheet) -> None:
    """A page of a novel, set in full lines."""
    form, content = sheet.form, sheet.content
    sheet.page(82, 128, form.choice((WHITE, (250, 246, 235), (245, 240, 228))))
    family = form.choice(("serif", "roman"))
    number = content.randint(3, 480)
    odd = number % 2
    sheet.write(
        41,
        8,
        f"The {form.choice(words.COMMON[150:]).title()} of {form.choice(words.TOWNS)}",
        size=0.9,
        family=family,
        ink=GREY,
        anchor="m",
    )
    sheet.write(72 if odd else 10, 8, str(number), family=family, anchor="r" if odd else "l")
    y = 14.0
    while y < 116:
        lines = min(content.randint(3, 9), int((119 - y) / 2.6))
        y = sheet.flow(10, y, 62, words.text(content, lines * 11), family=family, justified=True, most=lines)
        y += 0.001


def exam_sheet(sheet: Sheet) -> None:
    """Multiple choice, filled in."""
    form, content = sheet.form, sheet.content
    sheet.page(WIDTH, HEIGHT)
    subject = form.choice(("Mathematics", "Geography", "Biology", "History", "Chemistry"))
    sheet.write(8, 10, f"{subject}, test {form.randint(1, 9)}", size=1.6, family="sans bold")
    sheet.frame((8, 13, 100, 21), width=2)
    sheet.write(10, 18.2, "Name", ink=GREY)
    sheet.write(16, 18.2, words.name(content), family="roman italic", size=1.25, ink=marks.BLUE_INK, room=34)
    sheet.write(54, 18.2, "Class", ink=GREY)
    sheet.write(
        60,
        18.2,
        f"{content.randint(5, 12)}{content.choice('abcd')}",
        family="roman italic",
        size=1.25,
        ink=marks.BLUE_INK,
    )
    sheet.write(72, 18.2, "Points", ink=GREY)
    sheet.write(
        80, 18.2, f"{content.randint(10, 48)} / 48", family="roman italic", size=1.25, ink=marks.RED_INK
    )
    y = 26.0
    for question in range(form.randint(10, 13)):
        sheet.write(8, y, f"{question + 1}.", family="sans bold")
        sheet.write(12, y, words.sentence(form, 7, 11)[:-1] + "?")
        chosen = content.randrange(4)
        for option in range(4):
            x = 12 + option * 22.0
            marks.tick_box(sheet, x, y + 4, chosen == option)
            sheet.write(x + 2.4, y + 3.8, form.choice((words.word(form), words.digits(form, 3))))
        y += 9.4
