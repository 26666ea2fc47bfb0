"""A home folder, a photo folder and the installed program for each test."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

pytest.register_assert_rewrite("tests.helpers.program")

from tests.helpers.photographs import write_album  # noqa: E402
from tests.helpers.program import Program  # noqa: E402
from tests.helpers.stores import milvus_address  # noqa: E402


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """These tests use shells, terminals and signals."""
    if os.name == "nt":
        for item in items:
            if "e2e" in item.path.parts:
                item.add_marker(pytest.mark.skip(reason="needs a POSIX shell"))


@pytest.fixture
def run(tmp_path: Path, request: pytest.FixtureRequest) -> Program:
    """The program, in an empty home folder, which is also its current folder. With --store, on a store."""
    home = tmp_path / "home"
    home.mkdir()
    run = Program(home)
    if request.config.getoption("store"):
        run.env["VISUALSEARCH_STORE"] = milvus_address(tmp_path)
    return run


@pytest.fixture(scope="session")
def album(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Ten photographs and their index, to be copied."""
    folder = tmp_path_factory.mktemp("album") / "Photos"
    write_album(folder)
    Program(folder.parent)("index", folder)
    return folder


@pytest.fixture
def photos(run: Program, album: Path) -> Path:
    """~/Photos with ten photographs, not indexed; their index will be used wherever one stands."""
    folder = run.home / "Photos"
    run.env["VISUALSEARCH_INDEX"] = str(folder / ".visualsearch")
    shutil.copytree(album, folder, ignore=shutil.ignore_patterns(".visualsearch"))
    return folder


@pytest.fixture
def indexed(run: Program, album: Path) -> Path:
    """~/Photos with ten photographs and their index, which is used wherever one stands."""
    folder = run.home / "Photos"
    run.env["VISUALSEARCH_INDEX"] = str(folder / ".visualsearch")
    shutil.copytree(album, folder)
    if "VISUALSEARCH_STORE" in run.env:
        run("index", folder, "-q")
    return folder


@pytest.fixture
def chosen(indexed: Path) -> Path:
    """The same, for who wants to say that it is used."""
    return indexed


@pytest.fixture
def without_root_power(run: Program) -> tuple[str, ...]:
    """What to put before a command so that it respects permissions, also if we are root."""
    if os.geteuid() != 0:
        return ()
    prefix = ("setpriv", "--bounding-set=-dac_override,-dac_read_search", "--")
    locked = run.home / "locked"
    locked.mkdir(mode=0o555)
    try:
        trial = subprocess.run([*prefix, "touch", locked / "file"], capture_output=True, check=False)
    except OSError:
        pytest.skip("permissions do not bind root, and setpriv is not here")
    if trial.returncode == 0 or b"ermission" not in trial.stderr:
        pytest.skip("permissions do not bind root")
    return prefix
