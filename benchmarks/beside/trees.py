"""Two versions of the project, each in a git worktree of its own: this tree as it is now, and another commit.

This tree is measured in a copy too. So both are treated alike, nothing that a benchmark writes lands among
one's own files, and what is edited meanwhile is not measured.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

BASELINE = "v0.1.0"
BASELINE_COMMIT = "a2117e6"  # what the tag names, for clones that came without tags
KEPT = ("__pycache__", ".venv*")  # between runs: compiled modules, and what a Makefile installed
IDENTITY = {
    f"GIT_{who}_{what}": value
    for who in ("AUTHOR", "COMMITTER")
    for what, value in (("NAME", "bench-beside"), ("EMAIL", "bench-beside@localhost"))
}


@dataclass(frozen=True, slots=True)
class Tree:
    """A commit in a folder of its own."""

    name: str
    commit: str
    folder: Path

    def benchmarks(self) -> list[str]:
        """Return what its Makefile can measure: `start` for a target `bench-start`."""
        makefile = (self.folder / "Makefile").read_text("utf-8")
        return re.findall(r"^bench-([a-z-]+):", makefile, re.MULTILINE)

    def reset(self) -> None:
        """Remove what a run left behind, so that each begins with the same files."""
        if not _is_worktree(self.folder):
            raise SystemExit(f"{self.folder} is no git worktree any more: remove it and start again")
        git(self.folder, "reset", "--quiet", "--hard", self.commit)
        git(self.folder, "clean", "-ffdxq", *(f"--exclude={kept}" for kept in KEPT))

    def changed_markdown(self) -> str:
        """Return the contents of the Markdown files that a run wrote, each under its name."""
        listed = git(self.folder, "status", "--porcelain", "--untracked-files=all", "-z").split("\0")
        names = sorted(line[3:] for line in listed if line.endswith(".md"))
        written = {name: self.folder / name for name in names if (self.folder / name).is_file()}
        return "\n".join(f"{name}:\n{path.read_text('utf-8')}" for name, path in written.items())


def root_of(folder: Path) -> Path:
    """Return the root of the repository that a folder belongs to."""
    return Path(git(folder, "rev-parse", "--show-toplevel"))


def commit_of(root: Path, name: str) -> str:
    """Return the hash of a commit. Raises SystemExit if the repository does not have it."""
    for candidate in (name, BASELINE_COMMIT) if name == BASELINE else (name,):
        found = _run_git(root, "rev-parse", "--verify", "--quiet", f"{candidate}^{{commit}}")
        if found.returncode == 0:
            return found.stdout.strip()
    raise SystemExit(
        f"{name} is not a commit of {root}: name another with BASE=commit, or `git fetch --tags --unshallow`"
    )


def snapshot(root: Path) -> str:
    """Return a commit of the files as they are now, changes that are not committed included.

    Files that git was never told of are left out: they may be anything, such as gigabytes of photographs.
    """
    with tempfile.TemporaryDirectory() as name:
        copy = Path(name) / "index"
        shutil.copy(root / git(root, "rev-parse", "--git-path", "index"), copy)
        own_index = {"GIT_INDEX_FILE": str(copy)}
        git(root, "add", "--update", ".", env=own_index)
        files = git(root, "write-tree", env=own_index)
    if files == git(root, "rev-parse", "HEAD^{tree}"):
        return git(root, "rev-parse", "HEAD")
    return git(root, "commit-tree", files, "-p", "HEAD", "-m", "Changes not committed", env=IDENTITY)


def untracked(root: Path) -> list[str]:
    """Return the files that a snapshot leaves out, but for those that git ignores."""
    return git(root, "ls-files", "--others", "--exclude-standard").splitlines()


def checked_out(root: Path, name: str, commit: str, folder: Path) -> Tree:
    """Return a commit in a worktree, which is made unless an earlier comparison left it there."""
    tree = Tree(name, commit, folder)
    if not _is_worktree(folder):
        shutil.rmtree(folder, ignore_errors=True)
        git(root, "worktree", "prune")
        git(root, "worktree", "add", "--quiet", "--force", "--detach", str(folder), commit)
    tree.reset()
    return tree


def git(folder: Path, *arguments: str, env: Mapping[str, str] | None = None) -> str:
    """Return what git prints. Raises SystemExit if it fails."""
    done = _run_git(folder, *arguments, env=env)
    if done.returncode:
        raise SystemExit(f"git {' '.join(arguments)} in {folder}: {done.stderr.strip()}")
    return done.stdout.strip("\n")


def _run_git(
    folder: Path, *arguments: str, env: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    command = ["git", "-C", str(folder), *arguments]
    return subprocess.run(
        command, env={**os.environ, **(env or {})}, capture_output=True, text=True, check=False
    )


def _is_worktree(folder: Path) -> bool:
    """Say whether git, asked in a folder, means this folder and not a repository around it."""
    if not (folder / ".git").is_file():
        return False
    found = _run_git(folder, "rev-parse", "--show-toplevel")
    return found.returncode == 0 and Path(found.stdout.strip()).resolve() == folder.resolve()
