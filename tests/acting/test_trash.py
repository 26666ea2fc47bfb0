"""The trash of freedesktop.org: what goes in is found again, by its note."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from visualsearch_cli.acting.action import Entry
from visualsearch_cli.acting.disk import Disk
from visualsearch_cli.acting.trash import SystemTrash
from visualsearch_cli.errors import ActionError

pytestmark = pytest.mark.skipif(
    sys.platform in ("darwin", "win32"), reason="the trash of freedesktop.org is found on Linux and BSD"
)

NAMES = ["x.jpg", "new\nline.jpg", "100% & ü.jpg", os.fsdecode(b"caf\xe9.jpg"), "-k.jpg", ".hidden.jpg", "x"]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home folder; send2trash looks for it when it is imported."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    return tmp_path


def put(path: Path) -> None:
    """Trash a file in a process of its own."""
    code = (
        "import sys; from pathlib import Path; from visualsearch_cli.acting.trash import SystemTrash;"
        "SystemTrash().put(Path(sys.argv[1]))"
    )
    subprocess.run([sys.executable, "-c", code, path], check=True, cwd=path.parent)


def look(path: Path) -> Entry:
    entry = Disk().look(path)
    assert entry
    return entry


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_what_is_put_in_is_found(home: Path, name: str) -> None:
    path = home / "Photos" / name
    path.parent.mkdir()
    path.write_bytes(b"picture")
    entry = look(path)
    put(path)
    assert not path.exists()
    (place,) = SystemTrash().find(path, entry)
    assert place.read_bytes() == b"picture"
    os.rename(place, path)
    SystemTrash().forget(place)
    assert SystemTrash().find(path, entry) == []
    assert os.listdir(home / "data" / "Trash" / "info") == []


@pytest.mark.slow
@pytest.mark.parametrize("given", ["", "data"])
def test_a_data_folder_that_is_not_absolute_is_ignored(
    home: Path, monkeypatch: pytest.MonkeyPatch, given: str
) -> None:
    """As the specification of base directories says; else photographs would go to where the program runs."""
    monkeypatch.setenv("XDG_DATA_HOME", given)
    path = home / "x.jpg"
    path.write_bytes(b"picture")
    entry = look(path)
    put(path)
    assert SystemTrash().find(path, entry) == [home / ".local" / "share" / "Trash" / "files" / "x.jpg"]


@pytest.mark.slow
def test_of_several_the_same_file_comes_first(home: Path) -> None:
    path = home / "x.jpg"
    entries = []
    for data in (b"one", b"two", b"three"):
        path.write_bytes(data)
        entries.append(look(path))
        put(path)
    for entry, data in zip(entries, (b"one", b"two", b"three"), strict=True):
        assert SystemTrash().find(path, entry)[0].read_bytes() == data


@pytest.mark.slow
def test_another_name_of_the_same_file_is_not_it(home: Path) -> None:
    first, second = home / "a.jpg", home / "b.jpg"
    first.write_bytes(b"picture")
    os.link(first, second)
    entry = look(first)
    put(first)
    assert SystemTrash().find(second, entry) == []
    put(second)
    (place,) = SystemTrash().find(second, entry)
    assert place.name == "b.jpg"


@pytest.mark.slow
def test_a_file_from_another_disk_is_found_by_its_note(home: Path) -> None:
    """It was copied there: it is another inode now."""
    path = home / "x.jpg"
    path.write_bytes(b"picture")
    entry = look(path)
    put(path)
    (place,) = SystemTrash().find(path, entry)
    (home / "copy").write_bytes(place.read_bytes())
    os.replace(home / "copy", place)
    assert SystemTrash().find(path, entry) == [place]


def test_a_trash_at_the_top_of_a_disk(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Notes in there are relative to the top."""
    disk = home / "disk"
    trash = disk / f".Trash-{os.getuid()}"
    for folder in ("files", "info"):
        (trash / folder).mkdir(parents=True)
    (trash / "files" / "x 1.jpg").write_bytes(b"picture")
    (trash / "info" / "x 1.jpg.trashinfo").write_text(
        "[Trash Info]\nPath=DCIM/x%20y.jpg\nDeletionDate=2026-01-01T00:00:00\n"
    )
    monkeypatch.setattr("os.path.ismount", lambda path: Path(path) == disk)
    entry = look(trash / "files" / "x 1.jpg")
    assert SystemTrash().find(disk / "DCIM" / "x y.jpg", entry) == [trash / "files" / "x 1.jpg"]
    assert SystemTrash().find(disk / "DCIM" / "other.jpg", entry) == []


def test_what_is_not_there_cannot_be_put_in(home: Path) -> None:
    with pytest.raises(ActionError, match="--move-to"):
        SystemTrash().put(home / "gone.jpg")


def test_an_error_of_the_system_is_never_a_deletion(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import send2trash

    path = home / "x.jpg"
    path.write_bytes(b"picture")

    def fail(_: str) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(send2trash, "send2trash", fail)
    with pytest.raises(ActionError, match="Permission denied"):
        SystemTrash().put(path)
    assert path.read_bytes() == b"picture"


def test_no_trash_is_no_find(home: Path) -> None:
    (home / "x").write_bytes(b"picture")
    assert SystemTrash().find(home / "x", look(home / "x")) == []
    assert str(home / "data" / "Trash") in SystemTrash().advice()
