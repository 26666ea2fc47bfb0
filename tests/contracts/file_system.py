"""What every file system that `apply` acts on must do, the real one and the one of the tests."""

from __future__ import annotations

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Callable
from pathlib import Path

import pytest

from visualsearch_cli.acting.action import FileSystem
from visualsearch_cli.errors import ActionError, FileChanged


class FileSystemContract(ABC):
    """Inherit, and say how files get there."""

    @pytest.fixture
    @abstractmethod
    def files(self) -> FileSystem:
        """The file system."""

    @pytest.fixture
    @abstractmethod
    def folder(self, tmp_path: Path) -> Path:
        """A folder in it."""

    @abstractmethod
    def write(self, files: FileSystem, path: Path, data: bytes) -> None:
        """Write a new file, or a file in the place of another."""

    @abstractmethod
    def data(self, files: FileSystem, path: Path) -> bytes | None:
        """Return what a path holds, links followed."""

    def test_nothing_is_none(self, files: FileSystem, folder: Path) -> None:
        assert files.look(folder / "a") is None
        with pytest.raises(ActionError, match="a"):
            files.read(folder / "a")
        with pytest.raises(ActionError, match="a"):
            files.contents(folder / "a")

    def test_a_file_is_read_with_its_hash(self, files: FileSystem, folder: Path) -> None:
        self.write(files, folder / "a", b"picture")
        entry, found = files.read(folder / "a")
        assert found == hashlib.blake2b(b"picture", digest_size=32).hexdigest()
        assert (entry.kind, entry.size, entry.names) == ("file", 7, 1)
        assert files.look(folder / "a") == entry
        files.expect(folder / "a", entry)
        assert files.contents(folder / "a") == b"picture"

    def test_a_folder_is_listed(self, files: FileSystem, folder: Path) -> None:
        assert files.names(folder / "none") == []
        for name in ("a", "b.xmp"):
            self.write(files, folder / name, b"")
        assert sorted(files.names(folder)) == ["a", "b.xmp"]

    def test_what_changed_is_noticed(self, files: FileSystem, folder: Path) -> None:
        self.write(files, folder / "a", b"picture")
        before = files.look(folder / "a")
        assert before
        self.write(files, folder / "a", b"longer picture")
        acts: list[Callable[[], None]] = [
            lambda: files.expect(folder / "a", before),
            lambda: files.remove(folder / "a", before),
            lambda: files.rename_new(folder / "a", folder / "b", before),
            lambda: files.hardlink(folder / "a", folder / "b", before),
            lambda: files.replace(folder / "t", folder / "a", before),
            lambda: files.remove(folder / "gone", before),
        ]
        for act in acts:
            with pytest.raises(FileChanged):
                act()
        assert self.data(files, folder / "a") == b"longer picture"
        assert files.look(folder / "b") is None

    def test_a_new_name_for_a_file(self, files: FileSystem, folder: Path) -> None:
        self.write(files, folder / "a", b"picture")
        entry = files.look(folder / "a")
        assert entry
        files.rename_new(folder / "a", folder / "b", entry)
        assert files.look(folder / "a") is None
        moved = files.look(folder / "b")
        assert moved and moved.is_unchanged(entry)

    def test_no_name_is_taken_from_a_file(self, files: FileSystem, folder: Path) -> None:
        self.write(files, folder / "a", b"picture")
        self.write(files, folder / "b", b"other")
        entry = files.look(folder / "a")
        assert entry
        acts: list[Callable[[], None]] = [
            lambda: files.rename_new(folder / "a", folder / "b", entry),
            lambda: files.copy(folder / "a", folder / "b", entry),
            lambda: files.hardlink(folder / "a", folder / "b", entry),
            lambda: files.symlink(str(folder / "a"), folder / "b", entry),
            lambda: files.clone(folder / "a", folder / "b", entry, folder / "a"),
        ]
        for act in acts:
            with pytest.raises(ActionError):
                act()
            assert self.data(files, folder / "b") == b"other"
            assert self.data(files, folder / "a") == b"picture"

    def test_a_file_takes_the_place_of_another(self, files: FileSystem, folder: Path) -> None:
        self.write(files, folder / "a", b"picture")
        self.write(files, folder / "t", b"new")
        entry = files.look(folder / "a")
        assert entry
        files.replace(folder / "t", folder / "a", entry)
        assert self.data(files, folder / "a") == b"new" and files.look(folder / "t") is None

    def test_a_name_is_removed(self, files: FileSystem, folder: Path) -> None:
        self.write(files, folder / "a", b"picture")
        entry = files.look(folder / "a")
        assert entry
        files.hardlink(folder / "a", folder / "b", entry)
        linked = files.look(folder / "b")
        assert linked and linked.is_same_file(entry) and linked.names == 2
        files.remove(folder / "a", linked)
        assert files.look(folder / "a") is None and self.data(files, folder / "b") == b"picture"

    def test_a_symbolic_link_leads_to_the_file(self, files: FileSystem, folder: Path) -> None:
        self.write(files, folder / "a", b"picture")
        entry = files.look(folder / "a")
        assert entry
        files.symlink(str(folder / "a"), folder / "b", entry)
        link = files.look(folder / "b")
        assert link and link.kind == "link" and link.target == str(folder / "a")
        assert self.data(files, folder / "b") == b"picture"
        with pytest.raises(ActionError):
            files.read(folder / "b")
        self.write(files, folder / "c", b"other")
        with pytest.raises(FileChanged):
            files.symlink(str(folder / "c"), folder / "d", entry)

    def test_a_new_file_is_written_whole(self, files: FileSystem, folder: Path) -> None:
        self.write(files, folder / "s", b"stamp")
        stamp = files.look(folder / "s")
        assert stamp
        files.write_new(folder / "a", b"text")
        files.write_new(folder / "b", b"", stamp, folder / "s")
        assert self.data(files, folder / "a") == b"text" and self.data(files, folder / "b") == b""
        made = files.look(folder / "b")
        assert made and (made.mtime_ns, made.mode) == (stamp.mtime_ns, stamp.mode)
        with pytest.raises(ActionError):
            files.write_new(folder / "a", b"other")
        assert self.data(files, folder / "a") == b"text"

    def test_a_copy_is_a_file_of_its_own(self, files: FileSystem, folder: Path) -> None:
        self.write(files, folder / "a", b"picture")
        self.write(files, folder / "s", b"stamp")
        stamp = files.look(folder / "s")
        entry = files.look(folder / "a")
        assert stamp and entry
        files.copy(folder / "a", folder / "b", stamp)
        copy = files.look(folder / "b")
        assert copy and not copy.is_same_file(entry)
        assert (copy.mtime_ns, copy.mode) == (stamp.mtime_ns, stamp.mode)
        assert self.data(files, folder / "b") == b"picture"
        with pytest.raises(FileChanged):
            files.copy(folder / "gone", folder / "c", stamp)
        assert files.look(folder / "c") is None

    def test_a_folder_may_be_there(self, files: FileSystem, folder: Path) -> None:
        files.make_folder(folder / "x" / "y")
        files.make_folder(folder / "x" / "y")
        self.write(files, folder / "x" / "y" / "a", b"picture")
        assert self.data(files, folder / "x" / "y" / "a") == b"picture"
