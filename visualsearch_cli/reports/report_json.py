"""A report as JSON, and back: schema visualsearch/dupes/1."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path
from typing import Any

from visualsearch_cli.errors import ReportInvalid
from visualsearch_cli.pictures.image import SkippedImage
from visualsearch_cli.reports.report import SCHEMA, Group, Member, Report
from visualsearch_cli.verdicts.verdict import Verdict


def report_record(report: Report) -> dict[str, Any]:
    """Return a report as JSON has it. Names that are not valid UTF-8 keep their surrogate escapes."""
    return {
        "schema": SCHEMA,
        "index": str(report.index),
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
        [[member_record(member) for member in group.members] for group in report.groups], sort_keys=True
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
    return {
        "path": str(member.path),
        "keep": member.keep,
        "protected": member.protected,
        "verdict": member.verdict.value if member.verdict else None,
        "distance": member.distance,
        "reason": member.reason,
        "width": member.width,
        "height": member.height,
        "bytes": member.size,
        "mtime_ns": member.mtime_ns,
        "content_hash": member.content_hash,
        "links": [str(path) for path in member.links],
        "companions": [str(path) for path in member.companions],
    }


def read_report(text: str, name: str) -> Report:
    """Return the report of a JSON document. `name` is where it came from, for messages.

    Raises ReportInvalid for anything that is not a report of this schema.
    """
    try:
        document = json.loads(text)
    except ValueError as error:
        raise ReportInvalid(
            f"{name} is not JSON ({error}): make it with `visualsearch dupes --json`"
        ) from error
    schema = document.get("schema") if isinstance(document, dict) else None
    if schema != SCHEMA:
        raise ReportInvalid(
            f"{name} has the schema {schema!r}, expected {SCHEMA!r}: make it with `visualsearch dupes --json`"
        )
    try:
        return _report(document)
    except (AttributeError, KeyError, TypeError, ValueError, IndexError) as error:
        raise ReportInvalid(f"{name} is not a whole report ({error!r}): make it again") from error


def _report(document: dict[str, Any]) -> Report:
    return Report(
        index=Path(document["index"]),
        model=str(document["model"]),
        created=str(document["created"]),
        command=str(document["command"]),
        level=Verdict(document["level"]),
        keep=tuple(str(key) for key in document["keep"]),
        groups=tuple(_group(record) for record in document["groups"]),
        skipped=tuple(SkippedImage(item["path"], item["reason"]) for item in document["skipped"]),
    )


def _group(record: dict[str, Any]) -> Group:
    members = tuple(_member(item) for item in record["members"])
    if not members[0].keep or any(member.keep for member in members[1:]):
        raise ValueError(f"group {record['id']} does not begin with the one file to keep")
    return Group(str(record["id"]), members)


def _member(record: dict[str, Any]) -> Member:
    return Member(
        path=_path(record["path"]),
        keep=_is(record["keep"], bool),
        protected=_is(record["protected"], bool),
        verdict=None if record["verdict"] is None else Verdict(record["verdict"]),
        distance=None if record["distance"] is None else float(record["distance"]),
        width=_is(record["width"], int),
        height=_is(record["height"], int),
        size=_is(record["bytes"], int),
        mtime_ns=_is(record["mtime_ns"], int),
        content_hash=str(record["content_hash"]),
        reason=str(record.get("reason", "")),
        links=tuple(_path(path) for path in record.get("links", ())),
        companions=tuple(_path(path) for path in record.get("companions", ())),
    )


def _path(text: Any) -> Path:
    """Return a path that a file system can have."""
    path = Path(text)
    if not path.is_absolute() or b"\0" in os.fsencode(path):
        raise ValueError(f"{path} is not an absolute path")
    return path


def _is(value: Any, kind: type) -> Any:
    """Return a value of the expected type; JSON's true is no number, and "no" is no false."""
    if type(value) is not kind:
        raise ValueError(f"{value!r} is no {kind.__name__}")
    return value
