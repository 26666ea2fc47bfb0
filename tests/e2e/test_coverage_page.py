"""docs/coverage.md says what is true: each row that works is held by a test that runs what the row names."""

from __future__ import annotations

import ast
import re
from collections import Counter

import pytest

from tests.helpers.places import PROJECT
from visualsearch_cli.cli.program import COMMANDS

PAGE = (PROJECT / "docs" / "coverage.md").read_text(encoding="utf-8")
ROWS = [
    [cell.strip() for cell in line.strip("|").split(" | ")]
    for line in PAGE.splitlines()
    if re.match(r"\| [A-Z](, [A-Z])* \|", line)
]
STATES = ("works", "left out", "absent")


def test_all_capabilities_are_there_and_counted() -> None:
    counts = Counter(row[2] for row in ROWS)
    assert len(ROWS) == 49 and set(counts) == set(STATES)
    words = (
        f"Of {len(ROWS)} capabilities {counts['works']} work, {counts['left out']} are left out for a "
        f"measured reason, and {counts['absent']} is absent"
    )
    assert words in " ".join(PAGE.split())


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[1])
def test_each_row_is_held_by_a_test_that_runs_it(row: list[str]) -> None:
    _, _, state, how, held = row
    if state != "works":
        assert not held
        assert state == "absent" or ("measured: " in how.lower() and "](performance.md#" in how)
        return
    path, _, name = held.strip("`").partition("::")
    text = (PROJECT / path).read_text(encoding="utf-8")
    tree = ast.parse(text)
    functions = {node.name: node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
    assert name in functions, f"{path} has no {name}"
    commands = [word for word in re.findall(r"`([a-z]+)[ `]", how) if word in COMMANDS]
    if commands and "e2e" in path:
        body = ast.get_source_segment(text, functions[name]) or ""
        helpers = " ".join(
            ast.get_source_segment(text, function) or ""
            for helper, function in functions.items()
            if f"{helper}(" in body or f"{helper}:" in body
        )
        assert any(f'"{command}"' in body + helpers for command in commands), (
            f"{name} runs none of {commands}"
        )
