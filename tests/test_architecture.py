"""Dependencies point inwards: domain, then workflows, then adapters, then the command line."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "visualsearch_cli"
NAME = "visualsearch_cli"

DOMAIN = {"__init__", "catalog", "embedder", "errors", "image", "index", "match", "progress"}
DOMAIN |= {"formats", "transforms", "calibration", "evidence", "report", "report_json", "regions"}
DOMAIN |= {"action", "differences", "wording", "comparison", "verdicts", "fit_words", "calibration_json"}
DOMAIN |= {"content_hash", "boxes", "stretches"}
WORKFLOWS = {"embedding", "graphs", "indexing", "loading", "querying", "recall", "roots"}
WORKFLOWS |= {"search_plan", "searching", "combined", "vectors", "likeness", "region_indexing"}
WORKFLOWS |= {"blocks", "borders", "derived", "collection", "evaluation", "labels", "ranking"}
WORKFLOWS |= {"candidates", "near", "keeping", "items", "scope", "grouping", "grouped", "duplicates"}
WORKFLOWS |= {"turns", "review", "stars", "rescan", "walked"}
WORKFLOWS |= {"selecting", "applying", "steps", "undoing"}
WORKFLOWS |= {"judging", "comparing", "calibrating", "tails", "proving", "unindexed"}
ADAPTERS = {
    "picture_facts": {"numpy", "PIL"},
    "exact": {"numpy"},
    "hnsw": {"numpy", "hnswlib"},
    "graph_files": set(),
    "block_files": {"numpy"},
    "vector_block": {"numpy"},
    "index_folder": {"filelock"},
    "filesystem": set(),
    "disk": set(),
    "reflink": set(),
    "trash": {"send2trash"},
    "journal_file": {"filelock"},
    "whole_file": set(),
    "memory_gate": set(),
    "html_report": {"jinja2", "markupsafe", "PIL"},
    "pillow": {"numpy", "PIL"},
    "raw_files": {"PIL"},
    "libraw": {"numpy", "PIL", "rawpy"},
    "image_reader": set(),
    "color": {"numpy", "PIL"},
    "edits": {"numpy", "PIL"},
    "vector_file": {"numpy"},
    "sqlite": {"numpy", "sqlite3"},
    "opencv": {"numpy", "cv2"},
    "embedders": {
        "numpy",
        "PIL",
        "onnxruntime",
        "torch",
        "open_clip",
        "safetensors",
        "huggingface_hub",
    },
}
HEAVY = {"numpy", "PIL", "onnxruntime", "torch", "open_clip", "hnswlib", "safetensors", "jinja2"}
HEAVY |= {"cv2", "send2trash", "rawpy"}


def modules() -> list[Path]:
    return sorted(PACKAGE.rglob("*.py"))


def ring(path: Path) -> str:
    top = path.relative_to(PACKAGE).parts[0].removesuffix(".py")
    if top in DOMAIN:
        return "domain"
    if top in WORKFLOWS:
        return "workflow"
    if top in ADAPTERS:
        return "adapter"
    assert top in {"cli", "__main__"}, f"{path} belongs to no ring: add it to one"
    return "cli"


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


def outside(path: Path) -> set[str]:
    """Return the top names of what a file imports from neither the standard library nor the package."""
    tops = {name.split(".")[0] for name in imports(path)}
    return tops - set(sys.stdlib_module_names) - {NAME}


def own(path: Path) -> set[str]:
    """Return the package's own top modules a file imports."""
    names = {name for name in imports(path) if name.startswith(NAME + ".")}
    return {name.split(".")[1] for name in names}


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_point_inwards(path: Path) -> None:
    where = ring(path)
    if where == "domain":
        assert not outside(path)
        assert own(path) <= DOMAIN
    elif where == "workflow":
        assert outside(path) <= {"numpy"}
        assert own(path) <= DOMAIN | WORKFLOWS | {"filesystem"}
    elif where == "adapter":
        top = path.relative_to(PACKAGE).parts[0].removesuffix(".py")
        assert outside(path) <= ADAPTERS[top]
        assert "cli" not in own(path)
        assert not own(path) & {"indexing", "searching", "querying", "graphs"}


@pytest.mark.parametrize(
    "path",
    [p for p in modules() if ring(p) in {"cli", "domain"}],
    ids=lambda p: str(p.relative_to(PACKAGE)),
)
def test_heavy_imports_wait(path: Path) -> None:
    assert not {name.split(".")[0] for name in imports(path, top_level_only=True)} & HEAVY


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
