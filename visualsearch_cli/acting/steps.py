"""One step of `apply`: doing it, taking it back, and telling from the files alone what a crash left of it.

What is removed on the way is only ever a name: of a temporary file, or a second name of a file that keeps
another one. The one exception is `--delete`, and the source of a move whose copy was read back and compared.
"""

from __future__ import annotations

from dataclasses import replace
from enum import Enum
from pathlib import Path

from visualsearch_cli.acting.action import Action, Entry, Event, FileSystem, Journal, Record, Step, Trash
from visualsearch_cli.acting.merging.sidecar_steps import add, is_added, is_as_before, take_out
from visualsearch_cli.errors import AcrossDevices, ActionError, FileChanged

INTERRUPTED = "interrupted before it was done"


class Seen(Enum):
    """Which side of a step the files are on."""

    BEFORE = "before"
    AFTER = "after"
    NEITHER = "neither"  # something else moved or removed the file


def with_mounts(step: Step, files: FileSystem) -> Step:
    """Return a step that knows where its disks are mounted now."""
    points = [files.mount_of(path) for path in (step.path, step.destination) if path is not None]
    return replace(step, mounts=tuple(dict.fromkeys(point for point in points if point is not None)))


def expect_mounted(step: Step, files: FileSystem) -> None:
    """Check that the disks of a step are there. Where they are not, an empty folder is: what lies on them
    would look removed, and what came back would go to another disk, below the one that hides it later.

    Raises ActionError.
    """
    for point in step.mounts:
        if not files.is_mounted(point):
            raise ActionError(
                f"{step.path} cannot be looked at, for no disk is mounted at {point}: mount it and run the "
                "same command again"
            )


def perform(step: Step, files: FileSystem, trash: Trash) -> Path | None:
    """Do a step whose files were just hashed and told apart; return where the trash put the file, if known.

    Raises ActionError; `settle` then tidies up.
    """
    files.expect(step.keeper, step.keeper_entry)
    if step.action is Action.TRASH:
        return _throw(step, files, trash)
    if step.action is Action.MERGE:
        add(step, files)
        return None
    if step.action is Action.DELETE:
        files.remove(step.path, step.entry)
    elif step.action is Action.MOVE:
        assert step.destination
        files.make_folder(step.destination.parent)
        _move(step.path, step.destination, step.entry, step, files)
    else:
        _make_link(step, files)
        files.replace(step.temporary, step.path, step.entry)
    return None


def find_source(record: Record, files: FileSystem, trash: Trash) -> Path:
    """Return the file that holds the content a step took from its place.

    Raises ActionError if the step cannot be taken back.
    """
    step = record.step
    if step.action is Action.DELETE:
        raise ActionError(f"{step.path} was deleted, which cannot be taken back: {step.keeper} was kept")
    expect_mounted(step, files)
    if step.action.links:
        return _link_source(step, files)
    if step.action is Action.MERGE:
        if not is_added(step, files):
            raise FileChanged(f"{step.path} changed since it was added to: it is left alone")
        return step.path
    if (there := files.look(step.path)) is not None:
        raise FileChanged(
            f"{step.path} is another file now ({there.size} bytes, not {step.entry.size}): "
            "nothing is overwritten, move it away first"
        )
    if step.action is Action.MOVE:
        assert step.destination
        if holds(step.destination, step, files):
            return step.destination
        raise FileChanged(
            f"{step.destination} has vanished or changed since: {step.path} cannot be brought back"
        )
    if record.place and holds(record.place, step, files):
        return record.place
    for place in trash.find(step.path, step.entry):
        if holds(place, step, files):
            return place
    raise ActionError(f"{step.path} cannot be found in the trash: {trash.advice()}")


def revert(step: Step, source: Path, files: FileSystem, trash: Trash) -> None:
    """Take a step back, from what `find_source` returned. Raises ActionError."""
    if step.action.links:
        here = files.look(step.path)
        assert here
        files.copy(source, step.temporary, step.entry)
        _verify(step.temporary, step.content_hash, files)
        files.replace(step.temporary, step.path, here)
        return
    if step.action is Action.MERGE:
        take_out(step, files)
        return
    entry, _ = files.read(source)
    files.make_folder(step.path.parent)
    _move(source, step.path, entry, step, files)
    if step.action is Action.TRASH:
        trash.forget(source)


def settle(
    step: Step, event: Event, journal: Journal, files: FileSystem, trash: Trash, why: str = INTERRUPTED
) -> Event:
    """Find out how a step ended that was announced and not finished; tidy up, and note it with the reason.

    May itself be interrupted at any point, and run again. Raises ActionError if that cannot be found out.
    """
    expect_mounted(step, files)
    if step.aside is not None and files.look(step.aside) is not None:
        files.rename_aside(step.aside, step.path, durable=True)
    if (leftover := files.look(step.temporary)) is not None:
        files.remove(step.temporary, leftover)
    seen, place = _observe(step, files, trash)
    if seen is Seen.AFTER:
        journal.write(step, Event.DONE, place=place)
        return Event.DONE
    if seen is Seen.BEFORE and event is Event.UNDOING:
        journal.write(step, Event.UNDONE)
        return Event.UNDONE
    if seen is Seen.NEITHER:
        where = f" nor at {step.destination}" if step.destination else ""
        why = f"{why}; it is not at {step.path}{where}: something else moved or removed it"
    journal.write(step, Event.FAILED, why)
    return Event.FAILED


def is_in_place(step: Step, files: FileSystem, *, noted: bool = True) -> bool:
    """Tell whether what a step made is still so. `noted` is whether the journal says that it was made."""
    if step.action is Action.MERGE:
        return is_added(step, files)
    here = files.look(step.path)
    if not step.action.links:
        return here is None
    if here is None:
        return False
    if step.action is Action.SYMLINK:
        return here.kind == "link" and here.target == step.target
    if step.action is Action.HARDLINK:
        if here.is_same_file(step.keeper_entry):
            return True
        if here.names == 1 and not noted:
            return False  # no link is seen; where each name has an inode of its own, that tells nothing
    return not here.is_same_file(step.entry) and holds(step.path, step, files)


def is_back(step: Step, files: FileSystem) -> bool:
    """Tell whether what a step took from its place is there."""
    return is_as_before(step, files) if step.action is Action.MERGE else holds(step.path, step, files)


def holds(path: Path, step: Step, files: FileSystem) -> bool:
    """Tell whether a regular file with the content that the step acted upon lies at a path."""
    here = files.look(path)
    if here is None or here.kind != "file" or here.size != step.entry.size:
        return False
    return files.read(path)[1] == step.content_hash


def _throw(step: Step, files: FileSystem, trash: Trash) -> Path | None:
    files.expect(step.path, step.entry)
    trash.put(step.path)
    here = files.look(step.path)
    if here is not None and here.is_same_file(step.entry):
        raise ActionError(f"{step.path} is still there after it was moved to the trash: use --move-to DIR")
    return next(iter(trash.find(step.path, step.entry)), None)


def _make_link(step: Step, files: FileSystem) -> None:
    if step.action is Action.HARDLINK:
        files.hardlink(step.keeper, step.temporary, step.keeper_entry)
        made = files.look(step.temporary)
        if made is None or not made.is_same_file(step.keeper_entry):
            _verify(step.temporary, step.content_hash, files)  # each name has an inode of its own there
    elif step.action is Action.SYMLINK:
        assert step.target
        files.symlink(step.target, step.temporary, step.keeper_entry)
    else:
        files.clone(step.keeper, step.temporary, step.entry, step.path)
        _verify(step.temporary, step.content_hash, files)


def _move(source: Path, destination: Path, expected: Entry, step: Step, files: FileSystem) -> None:
    """Move a file to a name that is free. Across file systems the copy is verified before the source goes."""
    try:
        files.rename_new(source, destination, expected)
    except AcrossDevices:
        files.copy(source, step.temporary, expected, source)
        copied = _verify(step.temporary, step.content_hash, files)
        files.rename_new(step.temporary, destination, copied)
        try:
            files.remove(source, expected)
        except ActionError:
            _drop_copy(destination, source, expected, files)
            raise


def _drop_copy(copy: Path, source: Path, expected: Entry, files: FileSystem) -> None:
    """Remove the copy of a file that is still there as it was: else each run would leave one more."""
    here, there = files.look(source), files.look(copy)
    if here is not None and there is not None and here.is_unchanged(expected):
        files.remove(copy, there)


def _verify(path: Path, content_hash: str, files: FileSystem) -> Entry:
    entry, found = files.read(path)
    if found != content_hash:
        raise FileChanged(
            f"{path} was written with content hash {found[:16]}…, not {content_hash[:16]}…: check the disk"
        )
    return entry


def _link_source(step: Step, files: FileSystem) -> Path:
    here = files.look(step.path)
    if here is None:
        raise FileChanged(f"{step.path} has vanished since: if you want it back, copy {step.keeper}")
    if not is_in_place(step, files):
        raise FileChanged(f"{step.path} is no longer the {step.action.value} that was made: it is left alone")
    source = step.keeper if step.action is Action.SYMLINK else step.path
    if not holds(source, step, files):
        raise FileChanged(f"{source} changed since, so the content of {step.path} cannot be restored from it")
    return source


def _observe(step: Step, files: FileSystem, trash: Trash) -> tuple[Seen, Path | None]:
    if step.action is Action.MERGE:
        if is_added(step, files):
            return Seen.AFTER, None
        return (Seen.BEFORE if is_as_before(step, files) else Seen.NEITHER), None
    here = files.look(step.path)
    if step.action.links:
        if here is None:
            return Seen.NEITHER, None
        return (Seen.AFTER if is_in_place(step, files, noted=False) else Seen.BEFORE), None
    if step.action is Action.DELETE:
        return (Seen.AFTER if here is None else Seen.BEFORE), None
    if step.action is Action.MOVE:
        assert step.destination
        return _observe_move(step, step.destination, here, files), None
    if here is not None and (here.is_same_file(step.entry) or holds(step.path, step, files)):
        for place in trash.find(step.path, step.entry):
            if _drop_second_name(place, here, files):
                trash.forget(place)
        return Seen.BEFORE, None
    return Seen.AFTER, next(iter(trash.find(step.path, step.entry)), None)


def _observe_move(step: Step, destination: Path, here: Entry | None, files: FileSystem) -> Seen:
    if here is not None and holds(step.path, step, files):
        _drop_second_name(destination, here, files)
        there = files.look(destination)
        if there is not None and there.kind == "file" and there.size == 0 < here.size:
            files.remove(destination, there)  # what holds the name where there are no hard links
        return Seen.BEFORE
    if holds(destination, step, files):
        return Seen.AFTER
    return Seen.NEITHER if here is None else Seen.BEFORE


def _drop_second_name(path: Path, here: Entry, files: FileSystem) -> bool:
    """A file gets its new name before it loses the old one: a crash in between leaves both."""
    there = files.look(path)
    if there is None or not there.is_same_file(here):
        return False
    files.remove(path, there)
    return True
