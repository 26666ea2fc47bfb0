"""Who writes to an index, for those whom the locks of its file system do not tell.

Two mounts of one folder may have locks of their own: so have most file systems over FUSE, and a share and the
folder that it shares. Two writers would spoil the catalog, and so would a reader that takes the journal of a
writer at work for one that a crash left. So a writer leaves a file with its process for as long as it writes.
It counts while this process runs, on the machine that it runs on.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from visualsearch_cli.atomic import CREATE, READ, temporary_name
from visualsearch_cli.errors import IndexLocked
from visualsearch_cli.named_tuples import NamedTuple

NAME = "catalog.sqlite-writer"
LARGEST = 100_000  # bytes: more is no claim


class Claim(NamedTuple):
    """A process that writes to an index, and the path that it goes through."""

    machine: str
    process: int
    started: str  # of the process: numbers are given again
    device: int  # that the folder lies on, seen through this path
    path: str

    def counts(self, folder: Path) -> bool:
        """Tell whether its process runs now, and writes through a path that has other locks than this one.

        On one device there is one lock: who has it knows that the other process ended.
        """
        if self.device == os.stat(folder).st_dev or self.machine != _machine():
            return False
        return self.started == _started(self.process)


@contextmanager
def claimed(folder: Path) -> Iterator[None]:
    """Note that this process writes to the index in a folder. The caller holds the lock.

    Raises IndexLocked if another process does, through a path that has another lock.
    """
    if os.name == "nt":  # there, a share and its folder have the same locks
        yield
        return
    path: Path | None = folder / NAME
    try:
        _make_way(folder / NAME)
        _write(folder / NAME)
    except FileExistsError as error:
        raise _begun(folder) from error
    except OSError:
        path = None  # of a full disk, say, the catalog will tell
    try:
        yield
    finally:
        if path:
            path.unlink(missing_ok=True)


def check_reading(folder: Path) -> None:
    """Check that no process writes to the index in a folder through a path that has other locks.

    Raises IndexLocked.
    """
    claim = _read(folder / NAME)
    if claim and claim.counts(folder):
        raise IndexLocked(f"{_told(folder, claim)}, or use the index through that path")


def _make_way(path: Path) -> None:
    """Remove what a process left that was killed. Raises IndexLocked if the process runs, and OSError."""
    if not os.path.lexists(path):
        return
    claim = _read(path)
    if claim and claim.counts(path.parent):
        raise IndexLocked(_told(path.parent, claim))
    aside = path.with_name(temporary_name())
    os.rename(path, aside)
    if _read(aside) != claim:  # another process made way a moment ago, and this is its own
        os.rename(aside, path)
        raise _begun(path.parent)
    aside.unlink()


def _write(path: Path) -> None:
    process, device = os.getpid(), os.stat(path.parent).st_dev
    claim = Claim(_machine(), process, _started(process), device, str(path.parent))
    handle = os.open(path, CREATE, 0o644)
    try:
        os.write(handle, json.dumps(claim).encode("ascii"))
    finally:
        os.close(handle)
    if _read(path) not in (claim, None):  # another process made way before this was written
        raise _begun(path.parent)


def _read(path: Path) -> Claim | None:
    """Return a claim; None also for what is none, such as one that is not written yet."""
    with suppress(OSError, ValueError), os.fdopen(os.open(path, READ), "rb") as stream:
        match json.loads(stream.read(LARGEST)):
            case [str(machine), int(process), str(started), int(device), str(folder)]:
                return Claim(machine, process, started, device, folder)
    return None


def _told(folder: Path, claim: Claim) -> str:
    return (
        f"{folder} is being written by process {claim.process} through another path, {claim.path}: "
        "wait for it to end"
    )


def _begun(folder: Path) -> IndexLocked:
    return IndexLocked(
        f"{folder} is being written by another process, which began a moment ago: wait for it to end"
    )


def _machine() -> str:
    """Return a name for this machine since it was started, or for a container on it."""
    with suppress(OSError):
        boot = Path("/proc/sys/kernel/random/boot_id").read_text("ascii").strip()
        return f"{boot} {os.stat('/proc/self/ns/pid').st_ino}"
    import platform  # late: a reader mostly meets no claim

    return platform.node()


def _started(process: int) -> str:
    """Return when a process began, as far as the system says; nothing if it does not run."""
    if os.path.isdir("/proc/self"):
        with suppress(OSError):
            words = Path(f"/proc/{process}/stat").read_bytes().rpartition(b")")[2].split()
            if words[0] not in (b"Z", b"X"):  # these ended, and nobody asked how
                return words[19].decode("ascii")  # the 22nd field, counted from the number and the name on
        return ""
    with suppress(ProcessLookupError):
        with suppress(PermissionError):
            os.kill(process, 0)
        return "runs"
    return ""
