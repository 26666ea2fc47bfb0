"""What `--help` prints, at the widths that terminals have."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from typer.main import get_command
from typer.testing import CliRunner

from visualsearch_cli.cli.manual import COMMANDS, WHOLE, Entry
from visualsearch_cli.cli.program import COMMANDS as REGISTERED
from visualsearch_cli.cli.program import program
from visualsearch_cli.duplicates.keeping import Key
from visualsearch_cli.verdicts.verdict import Verdict

PROGRAM = program()
ENTRIES = {"": WHOLE, **COMMANDS}
WIDTHS = (60, 80, 160)
REFUSED = ("apply", Verdict.SIMILAR.value)
"""A value that an option has, and that the command does not take."""


def shown(command: str, width: int, **env: str) -> list[str]:
    """Return the lines of a command's help; of the program's own under the empty name."""
    arguments = [command, "--help"] if command else ["--help"]
    result = CliRunner().invoke(PROGRAM, arguments, env={"COLUMNS": str(width), **env})
    assert result.exit_code == 0
    return [line.rstrip() for line in result.output.rstrip().splitlines()]


def words(lines: list[str]) -> set[str]:
    """Return what stands between spaces, commas, dots and the frames."""
    return set(re.split(r"[\s│,.;:()\[\]|`]+", " ".join(lines)))


def keys(command: str) -> Iterator[str]:
    """Yield what is typed as it is: options, and the values that they take."""
    parameters = get_command(program([command])).commands[command].params  # type: ignore[attr-defined]
    for parameter in parameters:
        yield from (name for name in parameter.opts if name.startswith("-"))
        yield from (str(getattr(value, "value", value)) for value in getattr(parameter.type, "choices", ()))
    if command == "dupes":
        yield from (key.value for key in Key)


def test_every_command_has_an_entry() -> None:
    assert list(COMMANDS) == list(REGISTERED)


@pytest.mark.slow
@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("command", ENTRIES)
def test_help_ends_with_examples_and_exit_codes(command: str, width: int) -> None:
    entry: Entry = ENTRIES[command]
    lines = shown(command, width)
    start = lines.index("Examples:")
    assert lines[start - 1] == "" and lines[start - 2].startswith("╰")
    codes = lines.index("Exit codes:")
    for example in entry.examples:
        assert f"  {example.line}" in lines[start:codes], "a whole line, to be taken as it is"
        assert example.does in " ".join(line.strip() for line in lines[start:codes])
    numbers = [int(line.split()[0]) for line in lines[codes + 1 :] if line[2:3].isdigit()]
    assert numbers == list(entry.exit_codes)


@pytest.mark.slow
@pytest.mark.parametrize("width", WIDTHS[1:])
@pytest.mark.parametrize("command", COMMANDS)
def test_nothing_that_is_typed_is_broken(command: str, width: int) -> None:
    lines = shown(command, width)
    assert max(map(len, lines)) <= width
    assert not any("…" in line for line in lines)
    assert {key for key in keys(command) if (command, key) != REFUSED} <= words(lines)


@pytest.mark.parametrize("command", COMMANDS)
def test_examples_are_of_the_command(command: str) -> None:
    first, second = COMMANDS[command].examples
    assert first.line != second.line
    for example in (first, second):
        assert example.line.startswith(f"visualsearch {command}")
        assert example.does[0].isupper() and example.does[-1] in ".?"


@pytest.mark.slow
def test_help_without_frames_ends_so_too() -> None:
    """So it is printed where TYPER_USE_RICH=0 asks for it."""
    plain = program()
    plain.rich_markup_mode = None
    lines = CliRunner().invoke(plain, ["info", "--help"]).output.splitlines()
    assert lines[0].startswith("Usage: visualsearch info")
    assert lines.index("Options:") < lines.index("Examples:") < lines.index("Exit codes:")
