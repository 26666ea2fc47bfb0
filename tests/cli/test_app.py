"""How the program starts."""

from __future__ import annotations

import gc
import os
import subprocess
import sys
from collections.abc import Iterator

import pytest

from visualsearch_cli.cli import app

TIMEOUT = "OPENBLAS_THREAD_TIMEOUT"


@pytest.fixture
def usual() -> Iterator[tuple[int, int, int]]:
    before, callbacks = gc.get_threshold(), list(gc.callbacks)
    yield before
    gc.set_threshold(*before)
    gc.callbacks[:] = callbacks


def test_collection_is_put_off_until_the_first_one(usual: tuple[int, int, int]) -> None:
    callbacks = list(gc.callbacks)
    app._put_off_collection()
    assert gc.get_threshold() == (app.GRACE, *usual[1:])
    kept = [[] for _ in range(app.GRACE + 1000)]  # type: ignore[var-annotated]
    assert gc.get_threshold() == usual and gc.callbacks == callbacks
    del kept


def test_who_wants_threads_to_spin_may(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(TIMEOUT, "")  # so that it is put back
    monkeypatch.delenv(TIMEOUT)
    app._let_idle_threads_sleep()
    assert os.environ[TIMEOUT] == "4"
    monkeypatch.setenv(TIMEOUT, "20")
    app._let_idle_threads_sleep()
    assert os.environ[TIMEOUT] == "20"


@pytest.mark.slow
def test_a_command_starts_so() -> None:
    code = "import atexit, os, sys; from visualsearch_cli.cli.app import main; sys.argv[1:] = ['--version']\n"
    code += f"atexit.register(lambda: print(os.environ['{TIMEOUT}'], 'numpy' in sys.modules))\nmain()"
    env = {name: value for name, value in os.environ.items() if name != TIMEOUT}
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=env)
    assert run.stdout.splitlines()[-1] == "4 False"
