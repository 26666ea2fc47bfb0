"""The journals of `apply`: a file for each run, JSON lines, only ever appended to.

A line is synced before the action it announces, and another when that is done. After `kill -9` or a power
failure the file ends with a whole line or with a torn one; a torn line announced nothing that was begun.
"""

from __future__ import annotations

import base64
import datetime
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any, get_args

from visualsearch_cli.acting.action import Action, Entry, Event, JournalHeader, Kind, Record, Sidecar, Step
from visualsearch_cli.atomic import UPDATE, sync_folder
from visualsearch_cli.errors import ApplyRunning, JournalUnusable
from visualsearch_cli.fields import Fields, Malformed, parsed
from visualsearch_cli.verdicts.verdict import Verdict

SCHEMA = "visualsearch/journal/1"
SUFFIX = ".jsonl"
APPEND = UPDATE | os.O_APPEND
CLOSED = {"event": "closed"}
KINDS: tuple[Kind, ...] = get_args(Kind)
LARGEST_ID = 2**128 - 1  # of devices and files, on ReFS; 2**64 - 1 elsewhere


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
                f"another process is applying a report or undoing one ({self.path} is locked): "
                "wait for it to end"
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
        try:
            for line in self._lines():
                number = line.integer("number")
                found[number] = _record(line, found.get(number))
        except Malformed as error:
            raise JournalUnusable(
                f"{self.path} is damaged ({error}): move it away; what it says was done stays done"
            ) from error
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

    def _lines(self) -> Iterator[Fields]:
        """Yield what was said of steps. A torn line at the end said nothing."""
        try:
            text = self.path.read_bytes()
        except OSError as error:
            raise _unusable(self.path, error) from error
        whole = text[: text.rfind(b"\n") + 1].splitlines()
        for number, line in enumerate(whole[1:], start=2):
            document = parsed(line)
            if document != CLOSED:
                yield Fields(document, f"line {number}: ")


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
        header = Fields(parsed(first))
        if (schema := header.text("schema")) != SCHEMA:
            raise JournalUnusable(
                f"{path} has the schema {schema!r}, not {SCHEMA!r}: a newer version wrote it, upgrade"
            )
        return JournalFile(
            path,
            JournalHeader(
                id=header.text("id"),
                created=header.text("created"),
                action=header.choice("action", Action),
                report=header.text("report"),
                digest=header.text("digest"),
            ),
        )
    except Malformed as error:
        raise JournalUnusable(f"{path} is not a journal ({error}): move it away") from error


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


def _shallow(value: Step | Entry) -> dict[str, Any]:
    """Return the fields of a value. Not `asdict`, which copies them deeply: most of what a line costs."""
    return {field.name: getattr(value, field.name) for field in fields(value)}


def _step_record(step: Step) -> dict[str, Any]:
    record = _shallow(step)
    record["entry"], record["keeper_entry"] = _shallow(step.entry), _shallow(step.keeper_entry)
    for key in ("path", "keeper", "temporary", "destination", "companion_of", "aside"):
        record[key] = None if record[key] is None else str(record[key])
    record["mounts"] = [str(point) for point in step.mounts]
    if step.sidecar is None:
        del record["sidecar"]
    else:
        before, after = step.sidecar.before, step.sidecar.after
        record["sidecar"] = {"before": None if before is None else _text(before), "after": _text(after)}
    return {**record, "action": step.action.value, "verdict": step.verdict.value}


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


def _sidecar(record: Fields) -> Sidecar:
    return Sidecar(record.optional(record.data, "before"), record.data("after"))


def _record(line: Fields, before: Record | None) -> Record:
    """Return what is known of a step after a line, `before` it this."""
    if "step" in line:
        step = _step(line.inner("step"))
    elif before is not None:
        step = before.step
    else:
        raise Malformed(f"{line.name_of('step')} is missing, and no line before begins this step")
    place = line.path("place") if "place" in line else before.place if before else None
    message = line.text("message") if "message" in line else ""
    return Record(step, line.choice("event", Event), message, place)


def _step(record: Fields) -> Step:
    return Step(
        number=record.integer("number"),
        action=record.choice("action", Action),
        path=record.path("path"),
        keeper=record.path("keeper"),
        verdict=record.choice("verdict", Verdict),
        content_hash=record.content_hash("content_hash"),
        entry=_entry(record.inner("entry")),
        keeper_entry=_entry(record.inner("keeper_entry")),
        temporary=record.path("temporary"),
        destination=record.optional(record.path, "destination"),
        target=record.optional(record.text, "target"),
        companion_of=record.optional(record.path, "companion_of") if "companion_of" in record else None,
        aside=record.optional(record.path, "aside") if "aside" in record else None,  # not before 0.2.0
        sidecar=_sidecar(record.inner("sidecar")) if "sidecar" in record else None,
        mounts=record.paths("mounts") if "mounts" in record else (),  # likewise
    )


def _entry(record: Fields) -> Entry:
    return Entry(
        kind=record.literal("kind", KINDS),
        device=record.integer("device", 0, LARGEST_ID),
        inode=record.integer("inode", 0, LARGEST_ID),
        size=record.integer("size"),
        mtime_ns=record.integer("mtime_ns"),
        mode=record.integer("mode"),
        owner=record.integer("owner"),
        group=record.integer("group"),
        names=record.integer("names"),
        target=record.optional(record.text, "target"),
    )


def _unusable(path: Path, error: OSError) -> JournalUnusable:
    return JournalUnusable(
        f"{path} cannot be used ({error.strerror or error}): nothing is done without a journal; "
        "free some space or set XDG_STATE_HOME to a folder that can be written"
    )
