"""Several writers of one store at a time: threads with one client of Milvus Lite, which lets one process in;
or, with $VISUALSEARCH_MILVUS_URI, a client for each on that server."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from tests.contracts.catalog import MODEL, digest
from tests.contracts.store import carried, file
from tests.helpers.stores import SERVER, milvus_address
from tests.store.test_pushing import catalog, known
from visualsearch_cli.progress import NoProgress
from visualsearch_cli.store import port
from visualsearch_cli.store.address import Address, parsed_address
from visualsearch_cli.store.milvus import MilvusStore
from visualsearch_cli.store.mounted import MountedRoots
from visualsearch_cli.store.port import Store
from visualsearch_cli.store.pushing import Pushed, push
from visualsearch_cli.store.soundness import soundness

pytestmark = pytest.mark.slow

WRITERS, ROUNDS = 4, 5
SHARED = [f"shared {number}" for number in range(20)]


@pytest.fixture
def address(tmp_path: Path) -> Address:
    return parsed_address(milvus_address(tmp_path, file=tmp_path / "engine.db"))


@pytest.fixture
def stores(address: Address) -> Iterator[list[MilvusStore]]:
    """What each writer writes to: one client for all, or one each where there is a server."""
    count = WRITERS if os.environ.get(SERVER) else 1
    clients = [MilvusStore(address) for _ in range(count)]
    try:
        clients[0].create(MODEL, "2024-05-06T07:08:09+00:00")
        yield [clients[number % count] for number in range(WRITERS)]
    finally:
        for client in clients:
            client.close()


def test_what_many_write_at_once_is_there_once(stores: Sequence[Store]) -> None:
    """All write the same contents and files, and each some of its own, again and again."""
    stores[0].put_roots(["/photos"])
    together = threading.Barrier(WRITERS)

    def write(number: int) -> None:
        rng = np.random.default_rng(number)
        for turn in range(ROUNDS):
            together.wait(60)
            own = [f"{number} {turn}"]
            names = [*rng.permutation(SHARED).tolist(), *own]
            stores[number].put_contents([carried(name, 1, len(name), turn) for name in names])
            stores[number].put_files([file(f"{name}.jpg", name, size=1 + number) for name in names])
            gone = [file(f"{number} {turn - 1}.jpg", f"{number} {turn - 1}")] if turn else []
            stores[number].forget_files(gone)

    with ThreadPoolExecutor(WRITERS) as pool:
        list(pool.map(write, range(WRITERS)))
    last = [file(f"{name}.jpg", name, size=77) for name in SHARED]
    stores[-1].put_files(last)
    store = stores[0]
    store.flush()
    hashes = list(store.hashes())
    own = {f"{number} {turn}" for number in range(WRITERS) for turn in range(ROUNDS)}
    assert len(hashes) == len(set(hashes)) and set(hashes) == {digest(name) for name in {*SHARED, *own}}
    found = {each.key: each for each in store.files("/photos")}
    assert len(found) == len(SHARED) + WRITERS
    assert all(found[each.key] == each for each in last), "the state that was written last is there"
    assert store.counts()[:1] == (len(SHARED) + WRITERS,)


class Lost(Exception):
    """A writer is killed."""


class Dying:
    """A store whose writer is killed at its n-th call."""

    def __init__(self, store: Store, calls: int) -> None:
        self._store, self._left = store, calls

    def __getattr__(self, name: str) -> object:
        self._left -= 1
        if self._left < 0:
            raise Lost
        return getattr(self._store, name)


@pytest.mark.parametrize("calls", [3, 7, 12])
def test_writers_that_are_lost_leave_what_the_next_run_completes(
    stores: Sequence[Store], tmp_path: Path, calls: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Four writers, each with its index of folders that overlap, push at once. Two are killed on the way."""
    monkeypatch.setattr(port, "BATCH", 3)
    root = Path(os.path.realpath(tmp_path)) / "photos"
    root.mkdir()
    names = [f"{number:02}" for number in range(48)]
    for name in names:
        known(root, name, name)

    def push_of(number: int, run: str, calls: int | None = None) -> Pushed | None:
        mine = [name for name in names if int(name) % WRITERS in (number, (number + 1) % WRITERS)]
        with catalog(tmp_path / f"{run}{number}") as local:
            local.catalog.add_root(root)
            local.put_contents([carried(name, 1, int(name)) for name in mine])
            local.put_files([known(root, name, name) for name in mine])
            target = stores[number] if calls is None else Dying(stores[number], calls)
            try:
                return push(local, target, MountedRoots(), NoProgress())  # type: ignore[arg-type]
            except Lost:
                return None

    with ThreadPoolExecutor(WRITERS) as pool:
        first = list(pool.map(lambda n: push_of(n, "a", calls + n if n < 2 else None), range(WRITERS)))
    assert first[:2] == [None, None] and None not in first[2:]
    with ThreadPoolExecutor(WRITERS) as pool:
        assert None not in list(pool.map(lambda n: push_of(n, "b"), range(WRITERS)))
    for number in range(WRITERS):  # nothing is left to write
        found = push_of(number, "c")
        assert found is not None and (found.contents, found.files) == (0, 0)
    store = stores[0]
    sound = soundness(store, MountedRoots(), NoProgress())
    assert not sound.problems and not sound.stale and not sound.unused
    assert sorted(each.relpath.decode() for each in store.files(str(root))) == names
