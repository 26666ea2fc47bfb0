"""An index is kept current: what `index` would do is done, as things change."""

from __future__ import annotations

import os
import shutil
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.helpers.photographs import cutting, wait_until
from visualsearch_cli.errors import IndexCorrupt, NotThere
from visualsearch_cli.index.folder import IndexFolder
from visualsearch_cli.index.model import ModelChoice
from visualsearch_cli.index.open import open_reader
from visualsearch_cli.index.records import FileKey
from visualsearch_cli.indexing.adding import Indexed, add_paths
from visualsearch_cli.indexing.scanner import Scanner, ScanOptions
from visualsearch_cli.pictures.reader import Decoding
from visualsearch_cli.progress import Messages, NoProgress
from visualsearch_cli.watching import keeper
from visualsearch_cli.watching.keeper import Keeper, WatchOptions
from visualsearch_cli.watching.pending import Pending

SETTLE = 0.05


class Watched:
    """A folder of photographs, its index, and what keeps that current."""

    def __init__(self, base: Path) -> None:
        self.path = base / "Photos"
        self.path.mkdir()
        self.folder = IndexFolder(base / "index")
        self.runs: list[Indexed] = []
        self.notes: list[str] = []
        self.options = WatchOptions(settle=SETTLE)
        self.scan = ScanOptions()

    def write(self, name: str, seed: int) -> Path:
        """Write a photograph."""
        path = self.path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        cutting(seed).save(path)
        return path

    def index(self) -> None:
        """Do what `index --model dct` does: that model is there without a network."""
        models = [ModelChoice("dct")]
        add_paths(self.folder, [str(self.path)], models, Scanner(), Decoding(None, 1), NoProgress())

    def names(self) -> set[str]:
        """Return the pictures that the index knows to be there."""
        if not self.folder.exists():
            return set()
        with open_reader(self.folder) as catalog:
            known = [row for root in catalog.roots() for row in catalog.known_files(FileKey(root.id, "."))]
        there = {Path(os.fsdecode(row[0])) for row in known if not row[4] and row[5] is None}
        return {str(path.relative_to(self.path)) for path in there}

    def keeper(self, *paths: str) -> Keeper:
        """Return what keeps it current."""
        said = Messages(note=self.notes.append)
        given = paths or (str(self.path),)
        return Keeper(self.folder, given, self.scan, Decoding(None, 1), NoProgress(), said, self.options)

    @contextmanager
    def kept(self, *paths: str) -> Iterator[None]:
        """Keep it current meanwhile, and let what goes wrong there go wrong here."""
        ended = threading.Event()
        wrong: list[BaseException] = []
        kept = self.keeper(*paths)

        def keep() -> None:
            try:
                kept.keep(self.runs.append, ended.is_set)
            except BaseException as error:  # noqa: BLE001  # raised again below
                wrong.append(error)

        thread = threading.Thread(target=keep)
        thread.start()
        try:
            yield
        finally:
            ended.set()
            thread.join()
        if wrong:
            raise wrong[0]

    def until(self, *names: str) -> None:
        """Wait until the index knows just these."""
        wait_until(lambda: self.names() == set(names))


@pytest.fixture
def photos(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Watched:
    """Three photographs that are indexed."""
    monkeypatch.setattr(keeper, "TICK", 0.05)
    found = Watched(tmp_path)
    for seed, name in enumerate(("a.png", "b.png", "inner/c.png")):
        found.write(name, seed)
    found.index()
    return found


def embedded(photos: Watched) -> int:
    return sum(run.report.embedded for run in photos.runs)


@pytest.mark.slow
def test_what_changes_is_carried_over(photos: Watched) -> None:
    with photos.kept():
        wait_until(lambda: len(photos.runs) == 1)
        photos.write("new/deep/d.png", 3)
        photos.until("a.png", "b.png", "inner/c.png", "new/deep/d.png")
        wait_until(lambda: embedded(photos) == 1)
        (photos.path / "inner").rename(photos.path / "moved")
        photos.until("a.png", "b.png", "moved/c.png", "new/deep/d.png")
        (photos.path / "a.png").rename(photos.path / "moved" / "a.png")
        photos.until("moved/a.png", "b.png", "moved/c.png", "new/deep/d.png")
        (photos.path / "b.png").unlink()
        photos.until("moved/a.png", "moved/c.png", "new/deep/d.png")
        shutil.rmtree(photos.path / "new")
        photos.until("moved/a.png", "moved/c.png")
        assert embedded(photos) == 1, "what moved has its vector"
        cutting(9).save(photos.path / "moved" / "a.png")
        wait_until(lambda: embedded(photos) == 2)
    assert photos.runs[-1].report.found == 1, "one file was looked at, not all"


@pytest.mark.slow
def test_between_two_runs_others_may_write(photos: Watched) -> None:
    with photos.kept():
        wait_until(lambda: len(photos.runs) == 1)
        wait_until(lambda: not _is_locked(photos.folder))
        with photos.folder.lock():
            photos.write("d.png", 3)
            wait_until(lambda: any("this is tried again" in note for note in photos.notes))
            assert len(photos.runs) == 1
        photos.until("a.png", "b.png", "d.png", "inner/c.png")
    assert len([note for note in photos.notes if "tried again" in note]) == 1, "it is said once"


def _is_locked(folder: IndexFolder) -> bool:
    try:
        with folder.lock():
            return False
    except Exception:  # noqa: BLE001  # whatever it is, it is not free
        return True


@pytest.mark.slow
def test_a_file_that_is_being_written_waits(photos: Watched) -> None:
    whole = photos.write("d.png", 3).read_bytes()
    (photos.path / "d.png").unlink()
    with photos.kept():
        wait_until(lambda: len(photos.runs) == 1)
        with (photos.path / "d.png").open("wb") as stream:
            stream.write(whole[:2000])
            stream.flush()
            time.sleep(10 * SETTLE)
            photos.write("e.png", 4)
            photos.until("a.png", "b.png", "e.png", "inner/c.png")
            (photos.path / "e.png").unlink()  # so all of the folder is looked through
            photos.until("a.png", "b.png", "inner/c.png")
            stream.write(whole[2000:])
        photos.until("a.png", "b.png", "d.png", "inner/c.png")
    assert not any(run.report.skipped for run in photos.runs), "half a file is none"


@pytest.mark.slow
def test_a_disk_may_go_and_come_back(photos: Watched, tmp_path: Path) -> None:
    """With its index on it, as usual."""
    photos.folder = IndexFolder(photos.path / ".visualsearch")
    photos.index()
    with photos.kept():
        wait_until(lambda: len(photos.runs) == 1)
        photos.path.rename(tmp_path / "away")
        wait_until(lambda: any("is not there" in note for note in photos.notes))
        photos.path.mkdir()  # an empty mount point
        time.sleep(10 * SETTLE)
        assert not list(photos.path.iterdir()), "nothing is made there"
        photos.path.rmdir()
        cutting(3).save(tmp_path / "away" / "d.png")
        (tmp_path / "away").rename(photos.path)
        photos.until("a.png", "b.png", "d.png", "inner/c.png")
        photos.write("e.png", 4)
        photos.until("a.png", "b.png", "d.png", "e.png", "inner/c.png")
    assert embedded(photos) == 2


@pytest.mark.slow
def test_an_empty_mount_point_loses_nothing(photos: Watched, tmp_path: Path) -> None:
    with photos.kept():
        wait_until(lambda: len(photos.runs) == 1)
        photos.path.rename(tmp_path / "away")
        photos.path.mkdir()
        wait_until(lambda: any("holds no file" in note for note in photos.notes))
        photos.path.rmdir()
        (tmp_path / "away").rename(photos.path)
        photos.write("d.png", 3)
        photos.until("a.png", "b.png", "d.png", "inner/c.png")
    assert not any(run.report.missing for run in photos.runs)


@pytest.mark.slow
def test_what_is_not_told_is_found_by_looking(photos: Watched) -> None:
    photos.options = WatchOptions(settle=SETTLE, every=0.1, scan=True)
    with photos.kept():
        photos.write("d.png", 3)
        photos.until("a.png", "b.png", "d.png", "inner/c.png")
        (photos.path / "a.png").unlink()
        photos.until("b.png", "d.png", "inner/c.png")


@pytest.mark.slow
def test_links_are_looked_through(photos: Watched, tmp_path: Path) -> None:
    photos.scan = ScanOptions(follow_symlinks=True)
    photos.options = WatchOptions(settle=SETTLE, every=0.1)
    (tmp_path / "other").mkdir()
    (photos.path / "link").symlink_to(tmp_path / "other")
    with photos.kept():
        cutting(3).save(tmp_path / "other" / "d.png")
        photos.until("a.png", "b.png", "inner/c.png", "link/d.png")
    assert any("symbolic links may lead" in note for note in photos.notes)


@pytest.mark.slow
def test_of_a_burst_nothing_is_missed(photos: Watched, monkeypatch: pytest.MonkeyPatch) -> None:
    """The system drops what it has no room for: here, all that is told of one folder."""
    monkeypatch.setattr(keeper, "_burst", lambda: 50)
    told = Pending.file
    monkeypatch.setattr(Pending, "file", lambda self, path: None if "lost" in path else told(self, path))
    with photos.kept():
        wait_until(lambda: len(photos.runs) == 1)
        photos.path.joinpath("lost").mkdir()
        time.sleep(10 * SETTLE)
        photos.write("lost/d.png", 3)
        for number in range(30):
            photos.write(f"many/{number}.png", 4 + number)
        names = [f"many/{number}.png" for number in range(30)]
        photos.until("a.png", "b.png", "inner/c.png", "lost/d.png", *names)


@pytest.mark.slow
def test_the_first_picture_makes_the_index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keeper, "TICK", 0.05)
    photos = Watched(tmp_path)
    with photos.kept():
        wait_until(lambda: any("no pictures yet" in note for note in photos.notes))
        assert not photos.folder.path.exists()
        photos.write("a.png", 0)
        photos.until("a.png")


@pytest.mark.slow
def test_what_is_wrong_with_the_index_ends_it(photos: Watched) -> None:
    photos.folder.catalog_path.write_bytes(b"no database at all" * 1000)
    with pytest.raises(IndexCorrupt), photos.kept():
        time.sleep(10 * SETTLE)


@pytest.mark.slow
def test_a_folder_that_nobody_knows_is_refused(photos: Watched) -> None:
    with pytest.raises(NotThere, match="does not exist"):
        photos.keeper(str(photos.path.parent / "nowhere"))
    assert photos.keeper(str(photos.path / "inner")), "and one that the index knows is waited for"
