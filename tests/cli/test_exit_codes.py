"""There is one list of exit codes: errors and documents go by it."""

from __future__ import annotations

import re

from tests.helpers.places import PROJECT
from visualsearch_cli import errors
from visualsearch_cli.cli.exit_codes import ExitCode

DOCUMENT = PROJECT / "docs" / "exit-codes.md"


def test_the_document_says_of_each_code_what_the_program_says() -> None:
    rows = re.findall(r"^\| (\d+) \| (.*?) \|", DOCUMENT.read_text(encoding="utf-8"), re.MULTILINE)
    assert [(int(code), meaning) for code, meaning in rows] == [(code, code.meaning) for code in ExitCode]


def test_every_error_ends_the_program_with_a_code_of_the_list() -> None:
    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type) and hasattr(kind, "exit_code")]
    assert errors.IndexLocked in kinds
    assert {kind.exit_code for kind in kinds} <= set(ExitCode)
