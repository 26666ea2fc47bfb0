"""Draw pairs, judge them, and print what was said of each kind beside what they are."""

from __future__ import annotations

import argparse
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path

from benchmarks.documents.cases import Case, Truth, copy, differing, token
from benchmarks.documents.copies import COPIES
from benchmarks.documents.judging import FilePairJudge
from benchmarks.documents.kinds.registry import KINDS


def cases(kind: str, split: str, seed: int, pairs: int, copies: int) -> Iterator[Case]:
    """Make the pairs of a kind: every second one differs in one digit or letter."""
    for number in range(pairs):
        yield differing(kind, token(split, seed, number), number % 2 == 0)
    hows = list(COPIES)
    for number in range(copies):
        yield copy(kind, token(split, seed, number), hows[number % len(hows)])


def main() -> None:
    """Print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kinds", nargs="*", default=list(KINDS))
    parser.add_argument("--pairs", type=int, default=100)
    parser.add_argument("--copies", type=int, default=32)
    parser.add_argument("--split", choices=("train", "test"), default="test")
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        judge = FilePairJudge(Path(folder))
        for kind in arguments.kinds:
            said: dict[str, Counter[str]] = defaultdict(Counter)
            seconds = 0.0
            for case in cases(kind, arguments.split, arguments.seed, arguments.pairs, arguments.copies):
                judged = judge.judge(case.a, case.b)
                seconds += judged.seconds
                verdict = judged.verdict.value if judged.verdict else "none"
                said[case.truth.value][verdict] += 1
                if case.truth is Truth.OTHER and verdict in ("same", "pixels"):
                    print(f"  {kind} {case.seed} {case.what} {case.dress}: {verdict}, {judged.reason}")
            print(
                kind,
                {truth: dict(counter) for truth, counter in said.items()},
                f"{seconds:.1f} s",
                flush=True,
            )


if __name__ == "__main__":
    main()
