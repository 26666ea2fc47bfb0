"""What the Tab key completes where the names of options do not tell: keys, models, indexes.

Each takes what was typed so far and returns what may stand in its place. Nothing heavy is loaded for it.
"""

from __future__ import annotations

import os
from pathlib import Path


def keys(incomplete: str) -> list[str]:
    """Return lists of keys for --keep, the last one completed."""
    from visualsearch_cli.duplicates.keeping import Key

    before, comma, last = incomplete.rpartition(",")
    taken = before.split(",")
    names = [key.value for key in Key if key.value.startswith(last) and key.value not in taken]
    return [f"{before}{comma}{name}" for name in names]


def models(incomplete: str) -> list[str]:
    """Return the names of embedders."""
    from visualsearch_cli.embedders.specs import BUILT_IN, OPEN_CLIP_PREFIX, SSCD

    names = [*BUILT_IN, "clip", SSCD, OPEN_CLIP_PREFIX]
    return [name for name in names if name.startswith(incomplete)]


def indexes(incomplete: str) -> list[str]:
    """Return the folders that are indexes: around the current folder, in the folders in it, and the last one.

    If none begins so, nothing is returned, and shells complete folders.
    """
    from visualsearch_cli.cli.locating import known_indexes

    typed = os.path.expanduser(incomplete)
    found = dict.fromkeys(str(path) for path in known_indexes(Path.cwd()))
    return [path for path in found if path.startswith(typed)]
