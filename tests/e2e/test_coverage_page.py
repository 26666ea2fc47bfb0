"""docs/coverage.md says what is true: each row that works is held by tests that run all that the row names.

What a row names is read from its fourth column: each `command --option VALUE`, each `--option` of one of
these commands, each `Index.method` or `function(argument=…)`, and each other word in inline code. It must
stand in the code of a test in the last column, a command and its options in that of the same test: among its
strings and names, and those of what it uses of its own file. Docstrings do not count, nor does what users
name: FILE, x.jpg.
"""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import cache
from typing import NamedTuple

import pytest

from tests.helpers.places import PROJECT
from visualsearch_cli.cli.program import COMMANDS
from visualsearch_cli.library import Index

PAGE = (PROJECT / "docs" / "coverage.md").read_text(encoding="utf-8")
ROWS = [
    [cell.strip() for cell in line.strip("|").split(" | ")]
    for line in PAGE.splitlines()
    if re.match(r"\| [A-Z](, [A-Z])* \|", line)
]
STATES = ("works", "left out")
MAKEFILE = (PROJECT / "Makefile").read_text(encoding="utf-8")


class Code(NamedTuple):
    """What a test does, as words."""

    words: frozenset[str]  # of its strings, parted by spaces and "="
    names: frozenset[str]  # that it uses; those of attributes begin with a dot

    def has(self, word: str) -> bool:
        """Tell whether a word of inline code stands in it; of `timm:NAME`, its beginning does."""
        prefix, colon, _ = word.partition(":")
        return word in self.words or (
            bool(colon) and any(each.startswith(prefix + colon) for each in self.words)
        )

    def uses(self, name: str) -> bool:
        """Tell whether it uses a function, an argument or an attribute."""
        return name in self.names or f".{name}" in self.names


@cache
def code_of(held: str) -> Code:
    """Return the code of a test, `path::test` or `path::Class::test`, with what it uses of its own file."""
    path, *inner = held.split("::")
    known = defined_in(ast.parse((PROJECT / path).read_text(encoding="utf-8")))
    for name in inner[:-1]:
        assert name in known, f"{path} has no {name}"
        known |= defined_in(known[name])
    assert inner[-1] in known, f"{path} has no {inner[-1]}"
    words: set[str] = set()
    names: set[str] = set()
    waiting, seen = inner[-1:], set(inner)
    while waiting:
        node = known[waiting.pop()]
        its = set(names_in(node))
        names |= its
        words.update(word for text in strings_in(node) for word in re.split(r"[\s=]+", text))
        waiting += sorted((its & known.keys()) - seen)
        seen |= its
    return Code(frozenset(words), frozenset(names))


def defined_in(scope: ast.AST) -> dict[str, ast.AST]:
    """Return the functions, classes and values that a file or a class defines, by name."""
    found: dict[str, ast.AST] = {}
    for node in ast.iter_child_nodes(scope):
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            found[node.name] = node
        elif isinstance(node, (ast.Assign, ast.AnnAssign)):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            found.update({target.id: node for target in targets if isinstance(target, ast.Name)})
    return found


def names_in(node: ast.AST) -> Iterator[str]:
    """Yield the names that code uses, also of fixtures and arguments; those of attributes with a dot."""
    for inner in ast.walk(node):
        if isinstance(inner, ast.Name):
            yield inner.id
        elif isinstance(inner, ast.Attribute):
            yield f".{inner.attr}"
        elif isinstance(inner, (ast.keyword, ast.arg)) and inner.arg:
            yield inner.arg


def strings_in(node: ast.AST) -> Iterator[str]:
    """Yield the strings of code but its docstrings."""
    told = {
        id(inner.body[0].value)
        for inner in ast.walk(node)
        if isinstance(inner, (ast.FunctionDef, ast.ClassDef)) and isinstance(inner.body[0], ast.Expr)
    }
    for inner in ast.walk(node):
        if isinstance(inner, ast.Constant) and isinstance(inner.value, str) and id(inner) not in told:
            yield inner.value


def is_named_by_users(word: str) -> bool:
    """Tell whether a word stands for what a user names: PATH..., x.jpg, X,Y,W,H, 128."""
    return not re.fullmatch(r"-|--?[a-z][a-z-]*|[a-z]+(-[a-z]+)*|[a-z_]+:.+", word)


def is_run(span: str, commands: Sequence[str], tests: Sequence[str]) -> bool:
    """Tell whether a piece of inline code stands in a test. An option alone is one of the commands."""
    codes = [code_of(test) for test in tests]
    first, *rest = span.split()
    wanted = [word for word in (first, *rest) if not is_named_by_users(word)]
    if first == "make":
        run = re.search(rf"^{rest[0]}:.*\n\t.* -m ([\w.]+)", MAKEFILE, re.MULTILINE)
        return run is not None and any(code.has(run[1]) for code in codes)
    if first == "python":
        return any(code.has(rest[0].rpartition("/")[2]) for code in codes)
    if call := re.fullmatch(r"(?:Index\.(\w+)|(\w+)(?=\())(?:\((.*)\))?", span):
        method, function, arguments = call.groups()
        used = [f".{method}" if method else function, *re.findall(r"(\w+)=", arguments or "")]
        return hasattr(Index, method or "add") and any(all(map(code.uses, used)) for code in codes)
    if first in COMMANDS:
        return any(all(map(code.has, wanted)) for code in codes)
    if first.startswith("-"):
        return any(all(map(code.has, wanted)) for code in codes if any(map(code.has, commands)))
    return any(code.has(span) or code.uses(span) for code in codes)


def test_all_capabilities_are_there_and_counted() -> None:
    counts = Counter(row[2] for row in ROWS)
    assert len(ROWS) == 49 and set(counts) == set(STATES)
    words = (
        f"Of {len(ROWS)} capabilities {counts['works']} work, and {counts['left out']} are left out for a "
        "measured reason."
    )
    assert words in " ".join(PAGE.split())


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[1])
def test_each_row_is_held_by_tests_that_run_what_it_names(row: list[str]) -> None:
    _, _, state, how, held = row
    tests = re.findall(r"`([^`]+)`", held)
    if state != "works":
        assert not held and "measured: " in how.lower() and "](performance.md#" in how
        return
    assert tests and held == ", ".join(f"`{test}`" for test in tests)
    spans = re.findall(r"`([^`]+)`", how)
    commands = [word for word in (span.split()[0] for span in spans) if word in COMMANDS]
    assert [span for span in spans if not is_run(span, commands, tests)] == []


def test_what_no_test_runs_is_found() -> None:
    """The check itself: an option, a value or a method that a test does not use is no longer held by it."""
    test = "tests/e2e/test_adapt.py::test_vectors_become_shorter_without_labels"
    for span, runs in (
        ("adapt FILE --pca --dim 128 --into DIR", True),
        ("adapt FILE --pca --groups REPORT", False),
        ("search", False),
        ("--whiten", True),
        ("--threads N", False),
        ("Index.adapt", False),
        ("Index.adapt(groups=report)", False),
        ("open_index(dim=128)", False),
    ):
        assert is_run(span, ["adapt"], [test]) is runs, span
