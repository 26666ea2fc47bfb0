"""Whether the system tells of changes, and what is told."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.helpers.photographs import wait_until
from visualsearch_cli.index.disks.mount_table import MountTable
from visualsearch_cli.watching import observing
from visualsearch_cli.watching.observing import Observing, why_not_told
from visualsearch_cli.watching.pending import Pending

needs_linux = pytest.mark.skipif(sys.platform != "linux", reason="what other systems tell is theirs")

TABLE = """\
1 0 8:1 / / rw - ext4 /dev/sda1 rw
2 1 0:40 / /mnt/nas rw - nfs4 nas:/photos rw
3 1 0:41 / /home/me/Photos/phone rw - fuse.sshfs phone:/ rw
4 1 8:2 / /media/card rw - vfat /dev/sdb1 rw
"""


@needs_linux
@pytest.mark.parametrize(
    ("root", "why"),
    [
        ("/home/me/Music", None),
        ("/media/card/DCIM", None),
        ("/mnt/nas/2024", "it is on nfs4"),
        ("/home/me", "/home/me/Photos/phone is on fuse.sshfs"),
        (r"\\server\photos", "it is on a share"),
    ],
)
def test_shares_tell_nothing(tmp_path: Path, root: str, why: str | None) -> None:
    (tmp_path / "mountinfo").write_text(TABLE)
    found = why_not_told(root, MountTable(str(tmp_path / "mountinfo")))
    assert found is why or (found and why and found.startswith(why))


@pytest.fixture
def pending() -> Pending:
    """What is told in a test."""
    return Pending(0.01)


@pytest.fixture
def watching(pending: Pending) -> Iterator[Observing]:
    """What tells it."""
    found = Observing(pending)
    yield found
    found.close()


@needs_linux
def test_files_and_folders_are_told_of_and_nothing_else(
    tmp_path: Path, pending: Pending, watching: Observing
) -> None:
    (tmp_path / "inner").mkdir()
    assert watching.observe(str(tmp_path)) is None
    (tmp_path / "inner" / "a.jpg").write_bytes(b"a")
    (tmp_path / "inner" / "notes.txt").write_bytes(b"a")
    wait_until(lambda: pending.due is not None)
    (tmp_path / "inner" / "a.jpg").rename(tmp_path / "b.jpg")
    (tmp_path / "new").mkdir()
    wait_until(lambda: str(tmp_path / "new") in pending._taken.folders)
    assert pending.take().folders == {
        str(tmp_path / "inner"): {"a.jpg"},
        str(tmp_path): {"b.jpg"},
        str(tmp_path / "new"): None,
    }
    assert (tmp_path / "b.jpg").read_bytes() == b"a"
    (tmp_path / "b.jpg").unlink()
    wait_until(lambda: pending.due is not None)
    assert pending.take().folders == {str(tmp_path): {"b.jpg"}}, "to read is no change"


@needs_linux
def test_folders_that_the_system_has_no_room_for_are_noticed(
    tmp_path: Path, watching: Observing, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(3):
        (tmp_path / str(number)).mkdir()
    assert watching.observe(str(tmp_path)) is None
    assert observing._count_watches() == 4
    monkeypatch.setattr(observing, "_count_watches", lambda: 3)
    why = watching.why_not_whole(str(tmp_path))
    assert why is not None and "3 of 4 folders" in why and "max_user_watches" in why
    monkeypatch.undo()
    assert observing._count_watches() == 0, "who scans needs no room"


@needs_linux
def test_without_watchdog_it_is_said_how_to_get_it(
    tmp_path: Path, watching: Observing, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "watchdog", None)
    assert "pip install 'visualsearch-cli[watch]'" in (watching.observe(str(tmp_path)) or "")
