"""What the file system knows of a picture: stars, tags and comments of a file manager.

Dolphin and Gwenview of KDE, and others on Linux, write them as extended attributes. They go with the
file, and nothing in its bytes says so.

Source: freedesktop.org, Common Extended Attributes (`user.xdg.tags`, `user.xdg.comment`); KFileMetaData of
KDE (`user.baloo.rating`, 0 to 10, two for a star).
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from visualsearch_cli.pictures.metadata.values import Metadata, clean, joined

RATING, TAGS, COMMENT = "user.baloo.rating", "user.xdg.tags", "user.xdg.comment"


def known_by_attributes(paths: Iterable[Path]) -> Metadata:
    """Return what the attributes of a file say, by any of its names; nothing where there are none."""
    return joined(_of_file(path) for path in paths)


def _of_file(path: Path) -> Metadata:
    said: dict[str, str] = {}
    if sys.platform == "linux":  # elsewhere Python cannot ask
        with suppress(OSError):
            for name in {RATING, TAGS, COMMENT}.intersection(os.listxattr(path)):
                said[name] = clean(os.getxattr(path, name).decode("utf-8", "replace"))
    if not said:
        return Metadata()
    rating = said.get(RATING, "")
    stars = (int(rating) + 1) // 2 if rating.isdecimal() else 0
    return Metadata(
        rating=min(5, stars),
        caption=said.get(COMMENT, ""),
        keywords=tuple(dict.fromkeys(filter(None, map(str.strip, said.get(TAGS, "").split(","))))),
    )
