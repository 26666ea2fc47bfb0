"""Numbers in boxes: timetables, calendars, sudokus."""

from __future__ import annotations

import calendar as days_of
from random import Random

from benchmarks.documents import words
from benchmarks.documents.kinds import marks, pictures
from benchmarks.documents.sheet import WHITE, Color, Sheet

GREY: Color = (110, 110, 116)


def timetable(sheet: Sheet) -> None:
    """Departures of a station, or the times of a bus."""
    form, content = sheet.form, sheet.content
    if form.random() < 0.5:
        _departures(sheet)
        return
    sheet.page(96, 118)
    brand = pictures.drawn_color(form, 0.3, 0.65)
    sheet.fill((0, 0, 96, 12), brand)
    sheet.write(4, 8, f"Bus {form.randint(1, 99)}", size=2.2, family="sans bold", ink=WHITE)
    sheet.write(
        92,
        8,
        f"{form.choice(words.TOWNS)} - {form.choice(words.TOWNS)}",
        size=1.3,
        family="sans",
        ink=WHITE,
        anchor="r",
    )
    for column, label in enumerate(("Hour", "Monday to Friday", "Saturday", "Sunday")):
        sheet.write((4, 12, 54, 76)[column], 17, label, family="sans bold")
    for row in range(20):
        y = 21.6 + 4.6 * row
        if row % 2:
            sheet.fill((2, y - 3.1, 94, y + 1.5), (238, 240, 244))
        with sheet.line():
            sheet.write(8, y, f"{(row + 5) % 24:02}", size=1.15, family="sans bold", anchor="r")
            for x, most in ((12, 9), (54, 4), (76, 3)):
                for place, minute in enumerate(sorted(content.sample(range(60), form.randint(2, most)))):
                    sheet.write(x + 4.4 * place, y, f"{minute:02}", family="sans")
    sheet.write(4, 115.5, f"Valid from {words.date(content)}", family="sans", ink=GREY)


def _departures(sheet: Sheet) -> None:
    content = sheet.content
    sheet.page(120, 78, (16, 24, 58))
    yellow, pale = (255, 214, 60), (226, 230, 244)
    sheet.write(4, 7, "Departures", size=2.2, family="sans bold", ink=pale)
    sheet.write(116, 7, words.clock(content), size=2.2, family="sans bold", ink=yellow, anchor="r")
    columns = (4, 16, 30, 66, 98, 116)
    for x, label in zip(columns, ("Time", "Train", "To", "Via", "Platform", ""), strict=True):
        sheet.write(x, 13, label, family="sans", ink=(150, 160, 200))
    minutes = content.randint(300, 1200)
    for row in range(15):
        y = 18 + 4 * row
        minutes += content.randint(1, 14)
        if row % 2:
            sheet.fill((0, y - 2.7, 120, y + 1.3), (26, 36, 76))
        with sheet.line():
            sheet.write(
                columns[0], y, f"{minutes // 60 % 24:02}:{minutes % 60:02}", family="sans bold", ink=yellow
            )
            sheet.write(
                columns[1],
                y,
                f"{content.choice(('IC', 'RE', 'S', 'EC'))} {content.randint(1, 999)}",
                family="sans",
                ink=pale,
            )
            sheet.write(columns[2], y, content.choice(words.TOWNS), family="sans bold", ink=pale, room=28)
            via = f"{content.choice(words.TOWNS)}, {content.choice(words.TOWNS)}"
            sheet.write(columns[3], y, via, family="sans", ink=pale, room=30)
            sheet.write(
                columns[4] + 4, y, str(content.randint(1, 18)), family="sans bold", ink=pale, anchor="r"
            )
            late = f"+{content.randint(3, 59)}" if content.random() < 0.25 else ""
            if late:
                sheet.write(columns[5], y, late, family="sans", ink=(255, 120, 90), anchor="r")


def calendar(sheet: Sheet) -> None:
    """A month with what is to be done."""
    form, content = sheet.form, sheet.content
    sheet.page(126, 96)
    brand = pictures.drawn_color(form, 0.3, 0.6)
    year, month = form.randint(2020, 2027), form.randint(1, 12)
    sheet.write(4, 8, f"{words.MONTHS[month - 1]} {year}", size=2.3, family="sans bold", ink=brand)
    sheet.write(122, 7.4, words.name(content), family="sans", ink=GREY, anchor="r")
    wide, tall = 118 / 7, 80 / 6
    for column, name in enumerate(words.DAYS):
        sheet.write(4 + (column + 0.5) * wide, 12.6, name[:3], family="sans", ink=GREY, anchor="m")
    colors = [pictures.drawn_color(form, 0.75, 0.95) for _ in range(3)]
    for row, week in enumerate(days_of.Calendar().monthdayscalendar(year, month)):
        for column, day in enumerate(week):
            x, y = 4 + column * wide, 14 + row * tall
            sheet.frame((x, y, x + wide, y + tall), (205, 207, 212))
            if not day:
                continue
            sheet.write(
                x + 1,
                y + 2.6,
                str(day),
                family="sans bold",
                ink=(200, 60, 60) if column == 6 else (40, 40, 44),
            )
            for entry in range(form.choice((0, 0, 1, 1, 2))):
                top = y + 3.6 + 4.6 * entry
                sheet.fill((x + 0.5, top, x + wide - 0.5, top + 4.2), form.choice(colors), radius=0.5)
                sheet.write(x + 1, top + 1.9, words.clock(content), size=0.9, family="sans bold")
                sheet.write(
                    x + 1,
                    top + 3.8,
                    content.choice(words.COMMON[150:]),
                    size=0.9,
                    family="sans",
                    room=wide - 2,
                )


def sudoku(sheet: Sheet) -> None:
    """A riddle, some of it solved by hand."""
    form, content = sheet.form, sheet.content
    sheet.page(46, 58)
    sheet.write(23, 5.4, f"Sudoku no. {content.randint(1, 999)}", size=1.5, family="serif bold", anchor="m")
    sheet.write(23, 8.8, form.choice(("easy", "medium", "hard")), family="serif", ink=GREY, anchor="m")
    left, top, side = 4.0, 11.0, 4.2
    solution = _solved(content)
    for row in range(9):
        for column in range(9):
            chance = content.random()
            x, y = left + (column + 0.5) * side, top + (row + 0.7) * side
            digit = str(solution[row][column])
            if chance < 0.42:
                sheet.write(x, y, digit, size=1.15, family="sans bold", anchor="m")
            elif chance < 0.62:
                sheet.write(
                    x + 0.2, y, digit, size=1.15, family="roman italic", ink=marks.BLUE_INK, anchor="m"
                )
    for line in range(10):
        heavy = max(2, sheet.px(0.3)) if line % 3 == 0 else 1
        sheet.rule(left, top + line * side, left + 9 * side, top + line * side, width=heavy)
        sheet.rule(left + line * side, top, left + line * side, top + 9 * side, width=heavy)
    sheet.write(4, 53.5, f"Solution on page {content.randint(2, 90)}", family="serif", ink=GREY)


def _solved(chance: Random) -> list[list[int]]:
    """Rows, columns and digits of a known solution, exchanged within their bands."""

    def shuffled() -> list[int]:
        return [
            3 * band + place for band in chance.sample(range(3), 3) for place in chance.sample(range(3), 3)
        ]

    rows, columns, digits = shuffled(), shuffled(), chance.sample(range(1, 10), 9)
    return [[digits[(3 * (row % 3) + row // 3 + column) % 9] for column in columns] for row in rows]
