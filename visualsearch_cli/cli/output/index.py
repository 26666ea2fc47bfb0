"""What `index` prints."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from visualsearch_cli.cli.output.formats import to_json
from visualsearch_cli.wording import counted, printable

if TYPE_CHECKING:
    from visualsearch_cli.index.records import Counts, Manifest
    from visualsearch_cli.indexing.summary import IndexReport


def print_index_report(
    report: IndexReport, folder: Path, manifest: Manifest, counts: Counts, *, json: bool
) -> None:
    """Print what an indexing run did."""
    if json:
        document = {
            "schema": "visualsearch/index/1",
            "index": str(folder.absolute()),
            "model": manifest.model.name,
            "found": report.found,
            "embedded": report.embedded,
            "regions": None
            if manifest.regions is None
            else {
                "scheme": manifest.regions,
                "added": report.lacking_regions.added,
                "vectors": counts.region_vectors,
            },
            "second_model": None
            if manifest.other is None
            else {"name": manifest.other.model.name, "added": report.lacking_second.added},
            "reused": report.reused,
            "unchanged": report.unchanged,
            "missing": report.missing,
            "rewritten": report.rewritten,
            "left_out": report.left_out,
            "offline": [root.path for root in report.offline],
            "images": counts.images,
            "skipped": [{"path": item.path, "reason": item.reason} for item in report.skipped],
        }
        print(to_json(document, indent=2))
        return
    print(what_was_done(report))
    total = counted(counts.images, "image") + (f", {counts.missing} missing" if counts.missing else "")
    kind = f"{manifest.model.name}, thorough" if manifest.regions else manifest.model.name
    if manifest.other is not None:
        kind += f"; {manifest.other.model.name}"
    print(f"{printable(str(folder))} holds {total} ({printable(kind)})")


def what_was_done(report: IndexReport) -> str:
    """Say in one line what an indexing run did."""
    parts = [] if report.brought else [f"{report.embedded} embedded"]
    for number, text in (
        (report.lacking_regions.added, "known now have their regions"),
        (report.lacking_second.added, "known now have a vector of the second model"),
        (report.reused, "taken with their vectors" if report.brought else "with known content"),
        (report.unchanged, "unchanged"),
        (len(report.rewritten), "changed behind their size and time"),
        (report.missing, "newly missing"),
        (len(report.skipped), "skipped"),
    ):
        if number:
            parts.append(f"{number} {text}")
    if report.left_out:
        parts.append(
            f"{counted(sum(report.left_out.values()), 'folder')} left out ({', '.join(report.left_out)})"
        )
    return f"{counted(report.found, 'file')}: {', '.join(parts) or 'nothing new'}"
