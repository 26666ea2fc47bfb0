"""Acting on a report, one file at a time: look again, hash again, announce, act, note that it is done.

Nothing the report says is taken on trust: the kept file and the copy are read immediately before each
action. What is not as the report says is refused, and the others go on.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

from visualsearch_cli.acting.action import (
    Action,
    Entry,
    Event,
    FileSystem,
    Journal,
    Outcome,
    Record,
    Result,
    Step,
    Trash,
)
from visualsearch_cli.acting.apart import told_apart
from visualsearch_cli.acting.checking import Checker
from visualsearch_cli.acting.merging.merger import Merger
from visualsearch_cli.acting.selection import Selection, Task
from visualsearch_cli.acting.steps import is_in_place, perform, settle, with_mounts
from visualsearch_cli.acting.undoing import Undoer
from visualsearch_cli.errors import ActionError, FileChanged, OneFile
from visualsearch_cli.reports.report import Member
from visualsearch_cli.verdicts.verdict import Verdict

TRIES = 1000  # names with a number that are tried where a name is taken


@dataclass(frozen=True, slots=True)
class Placement:
    """Where files go, and what links say. Paths below `base` are kept relative to it."""

    base: Path | None  # the folder that holds the index, if one does: what lies below it moves with it
    folder: Path | None = None  # of --move-to

    def destination(self, path: Path) -> Path:
        """Return where a file is moved to: its path below the base, else its whole path, in the folder."""
        assert self.folder
        if self.base and path.is_relative_to(self.base):
            return self.folder / path.relative_to(self.base)
        drive = path.drive.replace(":", "").strip("\\/").replace("\\", "_").replace("/", "_")
        return self.folder / drive / path.relative_to(path.anchor)

    def link_target(self, keeper: Path, path: Path) -> str:
        """Return what a symbolic link says: relative where both files lie below the base, else absolute."""
        if self.base and keeper.is_relative_to(self.base) and path.is_relative_to(self.base):
            return os.path.relpath(keeper, path.parent)
        return str(keeper)


@dataclass
class Applier:
    """Acts on files. Without a journal it only says what it would do."""

    action: Action
    files: FileSystem
    trash: Trash
    journal: Callable[[], Journal] | None  # called when the first step is about to be done
    placement: Placement
    token: Callable[[], str]  # a new name for each temporary file
    earlier: Mapping[Path, Record] = field(default_factory=dict)  # done when this report was applied before
    next_number: int = 0  # of the steps, where the journal has some
    merger: Merger | None = None  # if what only a copy knows is to be kept
    added: Iterable[Step] = ()  # to sidecars, when this report was applied before
    unsettled: bool = False  # whether a step is half done, since its disk went away, say: for the next run
    _guarded: dict[tuple[int, int], Path] = field(default_factory=dict)
    _holding: Mapping[str, tuple[Path, ...]] = field(default_factory=dict)  # kept or protected, by content
    _taken: set[Path] = field(default_factory=set)
    _gone: set[Path] = field(default_factory=set)  # in a dry run: what would not be there any more

    @cached_property
    def _checker(self) -> Checker:
        return Checker(self.files)

    def run(self, selection: Selection) -> Iterator[Result]:
        """Act on each file in turn, and say what became of it.

        Raises JournalUnusable, at which nothing further is done.
        """
        for path in selection.guarded:
            if entry := self._checker.seen(path):
                self._guarded[entry.device, entry.inode] = path
        self._holding = selection.holding
        for step in self.added:
            self._checker.note_added(step)
        for task in selection.tasks:
            yield from self._act(task)

    def _act(self, task: Task) -> Iterator[Result]:
        member = task.member
        done = frozenset(path for path in _parts(member) if self._was_done(path))
        if member.path in done:
            yield task.result(Outcome.ALREADY)
            if not any(self._checker.seen(path) for path in _parts(member) if path not in done):
                return  # else a crash came between the names of one file, or a JPEG and its RAW
        try:
            steps = self._check(task, done)
        except FileChanged as error:
            yield task.result(Outcome.REFUSED, str(error))
        except ActionError as error:
            yield task.result(Outcome.FAILED, str(error))
        else:
            if isinstance(steps, Result):
                yield steps
            else:
                yield from self._do_all(task, steps, done)

    def _do_all(self, task: Task, steps: list[Step], done: frozenset[Path]) -> Iterator[Result]:
        """Keep what only the copy knows, then do the steps."""
        names = [step for step in steps if step.companion_of is None]
        if self.merger is None or not names:
            yield from self._do(steps)
            return
        try:
            merge = self.merger.merge(task, names[0].path, names[0].keeper_entry, dry=self.journal is None)
        except FileChanged as error:
            yield task.result(Outcome.REFUSED, str(error))
            return
        except ActionError as error:
            yield task.result(Outcome.FAILED, str(error))
            return
        if merge.why_to_stay:
            yield task.result(Outcome.LEFT, merge.why_to_stay)
            return
        merged = self._do([merge.step]) if merge.step else []
        merged = [replace(r, message=" · ".join(merge.added)) if not r.message else r for r in merged]
        if any(result.outcome.is_problem for result in merged):
            yield from merged
            yield task.result(Outcome.LEFT, "what only it knows could not be kept")
            return
        if merged and self.journal is not None:
            assert merge.step
            self._checker.note_added(merge.step)
            try:
                again = self._check(task, done)  # the sidecar may be the equal of a companion
            except ActionError as error:
                again = task.result(Outcome.FAILED, str(error))
            if isinstance(again, Result):
                yield from self._taken_back(merged, self.journal(), str(task.member.path))
                yield again
                return
            steps = again
        for result in self._do(steps, merged):
            if merge.differing and result.path == task.member.path and not result.message:
                result = replace(result, message=f"not taken over: {' · '.join(merge.differing)}")
            yield result

    def _was_done(self, path: Path) -> bool:
        """Applying a report twice does nothing twice, as long as what was done is still so."""
        record = self.earlier.get(path)
        try:
            return record is not None and is_in_place(record.step, self.files)
        except ActionError:
            return False

    def _check(self, task: Task, done: frozenset[Path]) -> list[Step] | Result:
        """Read the kept file and the copy again; return the steps, or why there are none.

        Raises ActionError; FileChanged if a file is not what the report says.
        """
        keeper_entry = self._checker.verified(task.kept, task.kept.path)
        names = self._names(task, done, keeper_entry)
        if isinstance(names, Result):
            return names
        if self._checker.is_only_raw(task):
            return task.result(
                Outcome.LEFT, f"a RAW, and neither {task.kept.path} nor a file beside it has its bytes"
            )
        if names and (why := self._checker.why_to_stay(task, names[0].path)):
            return task.result(Outcome.LEFT, why)
        along = self._companions(task, done)
        return along if isinstance(along, Result) else self._placed([*along, *names])

    def _names(self, task: Task, done: frozenset[Path], keeper_entry: Entry) -> list[Step] | Result:
        """Return the steps for all names of a copy, or why there are none."""
        member, kept = task.member, task.kept
        pending = [path for path in member.names if path not in done]
        if member.path in done:
            pending = [path for path in pending if self._checker.seen(path)]
            if not pending:
                return []
        entry = self._checker.verified(member, pending[0])
        if entry.is_same_file(keeper_entry):
            outcome = Outcome.ALREADY if self.action is Action.HARDLINK else Outcome.LEFT
            return task.result(outcome, f"another name of {kept.path}: nothing to free")
        if guard := self._guarded.get((entry.device, entry.inode)):
            return task.result(Outcome.LEFT, f"another name of {guard}, which is kept or protected")
        if self.action is Action.HARDLINK and entry.device != keeper_entry.device:
            return task.result(
                Outcome.FAILED,
                f"{member.path} and {kept.path} are on different file systems, "
                "and a hard link cannot lead from one to the other: use --symlink or --trash",
            )
        folder = self.placement.folder
        if self.action is Action.MOVE and folder and member.path.is_relative_to(folder):
            return task.result(Outcome.LEFT, f"is already in {folder}")
        names = [path for path in pending if self._checker.is_name_of(path, entry)]
        before = len(done & set(member.names))  # the trash may hold these names
        if entry.names > len(names) + before:
            return task.result(
                Outcome.LEFT,
                f"the file has {entry.names} names (hard links), but the report knows only {len(names)}: "
                "removing these frees nothing",
            )
        verdict = member.verdict or Verdict.SIMILAR
        return [
            self._step(path, kept.path, verdict, member.content_hash, entry, keeper_entry) for path in names
        ]

    def _companions(self, task: Task, done: frozenset[Path]) -> list[Step] | Result:
        """Return the steps for what goes with a copy, or why that must stay. A link has the name of the copy:
        what belongs to it still does."""
        if self.action.links:
            return []
        along = self._checker.along(task, done, self._gone)
        if isinstance(along, str):
            return task.result(Outcome.LEFT, along)
        for one in along:
            if (one.entry.device, one.entry.inode) in self._guarded:
                return task.result(Outcome.LEFT, f"{one.path} belongs to it, and is kept or protected")
        return [
            replace(
                self._step(
                    one.path, one.keeper, Verdict.IDENTICAL, one.content_hash, one.entry, one.keeper_entry
                ),
                companion_of=task.member.path,
            )
            for one in along
        ]

    def _step(
        self, path: Path, keeper: Path, verdict: Verdict, content_hash: str, entry: Entry, keeper_entry: Entry
    ) -> Step:
        return Step(
            number=0,  # until it is about to be done
            action=self.action,
            path=path,
            keeper=keeper,
            verdict=verdict,
            content_hash=content_hash,
            entry=entry,
            keeper_entry=keeper_entry,
            temporary=path.with_name(self.token()),
            target=self.placement.link_target(keeper, path) if self.action is Action.SYMLINK else None,
            aside=path.with_name(self.token()),
        )

    def _placed(self, steps: list[Step]) -> list[Step]:
        """Return the steps of one copy with their destinations, if they have some.

        Where a name is taken, all get the same number, so that they still belong together.
        """
        if self.action is not Action.MOVE:
            return steps
        for number in range(1, TRIES):
            placed = [(step, self._numbered(step, number)) for step in steps]
            if all(path not in self._taken and self.files.look(path) is None for _, path in placed):
                self._taken.update(path for _, path in placed)
                return [
                    replace(step, destination=path, temporary=path.with_name(self.token()))
                    for step, path in placed
                ]
        destination = self._numbered(steps[-1], 1)
        raise ActionError(f"{destination} and {TRIES - 2} more names are taken: choose another folder")

    def _numbered(self, step: Step, number: int) -> Path:
        path = self.placement.destination(step.path)
        stem = step.companion_of.stem if step.companion_of else path.stem
        if not path.name.startswith(stem):
            stem = path.stem
        return path if number == 1 else path.with_name(f"{stem} ({number}){path.name[len(stem) :]}")

    def _do(self, steps: Iterable[Step], before: Sequence[Result] = ()) -> list[Result]:
        """Do the steps of one copy, all or none of them: after one that fails the others are taken back, with
        those that were done before."""
        failed = ""
        counted: set[tuple[int, int]] = set()
        results = list(before)
        for step in steps:
            file = (step.entry.device, step.entry.inode)
            size = 0 if file in counted or step.action is Action.MERGE else step.entry.size
            counted.add(file)
            result = Result(step.path, step.keeper, step.verdict, size, Outcome.DONE, "", step)
            if failed:
                result = replace(result, outcome=Outcome.LEFT, message=f"belongs to {failed}, which failed")
            elif self.journal is None:
                result = replace(result, outcome=Outcome.PLANNED)
                if step.action is not Action.MERGE:
                    self._gone.add(step.path)
            else:
                number, self.next_number = self.next_number, self.next_number + 1
                step = with_mounts(replace(step, number=number), self.files)
                result = replace(result, step=step)
                outcome, message = self._journaled(step, self.journal())
                if outcome.is_problem:
                    failed = str(step.path)
                result = replace(result, outcome=outcome, message=message)
            results.append(result)
        if failed and self.journal and not self.action.links and self.action is not Action.DELETE:
            return self._taken_back(results, self.journal(), failed)
        return results

    def _taken_back(self, results: Sequence[Result], journal: Journal, failed: str) -> list[Result]:
        """Take back what was done of a copy, the last step first, and say so."""
        undoer = Undoer(self.files, self.trash, self.token)
        records = {record.step.number: record for record in journal.records()}
        found = []
        stays = False  # something that cannot be taken back, so that what it knew must stay as well
        for result in reversed(results):
            is_merge = result.step is not None and result.step.action is Action.MERGE
            if result.outcome is Outcome.DONE and result.step and not (stays and is_merge):
                back = undoer.take_back(records[result.step.number], journal)
                self.unsettled = self.unsettled or undoer.unsettled
                if back.outcome is Outcome.DONE:
                    message = f"belongs to {failed}, which failed: it is back"
                    result = replace(result, outcome=Outcome.LEFT, message=message)
                else:
                    stays = True
                    message = f"belongs to {failed}, which failed, and cannot be taken back: {back.message}"
                    result = replace(result, message=message)
            found.append(result)
        return found[::-1]

    def _journaled(self, step: Step, journal: Journal) -> tuple[Outcome, str]:
        """Do one step between two lines of the journal; return how it ended, and why it could not be done."""
        guarded = [path for path in self._holding.get(step.content_hash, ()) if path != step.keeper]
        journal.write(step, Event.INTENDED)
        try:
            if step.action is not Action.MERGE:
                step = told_apart(step, self.files, guarded)
            place = perform(step, self.files, self.trash)
        except ActionError as error:
            outcome = Outcome.REFUSED if isinstance(error, OneFile) else Outcome.FAILED
            try:
                event = settle(step, Event.INTENDED, journal, self.files, self.trash, str(error))
            except ActionError as further:
                self.unsettled = True
                return outcome, f"{error}; then {further}"
            return (Outcome.DONE, "") if event is Event.DONE else (outcome, str(error))
        journal.write(step, Event.DONE, place=place)
        return Outcome.DONE, ""


def _parts(member: Member) -> tuple[Path, ...]:
    """Return all that belongs to a member: the names of its file, and what lies beside it."""
    return (*member.names, *(companion.path for companion in member.companions))
