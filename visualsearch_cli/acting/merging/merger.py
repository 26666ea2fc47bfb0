"""What a copy knows and the kept file does not, and the sidecar that is to say it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from visualsearch_cli.acting.action import Action, Entry, FileSystem, Sidecar, Step
from visualsearch_cli.acting.selection import Task
from visualsearch_cli.errors import ActionError, FileChanged
from visualsearch_cli.pictures.beside.company import Companions
from visualsearch_cli.pictures.metadata.company_metadata import SIDECAR, knows_something, with_company
from visualsearch_cli.pictures.metadata.folder_lists import known_elsewhere
from visualsearch_cli.pictures.metadata.values import Known, Metadata, lacking, only_known_to
from visualsearch_cli.pictures.reading import LARGEST_BESIDE, hash_content
from visualsearch_cli.reports.differences import in_words
from visualsearch_cli.reports.report import Member
from visualsearch_cli.verdicts.verdict import Verdict

NOTHING = Entry("other", 0, 0, 0, 0, 0, 0, 0, 0)
"""What lies where a new sidecar goes."""

NEXT = "leave out --merge-metadata to let it go"


@dataclass(frozen=True, slots=True)
class Merge:
    """What becomes of the metadata of a copy."""

    step: Step | None  # None: there is nothing to add
    added: tuple[str, ...] = ()  # in words
    differing: tuple[str, ...] = ()  # values that are not taken over, because the kept file has others
    why_to_stay: str = ""  # the copy, because what it knows can be written nowhere


@dataclass
class Merger:
    """Works out what is to be written into the sidecars of kept files."""

    files: FileSystem
    token: Callable[[], str]  # a new name for each temporary file
    _beside: Companions = field(init=False)
    _embedded: dict[str, Metadata] = field(default_factory=dict)  # by content hash
    _planned: dict[Path, bytes] = field(default_factory=dict)  # sidecars as a dry run would leave them

    def __post_init__(self) -> None:
        self._beside = Companions(self.files.names)

    def merge(self, task: Task, path: Path, keeper_entry: Entry, *, dry: bool) -> Merge:
        """Return what is to be added for a copy, of whose names `path` is one that is there.

        Raises ActionError if it cannot be written; FileChanged if a file is not what the report says.
        """
        self._beside.look_again()
        kept, member = task.kept, task.member
        beside_kept = self._beside.of(kept.path)
        sidecar = self._sidecar_of(kept.path, beside_kept)
        theirs = self._known(kept, kept.path, dict.fromkeys([*beside_kept, sidecar]))
        beside = dict.fromkeys(found for name in member.names for found in self._beside.of(name))
        its = self._known(member, path, beside)
        more = lacking(its, theirs)
        known = list(only_known_to(its, theirs))
        differing = _words(item for item in known if item.other)
        if more == Metadata():
            return Merge(None, (), differing)
        if kept.protected:
            why = (
                f"only it knows: {'; '.join(_words(known))}; nothing is written beside {kept.path}, which is "
            )
            return Merge(None, why_to_stay=f"{why}protected: {NEXT}")
        step = self._step(task, sidecar, more, keeper_entry)
        if dry and step.sidecar:
            self._planned[sidecar] = step.sidecar.after
        return Merge(step, _words(item for item in known if not item.other), differing)

    def _step(self, task: Task, path: Path, more: Metadata, keeper_entry: Entry) -> Step:
        from visualsearch_cli.pictures.metadata.sidecar_text import NEW, with_added
        from visualsearch_cli.pictures.metadata.xmp import XmpUnusable

        here = self.files.look(path)
        if here is not None and (here.kind != "file" or here.names > 1):
            what = "a link" if here.kind == "link" else f"a file with {here.names} names (hard links)"
            what = what if here.kind != "other" else "no regular file"
            raise ActionError(f"{path} is {what}, and nothing is written through that: {NEXT}")
        if here is not None and here.size > LARGEST_BESIDE:
            raise ActionError(
                f"nothing can be added to the sidecar {path} (it has {here.size} bytes): {NEXT}"
            )
        before = None if here is None else self.files.contents(path)
        try:
            after = with_added(self._planned.get(path, NEW if before is None else before), more)
        except XmpUnusable as error:
            raise ActionError(f"nothing can be added to the sidecar {path} ({error}): {NEXT}") from error
        return Step(
            number=0,  # until it is about to be done
            action=Action.MERGE,
            path=path,
            keeper=task.kept.path,
            verdict=task.member.verdict or Verdict.SIMILAR,
            content_hash=hash_content(after).hex(),
            entry=NOTHING if here is None else here,
            keeper_entry=keeper_entry,
            temporary=path.with_name(self.token()),
            companion_of=task.member.path,
            sidecar=Sidecar(before, after),
        )

    def _sidecar_of(self, kept: Path, beside: Iterable[Path]) -> Path:
        """Return where the metadata of a kept file goes: into its only sidecar, else into NAME.EXT.xmp.

        One that another picture has as well is not its own.
        """
        sidecars = [path for path in beside if path.name.lower().endswith(SIDECAR)]
        own = [path for path in sidecars if self._beside.owners(path) == [kept]]
        if len(sidecars) == len(own) == 1:
            return own[0]
        full = kept.with_name(f"{kept.name}{SIDECAR}")
        return next((path for path in own if path.name.lower() == full.name.lower()), full)

    def _known(self, member: Member, path: Path, beside: Iterable[Path]) -> Metadata:
        """Return what a file of the report knows, with what lies beside it now."""
        embedded = self._embedded.get(member.content_hash)
        if embedded is None:
            from visualsearch_cli.pictures.metadata.embedded import metadata_of

            data = self.files.contents(path)
            if hash_content(data).hex() != member.content_hash:
                raise FileChanged(f"{path} changed a moment ago: run `visualsearch index` and `dupes` again")
            embedded = self._embedded[member.content_hash] = metadata_of(data)
        lists = {one: None for name in member.names for one in self._beside.lists(name.parent)}
        return with_company(
            embedded,
            [(p.name, data) for p in beside if knows_something(p.name) for data in self._read(p)],
            known_elsewhere(member.names, lists, lambda one: b"".join(self._read(one))),
        )

    def _read(self, path: Path) -> list[bytes]:
        """Return the bytes of a file beside a picture, if it is one."""
        if path in self._planned:
            return [self._planned[path]]
        here = self.files.look(path)
        is_read = here is not None and here.kind == "file" and here.size <= LARGEST_BESIDE
        return [self.files.contents(path)] if is_read else []


def _words(known: Iterable[Known]) -> tuple[str, ...]:
    return tuple(in_words(known, "kept:"))
