"""What a folder lies on, by what the system says of it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from visualsearch_cli.index.disks.mount_table import MountTable
from visualsearch_cli.index.disks.volumes import Volumes, uuid_by_diskutil

pytestmark = pytest.mark.skipif(os.name == "nt", reason="POSIX paths")


@pytest.fixture(autouse=True)
def at_home(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the home lie on another disk."""
    monkeypatch.setenv("HOME", "/dev/shm" if os.path.isdir("/dev/shm") else "/nowhere")


def volumes(tmp_path: Path, line: str, **uuids: str) -> Volumes:
    """Return what knows one mount, and UUIDs of devices."""
    table, folder = tmp_path / "mountinfo", tmp_path / "by-uuid"
    table.write_text(f"{line}\n")
    folder.mkdir()
    for name, device in uuids.items():
        (folder / name).symlink_to(device)
    return Volumes(MountTable(str(table)), str(folder))


def test_a_card_is_known_by_its_uuid_and_the_place_on_it(tmp_path: Path) -> None:
    card = tmp_path / "card"
    (card / "DCIM").mkdir(parents=True)
    line = f"1 0 8:1 / {card} rw - vfat /dev/nosuch1 rw"
    found = volumes(tmp_path, line, A="/dev/nosuch2", B="/dev/nosuch1")
    assert found.name_of(str(card)) == "uuid B /"
    assert found.name_of(str(card / "DCIM")) == "uuid B /DCIM"


def test_a_card_of_which_nothing_is_known_has_no_name(tmp_path: Path) -> None:
    """Not that of its device: the next card in the reader has it, too."""
    found = volumes(tmp_path, f"1 0 8:1 / {tmp_path} rw - exfat /dev/nosuch1 rw")
    assert found.name_of(str(tmp_path)) == ""


def test_a_share_is_known_by_its_source(tmp_path: Path) -> None:
    found = volumes(tmp_path, f"1 0 0:51 / {tmp_path} rw - cifs //nas/photos rw")
    assert found.name_of(str(tmp_path)) == "cifs //nas/photos /"


def test_a_mirror_of_a_folder_may_be_one_of_a_card(tmp_path: Path) -> None:
    found = volumes(tmp_path, f"1 0 0:51 / {tmp_path} rw - fuse /media/card rw")
    assert found.name_of(str(tmp_path)) == ""


def test_a_disk_that_makes_its_number_of_its_uuid_is_known_by_that(tmp_path: Path) -> None:
    number = os.statvfs(tmp_path).f_fsid
    found = volumes(tmp_path, f"1 0 8:1 /home {tmp_path} rw - ext4 /dev/nosuch1 rw")
    assert found.name_of(str(tmp_path)) == (f"fsid {number:x} /home" if number else "")


def test_the_disk_of_the_home_is_not_exchanged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    found = volumes(tmp_path, f"1 0 8:1 / {tmp_path} rw - overlay overlay rw")
    assert found.name_of(str(tmp_path)) == f"home {tmp_path}"


def test_where_there_is_no_table_the_system_is_asked_once_for_a_disk(tmp_path: Path) -> None:
    (tmp_path / "DCIM").mkdir()
    asked: list[str] = []

    def uuid_at(point: str) -> str:
        asked.append(point)
        return "A-B"

    found = Volumes(MountTable("/nowhere"), ask=uuid_at)
    names = [found.name_of(str(folder)) for folder in (tmp_path / "DCIM", tmp_path)]
    assert asked and os.path.ismount(asked[0]) and len(asked) == 1
    below = os.path.relpath(tmp_path, asked[0])
    assert names == [f"uuid A-B /{below}/DCIM", f"uuid A-B /{below}"]
    assert Volumes(MountTable("/nowhere"), ask=lambda _: "").name_of(str(tmp_path)) == ""


@pytest.mark.parametrize(
    ("told", "uuid"),
    [
        ("<key>VolumeName</key><string>EOS</string><key>VolumeUUID</key><string>0E23-1</string>", "0E23-1"),
        ("<key>Error</key><true/>", ""),
        ("<key>VolumeUUID</key><array/>", ""),
    ],
)
def test_diskutil_tells_the_uuid_of_a_volume(tmp_path: Path, told: str, uuid: str) -> None:
    """By a stand-in that prints what diskutil does."""
    program = tmp_path / "diskutil"
    document = f'<?xml version="1.0"?><plist version="1.0"><dict>{told}</dict></plist>'
    program.write_text(f"#!/bin/sh\n[ \"$*\" = 'info -plist /Volumes/EOS' ] || exit 1\necho '{document}'\n")
    program.chmod(0o755)
    assert uuid_by_diskutil("/Volumes/EOS", str(program)) == uuid
    assert uuid_by_diskutil("/Volumes/other", str(program)) == ""
    assert uuid_by_diskutil("/Volumes/EOS", str(tmp_path / "nowhere")) == ""
