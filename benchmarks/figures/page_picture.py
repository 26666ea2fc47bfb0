"""Draws docs/dupes-page.webp: the page of a report of sample_images, as a browser shows it.

Without a report, the groups are those of sample_images/truth.csv.
"""

from __future__ import annotations

import argparse
import dataclasses
import tempfile
from pathlib import Path

from benchmarks.places import DOCS, PROJECT
from tests.helpers.browser import browser, screenshot
from tests.helpers.reports import report, sample_groups
from visualsearch_cli.pictures.pillow import PillowReader
from visualsearch_cli.progress import NoProgress
from visualsearch_cli.reports.page import write_html
from visualsearch_cli.reports.report import Group
from visualsearch_cli.reports.report_json import read_report

PICTURE = DOCS / "dupes-page.webp"
GROUPS = 2
SIZE = (1120, 1345)  # pixels of the window


def main() -> None:
    """Write the page into a temporary folder and save what a browser shows of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("report", nargs="?", type=Path, help="JSON of the duplicates in sample_images")
    given: Path | None = parser.parse_args().report
    if not browser():
        raise SystemExit("neither Chromium nor Chrome is installed")
    found = read_report(given.read_text(), str(given)) if given else report(*sample_groups())
    groups = sorted(found.groups, key=_variety, reverse=True)[:GROUPS]
    found = dataclasses.replace(found, groups=tuple(groups))
    with tempfile.TemporaryDirectory() as folder:
        page = Path(folder, "report.html")
        write_html(found, PillowReader(), page, NoProgress(), 2)
        text = page.read_text(encoding="utf-8").replace(
            f"{PROJECT}/", ""
        )  # whose machine it was is no matter
        page.write_text(text, encoding="utf-8")
        screenshot(page, Path(folder, "page.png"), *SIZE).save(PICTURE, quality=80, method=6)
    print(f"{PICTURE}: {PICTURE.stat().st_size / 1e3:.0f} kB")


def _variety(group: Group) -> tuple[int, int, int]:
    """Put groups first that show most: many verdicts, many files."""
    verdicts = {member.verdict for member in group.others}
    return len(verdicts), len(group.members), group.verdict.rank


if __name__ == "__main__":
    main()
