"""The report: groups of duplicates, each with the file to keep and what the other members are to it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from visualsearch_cli.pictures.image import SkippedImage
from visualsearch_cli.pictures.metadata.values import Known
from visualsearch_cli.verdicts.evidence import Place
from visualsearch_cli.verdicts.verdict import Verdict

SCHEMA = "visualsearch/dupes/1"


@dataclass(frozen=True, slots=True)
class Companion:
    """A file that lies beside a picture and belongs to it, as it was when the report was made."""

    path: Path  # absolute
    size: int = 0  # bytes
    mtime_ns: int | None = None  # None: the report does not say what the file was like
    content_hash: str = ""  # hexadecimal; empty: it was not read
    shared_with: tuple[Path, ...] = ()  # other pictures that it belongs to: it stays while one of them does


@dataclass(frozen=True, slots=True)
class Member:
    """A file of a group."""

    path: Path  # absolute
    keep: bool  # the one file of the group that stays and that the others are measured against
    protected: bool  # never offered: a reference, another program's, or holds more than the kept file
    verdict: Verdict | None  # against the kept file; None for that file itself
    distance: float | None  # cosine distance to the kept file, 0 for that file itself
    width: int
    height: int
    size: int  # bytes
    mtime_ns: int
    content_hash: str  # hexadecimal
    reason: str = ""  # the proof in words: "crop of 62 %, scaled 0.50, no rotation"
    links: tuple[Path, ...] = ()  # other names of the same file (hard links)
    companions: tuple[Companion, ...] = ()  # that go or stay with it
    differences: tuple[Place, ...] = ()  # `a` in the kept file, `b` in this one; the most telling first
    symlinks: tuple[Path, ...] = ()  # symbolic links that lead to what would go
    only_here: tuple[Known, ...] = ()  # metadata that the kept file lacks, or has another value of
    only_kept: tuple[Known, ...] = ()  # the other way round
    why: str = ""  # it is kept, or offered instead: the key that decided, with the values of both files
    offline: bool = False  # on a disk that is not mounted: what is said of it is what the index remembers
    taken: str = ""  # date and time of capture, by the camera's clock: "2023-05-01 10:04:31"

    @property
    def names(self) -> tuple[Path, ...]:
        """All names of the file."""
        return (self.path, *self.links)


@dataclass(frozen=True, slots=True)
class Group:
    """Files of which one is kept. Members are ordered: the kept one, then by verdict, distance and path."""

    id: str  # stays the same as long as the pictures do, wherever they lie
    members: tuple[Member, ...]

    @property
    def kept(self) -> Member:
        """The file that stays."""
        return self.members[0]

    @property
    def others(self) -> tuple[Member, ...]:
        """All but the kept one."""
        return self.members[1:]

    @property
    def verdict(self) -> Verdict:
        """The weakest verdict of its members."""
        return max({member.verdict for member in self.others if member.verdict}, key=lambda v: v.rank)

    @property
    def bytes_reclaimable(self) -> int:
        """What removing all that may be removed would free: not what is protected or merely similar.

        A companion goes with the last picture that it belongs to.
        """
        removable = [member for member in self.others if is_removable(member)]
        along = going_along(removable, [self.kept])
        return sum(member.size for member in removable) + sum(companion.size for companion in along)


def is_removable(member: Member) -> bool:
    """Whether a member may be offered for removal at all."""
    return not member.keep and not member.protected and member.verdict not in (None, Verdict.SIMILAR)


def going_along(going: Iterable[Member], kept: Iterable[Member]) -> list[Companion]:
    """Return the companions that go with some members: those that belong to none that stays."""
    going = list(going)
    names = {name for member in going for name in member.names}
    theirs = {companion.path for member in kept for companion in member.companions}
    found = {
        companion.path: companion
        for member in going
        for companion in member.companions
        if companion.path not in theirs and names.issuperset(companion.shared_with)
    }
    return list(found.values())


@dataclass(frozen=True, slots=True)
class Report:
    """What `dupes` found, and what `apply` takes."""

    index: Path
    model: str
    created: str  # ISO 8601, UTC
    command: str  # as typed
    level: Verdict  # the weakest verdict that was asked for
    keep: tuple[str, ...]  # the keys that chose the file to keep, first the one that counts most
    groups: tuple[Group, ...]
    skipped: tuple[SkippedImage, ...] = ()
    roots: tuple[Path, ...] = ()  # absolute folders that were indexed; none: the report does not say


@dataclass(frozen=True, slots=True)
class Totals:
    """A report in numbers."""

    groups: int
    files: int
    removable: int  # files that may be removed
    protected: int  # files that are never offered for removal, whatever their verdict
    similar: int  # files that only look alike
    reclaimable: int  # bytes that removing all removable files would free


def totals(report: Report) -> Totals:
    """Count what a report holds. Each file that is not kept is removable, protected or similar."""
    others = [member for group in report.groups for member in group.others]
    removable = [member for member in others if is_removable(member)]
    protected = sum(member.protected for member in others)
    return Totals(
        groups=len(report.groups),
        files=len(report.groups) + len(others),
        removable=len(removable),
        protected=protected,
        similar=len(others) - len(removable) - protected,
        reclaimable=sum(group.bytes_reclaimable for group in report.groups),
    )
