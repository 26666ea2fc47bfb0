"""Makes and judges the pairs of a kind, in a pool of processes."""

from __future__ import annotations

import atexit
import hashlib
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from random import Random

import visualsearch_cli
from benchmarks.documents.cases import Case, Truth, copy, differing, token
from benchmarks.documents.copies import COPIES
from benchmarks.documents.judging import FilePairJudge
from benchmarks.documents.kinds.registry import KINDS
from benchmarks.documents.sheet import Box
from benchmarks.documents.shots.copies import PHOTO_COPIES
from benchmarks.documents.shots.registry import PHOTOGRAPH, RECOLORED, TAKES
from benchmarks.material.photographs import Photograph

NOTHING = "none"  # in the place of a verdict
AT_ONCE = 4  # pairs that a process is given
PHOTOGRAPHS = 4  # times the pairs of another kind: all ways to copy a photograph are of one kind


@dataclass(frozen=True, slots=True)
class Plan:
    """What is drawn of each kind."""

    split: str
    seed: int
    pairs: int  # of each kind, that differ
    copies: int  # of each kind, that are copies
    photographs: tuple[Photograph, ...] = ()


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a case is, and what was said of it."""

    kind: str
    seed: str  # with which it is drawn again
    what: str
    dress: str
    truth: str
    legible: bool
    box_a: Box | None
    box_b: Box | None
    verdict: str
    turned: str  # what was said of B and A
    reason: str
    seconds: float

    @property
    def wrong(self) -> bool:
        """Whether more, or less, is said than is true. What is not legible is not wrong."""
        strong = ("identical", "pixels", "same")
        if self.truth == Truth.OTHER:
            return self.legible and self.verdict in (*strong, "edited")
        if self.truth == Truth.EDIT:
            return self.verdict != "edited"
        return self.verdict not in (strong if self.truth == Truth.SAME else (*strong, "edited"))


def all_kinds(photographs: Sequence[Photograph]) -> list[str]:
    """Return the kinds that can be drawn."""
    takes = [kind for kind in TAKES if photographs or kind != RECOLORED]
    return [*KINDS, *takes, PHOTOGRAPH]


def seeds(kind: str, plan: Plan) -> list[str]:
    """Return the seeds of all cases of a kind."""
    numbers = [token(plan.split, plan.seed, number) for number in range(plan.pairs)]
    differ = [] if kind == PHOTOGRAPH else numbers
    hows = list(PHOTO_COPIES) if kind == PHOTOGRAPH else list(COPIES) if kind in KINDS else []
    Random(kind).shuffle(hows)  # so that a few copies of each kind are copies of all sorts
    count = PHOTOGRAPHS * plan.pairs if kind == PHOTOGRAPH else plan.copies if hows else 0
    return differ + [
        f"{token(plan.split, plan.seed, number)}:{hows[number % len(hows)]}" for number in range(count)
    ]


def case_of(kind: str, seed: str, photographs: Sequence[Photograph] = ()) -> Case:
    """Draw a case by its seed. Of an even number, pairs differ in one digit or letter."""
    form, _, how = seed.partition(":")
    if how:
        return copy(kind, form, how, photographs)
    return differing(kind, form, int(form.rpartition("-")[2]) % 2 == 0, photographs)


def judge_kind(kind: str, plan: Plan, pool: ProcessPoolExecutor) -> Iterator[Outcome]:
    """Draw and judge all cases of a kind, in order."""
    judged = partial(_judged, kind, plan.photographs)
    yield from pool.map(judged, seeds(kind, plan), chunksize=AT_ONCE)


def new_pool(processes: int) -> ProcessPoolExecutor:
    """Return processes that judge, each in a folder of its own, on one core."""
    return ProcessPoolExecutor(processes, get_context("spawn"), initializer=_begin)


def program_hash() -> str:
    """Name the program that judges: verdicts of another one are not taken up."""
    folder = Path(visualsearch_cli.__file__).parent
    digest = hashlib.blake2b(digest_size=8)
    for path in sorted((*folder.rglob("*.py"), *Path(__file__).parent.rglob("*.py"))):
        digest.update(path.read_bytes())
    return digest.hexdigest()


_judges: list[FilePairJudge] = []


def _begin() -> None:
    import cv2

    cv2.setNumThreads(1)
    folder = tempfile.mkdtemp(prefix="visualsearch-documents-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    _judges.append(FilePairJudge(Path(folder)))


def judge_of_process() -> FilePairJudge:
    """Return the judge of a process of `new_pool`."""
    return _judges[0]


def _judged(kind: str, photographs: Sequence[Photograph], seed: str) -> Outcome:
    case = case_of(kind, seed, photographs)
    judged = judge_of_process().judge(case.a, case.b)
    return Outcome(
        kind,
        seed,
        case.what,
        case.dress,
        case.truth.value,
        case.legible,
        case.box_a,
        case.box_b,
        judged.verdict.value if judged.verdict else NOTHING,
        judged.turned.value if judged.turned else NOTHING,
        judged.reason,
        round(judged.seconds, 4),
    )
