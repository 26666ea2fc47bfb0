"""Count what the folders of an index hold, and how many files of one are in another."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import TYPE_CHECKING

from visualsearch_cli.index.records import FileKey
from visualsearch_cli.index.roots import is_offline
from visualsearch_cli.progress import Progress

if TYPE_CHECKING:
    from visualsearch_cli.index.catalog import Catalog
    from visualsearch_cli.pictures.image import ImageRecord

UNKNOWN = "unknown"
DIRECTLY = "."  # what lies in a root itself, beside its folders


@dataclass(frozen=True, slots=True)
class Shot:
    """What a file says of when and by what it was taken."""

    year: int | None
    camera: str


@dataclass(frozen=True, slots=True)
class Folder:
    """What a folder holds."""

    path: str
    files: int
    copies: int  # of them, files whose bytes another file of the folder has: all but one of each
    formats: Mapping[str, int]  # files by format
    years: Mapping[str, int]  # by the date of capture, else by the time of the file
    cameras: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Statistics:
    """Folders, and how many files of each have the bytes of a file in each other one.

    overlap: a row for each folder, with a number for each; in the diagonal, files that have a copy in the
    same folder.
    """

    folders: tuple[Folder, ...]
    overlap: tuple[tuple[int, ...], ...]


def statistics(
    catalog: Catalog, shot_of: Callable[[ImageRecord], Shot | None], progress: Progress
) -> Statistics:
    """Count what the roots of an index hold; if it has but one, what the folders in that hold.

    `shot_of` reads a file, None where it cannot; nothing is read of roots that are offline.
    """
    folders: dict[str, list[ImageRecord]] = {}
    away: set[str] = set()
    roots = catalog.roots()
    for root in roots:
        key = FileKey(root.id, ".")
        contents = catalog.files_per_content([key])
        images = [image for of in catalog.images_of(contents, key).values() for image in of]
        if len(roots) > 1:
            folders[root.path] = images
        else:
            for image in images:
                inner = os.path.relpath(image.path, root.path).split(os.sep)
                name = os.path.join(root.path, inner[0] if len(inner) > 1 else DIRECTLY)
                folders.setdefault(name, []).append(image)
        if is_offline(root, catalog):
            away.update(path for path in folders if path == root.path or len(roots) == 1)
    with progress.step("Reading headers", sum(map(len, folders.values()))) as advance:
        found = []
        for path, images in sorted(folders.items()):
            found.append(_folder(path, images, shot_of if path not in away else lambda _: None))
            advance(len(images))
    return Statistics(tuple(found), _overlap([folders[folder.path] for folder in found]))


def _folder(path: str, images: list[ImageRecord], shot_of: Callable[[ImageRecord], Shot | None]) -> Folder:
    years: Counter[str] = Counter()
    cameras: Counter[str] = Counter()
    for image in images:
        shot = shot_of(image)
        year = (
            shot.year
            if shot and shot.year
            else datetime.fromtimestamp(image.mtime_ns / 1e9, timezone.utc).year
        )
        years[str(year)] += 1
        cameras[(shot.camera if shot else "") or UNKNOWN] += 1
    return Folder(
        path=path,
        files=len(images),
        copies=len(images) - len({image.content_hash for image in images}),
        formats=dict(Counter(image.format for image in images).most_common()),
        years=dict(sorted(years.items())),
        cameras=dict(cameras.most_common()),
    )


def _overlap(folders: list[list[ImageRecord]]) -> tuple[tuple[int, ...], ...]:
    counts = [Counter(image.content_hash for image in images) for images in folders]
    return tuple(
        tuple(
            sum(number for content, number in mine.items() if theirs[content] > (mine is theirs))
            for theirs in counts
        )
        for mine in counts
    )
