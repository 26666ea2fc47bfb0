"""What no option takes: each of each command is tried."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.main import get_command

from tests.helpers.user_folders import give_folders
from visualsearch_cli.cli import defaults
from visualsearch_cli.cli.any_options import EMPTY
from visualsearch_cli.cli.program import COMMANDS, program
from visualsearch_cli.fields import LARGEST

PROGRAM: Any = get_command(program())
TEXTS = ("String", "TyperPath", "Path")  # types of click and of typer


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    give_folders(tmp_path, monkeypatch)
    monkeypatch.chdir(tmp_path)


def options_of(command: str, *types: str) -> Iterator[str]:
    """Yield the longest name of each option of a command whose value is of such a type."""
    for parameter in PROGRAM.commands[command].params:
        if parameter.param_type_name == "option" and type(parameter.type).__name__.startswith(types):
            yield max(parameter.opts, key=len)


def refused(command: str, *arguments: str) -> str:
    """Return what is said of a command line that is not run, to which what is required is added."""
    needed: list[str] = []
    for parameter in PROGRAM.commands[command].params:
        if parameter.required and not set(parameter.opts) & {arguments[0].rstrip("=")}:
            is_option = parameter.param_type_name == "option"
            needed += [*parameter.opts[:1], "x"] if is_option else ["x"] * abs(parameter.nargs)
    with pytest.raises(typer.BadParameter) as caught:
        PROGRAM.commands[command].make_context(command, [*arguments, *needed])
    return str(caught.value.format_message())


@pytest.mark.parametrize("command", COMMANDS)
def test_a_number_that_64_bits_do_not_hold_is_refused(command: str) -> None:
    for option in options_of(command, "Int"):
        for number in (LARGEST + 1, 10**30):
            said = refused(command, option, str(number))
            assert option in said and ("too large" in said or "in the range" in said)


@pytest.mark.parametrize("command", COMMANDS)
def test_an_empty_text_is_refused(command: str) -> None:
    for option in options_of(command, *TEXTS):
        for typed in ([option, ""], [f"{option}="]):
            said = refused(command, *typed)
            assert option in said and said.endswith(EMPTY)


def test_both_kinds_are_tried() -> None:
    assert {"--min-width", "--ef-search", "-k"} <= {*options_of("query", "Int")}
    assert {"--larger-than", "--within", "--detector"} <= {
        *options_of("query", "String", "TyperPath", "Path")
    }


def test_what_is_left_out_is_no_empty_text() -> None:
    context = PROGRAM.commands["query"].make_context("query", ["x.jpg", "-k", str(LARGEST)])
    assert context.params["larger_than"] == "" and context.params["k"] == LARGEST


def test_a_file_of_settings_says_no_such_thing_either(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / defaults.NAME
    monkeypatch.setattr(defaults, "user_file", lambda: file)
    for text, option in (
        (f"k = {LARGEST + 1}", "-k"),
        ('within = ""', "within"),
        ('camera = ["x", ""]', "camera"),
    ):
        file.write_text(f"[query]\n{text}\n")
        assert option in refused("query", "x.jpg")
