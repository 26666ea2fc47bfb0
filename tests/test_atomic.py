"""What may be written over, files that are there whole or not at all, and names that last."""

from __future__ import annotations

import errno
import io
import os
import stat
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import BinaryIO

import platformdirs
import pytest

from tests.helpers.permissions import bound_by_permissions
from visualsearch_cli.atomic import (
    OutputKind,
    cache_folder,
    check_output,
    config_folder,
    is_free,
    is_temporary,
    json_that_begins_with,
    make_own,
    remove_leftovers,
    replacing,
    state_folder,
    sync_folder,
    temporary_name,
    written_whole,
)
from visualsearch_cli.errors import OutputRefused, VisualSearchError


def is_note(stream: BinaryIO) -> bool:
    begins = stream.read(5) == b"note "
    return begins and stream.read().endswith(b".")


NOTE = OutputKind("a note that the tests wrote", is_note)
OURS = b"note one."

unix = pytest.mark.skipif(os.name == "nt", reason="Windows has no such files")


def write(path: Path, data: bytes = b"note two.") -> None:
    with written_whole(path, NOTE) as stream:
        stream.write(data)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def assert_refused(path: Path, why: str) -> None:
    """Both times that the rule is asked, and nothing else is left in the folder."""
    before = names(path.parent)
    attempts: list[Callable[[], None]] = [lambda: check_output(path, NOTE), lambda: write(path)]
    for attempt in attempts:
        with pytest.raises(OutputRefused, match=why) as caught:
            attempt()
        assert str(path) in str(caught.value)
    assert names(path.parent) == before


# What may be written over


@pytest.mark.parametrize("there", [None, b"", OURS], ids=["nothing", "an empty file", "one of ours"])
def test_what_may_be_written_over(tmp_path: Path, there: bytes | None) -> None:
    path = tmp_path / "photo.jpg"  # the name does not matter
    if there is not None:
        path.write_bytes(there)
    check_output(path, NOTE)
    assert (path.read_bytes() if path.exists() else None) == there, "looking changes nothing"
    write(path)
    assert path.read_bytes() == b"note two."
    assert names(tmp_path) == ["photo.jpg"]


@pytest.mark.parametrize(
    "data", [b"\xff\xd8\xff\xe0 a photograph.", b"note without its end", b"\n" + OURS, b"\0"]
)
def test_another_file_is_left_as_it_is(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "note.txt"
    path.write_bytes(data)
    before = path.stat()
    assert_refused(path, "is not a note that the tests wrote: it is left as it is, name another file")
    assert path.read_bytes() == data
    assert (path.stat().st_ino, path.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_a_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    assert_refused(tmp_path / "folder", "is a folder")


@pytest.mark.parametrize("place", ["nowhere/note", "file/note", "file/deep/note"])
def test_a_place_without_a_folder_is_named(tmp_path: Path, place: str) -> None:
    (tmp_path / "file").write_bytes(OURS)
    with pytest.raises(OutputRefused, match=r"cannot be written: .* is not a folder"):
        check_output(tmp_path / place, NOTE)
    with pytest.raises(OutputRefused, match=r"cannot be written: .* is not a folder"):
        write(tmp_path / place)


@unix
def test_what_the_user_may_not_write_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "note"
    path.write_bytes(OURS)
    path.chmod(0o444)
    bound_by_permissions(lambda: assert_refused(path, "may not be written to"))
    path.chmod(0o200)
    bound_by_permissions(lambda: assert_refused(path, "cannot be read"))
    path.chmod(0o644)
    tmp_path.chmod(0o555)
    try:
        bound_by_permissions(lambda: assert_refused(path, "you may not write to the folder"))
    finally:
        tmp_path.chmod(0o755)


@unix
def test_a_link_stands_for_what_it_leads_to(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    photo, note, link = tmp_path / "photo.jpg", tmp_path / "deep" / "note", tmp_path / "link"
    photo.write_bytes(b"\xff\xd8 a photograph")
    note.write_bytes(OURS)
    link.symlink_to(photo)
    assert_refused(link, "is not a note")
    assert photo.read_bytes() == b"\xff\xd8 a photograph"
    link.unlink()
    link.symlink_to("deep/note")
    write(link)
    assert link.is_symlink() and note.read_bytes() == b"note two."
    assert names(tmp_path / "deep") == ["note"]
    note.unlink()
    assert_refused(link, "is a link to deep/note, which is not there")
    assert not note.exists()
    link.unlink()
    link.symlink_to("link")
    assert_refused(link, "cannot be examined")


@unix
def test_a_pipe_is_written_to_as_it_is(tmp_path: Path) -> None:
    pipe, link = tmp_path / "pipe", tmp_path / "link"  # a shell's >(command) is a link to a pipe
    os.mkfifo(pipe)
    link.symlink_to(pipe)
    for path in (pipe, link):
        check_output(path, NOTE)
        with ThreadPoolExecutor(1) as pool:
            read = pool.submit(pipe.read_bytes)
            write(path)
            assert read.result(10) == b"note two."
        assert stat.S_ISFIFO(pipe.stat().st_mode) and names(tmp_path) == ["link", "pipe"]


def test_the_null_device_takes_everything() -> None:
    null = Path(os.devnull)
    check_output(null, NOTE)
    write(null)
    assert is_free(null)


@unix
def test_a_socket_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import socket

    monkeypatch.chdir(tmp_path)  # a path of a socket is short
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("s")
        assert_refused(Path("s"), "is not a regular file")


def test_a_name_is_free_if_nothing_is_lost(tmp_path: Path) -> None:
    (tmp_path / "empty").touch()
    (tmp_path / "full").write_bytes(OURS)
    found = [name for name in ("empty", "full", "nothing", ".") if is_free(tmp_path / name)]
    assert found == ["empty"]


def test_what_comes_while_one_writes_is_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "note"
    check_output(path, NOTE)

    def work() -> None:
        with written_whole(path, NOTE) as stream:
            stream.write(b"note two.")
            path.write_bytes(b"a photograph")

    with pytest.raises(OutputRefused, match="is not a note"):
        work()
    assert path.read_bytes() == b"a photograph"
    assert names(tmp_path) == ["note"]


@pytest.mark.parametrize(
    ("text", "is_ours"),
    [
        ('{"schema": "toy/report/1", "x": 1}', True),
        ('\ufeff{\n  "schema":"toy/report/12"\n}', True),
        ('{"schema": "toy/report/1', False),
        ('{"schema": "toy/reports/1"}', False),
        ('{"schema": "my/toy/report/1"}', False),
        ('{"x": 1, "schema": "toy/report/1"}', False),
        ('[{"schema": "toy/report/1"}]', False),
        ("", False),
    ],
)
def test_json_is_known_by_the_schema_it_begins_with(text: str, is_ours: bool) -> None:
    assert json_that_begins_with("toy/report")(io.BytesIO(text.encode())) is is_ours


# Whole or not at all


@pytest.mark.parametrize("there", [None, OURS])
def test_an_exception_changes_nothing(tmp_path: Path, there: bytes | None) -> None:
    path = tmp_path / "note"
    if there:
        path.write_bytes(there)

    def work() -> None:
        with written_whole(path, NOTE) as stream:
            stream.write(b"half")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        work()
    assert (path.read_bytes() if path.exists() else None) == there
    assert names(tmp_path) == (["note"] if there else [])


def test_a_full_disk_is_said_and_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "note"
    path.write_bytes(OURS)
    fail_with(monkeypatch, errno.ENOSPC)
    with pytest.raises(VisualSearchError, match=f"note cannot be written: {os.strerror(errno.ENOSPC)}"):
        write(path)
    assert path.read_bytes() == OURS and names(tmp_path) == ["note"]


@pytest.mark.parametrize("writer", ["written_whole", "replacing"])
def test_neighbors_are_left_alone(tmp_path: Path, writer: str, monkeypatch: pytest.MonkeyPatch) -> None:
    path, photo = tmp_path / "note", tmp_path / "photo.jpg"
    photo.write_bytes(b"a photograph")
    (tmp_path / "note.new").write_bytes(b"mine")
    (tmp_path / "note.tmp").symlink_to(photo)
    # Even of the very name that would be drawn: taken by a file, or by a link.
    taken = [".visualsearch-0000000000000000.tmp", ".visualsearch-1111111111111111.tmp"]
    (tmp_path / taken[0]).write_bytes(b"taken")
    (tmp_path / taken[1]).symlink_to(photo)
    for name in taken:
        monkeypatch.setattr("visualsearch_cli.atomic.temporary_name", lambda name=name: name)
        with pytest.raises((VisualSearchError, FileExistsError), match="exists"):
            replace(path, writer)
    monkeypatch.undo()
    replace(path, writer)
    assert path.read_bytes() == b"note two."
    assert photo.read_bytes() == b"a photograph"
    assert (tmp_path / "note.new").read_bytes() == b"mine"
    assert (tmp_path / taken[0]).read_bytes() == b"taken"
    assert names(tmp_path) == sorted([*taken, "note", "note.new", "note.tmp", "photo.jpg"])


def replace(path: Path, writer: str) -> None:
    if writer == "written_whole":
        write(path)
    else:
        with replacing(path) as temporary:
            temporary.write_bytes(b"note two.")


def test_two_that_write_at_once_do_not_share_a_file(tmp_path: Path) -> None:
    path = tmp_path / "note"
    with written_whole(path, NOTE) as one, written_whole(path, NOTE) as other:
        one.write(b"note one.")
        other.write(b"note two.")
        assert len(names(tmp_path)) == 2
    assert path.read_bytes() == b"note one.", "the one that ends last"
    assert names(tmp_path) == ["note"]


@unix
def test_permissions_are_those_of_a_new_file_or_of_the_one_replaced(tmp_path: Path) -> None:
    plain, path = tmp_path / "plain", tmp_path / "note"
    plain.touch()
    write(path)
    assert path.stat().st_mode == plain.stat().st_mode
    for mode in (0o600, 0o664):
        path.chmod(mode)
        seen: list[int] = []
        with written_whole(path, NOTE) as stream:
            seen.append(stat.S_IMODE(os.fstat(stream.fileno()).st_mode))
            stream.write(b"note two.")
        assert seen == [0o600], "nobody else reads what is half written"
        assert stat.S_IMODE(path.stat().st_mode) == mode


@unix
def test_a_link_of_the_name_is_replaced_where_names_are_ours(tmp_path: Path) -> None:
    photo, path = tmp_path / "photo.jpg", tmp_path / "README"
    photo.write_bytes(b"a photograph")
    path.symlink_to(photo)
    with replacing(path) as temporary:
        temporary.write_bytes(b"text")
    assert not path.is_symlink() and path.read_bytes() == b"text"
    assert photo.read_bytes() == b"a photograph"


def test_leftovers_are_known_by_their_names(tmp_path: Path) -> None:
    left = [temporary_name(), temporary_name() + "-journal"]
    others = [".visualsearch-1.tmp", "x" + left[0], left[0] + ".jpg", "hnsw.000001.bin.new"]
    for name in (*left, *others):
        (tmp_path / name).touch()
    assert all(is_temporary(name) for name in left) and not any(is_temporary(name) for name in others)
    remove_leftovers(tmp_path)
    assert names(tmp_path) == sorted(others)


# Names that last


def fail_with(monkeypatch: pytest.MonkeyPatch, code: int) -> None:
    def fsync(_handle: int) -> None:
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(os, "fsync", fsync)


@pytest.mark.skipif(os.name == "nt", reason="folders cannot be opened there")
def test_a_share_that_syncs_no_folders_is_no_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fail_with(monkeypatch, errno.EINVAL)
    sync_folder(tmp_path)
    fail_with(monkeypatch, errno.EIO)
    with pytest.raises(OSError, match=os.strerror(errno.EIO)):
        sync_folder(tmp_path)


def test_only_a_file_with_other_names_gets_a_copy(tmp_path: Path) -> None:
    alone, named, backup = (tmp_path / name for name in ("alone", "named", "backup"))
    for path in (alone, named):
        path.write_bytes(b"vectors")
        path.chmod(0o640)
    backup.hardlink_to(named)
    before = [path.stat().st_ino for path in (alone, named)]
    for path in (alone, named):
        make_own(path)
        assert path.read_bytes() == b"vectors" and path.stat().st_nlink == 1
        assert stat.S_IMODE(path.stat().st_mode) == 0o640 or os.name == "nt"
    assert alone.stat().st_ino == before[0]
    assert backup.stat().st_ino == before[1] != named.stat().st_ino
    (tmp_path / "link").symlink_to(alone)
    with pytest.raises(OSError, match="symbolic link"):
        make_own(tmp_path / "link")


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="elsewhere platformdirs itself is asked")
@pytest.mark.parametrize("said", [None, "", " ", "/elsewhere"])
def test_the_folders_of_a_user_are_those_that_platformdirs_names(
    said: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    for variable in ("XDG_STATE_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME"):
        monkeypatch.delenv(variable, raising=False)
        if said is not None:
            monkeypatch.setenv(variable, said)
    assert state_folder() == platformdirs.user_state_path("visualsearch")
    assert config_folder() == platformdirs.user_config_path("visualsearch")
    assert cache_folder() == platformdirs.user_cache_path("visualsearch")
