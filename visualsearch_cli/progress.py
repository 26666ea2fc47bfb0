"""How a long step reports its progress and what it has to say: the caller decides who hears it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Protocol

from visualsearch_cli.named_tuples import NamedTuple

Advance = Callable[[int], None]
"""Called with the number of items done since the last call."""


class Progress(Protocol):
    """Someone who wants to know."""

    def step(self, label: str, total: int | None = None) -> AbstractContextManager[Advance]:
        """Begin a step of `total` items (None: nobody knows) and end it with the context."""


class NoProgress:
    """Nobody wants to know."""

    def step(self, label: str, total: int | None = None) -> AbstractContextManager[Advance]:
        """Do nothing."""
        del label, total
        return nullcontext(lambda _: None)


def _unheard(message: str) -> None:
    del message


class Messages(NamedTuple):
    """What is said by the way: notes to everybody, details to those who ask for them, problems always.

    Every command loads it, and a dataclass would take five times as long to make: a third of a millisecond.
    """

    note: Callable[[str], None] = _unheard
    detail: Callable[[str], None] = _unheard
    problem: Callable[[str], None] = _unheard  # something went wrong, and the rest goes on


UNHEARD = Messages()
