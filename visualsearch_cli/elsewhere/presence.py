"""Answers: whether a file of a folder is somewhere else as well."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from visualsearch_cli.pictures.image import SkippedImage
from visualsearch_cli.verdicts.verdict import Verdict


class State(str, Enum):
    """Where the content of a file is."""

    ONLY = "only here"
    ELSEWHERE = "elsewhere"
    UNREADABLE = "unreadable"  # so nobody knows


@dataclass(frozen=True, slots=True)
class Copy:
    """What stands for a file elsewhere."""

    path: Path
    verdict: Verdict  # what it is to the file
    offline: bool = False  # its disk is not there: the index remembers its bytes, and nobody looked again


@dataclass(frozen=True, slots=True)
class Presence:
    """One file of the folder."""

    path: Path
    size: int  # bytes
    state: State
    reason: str = ""  # in words, for what is not simply nowhere else
    copy: Copy | None = None  # if there is one
    content_hash: str = ""  # hexadecimal; "" where it could not be read
    is_picture: bool = True  # False: another file, which only its bytes are known of
    companions: tuple[Path, ...] = ()  # what lies beside a picture, belongs to it and goes with it
    looks_like: Path | None = None  # the nearest on a disk that is not there, where no copy was found


@dataclass(frozen=True, slots=True)
class Presences:
    """All files of the folder."""

    files: tuple[Presence, ...]  # by path
    skipped: tuple[SkippedImage, ...]  # files elsewhere that might be copies, and that could not be compared
    left_out: tuple[Path, ...]  # folders: bins, thumbnails, and what else programs made

    def of(self, *states: State) -> list[Presence]:
        """Return the files in some states."""
        return [file for file in self.files if file.state in states]
