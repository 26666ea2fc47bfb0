"""The step that adds to a sidecar: doing it, taking it back, and telling from the file what a crash left.

The journal has what was in the sidecar before and what was in it afterwards, so each can be told from what
somebody else wrote. Both are put in their place whole, under a temporary name first.
"""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path

from visualsearch_cli.acting.action import FileSystem, Sidecar, Step
from visualsearch_cli.errors import FileChanged


def add(step: Step, files: FileSystem) -> None:
    """Write a sidecar. Raises ActionError; FileChanged if it is not what it was when the step was made."""
    sidecar = _of(step)
    if sidecar.before is None:
        files.write_new(step.temporary, sidecar.after)
        written = files.look(step.temporary)
        assert written
        files.rename_new(step.temporary, step.path, written)
    else:
        stamp = replace(step.entry, mtime_ns=time.time_ns())
        files.write_new(step.temporary, sidecar.after, stamp, step.path)
        files.replace(step.temporary, step.path, step.entry)


def take_out(step: Step, files: FileSystem) -> None:
    """Put back what was there before. Raises ActionError."""
    sidecar = _of(step)
    here = files.look(step.path)
    if here is None or not is_added(step, files):
        raise FileChanged(f"{step.path} changed since it was added to: it is left alone")
    if sidecar.before is None:
        files.remove(step.path, here)
    else:
        files.write_new(step.temporary, sidecar.before, step.entry, step.path)
        files.replace(step.temporary, step.path, here)


def is_added(step: Step, files: FileSystem) -> bool:
    """Tell whether a sidecar is as the step left it."""
    return _contents(step.path, files) == _of(step).after


def is_as_before(step: Step, files: FileSystem) -> bool:
    """Tell whether a sidecar is as it was before the step, or is not there if it was not."""
    if _of(step).before is None:
        return files.look(step.path) is None
    return _contents(step.path, files) == _of(step).before


def _of(step: Step) -> Sidecar:
    assert step.sidecar is not None
    return step.sidecar


def _contents(path: Path, files: FileSystem) -> bytes | None:
    here = files.look(path)
    return files.contents(path) if here is not None and here.kind == "file" else None
