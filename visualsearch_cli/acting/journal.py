"""The journals of `apply`: a file for each run, JSON lines, only ever appended to.

A line is synced before the action it announces, and another when that is done. After `kill -9` or a power
failure the file ends with a whole line or with a torn one; a torn line announced nothing that was begun.
"""

from __future__ import annotations

import datetime
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

from visualsearch_cli.acting.action import Action, Entry, Event, JournalHeader, Record, Step
from visualsearch_cli.atomic import UPDATE, sync_folder
from visualsearch_cli.errors import ApplyRunning, JournalUnusable
from visualsearch_cli.verdicts.verdict import Verdict

SCHEMA = "visualsearch/journal/1"
SUFFIX = ".jsonl"
APPEND = UPDATE | os.O_APPEND
CLOSED = {"event": "closed"}


class JournalFolder:
    """All journals of a user."""

    def __init__(self, path: Path) -> None:
        """Take the folder; it is made when the first journal is."""
        self.path = path

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Be the one process that acts: two that keep what the other removes would leave nothing.

        Raises ApplyRunning at once if another process acts.
        """
        from filelock import FileLock, Timeout

        try:
            self.path.mkdir(parents=True, exist_ok=True)
            lock = FileLock(self.path / "lock", timeout=0)
            lock.acquire()
        except Timeout as error:
            raise ApplyRunning(
                f"another process applies a report or undoes one ({self.path} is locked): wait for it to end"
            ) from error
        except OSError as error:
            raise _unusable(self.path, error) from error
        try:
            yield
        finally:
            lock.release()

    def create(self, action: Action, report: str, digest: str) -> JournalFile:
        """Begin a journal."""
        now = datetime.datetime.now(datetime.timezone.utc)
        id = f"{now:%Y%m%d-%H%M%S}-{now.microsecond:06}"  # sorts by time
        header = JournalHeader(id, now.isoformat(timespec="seconds"), action, report, digest)
        journal = JournalFile(self.path / (id + SUFFIX), header)
        journal.begin()
        return journal

    def all(self) -> list[JournalFile]:
        """Return the journals, oldest first."""
        try:
            names = sorted(name for name in os.listdir(self.path) if name.endswith(SUFFIX))
        except FileNotFoundError:
            return []
        except OSError as error:
            raise _unusable(self.path, error) from error
        journals = (_open(self.path / name) for name in names)
        return [journal for journal in journals if journal is not None]


class JournalFile:
    """The journal of one run."""

    def __init__(self, path: Path, header: JournalHeader) -> None:
        """Take the file; `begin` makes it."""
        self.path = path
        self.header = header
        self._handle: int | None = None

    def begin(self) -> None:
        """Make the file, which must be new."""
        try:
            self._handle = os.open(self.path, APPEND | os.O_CREAT | os.O_EXCL, 0o600)
            self._append({"schema": SCHEMA, **asdict(self.header)})
            sync_folder(self.path.parent)
        except OSError as error:
            raise _unusable(self.path, error) from error

    def write(self, step: Step, event: Event, message: str = "", place: Path | None = None) -> None:
        """Add a line. It is on the disk when this returns."""
        line: dict[str, Any] = {"event": event.value, "number": step.number}
        if event.announces:
            line["step"] = _step_record(step)
        if message:
            line["message"] = message
        if place is not None:
            line["place"] = str(place)
        try:
            self._append(line)
        except OSError as error:
            raise _unusable(self.path, error) from error

    def records(self) -> list[Record]:
        """Return the steps, in the order they were begun, with the last thing said of each."""
        found: dict[int, Record] = {}
        for line in self._lines()[1:]:
            if line == CLOSED:
                continue
            number, event = line["number"], Event(line["event"])
            before = found.get(number)
            step = _step(line["step"]) if "step" in line else before.step if before else None
            if step is None:
                raise self._damaged(f"step {number} ends and was never begun")
            place = Path(line["place"]) if "place" in line else before.place if before else None
            found[number] = Record(step, event, line.get("message", ""), place)
        return [found[number] for number in sorted(found)]

    @property
    def is_closed(self) -> bool:
        """Whether nothing is half done. Reads the end of the file only."""
        try:
            with open(self.path, "rb") as stream:
                stream.seek(max(0, os.fstat(stream.fileno()).st_size - len(_line(CLOSED))))
                return stream.read() == _line(CLOSED)
        except OSError as error:
            raise _unusable(self.path, error) from error

    def close(self) -> None:
        """Note that nothing is half done."""
        if self._handle is None and self.is_closed:
            return
        try:
            self._append(CLOSED)
        except OSError as error:
            raise _unusable(self.path, error) from error
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None

    def _append(self, line: dict[str, Any]) -> None:
        if self._handle is None:
            self._handle = _open_to_append(self.path)
        data = _line(line)
        try:
            while data:
                data = data[os.write(self._handle, data) :]
            os.fsync(self._handle)
        except OSError:
            os.close(self._handle)
            self._handle = None  # what was torn is cut off before the next line is written
            raise

    def _lines(self) -> list[dict[str, Any]]:
        try:
            text = self.path.read_bytes()
        except OSError as error:
            raise _unusable(self.path, error) from error
        try:
            return [json.loads(line) for line in text[: text.rfind(b"\n") + 1].splitlines()]
        except ValueError as error:
            raise self._damaged(str(error)) from error

    def _damaged(self, why: str) -> JournalUnusable:
        return JournalUnusable(
            f"{self.path} is damaged ({why}): move it away; what it says was done stays done"
        )


def _open(path: Path) -> JournalFile | None:
    """Return a journal, or None for one that was cut off before its first line was whole."""
    try:
        with open(path, "rb") as stream:
            first = stream.readline()
    except OSError as error:
        raise _unusable(path, error) from error
    if not first.endswith(b"\n"):
        return None
    try:
        header = json.loads(first)
        schema = header.pop("schema")
        if schema != SCHEMA:
            raise JournalUnusable(
                f"{path} has the schema {schema!r}, not {SCHEMA!r}: a newer version wrote it, upgrade"
            )
        return JournalFile(path, JournalHeader(**{**header, "action": Action(header["action"])}))
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise JournalUnusable(f"{path} is no journal ({error}): move it away") from error


def _open_to_append(path: Path) -> int:
    """Open a journal, without the torn line that a crash may have left at its end."""
    handle = os.open(path, APPEND)
    data = path.read_bytes()
    whole = data.rfind(b"\n") + 1
    if whole < len(data):
        os.ftruncate(handle, whole)
        os.fsync(handle)
    return handle


def _line(record: dict[str, Any]) -> bytes:
    return (json.dumps(record) + "\n").encode("ascii")


def _step_record(step: Step) -> dict[str, Any]:
    record = asdict(step)
    for key in ("path", "keeper", "temporary", "destination"):
        record[key] = None if record[key] is None else str(record[key])
    return {**record, "action": step.action.value, "verdict": step.verdict.value}


def _step(record: dict[str, Any]) -> Step:
    paths = {key: Path(record[key]) for key in ("path", "keeper", "temporary")}
    values = {
        **record,
        **paths,
        "destination": None if record["destination"] is None else Path(record["destination"]),
        "action": Action(record["action"]),
        "verdict": Verdict(record["verdict"]),
        "entry": Entry(**record["entry"]),
        "keeper_entry": Entry(**record["keeper_entry"]),
    }
    return Step(**values)


def _unusable(path: Path, error: OSError) -> JournalUnusable:
    return JournalUnusable(
        f"{path} cannot be used ({error.strerror or error}): nothing is done without a journal; "
        "free some space or set XDG_STATE_HOME to a folder that can be written"
    )
