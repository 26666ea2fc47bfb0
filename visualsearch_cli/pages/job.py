"""What takes a while is done beside the page, one thing at a time, and can be watched."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Lock, Thread

from visualsearch_cli.acting.action import Outcome, Result
from visualsearch_cli.errors import VisualSearchError
from visualsearch_cli.progress import Advance


class Stopped(BaseException):
    """The server ends: what is being done stops after the file at hand. No error, as Ctrl-C is none."""


@dataclass(slots=True)
class Job:
    """Something that is, or was, done."""

    kind: str  # "apply" or "undo"
    label: str = ""
    done: int = 0
    total: int = 0  # 0: nobody knows
    results: Sequence[Result] = ()
    error: str = ""
    journal: str = ""
    is_over: bool = False
    is_stopped: bool = field(default=False)

    @contextmanager
    def step(self, label: str, total: int | None = None) -> Iterator[Advance]:
        """Begin a step, as Progress has it."""
        self.label, self.done, self.total = label, 0, total or 0

        def advance(count: int) -> None:
            self.done += count
            if self.is_stopped:
                raise Stopped

        yield advance

    @property
    def acted_on(self) -> list[Result]:
        """What was done, or taken back."""
        return [result for result in self.results if result.outcome is Outcome.DONE]

    @property
    def left(self) -> list[Result]:
        """What was not done although it was to be, and what was left by rule."""
        return [r for r in self.results if r.outcome.is_problem or (r.outcome is Outcome.LEFT and r.message)]


class Jobs:
    """Runs one job at a time."""

    def __init__(self) -> None:
        self.last: Job | None = None
        self._thread: Thread | None = None
        self._lock = Lock()

    def start(self, job: Job, work: Callable[[Job], None]) -> bool:
        """Begin a job, unless another one runs. Returns whether it did."""
        with self._lock:
            if self.last is not None and not self.last.is_over:
                return False
            self.last = job
            self._thread = Thread(target=self._run, args=(job, work), name=job.kind)
            self._thread.start()
        return True

    def stop(self) -> None:
        """Let a running job end after the file at hand, and wait for that."""
        with self._lock:
            job, thread = self.last, self._thread
        if job is not None and thread is not None:
            job.is_stopped = True
            thread.join()

    @staticmethod
    def _run(job: Job, work: Callable[[Job], None]) -> None:
        try:
            work(job)
        except Stopped:
            job.error = "stopped"
        except VisualSearchError as error:
            job.error = str(error)
        except BaseException as error:
            job.error = f"{type(error).__name__}: {error}"
            raise
        finally:
            job.is_over = True
