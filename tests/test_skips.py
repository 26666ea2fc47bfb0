"""Where CI runs, a test may be skipped only for a reason that is written down."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.helpers.expected_skips import LIST
from tests.helpers.places import PROJECT

pytestmark = pytest.mark.slow

EXPECTED = """
import pytest
def test_the_weights():
    pytest.skip("the weights of open_clip:x are not in the cache of huggingface_hub")
@pytest.mark.xfail
def test_that_fails():
    assert False
def test_that_runs():
    pass
"""
OTHER_REASON = """
import pytest
def test_the_weights():
    pytest.skip("not today")
def test_that_runs():
    pass
"""
WHOLE_FILE = "import pytest\npytest.importorskip('no_such_package')\n"


def run(folder: Path, text: str, *flags: str, ci: str = "true") -> subprocess.CompletedProcess[str]:
    """Run a file of tests by the hooks of this project's."""
    (folder / "conftest.py").write_text("from tests.conftest import pytest_configure\n")
    tests = folder / "tests" / "embedders" / "torched"
    tests.mkdir(parents=True)
    (tests / "test_openclip.py").write_text(text)
    (tests / "test_other.py").write_text("def test_that_runs():\n    pass\n")
    env = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    options = ["--rootdir", str(folder), "-p", "no:cacheprovider", *flags]
    return subprocess.run(
        [sys.executable, "-m", "pytest", *options, str(folder)],
        cwd=folder,
        env={**env, "PYTHONPATH": str(PROJECT), "CI": ci},
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_skip_that_is_expected_is_listed_with_the_reason(tmp_path: Path) -> None:
    done = run(tmp_path, EXPECTED)
    assert done.returncode == 0, done.stdout
    assert (
        "expected    tests/embedders/torched/test_openclip.py::test_the_weights: the weights of"
        in done.stdout
    )
    assert "a tiny network of the same kind is tested instead" in done.stdout
    assert "test_that_fails" not in done.stdout


@pytest.mark.parametrize("flags", [(), ("-n", "1")], ids=["one process", "in parallel"])
@pytest.mark.parametrize("text", [OTHER_REASON, WHOLE_FILE], ids=["a test", "a file"])
def test_any_other_skip_fails(tmp_path: Path, text: str, flags: tuple[str, ...]) -> None:
    done = run(tmp_path, text, *flags)
    assert done.returncode == 1, done.stdout
    assert "UNEXPECTED  tests/embedders/torched/test_openclip.py" in done.stdout
    assert f"1 of 1 skipped tests should have run: give them what they ask for, or list them in {LIST}" in (
        done.stdout
    )


def test_elsewhere_tests_may_be_skipped(tmp_path: Path) -> None:
    done = run(tmp_path, OTHER_REASON, ci="")
    assert done.returncode == 0, done.stdout
    assert "accounted for" not in done.stdout
