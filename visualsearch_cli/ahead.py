"""Work in threads, a few items ahead of their use, in order: memory does not grow with their number."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from threading import Thread
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

if TYPE_CHECKING:
    from concurrent.futures import ThreadPoolExecutor

T = TypeVar("T")
R = TypeVar("R")
R_co = TypeVar("R_co", covariant=True)


class Started(Protocol[R_co]):
    """Work that was started, such as a Future."""

    def result(self) -> R_co:
        """Wait until it is done, and return what came of it, or raise what went wrong."""


class Done(Generic[R]):
    """What needed no work."""

    __slots__ = ("_value",)

    def __init__(self, value: R) -> None:
        self._value = value

    def result(self) -> R:
        """Return it."""
        return self._value


class _InAThread(Generic[R]):
    """Work that runs. Not by `workers`: their pool would cost a query 3 ms, its import."""

    def __init__(self, work: Callable[[], R]) -> None:
        self._work = work
        self._came: list[R] = []
        self._wrong: BaseException | None = None
        self._thread = Thread(target=self._run, name="beside", daemon=True)
        self._thread.start()

    def wait(self) -> None:
        self._thread.join()

    def result(self) -> R:
        """Wait until it is done, and return what came of it, or raise what went wrong."""
        self.wait()
        if self._wrong is not None:
            raise self._wrong
        return self._came[0]

    def _run(self) -> None:
        try:
            self._came.append(self._work())
        except BaseException as error:  # noqa: BLE001 - who asks for the result raises it
            self._wrong = error


_has_core_to_spare = ContextVar("_has_core_to_spare", default=False)


@contextmanager
def core_to_spare() -> Iterator[None]:
    """Let what this thread does have work done beside it, meanwhile: no other thread is busy."""
    token = _has_core_to_spare.set(True)
    try:
        yield
    finally:
        _has_core_to_spare.reset(token)


@contextmanager
def beside(work: Callable[[], R]) -> Iterator[Callable[[], R]]:
    """Give what returns the result of work, or raises what went wrong.

    If there is a core to spare, a second thread does it meanwhile, and it is waited for at the end. Else it
    is done when it is asked for, and not at all if it is not.
    """
    if not _has_core_to_spare.get():
        yield work
        return
    started = _InAThread(work)
    try:
        yield started.result
    finally:
        started.wait()


@contextmanager
def workers(threads: int, name: str) -> Iterator[ThreadPoolExecutor]:
    """Give so many threads; at the end what was not begun is dropped, and what was begun waited for."""
    from concurrent.futures import ThreadPoolExecutor  # late: a query reads its picture without threads

    pool = ThreadPoolExecutor(threads, thread_name_prefix=name)
    try:
        yield pool
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def ahead(
    items: Iterable[T],
    start: Callable[[T], Started[R]],
    most: int,
    has_room: Callable[[], bool] = lambda: True,
) -> Generator[R, None, None]:
    """Yield what comes of each item, in order.

    `start` is called in the thread that asks for results: for up to `most` items ahead, and for one at
    a time while `has_room` says that there is no room for more.
    """
    waiting = iter(items)
    running: deque[Started[R]] = deque()
    while True:
        while len(running) < most and (not running or has_room()):
            for item in waiting:
                running.append(start(item))
                break
            else:
                break
        if not running:
            return
        yield running.popleft().result()
