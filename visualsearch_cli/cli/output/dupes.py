"""Groups of duplicates as JSON, CSV or paths, and as a report for `apply`."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from visualsearch_cli.atomic import written_whole
from visualsearch_cli.cli.output.console import RichProgress, note
from visualsearch_cli.cli.output.formats import DupesFormat, to_json
from visualsearch_cli.cli.output.text import Lines, print_paths, printable_text
from visualsearch_cli.reports.report import Group, Report, going_along, is_removable
from visualsearch_cli.reports.report_files import REPORT
from visualsearch_cli.reports.report_json import group_record, member_record, report_record
from visualsearch_cli.wording import short_size

if TYPE_CHECKING:
    from visualsearch_cli.pictures.image import SkippedImage


def print_duplicates(report: Report, format: DupesFormat, *, null: bool) -> None:
    """Print a report."""
    end = "\0" if null else "\n"
    if format is DupesFormat.JSON:
        print(to_json(report_record(report), indent=2))
    elif format is DupesFormat.JSONL:
        for group in report.groups:
            print(to_json(group_record(group)))
    elif format is DupesFormat.CSV:
        print_csv(report.groups)
    elif format is DupesFormat.PATHS:
        print_paths((str(path) for group in report.groups for path in _offered(group)), end)
    elif format is DupesFormat.FDUPES:
        for group in report.groups:  # a blank line ends a group, as fdupes has it
            print_paths((str(member.path) for member in group.members), end)
            print_paths(iter([""]), end)
    else:
        from visualsearch_cli.cli.output.dupes_table import print_report

        print_report(report)


def _offered(group: Group) -> Iterator[Path]:
    """Yield what may be removed of a group: files, and last the companions that go with them."""
    removable = [member for member in group.others if is_removable(member)]
    yield from (member.path for member in removable)
    yield from (companion.path for companion in going_along(removable, [group.kept]))


def print_csv(groups: Iterable[Group]) -> None:
    """Print a row for each member, under the number and id of its group."""
    rows = csv.writer(Lines())
    started = False
    for number, group in enumerate(groups, start=1):
        for member in group.members:
            record = member_record(member)
            for key in ("companion_files", "symlinks"):  # not every file has them
                record.pop(key, None)
            lists = {key: " ".join(record.pop(key)) for key in ("links", "companions")}
            for key in ("only_here", "only_kept"):
                lists[key] = "; ".join(f"{known['field']}: {known['value']}" for known in record.pop(key))
            record = {"group": number, "id": group.id, **record, **lists}
            if not started:
                rows.writerow(record)
                started = True
            rows.writerow([printable_text(value) for value in record.values()])


def write_report(report: Report, path: Path) -> None:
    """Write a report as JSON, whole or not at all.

    Raises OutputRefused if it may not be written over, and VisualSearchError if it cannot be written.
    """
    with written_whole(path, REPORT) as stream:
        stream.write((to_json(report_record(report), indent=2) + "\n").encode("ascii"))


def write_page(report: Report, file: Path) -> list[SkippedImage]:
    """Write a report as a page and say where it is; return the files of which it shows no picture.

    Raises OutputRefused if it may not be written over, and VisualSearchError if it cannot be written.
    """
    from visualsearch_cli.pictures.reader import Decoding
    from visualsearch_cli.reports.page import write_html

    decoding = Decoding()
    unseen = write_html(report, decoding.reader(), file, RichProgress(), decoding.threads)
    if file.is_file():
        note(f"wrote {file}, {short_size(file.stat().st_size)}: open it in a browser")
    return unseen
