"""--html: what it refuses before any work is done, and what it says afterwards."""

from __future__ import annotations

from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from tests.helpers.reports import member, report, sample_groups
from visualsearch_cli.cli.dupes_options import Html
from visualsearch_cli.cli.output.console import settings
from visualsearch_cli.cli.output.dupes import write_page
from visualsearch_cli.reports.report import Group
from visualsearch_cli.verdicts.verdict import Verdict

app = typer.Typer()


@app.command()
def command(html: Html = None) -> None:
    """Take the option and say so."""
    print(f"taken: {html}")


@pytest.fixture(autouse=True)
def loud(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "quiet", False)


def outcome(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, arguments, env={"COLUMNS": "300"})
    return result.exit_code, result.output


@pytest.mark.parametrize("name", ["photo.jpg", "report", "report.json", "html"])
def test_only_pages_are_written(tmp_path: Path, name: str) -> None:
    code, shown = outcome("--html", str(tmp_path / name))
    assert code == 2
    assert "must end in .html or .htm" in shown


def test_a_folder_that_is_not_there_is_refused_at_once(tmp_path: Path) -> None:
    code, shown = outcome("--html", str(tmp_path / "no" / "report.html"))
    assert code == 2
    assert "is not a folder" in shown


def test_a_page_is_taken(tmp_path: Path) -> None:
    assert outcome("--html", str(tmp_path / "Report.HTML"))[0] == 0
    assert outcome() == (0, "taken: None\n")


def test_the_page_is_named_when_it_is_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    gone = Group("g", (member(tmp_path / "gone.jpg"), member(tmp_path / "gone2.jpg", Verdict.SAME)))
    unseen = write_page(report(*sample_groups()[:2], gone), tmp_path / "report.html")
    out, err = capsys.readouterr()
    assert out == ""
    assert [Path(item.path).name for item in unseen] == ["gone.jpg", "gone2.jpg"]
    assert err.splitlines()[-1].startswith(f"wrote {tmp_path / 'report.html'}, ")
