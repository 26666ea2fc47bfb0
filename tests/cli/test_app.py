"""How the program starts."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest

from visualsearch_cli.cli import app


@pytest.fixture
def usual() -> Iterator[tuple[int, int, int]]:
    before, callbacks = gc.get_threshold(), list(gc.callbacks)
    yield before
    gc.set_threshold(*before)
    gc.callbacks[:] = callbacks


def test_collection_is_put_off_until_the_first_one(usual: tuple[int, int, int]) -> None:
    callbacks = list(gc.callbacks)
    app._put_off_collection()
    assert gc.get_threshold() == (app.GRACE, *usual[1:])
    kept = [[] for _ in range(app.GRACE + 1000)]  # type: ignore[var-annotated]
    assert gc.get_threshold() == usual and gc.callbacks == callbacks
    del kept
