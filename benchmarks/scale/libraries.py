"""Libraries for nearest neighbors behind one face: rows in, rows of the k nearest out."""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar, Protocol, cast

import numpy as np
import numpy.typing as npt

from visualsearch_cli.vectors.index import Embeddings

DIM = 256
M = 16
EF_CONSTRUCTION = 200
TREES = 100  # of Annoy, whose forest has nothing like the two above

Rows = npt.NDArray[np.int64]


class Library(Protocol):
    """An index of a library. Files are called by the name given, `.file` and whatever follows."""

    title: ClassVar[str]
    approximate: ClassVar[bool]

    def build(self, vectors: Embeddings, threads: int) -> None:
        """Build it in memory."""

    def save(self, path: Path) -> None:
        """Write it."""

    def load(self, path: Path, width: int) -> None:
        """Read what was saved, to keep so many candidates in a search."""

    def widen(self, width: int) -> None:
        """Keep so many candidates in a search."""

    def search(self, queries: Embeddings, k: int) -> Rows:
        """Return the rows of the k nearest of each query, (q, k), -1 where there is none. One thread."""


def _file(path: Path) -> Path:
    return path.with_name(path.name + ".file")


class OurGraph:
    """HnswIndex: hnswlib, its file verified by a checksum before it is loaded."""

    title: ClassVar[str] = "this project: hnswlib, verified"
    approximate: ClassVar[bool] = True

    def build(self, vectors: Embeddings, threads: int) -> None:
        from visualsearch_cli.vectors.hnsw import HnswIndex
        from visualsearch_cli.vectors.index import IndexParams

        self.index = HnswIndex(DIM, IndexParams(M, EF_CONSTRUCTION), threads)
        for start in range(0, len(vectors), 20_000):
            part = vectors[start : start + 20_000]
            self.index.add(np.arange(start + 1, start + 1 + len(part)), np.asarray(part))

    def save(self, path: Path) -> None:
        from visualsearch_cli.vectors.checks import file_checksum

        self.index.save(_file(path))
        path.with_suffix(".sum").write_text(f"{len(self.index)} {file_checksum(_file(path))}", "utf-8")

    def load(self, path: Path, width: int) -> None:
        self.path = path
        self.widen(width)

    def widen(self, width: int) -> None:
        from visualsearch_cli.vectors.hnsw import HnswIndex
        from visualsearch_cli.vectors.index import IndexParams

        count, checksum = self.path.with_suffix(".sum").read_text("utf-8").split()
        params = IndexParams(M, EF_CONSTRUCTION, width)
        self.index = HnswIndex.load(_file(self.path), DIM, int(count), params, checksum, threads=1)

    def search(self, queries: Embeddings, k: int) -> Rows:
        return self.index.search(queries, k).ids - 1


class OurBlock:
    """The block file: every vector is compared, mapped from the file."""

    title: ClassVar[str] = "this project: all vectors, mapped"
    approximate: ClassVar[bool] = False

    def build(self, vectors: Embeddings, threads: int) -> None:
        del threads
        self.vectors = vectors

    def save(self, path: Path) -> None:
        from visualsearch_cli.index.block_files import BlockFolder
        from visualsearch_cli.index.records import StoredVectors

        ids = np.arange(1, len(self.vectors) + 1)
        slices = (slice(start, start + 8_192) for start in range(0, len(ids), 8_192))
        parts = (
            StoredVectors(ids[part], ids[part], np.zeros(len(ids[part]), np.int64), self.vectors[part])
            for part in slices
        )
        _file(path).mkdir()
        BlockFolder(_file(path)).append(None, parts, 1, DIM)

    def load(self, path: Path, width: int) -> None:
        from visualsearch_cli.index.block_files import HEADER, BlockFolder
        from visualsearch_cli.index.block_rows import row_type
        from visualsearch_cli.index.records import BlockFile

        del width
        name = "vectors.000001.f32"
        size = (_file(path) / name).stat().st_size
        count = (size - HEADER.size) // row_type(DIM).itemsize
        self.index = BlockFolder(_file(path)).open(BlockFile(name, count, count), DIM)

    def widen(self, width: int) -> None:
        del width

    def search(self, queries: Embeddings, k: int) -> Rows:
        return self.index.search(queries, k).ids - 1


class Usearch:
    """usearch: HNSW with the values in a type of choice, loaded, or looked at in the file."""

    title: ClassVar[str]
    approximate: ClassVar[bool] = True
    type: ClassVar[str]
    view: ClassVar[bool] = False

    def _index(self) -> Any:
        from usearch.index import Index

        return Index(ndim=DIM, metric="ip", dtype=self.type, connectivity=M, expansion_add=EF_CONSTRUCTION)

    def build(self, vectors: Embeddings, threads: int) -> None:
        self.index = self._index()
        self.index.add(np.arange(len(vectors)), np.asarray(vectors), threads=threads)

    def save(self, path: Path) -> None:
        self.index.save(str(_file(path)))

    def load(self, path: Path, width: int) -> None:
        self.index = self._index()
        self.index.view(str(_file(path))) if self.view else self.index.load(str(_file(path)))
        self.widen(width)

    def widen(self, width: int) -> None:
        self.index.expansion_search = width

    def search(self, queries: Embeddings, k: int) -> Rows:
        keys = self.index.search(queries, k, threads=1).keys
        return cast("Rows", np.asarray(keys).astype(np.int64).reshape(len(queries), -1))


class UsearchF32(Usearch):
    """usearch with float32, loaded."""

    title: ClassVar[str] = "usearch, float32"
    type: ClassVar[str] = "f32"


class UsearchF32View(UsearchF32):
    """usearch with float32, looked at in the file."""

    title: ClassVar[str] = "usearch, float32, mapped"
    built_by: ClassVar[str] = "usearch-f32"
    view: ClassVar[bool] = True


class UsearchF16View(Usearch):
    """usearch with float16, looked at in the file."""

    title: ClassVar[str] = "usearch, float16, mapped"
    type: ClassVar[str] = "f16"
    view: ClassVar[bool] = True


class UsearchI8View(Usearch):
    """usearch with int8, looked at in the file."""

    title: ClassVar[str] = "usearch, int8, mapped"
    type: ClassVar[str] = "i8"
    view: ClassVar[bool] = True


class Faiss:
    """What the two indexes of faiss have in common."""

    index: Any

    def save(self, path: Path) -> None:
        import faiss

        faiss.write_index(self.index, str(_file(path)))

    def load(self, path: Path, width: int) -> None:
        import faiss

        faiss.omp_set_num_threads(1)
        self.index = faiss.read_index(str(_file(path)))
        self.widen(width)

    def widen(self, width: int) -> None:
        del width

    def search(self, queries: Embeddings, k: int) -> Rows:
        return cast("Rows", self.index.search(queries, k)[1])


class FaissHnsw(Faiss):
    """faiss, HNSW."""

    title: ClassVar[str] = "faiss, HNSW"
    approximate: ClassVar[bool] = True

    def build(self, vectors: Embeddings, threads: int) -> None:
        import faiss

        faiss.omp_set_num_threads(threads)
        self.index = faiss.IndexHNSWFlat(DIM, M, faiss.METRIC_INNER_PRODUCT)
        self.index.hnsw.efConstruction = EF_CONSTRUCTION
        self.index.add(np.ascontiguousarray(vectors))

    def widen(self, width: int) -> None:
        self.index.hnsw.efSearch = width


class FaissFlat(Faiss):
    """faiss, every vector."""

    title: ClassVar[str] = "faiss, flat"
    approximate: ClassVar[bool] = False

    def build(self, vectors: Embeddings, threads: int) -> None:
        import faiss

        del threads
        self.index = faiss.IndexFlatIP(DIM)
        self.index.add(np.ascontiguousarray(vectors))


class Voyager:
    """Spotify's voyager: HNSW, a fork of hnswlib."""

    title: ClassVar[str] = "voyager"
    approximate: ClassVar[bool] = True

    def build(self, vectors: Embeddings, threads: int) -> None:
        from voyager import Index, Space

        self.index = Index(Space.InnerProduct, DIM, M=M, ef_construction=EF_CONSTRUCTION)
        self.index.add_items(np.array(vectors), list(range(len(vectors))), threads)

    def save(self, path: Path) -> None:
        self.index.save(str(_file(path)))

    def load(self, path: Path, width: int) -> None:
        from voyager import Index

        self.index = Index.load(str(_file(path)))
        self.widen(width)

    def widen(self, width: int) -> None:
        self.width = width

    def search(self, queries: Embeddings, k: int) -> Rows:
        found = self.index.query(queries, k=k, num_threads=1, query_ef=max(self.width, k))
        return np.asarray(found[0]).astype(np.int64)


class Annoy:
    """Spotify's Annoy: a forest of random planes, always mapped."""

    title: ClassVar[str] = f"annoy, {TREES} trees"
    approximate: ClassVar[bool] = True

    def build(self, vectors: Embeddings, threads: int) -> None:
        from annoy import AnnoyIndex

        self.index = AnnoyIndex(DIM, "angular")
        for row, vector in enumerate(vectors):
            self.index.add_item(row, vector)
        self.index.build(TREES, n_jobs=threads)

    def save(self, path: Path) -> None:
        self.index.save(str(_file(path)))

    def load(self, path: Path, width: int) -> None:
        from annoy import AnnoyIndex

        self.index = AnnoyIndex(DIM, "angular")
        self.index.load(str(_file(path)))
        self.widen(width)

    def widen(self, width: int) -> None:
        self.width = width * TREES

    def search(self, queries: Embeddings, k: int) -> Rows:
        found = np.full((len(queries), k), -1, np.int64)
        for row, query in enumerate(queries):
            ids = self.index.get_nns_by_vector(query, k, search_k=self.width)
            found[row, : len(ids)] = ids
        return found


def built_by(name: str) -> str:
    """Return the name of the library whose file a library looks at, mostly its own."""
    return str(getattr(LIBRARIES[name], "built_by", name))


LIBRARIES: dict[str, type[Library]] = {
    "our-block": OurBlock,
    "our-graph": OurGraph,
    "usearch-f32": UsearchF32,
    "usearch-f32-view": UsearchF32View,
    "usearch-f16-view": UsearchF16View,
    "usearch-i8-view": UsearchI8View,
    "faiss-hnsw": FaissHnsw,
    "faiss-flat": FaissFlat,
    "voyager": Voyager,
    "annoy": Annoy,
}
