"""Trees that are there twice: one is left out, and copies stay what they are."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from visualsearch_cli.duplicates import second_paths
from visualsearch_cli.duplicates.second_paths import SecondPaths
from visualsearch_cli.index.disks.mount_table import MountTable
from visualsearch_cli.pictures.image import ImageRecord

STAMP = 1_700_000_000_123_456_789

pytestmark = pytest.mark.skipif(os.name == "nt", reason="POSIX paths")


def table(tmp_path: Path, *lines: str) -> MountTable:
    """Return a table of mounts, over one of which nothing is known."""
    path = tmp_path / "mountinfo"
    path.write_text("".join(f"{line}\n" for line in ("1 0 8:1 / / rw - strange /dev/sda1 rw", *lines)))
    return MountTable(str(path))


def image(path: Path, number: int, *, mtime_ns: int = STAMP) -> ImageRecord:
    """Write a file, and return it as the index has it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"picture")
    os.utime(path, ns=(mtime_ns, mtime_ns))
    return ImageRecord(number, 1, path, 7, mtime_ns, "00" * 32, 4, 3, "JPEG")


def paths(found: dict[int, object]) -> list[Path]:
    return [item.path for item in found[1]]  # type: ignore[attr-defined]


def test_copies_with_their_times_are_copies(tmp_path: Path) -> None:
    """As `cp -p` makes them: looked for by a marker, which does not stay."""
    a, b = image(tmp_path / "a/x/p.jpg", 1), image(tmp_path / "b/x/p.jpg", 2)
    second = SecondPaths(_mounts=table(tmp_path))
    assert paths(second.without({1: [a, b]})) == [a.path, b.path]  # type: ignore[arg-type]
    assert not second.sentences()
    assert os.listdir(tmp_path / "a/x") == os.listdir(tmp_path / "b/x") == ["p.jpg"]


def test_a_marker_that_is_in_both_tells_that_they_are_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two inodes for one file: here, the marker is found wherever it is looked for."""
    a, b = image(tmp_path / "a/x/p.jpg", 1), image(tmp_path / "b/x/p.jpg", 2)
    c, d = image(tmp_path / "a/x/q.jpg", 3), image(tmp_path / "b/x/q.jpg", 4)
    monkeypatch.setattr("visualsearch_cli.duplicates.second_paths.os.path.lexists", lambda _: True)
    second = SecondPaths(_mounts=table(tmp_path))
    found = second.without({1: [a, b], 2: [c, d]})
    assert {1: [a], 2: [c]} == found
    assert second.sentences() == [f"{tmp_path}/b is {tmp_path}/a under another path: 2 files there left out"]
    kept = SecondPaths([str(tmp_path / "b")], _mounts=table(tmp_path))
    assert kept.without({1: [a, b]}) == {1: [b]}, "a reference stays"


@pytest.mark.parametrize(
    ("mount", "shown"),
    [
        ("fuse {a} rw", "b"),
        ("fuse.rclone local:{a} rw", "b"),
        ("fuse.sshfs me@localhost:{a} rw", "b"),
        ("overlay overlay rw,lowerdir=/l:/m,upperdir={a},workdir=/w", "b"),
    ],
)
def test_the_mount_table_tells_what_is_shown(
    tmp_path: Path, mount: str, shown: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(second_paths, "_is_marked", lambda *_: False)  # as where names are cached
    a, b = image(tmp_path / "a/x/p.jpg", 1), image(tmp_path / "b/x/p.jpg", 2)
    line = f"2 1 0:40 / {tmp_path / shown} rw - {mount.format(a=tmp_path / 'a')}"
    second = SecondPaths(_mounts=table(tmp_path, line))
    assert paths(second.without({1: [b, a]})) == [a.path]  # type: ignore[arg-type]


@pytest.mark.parametrize(("source", "are_one"), [("//server/share", True), ("overlay", False)])
def test_two_mounts_of_one_source_are_one_if_it_is_named(
    tmp_path: Path, source: str, are_one: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(second_paths, "_is_marked", lambda *_: False)
    a, b = image(tmp_path / "a/x/p.jpg", 1), image(tmp_path / "b/x/p.jpg", 2)
    lines = [f"{n} 1 0:4{n} / {tmp_path / name} rw - cifs {source} rw" for n, name in ((2, "a"), (3, "b"))]
    second = SecondPaths(_mounts=table(tmp_path, *lines))
    assert len(second.without({1: [a, b]})[1]) == (1 if are_one else 2)


def test_on_disks_no_marker_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(second_paths, "_is_marked", lambda *_: pytest.fail("written to"))
    a, b = image(tmp_path / "a/x/p.jpg", 1), image(tmp_path / "b/x/p.jpg", 2)
    path = tmp_path / "mountinfo"
    path.write_text("1 0 8:1 / / rw - ext4 /dev/sda1 rw\n")
    second = SecondPaths(_mounts=MountTable(str(path)))
    assert len(second.without({1: [a, b]})[1]) == 2


def test_where_nothing_may_be_written_the_spelling_tells(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(second_paths, "_is_marked", lambda *_: None)
    a, b = image(tmp_path / "Photos/p.jpg", 1), image(tmp_path / "PHOTOS/p.jpg", 2)
    if os.path.samefile(a.path, b.path):
        pytest.skip("a file system that ignores case")
    other = image(tmp_path / "Copies/p.jpg", 3)
    second = SecondPaths(_mounts=table(tmp_path))
    assert len(second.without({1: [a, b, other]})[1]) == 2


def test_names_in_one_folder_and_other_times_are_not_looked_into(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(second_paths, "_is_marked", lambda *_: pytest.fail("written to"))
    a, b = image(tmp_path / "a/p.jpg", 1), image(tmp_path / "b/p.jpg", 2, mtime_ns=STAMP + 1)
    c = image(tmp_path / "a/P.JPG", 3) if not (tmp_path / "a/P.JPG").exists() else a
    second = SecondPaths(_mounts=table(tmp_path))
    assert second.without({1: [a, b, c]}) == {1: [a, b, c]}


def test_the_real_table_is_read() -> None:
    if not os.path.exists("/proc/self/mountinfo"):
        pytest.skip("reads /proc")
    mount = MountTable().of("/proc/self")
    assert mount and mount.type == "proc"
