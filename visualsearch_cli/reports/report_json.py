"""A report as JSON, and back: schema visualsearch/dupes/1."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from visualsearch_cli.errors import ReportInvalid, VisualSearchError
from visualsearch_cli.fields import Fields, Malformed, parsed
from visualsearch_cli.pictures.image import SkippedImage
from visualsearch_cli.pictures.metadata.values import Known
from visualsearch_cli.reports.report import SCHEMA, Companion, Group, Member, Report, is_removable
from visualsearch_cli.verdicts.evidence import Place
from visualsearch_cli.verdicts.verdict import Verdict


def report_record(report: Report) -> dict[str, Any]:
    """Return a report as JSON has it. Names that are not valid UTF-8 keep their surrogate escapes."""
    return {
        "schema": SCHEMA,
        "index": str(report.index),
        "roots": [str(root) for root in report.roots],
        "model": report.model,
        "created": report.created,
        "command": report.command,
        "level": report.level.value,
        "keep": list(report.keep),
        "groups": [group_record(group) for group in report.groups],
        "skipped": [{"path": item.path, "reason": item.reason} for item in report.skipped],
    }


def report_digest(report: Report) -> str:
    """Return what tells a report from others: a hash (hexadecimal) of its groups, however it is written."""
    groups = json.dumps(
        [[_told_by(member) for member in group.members] for group in report.groups], sort_keys=True
    )
    return hashlib.blake2b(groups.encode("ascii"), digest_size=16).hexdigest()


def group_record(group: Group) -> dict[str, Any]:
    """Return a group as JSON has it."""
    return {
        "id": group.id,
        "verdict": group.verdict.value,
        "bytes_reclaimable": group.bytes_reclaimable,
        "members": [member_record(member) for member in group.members],
    }


def member_record(member: Member) -> dict[str, Any]:
    """Return a member as JSON has it."""
    record: dict[str, Any] = {
        "path": str(member.path),
        "keep": member.keep,
        "protected": member.protected,
        "verdict": member.verdict.value if member.verdict else None,
        "distance": member.distance,
        "reason": member.reason,
        "kept_because": member.why if member.keep else None,
        "offered_because": member.why if is_removable(member) else None,
        "width": member.width,
        "height": member.height,
        "bytes": member.size,
        "taken": member.taken or None,
        "mtime_ns": member.mtime_ns,
        "content_hash": member.content_hash,
        "links": [str(path) for path in member.links],
        "companions": [str(companion.path) for companion in member.companions],
        "differences": place_records(member.differences),
        "only_here": known_records(member.only_here),
        "only_kept": known_records(member.only_kept),
    }
    if any(companion.mtime_ns is not None for companion in member.companions):
        record["companion_files"] = [_companion_record(companion) for companion in member.companions]
    if member.offline:
        record["offline"] = True
    if member.symlinks:
        record["symlinks"] = [str(path) for path in member.symlinks]
    return record


def _companion_record(companion: Companion) -> dict[str, Any]:
    return {
        "path": str(companion.path),
        "bytes": companion.size,
        "mtime_ns": companion.mtime_ns,
        "content_hash": companion.content_hash or None,
        "shared_with": [str(path) for path in companion.shared_with],
    }


def _told_by(member: Member) -> dict[str, Any]:
    """Return what tells a member from others: what version 0.1.0 wrote, whose journals name its reports."""
    record = member_record(member)
    for later in ("differences", "only_here", "only_kept", "kept_because", "offered_because", "taken"):
        del record[later]
    return record


def known_records(known: Iterable[Known]) -> list[dict[str, str]]:
    """Return metadata of one file as JSON has it: `other` is what the other one has in its place."""
    return [{"field": item.field, "value": item.value, "other": item.other} for item in known]


def place_records(places: Iterable[Place]) -> list[dict[str, list[int]]]:
    """Return places where two pictures differ as JSON has them: boxes in pixels of both."""
    return [{"a": list(place.a), "b": list(place.b)} for place in places]


def report_in(path: Path) -> Report:
    """Return the report in a file.

    Raises ReportInvalid if it is none, and VisualSearchError if it cannot be read.
    """
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not UTF-8"
        raise VisualSearchError(f"{path} cannot be read: {reason}") from error
    return read_report(text, str(path))


def read_report(text: str, name: str) -> Report:
    """Return the report of a JSON document. `name` is where it came from, for messages.

    Raises ReportInvalid for anything that is not a report of this schema.
    """
    try:
        document = parsed(text)
    except Malformed as error:
        raise ReportInvalid(f"{name} is {error}: make it with `visualsearch dupes --json`") from error
    schema = document.get("schema") if isinstance(document, dict) else None
    if schema != SCHEMA:
        raise ReportInvalid(
            f"{name} has the schema {schema!r}, expected {SCHEMA!r}: make it with `visualsearch dupes --json`"
        )
    try:
        return _report(Fields(document))
    except Malformed as error:
        raise ReportInvalid(f"{name} is not a whole report ({error}): make it again") from error


def _report(document: Fields) -> Report:
    return Report(
        index=Path(document.text("index")),
        roots=_all_straight(document, "roots") if "roots" in document else (),
        model=document.text("model"),
        created=document.text("created"),
        command=document.text("command"),
        level=document.choice("level", Verdict),
        keep=document.texts("keep"),
        groups=tuple(_group(record) for record in document.each("groups")),
        skipped=tuple(
            SkippedImage(item.text("path"), item.text("reason")) for item in document.each("skipped")
        ),
    )


def _group(record: Fields) -> Group:
    group = Group(record.text("id"), tuple(_member(item) for item in record.each("members")))
    if [member.keep for member in group.members[:1]] != [True] or any(member.keep for member in group.others):
        raise Malformed(f"group {group.id} does not begin with the one file to keep")
    return group


def _member(record: Fields) -> Member:
    return Member(
        path=_straight(record, "path"),
        keep=record.flag("keep"),
        protected=record.flag("protected"),
        verdict=record.optional(lambda name: record.choice(name, Verdict), "verdict"),
        distance=record.optional(record.number, "distance"),
        width=record.integer("width", least=0),
        height=record.integer("height", least=0),
        size=record.integer("bytes", least=0),
        mtime_ns=record.integer("mtime_ns"),
        content_hash=record.content_hash("content_hash"),
        reason=record.text("reason") if "reason" in record else "",
        why=_why(record),
        offline=record.flag("offline") if "offline" in record else False,
        taken=(record.optional(record.text, "taken") or "") if "taken" in record else "",
        links=_all_straight(record, "links") if "links" in record else (),
        companions=_companions(record),
        symlinks=record.paths("symlinks") if "symlinks" in record else (),
        differences=tuple(map(_place, record.each("differences"))) if "differences" in record else (),
        only_here=_known(record, "only_here"),
        only_kept=_known(record, "only_kept"),
    )


def _why(record: Fields) -> str:
    names = ("kept_because", "offered_because")
    found = [record.optional(record.text, name) for name in names if name in record]
    return next(filter(None, found), "")


def _companions(record: Fields) -> tuple[Companion, ...]:
    """Return the companions of a member; other programs, and earlier versions, only name them."""
    if "companion_files" in record:
        return tuple(_companion(item) for item in record.each("companion_files"))
    return tuple(map(Companion, _all_straight(record, "companions"))) if "companions" in record else ()


def _straight(record: Fields, name: str) -> Path:
    """Return a path, but none through "..": behind a link that leads anywhere, and no root has such paths."""
    path = record.path(name)
    if ".." in path.parts:
        raise Malformed(f"{record.name_of(name)} leads through '..': {str(path)!a}")
    return path


def _all_straight(record: Fields, name: str) -> tuple[Path, ...]:
    paths = record.paths(name)
    for number, path in enumerate(paths):
        if ".." in path.parts:
            raise Malformed(f"{record.name_of(name)}[{number}] leads through '..': {str(path)!a}")
    return paths


def _companion(record: Fields) -> Companion:
    return Companion(
        path=_straight(record, "path"),
        size=record.integer("bytes", least=0),
        mtime_ns=record.optional(record.integer, "mtime_ns"),
        content_hash=record.optional(record.content_hash, "content_hash") or "",
        shared_with=record.paths("shared_with"),
    )


def _known(record: Fields, name: str) -> tuple[Known, ...]:
    if name not in record:
        return ()
    return tuple(
        Known(item.text("field"), item.text("value"), item.text("other")) for item in record.each(name)
    )


def _place(record: Fields) -> Place:
    return Place(record.box("a"), record.box("b"))
