"""Bar codes and QR codes that can be read, by their standards ISO/IEC 15420 and 18004."""

from __future__ import annotations

from random import Random

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw

from benchmarks.documents import words
from benchmarks.documents.fonts import face
from benchmarks.documents.kinds.pictures import drawn_color
from benchmarks.documents.sheet import BLACK, WHITE, Picture, Sheet

Modules = npt.NDArray[np.bool_]
"""(side, side), True where it is dark."""

LEFT_ODD = (
    "0001101",
    "0011001",
    "0010011",
    "0111101",
    "0100011",
    "0110001",
    "0101111",
    "0111011",
    "0110111",
    "0001011",
)
PARITIES = (
    "OOOOOO",
    "OOEOEE",
    "OOEEOE",
    "OOEEEO",
    "OEOOEE",
    "OEEOOE",
    "OEEEOO",
    "OEOEOE",
    "OEOEEO",
    "OEEOEO",
)
EAN_MODULES = 95
QUIET = 4  # modules around a QR code

SIZES = {1: (19, 7), 2: (34, 10), 3: (55, 15), 4: (80, 20), 5: (108, 26)}
"""Version to codewords of data and of correction, at level L, which has one block in all of these."""


def ean_digits(twelve: str) -> str:
    """Return thirteen digits, the last of which checks the others."""
    total = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(twelve))
    return twelve + str(-total % 10)


def ean_bars(digits: str) -> str:
    """Return 95 modules, 1 for a bar."""
    left = ""
    for digit, parity in zip(digits[1:7], PARITIES[int(digits[0])], strict=True):
        odd = LEFT_ODD[int(digit)]
        left += odd if parity == "O" else _inverted(odd)[::-1]
    right = "".join(_inverted(LEFT_ODD[int(digit)]) for digit in digits[7:])
    return f"101{left}01010{right}101"


def draw_ean(part: Picture, content: str) -> None:
    """A bar code with its digits below, as wide as the part allows with whole pixels to a module."""
    digits = ean_digits(content)
    drawing = ImageDraw.Draw(part)
    module = max(1, part.width // (EAN_MODULES + 14))
    left = (part.width - EAN_MODULES * module) // 2 + 2 * module
    font = face("mono").at(min(part.height * 0.09, 5.6 * module))
    bottom = int(part.height * 0.8)
    drawing.rectangle((0, 0, part.width, part.height), WHITE)
    for place, bar in enumerate(ean_bars(digits)):
        guard = place < 3 or place > 91 or 45 <= place < 50
        if bar == "1":
            x = left + place * module
            drawing.rectangle(
                (x, part.height * 0.04, x + module - 1, bottom + (part.height * 0.08 if guard else 0)), BLACK
            )
    base = part.height * 0.97
    drawing.text((left - 2 * module, base), digits[0], BLACK, font, "rs")
    for half, start in ((digits[1:7], 3), (digits[7:], 50)):
        for place, digit in enumerate(half):
            drawing.text((left + (start + 3.5 + 7 * place) * module, base), digit, BLACK, font, "ms")


def ean(sheet: Sheet, box: tuple[float, float, float, float]) -> None:
    """Put a bar code on a sheet."""
    number = words.digits(sheet.content, 12)
    place = sheet.content.randrange(2, 12)
    other = (
        number[:place] + str((int(number[place]) + sheet.content.randint(1, 9)) % 10) + number[place + 1 :]
    )
    left, _, right, _ = sheet.pixels(box)
    module = max(1, (right - left) // (EAN_MODULES + 14))
    sheet.symbol(box, "bar code", number, draw_ean, others=(other,), stroke=module)


def bar_code(sheet: Sheet) -> None:
    """A sticker of a warehouse."""
    form, content = sheet.form, sheet.content
    sheet.page(52, 40)
    sheet.frame((1, 1, 51, 39), width=2, radius=1.5)
    sheet.write(4, 5.4, words.company(form), family="sans bold", size=1.1)
    sheet.write(4, 8.6, content.choice(words.GOODS), family="sans", room=44)
    ean(sheet, (4, 10.5, 48, 30))
    sheet.write(4, 34, f"Lot {words.digits(content, 6)}", family="sans")
    sheet.write(
        48,
        34,
        f"Shelf {content.choice('ABCDEFGH')}{content.randint(1, 99):02}",
        family="sans bold",
        anchor="r",
    )
    sheet.write(4, 37, words.date(content), family="sans")
    sheet.write(48, 37, f"{content.randint(1, 60)} pieces", family="sans", anchor="r")


def qr_sign(sheet: Sheet) -> None:
    """A notice with a QR code."""
    form, content = sheet.form, sheet.content
    sheet.page(60, 78, WHITE)
    brand = drawn_color(form, 0.2, 0.6)
    sheet.fill((0, 0, 60, 11), brand)
    sheet.write(
        30,
        7.2,
        form.choice(("Scan me", "Menu", "Guest network", "Tickets", "Feedback")),
        size=2,
        family="sans bold",
        ink=WHITE,
        anchor="m",
    )
    host = form.choice(words.LAST_NAMES).lower()
    address = f"https://{host}.example/{words.word(content)}/{words.digits(content, 5)}"
    place = len(address) - content.randint(1, 5)
    other = address[:place] + str((int(address[place]) + content.randint(1, 9)) % 10) + address[place + 1 :]
    box = (9, 15, 51, 57)
    left, _, right, _ = sheet.pixels(box)
    module = (right - left) // (len(qr_modules(address)) + 2 * QUIET)
    sheet.symbol(box, "QR code", address, draw_qr, others=(other,), stroke=module)
    sheet.write(30, 62, address, family="sans", anchor="m", size=0.95)
    sheet.write(30, 67, f"Table {content.randint(1, 60)}", family="sans bold", size=1.4, anchor="m")
    sheet.flow(6, 71.5, 48, words.text(form, 20), family="sans", ink=(90, 90, 94), most=2)


def draw_qr(part: Picture, content: str) -> None:
    """A QR code, as large as whole pixels to a module allow."""
    modules = np.pad(qr_modules(content), QUIET)
    each = max(1, min(part.size) // len(modules))
    large = np.kron(~modules, np.ones((each, each), bool)).astype(np.uint8) * 255
    code = Image.fromarray(large).convert("RGB")
    part.paste(WHITE, (0, 0, *part.size))
    part.paste(code, ((part.width - code.width) // 2, (part.height - code.height) // 2))


def qr_modules(text: str) -> Modules:
    """Return the code of up to 106 bytes of UTF-8, at level L.

    Raises ValueError if the text is longer.
    """
    data = text.encode()
    version = next((version for version, (room, _) in SIZES.items() if len(data) + 2 <= room), None)
    if version is None:
        raise ValueError(f"{len(data)} bytes are more than the 106 of a version 5 code")
    room, checks = SIZES[version]
    words_of_data = _codewords(data, room)
    bits = [
        byte >> 7 - bit & 1 for byte in words_of_data + _remainder(words_of_data, checks) for bit in range(8)
    ]
    side = 17 + 4 * version
    code, taken = np.zeros((side, side), bool), np.zeros((side, side), bool)
    _fixed(code, taken, version)
    mask = Random(text).randrange(8) if text else 0
    _fill(code, taken, bits, mask)
    _format(code, mask)
    return code


def _inverted(bars: str) -> str:
    return bars.translate(str.maketrans("01", "10"))


def _codewords(data: bytes, room: int) -> list[int]:
    """Mode 4 (bytes), the length, the bytes, an end, and padding."""
    bits = f"0100{len(data):08b}" + "".join(f"{byte:08b}" for byte in data)
    bits += "0" * min(4, 8 * room - len(bits))
    bits += "0" * (-len(bits) % 8)
    found = [int(bits[start : start + 8], 2) for start in range(0, len(bits), 8)]
    return found + [(0xEC, 0x11)[place % 2] for place in range(room - len(found))]


def _product(a: int, b: int) -> int:
    """Of two elements of the field of 256 elements with the polynomial 0x11D."""
    found = 0
    while b:
        if b & 1:
            found ^= a
        a = a << 1 ^ (0x11D if a & 0x80 else 0)
        b >>= 1
    return found


def _remainder(data: list[int], count: int) -> list[int]:
    """Return the codewords of Reed and Solomon's correction."""
    generator, root = [1], 1
    for _ in range(count):
        longer = [*generator, 0]
        for place, factor in enumerate(generator):
            longer[place + 1] ^= _product(factor, root)
        generator, root = longer, _product(root, 2)
    rest = [*data, *[0] * count]
    for place in range(len(data)):
        lead = rest[place]
        for step, factor in enumerate(generator):
            rest[place + step] ^= _product(factor, lead)
    return rest[len(data) :]


def _fixed(code: Modules, taken: Modules, version: int) -> None:
    """Draw what every code of a version has, and mark it and the places of the format as taken."""
    side = len(code)
    for row, column in ((0, 0), (0, side - 7), (side - 7, 0)):
        code[row : row + 7, column : column + 7] = True
        code[row + 1 : row + 6, column + 1 : column + 6] = False
        code[row + 2 : row + 5, column + 2 : column + 5] = True
    taken[:9, :9] = taken[:9, side - 8 :] = taken[side - 8 :, :9] = True
    if version > 1:
        middle = side - 7
        code[middle - 2 : middle + 3, middle - 2 : middle + 3] = True
        code[middle - 1 : middle + 2, middle - 1 : middle + 2] = False
        code[middle, middle] = True
        taken[middle - 2 : middle + 3, middle - 2 : middle + 3] = True
    for place in range(8, side - 8):
        code[6, place] = code[place, 6] = place % 2 == 0
    taken[6, :] = taken[:, 6] = True
    code[side - 8, 8] = True


def _fill(code: Modules, taken: Modules, bits: list[int], mask: int) -> None:
    """Lay the bits in pairs of columns, up and down, from the right to the left."""
    side, place, up = len(code), 0, True
    column = side - 1
    while column > 0:
        if column == 6:
            column -= 1
        for row in range(side - 1, -1, -1) if up else range(side):
            for here in (column, column - 1):
                if not taken[row, here]:
                    bit = bits[place] if place < len(bits) else 0
                    code[row, here] = bool(bit) != _masked(mask, row, here)
                    place += 1
        column, up = column - 2, not up


def _masked(mask: int, row: int, column: int) -> bool:
    product = row * column
    return (
        (row + column) % 2,
        row % 2,
        column % 3,
        (row + column) % 3,
        (row // 2 + column // 3) % 2,
        product % 2 + product % 3,
        (product % 2 + product % 3) % 2,
        ((row + column) % 2 + product % 3) % 2,
    )[mask] == 0


def _format(code: Modules, mask: int) -> None:
    """Write the level and the mask, twice, with ten bits that correct them."""
    level = 0b01 << 3 | mask
    rest = level << 10
    for bit in range(14, 9, -1):
        if rest >> bit & 1:
            rest ^= 0b10100110111 << bit - 10
    bits = (level << 10 | rest) ^ 0b101010000010010
    side = len(code)
    around = [(8, place) for place in (0, 1, 2, 3, 4, 5, 7, 8)] + [
        (place, 8) for place in (7, 5, 4, 3, 2, 1, 0)
    ]
    along = [(side - 1 - place, 8) for place in range(7)] + [(8, side - 8 + place) for place in range(8)]
    for places in (around, along):
        for place, (row, column) in enumerate(places):
            code[row, column] = bool(bits >> 14 - place & 1)
