"""Indexing: what is new is embedded, what is known is not, what is gone is missing."""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from tests.helpers.doubles import FakeReader, InterruptedEmbedder, Loader, toy, write_toy
from tests.helpers.fakes import FakeEmbedder
from visualsearch_cli.errors import ImageUnreadable
from visualsearch_cli.index.folder import IndexFolder
from visualsearch_cli.index.records import FileUpdate
from visualsearch_cli.index.roots import find_targets
from visualsearch_cli.index.writer import CatalogWriter
from visualsearch_cli.indexing import loading
from visualsearch_cli.indexing.build import index_files
from visualsearch_cli.indexing.embedding import BATCH
from visualsearch_cli.indexing.scanner import Scanner, ScanOptions
from visualsearch_cli.indexing.summary import IndexReport
from visualsearch_cli.pictures.image import ImageReader
from visualsearch_cli.pictures.reading import FileRead, hash_content
from visualsearch_cli.progress import NoProgress
from visualsearch_cli.vectors.index import IndexParams


class Photos:
    """A folder of toy images, and its index."""

    def __init__(self, base: Path, *, summarizes: bool = False) -> None:
        self.summarizes = summarizes
        self.path = base / "photos"
        self.path.mkdir()
        self.folder = IndexFolder(base / "index")
        with self.folder.lock():
            self.folder.create(FakeEmbedder.spec, None, IndexParams())
        self.loader = Loader()
        self.catalog = CatalogWriter(self.folder.catalog_path)

    def add(self, name: str, seed: int) -> Path:
        """Write a toy image."""
        path = self.path / name
        write_toy(path, seed)
        return path

    def index(
        self,
        *paths: str,
        loader: Loader | None = None,
        reader: ImageReader | None = None,
        scanner: Scanner | None = None,
        threads: int = 2,
        retry_skipped: bool = False,
    ) -> IndexReport:
        """Index the folder, or paths below it."""
        given = [os.path.normpath(self.path / path) for path in paths or (".",)]
        targets, _ = find_targets(self.catalog, given)
        report = index_files(
            targets,
            self.catalog,
            scanner or Scanner(),
            reader or FakeReader(),
            loader or self.loader,
            threads,
            NoProgress(),
            retry_skipped=retry_skipped,
        )
        if self.summarizes:
            self.catalog.summarize()
        return report

    def contents(self) -> dict[str, bytes]:
        """Return the content hash of each present image, by its path below the folder."""
        stored = self.catalog.vectors()
        images = self.catalog.images_of(stored.content_ids.tolist())
        return {
            os.path.relpath(image.path, self.path).replace(os.sep, "/"): bytes.fromhex(image.content_hash)
            for records in images.values()
            for image in records
        }


@pytest.fixture(params=[False, True], ids=["file by file", "by summaries"])
def photos(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Photos]:
    """Give a folder and its index. Whether a run leaves summaries of the files makes no difference."""
    photos = Photos(Path(os.path.realpath(tmp_path)), summarizes=request.param)
    with closing(photos.catalog):
        yield photos


def later(path: Path, seconds: float = 2) -> None:
    """Give a file a later time, whatever the clock of the file system."""
    state = path.stat()
    os.utime(path, ns=(state.st_atime_ns, state.st_mtime_ns + int(seconds * 1e9)))


def expected(**seeds: int) -> dict[str, bytes]:
    return {f"{name}.jpg": hash_content(toy(seed)) for name, seed in seeds.items()}


@pytest.mark.slow
def test_the_first_run_embeds_every_content_once(photos: Photos) -> None:
    for name, seed in (("a.jpg", 1), ("b.jpg", 2), ("sub/copy of a.jpg", 1)):
        photos.add(name, seed)
    report = photos.index()
    assert (report.found, report.embedded, report.reused, report.unchanged) == (3, 2, 1, 0)
    assert (report.missing, report.skipped) == (0, [])
    assert photos.loader.embedded == 2
    assert photos.contents() == expected(a=1, b=2, **{"sub/copy of a": 1})
    assert photos.catalog.problems() == []


def test_the_vector_is_that_of_the_embedder(photos: Photos) -> None:
    photos.add("a.jpg", 1)
    photos.index()
    embedder = FakeEmbedder()
    vector = photos.catalog.content_vector(hash_content(toy(1)))
    (prepared,) = [embedder.prepare(FakeReader().read(toy(1)).pixels)]
    np.testing.assert_array_equal(vector, embedder.embed([prepared]))


def test_the_second_run_does_nothing_and_loads_no_model(photos: Photos) -> None:
    for n in range(5):
        photos.add(f"{n}.jpg", n)
    photos.index()
    loader, reader = Loader(), FakeReader()
    report = photos.index(loader=loader, reader=reader)
    assert (report.found, report.unchanged, report.embedded, report.reused) == (5, 5, 0, 0)
    assert (loader.calls, reader.decoded) == (0, [])


@pytest.mark.slow
def test_an_unchanged_run_asks_no_question_a_file(photos: Photos, monkeypatch: pytest.MonkeyPatch) -> None:
    """The walk and the catalog are read side by side: what costs something for each file is counted here."""

    def questions() -> list[str]:
        asked: list[str] = []

        def noted(name: str) -> Callable[..., object]:
            function: Callable[..., object] = getattr(os, name)

            def watched(*args: object, **more: object) -> object:
                asked.append(name)
                return function(*args, **more)

            return watched

        with monkeypatch.context() as patch:
            for name in ("stat", "lstat"):  # not those of `DirEntry`, of which each file needs one
                patch.setattr(f"visualsearch_cli.indexing.changes.os.{name}", noted(name))
            photos.catalog._db._connection.set_trace_callback(asked.append)
            report = photos.index()
            photos.catalog._db._connection.set_trace_callback(None)
        assert report.unchanged == report.found
        return asked

    for n in range(10):
        photos.add(f"{n % 2}/{n}.jpg", n)
    photos.index()
    few = questions()
    for n in range(10, 200):
        photos.add(f"{n % 20}/{n}.jpg", n % 10)
    photos.index()
    assert len(questions()) == len(few) < 20
    assert photos.summarizes != any("FROM images" in question for question in few)


def test_an_append_embeds_only_what_is_new(photos: Photos) -> None:
    photos.add("a.jpg", 1)
    photos.index()
    photos.add("b.jpg", 2)
    report = photos.index()
    assert (report.unchanged, report.embedded) == (1, 1)
    assert photos.loader.embedded == 2


def move(photos: Photos) -> None:
    (photos.path / "sub").mkdir()
    (photos.path / "a.jpg").rename(photos.path / "sub" / "a.jpg")


def copy(photos: Photos) -> None:
    shutil.copy2(photos.path / "a.jpg", photos.path / "z.jpg")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("act", "names", "missing"),
    [
        (lambda photos: (photos.path / "a.jpg").rename(photos.path / "z.jpg"), {"b": 2, "z": 1}, 1),
        (move, {"b": 2, "sub/a": 1}, 1),
        (copy, {"a": 1, "b": 2, "z": 1}, 0),
        (lambda photos: later(photos.path / "a.jpg"), {"a": 1, "b": 2}, 0),
    ],
    ids=["rename", "move", "copy", "touch"],
)
def test_known_contents_reuse_their_vector(
    act: Callable[[Photos], object], names: dict[str, int], missing: int, photos: Photos
) -> None:
    photos.add("a.jpg", 1)
    photos.add("b.jpg", 2)
    photos.index()
    act(photos)
    loader, reader = Loader(), FakeReader()
    report = photos.index(loader=loader, reader=reader)
    assert (report.embedded, report.reused, report.missing) == (0, 1, missing)
    assert (loader.calls, reader.decoded) == (0, [])
    assert photos.contents() == expected(**names)


def test_a_file_changed_in_place_is_embedded_alone(photos: Photos) -> None:
    photos.add("a.jpg", 1)
    photos.add("b.jpg", 2)
    photos.index()
    later(photos.add("a.jpg", 3))
    report = photos.index()
    assert (report.embedded, report.unchanged, report.missing) == (1, 1, 0)
    assert photos.loader.embedded == 3
    assert photos.contents() == expected(a=3, b=2)


@pytest.mark.slow
def test_a_file_changed_back_reuses_its_first_vector(photos: Photos) -> None:
    photos.add("a.jpg", 1)
    photos.index()
    later(photos.add("a.jpg", 2))
    photos.index()
    later(photos.add("a.jpg", 1), 4)
    assert photos.index().reused == 1
    assert photos.loader.embedded == 2


@pytest.mark.slow
def test_two_files_that_swap_names_swap_contents(photos: Photos) -> None:
    """Also where size and time of both are the same: then nobody can see it. Here they are not."""
    photos.add("a.jpg", 1)
    later(photos.add("b.jpg", 2))
    photos.index()
    (photos.path / "a.jpg").rename(photos.path / "x")
    (photos.path / "b.jpg").rename(photos.path / "a.jpg")
    (photos.path / "x").rename(photos.path / "b.jpg")
    assert photos.index().reused == 2
    assert photos.contents() == expected(a=2, b=1)


# Skipped files


@pytest.mark.slow
def test_an_unreadable_file_is_remembered_until_it_changes(photos: Photos) -> None:
    photos.add("a.jpg", 1)
    bad = photos.path / "bad.jpg"
    bad.write_bytes(b"no image")
    reader = FakeReader()
    for _ in range(2):
        report = photos.index(reader=reader)
        assert [(item.path, item.reason) for item in report.skipped] == [(str(bad), "not a toy image")]
        assert report.found == 2
    assert reader.decoded.count(b"no image") == 1  # not tried again in the second run
    assert photos.contents() == expected(a=1)
    later(photos.add("bad.jpg", 2))
    report = photos.index()
    assert (report.embedded, report.skipped) == (1, [])
    assert photos.contents() == expected(a=1, bad=2)
    assert photos.catalog.skipped() == []


def test_skipped_files_are_tried_again_on_request(photos: Photos) -> None:
    """With a reader that can do more than the last one, say; unchanged images are left alone."""
    photos.add("a.jpg", 1)
    photos.add("b.jpg", 2)

    def refuse(data: bytes) -> None:
        if data == toy(2):
            raise ImageUnreadable("too new")

    assert len(photos.index(reader=FakeReader(refuse)).skipped) == 1
    assert len(photos.index().skipped) == 1
    report = photos.index(retry_skipped=True)
    assert (report.skipped, report.unchanged, report.embedded) == ([], 1, 1)
    assert photos.catalog.skipped() == []


def test_an_image_that_becomes_unreadable_is_no_image_any_more(photos: Photos) -> None:
    photos.add("a.jpg", 1)
    photos.index()
    (photos.path / "a.jpg").write_bytes(b"no image")
    report = photos.index()
    assert (len(report.skipped), report.missing) == (1, 0)
    assert photos.contents() == {}
    assert photos.catalog.counts().skipped == 1


def test_copies_of_an_unreadable_content_are_all_skipped(photos: Photos) -> None:
    for n in range(3):
        (photos.path / f"{n}.jpg").write_bytes(b"no image")
    reader = FakeReader()
    assert len(photos.index(reader=reader).skipped) == 3
    assert len(reader.decoded) == 1


def test_a_skipped_file_that_is_deleted_is_forgotten(photos: Photos) -> None:
    photos.add("good.jpg", 1)
    (photos.path / "bad.jpg").write_bytes(b"no image")
    photos.index()
    (photos.path / "bad.jpg").unlink()
    assert photos.index().skipped == []
    assert photos.catalog.counts().skipped == 0


# Missing files


def test_what_vanished_is_missing_until_it_is_back(photos: Photos) -> None:
    photos.add("a.jpg", 1)
    path = photos.add("b.jpg", 2)
    photos.index()
    aside = path.rename(photos.path.parent / "aside")
    assert photos.index().missing == 1
    assert photos.index().missing == 0
    assert photos.contents() == expected(a=1)
    assert photos.catalog.counts().missing == 1
    aside.rename(path)
    loader = Loader()
    report = photos.index(loader=loader)
    assert (report.unchanged, report.embedded, report.reused) == (2, 0, 0)
    assert loader.calls == 0
    assert photos.contents() == expected(a=1, b=2)
    assert photos.catalog.counts().missing == 0


def test_only_what_was_looked_at_can_be_missing(photos: Photos) -> None:
    for name in ("a/1.jpg", "b/2.jpg", "c/3.jpg"):
        photos.add(name, int(name[2]))
    photos.index()
    shutil.rmtree(photos.path / "b")
    (photos.path / "c" / "3.jpg").unlink()
    assert photos.index("a", "c").missing == 1
    assert photos.contents().keys() == {"a/1.jpg", "b/2.jpg"}


@pytest.mark.slow
def test_what_cannot_be_listed_is_not_missing(photos: Photos, monkeypatch: pytest.MonkeyPatch) -> None:
    photos.add("a/1.jpg", 1)
    photos.add("b/2.jpg", 2)
    photos.index()
    scandir = os.scandir

    def failing(path: bytes) -> Iterator[os.DirEntry[bytes]]:
        if Path(os.fsdecode(path)) == photos.path / "a":
            raise OSError(5, "Input/output error")
        return scandir(path)

    monkeypatch.setattr("visualsearch_cli.indexing.scanner.os.scandir", failing)
    report = photos.index()
    assert report.missing == 0
    assert [item.path for item in report.skipped] == [str(photos.path / "a")]
    assert photos.contents().keys() == {"a/1.jpg", "b/2.jpg"}


def test_what_lies_where_nobody_may_look_is_not_missing(
    photos: Photos, monkeypatch: pytest.MonkeyPatch
) -> None:
    photos.add("a/deep/1.jpg", 1)
    (photos.path / "a" / "bad.jpg").write_bytes(b"no image")
    gone = photos.add("b/2.jpg", 2)
    photos.index()
    gone.unlink()
    scandir = os.scandir

    def failing(path: bytes) -> Iterator[os.DirEntry[bytes]]:
        if Path(os.fsdecode(path)) == photos.path / "a":
            raise PermissionError(13, "Permission denied")
        return scandir(path)

    monkeypatch.setattr("visualsearch_cli.indexing.scanner.os.scandir", failing)
    monkeypatch.setattr(
        "visualsearch_cli.indexing.changes.os.path.lexists", lambda path: path == str(photos.path)
    )
    assert photos.index().missing == 1
    assert photos.contents().keys() == {"a/deep/1.jpg"}
    assert photos.catalog.counts().skipped == 1


def test_targets_inside_each_other_meet_each_file_once(photos: Photos) -> None:
    photos.add("a.jpg", 1)
    photos.add("sub/b.jpg", 2)
    report = photos.index(".", "sub", "sub/b.jpg", "a.jpg")
    assert (report.found, report.embedded, report.reused) == (2, 2, 0)
    assert len(photos.catalog.roots()) == 1


def test_one_file_is_indexed_alone(photos: Photos) -> None:
    photos.add("a.jpg", 1)
    photos.add("b.jpg", 2)
    assert photos.index("a.jpg").embedded == 1
    assert photos.contents() == expected(a=1)
    (photos.path / "a.jpg").unlink()
    assert photos.index("b.jpg").missing == 0


def test_a_link_to_nothing_that_is_named_is_skipped(photos: Photos) -> None:
    try:
        (photos.path / "link.jpg").symlink_to(photos.path / "nowhere.jpg")
    except OSError:
        pytest.skip("no symbolic links here")
    photos.add("a.jpg", 1)
    report = photos.index("link.jpg", "a.jpg")
    assert [item.path for item in report.skipped] == [str(photos.path / "link.jpg")]
    assert report.embedded == 1


@pytest.mark.slow
def test_a_root_above_another_leaves_the_images_where_they_are(photos: Photos) -> None:
    photos.add("phone/a.jpg", 1)
    photos.index("phone")
    photos.add("b.jpg", 2)
    report = photos.index(".")
    assert (report.unchanged, report.embedded) == (1, 1)
    (photos.path / "phone" / "notes.txt").touch()  # else it would be a disk that is not mounted
    (photos.path / "phone" / "a.jpg").unlink()
    assert photos.index(".").missing == 1
    assert photos.contents() == expected(b=2)


def test_a_renamed_root_keeps_its_images(photos: Photos) -> None:
    photos.add("phone/a.jpg", 1)
    photos.index("phone")
    (photos.path / "phone").rename(photos.path / "old phone")
    report = photos.index("old phone")
    assert (report.unchanged, report.missing, report.embedded) == (1, 0, 0)
    assert photos.contents().keys() == {"old phone/a.jpg"}


@pytest.mark.slow
def test_odd_names_survive(photos: Photos) -> None:
    names = ["new\nline.jpg", "-rf.jpg", "it's.jpg", "\udcff.jpg", " .jpg", "\u00e9.jpg"]
    for n, name in enumerate(names):
        try:
            photos.add(f"{name}/{name}", n)
        except OSError:
            pytest.skip("a file system with rules for names")
    photos.index()
    assert photos.contents() == {f"{name}/{name}": hash_content(toy(n)) for n, name in enumerate(names)}
    assert photos.index().unchanged == len(names)


def test_an_empty_folder(photos: Photos) -> None:
    report = photos.index()
    assert (report.found, report.skipped, photos.loader.calls) == (0, [], 0)


def test_excluded_files_are_not_found(photos: Photos) -> None:
    photos.add("a.jpg", 1)
    photos.add("b.jpg", 2)
    assert photos.index(scanner=Scanner(ScanOptions(exclude=("b*",)))).found == 1


def test_an_image_that_a_later_run_leaves_out_is_not_missing(photos: Photos) -> None:
    photos.add("a.jpg", 1)
    photos.add("b.jpg", 2)
    photos.index()
    assert photos.index(scanner=Scanner(ScanOptions(exclude=("b*",)))).missing == 0
    assert photos.contents() == expected(a=1, b=2)


@pytest.mark.slow
def test_a_file_that_could_not_even_be_read_is_tried_at_every_run(
    photos: Photos, monkeypatch: pytest.MonkeyPatch
) -> None:
    photos.add("a.jpg", 1)

    def refuse(path: str) -> FileRead:
        raise ImageUnreadable(f"cannot be read: {os.strerror(13)}" if path else "")

    with monkeypatch.context() as denied:
        denied.setattr(loading, "read_file", refuse)
        assert [item.reason for item in photos.index().skipped] == ["cannot be read: Permission denied"]
    assert photos.index().embedded == 1  # mended, without a new mtime
    assert photos.contents() == expected(a=1)


# Interruptions


@pytest.mark.slow
def test_an_interrupted_run_keeps_what_was_done_and_the_next_completes_it(photos: Photos) -> None:
    count = 4 * BATCH
    for n in range(count):
        photos.add(f"{n:03}.jpg", n)
    gone = photos.add("gone.jpg", 1000)
    photos.index("gone.jpg")
    gone.unlink()
    with pytest.raises(KeyboardInterrupt) as caught:  # which keeps every frame, as a debugger would
        photos.index(loader=Loader(InterruptedEmbedder(2)))
    assert photos.catalog.counts().images == 2 * BATCH + 1
    assert photos.catalog.counts().missing == 0  # nobody looked to the end
    assert photos.catalog.problems() == []
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("decode")]
    del caught
    loader = Loader()
    report = photos.index(loader=loader)
    assert (report.unchanged, report.embedded, report.missing) == (2 * BATCH, 2 * BATCH, 1)
    assert loader.embedded == 2 * BATCH
    assert len(photos.contents()) == count


@pytest.mark.slow
def test_long_runs_commit_again_and_again(photos: Photos, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("visualsearch_cli.index.committing.COMMIT_SECONDS", -1.0)
    for n in range(3 * BATCH):
        photos.add(f"{n:03}.jpg", n)
    commits: list[int] = []
    write = photos.catalog.write

    def counted(updates: Sequence[FileUpdate], present: Sequence[int] = ()) -> list[int]:
        commits.append(len(updates))
        return write(updates, present)

    monkeypatch.setattr(photos.catalog, "write", counted)
    photos.index()
    assert [count for count in commits if count] == [BATCH, BATCH, BATCH]
    assert len(photos.contents()) == 3 * BATCH


def test_an_interruption_right_after_a_commit_does_no_harm(
    photos: Photos, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Then the same files are committed once more, on the way out."""
    monkeypatch.setattr("visualsearch_cli.index.committing.COMMIT_SECONDS", -1.0)
    photos.add("a.jpg", 1)
    write = photos.catalog.write
    interrupted: list[bool] = []

    def interrupted_write(updates: Sequence[FileUpdate], present: Sequence[int] = ()) -> list[int]:
        ids = write(updates, present)
        if updates and not interrupted:
            interrupted.append(True)
            raise KeyboardInterrupt
        return ids

    monkeypatch.setattr(photos.catalog, "write", interrupted_write)
    with pytest.raises(KeyboardInterrupt):
        photos.index()
    assert photos.contents() == expected(a=1)
    assert photos.catalog.problems() == []
