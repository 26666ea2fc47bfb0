"""What the program says of pairs of files: its own judge, as `compare` and `dupes` use it."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

from benchmarks.documents.copies import File
from visualsearch_cli.pictures.image import ImageRecord
from visualsearch_cli.pictures.reader import AnyImageReader
from visualsearch_cli.pictures.reading import read_file
from visualsearch_cli.verdicts.evidence import CandidatePair, Evidence
from visualsearch_cli.verdicts.judge import PictureJudge
from visualsearch_cli.verdicts.verdict import Verdict


@dataclass(frozen=True, slots=True)
class Judged:
    """A pair, judged in both directions."""

    verdict: Verdict | None
    reason: str
    turned: Verdict | None  # of B and A
    seconds: float  # of this process, of one direction


class FilePairJudge:
    """Judges pairs of files in a folder of its own, in which there are never more than two."""

    def __init__(self, folder: Path) -> None:
        """`folder` is there and empty."""
        self._folder = folder
        self._reader = AnyImageReader()

    def judge(self, a: File, b: File) -> Judged:
        """Write both, judge them, and remove them. Each direction starts with nothing remembered.

        Raises RuntimeError if the program cannot compare them.
        """
        paths = self._folder / f"a{a.suffix}", self._folder / f"b{b.suffix}"
        try:
            for path, file in zip(paths, (a, b), strict=True):
                path.write_bytes(file.data)
            one, two = (self._record(number, path) for number, path in enumerate(paths, start=1))
            start = time.process_time()
            found = self._evidence(one, two)
            seconds = time.process_time() - start
            turned = self._evidence(two, one)
        finally:
            for path in paths:
                path.unlink(missing_ok=True)
        if found.failure or turned.failure:
            raise RuntimeError(f"a drawn file could not be compared: {found.failure or turned.failure}")
        return Judged(found.verdict, found.reason, turned.verdict, seconds)

    def _evidence(self, a: ImageRecord, b: ImageRecord) -> Evidence:
        (evidence,) = PictureJudge(self._reader).judge([CandidatePair(a, b, 0.0)])
        return evidence

    def _record(self, number: int, path: Path) -> ImageRecord:
        read = read_file(path)
        return read.record(number, self._reader.read(read.data, 1))
