"""Is the original the first that a query finds?"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from benchmarks.documents.copies import File
from benchmarks.material.photographs import Photograph
from benchmarks.unlisted.kinds import Original
from visualsearch_cli.library import Index, open_index


class Ranking:
    """An index of originals and others, in a folder of its own, that is asked for edits."""

    def __init__(self, folder: Path, originals: Sequence[Original], others: Sequence[Photograph]) -> None:
        """Write all photographs, and index them with the vectors of their regions."""
        self._folder = folder
        pictures = folder / "pictures"
        pictures.mkdir()
        for original in originals:
            self._path(original).write_bytes(original.file.data)
        for number, photograph in enumerate(others):
            suffix = Path(photograph.name).suffix
            (pictures / f"other {number}{suffix}").write_bytes(data_of(photograph))
        self._index: Index = open_index(pictures, create=True)
        self._index.add(pictures, thorough=True)

    def close(self) -> None:
        """Close the index."""
        self._index.close()

    def is_first(self, original: Original, file: File, *, thorough: bool) -> bool:
        """Tell whether the first match of a file is the photograph that it was made of."""
        asked = self._folder / f"asked{file.suffix}"
        asked.write_bytes(file.data)
        matches = self._index.query(asked, 1, thorough=thorough).matches
        return bool(matches) and Path(matches[0].image.path) == self._path(original)

    def _path(self, original: Original) -> Path:
        stem = Path(original.name).stem
        return self._folder / "pictures" / f"original {stem}{original.file.suffix}"


def data_of(photograph: Photograph) -> bytes:
    """Return the bytes of a photograph's file."""
    with photograph.file.open("rb") as file:
        file.seek(photograph.offset)
        return file.read(photograph.size)
