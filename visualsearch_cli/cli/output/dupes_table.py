"""A report of duplicates for people: a block a group, the file to keep first.

A block is one piece of text, printed and forgotten, so that thousands of groups begin to show at once.
Where a line has room for it, what is known of a file stands beside its name, otherwise below.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.cells import cell_len, chop_cells
from rich.console import Console
from rich.text import Text

from visualsearch_cli.cli.output.console import settings, stdout
from visualsearch_cli.cli.output.query import NO_WRAP
from visualsearch_cli.cli.output.text import short_path, verdict_text
from visualsearch_cli.reports.differences import below, common_folder, facts, lost
from visualsearch_cli.reports.report import Group, Member, Report, Totals, is_removable, totals
from visualsearch_cli.verdicts.verdict import Verdict
from visualsearch_cli.wording import counted, printable, short_size

LABELS = max(len(verdict.value) for verdict in Verdict) + 2  # cells, with the gap after the verdict
INDENT = 2
DETAILS = 44  # cells that must be left beside the longest name, or details go below
NAMED = 3  # links and companions of a file; the others are counted


def print_report(report: Report) -> None:
    """Print all groups, and before and after them what they come to."""
    console = stdout()
    width = console.width if console.is_terminal else NO_WRAP
    numbers = totals(report)
    if not report.groups:
        console.print(f"no duplicates at level {report.level.value} or stronger", soft_wrap=True)
        return
    _print(console, _heading(report, numbers))
    for number, group in enumerate(report.groups, start=1):
        _print(console, _block(number, group, width))
    _print(console, _closing(numbers))


def _print(console: Console, text: Text) -> None:
    console.print(text, soft_wrap=True)


def _heading(report: Report, numbers: Totals) -> Text:
    files = f"{counted(numbers.groups, 'group')} of {counted(numbers.files, 'file')}"
    return Text(f"{files}, {report.level.value} or stronger\n")


def _closing(numbers: Totals) -> Text:
    text = Text()
    if numbers.removable:
        text.append(f"{short_size(numbers.reclaimable)} could be reclaimed", style="bold")
        text.append(f" by removing {counted(numbers.removable, 'file')}")
    else:
        text.append("Nothing could be reclaimed", style="bold")
    untouched = [
        f"{number:,} {what}"
        for number, what in ((numbers.protected, "protected"), (numbers.similar, "only similar"))
        if number
    ]
    if untouched:
        text.append(f"\n{' and '.join(untouched)}: never offered for removal")
    return text


@dataclass(frozen=True, slots=True)
class _Entry:
    """A file of a group, ready to be laid out."""

    member: Member
    name: str  # printable, below the common folder
    details: str
    more: tuple[str, ...]  # lines of their own


def _block(number: int, group: Group, width: int) -> Text:
    """Return the lines of a group, with an empty one at the end."""
    folder = common_folder(member.path for member in group.members)
    entries = [_entry(member, group.kept, folder) for member in group.members]
    text = _title(number, group, folder, width)
    room = width - INDENT - LABELS
    longest = max(cell_len(entry.name) for entry in entries)
    beside = longest + 2 + DETAILS <= room
    names = [entry.name for entry in entries] if beside else _shortened([e.name for e in entries], room)
    for entry, name in zip(entries, names, strict=True):
        text.append(" " * INDENT)
        text.append_text(_label(entry.member))
        text.append(name, style="bold" if entry.member.keep else "")
        if beside and entry.details:
            text.append(" " * (longest - cell_len(name) + 2))
        _append_details(text, entry, room, longest + 2 if beside else 0, beside=beside)
    return text


def _title(number: int, group: Group, folder: Path | None, width: int) -> Text:
    text = Text()
    text.append(f"{number}", style="bold")
    text.append("  ").append_text(verdict_text(group.verdict))
    reclaimable = group.bytes_reclaimable
    text.append(f"  {counted(len(group.members), 'file')}")
    text.append(f"  {short_size(reclaimable)} to reclaim" if reclaimable else "  nothing to reclaim")
    text.append(f"  {printable(group.id)}", style="dim")
    where = printable(short_path(folder)) if folder else "."
    if where != ".":
        line = f"in {where}"
        beside = cell_len(text.plain) + 2 + cell_len(line) <= width
        text.append("  " if beside else "\n" + " " * INDENT)
        text.append(line if beside else shortened(line, width - INDENT))
    return text.append("\n")


def _entry(member: Member, kept: Member, folder: Path | None) -> _Entry:
    known = facts(member, kept)
    if member.keep:
        details = [str(fact) for fact in known]
    else:
        details = [member.reason] if member.reason else []
        details += [str(fact) for fact in known if fact.differs]
        details += lost(member)
    if member.protected:
        details.insert(0, "protected")
    why = (f"{'kept' if member.keep else 'offered'} because: {printable(member.why)}",)
    more = (
        *(why if settings.verbose and member.why and (member.keep or is_removable(member)) else ()),
        *_named("also", member.links, "hard link", folder),
        *_named("with", [companion.path for companion in member.companions], "companion", folder),
        *_named("from", member.symlinks, "symbolic link, would lead to nothing", folder),
    )
    return _Entry(member, printable(below(member.path, folder)), printable(" · ".join(details)), more)


def _named(word: str, paths: Sequence[Path], noun: str, folder: Path | None) -> Iterator[str]:
    for path in paths[:NAMED]:
        yield f"{word} {printable(below(path, folder))} ({noun})"
    if len(paths) > NAMED:
        yield f"and {counted(len(paths) - NAMED, f'more {noun}')}"


def _label(member: Member) -> Text:
    text = Text("keep", style="bold") if member.keep else verdict_text(member.verdict)
    return text.append(" " * (LABELS - cell_len(text.plain)))


def _append_details(text: Text, entry: _Entry, room: int, column: int, *, beside: bool) -> None:
    """Append what is known of a file, from a column on, in as many lines as it takes."""
    width = room - column
    lines = [
        *_wrapped(entry.details, width),
        *(line for more in entry.more for line in _between_words(more, width)),
    ]
    for number, line in enumerate(lines):
        if number or not beside:
            text.append("\n" + " " * (INDENT + LABELS + column))
        text.append(line)
    text.append("\n")


def _wrapped(details: str, width: int) -> Iterator[str]:
    """Break a line where its parts join, and a part that is longer than a line between its words."""
    line = ""
    for part in details.split(" · "):
        longer = f"{line} · {part}" if line else part
        if cell_len(longer) <= width:
            line = longer
            continue
        if line:
            yield line
        *whole, line = _between_words(part, width)
        yield from whole
    if line:
        yield line


def _between_words(part: str, width: int) -> list[str]:
    """Return the lines of a text; a longer word stays whole, and so does a percentage."""
    lines = [""]
    for word in re.split(r" (?![%·])", part):
        longer = f"{lines[-1]} {word}" if lines[-1] else word
        if lines[-1] and cell_len(longer) > width:
            lines.append(word)
        else:
            lines[-1] = longer
    return lines


def _shortened(names: Sequence[str], width: int) -> Sequence[str]:
    """Shorten names to a width, unless two would then read alike."""
    short = [shortened(name, width) for name in names]
    return short if len(set(short)) == len(set(names)) else names


ELLIPSIS = "…"


def shortened(path: str, width: int) -> str:
    """Return a path of at most `width` terminal cells: folders go first, from the middle, then letters."""
    if cell_len(path) <= width:
        return path
    *folders, name = path.split(os.sep)
    kept = len(folders) - 1
    while kept > 0:
        ahead = folders[: (kept + 1) // 2]
        behind = folders[len(folders) - kept // 2 :]
        short = os.sep.join([*ahead, ELLIPSIS, *behind, name])
        if cell_len(short) <= width:
            return short
        kept -= 1
    short = os.sep.join([ELLIPSIS, name])
    if folders and cell_len(short) <= width:
        return short
    return _cut(name, width)


def _cut(name: str, width: int) -> str:
    """Take letters out of the middle: numbers and suffixes, which tell names apart, stand at the end."""
    ahead = max((width - 1) // 2, 1)
    behind = max(width - 1 - ahead, 1)
    start = chop_cells(name, ahead)[0]
    end = chop_cells(name[::-1], behind)[0][::-1]
    return start + ELLIPSIS + end
