"""What is seen on screens: tables, logs, chats."""

from __future__ import annotations

from benchmarks.documents import words
from benchmarks.documents.kinds import pictures
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


def code(sheet: Sheet) -> None:
    """A program in an editor."""
    form, content = sheet.form, sheet.content
    width, height = form.choice(((118, 96), (130, 84), (104, 110)))
    dark = form.random() < 0.6
    ground, ink = ((30, 31, 36), (210, 212, 216)) if dark else ((255, 255, 255), (36, 41, 46))
    colors = (
        ((198, 120, 221), (152, 195, 121), (209, 154, 102), (97, 175, 239))
        if dark
        else ((175, 0, 150), (30, 120, 40), (10, 80, 190), (110, 60, 180))
    )
    sheet.page(width, height, ground)
    family = form.choice(("mono", "typewriter"))
    gutter = tuple(int(0.92 * level) if not dark else level + 8 for level in ground)
    sheet.fill((0, 0, 7, height), (gutter[0], gutter[1], gutter[2]))
    sheet.fill((0, 0, width, 4.4), (gutter[0], gutter[1], gutter[2]))
    sheet.write(9, 3, f"{form.choice(words.COMMON[150:])}.py", family="sans", ink=ink)
    advance = sheet.measure("m", family=family)
    y, line, depth = 7.6, content.randint(1, 400), 1
    while y < height - 1:
        sheet.write(5.8, y, str(line), family=family, ink=(130, 134, 142), anchor="r")
        with sheet.line():
            x = 9 + 4 * depth * advance
            for part, color in _statement(sheet):
                ink_of = ink if color < 0 else colors[color]
                x += sheet.write(x, y, part, family=family, ink=ink_of) if part.strip() else 0
                x += advance * (1 if part.strip() else len(part))
        depth = max(0, min(3, depth + content.choice((-1, -1, 0, 0, 1, 1))))
        line, y = line + 1, y + 2.7


def _statement(sheet: Sheet) -> list[tuple[str, int]]:
    """A line of code in parts, with the number of each one's color; -1 for plain."""
    content = sheet.content
    first, second, third = (content.choice(words.COMMON[100:]) for _ in range(3))
    number = str(content.randint(0, 9999))
    return content.choice(
        (
            [("def", 0), (f"{first}_{second}({third}):", 3)],
            [("return", 0), (f"{first} + {number}", -1)],
            [(f"{first}_{second}", -1), ("=", -1), (number, 2)],
            [("if", 0), (f"{first} > {number}", -1), ("and", 0), (f"not {second}:", -1)],
            [("for", 0), (first, -1), ("in", 0), (f"range({number}):", 3)],
            [(f"{first}.append", -1), (f'"{second} {third}"', 1)],
            [(f"# {first} {second} {third} {number}", 1)],
            [("assert", 0), (f"len({first})", 3), (f"== {number}", 2)],
            [
                (f"{first}[{content.randint(0, 63)}]", -1),
                ("=", -1),
                (f"{second} * {content.random():.3f}", 2),
            ],
        )
    )


def bank(sheet: Sheet) -> None:
    """An account in the app of a bank."""
    form, content = sheet.form, sheet.content
    sheet.page(64, 136, (246, 247, 249))
    brand = form.choice(((190, 20, 35), (0, 70, 150), (0, 110, 90), (250, 150, 20), (50, 50, 60)))
    sheet.fill((0, 0, 64, 30), brand)
    sheet.write(2.5, 3.2, words.clock(content), family="sans bold", ink=WHITE)
    sheet.write(61.5, 3.2, f"{content.randint(5, 100)} %", family="sans", ink=WHITE, anchor="r")
    sheet.write(
        32,
        9,
        form.choice(("Current account", "Savings", "Everyday account")),
        family="sans",
        ink=WHITE,
        anchor="m",
    )
    sheet.write(
        32,
        18,
        f"{words.money(content.randint(1000, 3_000_000))} €",
        size=2.2,
        family="sans bold",
        ink=WHITE,
        anchor="m",
    )
    sheet.write(
        32,
        23,
        f"DE{words.digits(form, 2)} {words.digits(form, 4)} {words.digits(form, 4)} {words.digits(form, 4)}",
        family="sans",
        ink=WHITE,
        anchor="m",
    )
    y, day = 34.0, content.randint(20, 28)
    month = content.choice(words.MONTHS)
    while y < 100:  # two or three entries more end above the bar
        sheet.write(3, y + 1, f"{day} {month}", family="sans bold", ink=(110, 114, 122))
        day -= content.randint(1, 4)
        y += 3.4
        for _ in range(form.randint(2, 3)):
            sheet.fill((2, y, 62, y + 7.4), WHITE, radius=1.2)
            color = form.choice(((90, 120, 200), (220, 130, 60), (80, 160, 110), (160, 90, 170)))
            sheet.drawing.ellipse(sheet.pixels((4, y + 1.5, 8.4, y + 5.9)), color)
            partner = content.choice((words.company(content), words.name(content)))
            sheet.write(6.2, y + 4.3, partner[0], family="sans bold", ink=WHITE, anchor="m")
            sheet.write(10, y + 3.2, partner, family="sans bold", room=32)
            sheet.write(
                10,
                y + 6.0,
                content.choice(("Card payment", "Transfer", "Standing order", "Salary")),
                family="sans",
                ink=(120, 124, 130),
            )
            amount = content.randint(150, 250_000) * content.choice((-1, -1, -1, 1))
            ink = (24, 24, 28) if amount < 0 else (20, 130, 70)
            sheet.write(60.5, y + 4.3, words.money(amount), family="sans bold", ink=ink, anchor="r")
            y += 8
        y += 1.4
    sheet.fill((0, 128, 64, 136), WHITE)
    for column, label in enumerate(("Home", "Cards", "Pay", "More")):
        x = 8 + 16 * column
        sheet.frame(
            (x - 1.4, 129.4, x + 1.4, 132.2), brand if column == 0 else (150, 154, 160), radius=0.6, width=2
        )
        sheet.write(x, 135, label, family="sans", ink=(110, 114, 122), anchor="m")


def shop(sheet: Sheet) -> None:
    """Goods with their prices in a browser."""
    form, content = sheet.form, sheet.content
    columns, rows = form.choice(((4, 2), (3, 2), (5, 2)))
    width = 6 + 27 * columns
    height = 20 + 39 * rows
    sheet.page(width, height, WHITE)
    brand = form.choice(((20, 24, 30), (30, 90, 60), (180, 40, 60), (30, 60, 140)))
    sheet.fill((0, 0, width, 4.6), (222, 225, 230))
    sheet.fill((14, 0.8, width - 4, 3.9), WHITE, radius=1.5)
    sheet.write(
        16,
        3.1,
        f"www.{form.choice(words.LAST_NAMES).lower()}-{form.choice(words.TRADES).lower()}.shop",
        family="sans",
        ink=(90, 94, 100),
    )
    for number, color in enumerate(((237, 106, 94), (245, 191, 79), (98, 197, 84))):
        sheet.drawing.ellipse(sheet.pixels((2 + 3 * number, 1.5, 3.8 + 3 * number, 3.3)), color)
    sheet.fill((0, 4.6, width, 12), brand)
    sheet.write(4, 9.6, form.choice(words.LAST_NAMES).upper(), size=1.6, family="serif bold", ink=WHITE)
    sheet.write(width - 4, 9.3, f"Basket ({content.randint(0, 9)})", family="sans", ink=WHITE, anchor="r")
    for place in range(columns * rows):
        x, y = 4 + 27 * (place % columns), 15 + 39.5 * (place // columns)
        sheet.fill((x, y, x + 24, y + 24), (244, 244, 242))
        goods_seed = str(content.randrange(10**6))
        sheet.symbol(
            (x, y, x + 24, y + 24),
            "goods",
            goods_seed,
            pictures.goods,
            others=(str(content.randrange(10**6)),),
            stroke=4,
        )
        sheet.write(
            x,
            y + 27,
            f"{words.word(content).title()} {form.choice(('shirt', 'bag', 'dress', 'mug'))}",
            family="sans bold",
            room=22,
        )
        sheet.write(x, y + 30, f"{words.money(content.randint(499, 29_999))} €", size=1.1, family="sans")
        sheet.write(
            x,
            y + 33,
            f"{content.randint(20, 50) / 10} of 5 ({content.randint(1, 900)})",
            family="sans",
            ink=(120, 120, 124),
        )
        if content.random() < 0.2:
            sheet.fill((x, y, x + 8, y + 3.2), (200, 30, 40))
            sheet.write(
                x + 4, y + 2.3, f"-{content.randint(1, 7) * 10} %", family="sans bold", ink=WHITE, anchor="m"
            )


def weather(sheet: Sheet) -> None:
    """The forecast on a telephone."""
    form, content = sheet.form, sheet.content
    sheet.page(64, 136)
    top, bottom = form.choice(
        (((60, 120, 200), (150, 200, 240)), ((30, 40, 80), (90, 90, 140)), ((90, 110, 130), (170, 180, 190)))
    )
    sheet.shade(top, bottom)
    sheet.write(2.5, 3.2, words.clock(content), family="sans bold", ink=WHITE)
    sheet.write(32, 11, content.choice(words.TOWNS), size=1.7, family="sans", ink=WHITE, anchor="m")
    now = content.randint(-12, 35)
    sheet.write(32, 24, f"{now}°", size=5.2, family="thin", ink=WHITE, anchor="m")
    sheet.write(
        32,
        29,
        content.choice(("Cloudy", "Sunny", "Light rain", "Snow showers", "Thunderstorms")),
        size=1.2,
        family="sans",
        ink=WHITE,
        anchor="m",
    )
    low, high = now - content.randint(1, 6), now + content.randint(1, 6)
    sheet.write(32, 32.4, f"High {high}°  Low {low}°", family="sans", ink=WHITE, anchor="m")
    panel = tuple(int(0.75 * level + 55) for level in top)
    sheet.fill((2, 38, 62, 56), (panel[0], panel[1], panel[2]), radius=2)
    hour = content.randint(0, 23)
    for column in range(7):
        x = 6.5 + 8.5 * column
        sheet.write(
            x,
            42,
            "Now" if column == 0 else f"{(hour + column) % 24:02}",
            family="sans",
            ink=WHITE,
            anchor="m",
        )
        _sky_sign(sheet, x - 2, 44.2)
        sheet.write(
            x, 53.4, f"{content.randint(low, high)}°", size=1.1, family="sans bold", ink=WHITE, anchor="m"
        )
    sheet.fill((2, 59, 62, 126), (panel[0], panel[1], panel[2]), radius=2)
    first = content.randrange(7)
    for row in range(9):
        y = 64.4 + 7.2 * row
        sheet.write(4.5, y, words.DAYS[(first + row) % 7], family="sans", ink=WHITE)
        _sky_sign(sheet, 24, y - 3)
        sheet.write(38, y, f"{content.randint(-12, 20)}°", family="sans", ink=(225, 232, 240), anchor="r")
        sheet.fill((41, y - 1.4, 52, y - 0.5), (110, 150, 190), radius=0.4)
        sheet.fill((43, y - 1.4, 43 + content.uniform(2, 8), y - 0.5), (250, 200, 90), radius=0.4)
        sheet.write(59.5, y, f"{content.randint(10, 38)}°", family="sans", ink=WHITE, anchor="r")
        if row:
            sheet.rule(4, y - 4.4, 60, y - 4.4, (200, 212, 226))


SKY = ("sun", "cloud", "rain", "snow", "storm")


def _sky_sign(sheet: Sheet, x: float, y: float) -> None:
    shown = sheet.content.choice(SKY)
    others = tuple(other for other in SKY if other != shown)
    sheet.symbol(
        (x, y, x + 4, y + 4), "weather sign", shown, pictures.sky_sign, others=others, stroke=2, sign=True
    )
