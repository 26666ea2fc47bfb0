"""Paths, verdicts and tables as text on a terminal."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from visualsearch_cli.verdicts.verdict import Verdict

if TYPE_CHECKING:
    from rich.text import Text


VERDICT_STYLES = {
    Verdict.IDENTICAL: "green",
    Verdict.PIXELS: "green",
    Verdict.SAME: "cyan",
    Verdict.EDITED: "magenta",
    Verdict.SIMILAR: "yellow",
}


class Lines:
    """Stdout for the csv module: it quotes all that could end a line, and a line ends with a newline."""

    def write(self, row: str) -> None:
        print(row.removesuffix("\r\n"))


def print_paths(paths: Iterator[str], end: str) -> None:
    """Print paths as raw bytes: names need not be valid UTF-8."""
    sys.stdout.flush()
    for path in paths:
        sys.stdout.buffer.write(os.fsencode(path + end))
    sys.stdout.buffer.flush()


def verdict_text(verdict: Verdict | None) -> Text:
    """Return a verdict in its colour; the word says it all without one."""
    from rich.text import Text

    return Text(verdict.value, style=VERDICT_STYLES[verdict]) if verdict else Text("–", style="dim")


def short_path(path: Path) -> str:
    """Return a path as seen from the current folder, if it lies below it."""
    try:
        return str(path.relative_to(Path.cwd()))
    except (ValueError, OSError):
        return str(path)


def broken_path(path: str, width: int) -> str:
    """Return a path in lines of at most so many columns, each ending with a folder where it can: half a name
    tells nobody anything."""
    from rich.cells import cell_len

    lines = [""]
    for part in re.findall(r"[^/\\]*[/\\]|[^/\\]+", path):
        if lines[-1] and cell_len(lines[-1] + part) > width:
            lines.append(part)
        else:
            lines[-1] += part
    return "\n".join(lines)


def printable_text(value: Any) -> Any:
    """Make stray bytes of a name printable: CSV has no raw bytes."""
    return value.encode("utf-8", "backslashreplace").decode() if isinstance(value, str) else value
