"""What kinds draw on: a picture that knows its fields, and can be drawn again with others in some of them.

All lengths are in *units*: the height of a small x of the body type, which is 8 to 12 pixels.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from random import Random

import numpy as np
from PIL import Image, ImageDraw

from benchmarks.documents.fonts import Face, Font, face

Picture = Image.Image  # always of mode "RGB"
Color = tuple[int, int, int]
Box = tuple[int, int, int, int]  # left, top, right, bottom in pixels, the last two outside
Painter = Callable[[Picture, str], None]
"""Draws a content onto a part of the sheet, which it gets as a picture of its own, so nothing strays."""

BLACK, WHITE, INK = (0, 0, 0), (255, 255, 255), (24, 24, 28)
TEXT = "text"
NONE = ""  # the content of a field in which nothing is drawn


@dataclass(frozen=True, slots=True)
class Field:
    """A place whose content may be another in another sheet of the same form."""

    number: int  # in the order of drawing
    role: str  # TEXT, or what the symbol is: "cross", "signature", "note"
    content: str
    box: Box  # that all of its drawing lies in
    detail: float  # pixels: x-height of text, 0 if it runs off the page; the shorter side of a symbol
    stroke: float  # pixels: width of the small l, or of the symbol's thinnest line
    line: int  # text of one number stands in one line; -1: alone
    room: float = 0.0  # pixels, that text may be wide without running into anything
    font: Font | None = None  # of text
    anchor: str = "l"  # of text: "l", "m" or "r"
    others: tuple[str, ...] = ()  # contents that a symbol may have instead
    sign: bool = False  # of a symbol: its first other content differs as little as a letter does


class Sheet:
    """A drawing in progress.

    form: chance for what sheets of one form share: fonts, colors, places, printed words.
    content: chance for what tells them apart.
    fields: what was drawn so far.
    """

    def __init__(
        self,
        kind: str,
        form: str,
        content: str,
        changes: Mapping[int, str] | None = None,
        *,
        unit: float = 0.0,
    ) -> None:
        """`changes` are contents by number of field. `unit` is in pixels; 0: by chance."""
        self.form, self.content = Random(f"{kind} {form} form"), Random(f"{kind} {form} {content} content")
        self.unit = unit or self.form.uniform(8.0, 12.0)
        self.fields: list[Field] = []
        sans, bold = self.form.choice(
            (("sans", "sans bold"), ("grotesque", "grotesque bold"), ("thin", "grotesque bold"))
        )
        self._families = {"sans": sans, "sans bold": bold}
        self.body = self.form.choice(("sans", "serif", "grotesque", "roman", "thin"))
        self.tick = self.form.choice(("cross", "tick"))
        self._changes = dict(changes or {})
        self._line = -1
        self._lines = 0
        self.page(100, 140)

    def page(self, width: float, height: float, ground: Color = WHITE) -> None:
        """Begin with an empty page."""
        self.width, self.height = width, height
        self.picture = Image.new("RGB", (self.px(width), self.px(height)), ground)
        self.drawing = ImageDraw.Draw(self.picture)

    def px(self, length: float) -> int:
        """Units to pixels, rounded."""
        return int(length * self.unit + 0.5)

    def pixels(self, box: tuple[float, float, float, float]) -> Box:
        """A box of units in pixels."""
        return self.px(box[0]), self.px(box[1]), self.px(box[2]), self.px(box[3])

    def fill(self, box: tuple[float, float, float, float], ink: Color, radius: float = 0.0) -> None:
        """Fill a box."""
        left, top, right, bottom = self.pixels(box)
        self.drawing.rounded_rectangle((left, top, right - 1, bottom - 1), self.px(radius), fill=ink)

    def frame(
        self, box: tuple[float, float, float, float], ink: Color = INK, radius: float = 0.0, width: int = 1
    ) -> None:
        """Draw the outline of a box, `width` pixels wide."""
        left, top, right, bottom = self.pixels(box)
        self.drawing.rounded_rectangle((left, top, right, bottom), self.px(radius), outline=ink, width=width)

    def shade(self, top: Color, bottom: Color) -> None:
        """Cover the page with colors that go over into each other from the top to the bottom."""
        share = np.linspace(0, 1, self.picture.height)[:, None, None]
        colors = np.array(top) * (1 - share) + np.array(bottom) * share
        rows = np.repeat((colors + 0.5).astype(np.uint8), self.picture.width, axis=1)
        self.picture.paste(Image.fromarray(rows))

    def measure(self, text: str, *, size: float = 1.0, family: str = "") -> float:
        """Return how wide text would be, in units."""
        return self._face(family).at(size * self.unit).getlength(text) / self.unit

    def rule(self, x0: float, y0: float, x1: float, y1: float, ink: Color = INK, width: int = 1) -> None:
        """Draw a straight line, `width` pixels wide."""
        self.drawing.line((self.px(x0), self.px(y0), self.px(x1), self.px(y1)), ink, width)

    @contextmanager
    def line(self) -> Iterator[None]:
        """What is written inside stands in one line, and may be replaced together."""
        self._line, self._lines = self._lines, self._lines + 1
        try:
            yield
        finally:
            self._line = -1

    def write(
        self,
        x: float,
        y: float,
        text: str,
        *,
        size: float = 1.0,
        family: str = "",
        ink: Color = INK,
        anchor: str = "l",
        room: float = 0.0,
        rim: float = 0.0,
    ) -> float:
        """Write text on a baseline, and return its width in units, as if nothing were changed.

        `size` is the x-height; `anchor` says what of the text is at x: "l", "m" or "r"; `room` is the width
        that another text may have, its own if 0; `rim` is the width of a black outline.
        """
        type_face = self._face(family)
        font = type_face.at(size * self.unit)
        at = x * self.unit, float(self.px(y))
        own = font.getlength(text)
        number = len(self.fields)
        shown = self._changes.get(number, text)
        box = written_box(font, at, text, shown, anchor, self.px(rim))
        field = Field(
            number,
            TEXT,
            text,
            box,
            size * self.unit if self._shows(box) else 0.0,
            type_face.stem * size * self.unit / type_face.x_height,
            self._line,
            max(own, room * self.unit),
            font,
            anchor,
        )
        self.fields.append(field)
        self.drawing.text(
            at, shown, ink, font, f"{anchor}s", stroke_width=self.px(rim), stroke_fill=BLACK if rim else None
        )
        return own / self.unit

    def flow(
        self,
        x: float,
        y: float,
        width: float,
        text: str,
        *,
        size: float = 1.0,
        family: str = "",
        ink: Color = INK,
        leading: float = 2.6,
        justified: bool = False,
        most: int = 10**6,
    ) -> float:
        """Write text in lines of a width, each word a field, and return the baseline after the last line."""
        font = self._face(family).at(size * self.unit)
        space = font.getlength(" ") / self.unit
        for count, chosen in enumerate(_broken(text.split(), font, width * self.unit)):
            if count == most:
                break
            last = chosen[1]
            wide = sum(font.getlength(word) for word in chosen[0]) / self.unit
            gaps = len(chosen[0]) - 1
            gap = (width - wide) / gaps if justified and not last and gaps else space
            at = x
            with self.line():
                for word in chosen[0]:
                    own = font.getlength(word) / self.unit
                    self.write(at, y, word, size=size, family=family, ink=ink, room=own + 0.5 * gap)
                    at += own + gap
            y += leading * size
        return y

    def _face(self, family: str) -> Face:
        """The form's own body type if none is named, and its own type without serifs for "sans"."""
        return face(self._families.get(family, family) or self.body)

    def _shows(self, box: Box) -> bool:
        """Whether all of a box is on the page."""
        left, top, right, bottom = box
        return 0 <= left < right <= self.picture.width and 0 <= top < bottom <= self.picture.height

    def symbol(
        self,
        box: tuple[float, float, float, float],
        role: str,
        content: str,
        painter: Painter,
        *,
        others: tuple[str, ...] = (),
        stroke: float = 1.0,
        detail: float = 0.0,
        sign: bool = False,
    ) -> None:
        """Draw something that is no text.

        `others` are what may be there instead; `stroke` and `detail`, the shorter side if 0, are in pixels;
        of a `sign`, the first of the others differs as little as a letter does.
        """
        number = len(self.fields)
        left, top, right, bottom = self.pixels(box)
        frame = max(0, left), max(0, top), min(self.picture.width, right), min(self.picture.height, bottom)
        own = detail or float(min(frame[2] - frame[0], frame[3] - frame[1]))
        self.fields.append(
            Field(number, role, content, frame, own, stroke, self._line, others=others, sign=sign)
        )
        shown = self._changes.get(number, content)
        if shown != NONE and own > 0:
            part = self.picture.crop(frame)
            painter(part, shown)
            self.picture.paste(part, frame[:2])


def written_box(font: Font, at: tuple[float, float], text: str, shown: str, anchor: str, rim: int = 0) -> Box:
    """Return where text is drawn, or where another text is that is shown instead: the signs that differ,
    if all others stay in their places. A pixel around is included, and the rim."""
    boxes = [font.getbbox(line or " ", anchor=f"{anchor}s") for line in (text, shown)]
    left, right = min(box[0] for box in boxes), max(box[2] for box in boxes)
    top, bottom = min(box[1] for box in boxes), max(box[3] for box in boxes)
    wide = font.getlength(text)
    if text != shown and len(text) == len(shown) and wide == font.getlength(shown):
        start = {"l": 0.0, "m": -wide / 2, "r": -wide}[anchor]
        apart = [place for place, (old, new) in enumerate(zip(text, shown, strict=True)) if old != new]
        slant = (bottom - top) / 4  # what signs reach beyond their places
        left = max(left, start + font.getlength(text[: apart[0]]) - slant)
        right = min(right, start + font.getlength(text[: apart[-1] + 1]) + slant)
    edge = 1 + rim
    return (
        int(at[0] + left) - edge,
        int(at[1] + top) - edge,
        int(at[0] + right) + 1 + edge,
        int(at[1] + bottom) + 1 + edge,
    )


def _broken(words: list[str], font: Font, width: float) -> Iterator[tuple[list[str], bool]]:
    line: list[str] = []
    for word in words:
        if line and font.getlength(" ".join([*line, word])) > width:
            yield line, False
            line = []
        line.append(word)
    if line:
        yield line, True
