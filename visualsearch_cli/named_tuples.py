"""Named tuples that are quickly made.

To make a class, `typing.NamedTuple` compiles the text of each annotation, which nobody asks for: that takes
most of a tenth of a millisecond. Each command makes fifty classes before it begins, and one that looks at
pictures twice as many. These are `collections.namedtuple` with annotations and methods.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from typing import NamedTuple as NamedTuple
else:
    from collections import namedtuple

    class _Maker(type):
        """Makes a tuple of what a class annotates, in that order; what has a value has that by default."""

        def __new__(cls, name: str, bases: tuple[type, ...], body: dict[str, Any]) -> type:
            if not bases:  # that is NamedTuple itself
                return super().__new__(cls, name, bases, body)
            fields = body.pop("__annotations__", {})
            defaults = [body.pop(field) for field in fields if field in body]
            made = namedtuple(name, fields, defaults=defaults, module=body.pop("__module__"))
            made.__annotations__ = fields
            for key, value in body.items():
                setattr(made, key, value)
            return made

    class NamedTuple(metaclass=_Maker):
        """The base of a class of named tuples, as that of `typing`."""
