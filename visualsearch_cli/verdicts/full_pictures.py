"""Pictures at full size: of pairs that are being proved, and the last few of earlier ones.

A proof of two pictures of 50 megapixels takes half a gigabyte. So pairs that are proved at the same time
share what pictures may take that are decoded at the same time, and what is kept for the next pair gives way.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from threading import Lock
from types import TracebackType

from visualsearch_cli.pictures.formats import RAW
from visualsearch_cli.pictures.image import ImageRecord
from visualsearch_cli.pictures.pillow import MORE_BYTES, MemoryGate, give_back
from visualsearch_cli.verdicts.comparison import FullPicture
from visualsearch_cli.watched import WATCH

HELD_BYTES = 3  # of a pixel of either picture
WORKED_BYTES = 6  # of one of the larger: while it is decoded, or what is laid onto it and worked on
DECODED_BYTES = MORE_BYTES | {RAW: 24}  # the same of formats that take more
SMALL_PAIR = 25_000_000  # bytes: of two megapixels each
LARGE_PAIR = 160_000_000  # bytes, beside which less is kept, and nothing that is free
KEPT_BYTES = 192 * 2**20  # of pictures that are kept for the next pair


class FullPictures:
    """Those of a process."""

    def __init__(self, gate: MemoryGate) -> None:
        self._gate = gate
        self._kept: dict[str, FullPicture] = {}  # by content, those last asked for last
        self._asked: Counter[str] = Counter()
        self._used: Counter[str] = Counter()  # by pairs that are proved just now
        self._lock = Lock()
        gate.tell(self._give_way)

    def room_for(self, a: ImageRecord, b: ImageRecord) -> Room:
        """Return the room in which a pair is proved."""
        return Room(self, (a.content_hash, b.content_hash), bytes_of(a, b))

    def enter(self, contents: Iterable[str], needed: int, until: ExitStack) -> None:
        """Wait until a pair may be proved, and let it, until all that was taken is given back."""
        until.enter_context(WATCH.in_turn())
        until.callback(self._give_way)  # at the end, when there is room again
        until.enter_context(self._gate.taking(needed, tells=False))
        with self._lock:
            self._used.update(contents)
            self._asked.update(contents)
        until.callback(self._leave, contents)
        self._give_way()

    def of(self, content: str, read: Callable[[], FullPicture]) -> FullPicture:
        """Return a picture of a pair that has entered, or is about to."""
        with self._lock:
            full = self._kept.get(content)
        full = full or read()
        with self._lock:
            self._kept.pop(content, None)
            self._kept[content] = full  # last
        return full

    def let_go(self, contents: Iterable[str]) -> None:
        """Keep some pictures no longer. Who still uses one has it."""
        with self._lock:
            for content in contents:
                self._kept.pop(content, None)

    def _leave(self, contents: Iterable[str]) -> None:
        with self._lock:
            self._used.subtract(contents)

    def _give_way(self) -> None:
        """Keep of what nobody uses just now as much as there is room for, what was asked for most first:
        that is what all others of a group are compared with."""
        with self._lock:
            unused = [content for content in self._kept if not self._used[content]]
            held = sum(self._kept[content].pixels.nbytes for content in unused)
            for content in sorted(unused, key=self._asked.__getitem__):  # of equals, the oldest first
                if held <= min(KEPT_BYTES, self._gate.free):
                    break
                held -= self._kept.pop(content).pixels.nbytes


class Room:
    """The memory that a pair is proved in: it is taken when the first picture is asked for."""

    def __init__(self, pictures: FullPictures, contents: tuple[str, str], needed: int) -> None:
        self._pictures = pictures
        self._contents = contents
        self._needed = needed
        self._until = ExitStack()
        self._entered = False

    def __enter__(self) -> Room:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._until.close()

    def full(self, content: str, read: Callable[[], FullPicture]) -> FullPicture:
        """Return one of the pair at full size, which is read unless it is there."""
        if not self._entered:
            self._pictures.enter(self._contents, self._needed, self._until)
            self._entered = True
        if self._needed <= LARGE_PAIR:
            return self._pictures.of(content, read)
        give_back()  # what looks at smaller ones left, before this one is decoded or looked at
        full = self._pictures.of(content, read)
        give_back()  # what decoding left
        return full

    def let_go(self) -> None:
        """Hold large pictures of the pair no longer, before one of them is decoded in another way."""
        if self._entered and self._needed > LARGE_PAIR:
            self._pictures.let_go(self._contents)


def bytes_of(a: ImageRecord, b: ImageRecord) -> int:
    """Return how much memory a proof of two pictures takes."""
    sizes = [image.width * image.height for image in (a, b)]
    worked = [
        size * DECODED_BYTES.get(image.format, WORKED_BYTES)
        for size, image in zip(sizes, (a, b), strict=True)
    ]
    return HELD_BYTES * sum(sizes) + max(worked)
