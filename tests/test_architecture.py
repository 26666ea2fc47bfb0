"""The order of the packages, and what each may import. docs/architecture.md has a picture of it."""

from __future__ import annotations

import ast
import gc
import sys
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.helpers.places import PACKAGE

pytestmark = pytest.mark.xdist_group("architecture")  # one process reads all modules, for all of them

NAME = PACKAGE.name
ORDER = [
    "errors",
    "named_tuples",
    "progress",
    "wording",
    "fields",
    "atomic",
    "remembered",
    "doors",
    "decoding_marks",
    "watched",
    "ahead",
    "onnx_sessions",
    "vectors",
    "pictures",
    "embedders",
    "detectors",
    "calibration",
    "verdicts",
    "reports",
    "index",
    "indexing",
    "store",
    "watching",
    "search",
    "duplicates",
    "acting",
    "elsewhere",
    "evaluation",
    "learning",
    "plots",
    "for_programs",
    "library",
    "pages",
    "cli",
    "__main__",
]
"""A package imports only what stands left of it."""

HIDDEN = {"index.sqlite": "index", "verdicts.opencv": "verdicts"}
"""Packages that only their own package imports, as it does modules whose names begin with an underscore."""

MOST_MODULES = 15  # of a folder but `commands`: a listing that is read at a glance
REPEATED = {"cli.commands", "cli.output", *HIDDEN}  # folders whose modules may be called as others are

LIGHT = {
    "for_programs",
    "library",
    "cli",
    "errors",
    "named_tuples",
    "progress",
    "wording",
    "fields",
    "atomic",
}
HEAVY = {"numpy", "PIL", "cv2", "onnxruntime", "hnswlib", "torch", "open_clip", "safetensors", "jinja2"}
HEAVY |= {
    "pymilvus",
    "milvus_lite",
    "fsspec",
    "watchdog",
    "timm",
    "sklearn",
    "umap",
    "send2trash",
    "rawpy",
    "starlette",
    "uvicorn",
}
MAY_IMPORT = {
    "atomic": {"platformdirs"},
    "onnx_sessions": {"onnxruntime"},
    "vectors": {"numpy", "hnswlib", "onnxruntime"},
    "pictures": {"numpy", "PIL", "rawpy", "pillow_heif", "pillow_jxl"},
    "pictures.codecs.avif": {"numpy", "PIL", "cv2"},
    "embedders": {
        *(
            "numpy",
            "cv2",
            "PIL",
            "onnxruntime",
            "torch",
            "open_clip",
            "timm",
            "safetensors",
            "huggingface_hub",
            "tokenizers",
        ),
    },
    "detectors": {"numpy", "cv2"},
    "calibration": {"numpy"},
    "calibration.edited_copies": {"numpy", "PIL"},
    "verdicts": {"numpy"},
    "verdicts.opencv": {"numpy", "cv2"},
    "reports": {"jinja2", "markupsafe"},
    "reports.thumbnails": {"PIL"},
    "index": {"numpy", "filelock", "pathspec"},
    "indexing": {"numpy"},
    "indexing.parts.object_storage": {"fsspec"},
    "store": {"numpy"},
    "store.milvus": {"pymilvus", "milvus_lite"},
    "watching.observing": {"watchdog"},
    "search": {"numpy"},
    "duplicates": {"numpy"},
    "duplicates.decided": {"filelock"},
    "acting": {"filelock", "send2trash"},
    "evaluation": {"numpy"},
    "learning": {"numpy"},
    "plots": {"numpy", "PIL", "jinja2", "markupsafe"},
    "plots.layout": {"numpy", "sklearn", "umap"},
    "for_programs": {"numpy"},
    "pages": {"numpy", "PIL"},
    "pages.asking.search_pages": {"starlette"},
    "pages.serving": {"uvicorn"},
    "pages.frame": {"jinja2", "starlette"},
    "pages.site": {"markupsafe", "starlette"},
    "cli": {"numpy", "typer", "click", "rich", "tomli"},
    "cli.output.iterm": {"PIL", "rich"},
    "cli.output.preview": {"PIL", "rich", "textual_image"},
}
"""Which packages of others each of ours may import; the longest name that fits decides."""


class Import(NamedTuple):
    """An import, wherever it stands: in a function, or under TYPE_CHECKING."""

    module: str  # that imports, without the name of the package
    target: str  # what is imported, in full
    is_late: bool  # not while the module itself is imported


def name_of(path: Path) -> str:
    parts = path.relative_to(PACKAGE).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@cache
def trees() -> dict[str, ast.Module]:
    gc.disable()  # of so many nodes, looking for what became free takes three times as long as the rest
    try:
        return {name_of(path): ast.parse(path.read_text("utf-8")) for path in sorted(PACKAGE.rglob("*.py"))}
    finally:
        gc.freeze()
        gc.enable()


WITH_STATEMENTS = ast.stmt, ast.excepthandler, ast.match_case  # there are no imports in expressions


def is_for_types(test: ast.expr) -> bool:
    """Tell whether a condition asks for TYPE_CHECKING."""
    return any(
        "TYPE_CHECKING" in (getattr(part, "id", ""), getattr(part, "attr", "")) for part in ast.walk(test)
    )


def imports_of(module: str) -> Iterator[Import]:
    pending: list[tuple[ast.AST, bool]] = [(trees()[module], False)]
    while pending:
        node, late = pending.pop()
        late = late or isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
        late = late or (isinstance(node, ast.If) and is_for_types(node.test))
        if isinstance(node, ast.Import):
            yield from (Import(module, alias.name, late) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            inner = node.module.removeprefix(NAME).removeprefix(".")
            for alias in node.names:
                name = f"{inner}.{alias.name}".lstrip(".")
                is_module = node.module.startswith(NAME) and name in trees()
                yield Import(module, f"{NAME}.{name}" if is_module else node.module, late)
        pending += (
            (child, late) for child in ast.iter_child_nodes(node) if isinstance(child, WITH_STATEMENTS)
        )


@cache
def all_imports() -> list[Import]:
    return [found for module in trees() for found in imports_of(module)]


@cache
def own_imports() -> list[Import]:
    return [
        found._replace(target=found.target[len(NAME) + 1 :])
        for found in all_imports()
        if found.target.startswith(NAME + ".")
    ]


def top(module: str) -> str:
    return module.partition(".")[0]


def is_inside(module: str, package: str) -> bool:
    return module == package or module.startswith(package + ".")


def text(found: list[Import]) -> str:
    return "\n".join(f"{an_import.module} imports {an_import.target}" for an_import in found)


def test_every_package_has_its_place() -> None:
    assert {top(module) for module in trees() if module} == set(ORDER)


def test_imports_point_left() -> None:
    wrong = [i for i in own_imports() if ORDER.index(top(i.target)) > ORDER.index(top(i.module or "errors"))]
    assert not wrong, text(wrong)


def test_no_module_is_imported_by_one_that_it_imports() -> None:
    graph: dict[str, set[str]] = {module: set() for module in trees()}
    for found in own_imports():
        if not found.is_late:
            graph[found.module].add(found.target)
    while free := {module for module, targets in graph.items() if not targets & graph.keys()}:
        graph = {module: targets for module, targets in graph.items() if module not in free}
    assert not graph, f"these import each other: {sorted(graph)}"


def test_nobody_imports_what_is_hidden() -> None:
    wrong = [
        found
        for found in own_imports()
        if any(
            is_inside(found.target, hidden) and not is_inside(found.module, face)
            for hidden, face in HIDDEN.items()
        )
        or (
            any(part.startswith("_") and part != "__main__" for part in found.target.split("."))
            and not is_inside(found.module, found.target.rpartition(".")[0])
        )
    ]
    assert not wrong, text(wrong)


@pytest.mark.slow
def test_names_are_imported_from_where_they_are_defined() -> None:
    defined = {f"{NAME}.{module}": set(_names_of(tree)) for module, tree in trees().items()}
    for module, tree in trees().items():
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and node.module in defined:
                modules = {alias.name for alias in node.names if f"{node.module}.{alias.name}" in defined}
                said_again = {alias.name for alias in node.names} - modules - defined[node.module]
                assert not said_again, f"{module} imports {said_again} from {node.module}"


def _names_of(tree: ast.Module | ast.If) -> Iterator[str]:
    for node in [*tree.body, *getattr(tree, "orelse", [])]:
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            yield node.name
        elif isinstance(node, (ast.Assign, ast.AnnAssign)):
            yield from (name.id for name in ast.walk(node) if isinstance(name, ast.Name))
        elif isinstance(node, ast.If):
            yield from _names_of(node)


def test_packages_say_what_they_answer_and_import_nothing() -> None:
    for path in PACKAGE.rglob("__init__.py"):
        tree = trees()[name_of(path)]
        assert len(ast.get_docstring(tree) or "") > 40, (
            f"{path}: say in its docstring what the package answers"
        )
        assert not [node for node in ast.walk(tree) if isinstance(node, (ast.Import, ast.ImportFrom))], path


def test_listings_are_short_and_names_are_used_once() -> None:
    for folder in {path.parent for path in PACKAGE.rglob("*.py")} - {PACKAGE / "cli" / "commands"}:
        names = sorted(path.name for path in folder.glob("[!_]*.py"))
        assert len(names) <= MOST_MODULES, f"{folder}: {names}"
    leaves = [
        module for module in trees() if module and not any(is_inside(module, other) for other in REPEATED)
    ]
    packages = {name_of(path.parent / "__init__.py") for path in PACKAGE.rglob("*.py")}
    counts = Counter(module.rpartition(".")[2] for module in leaves if module not in packages)
    assert not [name for name, count in counts.items() if count > 1]


def test_each_package_imports_its_own_libraries_only() -> None:
    wrong = []
    for found in all_imports():
        library = top(found.target)
        if library == NAME or library in sys.stdlib_module_names:
            continue
        places = [place for place in MAY_IMPORT if is_inside(found.module, place)]
        if library not in (MAY_IMPORT[max(places, key=len)] if places else set()):
            wrong.append(found)
    assert not wrong, text(wrong)


@pytest.mark.slow
def test_only_the_command_line_talks_to_the_terminal() -> None:
    for module, tree in trees().items():
        if top(module) in ("cli", "__main__"):
            continue
        for node in ast.walk(tree):
            assert not (isinstance(node, ast.Name) and node.id in ("print", "input")), f"{module} prints"
            if (
                isinstance(node, ast.Attribute)
                and isinstance(node.value, ast.Name)
                and node.value.id == "sys"
            ):
                assert node.attr not in ("stdin", "stdout", "stderr", "argv"), (
                    f"{module} uses sys.{node.attr}"
                )


@pytest.mark.parametrize(
    "package", ["for_programs", "library", "cli", "errors", "progress", "wording", "fields", "atomic"]
)
def test_heavy_imports_wait(package: str) -> None:
    wrong = [
        i for i in all_imports() if top(i.module) == package and not i.is_late and top(i.target) in HEAVY
    ]
    assert not wrong, text(wrong)
