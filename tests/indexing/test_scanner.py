"""Which files of a folder are images, and in which order they come."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.helpers.permissions import bound_by_permissions
from visualsearch_cli.index.records import INDEX_FOLDER
from visualsearch_cli.indexing.scanner import Scanner, ScanOptions
from visualsearch_cli.pictures.image import ScannedFile

NAMES = [
    b"a",
    b"A",
    b"a b",
    b"a!",
    b"a-",
    b"a.b",
    b"a0",
    b"aa",
    "\u00e9".encode(),
    b"\xff",
    "\U0001f600".encode(),
]
"""That sort before, at and after the "/" between the parts of a path."""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(os.path.realpath(tmp_path))


def touch(folder: Path, *names: str) -> None:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()


def names(folder: Path, scanner: Scanner | None = None) -> list[str]:
    """Return the paths of the found files below a folder, with slashes."""
    files = (scanner or Scanner()).files(str(folder))
    return [os.path.relpath(file.path, folder).replace(os.sep, "/") for file in files]


def link(at: Path, target: Path) -> None:
    try:
        at.symlink_to(target, target_is_directory=target.is_dir())
    except OSError:
        pytest.skip("no symbolic links here")


def test_files_come_sorted_by_path(folder: Path) -> None:
    touch(folder, "b/2.jpg", "b/1.jpg", "b/a/9.jpg", "a/z.jpg", "c.jpg", "a.jpg", "b.jpg", "B/x.jpg")
    expected = ["B/x.jpg", "a.jpg", "a/z.jpg", "b.jpg", "b/1.jpg", "b/2.jpg", "b/a/9.jpg", "c.jpg"]
    if (folder / "A.JPG").exists():
        pytest.skip("a file system that ignores case")
    assert names(folder) == expected


def test_a_file_comes_with_its_size_and_time(folder: Path) -> None:
    (folder / "a.jpg").write_bytes(b"12345")
    os.utime(folder / "a.jpg", ns=(1, 1_700_000_000_000_000_100))
    state = os.stat(folder / "a.jpg")
    assert list(Scanner().files(str(folder))) == [ScannedFile(str(folder / "a.jpg"), 5, state.st_mtime_ns)]


def test_only_images_count(folder: Path) -> None:
    touch(folder, "a.JPG", "b.jpeg", "c.PnG", "d.webp", "e.txt", "f.jpg.part", "jpg", ".jpg", "g.jpg~", "h")
    assert sorted(names(folder)) == ["a.JPG", "b.jpeg", "c.PnG", "d.webp"]


def test_a_file_that_is_named_counts_whatever_it_is_called(folder: Path) -> None:
    touch(folder, "photo", ".hidden.png")
    for name in ("photo", ".hidden.png"):
        assert [file.path for file in Scanner().files(str(folder / name))] == [str(folder / name)]


def test_a_folder_named_like_an_image_is_a_folder(folder: Path) -> None:
    touch(folder, "album.jpg/1.jpg")
    assert names(folder) == ["album.jpg/1.jpg"]


def test_hidden_names_count_only_if_asked_for(folder: Path) -> None:
    touch(folder, ".a.jpg", ".private/b.jpg", "c.jpg")
    assert names(folder) == ["c.jpg"]
    assert names(folder, Scanner(ScanOptions(hidden=True))) == [".a.jpg", ".private/b.jpg", "c.jpg"]


def test_a_hidden_folder_that_is_named_is_scanned(folder: Path) -> None:
    touch(folder, ".cache/a.jpg")
    assert names(folder / ".cache") == ["a.jpg"]


@pytest.mark.parametrize("hidden", [False, True])
def test_side_files_and_the_index_never_count(hidden: bool, folder: Path) -> None:
    touch(folder, "._a.jpg", f"{INDEX_FOLDER}/b.jpg", f"sub/{INDEX_FOLDER}/b.jpg", "sub/._c/d.jpg")
    touch(folder, "f.jpg")
    for stores in (False, True):
        assert names(folder, Scanner(ScanOptions(hidden=hidden, stores=stores))) == ["f.jpg"]


def test_what_is_left_out_is_so_below_the_roots(folder: Path) -> None:
    """The patterns themselves: tests/index/test_exclusion.py."""
    touch(folder, "a.jpg", "sub/a.jpg", "sub/sub/b.jpg")
    scanner = Scanner(ScanOptions(exclude=("/sub", "nothing")))
    assert names(folder, scanner) == ["a.jpg"]
    assert names(folder / "sub", scanner) == ["a.jpg"], "the start is its own root"
    assert list(scanner.listings(str(folder / "sub"), [str(folder)])) == []
    assert list(scanner.listings(str(folder / "sub" / "a.jpg"), [str(folder)])) == []
    assert len(list(scanner.listings(str(folder / "sub" / "a.jpg")))) == 1
    assert scanner.unmatched == ["nothing"]


def test_a_file_that_is_named_is_left_out_by_a_pattern_all_the_same(folder: Path) -> None:
    touch(folder, "a.jpg")
    assert list(Scanner(ScanOptions(exclude=("a*",))).files(str(folder / "a.jpg"))) == []


# Links


def test_links_are_not_followed(folder: Path) -> None:
    touch(folder, "real/a.jpg", "outside.jpg")
    link(folder / "real" / "folder", folder)
    link(folder / "real" / "link.jpg", folder / "outside.jpg")
    link(folder / "real" / "broken.jpg", folder / "nowhere")
    scanner = Scanner()
    assert names(folder / "real", scanner) == ["a.jpg"]
    assert scanner.unread == []


def test_links_are_followed_if_asked_for_and_circles_end(folder: Path) -> None:
    touch(folder, "start/a.jpg", "outside/b.jpg", "c.jpg")
    start = folder / "start"
    link(start / "circle", start)
    link(start / "out", folder / "outside")
    link(start / "out again", folder / "outside")
    link(folder / "outside" / "back", start)
    link(start / "file.jpg", folder / "c.jpg")
    link(start / "broken.jpg", folder / "nowhere")
    scanner = Scanner(ScanOptions(follow_symlinks=True))
    assert names(start, scanner) == ["a.jpg", "file.jpg", "out again/b.jpg"]
    assert scanner.unread == []


def test_a_link_to_itself_is_reported(folder: Path) -> None:
    touch(folder, "a.jpg")
    link(folder / "self.jpg", folder / "self.jpg")
    scanner = Scanner(ScanOptions(follow_symlinks=True))
    assert names(folder, scanner) == ["a.jpg"]
    assert [item.path for item in scanner.unread] == [str(folder / "self.jpg")]


def test_a_link_that_is_named_is_followed(folder: Path) -> None:
    touch(folder, "real/a.jpg")
    link(folder / "folder", folder / "real")
    link(folder / "b.jpg", folder / "real" / "a.jpg")
    assert names(folder / "folder") == ["a.jpg"]
    assert [file.path for file in Scanner().files(str(folder / "b.jpg"))] == [str(folder / "b.jpg")]


# What cannot be read


def test_a_start_that_cannot_be_looked_at_is_reported(folder: Path) -> None:
    """A link to nothing, or a file that went away after it was named."""
    link(folder / "broken.jpg", folder / "nowhere.jpg")
    scanner = Scanner()
    assert list(scanner.files(str(folder / "broken.jpg"))) == []
    assert [item.path for item in scanner.unread] == [str(folder / "broken.jpg")]


def test_a_folder_that_cannot_be_listed_is_reported(folder: Path) -> None:
    touch(folder, "a/1.jpg", "b/2.jpg")
    (folder / "a").chmod(0)
    try:
        scanner = Scanner()
        assert bound_by_permissions(lambda: names(folder, scanner)) == ["b/2.jpg"]
    finally:
        (folder / "a").chmod(0o700)
    ((path, reason),) = [(item.path, item.reason) for item in scanner.unread]
    assert path == str(folder / "a")
    assert reason == "cannot be listed: Permission denied"


def test_what_only_root_may_look_into_on_each_disk_is_left_out(folder: Path) -> None:
    touch(folder, "lost+found/1.jpg", "b/2.jpg")
    scanner = Scanner()
    assert names(folder, scanner) == ["b/2.jpg", "lost+found/1.jpg"]
    (folder / "lost+found").chmod(0)
    try:
        assert bound_by_permissions(lambda: names(folder, scanner)) == ["b/2.jpg"]
    finally:
        (folder / "lost+found").chmod(0o700)
    assert (scanner.unread, scanner.left_out) == ([], {"lost+found": 1})


def test_a_folder_that_fails_is_reported(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    touch(folder, "a/1.jpg", "b/2.jpg")
    scandir = os.scandir

    def failing(path: bytes) -> Iterator[os.DirEntry[bytes]]:
        if Path(os.fsdecode(path)) == folder / "a":
            raise OSError(5, "Input/output error")
        return scandir(path)

    monkeypatch.setattr("visualsearch_cli.indexing.scanner.os.scandir", failing)
    scanner = Scanner()
    assert names(folder, scanner) == ["b/2.jpg"]
    assert [item.reason for item in scanner.unread] == ["cannot be listed: Input/output error"]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
def test_a_pipe_named_like_an_image_is_not_opened(folder: Path) -> None:
    os.mkfifo(folder / "pipe.jpg")
    for follow in (False, True):
        assert names(folder, Scanner(ScanOptions(follow_symlinks=follow))) == []


@pytest.mark.slow
@settings(max_examples=25, deadline=None)
@given(st.lists(st.lists(st.sampled_from(NAMES), min_size=1, max_size=4), min_size=1, max_size=12))
def test_the_order_is_that_of_the_bytes_of_the_paths(paths: list[list[bytes]]) -> None:
    """The catalog sorts so, and both are read side by side."""
    with tempfile.TemporaryDirectory() as name:
        base = os.fsencode(os.path.realpath(name))
        for parts in paths:
            with suppress(OSError):  # a name is taken already, or not allowed here
                os.makedirs(os.path.join(base, *parts[:-1]), exist_ok=True)
                open(os.path.join(base, *parts[:-1], parts[-1] + b".jpg"), "wb").close()
        found = [path for path, _, _ in Scanner().walk(os.fsdecode(base))]
        assert found == sorted(found)
        assert len(found) == len(set(found)) == sum(len(files) for _, _, files in os.walk(base))


def test_names_that_are_not_utf8_are_found(folder: Path) -> None:
    name = os.fsdecode(b"\xff\xfe.jpg")
    try:
        touch(folder, name, "new\nline.jpg")
    except OSError:
        pytest.skip("a file system that allows only Unicode names")
    assert sorted(names(folder)) == ["new\nline.jpg", name]
