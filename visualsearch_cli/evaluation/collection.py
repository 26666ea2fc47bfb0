"""Pictures embedded in memory, without an index."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from visualsearch_cli.embedders.embedder import Embedder, ModelInput, ModelSpec, prepared_ways
from visualsearch_cli.index.records import NewContent
from visualsearch_cli.indexing.embedding import embed_images
from visualsearch_cli.indexing.loading import load_images
from visualsearch_cli.pictures.image import ImageReader, Pixels, ScannedFile, SkippedImage
from visualsearch_cli.pictures.orientations import Transforms, orientations_of
from visualsearch_cli.progress import Progress
from visualsearch_cli.vectors.index import Embeddings

if TYPE_CHECKING:
    import numpy.typing as npt


@dataclass(frozen=True, slots=True)
class Collection:
    """The pictures of some files, in their order, and the files that could not be used."""

    rows: npt.NDArray[np.int64]  # (n,), the file each picture is, by its number among those given
    contents: npt.NDArray[np.int64]  # (n,), its row in `oriented`
    oriented: npt.NDArray[np.float32]  # (c, t, dim), unit rows: distinct contents in t orientations
    skipped: tuple[SkippedImage, ...]

    @property
    def vectors(self) -> Embeddings:
        """The vectors of the contents as they are, float32 (c, dim)."""
        return np.ascontiguousarray(self.oriented[:, 0])


def embed_collection(
    files: Sequence[ScannedFile],
    reader: ImageReader,
    embedder: Callable[[], Embedder],
    transforms: Transforms,
    threads: int,
    progress: Progress,
) -> Collection:
    """Embed files, each distinct content once in every orientation. A folder without one loads no model."""
    rows: list[int] = []
    contents: list[int] = []
    known: dict[bytes, int] = {}
    vectors: list[npt.NDArray[np.float32]] = []
    skipped: list[SkippedImage] = []

    def turning() -> Embedder:
        return _Turning(embedder(), transforms)

    loaded = load_images(files, reader, turning, lambda _: False, threads)
    numbers = iter(range(len(files)))
    with progress.step("Embedding", len(files)) as advance:
        for batch in embed_images(loaded, turning):
            for item in batch:
                number = next(numbers)
                content = item.content
                if content is None:
                    skipped.append(SkippedImage(item.file.path, item.error or "unknown"))
                    continue
                if isinstance(content, NewContent):
                    known[content.hash] = len(vectors)
                    vectors.append(content.vector)
                    content = content.hash
                rows.append(number)
                contents.append(known[content])
            advance(len(batch))
    ways = len(orientations_of(np.zeros((1, 1, 3), dtype=np.uint8), transforms))
    dim = len(vectors[0]) // ways if vectors else 0
    stacked = np.array(vectors, dtype=np.float32).reshape(len(vectors), ways, dim)
    return Collection(
        np.array(rows, dtype=np.int64), np.array(contents, dtype=np.int64), stacked, tuple(skipped)
    )


class _Turning:
    """An embedder of pictures in several orientations: the vectors of a picture, one after the other."""

    def __init__(self, embedder: Embedder, transforms: Transforms) -> None:
        self._embedder = embedder
        self._transforms = transforms

    @property
    def spec(self) -> ModelSpec:
        """The identity of the model inside."""
        return self._embedder.spec

    @property
    def input_side(self) -> int:
        """As the model inside has it."""
        return self._embedder.input_side

    def prepare(self, pixels: Pixels) -> ModelInput:
        """Return the inputs of all orientations, stacked."""
        return np.stack(prepared_ways(self._embedder, pixels, self._transforms))

    def embed(self, batch: Sequence[ModelInput]) -> Embeddings:
        """Return float32 of shape (n, t * dim)."""
        found = self._embedder.embed([way for picture in batch for way in picture])
        return found.reshape(len(batch), -1)
