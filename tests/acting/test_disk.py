"""The real file system, by the contract, and where systems and disks differ."""

from __future__ import annotations

import errno
import os
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any, NoReturn

import pytest

from tests.contracts.file_system import FileSystemContract
from tests.helpers.acting import MemoryFiles
from visualsearch_cli.acting.action import Entry, FileSystem
from visualsearch_cli.acting.disk import Disk
from visualsearch_cli.errors import AcrossDevices, ActionError, FileChanged
from visualsearch_cli.pictures.reading import hash_content

posix_only = pytest.mark.skipif(os.name == "nt", reason="POSIX file modes and links")


class TestMemoryFiles(FileSystemContract):
    """The stand-in keeps the contract."""

    @pytest.fixture
    def files(self) -> FileSystem:
        return MemoryFiles()

    @pytest.fixture
    def folder(self, tmp_path: Path) -> Path:
        del tmp_path
        return Path("/photos")

    def write(self, files: FileSystem, path: Path, data: bytes) -> None:
        assert isinstance(files, MemoryFiles)
        files.write(path, data)

    def data(self, files: FileSystem, path: Path) -> bytes | None:
        assert isinstance(files, MemoryFiles)
        return files.data(path)


@posix_only
class TestDisk(FileSystemContract):
    """The disk keeps the contract."""

    @pytest.fixture
    def files(self) -> FileSystem:
        return Disk()

    @pytest.fixture
    def folder(self, tmp_path: Path) -> Path:
        return tmp_path

    def write(self, files: FileSystem, path: Path, data: bytes) -> None:
        del files
        path.with_name(".new").write_bytes(data)
        os.replace(path.with_name(".new"), path)

    def data(self, files: FileSystem, path: Path) -> bytes | None:
        del files
        return path.read_bytes() if path.exists() else None


@posix_only
class TestDiskWithoutHardLinks(TestDisk):
    """Moving works where there are none, as on FAT."""

    @pytest.fixture
    def files(self, monkeypatch: pytest.MonkeyPatch) -> FileSystem:
        def refuse(*arguments: Any, follow_symlinks: bool = True) -> None:
            if not follow_symlinks:  # as a move asks; a hard link that was asked for is another matter
                raise OSError(errno.EPERM, "Operation not permitted")
            link(*arguments)

        link = os.link
        monkeypatch.setattr("visualsearch_cli.acting.disk.os.link", refuse)
        return Disk()


def raising(number: int) -> Any:
    def fail(*_: Any, **__: Any) -> NoReturn:
        raise OSError(number, os.strerror(number))

    return fail


def test_the_hash_is_that_of_the_index(tmp_path: Path) -> None:
    data = os.urandom(3_000_000)
    (tmp_path / "a").write_bytes(data)
    assert Disk().read(tmp_path / "a")[1] == hash_content(data).hex()


@posix_only
def test_a_file_that_grows_while_it_is_read_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"picture")
    states = iter([os.stat(path)])
    fstat = os.fstat
    monkeypatch.setattr("visualsearch_cli.acting.disk.os.fstat", lambda fd: next(states, None) or fstat(fd))
    path.write_bytes(b"pictures")
    with pytest.raises(FileChanged, match="while it was read"):
        Disk().read(path)


@posix_only
@pytest.mark.parametrize(("times", "is_read"), [(1, True), (9, False)])
def test_a_file_with_another_inode_is_read_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, times: int, is_read: bool
) -> None:
    """rclone gives it one after a rename; whoever exchanges it all the time is noticed."""
    (tmp_path / "a").write_bytes(b"picture")
    look, count = Disk.look, iter(range(times))

    def looked(self: Disk, path: Path) -> Entry | None:
        here = look(self, path)
        return replace(here, inode=here.inode + 1) if here and next(count, None) is not None else here

    monkeypatch.setattr(Disk, "look", looked)
    if is_read:
        assert Disk().read(tmp_path / "a")[1] == hash_content(b"picture").hex()
    else:
        with pytest.raises(FileChanged, match="while it was read"):
            Disk().read(tmp_path / "a")


@posix_only
def test_pipes_and_folders_are_no_files(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "pipe", tmp_path):
        entry = Disk().look(path)
        assert entry and entry.kind == "other"
        with pytest.raises(ActionError):
            Disk().read(path)


@posix_only
def test_a_copy_has_times_permissions_and_attributes(tmp_path: Path) -> None:
    source, copy = tmp_path / "a", tmp_path / "b"
    source.write_bytes(b"picture")
    source.chmod(0o640)
    os.utime(source, ns=(5, 1_234_567_890_123_456_789))
    if sys.platform == "linux":
        try:
            os.setxattr(source, "user.tag", b"holiday")
        except OSError:
            pytest.skip("no extended attributes here")
    stamp = Disk().look(source)
    assert stamp
    Disk().copy(source, copy, stamp, source)
    state = os.stat(copy)
    assert (state.st_mode & 0o7777, state.st_mtime_ns) == (0o640, 1_234_567_890_123_456_789)
    if sys.platform == "linux":
        assert os.getxattr(copy, "user.tag") == b"holiday"


@posix_only
@pytest.mark.parametrize(
    ("number", "words"),
    [
        (errno.ENOSPC, "free some space"),
        (errno.EROFS, "read-only"),
        (errno.EACCES, "permissions"),
        (errno.EIO, "left as it is"),
        (errno.ENOTCONN, "went away"),
    ],
)
@pytest.mark.parametrize("call", ["link", "unlink", "replace", "symlink", "open"])
def test_the_system_s_errors_say_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, words: str, call: str
) -> None:
    for name in "abt":
        (tmp_path / name).write_bytes(b"picture")
    disk = Disk()
    entry = disk.look(tmp_path / "a")
    assert entry
    monkeypatch.setattr(f"visualsearch_cli.acting.disk.os.{call}", raising(number))
    acts = {
        "link": lambda: disk.hardlink(tmp_path / "a", tmp_path / "new", entry),
        "unlink": lambda: disk.remove(tmp_path / "a", entry),
        "replace": lambda: disk.replace(tmp_path / "t", tmp_path / "a", entry),
        "symlink": lambda: disk.symlink("a", tmp_path / "new", entry),
        "open": lambda: disk.copy(tmp_path / "a", tmp_path / "new", entry),
    }
    with pytest.raises(ActionError, match=words) as raised:
        acts[call]()
    assert str(tmp_path) in str(raised.value) or "symbolic link to a" in str(raised.value)
    assert (tmp_path / "a").read_bytes() == b"picture"


@posix_only
def test_a_link_across_devices_is_another_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a").write_bytes(b"picture")
    entry = Disk().look(tmp_path / "a")
    assert entry
    monkeypatch.setattr("visualsearch_cli.acting.disk.os.link", raising(errno.EXDEV))
    with pytest.raises(AcrossDevices, match="different file systems"):
        Disk().rename_new(tmp_path / "a", tmp_path / "b", entry)


@posix_only
@pytest.mark.parametrize("number", [errno.EPERM, errno.ENOSYS, errno.EOPNOTSUPP])
def test_where_there_are_no_links_it_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    """As on FAT, which has no permissions to check either."""
    (tmp_path / "a").write_bytes(b"picture")
    entry = Disk().look(tmp_path / "a")
    assert entry
    for call in ("link", "symlink"):
        monkeypatch.setattr(f"visualsearch_cli.acting.disk.os.{call}", raising(number))
    with pytest.raises(ActionError, match=r"has no such links.*--trash or --move-to"):
        Disk().hardlink(tmp_path / "a", tmp_path / "b", entry)
    with pytest.raises(ActionError, match=r"has no such links.*--trash or --move-to"):
        Disk().symlink("a", tmp_path / "b", entry)


@posix_only
def test_disks_of_one_pool_are_not_called_file_systems(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """mergerfs is one file system that cannot link between its branches."""
    (tmp_path / "a").write_bytes(b"picture")
    entry = Disk().look(tmp_path / "a")
    assert entry
    monkeypatch.setattr("visualsearch_cli.acting.disk.os.link", raising(errno.EXDEV))
    with pytest.raises(ActionError, match="another disk of this pool"):
        Disk().hardlink(tmp_path / "a", tmp_path / "b", entry)


@posix_only
@pytest.mark.parametrize("seen", ["another inode", "another size"])
def test_a_link_that_looks_like_another_file_is_no_way_to_move(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seen: str
) -> None:
    """As on sshfs, mergerfs and unionfs, and on gocryptfs, where the source has another size as well."""
    source, destination = tmp_path / "a", tmp_path / "b"
    source.write_bytes(b"picture")
    look, disk = Disk.look, Disk()
    entry = disk.look(source)
    assert entry

    def looked(self: Disk, path: Path) -> Entry | None:
        here = look(self, path)
        if here is None or here.names == 1:
            return here
        if seen == "another size":
            return replace(here, size=here.size + 82)
        return replace(here, inode=here.inode + 1) if path == destination else here

    monkeypatch.setattr(Disk, "look", looked)
    disk.rename_new(source, destination, entry)
    assert destination.read_bytes() == b"picture" and os.stat(destination).st_nlink == 1
    assert not source.exists()


@posix_only
def test_rclone_is_given_no_placeholder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its late writing would empty the file that took the name of one just made."""
    source, destination = tmp_path / "a", tmp_path / "b"
    source.write_bytes(b"picture")
    entry = Disk().look(source)
    assert entry
    monkeypatch.setattr("visualsearch_cli.acting.disk.os.link", raising(errno.EIO))
    monkeypatch.setattr(Disk, "_rename_over_placeholder", lambda *_: pytest.fail("a placeholder"))
    Disk().rename_new(source, destination, entry)
    assert destination.read_bytes() == b"picture" and not source.exists()
    source.write_bytes(b"other")
    entry = Disk().look(source)
    assert entry
    with pytest.raises(ActionError, match="nothing is overwritten"):
        Disk().rename_new(source, destination, entry)


@posix_only
@pytest.mark.parametrize("known", [True, False])
def test_aside_and_back_overwrites_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, known: bool
) -> None:
    """With the call of the system that does both, and without."""
    if not known:
        monkeypatch.setattr("visualsearch_cli.acting.renaming._call", lambda: None)
    for name in "ab":
        (tmp_path / name).write_bytes(name.encode())
    with pytest.raises(ActionError, match="nothing is overwritten"):
        Disk().rename_aside(tmp_path / "a", tmp_path / "b")
    Disk().rename_aside(tmp_path / "a", tmp_path / "c", durable=True)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {"b": b"b", "c": b"a"}


@posix_only
def test_what_opens_is_held_against_what_it_was(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"picture" * 10_000)
    entry = Disk().look(path)
    assert entry
    Disk().reopen(path, entry)
    path.write_bytes(b"picture")
    with pytest.raises(FileChanged, match="from 70000 bytes to 7 bytes"):
        Disk().reopen(path, entry)
    path.unlink()
    with pytest.raises(FileChanged, match="does not exist"):
        Disk().reopen(path, entry)


@posix_only
def test_a_link_that_cannot_be_read_is_a_link(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """sshfs does not tell where a link leads that leads out of it; it can be removed all the same."""
    (tmp_path / "a").symlink_to("/elsewhere")
    monkeypatch.setattr("visualsearch_cli.acting.disk.os.readlink", raising(errno.EPERM))
    link = Disk().look(tmp_path / "a")
    assert link and (link.kind, link.target) == ("link", None)
    Disk().remove(tmp_path / "a", link)
    assert not os.path.lexists(tmp_path / "a")


@posix_only
def test_a_file_exchanged_within_a_move_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Between the last look and the new name, somebody puts another file there."""
    source = tmp_path / "a"
    source.write_bytes(b"picture")
    entry = Disk().look(source)
    assert entry
    link = os.link

    def exchange(*arguments: Any, **options: Any) -> None:
        (tmp_path / "new").write_bytes(b"edited")
        os.replace(tmp_path / "new", source)
        link(*arguments, **options)

    monkeypatch.setattr("visualsearch_cli.acting.disk.os.link", exchange)
    with pytest.raises(FileChanged, match="exchanged"):
        Disk().rename_new(source, tmp_path / "b", entry)
    assert source.read_bytes() == b"edited" and not (tmp_path / "b").exists()


@posix_only
def test_a_link_that_leads_elsewhere_is_not_made(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"picture")
    entry = Disk().look(tmp_path / "a")
    assert entry
    with pytest.raises(FileChanged):
        Disk().symlink("gone", tmp_path / "b", entry)
