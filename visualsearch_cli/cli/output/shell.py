"""Steps as shell commands that can be pasted."""

from __future__ import annotations

import os
import re
import shlex
import sys
from pathlib import Path

from visualsearch_cli.acting.action import Action, Step

_PROGRAM = re.compile(r"=[\w@%+=:,./-]*", re.ASCII)  # zsh takes =ls for the path of ls; shlex leaves it plain


def shell_line(step: Step) -> str:
    """Return a command that does by hand what a step does, on one line."""
    path, keeper = quote(step.path), quote(step.keeper)
    if step.action is Action.TRASH:
        return f"{_trash_command()} {path}"
    if step.action is Action.DELETE:
        return f"rm -- {path}"
    if step.action is Action.MOVE:
        assert step.destination
        folder = quote(step.destination.parent)
        return f"mkdir -p -- {folder} && mv -n -- {path} {quote(step.destination)}"
    if step.action is Action.HARDLINK:
        return f"ln -f -- {keeper} {path}"
    if step.action is Action.SYMLINK:
        return f"ln -sf -- {quote(step.target or '')} {path}"
    clone = "cp -c" if sys.platform == "darwin" else "cp --reflink=always"
    return f"{clone} -- {keeper} {path}"


def quote(path: Path | str) -> str:
    """Return a name as a shell takes it, on one line and in ASCII or valid UTF-8.

    Control characters and bytes that are not UTF-8 are written as $'\\ooo', which bash, zsh, ksh, busybox
    and POSIX.1-2024 know.
    """
    text = str(path)
    if text.isprintable():  # surrogate escapes are not
        return f"'{text}'" if _PROGRAM.fullmatch(text) else shlex.quote(text)
    return f"$'{''.join(_dollar_quoted(char) for char in text)}'"


def _dollar_quoted(char: str) -> str:
    if char in "\\'":
        return "\\" + char
    if char.isprintable():
        return char
    return "".join(f"\\{byte:03o}" for byte in os.fsencode(char))


def _trash_command() -> str:
    return "trash" if sys.platform == "darwin" else "gio trash --"
