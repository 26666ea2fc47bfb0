"""Any benchmark on this tree and on another commit, in turns: which of its figures became worse?

    python -m benchmarks.beside [WHAT] [--base COMMIT] [--rounds N] [--fail-if-worse] [NAME=VALUE ...]

WHAT is a benchmark by the name that `make` has for it: `start` for `make bench-start`. It is run through each
version's own Makefile, in a worktree and an environment of its own, with the same variables (PHOTOS=dir), one
version first in odd rounds and the other in even ones (A B B A ...). Figures are the numbers that both print,
or write into Markdown files, with the same words around them; and of the whole run, seen from outside, the
time by the clock, the CPU time and the peak memory. See benchmarks/README.md.
"""

from __future__ import annotations

import argparse
import compileall
import os
import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock, Timeout

from benchmarks.beside import environments
from benchmarks.beside.comparing import Comparison, Run, Verdict, compare
from benchmarks.beside.table import THIS, table
from benchmarks.beside.trees import BASELINE, Tree, checked_out, commit_of, root_of, snapshot, untracked
from benchmarks.cost.processes import output_of

PLACE = Path("build", "beside")
# What `make` tells the programs that it starts, the Makefiles of both versions would obey; and a PYTHONPATH
# would give both the same package.
DROPPED = ("MAKEFLAGS", "MFLAGS", "MAKELEVEL", "MAKEOVERRIDES", "PYTHONPATH")
NAMED = 3  # files that are not measured


@dataclass(frozen=True, slots=True)
class Side:
    """A version, and how its benchmark is run."""

    tree: Tree
    command: Sequence[str]

    def run(self) -> Run:
        """Run the benchmark once. Raises SystemExit if it fails."""
        self.tree.reset()
        printed, cost = output_of(self.command, env=_environment())
        text = f"{printed.decode()}\n{self.tree.changed_markdown()}"
        kept = self.tree.folder.with_suffix(".txt")
        with kept.open("a", encoding="utf-8") as file:
            file.write(f"{text}\n{cost}\n\n")
        return Run.of(text, cost)


def main(arguments: Sequence[str] | None = None) -> int:
    """Prepare both versions, run them in turns, print what differs."""
    options = _parse(arguments)
    root = root_of(Path.cwd())
    (root / PLACE).mkdir(parents=True, exist_ok=True)
    try:
        with FileLock(root / PLACE / "lock", timeout=0):
            return _run(root, options)
    except Timeout:
        raise SystemExit(f"another comparison uses {root / PLACE}: wait until it ends") from None


def _run(root: Path, options: argparse.Namespace) -> int:
    settings = [_absolute(setting) for setting in options.settings]
    base_commit, this_commit = commit_of(root, options.base), snapshot(root)
    sides = [
        _side(root, options.what, settings, options.base, base_commit, "base"),
        _side(root, options.what, settings, THIS, this_commit, "this"),
    ]
    if left_out := untracked(root):
        names = ", ".join(left_out[:NAMED]) + (" …" if len(left_out) > NAMED else "")
        _say(f"not measured: {len(left_out)} files that git does not track ({names}); git add what matters")
    comparison = _compare(sides, options.rounds)
    known = "" if base_commit.startswith(options.base) else f" ({base_commit[:7]})"
    print(" ".join([f"bench-{options.what}", *options.settings]), end=": ")
    print(f"{THIS} ({this_commit[:7]}) beside {options.base}{known}\n")
    print(table(comparison, options.base))
    return int(options.fail_if_worse and bool(comparison.of(Verdict.WORSE)))


def _side(root: Path, what: str, settings: Sequence[str], name: str, commit: str, place: str) -> Side:
    tree = checked_out(root, name, commit, root / PLACE / place)
    if what not in tree.benchmarks():
        raise SystemExit(f"{name} has no bench-{what}, it has: {', '.join(tree.benchmarks())}")
    environment = root / PLACE / f"{place}-venv"
    lacking = environments.make(tree.folder, environment)
    compileall.compile_dir(tree.folder, quiet=1, rx=re.compile(r"/\.venv"))
    tree.folder.with_suffix(".txt").unlink(missing_ok=True)
    command = ["make", "-s", "--no-print-directory", "-C", str(tree.folder), f"bench-{what}"]
    side = Side(tree, [*command, f"VENV={environment}", f"PYTHON={sys.executable}", *settings])
    if b"pip install" in output_of([*side.command, "--dry-run"], env=_environment())[0]:
        missing = "; ".join(f"{extra}: {', '.join(names)}" for extra, names in lacking.items())
        _say(f"{name}: make installs what is missing ({missing}); that run is not counted")
        side.run()
    else:
        _say(f"{name}: all packages that bench-{what} needs are here, and shared")
    return side


def _compare(sides: Sequence[Side], rounds: int) -> Comparison:
    """Run both in turns. An interrupt ends that, and what was measured until then is compared."""
    runs: tuple[list[Run], list[Run]] = ([], [])
    try:
        for number in range(rounds):
            for place in (0, 1) if number % 2 == 0 else (1, 0):
                run = sides[place].run()
                runs[place].append(run)
                _say(f"round {number + 1} of {rounds}: {sides[place].tree.name}, {run.cost.wall:.1f} s")
    except KeyboardInterrupt:
        if not all(runs):
            raise
        _say("interrupted")
    whole = min(map(len, runs))
    return compare(runs[0][:whole], runs[1][:whole])


def _environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name not in DROPPED}


def _absolute(setting: str) -> str:
    """Return NAME=VALUE with the whole path, where VALUE is one: benchmarks run in other folders."""
    name, _, value = setting.partition("=")
    return f"{name}={Path(value).absolute()}" if value and Path(value).exists() else setting


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.beside",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("what", nargs="?", default="start", metavar="WHAT")
    parser.add_argument("settings", nargs="*", metavar="NAME=VALUE", help="variables for both Makefiles")
    parser.add_argument("--base", default=BASELINE, metavar="COMMIT")
    parser.add_argument("--rounds", type=int, default=6)
    parser.add_argument("--fail-if-worse", action="store_true", help="exit with 1 if a figure is worse")
    options = parser.parse_intermixed_args(arguments)
    if options.rounds < 2:
        parser.error(f"--rounds {options.rounds}: one round says nothing of chance, take 2 or more")
    return options


if __name__ == "__main__":
    sys.exit(main())
