"""Reports and pages are known again, those of earlier versions too; nothing else is taken for one."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.helpers.doubles import FakeReader
from tests.helpers.reports import report, sample_groups
from visualsearch_cli.atomic import check_output
from visualsearch_cli.cli.output.dupes import write_report
from visualsearch_cli.errors import OutputRefused
from visualsearch_cli.progress import NoProgress
from visualsearch_cli.reports.page import write_html
from visualsearch_cli.reports.report_files import GENERATOR, PAGE, REPORT
from visualsearch_cli.reports.report_json import report_record


def test_each_file_replaces_its_own_kind_only(tmp_path: Path) -> None:
    json_file, page = tmp_path / "dupes.json", tmp_path / "dupes.html"
    for _ in range(2):
        write_report(report(*sample_groups()[:1]), json_file)
        write_html(report(), FakeReader(), page, NoProgress(), 1)
    written = json_file.read_bytes(), page.read_bytes()
    with pytest.raises(OutputRefused, match=r"dupes\.html is not a report"):
        write_report(report(), page)
    with pytest.raises(OutputRefused, match=r"dupes\.json is not a page"):
        write_html(report(), FakeReader(), json_file, NoProgress(), 1)
    assert (json_file.read_bytes(), page.read_bytes()) == written
    assert sorted(path.name for path in tmp_path.iterdir()) == ["dupes.html", "dupes.json"]


@pytest.mark.parametrize("indent", [None, 2, 8])
def test_a_report_is_known_however_it_is_laid_out(tmp_path: Path, indent: int | None) -> None:
    path = tmp_path / "r"
    path.write_text(json.dumps(report_record(report()), indent=indent))
    check_output(path, REPORT)
    path.write_text(json.dumps({"schema": "visualsearch/query/1", "results": []}, indent=indent))
    with pytest.raises(OutputRefused):
        check_output(path, REPORT)


def test_a_page_without_the_mark_is_known_by_how_pages_began(tmp_path: Path) -> None:
    path = tmp_path / "dupes.html"
    write_html(report(), FakeReader(), path, NoProgress(), 1)
    text = path.read_text(encoding="utf-8")
    assert text.count(GENERATOR) == 1
    path.write_text(text.replace(GENERATOR, ""), encoding="utf-8")
    check_output(path, PAGE)
    path.write_text(
        text.replace(GENERATOR, "").replace(" of duplicates</title>", "</title>"), encoding="utf-8"
    )
    with pytest.raises(OutputRefused, match="is not a page"):
        check_output(path, PAGE)
