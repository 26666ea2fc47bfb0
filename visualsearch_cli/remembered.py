"""What the user has said to this program, kept in the user's own state folder and nowhere else.

Folders of photographs come from anywhere, and an index lies in one of them. What it says about itself is
never taken for something that the user said: which weights may be loaded, and whose indexes are used.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path

from visualsearch_cli.atomic import replacing, state_folder

WEIGHTS = "weights.json"
"""Files that were passed as --weights: "sha256:<hex>" and the path of the file."""

TRUSTED = "trusted-indexes.json"
"""What was passed as --index: index folders of other users, by their paths, resolved, and who owned them; and
links, with what they led to."""


def state_file(name: str) -> Path:
    """Return where something is kept. Raises OSError if the user has no such folder."""
    return state_folder() / name


def remembered(name: str) -> Mapping[str, str]:
    """Return what was said. What cannot be read was not."""
    try:
        found = json.loads(state_file(name).read_text("utf-8", "surrogateescape"))
    except (OSError, ValueError, RecursionError):
        return {}
    if not isinstance(found, dict):
        return {}
    return {key: value for key, value in found.items() if isinstance(value, str)}


def remember_said(name: str, key: str, value: str) -> bool:
    """Keep something that was said. Returns whether it is kept: failing to is no failure."""
    known = remembered(name)
    if known.get(key) == value:
        return True
    text = json.dumps({**known, key: value}, indent=1)
    try:
        path = state_file(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        with replacing(path) as written:
            written.write_bytes(os.fsencode(text))
    except OSError:
        return False
    return True
