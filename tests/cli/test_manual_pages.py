"""The manual pages say what the help says."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tools.manual_pages import FOLDER, date_of, names, page
from visualsearch_cli.cli.manual import COMMANDS, WHOLE, Entry

PAGES = [FOLDER / f"{name}.1" for name in names()]
RENDERERS = {
    "mandoc": ["mandoc", "-T", "utf8", "-W", "style"],
    "groff": ["groff", "-man", "-ww", "-T", "utf8"],
}


def test_there_is_a_page_of_each_command_and_no_other() -> None:
    assert set(FOLDER.iterdir()) == set(PAGES)


@pytest.mark.slow
@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_pages_are_as_they_would_be_written_now(path: Path) -> None:
    text = path.read_text(encoding="ascii")
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", date_of(text))
    assert text == page(path.stem, date_of(text)), "the help has changed: run `make man`"


@pytest.mark.slow
@pytest.mark.parametrize(("name", "entry"), [*zip(names(), (WHOLE, *COMMANDS.values()), strict=True)])
def test_pages_end_with_examples_and_exit_codes(name: str, entry: Entry) -> None:
    end = page(name, "2000-01-01").partition(".SH EXAMPLES")[2].replace(r"\-", "-").replace(r"\(ti", "~")
    for example in entry.examples:
        assert f"\n.EX\n{example.line}\n.EE\n" in end
    assert re.findall(r"\.TP\n\\fB(\d+)\\fR\n", end) == [str(code.value) for code in entry.exit_codes]


@pytest.mark.slow
@pytest.mark.parametrize("renderer", RENDERERS)
def test_pages_are_rendered_without_warnings_and_show_what_is_typed(renderer: str) -> None:
    if shutil.which(renderer) is None:
        pytest.skip(f"{renderer} is not installed")
    done = subprocess.run(
        [*RENDERERS[renderer], *PAGES], capture_output=True, text=True, encoding="utf-8", check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    shown = {line.strip() for line in done.stdout.splitlines()}
    assert {example.line for entry in (WHOLE, *COMMANDS.values()) for example in entry.examples} <= shown
