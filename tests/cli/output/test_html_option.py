"""--html: what it says afterwards."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.helpers.reports import member, report, sample_groups
from visualsearch_cli.cli.output.console import settings
from visualsearch_cli.cli.output.dupes import write_page
from visualsearch_cli.reports.report import Group
from visualsearch_cli.verdicts.verdict import Verdict


@pytest.fixture(autouse=True)
def loud(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "quiet", False)


@pytest.mark.slow
def test_the_page_is_named_when_it_is_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    gone = Group("g", (member(tmp_path / "gone.jpg"), member(tmp_path / "gone2.jpg", Verdict.SAME)))
    unseen = write_page(report(*sample_groups()[:2], gone), tmp_path / "report.html")
    out, err = capsys.readouterr()
    assert out == ""
    assert [Path(item.path).name for item in unseen] == ["gone.jpg", "gone2.jpg"]
    assert err.splitlines()[-1].startswith(f"wrote {tmp_path / 'report.html'}, ")
