"""Making sure, right before a copy is acted upon, that it and the kept file are not one under two paths.

Device and inode do not tell: a share and the folder it shares, a pool and its branch, one folder mounted
twice or spelled in two ways give one file two numbers. So the copy gets a fresh name, and then

- that name is looked for beside the kept file: if it is there, both lie in one folder;
- the kept file is opened afresh and read: if it cannot be, it went with the copy.

Neither is enough alone. What is cached still opens (NFS, SMB, overlay, gocryptfs), and what is listed from
memory, or linked on a server, does not show the fresh name (rclone, fuse-overlayfs).
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from visualsearch_cli.acting.action import Entry, FileSystem, Step
from visualsearch_cli.errors import ActionError, FileChanged, OneFile

NEXT = "make the report of one of the two paths alone (`dupes PATH...`)"


def told_apart(step: Step, files: FileSystem, guarded: Iterable[Path] = ()) -> Step:
    """Return a step after its copy was renamed, found to be another file than the kept one, and renamed back.

    `guarded` are further files that nothing may happen to and that have the bytes of the copy. Where a rename
    gives a file another inode, the step that is returned has the new one.

    Raises OneFile if they are, or may be, one; ActionError. `settle` brings back what is still set aside.
    """
    if step.aside is None:
        raise ActionError(f"{step.path} has no name to be set aside under: {NEXT}")
    files.rename_aside(step.path, step.aside)
    try:
        entry = _expected(step, step.aside, files)
        why = _why_one(step, step.keeper, entry, files, step.keeper_entry)
        for path in guarded:
            why = why or _why_one(step, path, entry, files, files.look(path))
    except (ActionError, KeyboardInterrupt):
        files.rename_aside(step.aside, step.path)
        raise
    files.rename_aside(step.aside, step.path, durable=bool(why))
    if why:
        raise OneFile(f"{why}: it is left alone; {NEXT}")
    return replace(step, entry=_expected(step, step.path, files))


def _expected(step: Step, path: Path, files: FileSystem) -> Entry:
    """Return the entry of the copy under a name. Raises FileChanged if it is another file than was hashed."""
    here = files.look(path)
    if here is not None and here.is_unchanged(step.entry):
        return here
    if here is not None and (here.size, here.kind) == (step.entry.size, "file"):
        entry, content_hash = files.read(path)  # another inode, as some file systems give with a new name
        if content_hash == step.content_hash:
            return entry
    raise FileChanged(f"{step.path} was exchanged a moment ago: it is left alone")


def _why_one(step: Step, kept: Path, entry: Entry, files: FileSystem, expected: Entry | None) -> str:
    """Return why a file that is to stay may be the copy, which is set aside now; nothing if it is not."""
    assert step.aside
    if kept.parent != step.path.parent and files.look(kept.with_name(step.aside.name)) is not None:
        beside = files.look(step.path.with_name(kept.name))
        if _alike(kept.name, step.path.name) or (beside is not None and beside.is_same_file(entry)):
            return f"{step.path} and {kept} are one file under two paths: what renames the one renames both"
    if expected is None:
        return f"{kept}, which is to stay, was gone while {step.path} had another name"
    try:
        files.reopen(kept, expected)
    except ActionError as error:
        return f"{step.path} and {kept} may be one file under two paths: while the one was renamed, {error}"
    return ""


def _alike(name: str, other: str) -> bool:
    """Tell whether two names are one on some file system: without case, and however accents are written."""
    return _folded(name) == _folded(other)


def _folded(name: str) -> str:
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())
