"""Reports of duplicates for tests, made of files as they are."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Sequence
from pathlib import Path

from visualsearch_cli.reports.report import Companion, Group, Member, Report
from visualsearch_cli.reports.report_json import report_record
from visualsearch_cli.verdicts.verdict import Verdict


def member(
    path: Path,
    verdict: Verdict | None,
    *,
    protected: bool = False,
    links: Sequence[Path] = (),
    companions: Sequence[Path] = (),
) -> Member:
    """Return a member for a file that is there; without a verdict it is the one to keep."""
    data = path.read_bytes()
    return Member(
        path=path,
        keep=verdict is None,
        protected=protected,
        verdict=verdict,
        distance=0.0,
        width=40,
        height=30,
        size=len(data),
        mtime_ns=os.stat(path).st_mtime_ns,
        content_hash=hashlib.blake2b(data, digest_size=32).hexdigest(),
        links=tuple(links),
        companions=tuple(_companion(path) for path in companions),
    )


def _companion(path: Path) -> Companion:
    data = path.read_bytes()
    content_hash = hashlib.blake2b(data, digest_size=32).hexdigest()
    return Companion(path, len(data), os.stat(path).st_mtime_ns, content_hash)


def group(kept: Path | Member, *others: Member, id: str = "g1") -> Group:
    """Return a group that keeps a file."""
    return Group(id, (kept if isinstance(kept, Member) else member(kept, None), *others))


def report(*groups: Group, index: Path = Path("/nowhere/.visualsearch")) -> Report:
    """Return a report."""
    return Report(
        index, "bundled", "2026-01-01T00:00:00+00:00", "dupes", Verdict.EDITED, ("resolution",), groups
    )


def write_report(path: Path, *groups: Group, index: Path = Path("/nowhere/.visualsearch")) -> Path:
    """Write a report as `dupes --json` prints it."""
    path.write_text(json.dumps(report_record(report(*groups, index=index))))
    return path
