"""Named tuples that are quickly made are those of `typing`."""

from __future__ import annotations

import pickle
import re
import typing

from tests.helpers.places import PACKAGE
from visualsearch_cli.named_tuples import NamedTuple


class Point(NamedTuple):
    """A place."""

    x: int
    y: int = 2
    name: str | None = None

    @property
    def total(self) -> int:
        """Both."""
        return self.x + self.y

    @classmethod
    def origin(cls) -> Point:
        """Return that of the plane."""
        return cls(0, 0)


class Same(typing.NamedTuple):
    """A place."""

    x: int
    y: int = 2
    name: str | None = None


def test_fields_defaults_and_annotations_are_those_of_typing() -> None:
    assert Point._fields == Same._fields
    assert Point._field_defaults == Same._field_defaults
    assert typing.get_type_hints(Point) == typing.get_type_hints(Same)
    assert repr(Point(1)) == repr(Same(1)).replace("Same", "Point")
    assert Point.__doc__ == Same.__doc__
    assert Point(1) == (1, 2, None)


def test_methods_belong_to_the_class() -> None:
    assert Point(3).total == 5
    assert type(Point.origin()) is Point
    assert Point(1)._replace(name="a") == (1, 2, "a")


def test_a_tuple_can_be_pickled() -> None:
    again = pickle.loads(pickle.dumps(Point(5)))
    assert type(again) is Point
    assert again == Point(5)


def test_the_package_takes_these() -> None:
    of_typing = re.compile(r"^from typing import .*\bNamedTuple\b", re.MULTILINE)
    found = [path.name for path in PACKAGE.rglob("*.py") if of_typing.search(path.read_text("utf-8"))]
    assert found == []
