"""Looking again at the files that a report speaks of: nothing it says is taken on trust."""

from __future__ import annotations

import os
from collections.abc import Collection
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from visualsearch_cli.acting.action import Entry, FileSystem, Step
from visualsearch_cli.acting.selection import Task
from visualsearch_cli.errors import ActionError, FileChanged, IndexNotFound, ReportInvalid
from visualsearch_cli.pictures.beside.company import Companions
from visualsearch_cli.pictures.formats import RAW_EXTENSIONS
from visualsearch_cli.pictures.held.holdings import Holdings, reason_to_stay
from visualsearch_cli.pictures.image import is_same_time
from visualsearch_cli.pictures.reading import hash_content
from visualsearch_cli.reports.report import Companion, Member, Report

# Listing 10,000 names again for each of 10,000 files would be most of the work. What comes into such a folder
# within the fifth of a second before an action is seen with the next one.
PATIENCE = 20e-6  # seconds a name
AGAIN = "run `visualsearch index`, then `visualsearch dupes` again"


@dataclass(frozen=True, slots=True)
class Along:
    """A companion that goes with its picture, because its equal stays."""

    path: Path
    entry: Entry
    content_hash: str  # hexadecimal
    keeper: Path  # the equal, beside the kept file
    keeper_entry: Entry


def require_below_roots(report: Report, name: str) -> None:
    """Check that all that a report would have taken away or kept lies below a folder that was indexed, as the
    report says them or, of an earlier version's, its index. `name` is where it came from.

    That no link leads elsewhere from there is checked of each file when its turn comes. A report of another
    program, which names neither, is believed.

    Raises ReportInvalid.
    """
    roots = report.roots or _roots_of(report.index)
    if not roots:
        return
    for member in (member for group in report.groups for member in group.members):
        for path in (*member.names, *(companion.path for companion in member.companions)):
            if not any(path.is_relative_to(root) for root in roots):
                folders = ", ".join(map(str, roots))
                raise ReportInvalid(
                    f"{name} names {path}, which lies below no folder that was indexed ({folders}): "
                    "nothing was done; make the report again with `visualsearch dupes`"
                )


def _roots_of(index: Path) -> tuple[Path, ...]:
    """Return the folders that an index is of; none if it is not there any more."""
    from visualsearch_cli.index.catalog import Catalog  # late: reports say it themselves

    try:
        with closing(Catalog(index / "catalog.sqlite")) as catalog:
            return tuple(Path(root.path) for root in catalog.roots())
    except IndexNotFound:
        return ()


class Checker:
    """Reads files as they are now, and compares them with what a report says."""

    def __init__(self, files: FileSystem) -> None:
        self._files = files
        self._beside = Companions(files.names, PATIENCE)
        self._straight: set[Path] = set()  # folders
        self._held: dict[str, Holdings] = {}  # by the kept files, by content hash
        self._added: dict[Path, tuple[str, set[str]]] = {}  # sidecars: hash of the content and of earlier

    def why_to_stay(self, task: Task, path: Path) -> str:
        """Return why the copy at a path must stay: it holds what the kept file lacks. Else nothing.

        Raises FileChanged if one of them is not what the report says.
        """
        if task.member.content_hash == task.kept.content_hash:
            return ""
        kept = self._held.get(task.kept.content_hash)
        if kept is None:
            kept = self._held[task.kept.content_hash] = self._holdings(task.kept, task.kept.path)
        return reason_to_stay(self._holdings(task.member, path), kept)

    def _holdings(self, member: Member, path: Path) -> Holdings:
        from visualsearch_cli.pictures.held.inspection import holdings_of  # late: equal bytes need no Pillow

        data = self._files.contents(path)
        if hash_content(data).hex() != member.content_hash:
            raise FileChanged(f"{path} changed a moment ago: {AGAIN}")
        return holdings_of(data)

    def is_only_raw(self, task: Task) -> bool:
        """Tell whether a copy is a RAW whose very bytes would not be left with the kept file."""
        member, kept = task.member, task.kept
        if member.path.suffix.lower() not in RAW_EXTENSIONS or member.content_hash == kept.content_hash:
            return False
        return self._equal_of(member.content_hash, member.size, kept) is None

    def along(self, task: Task, done: Collection[Path], gone: Collection[Path]) -> list[Along] | str:
        """Return the companions that go with a copy, or why it must stay: something that belongs to it alone
        has no equal beside the kept file.

        done: what an earlier run took away; gone: what this one did, or would have.

        Raises FileChanged if what lies beside the copy is not what the report says.
        """
        member, kept = task.member, task.kept
        self._beside.look_again()
        if member.path not in done:
            self._expect_known(member)
        found: list[Along] = []
        theirs = {companion.path for companion in kept.companions}
        for companion in member.companions:
            path = companion.path
            if path in done or path in gone or path in theirs or self._files.look(path) is None:
                continue
            owners = set(self._beside.owners(path)) - set(member.names)
            if owners.difference(gone):
                continue  # it stays with them
            entry, content_hash = self._read(companion)
            equal = self._equal_of(content_hash, entry.size, kept)
            if equal is None or entry.is_same_file(equal[1]):
                return f"{path} belongs to it and has no copy beside {kept.path}"
            found.append(Along(path, entry, content_hash, *equal))
        known = len(done)  # the trash may hold these names
        for one in found:
            names = sum(one.entry.is_same_file(other.entry) for other in found)
            if one.entry.names > names + known:
                return f"{one.path} belongs to it and has {one.entry.names} names (hard links)"
        return found

    def _expect_known(self, member: Member) -> None:
        """Check that the report knows all that lies beside a file and belongs to it."""
        known = {companion.path for companion in member.companions}
        for path in (path for name in member.names for path in self._beside.of(name)):
            if path not in known and (here := self._files.look(path)) and here.kind != "other":
                raise FileChanged(
                    f"{path} belongs to {member.path}, and the report does not name it: {AGAIN}"
                )

    def _read(self, companion: Companion) -> tuple[Entry, str]:
        """Read a companion again. Raises FileChanged if it is not what the report says."""
        path = companion.path
        entry, found = self._files.read(path)
        if companion.mtime_ns is None:
            return entry, found
        if entry.size != companion.size:
            raise FileChanged(f"{path} has {entry.size} bytes, the report says {companion.size}: {AGAIN}")
        if companion.content_hash:
            if found != companion.content_hash:
                raise FileChanged(
                    f"{path} has content hash {found[:16]}…, the report says {companion.content_hash[:16]}…: "
                    f"{AGAIN}"
                )
        elif not is_same_time(entry.mtime_ns, companion.mtime_ns):
            raise FileChanged(f"{path} was written to since the report was made: {AGAIN}")
        return entry, found

    def _equal_of(self, content_hash: str, size: int, kept: Member) -> tuple[Path, Entry] | None:
        """Return what has some bytes and lies beside a kept file, or is this itself if it is a RAW."""
        paths = [companion.path for companion in kept.companions]
        if kept.path.suffix.lower() in RAW_EXTENSIONS:
            paths.append(kept.path)
        for path in paths:
            here = self._files.look(path)
            if here is not None and here.kind == "file" and here.size == size:
                entry, found = self._files.read(path)
                if found == content_hash:
                    return path, entry
            now, earlier = self._added.get(path, ("", ()))
            if here is not None and here.kind == "file" and content_hash in earlier:
                entry, found = self._files.read(path)
                if found == now:
                    return path, entry
        return None

    def note_added(self, step: Step) -> None:
        """Remember what a sidecar held before it was added to: all of that is still in it."""
        if step.sidecar is not None:
            earlier = self._added.get(step.path, ("", set()))[1]
            if step.sidecar.before is not None:
                earlier = {*earlier, hash_content(step.sidecar.before).hex()}
            self._added[step.path] = step.content_hash, earlier

    def verified(self, member: Member, path: Path) -> Entry:
        """Read a file again, by one of its names. Raises FileChanged if it is not what the report says."""
        self._expect_straight(path)
        here = self._files.look(path)
        if here is None and not self._files.names(path.parent):
            raise FileChanged(
                f"{path} is not there, nor is anything else in its folder: if its disk is away, mount it; "
                f"else {AGAIN}"
            )
        if here is None:
            raise FileChanged(f"{path} has vanished since the report was made: {AGAIN}")
        if here.kind != "file":
            what = f"a symbolic link to {here.target}" if here.kind == "link" else "not a regular file"
            raise FileChanged(f"{path} is {what}, the report says it is a file of its own: {AGAIN}")
        if here.size != member.size:
            raise FileChanged(f"{path} has {here.size} bytes, the report says {member.size}: {AGAIN}")
        entry, found = self._files.read(path)
        if found != member.content_hash:
            raise FileChanged(
                f"{path} has content hash {found[:16]}…, the report says {member.content_hash[:16]}…: {AGAIN}"
            )
        return entry

    def _expect_straight(self, path: Path) -> None:
        """Check that no link leads to the folder of a path: roots have none in their paths, so behind it lies
        what was never indexed, or is in the index under its own path as well."""
        folder = path.parent
        if folder in self._straight:
            return
        real = os.path.realpath(folder)
        if os.path.normcase(real) != os.path.normcase(folder):
            raise FileChanged(
                f"{path} is reached through a symbolic link, it lies in {real}: run `visualsearch index` and "
                "`visualsearch dupes` on that folder"
            )
        self._straight.add(folder)

    def is_name_of(self, path: Path, entry: Entry) -> bool:
        """Tell whether a path is there and leads to a file that was read."""
        here = self._files.look(path)
        return here is not None and here.is_same_file(entry)

    def seen(self, path: Path) -> Entry | None:
        """Return what is at a path; None also where that cannot be told."""
        try:
            return self._files.look(path)
        except ActionError:
            return None
