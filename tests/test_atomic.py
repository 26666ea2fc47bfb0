"""Files that are there whole or not at all, and names that last."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from visualsearch_cli.atomic import sync_folder


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
