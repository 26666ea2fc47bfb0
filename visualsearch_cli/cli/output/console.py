"""What goes to the terminal: results to stdout, everything else to stderr."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from enum import Enum
from typing import TYPE_CHECKING, Literal

from visualsearch_cli.progress import Advance, Messages
from visualsearch_cli.wording import printable

if TYPE_CHECKING:
    from rich.console import Console

    from visualsearch_cli.pictures.image import SkippedImage


NAMED_SKIPPED = 10


class ProgressMode(str, Enum):
    """When progress bars are shown."""

    AUTO = "auto"
    ALWAYS = "always"
    NEVER = "never"


class Settings:  # no dataclass, which every command would wait for
    """How much is said, and in which colours. Set once, from the options common to all commands."""

    def __init__(self) -> None:
        self.quiet = False
        self.verbose = False
        self.color = True
        self.progress = ProgressMode.AUTO


settings = Settings()


def stdout() -> Console:
    """Return a console for results."""
    from rich.console import Console

    class Results(Console):
        def on_broken_pipe(self) -> None:
            raise BrokenPipeError  # command.py knows what to do; rich would exit with 1

    return Results(color_system="auto" if _colored() else None, highlight=False)


def stderr() -> Console:
    """Return a console for everything else."""
    from rich.console import Console

    forced = True if settings.progress is ProgressMode.ALWAYS else None
    colors: Literal["auto"] | None = "auto" if _colored() else None
    return Console(stderr=True, force_terminal=forced, color_system=colors, highlight=False, soft_wrap=True)


def _colored() -> bool:
    """Tell whether colours, and bold and dim text, are wanted: where they are not, no escape code is."""
    return settings.color and not os.environ.get("NO_COLOR")


def note(message: str) -> None:
    """Say something by the way, unless --quiet."""
    if not settings.quiet:
        _to_stderr(message)


def detail(message: str) -> None:
    """Say something only with --verbose."""
    if settings.verbose and not settings.quiet:
        _to_stderr(message)


def name_skipped(skipped: Iterable[SkippedImage]) -> None:
    """Name all skipped files, also with --quiet: that one could not be used is an error of its own."""
    for item in skipped:
        _to_stderr(f"skipped {item.path}: {item.reason}")


def note_skipped(skipped: Sequence[SkippedImage], rest: str) -> None:
    """Name the first skipped files (with --verbose all), count the others; `rest` says how to see them."""
    for number, item in enumerate(skipped):
        (note if number < NAMED_SKIPPED else detail)(f"skipped {item.path}: {item.reason}")
    if len(skipped) > NAMED_SKIPPED:
        note(f"skipped {len(skipped) - NAMED_SKIPPED} more: {rest}")


def fail(message: str) -> None:
    """Say what went wrong, in one line."""
    _to_stderr(f"visualsearch: {message}")


MESSAGES = Messages(note, detail, fail)
"""For what lies below the command line: it says on the terminal what it says."""


def _to_stderr(message: str) -> None:
    print(printable(message), file=sys.stderr, flush=True)


class RichProgress:
    """Progress bars on stderr: count, rate and time left."""

    def __init__(self) -> None:
        mode = settings.progress
        wanted = sys.stderr.isatty() and not settings.quiet and os.environ.get("TERM") != "dumb"
        self.enabled = mode is ProgressMode.ALWAYS or (mode is ProgressMode.AUTO and wanted)

    @contextmanager
    def step(self, label: str, total: int | None = None) -> Iterator[Advance]:
        """Show a bar while the step lasts."""
        if not self.enabled:
            yield lambda _: None
            return
        from visualsearch_cli.cli.output.bars import bars

        with bars(stderr()) as progress:
            task = progress.add_task(label, total=total)
            yield lambda count: progress.advance(task, count)
