"""The folders of whoever runs the program, for tests in this process."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest


def give_folders(home: Path, patch: pytest.MonkeyPatch) -> None:
    """Let state, caches, data and the trash lie in a folder of the test.

    send2trash looks for the trash once, when it is imported: it is imported anew.
    """
    for name in ("STATE", "CACHE", "DATA"):
        patch.setenv(f"XDG_{name}_HOME", str(home / name.lower()))
    for name in [each for each in sys.modules if each.partition(".")[0] == "send2trash"]:
        patch.delitem(sys.modules, name)
