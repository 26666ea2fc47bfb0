"""What differs between a file and the one that is kept, in words: resolution, size, format, date."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from visualsearch_cli.pictures.metadata.values import Known
from visualsearch_cli.reports.report import Member
from visualsearch_cli.wording import counted, date, format_name, short_size

_SPANS = (("year", 31_557_600), ("month", 2_629_800), ("day", 86_400), ("hour", 3_600), ("minute", 60))
_LONGEST = 60  # characters of a caption, say, that are shown
FILE_TIME = "file time"  # beside dates that are not those of capture
_SAME_TIME = 2  # seconds: FAT keeps no more exact times


@dataclass(frozen=True, slots=True)
class Fact:
    """Something to know about a file, beside the kept one's."""

    name: str  # "pixels", "size", "format" or "date"
    value: str  # "640×480"
    differs: bool  # from the kept file's
    change: str = ""  # "−97 %", "3 days later"; "" if there is nothing to add

    def __str__(self) -> str:
        return f"{self.value} ({self.change})" if self.change else self.value


def facts(member: Member, kept: Member) -> tuple[Fact, ...]:
    """Return pixels, size, format and date of a file, in this order; of the kept one, nothing differs."""
    area, kept_area = member.width * member.height, kept.width * kept.height
    format_ = format_name(member.path)
    return (
        Fact(
            "pixels",
            f"{member.width}×{member.height}",
            (member.width, member.height) != (kept.width, kept.height),
            _change(area, kept_area),
        ),
        Fact(
            "size",
            short_size(member.size),
            member.size != kept.size,
            _change(member.size, kept.size) or _bytes_apart(member.size - kept.size),
        ),
        Fact("format", format_ or "unknown", format_ != format_name(kept.path)),
        _date(member, kept),
    )


def lost(member: Member) -> tuple[str, ...]:
    """Return what is known by a file and by nobody else in its group, in words: "only here: rating 4"."""
    words = in_words(member.only_here, "kept:")
    return (f"only here: {words[0]}", *words[1:]) if words else ()


def in_words(known: Iterable[Known], other: str) -> list[str]:
    """Return metadata in words. `other` introduces what the other file has in its place."""
    return [
        f"{item.field} {cut(item.value)}" + (f" ({other} {cut(item.other)})" if item.other else "")
        for item in known
    ]


def cut(text: str) -> str:
    """Return a value on one line, cut where it is long."""
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST else f"{line[: _LONGEST - 1]}…"


def _date(member: Member, kept: Member) -> Fact:
    """Return when a picture was taken or, if its file does not say, when the file was changed."""
    if member.taken and kept.taken:
        seconds = int((_moment(member.taken) - _moment(kept.taken)).total_seconds())
        other = bool(seconds)
    else:
        seconds = (member.mtime_ns - kept.mtime_ns) // 1_000_000_000
        other = bool(member.taken or kept.taken) or abs(member.mtime_ns - kept.mtime_ns) >= _SAME_TIME * 10**9
    comparable = bool(member.taken) is bool(kept.taken)
    value = member.taken[:16] if member.taken else f"{date(member.mtime_ns)}, {FILE_TIME}"
    differs = other and member is not kept
    return Fact("date", value, differs, _apart(seconds) if differs and comparable else "")


def _moment(taken: str) -> datetime:
    try:
        return datetime.fromisoformat(taken)
    except ValueError:  # written by another program
        return datetime.min


def common_folder(paths: Iterable[Path]) -> Path | None:
    """Return the nearest folder that all these files are in or below; None if that is the root."""
    try:
        folder = Path(os.path.commonpath([path.parent for path in paths]))
    except ValueError:  # on different drives
        return None
    return None if folder == Path(folder.anchor) else folder


def below(path: Path, folder: Path | None) -> str:
    """Return a path as seen from a folder, if it lies below it."""
    return str(path.relative_to(folder) if folder and path.is_relative_to(folder) else path)


def _change(value: int, before: int) -> str:
    """Return by how much a number grew or shrank, "" if by less than half a percent."""
    if before <= 0 or value < 0:
        return ""
    percent = 100 * (value - before) / before
    if abs(percent) < 0.5:
        return ""
    if percent >= 900:
        return f"{value / before:,.0f} times"
    if percent < -99:
        return f"−{int(-percent * 10) / 10:.1f} %"  # cut, not rounded: something is left
    return f"{percent:+.0f} %".replace("-", "−")


def _bytes_apart(size: int) -> str:
    return f"{'+' if size > 0 else '−'}{short_size(abs(size))}" if size else ""


def _apart(seconds: int) -> str:
    """Return a span of time by its largest unit: "3 days later"."""
    direction = "later" if seconds > 0 else "earlier"
    for unit, length in _SPANS:
        if abs(seconds) >= length:
            return f"{counted(abs(seconds) // length, unit)} {direction}"
    return f"{counted(max(abs(seconds), 1), 'second')} {direction}"
