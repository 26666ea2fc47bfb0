"""What `only` prints."""

from __future__ import annotations

import os
import shutil
import sys
import textwrap
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.cells import cell_len

from visualsearch_cli.cli.output.console import fail, note
from visualsearch_cli.cli.output.formats import OutputFormat, to_json
from visualsearch_cli.cli.output.text import Lines, print_paths, printable_text, short_path
from visualsearch_cli.elsewhere.presence import State
from visualsearch_cli.wording import counted, printable, short_size, typed

if TYPE_CHECKING:
    from visualsearch_cli.elsewhere.importing import Imported
    from visualsearch_cli.elsewhere.presence import Presence, Presences

LEAST_WIDTH = 20  # columns for a reason
SCHEMA = "visualsearch/only/1"
COLUMNS = ("path", "state", "reason", "bytes", "picture", "copy", "verdict", "offline", "looks_like")


def presence_record(file: Presence) -> dict[str, Any]:
    """Return a file of the folder as JSON has it."""
    copy = file.copy
    return {
        "path": str(file.path),
        "state": file.state.value,
        "reason": file.reason,
        "bytes": file.size,
        "picture": file.is_picture,
        "copy": str(copy.path) if copy else None,
        "verdict": copy.verdict.value if copy else None,
        "offline": copy.offline if copy else False,
        "companions": [str(path) for path in file.companions],
        "looks_like": None if file.looks_like is None else str(file.looks_like),
    }


def print_presences(
    found: Presences,
    folder: str,
    places: Sequence[str],
    level: str,
    index: Path | str,
    format: OutputFormat,
    imported: Sequence[Imported],
    *,
    null: bool,
) -> None:
    """Print which files are only in a folder, and which cannot be read."""
    records = [presence_record(file) for file in found.files]
    if format is OutputFormat.JSON:
        document = {
            "schema": SCHEMA,
            "index": index if isinstance(index, str) else str(index.absolute()),
            "folder": folder,
            "not_in": list(places),
            "level": level,
            "files": records,
            "left_out": [str(path) for path in found.left_out],
            "copied": [_imported_record(item) for item in imported],
        }
        print(to_json(document, indent=2))
    elif format is OutputFormat.JSONL:
        for record in records:
            print(to_json(record))
    elif format is OutputFormat.CSV:
        import csv

        rows = csv.writer(Lines())
        rows.writerow(COLUMNS)
        rows.writerows([printable_text(record[column]) for column in COLUMNS] for record in records)
    elif format is OutputFormat.PATHS:
        files = found.of(State.ONLY, State.UNREADABLE)
        paths = dict.fromkeys(str(path) for file in files for path in (file.path, *file.companions))
        print_paths(iter(paths), "\0" if null else "\n")
    else:
        _print_table(found, folder, places)


def _imported_record(item: Imported) -> dict[str, Any]:
    return {
        "path": str(item.source),
        "destination": None if item.destination is None else str(item.destination),
        "was_there": item.was_there,
        "error": item.error,
    }


def _print_table(found: Presences, folder: str, places: Sequence[str]) -> None:
    width = shutil.get_terminal_size().columns if sys.stdout.isatty() else None
    for file in found.of(State.ONLY, State.UNREADABLE):
        print(_row(file, width))
    only = found.of(State.ONLY)
    where = " or ".join(printable(short_path(Path(place))) for place in places)
    size = short_size(sum(file.size for file in only))
    print(
        f"{len(only)} of {counted(len(found.files), 'file')} in {printable(short_path(Path(folder)))} "
        f"{'is' if len(only) == 1 else 'are'} only there"
        + (f" ({size})" if only else "")
        + f", {len(found.of(State.UNREADABLE))} cannot be read, "
        f"{len(found.of(State.ELSEWHERE))} have a copy {f'in {where}' if where else 'elsewhere in the index'}"
    )


def _row(file: Presence, width: int | None) -> str:
    """Return a file with the reason behind it, or below it where a terminal has no room for both."""
    head = f"{file.state.value:<10}  {short_size(file.size):>7}  "
    path = printable(short_path(file.path))
    if not file.reason:
        return head + path
    reason = f"({printable(file.reason)})"
    row = f"{head}{path}   {reason}"
    if width is None or cell_len(row) <= width:
        return row
    lines = textwrap.wrap(
        reason, max(width - len(head), LEAST_WIDTH), break_long_words=False, break_on_hyphens=False
    )
    return "\n".join([head + path, *(" " * len(head) + line for line in lines)])


def note_presences(found: Presences) -> None:
    """Say on stderr what cannot be read, and what was left out."""
    for item in found.skipped:
        note(f"not compared: {item.path}: {item.reason}")
    if away := sum(file.copy is not None and file.copy.offline for file in found.files):
        note(f"{counted(away, 'file')} known elsewhere only on disks that are not mounted")
    if alike := sum(file.looks_like is not None for file in found.files):
        note(
            f"{counted(alike, 'file')} only there, but for what looks alike on disks that are not mounted: "
            "mount them to compare"
        )
    if found.left_out:
        names = ", ".join(sorted({os.path.basename(path) for path in found.left_out}))
        note(
            f"left out: {counted(len(found.left_out), 'folder')} ({printable(names)}): name one to look in it"
        )


def print_imported(imported: Sequence[Imported], target: Path) -> None:
    """Say on stderr what was copied, and what was not, and why."""
    for item in imported:
        if item.error:
            fail(f"not copied: {item.error}")
    new = sum(item.destination is not None and not item.was_there for item in imported)
    there = sum(item.was_there for item in imported)
    before = f", {there} were there from before" if there else ""
    following = f"run `visualsearch index {typed(target)}` to know them"
    note(f"{counted(new, 'file')} copied to {target}{before}: {following}")
