"""The folder of an index: where it is, who may write to it, and what it says about itself."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from tests.contracts.catalog import MODEL
from visualsearch_cli import __version__
from visualsearch_cli.atomic import temporary_name
from visualsearch_cli.errors import IndexLocked, IndexStoreError, VisualSearchError
from visualsearch_cli.index.catalog import Catalog
from visualsearch_cli.index.folder import IndexFolder
from visualsearch_cli.index.records import INDEX_FOLDER
from visualsearch_cli.index.sqlite.migrations import FORMAT_VERSION
from visualsearch_cli.vectors.index import IndexParams


def made(path: Path) -> IndexFolder:
    """Make an index."""
    folder = IndexFolder(path)
    with folder.lock():
        folder.create(MODEL, None, IndexParams(M=7))
    return folder


def can_lock(folder: IndexFolder) -> bool:
    try:
        with folder.lock():
            return True
    except IndexLocked:
        return False


def test_a_new_index_describes_itself(tmp_path: Path) -> None:
    folder = made(tmp_path / INDEX_FOLDER)
    with closing(Catalog(folder.catalog_path)) as catalog:
        manifest = catalog.manifest()
        assert catalog.roots() == []
        assert catalog.problems() == []
    assert (manifest.model, manifest.params, manifest.graph) == (MODEL, IndexParams(M=7), None)
    assert (manifest.created_by, manifest.format_version) == (__version__, FORMAT_VERSION)
    assert manifest.created.endswith("+00:00")
    assert manifest.weights_path is None


def test_a_local_weights_file_is_noted_with_its_absolute_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    folder = IndexFolder(tmp_path / "index")
    with folder.lock():
        folder.create(MODEL, Path("weights.pt"), IndexParams())
    with closing(Catalog(folder.catalog_path)) as catalog:
        assert catalog.manifest().weights_path == os.path.join(os.getcwd(), "weights.pt")


def test_a_readme_says_that_nothing_precious_is_inside(tmp_path: Path) -> None:
    text = (made(tmp_path / "index").path / "README").read_text(encoding="utf-8")
    assert "visualsearch" in text
    assert "only costs the time to index again" in " ".join(text.split())


def test_nothing_else_is_left_inside(tmp_path: Path) -> None:
    names = {path.name for path in made(tmp_path / "index").path.iterdir()}
    assert {"README", "catalog.sqlite"} <= names <= {"README", "catalog.sqlite", "lock"}


# Where it is


def test_the_folder_around_an_index_stands_for_it(tmp_path: Path) -> None:
    assert not IndexFolder(tmp_path).exists()
    made(tmp_path / INDEX_FOLDER)
    for given in (tmp_path, tmp_path / INDEX_FOLDER):
        assert IndexFolder(given).path == tmp_path / INDEX_FOLDER
        assert IndexFolder(given).exists()


def test_an_index_need_not_be_named_like_one(tmp_path: Path) -> None:
    folder = made(tmp_path / "deep" / "down" / "my index")
    assert folder.path == tmp_path / "deep" / "down" / "my index"
    assert folder.exists()


def test_a_folder_that_is_no_index_but_full_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").touch()
    with pytest.raises(IndexStoreError, match=r"not an index and not empty: pass --index .*\.visualsearch"):
        made(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["a.jpg"]


def test_what_an_interrupted_creation_left_is_taken_over(tmp_path: Path) -> None:
    for name in ("README", "lock", temporary_name(), "catalog.sqlite.new", "hnsw.000001.bin"):
        (tmp_path / name).write_text("half")
    folder = made(tmp_path)
    with closing(Catalog(folder.catalog_path)) as catalog:
        assert catalog.problems() == []


def test_a_file_is_no_place_for_an_index(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for path in (tmp_path / "file", tmp_path / "file" / "below"):
        with pytest.raises(IndexStoreError, match="cannot be written"):
            made(path)


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: Path, parents: bool, exist_ok: bool) -> None:
        del path, parents, exist_ok
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "mkdir", refuse)
    with pytest.raises(IndexStoreError, match=r"index cannot be written \(Permission denied\).*--index DIR"):
        made(tmp_path / "index")


# The lock


def test_a_second_writer_is_refused(tmp_path: Path) -> None:
    folder = made(tmp_path / "index")
    with folder.lock():
        assert not can_lock(IndexFolder(tmp_path / "index"))
        with pytest.raises(IndexLocked, match="being written by another process"):
            made(tmp_path / "index")
    assert can_lock(folder)


def test_the_lock_ends_with_a_failure(tmp_path: Path) -> None:
    folder = made(tmp_path / "index")
    with pytest.raises(KeyboardInterrupt), folder.lock():
        raise KeyboardInterrupt
    assert can_lock(folder)


def test_a_failure_inside_is_not_taken_for_one_of_the_lock(tmp_path: Path) -> None:
    folder = made(tmp_path / "index")
    with pytest.raises(OSError, match="of the work") as caught, folder.lock():
        raise OSError("of the work")
    assert not isinstance(caught.value, VisualSearchError)


LOCK_AND_WAIT = """
import sys, time
from pathlib import Path
from visualsearch_cli.index.folder import IndexFolder

with IndexFolder(Path(sys.argv[1])).lock():
    print("locked", flush=True)
    time.sleep(60)
"""


@contextmanager
def other_process(path: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Let another process hold the lock."""
    command = [sys.executable, "-c", LOCK_AND_WAIT, str(path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline().strip() == b"locked"
            yield process
        finally:
            process.kill()


@pytest.mark.slow
def test_another_process_holds_the_lock_until_it_is_killed(tmp_path: Path) -> None:
    folder = made(tmp_path / "index")
    with other_process(folder.path) as process:
        assert not can_lock(folder)
        with closing(Catalog(folder.catalog_path)) as catalog:  # reading is not locked out
            assert catalog.counts().images == 0
        process.kill()
        code = process.wait()
        assert os.name == "nt" or code == -signal.SIGKILL
        assert can_lock(folder)
