"""What may be another in a sheet: one digit, one letter, a word, a line, a symbol."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from string import ascii_lowercase

from benchmarks.documents import words
from benchmarks.documents.sheet import TEXT, Field

LEAST_X_HEIGHT, MOST_X_HEIGHT = 8.0, 12.0  # pixels: of what one digit or letter is changed in
LEAST_STROKE = 1.0  # pixels
TRIES = 40
OVER = 1.01  # times the room it has, that another text may be wide
DIGITS = "0123456789"


@dataclass(frozen=True, slots=True)
class Change:
    """What another sheet shows instead."""

    what: str  # "digit", "letter", "word", "line", "field", or the role of a symbol
    contents: dict[int, str]  # by number of field


def small_change(fields: Sequence[Field], chance: Random, scale: float = 1.0) -> Change | None:
    """Replace one digit or letter of small type that is legible at a scale, or another sign.

    None if nothing in the sheet is large enough.
    """
    legible = [field for field in fields if _legible(field, scale)]
    signs = [field for field in legible if field.sign and field.others]
    written = [field for field in legible if field.role == TEXT and any(map(str.isalnum, field.content))]
    small = [field for field in written if field.detail * scale <= MOST_X_HEIGHT] or written
    if signs and (not small or chance.random() < 0.5):
        field = chance.choice(signs)
        return Change(field.role, {field.number: field.others[0]})
    in_place = chance.random() < 0.7  # the rest of the text stays where it was, to the pixel
    for attempt in range(TRIES if small else 0):
        field = chance.choice(small)
        shown = _other_sign_in(field, chance)
        if shown is None or not _fits(field, shown):
            continue
        if not in_place or attempt >= TRIES // 2 or _width(field, shown) == _width(field, field.content):
            (sign,) = (old for old, new in zip(field.content, shown, strict=True) if old != new)
            return Change("digit" if sign.isdigit() else "letter", {field.number: shown})
    return symbol_change(fields, chance, scale)


def other_changes(fields: Sequence[Field], chance: Random, scale: float = 1.0) -> list[Change]:
    """Return one change of each sort that the sheet allows: words, lines, fields, each role of symbols."""
    written = [field for field in fields if field.role == TEXT and _legible(field, scale)]
    found = [
        change
        for change in (
            _word(written, chance),
            _line(written, chance),
            _field(written, chance),
            _every_word(written, chance),
            _some_signs(written, chance),
        )
        if change is not None
    ]
    for role in sorted({field.role for field in fields} - {TEXT}):
        change = symbol_change([field for field in fields if field.role == role], chance, scale)
        if change is not None:
            found.append(change)
    return found


def symbol_change(fields: Sequence[Field], chance: Random, scale: float = 1.0) -> Change | None:
    """Show another symbol in the place of one, or none, or one where there was none."""
    drawn = [field for field in fields if field.others and _legible(field, scale)]
    if not drawn:
        return None
    field = chance.choice(drawn)
    return Change(field.role, {field.number: chance.choice(field.others)})


def _legible(field: Field, scale: float) -> bool:
    return field.detail * scale >= LEAST_X_HEIGHT and field.stroke * scale >= LEAST_STROKE


def _word(written: Sequence[Field], chance: Random) -> Change | None:
    for _ in range(TRIES if written else 0):
        field = chance.choice(written)
        parts = field.content.split(" ")
        place = chance.randrange(len(parts))
        parts[place] = _other_word(parts[place], chance)
        shown = " ".join(parts)
        if shown != field.content and _fits(field, shown):
            return Change("word", {field.number: shown})
    return None


def _field(written: Sequence[Field], chance: Random) -> Change | None:
    for _ in range(TRIES if written else 0):
        field = chance.choice(written)
        shown = _other_text(field, chance)
        if shown is not None:
            return Change("field", {field.number: shown})
    return None


def _line(written: Sequence[Field], chance: Random) -> Change | None:
    lines = sorted({field.line for field in written if field.line >= 0})
    for _ in range(TRIES if lines else 0):
        line = chance.choice(lines)
        contents = {
            field.number: shown
            for field in written
            if field.line == line and (shown := _other_text(field, chance)) is not None
        }
        if len(contents) > 1:
            return Change("line", contents)
    return None


def _every_word(written: Sequence[Field], chance: Random) -> Change | None:
    """Replace all that can be read by words of the same lengths, in the same places."""
    contents = {field.number: shown for field in written if (shown := _other_text(field, chance)) is not None}
    return Change("every word", contents) if len(contents) > 1 else None


def _some_signs(written: Sequence[Field], chance: Random) -> Change | None:
    """Replace one digit or letter in each of two to ten places."""
    contents = {}
    for field in chance.sample(written, min(len(written), chance.randint(2, 10))):
        shown = _other_sign_in(field, chance)
        if shown is not None and _fits(field, shown):
            contents[field.number] = shown
    return Change("some signs", contents) if len(contents) > 1 else None


def _other_sign_in(field: Field, chance: Random) -> str | None:
    places = [place for place, sign in enumerate(field.content) if sign.isalnum()]
    if not places:
        return None
    place = chance.choice(places)
    return field.content[:place] + _other_sign(field.content[place], chance) + field.content[place + 1 :]


def _other_text(field: Field, chance: Random) -> str | None:
    for _ in range(TRIES):
        shown = " ".join(_other_word(part, chance) for part in field.content.split(" "))
        if shown != field.content and _fits(field, shown):
            return shown
    return None


def _other_word(text: str, chance: Random) -> str:
    """Return a word of as many signs: numbers for numbers, common words for words."""
    if text.isalpha():
        same = [word for word in words.COMMON if len(word) == len(text)]
        if same:
            return _cased(chance.choice(same), text)
    return "".join(_other_sign(sign, chance) if sign.isalnum() else sign for sign in text)


def _other_sign(sign: str, chance: Random) -> str:
    if sign.isdigit():
        return chance.choice(DIGITS.replace(sign, ""))
    return _cased(chance.choice(ascii_lowercase.replace(sign.lower(), "")), sign)


def _cased(text: str, like: str) -> str:
    if like.isupper():
        return text.upper()
    return text.capitalize() if like[0].isupper() else text


def _fits(field: Field, shown: str) -> bool:
    return _width(field, shown) <= field.room * OVER


def _width(field: Field, text: str) -> float:
    assert field.font is not None, "only text is measured"
    return field.font.getlength(text)
