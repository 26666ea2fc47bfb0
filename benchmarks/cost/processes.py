"""What a command costs, seen from outside: wall clock, CPU time and memory of the whole process.

Nothing heavy is imported here: what a process inherits at its start counts into its peak.
"""

from __future__ import annotations

import os
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

# An installed program was compiled when it was installed, or with its first run. Where this lets Python keep
# nothing of that, each run would compile it again: 60 ms for a query.
KEEPS_NOTHING = "PYTHONDONTWRITEBYTECODE"


@dataclass(frozen=True, slots=True)
class Cost:
    """What one run took, with the processes it started itself."""

    wall: float  # seconds
    cpu: float  # seconds, user and system
    peak_bytes: int  # resident, of the largest of its processes

    @property
    def peak(self) -> float:
        """The same in MB, of a million bytes each."""
        return self.peak_bytes / 1e6

    def __add__(self, other: Cost) -> Cost:
        """Return the cost of both, one after the other."""
        return Cost(self.wall + other.wall, self.cpu + other.cpu, max(self.peak_bytes, other.peak_bytes))


def run(command: Sequence[str]) -> Cost:
    """Run a command to its end. Raises SystemExit if it fails; 3 is the exit code of skipped images."""
    return output_of(command, allowed=(0, 3))[1]


def output_of(
    command: Sequence[str], *, env: Mapping[str, str] | None = None, allowed: Sequence[int] = (0,)
) -> tuple[bytes, Cost]:
    """Run a command to its end. Returns what it printed, and what it cost. Raises SystemExit if it fails."""
    with tempfile.TemporaryFile() as output:
        start = time.perf_counter()
        kept = {name: value for name, value in (env or os.environ).items() if name != KEEPS_NOTHING}
        process = subprocess.Popen(command, stdout=output, stderr=subprocess.PIPE, env=kept)
        assert process.stderr is not None
        with process.stderr:
            errors = process.stderr.read()
        # os.times would count in hundredths of a second only
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode not in allowed:
            raise SystemExit(
                f"{' '.join(command)} ended with {process.returncode}: {errors.decode()[-2000:]}"
            )
        output.seek(0)
        return output.read(), Cost(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024)


@dataclass(frozen=True, slots=True)
class Side:
    """A command to be measured, what is done before each of its runs, and how it may end."""

    command: Sequence[str]
    before: Callable[[], object] = lambda: None
    allowed: Sequence[int] = (0, 3)


def alternate(sides: Mapping[str, Side], runs: int) -> dict[str, list[Cost]]:
    """Run all sides in turn, so that a busy moment meets them alike. The first round warms the disk only."""
    costs: dict[str, list[Cost]] = {name: [] for name in sides}
    for number in range(runs + 1):
        for name, side in sides.items():
            side.before()
            _, cost = output_of(side.command, allowed=side.allowed)
            if number:
                costs[name].append(cost)
    return costs


def show(costs: Mapping[str, Sequence[Cost]], against: str) -> None:
    """Print the medians of each side, and the medians of the ratios of neighboring runs."""
    width = max(map(len, costs))
    for name, found in costs.items():
        pairs = list(zip(found, costs[against], strict=True))
        cpu, wall = median(a.cpu / b.cpu for a, b in pairs), median(a.wall / b.wall for a, b in pairs)
        print(
            f"  {name:>{width}}: {median(c.cpu for c in found):7.2f} s of CPU, "
            f"{median(c.wall for c in found):7.2f} s by the clock, "
            f"{max(c.peak for c in found):4.0f} MB; {cpu:.2f} and {wall:.2f} of {against}",
            flush=True,
        )
