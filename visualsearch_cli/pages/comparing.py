"""What pairs of a group are to each other, looked at when somebody wants to see it, and how they fit."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from threading import Lock
from typing import TYPE_CHECKING

from visualsearch_cli.verdicts.evidence import Matrix, inverse

if TYPE_CHECKING:
    from visualsearch_cli.embedders.embedder import Embedder
    from visualsearch_cli.pictures.image import ImageReader
    from visualsearch_cli.reports.report import Member
    from visualsearch_cli.verdicts.two_files import ComparedFiles

REMEMBERED = 4096  # pairs
IDENTITY: Matrix = ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0))


class Comparing:
    """Compares files, a pair at a time, since one may take hundreds of megabytes; remembers the answers."""

    def __init__(self, reader: ImageReader, embedder: Callable[[], Embedder]) -> None:
        self._reader = reader
        self._embedder = embedder
        self._known: OrderedDict[tuple[str, str], ComparedFiles] = OrderedDict()
        self._lock = Lock()

    def compared(self, a: Member, b: Member) -> ComparedFiles:
        """Return what one file is to another. Raises ImageError, the file named, if it cannot be told."""
        from visualsearch_cli.verdicts.two_files import compare_files  # late: OpenCV takes its time

        key = a.content_hash, b.content_hash
        with self._lock:
            found = self._known.get(key)
            if found is None:
                found = compare_files(a.path, b.path, self._reader, self._embedder)
                if (found.a.content_hash, found.b.content_hash) != key:
                    return found  # a file changed: what is remembered is about contents
                self._known[key] = found
                if len(self._known) > REMEMBERED:
                    self._known.popitem(last=False)
            self._known.move_to_end(key)
        return found

    def laid(self, a: Member, b: Member) -> tuple[Matrix, bool]:
        """Return how points of B lie in A, in unit squares, and whether a fit says so.

        Without one, whole frames are laid onto each other. Raises ImageError.
        """
        if a.content_hash == b.content_hash:
            return IDENTITY, True
        evidence = self.compared(a, b).evidence
        fit = evidence.fit
        return (IDENTITY, False) if fit is None else (fit.matrix, True)


def point_in(matrix: Matrix, x: float, y: float) -> tuple[float, float]:
    """Return where a point of A, in its unit square, lies in B, by how B lies in A."""
    (a, b, c), (d, e, f), (g, h, i) = inverse(matrix)
    w = g * x + h * y + i or 1.0
    return (a * x + b * y + c) / w, (d * x + e * y + f) / w
