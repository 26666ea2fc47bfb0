"""Defaults of options that the user, or the owner of an index, wrote into a file named visualsearch.toml.

    [dupes]
    keep = "oldest,size"
    level = "edited"

The file in the user's own folder of settings may give any option of any command another default. That of an
index lies among photographs that come from anywhere, so it may only say how results look and what is left
out, and nothing of `apply`. What is typed comes first, then the environment, the index, and the user's file.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import typer

from visualsearch_cli.atomic import config_folder
from visualsearch_cli.cli.any_options import EMPTY, several
from visualsearch_cli.named_tuples import NamedTuple

NAME = "visualsearch.toml"
OF_AN_INDEX = ("k", "level", "format", "keep", "exclude")
"""The options whose defaults an index may set."""

NOT_OF_AN_INDEX = ("apply", "undo")  # commands of which it sets nothing
LARGEST = 100_000  # bytes


class Setting(NamedTuple):
    """A value that a file gives an option."""

    command: str
    option: str
    value: Any
    file: Path


def user_file() -> Path:
    """Return where the settings of this user are."""
    return config_folder() / NAME


def files(index: str | os.PathLike[str] | None) -> list[Path]:
    """Return the files that count, the one that decides first, whether they are there or not.

    `index` is the index that was named; else the one around the current folder counts.
    """
    from visualsearch_cli.cli.locating import index_around  # late: it imports what a usage error need not

    folder = index_around(None if index is None else Path(index))
    return [*([folder / NAME] if folder else []), user_file()]


def settings_in(file: Path) -> list[Setting]:
    """Return what a file says; nothing if it is not there.

    Raises BadParameter if it says what it may not, or is no TOML.
    """
    if not file.is_file():
        return []
    if file != user_file() and file.is_symlink():
        raise _wrong(file, "is a link, and nothing of an index is read through links")
    from visualsearch_cli.cli.manual import COMMANDS  # late: most users have no such file

    found = []
    for command, options in _parsed(file).items():
        if not isinstance(options, dict):
            raise _wrong(file, f"{command} = {options!r} stands outside of a table: put it below [COMMAND]")
        if command not in COMMANDS:
            raise _wrong(file, f"[{command}] is no command, see `visualsearch --help`")
        for option, value in options.items():
            if file != user_file() and (command in NOT_OF_AN_INDEX or option not in OF_AN_INDEX):
                allowed = ", ".join(OF_AN_INDEX)
                raise _wrong(
                    file,
                    f"[{command}] {option} is not for an index to say, which may set {allowed}, and nothing "
                    f"of {' or '.join(NOT_OF_AN_INDEX)}: set it in {user_file()}",
                )
            found.append(Setting(command, option, value, file))
    return found


def apply_defaults(context: Any) -> None:
    """Give the options of a command that were not typed the values that files give them.

    Raises BadParameter for an option that the command has not, or a value that it does not take.
    """
    if context.resilient_parsing:  # for completion: nothing is run
        return
    name = context.command.name
    by_option = {
        alias.lstrip("-"): parameter
        for parameter in context.command.params
        for alias in parameter.opts
        if alias.startswith("-")
    }
    done: set[str] = set()
    index = context.params.get("index")
    if isinstance(index, (list, tuple)):  # of several the first decides
        index = index[0] if index else None
    for setting in _all_of(name, index):
        parameter = by_option.get(setting.option.replace("_", "-"))
        if parameter is None:
            raise _wrong(setting.file, f"[{name}] {setting.option}: `visualsearch {name}` has no such option")
        source = context.get_parameter_source(parameter.name)
        if parameter.name in done or source is None or source.name != "DEFAULT":
            continue
        try:
            typed = _as_typed(setting.value)
            if isinstance(typed, bool) is not bool(getattr(parameter, "is_flag", False)):
                wanted = "a value, and is no switch" if isinstance(typed, bool) else "true or false"
                raise typer.BadParameter(f"takes {wanted}")
            if "" in several(typed):
                raise typer.BadParameter(EMPTY)
            is_repeated = getattr(parameter, "multiple", False)
            if isinstance(typed, list) and not is_repeated:
                raise typer.BadParameter("takes one value, and no list")
            if is_repeated and not isinstance(typed, list):
                typed = [typed]
            value = parameter.process_value(context, typed)
        except Exception as error:
            said = getattr(error, "message", None)
            if said is None:
                raise
            shown = f"[{name}] {setting.option} = {setting.value!r}"
            raise _wrong(setting.file, f"{shown}: {said.rstrip('.')}") from error
        context.params[parameter.name] = value
        done.add(parameter.name)


def _all_of(command: str, index: str | os.PathLike[str] | None) -> Iterator[Setting]:
    for file in files(index):
        yield from (setting for setting in settings_in(file) if setting.command == command)


def _parsed(file: Path) -> Mapping[str, Any]:
    if sys.version_info >= (3, 11):
        import tomllib
    else:
        import tomli as tomllib
    try:
        if file.stat().st_size > LARGEST:
            raise _wrong(file, f"is larger than {LARGEST:,} bytes, as no settings are")
        found: dict[str, Any] = tomllib.loads(file.read_text("utf-8"))
        return found
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise _wrong(file, f"is no TOML ({error})") from error
    except OSError as error:
        raise _wrong(file, f"cannot be read ({error.strerror})") from error


def _as_typed(value: Any) -> Any:
    """Return a value of TOML as one that could have been typed."""
    if isinstance(value, list):
        return [str(item) for item in value]
    return value if isinstance(value, bool) else str(value)


def _wrong(file: Path, why: str) -> typer.BadParameter:
    return typer.BadParameter(f"{file}: {why}")
