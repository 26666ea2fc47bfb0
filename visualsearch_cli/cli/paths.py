"""Paths as users give them: arguments, or a list on stdin."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from visualsearch_cli.atomic import OutputKind, check_output, is_free
from visualsearch_cli.cli.output.console import note
from visualsearch_cli.errors import OutputRefused
from visualsearch_cli.index.roots import absolute

if TYPE_CHECKING:
    from visualsearch_cli.pictures.image import SkippedImage

OBJECTS = "s3://"
_ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")


def given_paths(arguments: Sequence[str] | None, *, null: bool, objects: bool = False) -> list[str]:
    """Return the paths as given, `-` replaced by those on stdin (one a line, or ended by NUL). Addresses of
    objects are among them where `objects` can be read."""
    paths: list[str] = []
    for argument in arguments or ():
        if argument == "-":
            paths += _stdin_paths(null)
        elif not argument:
            raise typer.BadParameter("an empty path was given")
        else:
            paths.append(argument)
    for path in paths:
        if not (objects and path.startswith(OBJECTS)):
            check_no_address(path)
    return paths


def check_no_address(path: str) -> None:
    """Refuse a web address, which no command fetches.

    Raises BadParameter.
    """
    if _ADDRESS.match(path) and not os.path.lexists(path):
        what = "names a file as a browser does" if path.lower().startswith("file:") else "is a web address"
        if path.startswith(OBJECTS):
            raise typer.BadParameter(f"{path} names objects, which `embed` and no other command reads")
        raise typer.BadParameter(f"{path} {what}, not the path of a file: download it, and name the file")


def given_pictures(arguments: Sequence[str] | None, *, null: bool) -> tuple[list[Path], list[SkippedImage]]:
    """Return the pictures at the paths as given, absolute: files, and all that are below folders; and what of
    the latter cannot be listed."""
    pictures: list[Path] = []
    unread: list[SkippedImage] = []
    for given in given_paths(arguments, null=null):
        path = absolute(given)
        if not os.path.isdir(path):
            pictures.append(Path(path))
            continue
        from visualsearch_cli.indexing.scanner import Scanner  # late: most queries name files

        scanner = Scanner()
        found = [Path(file.path) for file in scanner.files(path)]
        if not found and not scanner.unread:
            note(f"there is no picture in {path}")
        pictures += found
        unread += scanner.unread
    return pictures, unread


def files_and_places(
    named: Sequence[Path], paths: Sequence[str], kind: OutputKind
) -> tuple[list[Path], list[str]]:
    """Return the files to take something from, and the other paths: in `--from *.npz` the shell names all but
    the first as PATHs. They are told by what is in them."""
    files, places = list(named), []
    for path in paths:
        if _is_of(kind, path):
            files.append(Path(path))
        else:
            places.append(path)
    return files, places


def _is_of(kind: OutputKind, path: str) -> bool:
    if os.path.isfile(path):
        with suppress(OSError), open(path, "rb") as stream:
            return kind.is_ours(stream)
    return False


def checked_output(option: str, path: Path, kind: OutputKind, suffixes: Sequence[str] = ()) -> str:
    """Check that the file an option names may be written, before any work. Returns its format.

    That is the suffix of its name. With `suffixes` it is one of them, and the first where the name does not
    tell and need not: that of an empty file, a pipe or a device. Without, it is any but that of a picture.

    Raises OutputRefused for a file that is not of this kind, BadParameter for a name.
    """
    from visualsearch_cli.pictures.formats import EXTENSIONS  # late: a query writes no file

    try:
        check_output(path, kind)
    except OutputRefused as error:
        raise OutputRefused(f"{option} {error}") from error
    suffix = path.suffix.lower()
    if suffix in suffixes or (not suffixes and suffix not in EXTENSIONS):
        return suffix
    if is_free(path):
        return suffixes[0] if suffixes else suffix
    wanted = (
        f"must end in {' or '.join(suffixes)}"
        if suffixes
        else f"must not end in {suffix}, as the name of a picture"
    )
    raise typer.BadParameter(f"{option} {path}: the name {wanted}")


def _stdin_paths(null: bool) -> Iterable[str]:
    data = sys.stdin.buffer.read()
    if b"\0" in data and not null:
        raise typer.BadParameter("the paths on stdin end with NUL: pass -0 as well")
    separator = b"\0" if null else b"\n"
    lines = (line if null else line.removesuffix(b"\r") for line in data.split(separator))
    return [os.fsdecode(line) for line in lines if line]
