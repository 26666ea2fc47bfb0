"""Two commits of a small project are measured beside each other, each by its own Makefile and package."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from filelock import FileLock

from benchmarks.beside import environments
from benchmarks.beside.__main__ import DROPPED, main
from benchmarks.beside.trees import BASELINE, checked_out, commit_of, git, snapshot
from benchmarks.places import PROJECT

pytestmark = pytest.mark.skipif(
    sys.platform == "win32" or not (shutil.which("make") and shutil.which("git")), reason="needs make and git"
)

MAKEFILE = """\
VENV ?= .venv
bench-cost:
	$(VENV)/bin/python bench.py $(PHOTOS)
bench-broken:
	@echo no photographs >&2; exit 7
"""
TOML = """\
[project]
name = "photo-tool"
dependencies = ["packaging>=20"]
[project.optional-dependencies]
more = ["no-such-package-anywhere>=3; python_version > '2'", "photo-tool[some]", "pytest<1"]
some = ["pytest>=8", "no-such-package-anywhere; extra == 'other'"]
[project.scripts]
photo-tool = "photo_tool:main"
"""
PACKAGE = """\
COST = {cost}
def main():
    print("the tool:", COST, "ms")
"""
BENCH = """\
import subprocess, sys, sysconfig
from pathlib import Path
from photo_tool import COST

subprocess.run([Path(sysconfig.get_path("scripts"), "photo-tool")], check=True)
print(f"query: {{COST}} ms by the clock, {label} 0.75")
print(f"photographs: {{len(list(Path(sys.argv[1]).iterdir())) if sys.argv[1:] else 0}} files of {{COST}}.5")
kept = Path("work/rounds")
kept.parent.mkdir(exist_ok=True)
kept.write_text(kept.read_text() + "1" if kept.exists() else "1")
row = f"| round {{kept.read_text()}} | {{COST}} |"
Path("measured.md").write_text(f"| step | CPU seconds |\\n|---|---|\\n{{row}}\\n")
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository of two commits: the second costs more."""
    root = tmp_path / "project"
    root.mkdir()
    git(root, "init", "--quiet")
    git(root, "config", "user.name", "someone")
    git(root, "config", "user.email", "someone@localhost")
    (root / "Makefile").write_text(MAKEFILE)
    (root / "pyproject.toml").write_text(TOML)
    (root / ".gitignore").write_text("build/\n__pycache__/\n")
    write(root, cost=200, label="recall")
    git(root, "add", ".")
    git(root, "commit", "--quiet", "-m", "First")
    write(root, cost=300, label="recall")
    git(root, "commit", "--quiet", "--all", "-m", "Second")
    monkeypatch.chdir(root)
    monkeypatch.setenv("MAKEFLAGS", " -- PHOTOS=/nowhere")  # as below `make bench-beside`
    return root


def write(root: Path, cost: int, label: str) -> None:
    (root / "photo_tool.py").write_text(PACKAGE.format(cost=cost))
    (root / "bench.py").write_text(BENCH.format(label=label))


def shown(capsys: pytest.CaptureFixture[str]) -> str:
    return " ".join(capsys.readouterr().out.split())


def test_each_version_runs_its_own_package(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["cost", "--base", "HEAD~1", "--rounds", "2"]
    assert main(arguments) == 0
    printed = shown(capsys)
    assert "the tool 200 ms 300 ms 1.500 1.494 to 1.506 worse" in printed
    assert "query: # by the clock 200 ms 300 ms 1.500" in printed
    assert "photographs: 0 files of # 200.5 300.5 1.499 1.498 to 1.499 different" in printed
    assert "measured.md, step round 1, CPU seconds 200 300 1.500" in printed
    assert "the tool: 1.500 times, 1.494 to 1.506" in printed[printed.index("Worse than HEAD~1:") :]
    assert main([*arguments, "--fail-if-worse"]) == 1
    assert not git(project, "status", "--porcelain"), "a benchmark wrote into the tree that is worked on"


@pytest.mark.usefixtures("project")
def test_a_run_begins_without_what_the_last_one_left(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["cost", "--base", "HEAD~1", "--rounds", "2"]) == 0
    assert "round 11" not in shown(capsys)


def test_what_is_not_committed_is_measured(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(project, cost=100, label="precision")
    (project / "forgotten.py").write_text("")
    head = git(project, "rev-parse", "HEAD")
    assert main(["cost", "--base", "HEAD", "--rounds", "2"]) == 0
    printed, said = capsys.readouterr()
    assert "the tool 300 ms 100 ms 0.333" in " ".join(printed.split())
    assert "in HEAD: query: … by the clock, recall …\n" in printed
    assert "in this tree: query: … by the clock, precision …\n" in printed
    assert "not measured: 1 files that git does not track (forgotten.py)" in said
    assert git(project, "rev-parse", "HEAD") == head
    status = git(project, "status", "--porcelain").splitlines()
    assert status == [" M bench.py", " M photo_tool.py", "?? forgotten.py"]


def test_paths_are_the_same_for_both(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "photos").mkdir()
    for name in ("a.jpg", "b.jpg"):
        (project / "photos" / name).write_text("")
    assert main(["cost", "PHOTOS=photos", "--base", "HEAD~1", "--rounds", "2"]) == 0
    assert "photographs: 2 files of #" in shown(capsys)


def test_two_comparisons_do_not_share_their_worktrees(project: Path) -> None:
    (project / "build" / "beside").mkdir(parents=True)
    with (
        FileLock(project / "build" / "beside" / "lock"),
        pytest.raises(SystemExit, match="another comparison uses"),
    ):
        main(["cost", "--base", "HEAD~1", "--rounds", "2"])


@pytest.mark.usefixtures("project")
def test_what_cannot_be_compared_is_said() -> None:
    with pytest.raises(SystemExit, match=r"v9 is not a commit of .*: name another with BASE=commit"):
        main(["cost", "--base", "v9"])
    with pytest.raises(SystemExit, match="HEAD has no bench-speed, it has: cost, broken"):
        main(["speed", "--base", "HEAD"])
    with pytest.raises(SystemExit, match="ended with 2: no photographs"):
        main(["broken", "--base", "HEAD", "--rounds", "2"])
    with pytest.raises(SystemExit, match="2"):
        main(["cost", "--rounds", "1"])


def test_make_passes_on_what_it_was_given() -> None:
    command = ["make", "--dry-run", "bench-beside", "WHAT=scale", "SIZES=10 20", "ROUNDS=3"]
    env = {name: value for name, value in os.environ.items() if name not in DROPPED}
    printed = " ".join(
        subprocess.check_output(command, text=True, cwd=PROJECT, env=env).replace("\\\n", "").split()
    )
    assert printed.endswith("benchmarks.beside scale --base v0.1.0 --rounds 3 'SIZES=10 20'")


def test_the_baseline_is_found_by_its_tag(project: Path) -> None:
    with pytest.raises(SystemExit, match=f"{BASELINE} is not a commit"):
        commit_of(project, BASELINE)
    git(project, "tag", BASELINE, "HEAD~1")
    assert commit_of(project, BASELINE) == git(project, "rev-parse", "HEAD~1")


def test_a_worktree_is_used_again_for_another_commit(project: Path) -> None:
    folder = project / "build" / "beside" / "base"
    first, second = (git(project, "rev-parse", name) for name in ("HEAD~1", "HEAD"))
    checked_out(project, "first", first, folder)
    tree = checked_out(project, "second", second, folder)
    assert git(folder, "rev-parse", "HEAD") == second
    (folder / ".git").unlink()  # then git would mean the project around it
    with pytest.raises(SystemExit, match="no git worktree any more"):
        tree.reset()
    checked_out(project, "second", second, folder)
    assert git(folder, "rev-parse", "--show-toplevel") == str(folder)


def test_a_snapshot_holds_what_was_added_and_changed(project: Path) -> None:
    assert snapshot(project) == git(project, "rev-parse", "HEAD")
    (project / "added.py").write_text("")
    git(project, "add", "added.py")
    (project / "bench.py").unlink()
    files = git(project, "ls-tree", "--name-only", snapshot(project)).splitlines()
    assert "added.py" in files and "bench.py" not in files


def test_an_environment_says_what_it_lacks(project: Path, tmp_path: Path) -> None:
    folder = tmp_path / "venv"
    lacking = environments.make(project, folder)
    old_pytest = f"pytest<1 (installed: {pytest.__version__})"
    assert lacking == {"more": ["no-such-package-anywhere (not installed)", old_pytest]}
    assert {path.name for path in (folder / "bin").glob(".*")} == {".core", ".some"}
    script = "import photo_tool, packaging; print(photo_tool.__file__)"
    printed = subprocess.check_output([folder / "bin" / "python", "-c", script], text=True, cwd=tmp_path)
    assert printed.strip() == str(project / "photo_tool.py")
