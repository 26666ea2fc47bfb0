"""Papers that prove something: certificates, cards, tickets, slips, labels."""

from __future__ import annotations

import math

from benchmarks.documents import words
from benchmarks.documents.kinds import codes, marks, pictures
from benchmarks.documents.sheet import INK, WHITE, Color, Picture, Sheet

GREY: Color = (105, 105, 112)


def certificate(sheet: Sheet) -> None:
    """Someone's diploma, framed and sealed."""
    form, content = sheet.form, sheet.content
    width, height = 128, 90
    sheet.page(width, height, form.choice(((255, 253, 246), (250, 247, 238), WHITE)))
    brand = pictures.drawn_color(form, 0.25, 0.55)
    for inset, wide in ((2.5, 3), (3.6, 1), (5.4, 1)):
        sheet.frame((inset, inset, width - inset, height - inset), brand, width=wide)
    _rosettes(sheet, width, height, brand)
    title = form.choice(("Certificate", "Diploma", "Award of merit", "Certificate of attendance"))
    sheet.write(width / 2, 19, title, size=3.4, family="roman bold", ink=brand, anchor="m")
    sheet.write(width / 2, 27, "This is to certify that", family="roman italic", size=1.3, anchor="m")
    sheet.write(width / 2, 36, words.name(content), size=2.6, family="serif", anchor="m", room=70)
    sheet.rule(34, 38.5, width - 34, 38.5, GREY)
    born = f"born on {words.date(content)} in {content.choice(words.TOWNS)},"
    sheet.write(width / 2, 43, born, family="serif", anchor="m")
    topic = f"{words.word(form).title()} {words.word(form)}"
    course = f"has completed the course {topic}"
    sheet.write(width / 2, 48, course, family="serif", anchor="m")
    grade = f"with {content.randint(50, 100)} of 100 points on {words.date(content)}."
    sheet.write(width / 2, 52, grade, family="serif", anchor="m")
    sheet.flow(24, 57.5, width - 48, words.text(form, 24), family="serif", ink=GREY, most=2)
    for x, label in ((26, "Teacher"), (80, "Head of school")):
        sheet.rule(x, 76, x + 24, 76)
        sheet.write(x + 12, 78.6, label, ink=GREY, family="serif", anchor="m")
        marks.signature(sheet, (x + 1, 67, x + 23, 75.5))
    seals = ("gold", "red")
    sheet.symbol((57, 62, 73, 82), "seal", seals[0], _seal, others=("", seals[1]), stroke=3)
    sheet.write(
        width - 9, height - 7.4, f"No. {words.digits(content, 6)}", family="serif", ink=GREY, anchor="r"
    )


def _rosettes(sheet: Sheet, width: float, height: float, ink: Color) -> None:
    for x, y in ((5.4, 5.4), (width - 5.4, 5.4), (5.4, height - 5.4), (width - 5.4, height - 5.4)):
        for ring in range(8):
            angle = ring * math.pi / 4
            middle = x + 1.2 * math.cos(angle), y + 1.2 * math.sin(angle)
            box = (middle[0] - 1.2, middle[1] - 1.2, middle[0] + 1.2, middle[1] + 1.2)
            sheet.drawing.ellipse(sheet.pixels(box), outline=ink)


def _seal(part: Picture, content: str) -> None:
    ink, light = ((196, 150, 40), (232, 196, 96)) if content == "gold" else ((150, 30, 34), (196, 70, 70))
    x, y = part.width / 2, part.height * 0.4
    radius = part.width * 0.42
    for side in (-1, 1):
        ribbon = [
            (x, y),
            (x + side * radius * 0.7, part.height * 0.98),
            (x + side * radius * 0.1, part.height * 0.88),
        ]
        marks.filled(part, ribbon, ink)
    points = []
    for step in range(48):
        reach = radius * (1 if step % 2 else 0.88)
        points.append((x + reach * math.cos(step * math.pi / 24), y + reach * math.sin(step * math.pi / 24)))
    marks.filled(part, points, ink)
    ring = [
        (x + radius * 0.7 * math.cos(a / 20 * math.pi), y + radius * 0.7 * math.sin(a / 20 * math.pi))
        for a in range(40)
    ]
    marks.filled(part, ring, light)


def id_card(sheet: Sheet) -> None:
    """An identity card, its front."""
    form, content = sheet.form, sheet.content
    sheet.page(86, 54)
    top, bottom = form.choice(
        (
            ((226, 236, 246), (206, 226, 214)),
            ((246, 232, 226), (232, 222, 240)),
            ((238, 240, 228), (214, 230, 240)),
        )
    )
    sheet.shade(top, bottom)
    wave = tuple(int(level * 0.93) for level in top)
    for line in range(26):
        points = [
            (x, sheet.px(2.1 * line) + 1.2 * sheet.unit * math.sin(x / sheet.unit / 6 + line / 2.5))
            for x in range(0, sheet.picture.width + 8, 8)
        ]
        sheet.drawing.line(points, (wave[0], wave[1], wave[2]))
    country = form.choice(("REPUBLIC OF ALDERIA", "KINGDOM OF MARSTON", "NORTHLAND", "FEDERATION OF ELMS"))
    sheet.write(4, 5, country, family="sans bold", ink=(30, 50, 100))
    sheet.write(82, 5, "IDENTITY CARD", family="sans", ink=(30, 50, 100), anchor="r")
    seed = str(content.randrange(10**6))
    other = str(content.randrange(10**6))
    sheet.symbol((4, 8, 27, 37), "face", seed, pictures.passport_photograph, others=(other,), stroke=3)
    first, last = content.choice(words.FIRST_NAMES), content.choice(words.LAST_NAMES)
    number = f"{content.choice('CFGHJKLMNP')}{words.digits(content, 8)}"
    born = words.date(content)
    rows = (
        (("Surname", last.upper()), ("Card number", number)),
        (("Given name", first), ("Sex", content.choice("FM"))),
        (("Date of birth", born), ("Nationality", country.split()[-1][:3])),
        (("Place of birth", content.choice(words.TOWNS)), ("Date of expiry", words.date(content))),
    )
    for row, pair in enumerate(rows):
        for x, (name, value) in zip((31, 60), pair, strict=True):
            sheet.write(x, 10.4 + 7 * row, name, size=0.84, family="sans", ink=(90, 96, 120))
            sheet.write(
                x, 13.6 + 7 * row, value, size=1.15, family="sans bold", ink=INK, room=26 if x < 50 else 22
            )
    marks.signature(sheet, (48, 34, 70, 41))
    code = f"ID<<<{number}<<<<<<<<<<<<<<<".ljust(30, "<")[:30]
    names = f"{last.upper()}<<{first.upper()}".ljust(30, "<")[:30]
    for row, printed in enumerate((code, names)):
        sheet.write(4, 47 + 4.2 * row, printed, size=1.15, family="mono")


def ticket(sheet: Sheet) -> None:
    """A ticket for a concert or a train."""
    form, content = sheet.form, sheet.content
    sheet.page(104, 40, WHITE)
    brand = pictures.drawn_color(form, 0.25, 0.65)
    sheet.fill((0, 0, 78, 9), brand)
    event = form.choice(
        ("Night of the organs", "City Express", "Open air theatre", "Harbour ferry", "Final of the cup")
    )
    sheet.write(4, 6.2, event, size=1.9, family="sans bold", ink=WHITE)
    sheet.write(
        4,
        14,
        f"{content.choice(words.TOWNS)}, {form.choice(words.LAST_NAMES)} Hall",
        size=1.2,
        family="sans bold",
    )
    for column, (label, value) in enumerate(
        (
            ("Date", words.date(content)),
            ("Time", words.clock(content)),
            ("Gate", content.choice("ABCDEF")),
            ("Row", str(content.randint(1, 40))),
            ("Seat", str(content.randint(1, 60))),
        )
    ):
        x = (4, 24, 38, 50, 62)[column]
        sheet.write(x, 20, label, family="sans", ink=GREY)
        sheet.write(x, 24.4, value, size=1.6, family="sans bold")
    sheet.write(4, 30, words.name(content), family="sans", room=30)
    sheet.write(
        4,
        33.4,
        f"Price {words.money(content.randint(900, 18_000))} €, booking {words.digits(content, 8)}",
        family="sans",
    )
    sheet.write(4, 36.8, words.sentence(form, 8, 10), family="sans", ink=GREY)
    for dash in range(20):
        sheet.rule(78, 2 * dash + 0.4, 78, 2 * dash + 1.4, GREY, width=2)
    codes.ean(sheet, (79.5, 5, 103, 22))
    sheet.write(
        91, 27, f"Row {content.randint(1, 40)}, seat {content.randint(1, 60)}", family="sans bold", anchor="m"
    )
    sheet.write(91, 31, words.digits(content, 10), family="mono", anchor="m")


def receipt(sheet: Sheet) -> None:
    """The slip of a shop's till."""
    form, content = sheet.form, sheet.content
    rows = form.randint(9, 18)
    sheet.page(46, 66 + 3.1 * rows, form.choice((WHITE, (250, 250, 247))))
    family = form.choice(("mono", "typewriter"))
    sheet.write(
        23,
        6,
        f"{form.choice(words.LAST_NAMES).upper()} MARKET",
        size=1.5,
        family=f"{'mono'} bold",
        anchor="m",
    )
    sheet.write(23, 10, words.street(form), family=family, anchor="m")
    sheet.write(23, 13, words.town(form), family=family, anchor="m")
    sheet.write(23, 16, f"Tel. 0{words.digits(form, 8)}", family=family, anchor="m")
    y, total = 22.0, 0
    for _ in range(rows):
        cents = content.randint(39, 2999)
        total += cents
        with sheet.line():
            sheet.write(
                3, y, f"{words.word(content)} {words.word(content)}"[:17].upper(), family=family, room=28
            )
            sheet.write(43, y, f"{words.money(cents)} {content.choice('AB')}", family=family, anchor="r")
        y += 3.1
    sheet.write(3, y, "-" * 28, family=family)
    y += 4
    sheet.write(3, y, "TOTAL EUR", size=1.3, family="mono bold")
    sheet.write(43, y, words.money(total), size=1.3, family="mono bold", anchor="r")
    given = (total // 1000 + 1) * 1000
    for name, cents in (("CASH", given), ("CHANGE", given - total), ("VAT 7 %", total * 7 // 107)):
        y += 3.4
        sheet.write(3, y, name, family=family)
        sheet.write(43, y, words.money(cents), family=family, anchor="r")
    y += 5
    sheet.write(3, y, f"{words.date(content)}  {words.clock(content)}", family=family)
    sheet.write(43, y, f"No {words.digits(content, 4)}", family=family, anchor="r")
    codes.ean(sheet, (5, y + 3, 41, y + 17))
    sheet.write(23, y + 21, "THANK YOU", family=family, anchor="m")


def label(sheet: Sheet) -> None:
    """The back of a package of food."""
    form, content = sheet.form, sheet.content
    sheet.page(80, 74, form.choice((WHITE, (250, 246, 232), (236, 244, 236))))
    brand = pictures.drawn_color(form, 0.25, 0.6)
    sheet.fill((0, 0, 80, 12), brand)
    sheet.write(
        4,
        8,
        form.choice(
            ("Oat biscuits", "Tomato soup", "Apple juice", "Dark chocolate", "Rye bread", "Green tea")
        ),
        size=2.2,
        family="serif bold",
        ink=WHITE,
    )
    sheet.write(
        76,
        8,
        f"{content.choice((100, 125, 200, 250, 400, 500))} g",
        size=1.7,
        family="sans bold",
        ink=WHITE,
        anchor="r",
    )
    sheet.flow(4, 17, 40, f"Ingredients: {words.text(content, 34).replace('.', ',')}", family="sans", most=8)
    sheet.frame((47, 15, 76, 43), width=2)
    sheet.write(48.5, 18.4, "Nutrition per 100 g", family="sans bold")
    for row, name in enumerate(
        ("Energy", "Fat", "of which saturates", "Carbohydrate", "of which sugars", "Fibre", "Protein", "Salt")
    ):
        y = 21.8 + 2.8 * row
        sheet.rule(47, y - 2.0, 76, y - 2.0, GREY)
        sheet.write(48.5, y, name, family="sans")
        value = f"{content.randint(80, 2300)} kJ" if row == 0 else f"{content.uniform(0, 60):.1f} g"
        sheet.write(75, y, value, family="sans", anchor="r")
    sheet.write(4, 48, "Best before", family="sans", ink=GREY)
    sheet.write(4, 52, words.date(content), size=1.4, family="mono bold")
    sheet.write(26, 48, "Lot", family="sans", ink=GREY)
    sheet.write(26, 52, f"L{words.digits(content, 6)}", size=1.4, family="mono bold")
    codes.ean(sheet, (42, 47, 77, 65))
    sheet.flow(4, 58, 36, words.text(form, 20), family="sans", ink=GREY, most=4)
    sheet.write(4, 71, f"Made by {words.company(form)}, {words.town(form)}", family="sans")
