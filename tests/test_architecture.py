"""No module is imported by one that it imports."""

from __future__ import annotations

import ast
from pathlib import Path

PACKAGE = Path(__file__).parent.parent / "visualsearch_cli"
NAME = "visualsearch_cli"


def modules() -> list[Path]:
    return sorted(PACKAGE.rglob("*.py"))


def imports(path: Path, *, top_level_only: bool = False) -> set[str]:
    """Return the modules a file imports at run time (not those under TYPE_CHECKING)."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    found: set[str] = set()
    pending: list[ast.AST] = [tree]
    while pending:
        node = pending.pop()
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            continue
        if top_level_only and isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            continue
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        if isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
        pending += ast.iter_child_nodes(node)
    return found


def test_no_import_cycles() -> None:
    graph = {path: own_paths(path) for path in modules()}
    done: set[Path] = set()

    def visit(path: Path, trail: tuple[Path, ...]) -> None:
        assert path not in trail, " -> ".join(str(p.relative_to(PACKAGE)) for p in (*trail, path))
        if path in done:
            return
        for other in graph[path]:
            visit(other, (*trail, path))
        done.add(path)

    for path in graph:
        visit(path, ())


def own_paths(path: Path) -> set[Path]:
    """Return the files of the package that a file imports when it is itself imported."""
    found: set[Path] = set()
    for name in imports(path, top_level_only=True):
        if name.startswith(NAME + "."):
            base = PACKAGE.joinpath(*name.split(".")[1:])
            found |= {p for p in (base.with_suffix(".py"), base / "__init__.py") if p.is_file()}
    return found
