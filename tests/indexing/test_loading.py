"""Reading and decoding: order, look-ahead, what is not decoded at all, and what goes wrong."""

from __future__ import annotations

import hashlib
import os
import threading
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.helpers.doubles import FakeReader, Loader, scanned, toy, write_toy
from tests.helpers.fakes import FakeEmbedder
from visualsearch_cli.errors import ImageUnreadable
from visualsearch_cli.indexing import loading
from visualsearch_cli.indexing.loading import LoadedFile, load_images
from visualsearch_cli.pictures import reading
from visualsearch_cli.pictures.image import DecodedImage, ScannedFile
from visualsearch_cli.pictures.reading import FileRead, hash_content, read_file


def nothing(content_hash: bytes) -> bool:
    """Know no content."""
    del content_hash
    return False


def load(
    files: list[ScannedFile], reader: FakeReader | None = None, threads: int = 3, **changes: Any
) -> list[LoadedFile]:
    given: dict[str, Any] = {"embedder": Loader(), "known": nothing, **changes}
    return list(load_images(files, reader or FakeReader(), threads=threads, **given))


def toys(folder: Path, count: int) -> list[ScannedFile]:
    for n in range(count):
        write_toy(folder / f"{n:03}.jpg", n)
    return [scanned(folder / f"{n:03}.jpg") for n in range(count)]


def decoders() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name.startswith("decode")]


def test_the_content_hash_is_blake2b_of_32_bytes() -> None:
    assert hash_content(b"abc") == hashlib.blake2b(b"abc", digest_size=32).digest()
    assert hash_content(b"").hex().startswith("0e5751c026e543b2e8ab2eb06099daa1")


def test_of_a_huge_file_the_head_is_looked_at_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, head in (("film.jpg", b"ftyp"), ("sparse.tif", b"II*\0\x08\0\0\0"), ("toy.jpg", b"")):
        with (tmp_path / name).open("wb") as stream:
            stream.write(head)
            stream.truncate(2 * reading.LARGEST_UNSEEN)
    files = [scanned(tmp_path / name) for name in ("film.jpg", "sparse.tif", "toy.jpg")]
    monkeypatch.setattr("visualsearch_cli.indexing.loading.read_file", lambda _: pytest.fail("was read"))
    for file, loaded in zip(files, load(files), strict=True):
        reason = "damaged, or a TIFF of a kind" if file.path.endswith(".tif") else "not an image"
        assert loaded.error and loaded.error.startswith(reason)
        assert loaded.file == file  # with its mtime: it is not looked at again until it changes


def test_a_huge_file_that_had_to_be_read_whole_is_not_looked_through(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Pillow looks through the zeros behind a head of JPEG byte by byte, which takes minutes."""
    with (tmp_path / "sparse.jpg").open("wb") as stream:
        stream.write(b"\xff\xd8\xff\xe0\0\x10JFIF\0\1\1\0\0\1\0\1\0\0")
        stream.truncate(reading.LARGEST_WHOLE + 1)
    monkeypatch.setattr(
        "visualsearch_cli.pictures.pillow.require_picture", lambda _: pytest.fail("was looked at")
    )
    (loaded,) = load([scanned(tmp_path / "sparse.jpg")])
    assert loaded.error == "has 1.1 GB: files of its format are read up to 1.1 GB"


def test_large_files_are_not_read_far_ahead(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Memory is bounded by bytes, too: sixteen scans of 200 MB would fill a laptop."""
    files = toys(tmp_path, 12)
    monkeypatch.setattr("visualsearch_cli.indexing.loading.LOOK_AHEAD_BYTES", 2 * files[0].size)
    read: list[str] = []

    def noted(path: str) -> FileRead:
        read.append(path)
        return read_file(path)

    monkeypatch.setattr(loading, "read_file", noted)
    loaded = load_images(files, FakeReader(), Loader(), nothing, 8)
    for number, item in enumerate(loaded, start=1):
        assert item.file == files[number - 1]
        assert len(read) <= number + 2
    assert len(read) == len(files)


@pytest.mark.slow
@pytest.mark.parametrize("threads", [1, 2, 8])
def test_files_come_in_their_order(threads: int, tmp_path: Path) -> None:
    files = toys(tmp_path, 50)

    def dawdle(data: bytes) -> None:
        time.sleep(data[5] / 255 * 0.004)

    loaded = load(files, FakeReader(dawdle), threads=threads)
    assert [item.file for item in loaded] == files
    assert [item.content_hash for item in loaded] == [hash_content(toy(n)) for n in range(50)]
    assert all(item.decoded and item.error is None for item in loaded)


def test_a_new_content_comes_decoded_and_prepared(tmp_path: Path) -> None:
    (item,) = load(toys(tmp_path, 1))
    assert item.decoded is not None
    assert (item.decoded.width, item.decoded.height, item.decoded.format) == (400, 200, "TOY")
    pixels = FakeReader().read(toy(0)).pixels
    np.testing.assert_array_equal(item.decoded.model_input, FakeEmbedder().prepare(pixels))


@pytest.mark.slow
def test_the_look_ahead_is_bounded(tmp_path: Path) -> None:
    """However slowly the vectors are taken: memory must not grow with the folder."""
    files = toys(tmp_path, 100)
    threads = 2
    given: list[ScannedFile] = []

    def watched() -> Iterator[ScannedFile]:
        for file in files:
            given.append(file)
            yield file

    held: list[int] = []
    for taken, _ in enumerate(load_images(watched(), FakeReader(), Loader(), nothing, threads)):
        time.sleep(0.001)
        held.append(len(given) - taken)
    assert len(held) == 100
    assert max(held) <= 4 * threads + 1


def test_known_contents_are_not_decoded(tmp_path: Path) -> None:
    files = toys(tmp_path, 3)
    reader, loader = FakeReader(), Loader()
    loaded = load(files, reader, known={hash_content(toy(1))}.__contains__, embedder=loader)
    assert [item.decoded is None for item in loaded] == [False, True, False]
    assert loaded[1].content_hash == hash_content(toy(1))
    assert sorted(reader.decoded) == sorted([toy(0), toy(2)])


def test_without_a_new_content_no_embedder_is_asked_for(tmp_path: Path) -> None:
    (tmp_path / "gone.jpg").touch()
    gone = scanned(tmp_path / "gone.jpg")
    (tmp_path / "gone.jpg").unlink()
    loader = Loader()
    load([*toys(tmp_path, 3), gone], known=lambda content_hash: bool(content_hash), embedder=loader)
    assert loader.calls == 0


def test_a_repeated_content_is_decoded_once(tmp_path: Path) -> None:
    for n in range(20):
        write_toy(tmp_path / f"{n:02}.jpg", n % 2)
    reader = FakeReader()
    loaded = load([scanned(path) for path in sorted(tmp_path.iterdir())], reader, threads=8)
    assert len(reader.decoded) == 2
    assert [item.decoded is not None for item in loaded] == [True, True] + [False] * 18
    assert {item.content_hash for item in loaded} == {hash_content(toy(0)), hash_content(toy(1))}


def test_a_content_that_cannot_be_decoded_is_a_result(tmp_path: Path) -> None:
    (tmp_path / "b.jpg").write_bytes(b"no image")
    files = [*toys(tmp_path, 1), scanned(tmp_path / "b.jpg")]
    first, second = load(files)
    assert first.error is None
    assert second.error == "not a toy image"
    assert second.content_hash == hash_content(b"no image")
    assert second.decoded is None
    assert second.file == files[1]


def test_a_file_that_cannot_be_read_is_a_result(tmp_path: Path) -> None:
    missing = ScannedFile(str(tmp_path / "missing.jpg"), 1, 1)
    folder = ScannedFile(str(tmp_path), 1, 1)
    first, second = load([missing, folder])
    assert (first.content_hash, first.decoded) == (None, None)
    assert first.error is not None
    assert first.error.startswith("does not exist")
    assert second.error is not None
    assert second.error == "is a folder: name image files"


def test_a_file_that_changed_since_the_scan_comes_as_it_is_now(tmp_path: Path) -> None:
    (file,) = toys(tmp_path, 1)
    write_toy(tmp_path / "000.jpg", 7)
    os.utime(tmp_path / "000.jpg", ns=(1, file.mtime_ns + 1_000_000_000))
    (item,) = load([file])
    assert item.content_hash == hash_content(toy(7))
    assert item.file == scanned(tmp_path / "000.jpg") != file


@pytest.mark.parametrize("field", ["st_size", "st_mtime_ns"])
def test_a_file_that_changes_while_it_is_read_is_refused(
    field: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.jpg"
    write_toy(path, 1)
    fstat = os.fstat

    def growing(descriptor: int) -> os.stat_result:
        """Look at the file, which is then written to."""
        state = fstat(descriptor)
        if field == "st_size":
            with path.open("ab") as stream:
                stream.write(b"more")
            os.utime(path, ns=(state.st_atime_ns, state.st_mtime_ns))  # on a coarse clock
        else:
            path.write_bytes(path.read_bytes()[::-1])
            os.utime(path, ns=(state.st_atime_ns, state.st_mtime_ns + 2_000_000_000))
        return state

    monkeypatch.setattr(reading, "regular", partial(open, mode="rb"))
    monkeypatch.setattr("visualsearch_cli.pictures.reading.os.fstat", growing)
    with pytest.raises(ImageUnreadable, match="changed while it was read"):
        read_file(str(path))


def test_another_time_alone_is_no_change(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As rclone shows it of a file that it has not yet written back."""
    path = tmp_path / "a.jpg"
    write_toy(path, 1)
    before = os.stat(path).st_mtime_ns
    fstat = os.fstat

    def touching(descriptor: int) -> os.stat_result:
        state = fstat(descriptor)
        os.utime(path, ns=(state.st_atime_ns, state.st_mtime_ns + 5_000_000_001))
        return state

    monkeypatch.setattr(reading, "regular", partial(open, mode="rb"))
    monkeypatch.setattr("visualsearch_cli.pictures.reading.os.fstat", touching)
    assert read_file(str(path)).file.mtime_ns == before


@pytest.mark.slow
def test_closing_early_ends_the_threads(tmp_path: Path) -> None:
    files = load_images(toys(tmp_path, 50), FakeReader(), Loader(), nothing, 4)
    next(files)
    assert decoders()
    files.close()
    assert not decoders()


@pytest.mark.slow
def test_a_failure_that_is_no_image_error_ends_the_threads_and_is_seen(tmp_path: Path) -> None:
    def fail(data: bytes) -> None:
        if data == toy(5):
            raise RuntimeError

    with pytest.raises(RuntimeError):
        load(toys(tmp_path, 50), FakeReader(fail))
    assert not decoders()


def test_the_threads_end_with_the_files(tmp_path: Path) -> None:
    assert len(load(toys(tmp_path, 5))) == 5
    assert not decoders()


def test_no_files() -> None:
    assert load([]) == []


def test_a_picture_for_which_memory_is_short_is_skipped_and_tried_again(tmp_path: Path) -> None:
    class Hungry(FakeReader):
        def read(self, data: bytes, min_side: int | None = None) -> DecodedImage:
            if len(asked) == 0:
                asked.append(data)
                raise MemoryError
            return super().read(data, min_side)

    asked: list[bytes] = []
    files = toys(tmp_path, 3)
    first, *others = load(files, Hungry(), 1)
    assert first.error is not None and first.error.startswith("takes more memory than there is")
    assert (first.file.mtime_ns, first.content_hash, first.decoded) == (loading.NEVER, None, None)
    assert all(item.decoded is not None for item in others)


def test_a_file_that_does_not_fit_into_memory_is_skipped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (file,) = toys(tmp_path, 1)
    monkeypatch.setattr(reading, "LARGEST_FILE", file.size)
    assert read_file(file.path).file.size == file.size
    monkeypatch.setattr(reading, "LARGEST_FILE", file.size - 1)
    with pytest.raises(ImageUnreadable, match=r"has \d+ B: files are read as pictures up to \d+ B"):
        read_file(file.path)
