"""Commits what a long run finds, about once a second: a run that is killed loses no more than that."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from types import TracebackType
from typing import Generic, TypeVar

T = TypeVar("T")

COMMIT_SECONDS = 1.0  # what a killed run loses at most, besides the batch on its way


class Committing(Generic[T]):
    """Collects items and commits them together; what is left when the run ends, or is interrupted, too."""

    def __init__(self, commit: Callable[[list[T]], object]) -> None:
        self._commit = commit
        self._pending: list[T] = []
        self._committed = time.monotonic()

    def __enter__(self) -> Committing[T]:
        return self

    def add(self, items: Iterable[T]) -> None:
        """Collect items, then commit all there are if the last commit was some time ago."""
        self._pending += items
        if time.monotonic() - self._committed > COMMIT_SECONDS:
            self._commit(self._pending)
            self._pending = []
            self._committed = time.monotonic()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        del kind, error, trace
        self._commit(self._pending)  # also when interrupted: what is done is kept
