"""Doubles for tests of the core: toy images and their reader, embedders that count or stop, a graph store."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from tests.helpers.fakes import FakeEmbedder
from visualsearch_cli.embedders.embedder import Embedder, ModelInput, ModelSpec
from visualsearch_cli.errors import ImageUnreadable, IndexCorrupt, IndexNotFound
from visualsearch_cli.index.records import GraphFile
from visualsearch_cli.pictures.image import DecodedImage, Pixels, ScannedFile
from visualsearch_cli.vectors.exact import ExactIndex
from visualsearch_cli.vectors.index import Embeddings, IndexParams, VectorIndex

TOY = b"toy:"
"""What a toy image begins with; 24 pixel values follow, of a picture 4 pixels wide and 2 high."""


def toy(seed: int) -> bytes:
    """Return the bytes of a toy image, another one for each seed."""
    return TOY + np.random.default_rng(seed).bytes(24)


def write_toy(path: Path, seed: int) -> bytes:
    """Write a toy image, in folders that are made if needed. Returns its bytes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    data = toy(seed)
    path.write_bytes(data)
    return data


def scanned(path: Path | str) -> ScannedFile:
    """Return a file as the scanner gives it."""
    state = os.stat(path)
    return ScannedFile(str(path), state.st_size, state.st_mtime_ns)


class FakeReader:
    """Decodes toy images; anything else is unreadable."""

    def __init__(self, action: Callable[[bytes], None] | None = None) -> None:
        self.decoded: list[bytes] = []
        self._action = action

    def read(self, data: bytes, min_side: int | None = None) -> DecodedImage:
        """Return the pixels of a toy image, after doing what the test wants done meanwhile."""
        del min_side
        self.decoded.append(data)  # appending is atomic: several threads may
        if self._action:
            self._action(data)
        if not data.startswith(TOY) or len(data) != len(TOY) + 24:
            raise ImageUnreadable("not a toy image")
        pixels = np.frombuffer(data, np.uint8, offset=len(TOY)).reshape(2, 4, 3)
        return DecodedImage(pixels, 400, 200, "TOY")


class Loader:
    """Gives an embedder like a model that is loaded at the first call, and counts the calls."""

    def __init__(self, embedder: Embedder | None = None) -> None:
        self.fake = FakeEmbedder()
        self.calls = 0
        self._embedder = embedder or self.fake

    def __call__(self) -> Embedder:
        """Return the embedder."""
        self.calls += 1
        return self._embedder

    @property
    def embedded(self) -> int:
        """The number of images that were embedded by the fake."""
        return self.fake.embedded


class InterruptedEmbedder:
    """Is interrupted, as by Ctrl-C, in the batch after the first `batches`."""

    def __init__(self, batches: int) -> None:
        self._inner = FakeEmbedder()
        self._left = batches

    @property
    def spec(self) -> ModelSpec:
        """The identity of the fake model."""
        return self._inner.spec

    @property
    def input_side(self) -> int:
        """As the fake model."""
        return self._inner.input_side

    def prepare(self, pixels: Pixels) -> ModelInput:
        """As the fake model."""
        return self._inner.prepare(pixels)

    def embed(self, batch: Sequence[ModelInput]) -> Embeddings:
        """As the fake model, until it is interrupted."""
        if self._left == 0:
            raise KeyboardInterrupt
        self._left -= 1
        return self._inner.embed(batch)


class MemoryGraphStore:
    """Graph files that are exact indexes in a dictionary. `fail` is called before each step by its name."""

    def __init__(self) -> None:
        self.files: dict[str, tuple[list[int], Embeddings]] = {}
        self.damaged: set[str] = set()
        self.created = 0  # graphs begun from nothing
        self.fail: Callable[[str], None] = lambda _: None

    def create(self, dim: int, params: IndexParams) -> VectorIndex:
        """Return an empty index."""
        del params
        self.created += 1
        return _Recorded(dim)

    def load(self, graph: GraphFile, dim: int, params: IndexParams) -> VectorIndex:
        """Return what was saved under a name."""
        del params
        if graph.name not in self.files:
            raise IndexNotFound(graph.name)
        if graph.name in self.damaged:
            raise IndexCorrupt(graph.name)
        ids, vectors = self.files[graph.name]
        index = _Recorded(dim)
        index.add(np.array(ids, np.int64), vectors)
        return index

    def save(self, index: VectorIndex, generation: int, last_id: int) -> GraphFile:
        """Keep a copy under the name of its generation."""
        self.fail("save")
        assert isinstance(index, _Recorded)
        name = f"hnsw.{generation:06d}.bin"
        self.files[name] = (index.ids.tolist(), index.vectors)
        self.damaged.discard(name)
        return GraphFile(generation, name, f"checksum of {name}", len(index), last_id)

    def exists(self, graph: GraphFile) -> bool:
        """Tell whether something is there under its name."""
        return graph.name in self.files

    def verify(self, graph: GraphFile) -> str | None:
        """Return what is wrong with it."""
        return f"{graph.name} is damaged" if graph.name in self.damaged else None

    def sweep(self, keep: Sequence[GraphFile]) -> None:
        """Keep some."""
        self.fail("sweep")
        kept = {graph.name for graph in keep}
        self.files = {name: file for name, file in self.files.items() if name in kept}


class _Recorded(ExactIndex):
    """An exact index that can say what is in it."""

    def __init__(self, dim: int) -> None:
        super().__init__(dim)
        self.ids = np.empty(0, np.int64)
        self.vectors: Embeddings = np.empty((0, dim), np.float32)

    def add(self, ids: np.ndarray[tuple[int, ...], np.dtype[np.int64]], vectors: Embeddings) -> None:
        super().add(ids, vectors)
        self.ids = np.concatenate([self.ids, ids])
        self.vectors = np.concatenate([self.vectors, vectors])
