"""Opens files in the desktop's viewer, or with a command of the user's."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import typer

from visualsearch_cli.cli.output.console import note
from visualsearch_cli.errors import VisualSearchError


def open_files(paths: Sequence[Path], command: str | None) -> None:
    """Open files: all at once with a command, else each in the desktop's viewer.

    Raises VisualSearchError if there is no viewer or the command cannot be run.
    """
    if not paths:
        note("nothing to open")
        return
    if command is not None:
        _run([*split_command(command), *map(str, paths)])
        return
    for path in paths:
        if os.name == "nt":
            os.startfile(path)  # type: ignore[attr-defined,unused-ignore]
        else:
            _run([_viewer(), str(path)], stderr=subprocess.DEVNULL)  # it says a page where a sentence does


def split_command(command: str) -> list[str]:
    """Return a command of the user's as a shell would split it; it is not empty."""
    try:
        parts = shlex.split(command)
    except ValueError as error:
        raise typer.BadParameter(f"--open-with {command!r}: {str(error).lower()}") from error
    if not parts:
        raise typer.BadParameter("--open-with: no command was given")
    return parts


def _viewer() -> str:
    viewer = "open" if sys.platform == "darwin" else "xdg-open"
    if shutil.which(viewer) is None:
        raise VisualSearchError(f"{viewer} is not installed: name a viewer with --open-with CMD")
    if viewer == "xdg-open" and not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        raise VisualSearchError(
            "there is no display to open pictures on ($DISPLAY and $WAYLAND_DISPLAY are not set): "
            "name a viewer with --open-with CMD, or pass --preview"
        )
    return viewer


def _run(arguments: Sequence[str], stderr: int | None = None) -> None:
    try:
        subprocess.run(arguments, check=True, stdin=subprocess.DEVNULL, stderr=stderr)
    except (OSError, subprocess.CalledProcessError) as error:
        raise VisualSearchError(f"cannot open with {arguments[0]}: {error}") from error
