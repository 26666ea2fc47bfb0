"""Fields of documents: what is of the kind that was asked for comes back, all else is named."""

from __future__ import annotations

import json
import math
import os
from collections.abc import Callable
from enum import Enum
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from visualsearch_cli.fields import LARGEST, Fields, Malformed, parsed


class Color(Enum):
    """A choice."""

    RED = "red"
    BLUE = "blue"


HERE = os.path.abspath(os.sep + "here")
HASH = "0123456789abcdef" * 4

READERS: dict[str, tuple[Callable[[Fields], object], object, object]] = {
    "text": (lambda fields: fields.text("x"), "a", "a"),
    "integer": (lambda fields: fields.integer("x"), -LARGEST - 1, -LARGEST - 1),
    "natural": (lambda fields: fields.integer("x", 1, 3), 3, 3),
    "number": (lambda fields: fields.number("x"), 2, 2.0),
    "flag": (lambda fields: fields.flag("x"), False, False),
    "choice": (lambda fields: fields.choice("x", Color), "blue", Color.BLUE),
    "literal": (lambda fields: fields.literal("x", ("a", "b")), "b", "b"),
    "path": (lambda fields: fields.path("x"), HERE, Path(HERE)),
    "content hash": (lambda fields: fields.content_hash("x"), HASH, HASH),
    "inner": (lambda fields: fields.inner("x").text("y"), {"y": "z"}, "z"),
    "texts": (lambda fields: fields.texts("x"), ["a", ""], ("a", "")),
    "numbers": (lambda fields: fields.numbers("x"), [1, 2.5], (1.0, 2.5)),
    "two numbers": (lambda fields: fields.numbers("x", 2), [0.5, 2.5], (0.5, 2.5)),
    "box": (lambda fields: fields.box("x"), [0, 1, 1, LARGEST], (0, 1, 1, LARGEST)),
    "rows": (lambda fields: fields.rows("x", 2), [[1, 2], [3, 4]], ((1.0, 2.0), (3.0, 4.0))),
    "paths": (lambda fields: fields.paths("x"), [HERE], (Path(HERE),)),
    "each": (lambda fields: [each.text("y") for each in fields.each("x")], [{"y": "z"}], ["z"]),
    "optional": (lambda fields: fields.optional(fields.text, "x"), None, None),
}
readers = pytest.mark.parametrize(("read", "value", "found"), READERS.values(), ids=READERS)
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=70),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=5,
)


@readers
def test_what_is_right_comes_back(read: Callable[[Fields], object], value: object, found: object) -> None:
    assert read(Fields({"x": value})) == found
    assert type(read(Fields(parsed(json.dumps({"x": value}))))) is type(found)


@readers
def test_what_is_missing_is_named(read: Callable[[Fields], object], value: object, found: object) -> None:
    del value, found
    with pytest.raises(Malformed, match=r"^groups\[1\]\.x is missing$"):
        read(Fields({}, "groups[1]."))


@pytest.mark.slow
@readers
@given(other=anything)
def test_whatever_else_there_is_comes_back_or_is_named(
    read: Callable[[Fields], object], value: object, found: object, other: object
) -> None:
    del value, found
    try:
        read(Fields({"x": other}, "line 7: "))
    except Malformed as error:
        text = str(error)
        assert text.startswith("line 7: x") and len(text) < 250
        assert text.isascii() or "…" in text


@pytest.mark.parametrize(
    ("read", "value", "message"),
    [
        ("text", 5, "x is 5, expected a text"),
        ("text", None, "x is None, expected a text"),
        (
            "integer",
            True,
            "x is True, expected a whole number from -9223372036854775808 to 9223372036854775807",
        ),
        ("integer", 1.0, "x is 1.0, expected a whole number"),
        ("integer", 2**63, "x is 9223372036854775808, expected"),
        ("natural", 0, "x is 0, expected a whole number from 1 to 3"),
        ("number", "1", "x is '1', expected a finite number"),
        ("number", math.nan, "x is nan, expected a finite number"),
        ("number", 10**400, "expected a finite number"),
        ("number", False, "x is False, expected a finite number"),
        ("flag", 1, "x is 1, expected true or false"),
        ("choice", "green", "x is 'green', expected one of red, blue"),
        ("literal", "c", "x is 'c', expected one of a, b"),
        ("path", "here", "x is 'here', expected an absolute path"),
        ("path", HERE + "\0", "expected an absolute path"),
        ("path", HERE + "\ud800", "expected an absolute path"),
        ("content hash", HASH[1:], "expected a content hash, 64 hexadecimal digits"),
        ("content hash", HASH.upper(), "expected a content hash, 64 hexadecimal digits"),
        ("inner", [], "x is [], expected a JSON object"),
        ("inner", {"y": 1}, "x.y is 1, expected a text"),
        ("texts", "ab", "x is 'ab', expected a list"),
        ("texts", ["a", 1], "x[1] is 1, expected a text"),
        ("numbers", [1.0, math.inf], "x[1] is inf, expected a finite number"),
        ("two numbers", [1.0], "x has 1 values, expected 2"),
        ("box", [0, 0, 1], "x is [0, 0, 1], expected a box"),
        ("box", [0, 0, 1, True], "expected a box"),
        ("box", [0, 3, 1, 3], "expected a box"),
        ("box", [-1, 0, 1, 1], "expected a box: left, top, right, bottom in pixels"),
        ("rows", [[1, 2], [3]], "x[1] has 1 values, expected 2"),
        ("paths", [HERE, "b"], "x[1] is 'b', expected an absolute path"),
        ("each", [{"y": "a"}, 5], "x[1] is 5, expected a JSON object"),
        ("each", [{"y": 5}], "x[0].y is 5, expected a text"),
        ("optional", 5, "x is 5, expected a text"),
        ("text", ["a" * 500], "x is ['" + "a" * 58 + "…, expected a text"),
    ],
)
def test_what_is_wrong_is_named_with_what_was_expected(read: str, value: object, message: str) -> None:
    with pytest.raises(Malformed) as caught:
        READERS[read][0](Fields({"x": value}))
    assert message in str(caught.value)


def test_a_document_is_an_object() -> None:
    with pytest.raises(Malformed, match=r"^the document is \[1\], expected a JSON object$"):
        Fields([1])
    with pytest.raises(Malformed, match=r"^line 3 is 5, expected a JSON object$"):
        Fields(5, "line 3: ")


def test_fields_that_are_not_known_can_be_refused() -> None:
    fields = Fields({"name": "a", "dim": 3}, "model.")
    fields.only("name", "dim", "more")
    with pytest.raises(Malformed, match=r"^model\.dim is not a field that this version knows$"):
        fields.only("name")
    assert "dim" in fields and "more" not in fields


@pytest.mark.parametrize("text", ["", "{", "\0", "[" * 100_000, b"\xff\xfe\xfd", "1" * 5000 + "x"])
def test_what_is_not_json_is_named(text: str | bytes) -> None:
    with pytest.raises(Malformed, match=r"^not JSON: "):
        parsed(text)


@pytest.mark.slow
@given(st.text() | st.binary())
def test_any_text_is_json_or_is_named(text: str | bytes) -> None:
    try:
        parsed(text)
    except Malformed:
        return
    json.loads(text)
