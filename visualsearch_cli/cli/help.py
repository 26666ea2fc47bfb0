"""The help of the program and of each command: as typer prints it, then examples and exit codes."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from typer.core import TyperCommand, TyperGroup

if TYPE_CHECKING:
    from visualsearch_cli.cli.manual import Entry

# Of contexts and formatters typer has types of its own from 0.26 on, and click's before: hence Any.


SEARCHING = ("query", "search")
"""The commands in which more may be typed than click's parser knows."""


class Command(TyperCommand):
    """A command of the program."""

    def make_context(self, info_name: Any, args: Any, parent: Any = None, **extra: Any) -> Any:
        """Read the command line, and where it says nothing, the files of settings."""
        from visualsearch_cli.cli.any_options import check_options
        from visualsearch_cli.cli.defaults import apply_defaults

        if self.name in SEARCHING:
            from visualsearch_cli.cli.narrowing import spelled_out

            args = spelled_out(self.name or "", args)
        given = [*args]
        context = super().make_context(info_name, args, parent, **extra)
        with context.scope(cleanup=False):
            apply_defaults(context)
            check_options(context, given)
        return context

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """Print the help."""
        from visualsearch_cli.cli.manual import COMMANDS

        super().format_help(ctx, formatter)
        _write_end(COMMANDS[self.name or ""], formatter)


class Program(TyperGroup):
    """The program itself."""

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """Print the help."""
        from visualsearch_cli.cli.manual import WHOLE

        super().format_help(ctx, formatter)
        _write_end(WHOLE, formatter)


def _write_end(entry: Entry, formatter: Any) -> None:
    """Write what comes last. typer has printed its panels by then; what is written here follows them.

    Without panels, so that a line can be taken out of a terminal as it is.
    """
    formatter.write("")  # else its first section is not parted from the panels by a blank line
    with formatter.section("Examples"):
        for example in entry.examples:
            formatter.write(f"{'':{formatter.current_indent}}{example.line}\n")
            with formatter.indentation():
                formatter.write_text(example.does)
    with formatter.section("Exit codes"):
        formatter.write_dl([(str(code.value), code.meaning) for code in entry.exit_codes])


def paragraphs(command: Callable[..., Any]) -> str:
    """Return the docstring of a command, a line a paragraph: typer breaks all but the first where we do."""
    text = inspect.cleandoc(command.__doc__ or "")
    return "\n\n".join(paragraph.replace("\n", " ") for paragraph in text.split("\n\n"))
