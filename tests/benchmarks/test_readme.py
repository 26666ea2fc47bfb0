"""Benchmarks are all told of, and are where the documents and the Makefile say."""

from __future__ import annotations

import re
from importlib.util import find_spec

from benchmarks.places import PROJECT


def test_every_benchmark_is_in_the_readme() -> None:
    makefile = (PROJECT / "Makefile").read_text("utf-8")
    readme = (PROJECT / "benchmarks" / "README.md").read_text("utf-8")
    targets = re.findall(
        r"^((?:bench|calibrate)-[a-z-]+|[a-z-]*picture|architecture):", makefile, re.MULTILINE
    )
    assert "bench-start" in targets
    assert [target for target in targets if f"make {target}" not in readme] == []
    told = set(re.findall(r"make ((?:bench|calibrate)-[a-z-]+)", readme))
    assert told <= set(targets)


def test_every_module_that_is_to_be_run_can_be() -> None:
    texts = [PROJECT / "Makefile", *PROJECT.glob("*.md"), *PROJECT.glob("docs/**/*.md")]
    texts += [path for folder in ("benchmarks", "training") for path in (PROJECT / folder).rglob("*.*")]
    named = {
        name
        for path in texts
        if path.suffix in ("", ".md", ".py", ".sh")
        for name in re.findall(r"-m(?:\s|\", \")(benchmarks(?:\.\w+)+)", path.read_text("utf-8"))
    }
    assert "benchmarks.cost.start_cost" in named
    assert {name for name in named if not runs(name)} == set()


def test_what_documents_pass_to_make_is_taken() -> None:
    """Each VARIABLE=value behind `make target` in a document is one that the target uses."""
    makefile = (PROJECT / "Makefile").read_text("utf-8")
    recipes = dict(re.findall(r"^([\w-]+):.*\n((?:\t.*\n)+)", makefile, re.MULTILINE))
    passed = [
        (target, name)
        for path in (*PROJECT.glob("*.md"), *PROJECT.glob("docs/**/*.md"))
        for target, rest in re.findall(
            r"make\s(bench-[\w-]+)((?:\s\[?[A-Z_]+=[^\s`]+)+)", path.read_text("utf-8")
        )
        for name in re.findall(r"([A-Z_]+)=", rest)
    ]
    assert ("bench-embedders", "ORIGINALS") in passed
    assert [each for each in passed if not re.search(rf"\b{each[1]}\b", recipes[each[0]])] == []


def runs(module: str) -> bool:
    """Say whether `python -m` can run a module."""
    found = find_spec(module)
    if found and found.submodule_search_locations:
        found = find_spec(f"{module}.__main__")
    return found is not None
