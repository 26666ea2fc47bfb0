"""The log of what was decided: lines of JSON that are only ever appended, each on the disk before it counts.

Every process that reviews the groups of one index has the same log open, and reads what others add to it. So
two tabs, or two processes, lose nothing of each other: of two decisions about one group the later one counts.
After a crash the log ends with a whole line or a torn one; a torn line was never told to anybody as kept.
"""

from __future__ import annotations

import datetime
import hashlib
import json
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import Any

from visualsearch_cli.atomic import CREATE, UPDATE
from visualsearch_cli.duplicates.ignored import pictures_of
from visualsearch_cli.errors import VisualSearchError
from visualsearch_cli.fields import Fields, Malformed, parsed
from visualsearch_cli.index.records import Pictures
from visualsearch_cli.reports.report import Group

SCHEMA = "visualsearch/review/1"
PATIENCE = 10.0  # seconds to wait for another process that appends a line


class Choice(str, Enum):
    """What becomes of a group."""

    REMOVE = "remove"  # what is offered goes, but for what is spared
    ALL = "all"  # all of it stays
    DIFFERENT = "different"  # all stays, since its pictures are no duplicates of each other


@dataclass(frozen=True, slots=True)
class GroupDecision:
    """What was decided about a group."""

    group: str  # its id
    files: str  # tells whether it still has the files that were looked at
    keep: Path  # the file to keep, the proposed one or another
    choice: Choice | None = None  # None: nothing yet but which file to keep
    spared: tuple[Path, ...] = ()  # files that stay although they are offered
    pictures: Pictures = field(default_factory=dict)  # of Choice.DIFFERENT: its contents, and files of each


@dataclass(frozen=True, slots=True)
class Act:
    """Decisions that were made at one time, and are taken back together."""

    id: str
    created: str  # ISO 8601, UTC
    decisions: tuple[GroupDecision, ...]
    rule: str = ""  # the folder that a rule is about; empty: it is no rule


@dataclass(slots=True)
class _Known:
    """What a log says as far as it was read."""

    acts: dict[str, Act] = field(default_factory=dict)  # by id, in the order they were made
    undone: set[str] = field(default_factory=set)
    ignored: dict[str, int] = field(default_factory=dict)  # acts that the index knows, by which number
    forgotten: set[str] = field(default_factory=set)  # acts that the index knew, and does no longer
    applied: dict[str, tuple[str, ...]] = field(default_factory=dict)  # ids of groups, by journal
    returned: set[str] = field(default_factory=set)  # journals that were taken back


class ReviewLog:
    """What was decided about the groups of an index. Not for several threads at a time."""

    def __init__(self, path: Path) -> None:
        """Take the file; it is made with the first act."""
        self.path = path
        self._known = _Known()
        self._read = 0  # bytes

    def length(self) -> int:
        """Return how many bytes count by now: it grows with everything that anybody adds."""
        self._go_on()
        return self._read

    def acts(self) -> list[Act]:
        """Return the acts that count, oldest first."""
        self._go_on()
        return [act for id, act in self._known.acts.items() if id not in self._known.undone]

    def decisions(self) -> dict[str, GroupDecision]:
        """Return what holds now about each group, by its id."""
        found: dict[str, GroupDecision] = {}
        for act in self.acts():
            for decision in act.decisions:
                found[decision.group] = decision
        return found

    def applied(self) -> dict[str, str]:
        """Return the journal of each group that was acted upon and not taken back since, by its id."""
        self._go_on()
        found: dict[str, str] = {}
        for journal, groups in self._known.applied.items():
            if journal not in self._known.returned:
                found |= dict.fromkeys(groups, journal)
        return found

    def add(self, decisions: Sequence[GroupDecision], rule: str = "") -> Act:
        """Remember an act. It is on the disk when this returns. Raises VisualSearchError."""
        act = Act(os.urandom(8).hex(), _now(), tuple(decisions), rule)
        with self._writing():
            self._append(_act_record(act))
        return act

    def undo_last(self) -> Act | None:
        """Take back the last act that counts, whoever made it, and return it; None if there is none."""
        with self._writing():
            acts = self.acts()
            if not acts:
                return None
            self._append({"undo": acts[-1].id})
        return acts[-1]

    def note_applied(self, journal: str, groups: Iterable[str]) -> None:
        """Remember which groups a journal of `apply` is about."""
        with self._writing():
            self._append({"applied": journal, "groups": list(groups)})

    def note_returned(self, journal: str) -> None:
        """Remember that a journal was taken back."""
        with self._writing():
            self._append({"returned": journal})

    @contextmanager
    def settling(self) -> Iterator[Unsettled]:
        """Be the one who tells the index what it does not know yet about pictures that are no duplicates."""
        with self._writing():
            yield Unsettled(self)

    def unsettled(self) -> int:
        """Return how many decisions the index does not know yet."""
        self._go_on()
        left = Unsettled(self)
        return len(left.to_ignore()) + len(left.to_forget())

    def _go_on(self) -> None:
        """Read what was added since."""
        try:
            if os.stat(self.path).st_size <= self._read:
                return
            with open(self.path, "rb") as stream:
                stream.seek(self._read)
                data = stream.read()
        except FileNotFoundError:
            return
        except OSError as error:
            raise _unusable(self.path, error) from error
        whole = data.rfind(b"\n") + 1
        for line in data[:whole].splitlines():
            try:
                _note(self._known, Fields(parsed(line)))
            except Malformed as error:
                raise VisualSearchError(
                    f"{self.path} is damaged ({error}): move it away, and decide anew"
                ) from error
        self._read += whole

    @contextmanager
    def _writing(self) -> Iterator[None]:
        """Hold the lock of the log, with all that is in it read, and no torn line at its end."""
        from filelock import FileLock, Timeout

        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            lock = FileLock(self.path.with_suffix(".lock"), timeout=PATIENCE)
            lock.acquire()
        except Timeout as error:
            raise VisualSearchError(f"{self.path} is locked by another process: try again") from error
        except OSError as error:
            raise _unusable(self.path, error) from error
        try:
            self._go_on()
            yield
        finally:
            lock.release()

    def _append(self, line: dict[str, Any]) -> None:
        """Add a line. The caller holds the lock."""
        data = (json.dumps(line) + "\n").encode("ascii")
        try:
            is_new = not self.path.exists()
            handle = os.open(self.path, CREATE if is_new else UPDATE, 0o600)
            try:
                if not self._read:
                    data = (json.dumps({"schema": SCHEMA}) + "\n").encode("ascii") + data
                if os.fstat(handle).st_size > self._read:
                    os.ftruncate(handle, self._read)  # what a crash tore was never kept
                os.lseek(handle, 0, os.SEEK_END)
                while data:
                    data = data[os.write(handle, data) :]
                os.fsync(handle)
            finally:
                os.close(handle)
        except OSError as error:
            raise _unusable(self.path, error) from error
        self._go_on()


class Unsettled:
    """What the index has to be told, while nobody else tells it."""

    def __init__(self, log: ReviewLog) -> None:
        self._log = log

    def to_ignore(self) -> list[tuple[Act, GroupDecision]]:
        """Return what is no duplicate by an act that counts, and is not known to the index."""
        return [
            (act, decision)
            for act in self._log.acts()
            if act.id not in self._log._known.ignored
            for decision in act.decisions
            if decision.choice is Choice.DIFFERENT
        ]

    def to_forget(self) -> list[tuple[Act, int]]:
        """Return what was taken back, and is still known to the index under a number."""
        known = self._log._known
        return [
            (known.acts[id], number)
            for id, number in known.ignored.items()
            if id in known.undone and id not in known.forgotten
        ]

    def note_ignored(self, act: Act, number: int) -> None:
        """Remember that the index knows it now."""
        self._log._append({"ignored": act.id, "number": number})

    def note_forgotten(self, act: Act) -> None:
        """Remember that the index knows it no longer."""
        self._log._append({"forgotten": act.id})


def files_of(group: Group) -> str:
    """Return what tells the files of a group from others, whichever of them is kept: a hash, hexadecimal."""
    files = sorted((str(member.path), member.content_hash) for member in group.members)
    return hashlib.blake2b(json.dumps(files).encode("ascii"), digest_size=16).hexdigest()


def decision_about(
    group: Group, keep: Path, choice: Choice | None = None, spared: Sequence[Path] = ()
) -> GroupDecision:
    """Return a decision: which file of a group is kept, and, unless that is all, what becomes of it."""
    pictures = pictures_of(group) if choice is Choice.DIFFERENT else {}
    return GroupDecision(group.id, files_of(group), keep, choice, tuple(spared), pictures)


def _act_record(act: Act) -> dict[str, Any]:
    groups = []
    for decision in act.decisions:
        record: dict[str, Any] = {"group": decision.group, "files": decision.files}
        record["keep"] = str(decision.keep)
        if decision.choice is not None:
            record["choice"] = decision.choice.value
        if decision.spared:
            record["spared"] = [str(path) for path in decision.spared]
        if decision.pictures:
            record["pictures"] = [{"hash": key, "files": count} for key, count in decision.pictures.items()]
        groups.append(record)
    return {"act": act.id, "created": act.created, "rule": act.rule, "groups": groups}


def _note(known: _Known, line: Fields) -> None:
    """Take in a line. Raises Malformed."""
    if "schema" in line:
        if line.text("schema") != SCHEMA:
            raise Malformed(f"it has the schema {line.text('schema')!r}, expected {SCHEMA!r}")
    elif "act" in line:
        id = line.text("act")
        decisions = tuple(map(_decision, line.each("groups")))
        known.acts[id] = Act(id, line.text("created"), decisions, line.text("rule"))
    elif "undo" in line:
        known.undone.add(line.text("undo"))
    elif "ignored" in line:
        known.ignored[line.text("ignored")] = line.integer("number")
    elif "forgotten" in line:
        known.forgotten.add(line.text("forgotten"))
    elif "applied" in line:
        known.applied[line.text("applied")] = line.texts("groups")
    else:
        known.returned.add(line.text("returned"))


def _decision(record: Fields) -> GroupDecision:
    return GroupDecision(
        record.text("group"),
        record.text("files"),
        record.path("keep"),
        record.choice("choice", Choice) if "choice" in record else None,
        record.paths("spared") if "spared" in record else (),
        _pictures(record) if "pictures" in record else {},
    )


def _pictures(record: Fields) -> Mapping[str, int]:
    return {each.content_hash("hash"): each.integer("files", least=1) for each in record.each("pictures")}


def _now() -> str:
    return datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds")


def _unusable(path: Path, error: OSError) -> VisualSearchError:
    return VisualSearchError(
        f"{path} cannot be used ({error.strerror or error}): decisions are kept there; free some space or "
        "set XDG_STATE_HOME to a folder that can be written"
    )
