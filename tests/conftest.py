"""What all tests share."""

from __future__ import annotations

import gc
import os
import signal
from pathlib import Path

import pytest
from hypothesis import settings

from tests.helpers.browser import browser
from tests.helpers.forked import start_each_anew
from tests.helpers.places import TESTS
from tests.helpers.skips import SkipsAccountedFor

# How long an example takes says how busy the machine is, not whether the code is right.
settings.register_profile("visualsearch", deadline=None)
settings.load_profile("visualsearch")

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    # What a script runs behind itself ignores Ctrl-C, and so would all that tests start.
    signal.signal(signal.SIGINT, signal.default_int_handler)

if "PYTEST_XDIST_WORKER" in os.environ:
    # Each core has a process of tests already. numpy and torch, not loaded yet, read this when they are.
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let the program as a whole be tested on a store: each index is pushed there, and what is asked, is
    asked there."""
    parser.addoption(
        "--store", choices=["milvus"], help="run e2e tests on this engine in place of index files"
    )
    parser.addoption(
        "--cold", action="store_true", help="start each command anew, where it would be forked from one"
    )


def pytest_configure(config: pytest.Config) -> None:
    """Start commands as asked; in CI, let no test be skipped for a reason that is not written down."""
    gc.disable()  # until all tests are collected: of what is imported and rewritten, nothing becomes free
    if config.getoption("cold", default=False):
        start_each_anew()
    if os.environ.get("CI") == "true" and not hasattr(config, "workerinput"):
        config.pluginmanager.register(SkipsAccountedFor())


def pytest_collection_finish() -> None:
    """Leave what was collected out of all that is looked through for what became free."""
    gc.freeze()
    gc.enable()


SLOW = tuple(TESTS / folder for folder in ("e2e", "benchmarks", "samples"))
"""The program as a whole, and what is not of the package: hardly a change is about them."""


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Import nothing of the slow folders for `make quick`: that alone takes seconds, in each process."""
    quick = config.option.markexpr == "not slow"
    return True if quick and collection_path in SLOW else None


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what is slow by where it lies or by needing a browser; of browsers, one runs at a time."""
    missing = browser() is None
    for item in items:
        if item.config.getoption("store") and item.get_closest_marker("of_index") is not None:
            item.add_marker(pytest.mark.skip(reason="about the files of an index"))
        looks = item.get_closest_marker("browser") is not None
        is_long = item.get_closest_marker("long") is not None
        if looks or is_long or any(item.path.is_relative_to(folder) for folder in SLOW):
            item.add_marker(pytest.mark.slow)
        if looks:
            item.add_marker(pytest.mark.xdist_group("browser"))
        if looks and missing:
            item.add_marker(pytest.mark.skip(reason="neither Chromium nor Chrome is installed"))
