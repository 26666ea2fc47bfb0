"""Papers of an office: invoices, letters, forms, certificates."""

from __future__ import annotations

from benchmarks.documents import words
from benchmarks.documents.kinds import marks
from benchmarks.documents.sheet import WHITE, Color, Sheet

WIDTH, HEIGHT = 108, 152.77  # units: A4 with type of 11 points
GREY: Color = (110, 110, 115)
BRANDS: tuple[Color, ...] = (
    (30, 70, 140),
    (150, 30, 40),
    (20, 110, 80),
    (200, 110, 10),
    (60, 60, 70),
    (90, 40, 130),
)


def invoice(sheet: Sheet) -> None:
    """The monthly bill of a supplier."""
    form, content = sheet.form, sheet.content
    sheet.page(WIDTH, HEIGHT)
    brand, sender = form.choice(BRANDS), words.company(form)
    left, right = 9.0, WIDTH - 9.0
    if form.random() < 0.5:
        sheet.fill((0, 0, WIDTH, 3), brand)
    sheet.fill((left, 8, left + 9, 17), brand, radius=form.choice((0, 1, 4.5)))
    sheet.write(left + 4.5, 14, sender[0], size=2.6, family="sans bold", ink=WHITE, anchor="m")
    sheet.write(left + 12, 12, sender, size=1.5, family="sans bold")
    sheet.write(left + 12, 15.5, f"{words.street(form)}, {words.town(form)}", ink=GREY)
    sheet.write(left, 30, words.name(content))
    sheet.write(left, 33, words.street(content))
    sheet.write(left, 36, words.town(content))
    for row, (label, value) in enumerate(
        (
            ("Invoice number", f"{content.randint(2020, 2026)}-{words.digits(content, 5)}"),
            ("Date", words.date(content)),
            ("Customer", words.digits(content, 6)),
            ("Order", f"B-{words.digits(content, 7)}"),
        )
    ):
        sheet.write(66, 27 + 3 * row, label, ink=GREY)
        sheet.write(right, 27 + 3 * row, value, anchor="r")
    sheet.write(left, 47, "Invoice", size=2.2, family="sans bold")
    top = 54.0
    sheet.fill((left, top - 2.6, right, top + 1.4), form.choice(((232, 234, 238), brand)), radius=0)
    shaded = sheet.picture.getpixel((sheet.px(left) + 2, sheet.px(top)))
    ink = WHITE if shaded == brand else (24, 24, 28)
    columns = (left + 1, 62.0, 74.0, right - 1)
    for x, label, anchor in zip(columns, ("Description", "Quantity", "Price", "Amount"), "lrrr", strict=True):
        sheet.write(x if anchor == "l" else x + (6 if x < 80 else 0), top, label, ink=ink, anchor=anchor)
    total, y = 0, top + 4.4
    striped = form.random() < 0.5
    for row in range(form.randint(5, 14)):
        if striped and row % 2:
            sheet.fill((left, y - 2.4, right, y + 1.1), (245, 246, 248))
        count, price = content.randint(1, 24), content.randint(150, 24_000)
        total += count * price
        with sheet.line():
            sheet.write(columns[0], y, content.choice(words.GOODS), room=44)
            sheet.write(columns[1] + 6, y, str(count), anchor="r")
            sheet.write(columns[2] + 6, y, words.money(price), anchor="r")
            sheet.write(columns[3], y, words.money(count * price), anchor="r")
        y += 3.5
        if not striped:
            sheet.rule(left, y - 2.3, right, y - 2.3, (215, 215, 220))
    tax = total * 19 // 100
    y += 2
    for label, cents in (("Subtotal", total), ("VAT 19 %", tax), ("Total", total + tax)):
        bold = "sans bold" if label == "Total" else ""
        sheet.write(70, y, label, family=bold)
        sheet.write(columns[3], y, words.money(cents), family=bold, anchor="r")
        y += 3.4
    sheet.rule(69, y - 9.1 + 0.1, right, y - 9.1 + 0.1)
    marks.stamp(
        sheet, (left + 4, y - 11, left + 40, y + 4), ("PAID", "RECEIVED", "COPY"), content.random() < 0.3
    )
    y = sheet.flow(
        left,
        y + 9,
        right - left,
        f"Please pay within {content.choice((10, 14, 30))} days to the account below. "
        + words.text(form, 18),
    )
    sheet.rule(left, HEIGHT - 13, right, HEIGHT - 13, GREY)
    sheet.write(
        left,
        HEIGHT - 10,
        f"IBAN DE{words.digits(form, 2)} {' '.join(words.digits(form, 4) for _ in range(4))}",
        ink=GREY,
    )
    sheet.write(right, HEIGHT - 10, f"Tax number {words.digits(form, 10)}", ink=GREY, anchor="r")
    sheet.write(left, HEIGHT - 7, f"{sender}, phone 0{words.digits(form, 8)}", ink=GREY)
    sheet.write(right, HEIGHT - 7, "Page 1 of 1", ink=GREY, anchor="r")


def letter(sheet: Sheet) -> None:
    """A page to someone, signed."""
    form, content = sheet.form, sheet.content
    sheet.page(WIDTH, HEIGHT, form.choice((WHITE, (252, 250, 244))))
    left, right = 13.0, WIDTH - 12.0
    sender = words.name(form)
    sheet.write(right, 12, sender, family="serif bold", size=1.3, anchor="r")
    sheet.write(right, 15.2, words.street(form), anchor="r")
    sheet.write(right, 18, words.town(form), anchor="r")
    sheet.rule(left, 20.5, right, 20.5, GREY)
    reader = words.name(content)
    for row, line in enumerate((reader, words.street(content), words.town(content))):
        sheet.write(left, 28 + 2.8 * row, line)
    day, month = content.randint(1, 28), content.choice(words.MONTHS)
    sheet.write(right, 41, f"{day} {month} {content.randint(2015, 2026)}", anchor="r")
    sheet.write(
        left,
        48,
        f"Your {content.choice(('letter', 'order', 'request', 'contract'))} of {words.date(content)}",
        size=1.05,
    )
    sheet.write(left, 54, f"Dear {reader.split()[0]},")
    y = 58.5
    for _ in range(form.randint(2, 4)):
        y = sheet.flow(left, y, right - left, words.text(content, content.randint(38, 62)), most=9) + 1.4
    y = max(y, 92)
    sheet.write(left, y + 1, "With kind regards")
    marks.signature(sheet, (left, y + 2.5, left + 24, y + 11))
    sheet.write(left, y + 14, sender)


def printed_form(sheet: Sheet) -> None:
    """An application with boxes to fill in and to tick."""
    form, content = sheet.form, sheet.content
    sheet.page(WIDTH, HEIGHT)
    tint = form.choice(((236, 241, 247), (240, 246, 238), (249, 243, 232), (255, 255, 255)))
    left, right = 8.0, WIDTH - 8.0
    title = form.choice(
        ("Application", "Registration", "Report of damage", "Change of address", "Request for leave")
    )
    sheet.write(left, 11, title, size=1.9, family="sans bold")
    sheet.write(right, 10, f"Form {form.randint(100, 999)}-{form.choice('ABCDEF')}", ink=GREY, anchor="r")
    sheet.write(left, 15, "Please fill in with block letters and tick what applies.", ink=GREY)
    y = 19.0
    rows = (
        (
            ("Family name", content.choice(words.LAST_NAMES)),
            ("First name", content.choice(words.FIRST_NAMES)),
        ),
        (("Date of birth", words.date(content)), ("Place of birth", content.choice(words.TOWNS))),
        (("Street", words.street(content)), ("Town", words.town(content))),
        (("Phone", "0" + words.digits(content, 9)), ("Insurance number", words.digits(content, 10))),
        (
            ("Account", f"DE{words.digits(content, 2)} {words.digits(content, 9)}"),
            ("Since", words.date(content)),
        ),
    )
    hand = form.choice(("typewriter", "sans", "roman italic"))
    for pair in rows:
        for column, (label, value) in enumerate(pair):
            x = left + column * (right - left) / 2
            box = (x, y, x + (right - left) / 2, y + 6.4)
            sheet.fill(box, tint)
            sheet.frame(box, (120, 125, 130))
            sheet.write(x + 0.8, y + 2.0, label, size=0.85, ink=GREY, family="sans")
            sheet.write(x + 1.5, y + 5.2, value, size=1.1, family=hand, ink=(20, 30, 90), room=40)
        y += 6.4
    y += 4
    for question in range(form.randint(7, 10)):
        sheet.write(left, y, f"{question + 1}.")
        sheet.write(left + 3.5, y, words.sentence(form, 6, 8)[:-1] + "?", family="sans")
        ticked = content.randrange(3)
        for option, (x, label) in enumerate(((72.0, "yes"), (80.0, "no"), (88.0, "unknown"))):
            marks.tick_box(sheet, x, y + 0.2, ticked == option)
            sheet.write(x + 2.3, y, label, family="sans")
        y += 4.4
    y += 3
    sheet.frame((left, y, right, y + 17), (120, 125, 130))
    sheet.write(left + 0.8, y + 2.2, "Remarks", size=0.85, ink=GREY, family="sans")
    sheet.flow(
        left + 1.5, y + 5.5, right - left - 3, words.text(content, 30), family=hand, ink=(20, 30, 90), most=4
    )
    y += 29
    sheet.rule(left, y, left + 36, y)
    sheet.rule(right - 36, y, right, y)
    sheet.write(left, y + 2.2, "Place and date", size=0.85, ink=GREY, family="sans")
    sheet.write(right - 36, y + 2.2, "Signature", size=0.85, ink=GREY, family="sans")
    sheet.write(
        left + 1,
        y - 1,
        f"{content.choice(words.TOWNS)}, {words.date(content)}",
        family=hand,
        ink=(20, 30, 90),
        room=34,
    )
    marks.signature(sheet, (right - 34, y - 8, right - 8, y - 0.3), content.random() < 0.8)
    marks.stamp(
        sheet,
        (left + 38, y - 4, left + 62, y + 12),
        ("APPROVED", "REFUSED", "CHECKED"),
        content.random() < 0.3,
    )
