"""The fields of a document that anybody may have written: each is asked for by its name and its kind.

A document is a JSON object: a report, a line of a journal, the manifest of an index. What is not of the kind
that was asked for raises Malformed, which says where it is and what was expected. Whoever reads a document
catches that alone: any other exception is a mistake in the program, and shows itself as one.
"""

from __future__ import annotations

import json
import math
import os
import re
from collections.abc import Callable, Sequence
from enum import Enum
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")
E = TypeVar("E", bound=Enum)
L = TypeVar("L", bound=str)

LARGEST = 2**63 - 1
"""What 64 bits with a sign hold at the most: sizes, times, and numbers in SQLite."""

_CONTENT_HASH = re.compile("[0-9a-f]{64}")

SHOWN = 60  # characters of a value in a message


class Malformed(Exception):
    """A document is not what it should be."""


def parsed(text: str | bytes) -> object:
    """Return what a JSON text holds. Raises Malformed if it is none."""
    try:
        found: object = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise Malformed(f"not JSON: {error}") from error
    return found


def is_content_hash(text: str) -> bool:
    """Tell whether a text is a content hash as documents have it, 32 bytes in hexadecimal."""
    return _CONTENT_HASH.fullmatch(text) is not None


class Fields:
    """A JSON object. Every method raises Malformed if a field is missing, or of another kind."""

    __slots__ = ("_prefix", "_values")

    def __init__(self, value: object, prefix: str = "") -> None:
        """`prefix` goes before the names of fields in messages: "groups[3]."."""
        if not isinstance(value, dict):
            raise Malformed(_expected(prefix.rstrip(":. ") or "the document", value, "a JSON object"))
        self._values = value
        self._prefix = prefix

    def __contains__(self, name: str) -> bool:
        return name in self._values

    def name_of(self, name: str) -> str:
        """Return what a field is called in messages."""
        return self._prefix + name

    def value(self, name: str) -> object:
        """Return whatever a field holds."""
        try:
            found: object = self._values[name]
        except KeyError:
            raise Malformed(f"{self.name_of(name)} is missing") from None
        return found

    def only(self, *names: str) -> None:
        """Check that there is no other field: one that is not known may change what the others mean."""
        if unknown := sorted(str(name) for name in self._values.keys() - set(names)):
            raise Malformed(f"{self.name_of(unknown[0])} is not a field that this version knows")

    def text(self, name: str) -> str:
        """Return a text."""
        return _text(self.value(name), self.name_of(name))

    def integer(self, name: str, least: int = -LARGEST - 1, most: int = LARGEST) -> int:
        """Return a whole number, of 64 bits with a sign if nothing else is said."""
        value = self.value(name)
        if type(value) is not int or not least <= value <= most:
            raise Malformed(_expected(self.name_of(name), value, f"a whole number from {least} to {most}"))
        return value

    def number(self, name: str) -> float:
        """Return a finite number."""
        return _number(self.value(name), self.name_of(name))

    def flag(self, name: str) -> bool:
        """Return true or false."""
        value = self.value(name)
        if not isinstance(value, bool):
            raise Malformed(_expected(self.name_of(name), value, "true or false"))
        return value

    def choice(self, name: str, kind: type[E]) -> E:
        """Return a member of an enumeration, by its value."""
        value = self.value(name)
        for member in kind:
            if type(value) is type(member.value) and value == member.value:
                return member
        wanted = ", ".join(str(member.value) for member in kind)
        raise Malformed(_expected(self.name_of(name), value, f"one of {wanted}"))

    def literal(self, name: str, values: Sequence[L]) -> L:
        """Return one of some texts."""
        value = self.value(name)
        for known in values:
            if value == known:
                return known
        raise Malformed(_expected(self.name_of(name), value, f"one of {', '.join(values)}"))

    def path(self, name: str) -> Path:
        """Return an absolute path that a file system can have."""
        return _path(self.value(name), self.name_of(name))

    def data(self, name: str) -> bytes:
        """Return bytes that are written in Base64 (RFC 4648)."""
        import base64  # late: of all documents, journals alone hold bytes

        text = self.text(name)
        try:
            return base64.b64decode(text, validate=True)
        except ValueError as error:
            raise Malformed(_expected(self.name_of(name), text, "Base64")) from error

    def content_hash(self, name: str) -> str:
        """Return a content hash in hexadecimal."""
        text = self.text(name)
        if not is_content_hash(text):
            raise Malformed(_expected(self.name_of(name), text, "a content hash, 64 hexadecimal digits"))
        return text

    def inner(self, name: str) -> Fields:
        """Return an object."""
        return Fields(self.value(name), f"{self.name_of(name)}.")

    def texts(self, name: str) -> tuple[str, ...]:
        """Return a list of texts."""
        return tuple(self._each(name, _text))

    def numbers(self, name: str, count: int | None = None) -> tuple[float, ...]:
        """Return a list of finite numbers, so many if a count is given."""
        return _numbers(self.value(name), self.name_of(name), count)

    def box(self, name: str) -> tuple[int, int, int, int]:
        """Return a box in pixels: left, top, right, bottom; right and bottom are not part of it."""
        value = self.value(name)
        if isinstance(value, list) and len(value) == 4 and all(type(side) is int for side in value):
            left, top, right, bottom = value
            if 0 <= left < right <= LARGEST and 0 <= top < bottom <= LARGEST:
                return left, top, right, bottom
        raise Malformed(_expected(self.name_of(name), value, "a box: left, top, right, bottom in pixels"))

    def rows(self, name: str, count: int) -> tuple[tuple[float, ...], ...]:
        """Return a list of lists of so many finite numbers."""
        return tuple(self._each(name, lambda value, where: _numbers(value, where, count)))

    def paths(self, name: str) -> tuple[Path, ...]:
        """Return a list of absolute paths."""
        return tuple(self._each(name, _path))

    def each(self, name: str) -> list[Fields]:
        """Return a list of objects."""
        return self._each(name, lambda value, where: Fields(value, f"{where}."))

    def optional(self, read: Callable[[str], T], name: str) -> T | None:
        """Return what one of these methods reads, or None for null."""
        return None if self.value(name) is None else read(name)

    def _each(self, name: str, convert: Callable[[object, str], T]) -> list[T]:
        return _list(self.value(name), self.name_of(name), convert)


def _list(value: object, where: str, convert: Callable[[object, str], T]) -> list[T]:
    if not isinstance(value, list):
        raise Malformed(_expected(where, value, "a list"))
    return [convert(item, f"{where}[{number}]") for number, item in enumerate(value)]


def _numbers(value: object, where: str, count: int | None) -> tuple[float, ...]:
    if isinstance(value, list) and set(map(type, value)) <= {float} and all(map(math.isfinite, value)):
        found = value  # as nearly always: no bytecode for each number of a vector
    else:
        found = _list(value, where, _number)
    if count is not None and len(found) != count:
        raise Malformed(f"{where} has {len(found)} values, expected {count}")
    return tuple(found)


def _text(value: object, where: str) -> str:
    if not isinstance(value, str):
        raise Malformed(_expected(where, value, "a text"))
    return value


def _number(value: object, where: str) -> float:
    if type(value) in (int, float):
        try:
            number = float(value)  # type: ignore[arg-type]
        except OverflowError:
            number = math.inf
        if math.isfinite(number):
            return number
    raise Malformed(_expected(where, value, "a finite number"))


def _path(value: object, where: str) -> Path:
    text = _text(value, where)
    try:
        possible = os.path.isabs(text) and b"\0" not in os.fsencode(text)
    except UnicodeEncodeError:  # half of a character that is none of the system's stray bytes
        possible = False
    if not possible:
        raise Malformed(_expected(where, value, "an absolute path"))
    return Path(text)


def _expected(where: str, value: object, wanted: str) -> str:
    shown = ascii(value)
    return f"{where} is {shown if len(shown) <= SHOWN else shown[:SHOWN] + '…'}, expected {wanted}"
