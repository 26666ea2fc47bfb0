"""Paths that are too long for a line: the middle gives way, the name stays."""

from __future__ import annotations

import os

from rich.cells import cell_len, chop_cells

ELLIPSIS = "…"


def shortened(path: str, width: int) -> str:
    """Return a path of at most `width` terminal cells: folders go first, from the middle, then letters."""
    if cell_len(path) <= width:
        return path
    *folders, name = path.split(os.sep)
    kept = len(folders) - 1
    while kept > 0:
        ahead = folders[: (kept + 1) // 2]
        behind = folders[len(folders) - kept // 2 :]
        short = os.sep.join([*ahead, ELLIPSIS, *behind, name])
        if cell_len(short) <= width:
            return short
        kept -= 1
    short = os.sep.join([ELLIPSIS, name])
    if folders and cell_len(short) <= width:
        return short
    return _cut(name, width)


def _cut(name: str, width: int) -> str:
    """Take letters out of the middle: numbers and suffixes, which tell names apart, stand at the end."""
    ahead = max((width - 1) // 2, 1)
    behind = max(width - 1 - ahead, 1)
    start = chop_cells(name, ahead)[0]
    end = chop_cells(name[::-1], behind)[0][::-1]
    return start + ELLIPSIS + end
