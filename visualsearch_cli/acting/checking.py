"""Looking again at the files that a report speaks of: nothing it says is taken on trust."""

from __future__ import annotations

from pathlib import Path

from visualsearch_cli.acting.action import Entry, FileSystem
from visualsearch_cli.acting.selection import Task
from visualsearch_cli.errors import ActionError, FileChanged
from visualsearch_cli.pictures.formats import RAW_EXTENSIONS
from visualsearch_cli.pictures.held.holdings import Holdings, reason_to_stay
from visualsearch_cli.pictures.reading import hash_content
from visualsearch_cli.reports.report import Member

AGAIN = "run `visualsearch index`, then `visualsearch dupes` again"


class Checker:
    """Reads files as they are now, and compares them with what a report says."""

    def __init__(self, files: FileSystem) -> None:
        self._files = files
        self._held: dict[str, Holdings] = {}  # by the kept files, by content hash

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
        return member.content_hash not in self.raws_of(kept)

    def raws_of(self, kept: Member) -> dict[str, tuple[Path, Entry]]:
        """Return what lies beside a kept file, and this itself if it is a RAW, by content hash."""
        paths = [*kept.companions, *([kept.path] if kept.path.suffix.lower() in RAW_EXTENSIONS else [])]
        read = ((path, self._files.read(path)) for path in paths if self._files.look(path))
        return {content_hash: (path, entry) for path, (entry, content_hash) in read}

    def verified(self, member: Member, path: Path) -> Entry:
        """Read a file again, by one of its names. Raises FileChanged if it is not what the report says."""
        here = self._files.look(path)
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
