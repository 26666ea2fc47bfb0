"""Pages and screens drawn for tests: one form, and what is written into it."""

from __future__ import annotations

from random import Random

from PIL import Image, ImageDraw, ImageFont

Picture = Image.Image


def font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size)


# Dense small writing: every entry is another one


def log_file(seed: int) -> Picture:
    """A terminal: light lines on a dark ground, with times and numbers."""
    chance, page = Random(seed), Image.new("RGB", (1100, 700), (24, 26, 32))
    draw, letters = ImageDraw.Draw(page), font(14)
    for row in range(36):
        minute, second = chance.randrange(60), chance.randrange(60)
        task = f"worker-{chance.randrange(8)} job {chance.randrange(10_000, 99_999)}"
        line = f"11:{minute:02}:{second:02}.{chance.randrange(1000):03}  INFO  {task}"
        draw.text(
            (14, 10 + 19 * row), f"{line} took {chance.randrange(40, 9000)} ms", (205, 210, 200), letters
        )
    return page


def timetable(seed: int) -> Picture:
    """Departures of buses, in columns, on paper that is not quite white."""
    chance, page = Random(seed), Image.new("RGB", (1000, 1200), (250, 248, 240))
    draw, letters = ImageDraw.Draw(page), font(17)
    draw.rectangle((0, 0, 1000, 80), fill=(180, 30, 40))
    draw.text((30, 26), "Line 14   Harbour - Mill Lane", "white", font(26))
    for row in range(34):
        draw.text((30, 110 + 31 * row), f"Stop {row + 1}", (20, 20, 20), letters)
        for column in range(11):
            time = f"{5 + column + chance.randrange(2)}:{chance.randrange(60):02}"
            draw.text((150 + 75 * column, 110 + 31 * row), time, (20, 20, 20), letters)
        if row % 2:
            draw.line((30, 135 + 31 * row, 970, 135 + 31 * row), fill=(200, 195, 180))
    return page


def score_sheet(seed: int) -> Picture:
    """A table of names and points, in two blocks of color."""
    chance, page = Random(seed), Image.new("RGB", (1280, 800), "white")
    draw, letters = ImageDraw.Draw(page), font(16)
    for row in range(30):
        ground = (225, 236, 250) if row % 2 else (250, 240, 225)
        draw.rectangle((40, 30 + 25 * row, 1240, 54 + 25 * row), fill=ground)
        for column in range(14):
            draw.text(
                (56 + 86 * column, 33 + 25 * row), str(chance.randrange(100, 9999)), (30, 30, 60), letters
            )
    return page


# One form, filled in otherwise


def certificate(name: str) -> Picture:
    """Who took part in what, in a frame."""
    page = Image.new("RGB", (1240, 880), (252, 250, 244))
    draw = ImageDraw.Draw(page)
    for inset in (30, 42):
        draw.rectangle((inset, inset, 1240 - inset, 880 - inset), outline=(150, 110, 40), width=4)
    draw.text((620, 170), "Certificate", (90, 60, 20), font(64), anchor="mm")
    draw.text((620, 330), "This is to say that", (40, 40, 40), font(26), anchor="mm")
    draw.text((620, 420), name, (20, 20, 20), font(38), anchor="mm")
    draw.text(
        (620, 510), "has finished the course in first aid, 16 hours", (40, 40, 40), font(26), anchor="mm"
    )
    draw.line((180, 720, 500, 720), fill=(60, 60, 60), width=2)
    draw.text((180, 735), "Head of training", (60, 60, 60), font(20))
    draw.ellipse((900, 620, 1060, 780), fill=(170, 40, 40))
    return page


def exam_sheet(ticked: int) -> Picture:
    """Questions with four boxes each; in the seventh, another box has a cross."""
    page = Image.new("RGB", (900, 1270), "white")
    draw, letters = ImageDraw.Draw(page), font(20)
    draw.text((60, 50), "Test 3: rivers and lakes", "black", font(30))
    for row in range(18):
        top = 130 + 60 * row
        draw.text((60, top), f"{row + 1}. Which of these is the longest?", "black", letters)
        for column in range(4):
            left = 520 + 80 * column
            draw.rectangle((left, top, left + 24, top + 24), outline="black", width=2)
            if column == (ticked if row == 6 else (row * 3) % 4):
                draw.line((left + 4, top + 4, left + 20, top + 20), fill=(20, 30, 140), width=3)
                draw.line((left + 20, top + 4, left + 4, top + 20), fill=(20, 30, 140), width=3)
    return page


def delivery_note(number: str) -> Picture:
    """A sender, what was sent, and a number."""
    page = Image.new("RGB", (1100, 1556), "white")
    draw, letters = ImageDraw.Draw(page), font(22)
    draw.polygon([(80, 170), (150, 60), (220, 170)], fill=(20, 110, 70))
    draw.text((250, 100), "Alder & Finch, garden tools", "black", font(30))
    draw.text((700, 300), f"Delivery note {number}", "black", letters)
    for row, item in enumerate(
        (
            "2 spades, ash",
            "1 wheelbarrow, green",
            "12 clay pots, 20 cm",
            "3 hoses, 25 m",
            "1 ladder",
            "6 rakes, small",
            "2 watering cans",
            "40 bulbs, mixed",
            "1 pair of shears",
        )
    ):
        draw.text((80, 480 + 45 * row), item, "black", letters)
        draw.line((80, 515 + 45 * row, 1020, 515 + 45 * row), fill=(190, 190, 190))
    draw.text((80, 1380), "Please look at the goods at once and sign for them.", "black", letters)
    return page


# Screens that differ in one line


def weather(degrees: str) -> Picture:
    """A phone that says how warm it is: white on a dark blue."""
    page = Image.new("RGB", (720, 1560), (18, 42, 84))
    draw = ImageDraw.Draw(page)
    draw.text((360, 190), "Lindholm", "white", font(44), anchor="mm")
    draw.text((360, 330), degrees, "white", font(110), anchor="mm")
    draw.text((360, 440), "cloudy, wind from the west", (200, 215, 240), font(30), anchor="mm")
    for row in range(6):
        draw.rounded_rectangle((40, 560 + 140 * row, 680, 680 + 140 * row), 20, fill=(32, 62, 112))
        day = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat")[row]
        draw.text((70, 600 + 140 * row), f"{day}   {9 + row} / {15 + row % 3}", "white", font(32))
    return page


def bank(sum_: str) -> Picture:
    """A phone with an account: what came, what went, and what is left."""
    page = Image.new("RGB", (828, 1792), (242, 243, 247))
    draw = ImageDraw.Draw(page)
    draw.rectangle((0, 0, 828, 420), fill=(110, 20, 60))
    draw.text((60, 140), "Current account", "white", font(34))
    draw.text((60, 230), sum_, "white", font(70))
    for row, (who, what) in enumerate(
        (
            ("Grocer", "-31.20"),
            ("Salary", "+2,140.00"),
            ("Rent", "-860.00"),
            ("Cinema", "-24.50"),
            ("Train", "-9.80"),
        )
    ):
        draw.rounded_rectangle((30, 470 + 160 * row, 798, 610 + 160 * row), 18, fill="white")
        draw.text((70, 520 + 160 * row), who, (20, 20, 20), font(34))
        draw.text((760, 520 + 160 * row), what, (20, 20, 20), font(34), anchor="ra")
    return page


def chat(word: str) -> Picture:
    """A chat with bubbles in two colors, of which the last says one word or another."""
    page = Image.new("RGB", (1080, 1920), (214, 226, 213))
    draw, letters = ImageDraw.Draw(page), font(40)
    draw.rectangle((0, 0, 1080, 180), fill=(40, 60, 70))
    draw.text((60, 70), "Family", "white", font(46))
    lines = (
        "who brings the salad on Sunday",
        "I can, and bread",
        "good, and the cake?",
        f"{word} makes it this time",
    )
    for row, line in enumerate(lines):
        left = 60 if row % 2 else 260
        draw.rounded_rectangle(
            (left, 260 + 170 * row, left + 760, 380 + 170 * row),
            30,
            fill="white" if row % 2 else (220, 248, 198),
        )
        draw.text((left + 36, 292 + 170 * row), line, (15, 15, 15), letters)
    return page


# Faint writing


def receipt(total: str) -> Picture:
    """A receipt whose thermal paper has faded, on a dark table."""
    chance, page = Random(11), Image.new("RGB", (760, 960), (58, 50, 46))
    draw, letters = ImageDraw.Draw(page), font(38)
    paper, ink = (243, 241, 236), (225, 223, 218)
    draw.rectangle((60, 60, 700, 900), fill=paper)
    for row in range(14):
        y = 90 + 56 * row
        price = total if row == 9 else f"{chance.randrange(1, 99)}.{chance.randrange(100):02}"
        draw.text((100, y), f"Item {chance.randrange(1000, 9999)}", ink, letters)
        draw.text((520, y), price, ink, letters)
    return page
