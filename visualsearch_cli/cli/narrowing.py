"""What the commands that search have in common: which answers are shown, and how it is typed."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Annotated

import typer

DEFAULT_BALANCE = "0.5"

Distinct = Annotated[
    bool,
    typer.Option("--distinct/--no-distinct", help="Show copies of one picture as one row."),
]
Diverse = Annotated[
    float | None,
    typer.Option(
        "--diverse",
        min=0,
        max=1,
        metavar="[B]",
        help="Show what differs, too: nearness counts B, from 1 (nothing else) to 0, difference the rest; "
        f"{DEFAULT_BALANCE} if B is left out.",
        show_default=False,
    ),
]

_NUMBER = re.compile(r"\d*\.?\d+").fullmatch
_ABBREVIATED = re.compile(r"-k\d+").fullmatch


def spelled_out(command: str, arguments: Sequence[str]) -> list[str]:
    """Return arguments as the parser takes them: --diverse with a number, and words behind a minus, for which
    `search` has an option."""
    spelled: list[str] = []
    for position, argument in enumerate(arguments):
        if argument == "--":
            return [*spelled, *arguments[position:]]
        following = arguments[position + 1 : position + 2]
        if argument == "--diverse" and not any(map(_NUMBER, following)):
            spelled.append(f"--diverse={DEFAULT_BALANCE}")
        elif command == "search" and is_minus_words(argument):
            spelled.append(f"--without={argument[1:]}")
        else:
            spelled.append(argument)
    return spelled


def is_minus_words(argument: str) -> bool:
    """Tell whether an argument is words behind a minus, and not options of one letter."""
    return len(argument) > 2 and argument[0] == "-" != argument[1] and not _ABBREVIATED(argument)
