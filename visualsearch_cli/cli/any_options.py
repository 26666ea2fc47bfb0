"""What no option takes, whatever it is about: an empty text, and a number that 64 bits do not hold.

An empty text is mostly a variable of a script that is not set. As a path it would be the current folder, and
as a filter none at all.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import typer

from visualsearch_cli.fields import LARGEST

EMPTY = "an empty text was given"


def check_options(context: Any, arguments: Sequence[str]) -> None:
    """Refuse such values among the options of a command, which were made of arguments and settings.

    Raises BadParameter, which names the option.
    """
    typed: dict[str, Any] = {}
    if any(not argument or argument.endswith("=") for argument in arguments):
        # As they were typed: of an empty text, a path that is made of it is the current folder.
        typed, *_ = context.command.make_parser(context).parse_args(args=[*arguments])
    for parameter in context.command.params:
        if parameter.param_type_name != "option":
            continue
        if "" in several(typed.get(parameter.name)):
            raise typer.BadParameter(EMPTY, ctx=context, param=parameter)
        for value in several(context.params.get(parameter.name)):
            if isinstance(value, int) and value > LARGEST:
                said = f"{value} is too large: expected {LARGEST} at most"
                raise typer.BadParameter(said, ctx=context, param=parameter)


def several(value: Any) -> Sequence[Any]:
    """Return the values of an option, of which some take several."""
    return value if isinstance(value, (list, tuple)) else (value,)
