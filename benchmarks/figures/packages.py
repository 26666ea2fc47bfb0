"""The packages of the program, as the code has them: what each answers, and which others it imports."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from benchmarks.places import PROJECT

SOURCE = PROJECT / "visualsearch_cli"
ORDER_IN = PROJECT / "tests" / "test_architecture.py"


@dataclass(frozen=True, slots=True)
class Package:
    """A package, or a module that stands beside the packages."""

    name: str
    question: str  # the first sentence of its docstring
    imports: tuple[str, ...]  # of the program, in the order of the packages
    is_module: bool  # a single one below all packages, which all may use


def package_of(path: Path) -> str | None:
    """Return the package that a file belongs to, or the name of a module beside the packages."""
    if not path.is_relative_to(SOURCE):
        return None
    return path.relative_to(SOURCE).parts[0].removesuffix(".py")


@cache
def order() -> tuple[str, ...]:
    """Return the packages, lowest first. The list is the one that the test of the architecture holds."""
    for node in ast.parse(ORDER_IN.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "ORDER":
            names: list[str] = ast.literal_eval(node.value)
            return tuple(name for name in names if name != "__main__")
    raise SystemExit(f"{ORDER_IN} has no list ORDER: name it so, or change {Path(__file__).name}")


@cache
def packages() -> tuple[Package, ...]:
    """Return all packages and the modules beside them, lowest first."""
    return tuple(_package(name) for name in order())


def _package(name: str) -> Package:
    module = SOURCE / f"{name}.py"
    face = module if module.is_file() else SOURCE / name / "__init__.py"
    files = [module] if module.is_file() else sorted((SOURCE / name).rglob("*.py"))
    imported = {other for path in files for other in _imported(path)} - {name}
    return Package(
        name,
        _first_sentence(ast.get_docstring(_parsed(face)) or ""),
        tuple(other for other in order() if other in imported),
        all((SOURCE / f"{other}.py").is_file() for other in order()[: order().index(name) + 1]),
    )


def _imported(path: Path) -> Iterator[str]:
    """Yield what a file imports of the program, at any depth."""
    for node in ast.walk(_parsed(path)):
        if isinstance(node, ast.ImportFrom) and node.module == SOURCE.name:
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from _below(node.module)
        elif isinstance(node, ast.Import):
            for alias in node.names:
                yield from _below(alias.name)


def _below(module: str) -> Iterator[str]:
    parts = module.split(".")
    if parts[0] == SOURCE.name and len(parts) > 1:
        yield parts[1]


@cache
def _parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def _first_sentence(docstring: str) -> str:
    paragraph = " ".join(docstring.split("\n\n")[0].split())
    ends = [place + 1 for mark in ("? ", ". ") if (place := paragraph.find(mark)) >= 0]
    return paragraph[: min(ends)] if ends else paragraph


def direct(edges: frozenset[tuple[str, str]]) -> frozenset[tuple[str, str]]:
    """Return the arrows that no chain of other arrows replaces. There must be no circle."""
    return frozenset(edge for edge in edges if not _leads(edges - {edge}, *edge))


def _leads(edges: frozenset[tuple[str, str]], start: str, end: str) -> bool:
    pending, seen = [start], {start}
    while pending:
        here = pending.pop()
        following = {target for source, target in edges if source == here} - seen
        if end in following:
            return True
        seen |= following
        pending += following
    return False
