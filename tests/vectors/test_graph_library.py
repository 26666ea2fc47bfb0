"""A build of hnswlib is tried once for each processor."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import hnswlib  # noqa: F401 - it is what is tried
import pytest

from visualsearch_cli import remembered
from visualsearch_cli.vectors import graph_library

Calls = list[tuple[Any, ...]]


@pytest.fixture
def trials(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Calls:
    """What was tried, with nothing remembered so far."""
    monkeypatch.setattr(remembered, "state_folder", lambda: tmp_path / "state")
    calls: Calls = []
    run = subprocess.run

    def counted(*arguments: Any, **options: Any) -> Any:
        calls.append(arguments)
        return run(*arguments, **options)

    monkeypatch.setattr(subprocess, "run", counted)
    return calls


@pytest.fixture
def build() -> Path:
    return Path(sys.modules["hnswlib"].__file__ or "")


@pytest.mark.slow
def test_a_build_that_runs_is_tried_once(trials: Calls, build: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert graph_library._runs(build)
    assert graph_library._runs(build)
    assert len(trials) == 1
    monkeypatch.setattr(graph_library, "_processor", lambda: "another")
    assert graph_library._runs(build)
    assert len(trials) == 2


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")
def test_a_build_that_is_stopped_is_tried_each_time(
    trials: Calls, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    build = tmp_path / "hnswlib.py"
    build.write_text("import os, signal\nos.kill(os.getpid(), signal.SIGILL)\n")
    monkeypatch.syspath_prepend(tmp_path)
    assert not graph_library._runs(build)
    assert not graph_library._runs(build)
    assert len(trials) == 2


def test_a_trial_that_fails_otherwise_proves_nothing(
    trials: Calls, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    build = tmp_path / "hnswlib.py"
    build.write_text("raise MemoryError\n")
    monkeypatch.syspath_prepend(tmp_path)
    assert graph_library._runs(build)
    assert len(trials) == 1
    assert not remembered.remembered(graph_library.TRIED)
