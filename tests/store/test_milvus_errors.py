"""What an engine may say no to, and what is made of it: one sentence, and nothing lost."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.contracts.catalog import MODEL
from tests.contracts.store import ROOT, carried, file
from tests.helpers.stores import milvus_address
from visualsearch_cli.errors import (
    IndexCorrupt,
    IndexIncompatible,
    IndexLocked,
    IndexNotFound,
    IndexStoreError,
    IndexVersionUnsupported,
    ModelMismatch,
)
from visualsearch_cli.index.carried.catalog_store import CatalogStore, WritableCatalogStore
from visualsearch_cli.index.folder import IndexFolder
from visualsearch_cli.index.open import open_writer
from visualsearch_cli.progress import NoProgress
from visualsearch_cli.store import milvus
from visualsearch_cli.store.address import parsed_address
from visualsearch_cli.store.engine_rows import file_of, file_row
from visualsearch_cli.store.milvus import MilvusStore
from visualsearch_cli.store.mounted import MountedRoots
from visualsearch_cli.store.pushing import check_same_model, push
from visualsearch_cli.store.soundness import soundness
from visualsearch_cli.vectors.index import IndexParams

pytestmark = pytest.mark.slow


@contextmanager
def opened(folder: Path) -> Iterator[MilvusStore]:
    with closing(
        MilvusStore(parsed_address(milvus_address(folder, file=folder.parent / "engine.db")))
    ) as store:
        yield store


def test_there_is_no_index_before_one_is_pushed(tmp_path: Path) -> None:
    with opened(tmp_path) as store, pytest.raises(IndexNotFound, match="holds no index"):
        store.manifest()


def test_a_newer_format_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(milvus, "FORMAT", 99)
    with opened(tmp_path) as store:
        store.create(MODEL, "2024")
        monkeypatch.undo()
        with pytest.raises(IndexVersionUnsupported, match="format 99"):
            store.manifest()


def test_a_collection_of_others_is_refused(tmp_path: Path) -> None:
    with opened(tmp_path) as store:
        for name in (store.address.collection, f"{store.address.collection}_files"):
            store._client.create_collection(name, dimension=4)
        with pytest.raises(IndexIncompatible, match="not of visualsearch"):
            store.manifest()


def test_another_model_is_refused(tmp_path: Path) -> None:
    with opened(tmp_path) as store:
        store.create(MODEL._replace(name="other"), "2024")
        theirs = store.manifest()
    ours = theirs._replace(model=MODEL)
    with pytest.raises(ModelMismatch, match=r"toy.*other"):
        check_same_model(ours, tmp_path, theirs, "milvus:x.db")


def test_an_old_server_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pymilvus = pytest.importorskip("pymilvus")

    class Old:
        def __init__(self, *_: object, **__: object) -> None:
            pass

        def get_server_version(self) -> str:
            return "v2.2.16"

    del tmp_path
    monkeypatch.setattr(pymilvus, "MilvusClient", Old)
    with pytest.raises(IndexIncompatible, match=r"runs Milvus v2\.2\.16, and 2\.4 or later"):
        MilvusStore(parsed_address("milvus:http://127.0.0.1:19530"))


def test_a_file_is_open_in_one_process(tmp_path: Path) -> None:
    pytest.importorskip("milvus_lite")
    fcntl = pytest.importorskip("fcntl", reason="needs locks of POSIX systems")
    place = tmp_path / "held.db"
    place.mkdir()
    with (place / "LOCK").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        with pytest.raises(IndexLocked, match="open in another process"):
            MilvusStore(parsed_address(f"milvus:{place}"))


def filled(folder: Path, count: int) -> IndexFolder:
    """Return a local index of files that are there."""
    root = Path(os.path.realpath(folder)) / "photos"
    root.mkdir()
    index = IndexFolder(folder / "index")
    with index.lock():
        index.create(MODEL, None, IndexParams())
        with open_writer(index) as catalog:
            store = WritableCatalogStore(catalog)
            catalog.add_root(root)
            store.put_contents([carried(f"{n}", 1, n / count) for n in range(count)])
            files = [file(f"{n}.jpg", f"{n}", root=str(root)) for n in range(count)]
            store.put_files(files)
            for each in files:
                (root / os.fsdecode(each.relpath)).touch()
    return index


def test_a_write_that_is_refused_half_way_is_completed_by_the_next_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    MilvusException = pytest.importorskip("pymilvus.exceptions").MilvusException
    index = filled(tmp_path, 2_500)
    with opened(tmp_path) as store, index.lock(), open_writer(index) as catalog:
        store.create(MODEL, "2024")
        upsert: Callable[..., Any] = store._client.upsert
        calls = iter(range(99))

        def refusing(*values: Any, **named: Any) -> Any:
            if next(calls) == 4:
                raise MilvusException(message="quota\nexceeded")
            return upsert(*values, **named)

        monkeypatch.setattr(store._client, "upsert", refusing)
        with pytest.raises(IndexStoreError, match=r"refused \(quota exceeded\): run this again"):
            push(CatalogStore(catalog), store, MountedRoots(), NoProgress())
        assert soundness(store, MountedRoots(), NoProgress()).problems == ()
        written = push(CatalogStore(catalog), store, MountedRoots(), NoProgress())
        assert written.files + written.unchanged == 2_500
        assert store.counts()[:4] == (2_500, 0, 0, 2_500)


def test_rows_that_others_wrote_lead_nowhere() -> None:
    row = file_row(file("a.jpg", "a"))
    assert file_of(row) == file("a.jpg", "a")
    for relpath in ("../../etc/passwd", "/etc/passwd", "a//b", "./a", ""):
        with pytest.raises(IndexCorrupt, match="leads out of its root"):
            file_of(row | {"relpath": relpath})
    for wrong in ({"size": "many"}, {"content": "xyz"}, {"root": None}):
        with pytest.raises(IndexCorrupt, match="no file"):
            file_of(row | wrong)


def test_what_is_wrong_in_a_store_is_told(tmp_path: Path) -> None:
    with opened(tmp_path) as store:
        store.create(MODEL, "2024")
        store.put_roots([ROOT])
        longer = carried("a")
        store.put_contents([longer._replace(vector=2 * longer.vector), carried("unused")])
        store.put_files([file("a.jpg", "a"), file("b.jpg", "lost")])
        found = soundness(store, MountedRoots(), NoProgress())
    assert len(found.problems) == 2 and found.unused == 1 and found.away == (ROOT,)


def test_what_is_not_installed_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(sys.modules, "pymilvus", None)
    with pytest.raises(IndexStoreError, match=r"pip install 'visualsearch-cli\[milvus\]'"):
        MilvusStore(parsed_address(f"milvus:{tmp_path}/x.db"))
