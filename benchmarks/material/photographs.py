"""Photographs in folders and in .tar archives, each of which can be read at any time, from any thread."""

from __future__ import annotations

import tarfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path, PurePosixPath
from random import Random

from PIL import Image, ImageOps, UnidentifiedImageError

SUFFIXES = {".jpg", ".jpeg", ".png", ".webp", ".gif", ".bmp", ".tif", ".tiff"}


@dataclass(frozen=True, slots=True)
class Photograph:
    """Where to find an image: a file, or a part of an archive."""

    name: str  # below the folder it was found in; for a member of an archive, archive/member
    file: Path
    offset: int = 0  # bytes
    size: int = -1  # bytes; -1 for all there are

    def read(self) -> Image.Image | None:
        """Decode the image, upright and in RGB. None if it cannot be decoded."""
        with self.file.open("rb") as file:
            file.seek(self.offset)
            content = BytesIO(file.read(self.size))
        try:
            with Image.open(content) as image:
                return ImageOps.exif_transpose(image).convert("RGB")
        except (UnidentifiedImageError, OSError, SyntaxError, ValueError):  # what Pillow raises
            return None


@dataclass(frozen=True, slots=True)
class Material:
    """The roles photographs play.

    originals: they are edited, and their edits look for them. They are in the index.
    backgrounds: some edits paste an original onto one. They are not in the index, where they would
        rightly be found.
    others: the rest of the index.
    """

    originals: list[Photograph]
    backgrounds: list[Photograph]
    others: list[Photograph]

    @property
    def index(self) -> list[Photograph]:
        """The originals, then the others."""
        return self.originals + self.others


def find_photographs(folder: Path) -> list[Photograph]:
    """List the images of a folder and of its archives, sorted by name."""
    found: list[Photograph] = []
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.suffix.lower() in SUFFIXES:
            found.append(Photograph(name, path))
        elif path.suffix == ".tar":
            found += _members(path, name)
    return sorted(found, key=lambda photograph: photograph.name)


def cast(
    photographs: Sequence[Photograph],
    distractors: Sequence[Photograph],
    *,
    originals: int,
    backgrounds: int,
    most_distractors: int,
    seed: str,
) -> Material:
    """Draw originals, backgrounds and distractors by chance, the same ones for the same seed."""
    if len(photographs) < originals + backgrounds:
        raise SystemExit(
            f"{originals} originals and {backgrounds} backgrounds need {originals + backgrounds} "
            f"photographs, and there are {len(photographs)}: pass fewer with --originals"
        )
    shuffled = Random(f"{seed} photographs").sample(photographs, len(photographs))
    drawn = min(most_distractors, len(distractors))
    return Material(  # the backgrounds first, so that more originals add edits and change none
        shuffled[backgrounds : backgrounds + originals],
        shuffled[:backgrounds],
        shuffled[backgrounds + originals :] + Random(f"{seed} distractors").sample(distractors, drawn),
    )


def _members(archive: Path, name: str) -> Iterator[Photograph]:
    with tarfile.open(archive, "r:") as tar:
        for member in tar:
            if member.isfile() and PurePosixPath(member.name).suffix.lower() in SUFFIXES:
                yield Photograph(f"{name}/{member.name}", archive, member.offset_data, member.size)
