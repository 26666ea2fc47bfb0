"""What the check costs that two paths are not one file: `apply` with it and without it, in turns.

    python -m benchmarks.cost.apply_cost [--files N] [--runs N] [--folder DIR]

Printed are the medians for `--delete` and `--move-to`, and the medians of the ratios of neighboring runs. The
folder should lie on the disk that is asked about.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import shutil
import sys
import tempfile
from functools import partial
from pathlib import Path

from benchmarks.cost.processes import Side, alternate, show
from visualsearch_cli.reports.report import Group, Member, Report
from visualsearch_cli.reports.report_json import report_record
from visualsearch_cli.verdicts.verdict import Verdict

SIZE = 50_000  # bytes of a file

UNCHECKED = """
import sys
from visualsearch_cli.acting import applying
applying.told_apart = lambda step, *_: step
from visualsearch_cli.cli.app import main
sys.exit(main())
"""
CHECKED = """
import sys
from visualsearch_cli.cli.app import main
sys.exit(main())
"""


def main() -> None:
    """Measure both actions."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--files", type=int, default=1000)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--folder", type=Path)
    options = parser.parse_args()
    for action in ("--delete", "--move-to"):
        with tempfile.TemporaryDirectory(dir=options.folder) as name:
            base = Path(os.path.realpath(name))
            os.environ["XDG_STATE_HOME"] = str(base / "state")
            words = ["apply", str(base / "report.json"), action, "--yes", "-q"]
            if action == "--move-to":
                words.insert(3, str(base / "moved"))
            before = partial(_prepare, base, options.files)
            sides = {
                "without": Side([sys.executable, "-c", UNCHECKED, *words], before, (0,)),
                "with": Side([sys.executable, "-c", CHECKED, *words], before, (0,)),
            }
            print(f"{action}, {options.files:,} files of {SIZE:,} bytes", flush=True)
            show(alternate(sides, options.runs), "without")


def _prepare(base: Path, files: int) -> None:
    """Make files and a copy of each, and the report that offers the copies."""
    for name in ("kept", "copies", "moved", "state"):
        shutil.rmtree(base / name, ignore_errors=True)
    groups = []
    for folder in ("kept", "copies"):
        (base / folder).mkdir()
    for number in range(files):
        data = number.to_bytes(4, "little") * (SIZE // 4)
        digest = hashlib.blake2b(data, digest_size=32).hexdigest()
        members = []
        for folder, verdict in (("kept", None), ("copies", Verdict.IDENTICAL)):
            path = base / folder / f"{number}.jpg"
            path.write_bytes(data)
            state = path.stat()
            members.append(
                Member(
                    *(path, verdict is None, False, verdict, 0.0, 40, 30),
                    *(state.st_size, state.st_mtime_ns, digest),
                )
            )
        groups.append(Group(str(number), tuple(members)))
    report = Report(base, "bundled", "2026-01-01T00:00:00+00:00", "dupes", Verdict.SAME, (), tuple(groups))
    (base / "report.json").write_text(json.dumps(report_record(report)), "utf-8")
    os.sync()  # so that no run waits for what was written before it


if __name__ == "__main__":
    main()
