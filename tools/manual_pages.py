"""Write docs/man/*.1 from what the program's help is made of: `make man`."""

from __future__ import annotations

import datetime
import re
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer
from typer.main import get_command

from visualsearch_cli import __version__
from visualsearch_cli.cli.manual import COMMANDS, WHOLE, Entry
from visualsearch_cli.cli.program import program

FOLDER = Path(__file__).parent.parent / "docs" / "man"
PROGRAM = "visualsearch"
WIDTH = 79  # of the source: what mandoc calls long is longer
SPECIAL = {"\\": r"\(rs", "-": r"\-", "~": r"\(ti", "^": r"\(ha", "`": r"\(ga", "'": r"\(aq"}
"""What roff would print otherwise than it is typed. A minus sign is also no place to break a line at."""

TYPED = re.compile(r"`([^`]+)`|(?<![\w-])(--?[a-z][\w-]*)")
"""What is to be typed as it is: `so marked`, or an option."""

# Of commands and their parameters typer has types of its own from 0.26 on, and click's before: hence Any.


def names() -> list[str]:
    """Return the names of all pages, without the section."""
    return [PROGRAM, *(f"{PROGRAM}-{command}" for command in COMMANDS)]


def page(name: str, date: str) -> str:
    """Return the page of the program, or of one of its commands, in roff."""
    group: Any = get_command(program())
    context = typer.Context(group, info_name=PROGRAM, **group.context_settings)
    if name == PROGRAM:
        lines = _page(context, WHOLE, name, date)
    else:
        command = name.removeprefix(f"{PROGRAM}-")
        inner = typer.Context(group.commands[command], parent=context, info_name=command)
        lines = _page(inner, COMMANDS[command], name, date)
    return "\n".join(lines) + "\n"


def _page(context: typer.Context, entry: Entry, name: str, date: str) -> Iterator[str]:
    command: Any = context.command
    first, *others = command.help.split("\n\n")
    yield r".\" Made by `make man` from the help of the program: change that."
    yield f'.TH {_typed(name.upper())} 1 {date} "{PROGRAM} {__version__}" "{PROGRAM} manual"'
    yield from (".nh", ".ad l")  # no word is broken, no gap is stretched: both can be searched for
    yield from (".SH NAME", *_lines(rf"{_typed(name)} \- {_typed(_phrase(first))}"))
    usage = " ".join(command.collect_usage_pieces(context))
    yield from (".SH SYNOPSIS", rf"\fB{_typed(context.command_path)}\fR {_typed(usage)}")
    yield from (".SH DESCRIPTION", *_text(first))
    for paragraph in others:
        yield from (".PP", *_text(paragraph))
    if context.parent is None:
        yield ".SH COMMANDS"
        for inner in command.commands.values():
            reference = _reference(f"{PROGRAM}-{inner.name}")
            yield from (".TP", reference, *_text(inner.help.partition("\n\n")[0]))
    yield from _parameters("ARGUMENTS", "argument", context)
    yield from _parameters("OPTIONS", "option", context)
    yield from _environment(context)
    yield ".SH EXAMPLES"
    for number, example in enumerate(entry.examples):
        yield from (*[".PP"][:number], *_text(example.does))
        yield from (".PP", ".RS 4", ".EX", _typed(example.line), ".EE", ".RE")
    yield ".SH EXIT STATUS"
    for code in entry.exit_codes:
        yield from _item(str(code.value), code.meaning)
    if context.parent is not None:
        yield from (".SH SEE ALSO", _reference(PROGRAM))


def _parameters(title: str, kind: str, context: typer.Context) -> Iterator[str]:
    parameters: list[Any] = [p for p in context.command.get_params(context) if p.param_type_name == kind]
    if parameters:
        yield f".SH {title}"
    for parameter in parameters:
        yield from _item(*parameter.get_help_record(context))


def _environment(context: typer.Context) -> Iterator[str]:
    parameters: list[Any] = [p for p in context.command.get_params(context) if getattr(p, "envvar", None)]
    if parameters:
        yield ".SH ENVIRONMENT"
    for parameter in parameters:
        yield from _item(parameter.envvar, f"The same as `{parameter.opts[0]}`.")


def _item(name: str, text: str) -> Iterator[str]:
    yield from (".TP", rf"\fB{_typed(name)}\fR", *_text(text))


def _reference(name: str) -> str:
    return rf"\fB{_typed(name)}\fR(1)"


def _phrase(paragraph: str) -> str:
    """Return how a paragraph begins, as a page has it beside its name: neither a capital nor a full stop."""
    beginning = re.split(r"[.:](?:\s|$)", paragraph.replace("`", ""), maxsplit=1)[0]
    return beginning[0].lower() + beginning[1:]


def _text(text: str) -> list[str]:
    """Return the lines of a paragraph, what is to be typed in bold."""
    pieces = []
    end = 0
    for match in TYPED.finditer(text):
        pieces += [_typed(text[end : match.start()]), rf"\fB{_typed(match[1] or match[2])}\fR"]
        end = match.end()
    pieces.append(_typed(text[end:]))
    return _lines("".join(pieces))


def _lines(text: str) -> list[str]:
    """Return a paragraph of roff in lines, none of which is a request."""
    lines = textwrap.wrap(text, WIDTH, break_long_words=False, break_on_hyphens=False)
    return [rf"\&{line}" if line.startswith(".") else line for line in lines]


def _typed(text: str) -> str:
    """Return a text that roff prints as it is."""
    return "".join(SPECIAL.get(c, c) if c.isascii() else rf"\[u{ord(c):04X}]" for c in text)


def date_of(text: str) -> str:
    """Return the date of a page."""
    match = re.search(r"^\.TH \S+ 1 (\S+)", text, re.MULTILINE)
    return match[1] if match else ""


def main() -> None:
    """Write the pages that are not as they should be. The date of a page says when its text changed."""
    today = datetime.datetime.now(datetime.timezone.utc).date().isoformat()
    paths = {FOLDER / f"{name}.1": name for name in names()}
    for path in set(FOLDER.glob("*.1")) - set(paths):  # of a command that is gone
        path.unlink()
    for path, name in paths.items():
        old = path.read_text(encoding="ascii") if path.exists() else ""
        if old != page(name, date_of(old)):
            path.write_text(page(name, today), encoding="ascii")
            print(f"wrote {path}", file=sys.stderr)


if __name__ == "__main__":
    main()
