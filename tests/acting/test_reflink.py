"""Clones, where the file system makes them; a clear word where it does not."""

from __future__ import annotations

import errno
import os
import sys
from pathlib import Path

import pytest

from visualsearch_cli.acting.disk import Disk
from visualsearch_cli.acting.reflink import clone_file
from visualsearch_cli.errors import ActionError


def test_a_clone_or_a_clear_error(tmp_path: Path) -> None:
    source, clone = tmp_path / "a", tmp_path / "b"
    source.write_bytes(b"picture" * 10_000)
    source.chmod(0o600)
    os.utime(source, ns=(1, 2_000_000_000))
    stamp = Disk().look(source)
    assert stamp
    try:
        clone_file(source, tmp_path / "probe")
    except OSError:
        with pytest.raises(ActionError, match="cannot share blocks between files, use --trash"):
            Disk().clone(source, clone, stamp, source)
        assert not clone.exists()
        return
    Disk().clone(source, clone, stamp, source)
    assert clone.read_bytes() == source.read_bytes()
    assert os.stat(clone).st_ino != os.stat(source).st_ino
    assert os.stat(clone).st_mtime_ns == 2_000_000_000


@pytest.mark.skipif(sys.platform != "linux", reason="the ioctl of Linux")
def test_the_ioctl_gets_both_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source, clone = tmp_path / "a", tmp_path / "b"
    source.write_bytes(b"picture")

    def ioctl(to: int, request: int, origin: int) -> int:
        assert request == 0x40049409
        os.write(to, os.read(origin, 100))
        return 0

    monkeypatch.setattr("fcntl.ioctl", ioctl)
    clone_file(source, clone)
    assert clone.read_bytes() == b"picture"


@pytest.mark.skipif(sys.platform != "linux", reason="the ioctl of Linux")
def test_other_errors_stay_what_they_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = tmp_path / "a"
    source.write_bytes(b"picture")

    def ioctl(*_: int) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("fcntl.ioctl", ioctl)
    with pytest.raises(OSError, match="No space left"):
        clone_file(source, tmp_path / "b")
    assert not (tmp_path / "b").exists()
