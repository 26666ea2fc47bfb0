"""What is seen on screens: tables, logs, chats."""

from __future__ import annotations

from benchmarks.documents import words
from benchmarks.documents.sheet import WHITE, Color, Sheet

GRID: Color = (212, 212, 212)


def spreadsheet(sheet: Sheet) -> None:
    """A table of numbers in its program's window."""
    form, content = sheet.form, sheet.content
    width, height = form.choice(((150, 95), (130, 90), (160, 84)))
    sheet.page(width, height)
    accent = form.choice(((33, 115, 70), (24, 90, 160), (70, 70, 78)))
    sheet.fill((0, 0, width, 4), accent)
    sheet.write(
        width / 2,
        2.7,
        f"{form.choice(words.COMMON[150:])}-{content.randint(2015, 2026)}.xlsx",
        family="sans",
        ink=WHITE,
        anchor="m",
    )
    sheet.fill((0, 4, width, 10), (243, 243, 243))
    for number, label in enumerate(("File", "Home", "Insert", "Layout", "Formulas", "Data", "View")):
        sheet.write(3 + 9 * number, 7.8, label, family="sans", ink=(60, 60, 60))
    top, row_height, first = 10.0, 2.9, 5.0
    columns = form.randint(8, 12)
    column_width = (width - first) / columns
    names = form.random() < 0.7
    for column in range(columns):
        x = first + column * column_width
        sheet.fill((x, top, x + column_width, top + row_height), (230, 230, 230))
        sheet.write(
            x + column_width / 2,
            top + 2.1,
            "ABCDEFGHIJKL"[column],
            family="sans",
            ink=(70, 70, 70),
            anchor="m",
        )
        sheet.rule(x, top, x, height, GRID)
    places = [form.choice((0, 1, 2)) for _ in range(columns)]
    sizes = [form.choice((100, 1000, 10000)) for _ in range(columns)]
    for row in range(int((height - top) / row_height) - 1):
        y = top + (row + 1) * row_height
        sheet.fill((0, y, first, y + row_height), (230, 230, 230))
        sheet.rule(0, y, width, y, GRID)
        sheet.write(first / 2, y + 2.1, str(row + 1), family="sans", ink=(70, 70, 70), anchor="m")
        with sheet.line():
            for column in range(columns):
                x = first + column * column_width
                if row == 0:
                    sheet.write(
                        x + 0.6,
                        y + 2.1,
                        form.choice(words.COMMON[150:]),
                        family="sans bold",
                        room=column_width - 1,
                    )
                elif column == 0 and names:
                    sheet.write(
                        x + 0.6,
                        y + 2.1,
                        content.choice(words.LAST_NAMES),
                        family="sans",
                        room=column_width - 1,
                    )
                else:
                    value = f"{content.uniform(-0.2, 1) * sizes[column]:.{places[column]}f}"
                    sheet.write(x + column_width - 0.6, y + 2.1, value, family="sans", anchor="r")


def log(sheet: Sheet) -> None:
    """A terminal full of messages with times."""
    form, content = sheet.form, sheet.content
    width, height = form.choice(((140, 92), (120, 100), (160, 84)))
    dark = form.random() < 0.7
    ground, ink = ((24, 26, 31), (212, 214, 208)) if dark else ((250, 250, 248), (40, 42, 46))
    sheet.page(width, height, ground)
    family = form.choice(("mono", "typewriter"))
    day = words.date(content)
    y, seconds = 3.2, content.randint(0, 80_000)
    service = [form.choice(("api", "db", "cache", "auth", "mail", "worker", "disk", "net")) for _ in range(6)]
    levels = (
        ("INFO ", (90, 190, 110)),
        ("WARN ", (220, 170, 60)),
        ("ERROR", (225, 90, 85)),
        ("DEBUG", (110, 150, 220)),
    )
    while y < height - 1:
        seconds += content.randint(0, 9)
        clock = f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}.{content.randint(0, 999):03}"
        level, color = content.choices(levels, (6, 2, 1, 3))[0]
        what = content.choice(
            (
                f"request {words.digits(content, 6)} took {content.randint(2, 950)} ms",
                f"{words.word(content)} {words.word(content)} done, {content.randint(0, 99999)} rows",
                f"connection from 10.0.0.{content.randint(1, 254)}:{words.digits(content, 5)}",
                f"cannot {words.word(content)} {words.word(content)}: code {content.randint(1, 255)}",
                f"user {content.choice(words.LAST_NAMES).lower()}{content.randint(1, 99)} logged in",
                f"checksum {content.getrandbits(64):016x} ok",
            )
        )
        with sheet.line():
            x = 2.0 + sheet.write(2.0, y, f"{day} {clock} ", family=family, ink=ink)
            x += sheet.write(x, y, f"{level} ", family=family, ink=color)
            x += sheet.write(x, y, f"[{content.choice(service)}] ", family=family, ink=(130, 140, 160))
            sheet.write(x, y, what, family=family, ink=ink)
        y += 2.55


def chat(sheet: Sheet) -> None:
    """A conversation on a telephone."""
    form, content = sheet.form, sheet.content
    sheet.page(66, 140, form.choice(((236, 229, 221), (238, 240, 243), (18, 22, 28), (255, 255, 255))))
    dark = sum(sheet.picture.getpixel((5, 5))) < 200  # type: ignore[arg-type]
    head = form.choice(((7, 94, 84), (36, 107, 178), (52, 54, 60), (118, 60, 150)))
    mine, theirs = ((40, 92, 80), (38, 42, 50)) if dark else ((220, 248, 198), (250, 250, 250))
    if sheet.picture.getpixel((5, 5)) == WHITE:
        mine, theirs = (205, 228, 255), (236, 237, 240)
    ink = (232, 232, 232) if dark else (22, 22, 24)
    faint = (150, 158, 164) if dark else (110, 116, 120)
    sheet.fill((0, 0, 66, 13), head)
    sheet.write(2.5, 3.2, words.clock(content), family="sans bold", ink=WHITE)
    sheet.write(63.5, 3.2, f"{content.randint(5, 100)} %", family="sans", ink=WHITE, anchor="r")
    sheet.drawing.ellipse(sheet.pixels((4, 5.5, 10.4, 11.9)), (200, 204, 210))
    partner = words.name(content)
    sheet.write(7.2, 9.6, partner[0], family="sans bold", ink=(80, 84, 92), anchor="m", size=1.3)
    sheet.write(12.5, 8.6, partner, family="sans bold", ink=WHITE, room=40)
    sheet.write(12.5, 11.6, "online", family="sans", ink=(215, 225, 225))
    y, minutes = 17.0, content.randint(420, 1200)
    while y < 124:
        own = form.random() < 0.5
        lines = form.choice((1, 1, 2, 3))
        wide = form.uniform(26, 46)
        minutes += content.randint(0, 3)
        left = 64 - wide if own else 2.0
        bottom = y + 3.2 + 2.6 * lines + 1.8
        sheet.fill((left, y, left + wide, bottom), mine if own else theirs, radius=1.6)
        text = content.choice(
            (
                f"see you at {words.clock(content)} then, {words.text(content, 12)}",
                f"it costs {content.randint(5, 900)} euros {words.text(content, 12)}",
                f"the train leaves at {words.clock(content)} {words.text(content, 12)}",
                words.text(content, 14),
            )
        )
        sheet.flow(left + 1.8, y + 3.1, wide - 3.6, text, family="sans", ink=ink, most=lines)
        sheet.write(
            left + wide - 1.4,
            bottom - 1.0,
            f"{minutes // 60 % 24:02}:{minutes % 60:02}",
            family="sans",
            size=0.86,
            ink=faint,
            anchor="r",
        )
        y = bottom + 1.5
    sheet.fill((0, 132, 66, 140), theirs)
    sheet.fill((3, 133.5, 55, 138.5), (60, 64, 72) if dark else WHITE, radius=2.5)
    sheet.write(6, 136.7, "Message", family="sans", ink=faint)
    sheet.drawing.ellipse(sheet.pixels((57.5, 133.4, 62.7, 138.6)), head)
