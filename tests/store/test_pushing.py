"""What goes into a store, comes out, and is forgotten: with the catalog of another index as the store."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.contracts.catalog import MODEL, digest
from tests.contracts.store import carried, file
from visualsearch_cli.errors import VisualSearchError
from visualsearch_cli.index.carried.carried_rows import CarriedFile
from visualsearch_cli.index.carried.catalog_store import WritableCatalogStore
from visualsearch_cli.index.folder import IndexFolder
from visualsearch_cli.index.open import open_writer
from visualsearch_cli.progress import NoProgress
from visualsearch_cli.store.engine_rows import file_of, file_row
from visualsearch_cli.store.gathering import gather
from visualsearch_cli.store.mounted import MountedRoots
from visualsearch_cli.store.pushing import push
from visualsearch_cli.store.soundness import forget_in_store, forgettable, soundness
from visualsearch_cli.vectors.index import IndexParams

HERE = MountedRoots()
QUIET = NoProgress()


@contextmanager
def catalog(folder: Path) -> Iterator[WritableCatalogStore]:
    index = IndexFolder(folder)
    with index.lock():
        index.create(MODEL, None, IndexParams())
        with open_writer(index) as opened:
            yield WritableCatalogStore(opened)


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    folder = Path(os.path.realpath(tmp_path)) / "photos"
    folder.mkdir()
    return folder


@pytest.fixture
def local(tmp_path: Path, photos: Path) -> Iterator[WritableCatalogStore]:
    """An index that knows three files, of two contents, and one that was skipped."""
    with catalog(tmp_path / "local") as store:
        store.catalog.add_root(photos)
        store.put_contents([carried("a"), carried("b", 0, 1)])
        store.put_files([known(photos, name, of) for name, of in (("1", "a"), ("2", "a"), ("3", "b"))])
        store.put_files([known(photos, "bad", None)])
        yield store


@pytest.fixture
def store(tmp_path: Path) -> Iterator[WritableCatalogStore]:
    with catalog(tmp_path / "store") as store:
        yield store


def known(root: Path, name: str, content: str | None) -> CarriedFile:
    """Return a file as it is on the disk now, where it is made if it is not there."""
    path = root / name
    if not path.exists():
        path.write_bytes(b"x" * 100)
        os.utime(path, ns=(1_700_000_000_000_000_000, 1_700_000_000_000_000_000))
    state = path.stat()
    return file(name, content, root=str(root), size=state.st_size, mtime_ns=state.st_mtime_ns)


def test_all_goes_along_once(local: WritableCatalogStore, store: WritableCatalogStore, photos: Path) -> None:
    assert push(local, store, HERE, QUIET) == (2, 4, 0)
    assert push(local, store, HERE, QUIET) == (0, 0, 4)
    assert set(store.files(str(photos))) == set(local.files(str(photos)))
    assert soundness(store, HERE, QUIET) == ((), (), 0, ())


@pytest.mark.slow
def test_only_what_changed_is_written_and_what_vanished_is_marked(
    local: WritableCatalogStore, store: WritableCatalogStore, photos: Path
) -> None:
    push(local, store, HERE, QUIET)
    (photos / "3").write_bytes(b"other")
    (photos / "2").unlink()
    assert [Path(path).name for path in soundness(store, HERE, QUIET).stale] == ["2", "3"]
    local.put_contents([carried("c", 0, 0, 1)])
    local.put_files([known(photos, "3", "c")])
    local.forget_files(each for each in list(local.files(str(photos))) if each.relpath == b"2")
    assert push(local, store, HERE, QUIET) == (1, 2, 2)
    found = {each.relpath: each for each in store.files(str(photos))}
    assert found[b"2"].missing and found[b"3"].content == digest("c")
    assert push(local, store, HERE, QUIET) == (0, 0, 3)


@pytest.mark.slow
def test_what_another_writer_knows_stays_while_it_is_there(
    local: WritableCatalogStore, store: WritableCatalogStore, photos: Path
) -> None:
    push(local, store, HERE, QUIET)
    store.put_files([known(photos, "theirs", "b")])
    assert push(local, store, HERE, QUIET).files == 0
    (photos / "theirs").unlink()
    assert push(local, store, HERE, QUIET).files == 1
    assert [each.relpath for each in forgettable(store, HERE, ())] == [b"theirs"]


def test_a_root_that_is_not_there_is_left_alone(
    local: WritableCatalogStore, store: WritableCatalogStore, photos: Path
) -> None:
    push(local, store, HERE, QUIET)
    photos.rename(photos.with_name("unplugged"))
    assert push(local, store, HERE, QUIET) == (0, 0, 0)
    assert soundness(store, HERE, QUIET).away == (str(photos),)
    assert store.counts().images == 3


def test_a_content_that_was_lost_is_written_again(
    local: WritableCatalogStore, store: WritableCatalogStore, photos: Path
) -> None:
    push(local, store, HERE, QUIET)
    files = list(store.files(str(photos)))
    store.forget_files(files)
    store.forget_contents([digest("b")])
    assert store.known([digest("a"), digest("b")]) == {digest("a")}
    assert push(local, store, HERE, QUIET)[:2] == (1, 4)


@pytest.mark.slow
def test_what_is_forgotten_takes_its_contents_along(
    local: WritableCatalogStore, store: WritableCatalogStore, photos: Path
) -> None:
    push(local, store, HERE, QUIET)
    place = str(photos / "3")
    assert forget_in_store(store, HERE, forgettable(store, HERE, [place]), [place]) == 1
    assert store.counts()[:4] == (2, 0, 1, 1)
    forget_in_store(store, HERE, forgettable(store, HERE, [str(photos)]), [str(photos)])
    assert (store.roots(), store.counts()[:3]) == ([], (0, 0, 0))
    with pytest.raises(VisualSearchError, match="knows of nothing"):
        forgettable(store, HERE, [str(photos)])


@pytest.mark.slow
def test_all_of_a_store_or_a_part_of_it_is_gathered_where_its_roots_are_here(
    tmp_path: Path, local: WritableCatalogStore, store: WritableCatalogStore, photos: Path
) -> None:
    (photos / "sub").mkdir()
    local.put_files([known(photos, "sub/4", "b")])
    push(local, store, HERE, QUIET)
    mounts = MountedRoots([(str(photos), "/elsewhere")])
    with catalog(tmp_path / "all") as everything:
        gather(store, everything, mounts, (), QUIET)
        assert everything.roots() == ["/elsewhere"]
        assert {each.relpath for each in everything.files("/elsewhere")} == {
            b"1",
            b"2",
            b"3",
            b"bad",
            b"sub/4",
        }
    with catalog(tmp_path / "part") as part:
        gather(store, part, mounts, ("/elsewhere/sub",), QUIET)
        assert [each.relpath for each in part.files("/elsewhere")] == [b"sub/4"]
        assert list(part.hashes()) == [digest("b")]


def test_a_file_that_two_roots_hold_is_one(tmp_path: Path, store: WritableCatalogStore) -> None:
    store.put_roots(["/photos", "/photos/sub"])
    store.put_contents([carried("a")])
    store.put_files([file("sub/x.jpg", "a"), file("x.jpg", "a", root="/photos/sub"), file("y.jpg", "a")])
    with catalog(tmp_path / "all") as everything:
        gather(store, everything, HERE, (), QUIET)
        found = {(each.root, each.relpath) for root in everything.roots() for each in everything.files(root)}
    assert found == {("/photos/sub", b"x.jpg"), ("/photos", b"y.jpg")}


def test_a_reason_that_a_store_cannot_hold_is_not_written_again_and_again() -> None:
    odd = file("bad.jpg")._replace(reason="\udcff not an image: " + 5000 * "é")
    assert file_of(file_row(odd)).state == odd.state
    assert file_of(file_row(odd._replace(reason="other"))).state != odd.state
