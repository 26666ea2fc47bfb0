"""The catalog: what the index knows about files, contents and vectors. It is the truth of the index."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, TypeAlias

from visualsearch_cli.calibration.levels import Calibration
from visualsearch_cli.embedders.embedder import Embeddings, ModelSpec
from visualsearch_cli.pictures.image import ImageRecord, SkippedImage
from visualsearch_cli.vectors.index import IndexParams, VectorIds

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from visualsearch_cli.index.known_files import Stretch

FULL_FRAME = 0
"""The region number of the vector of the whole picture; others are parts of it."""


class Frames(Enum):
    """Which vectors of a content: that of its full frame, or those of its regions."""

    FULL = "full"
    REGIONS = "regions"


@dataclass(frozen=True, slots=True)
class GraphFile:
    """A saved HNSW graph. It holds the embeddings up to `last_id`; later ones are searched beside it."""

    generation: int
    name: str  # file name inside the index folder
    checksum: str  # of the file, see hnsw.file_checksum
    count: int  # vectors inside
    last_id: int


@dataclass(frozen=True, slots=True)
class BlockFile:
    """A file of vectors in rows. Its first `count` rows are the embeddings up to `last_id`."""

    name: str  # file name inside the index folder
    count: int
    last_id: int


@dataclass(frozen=True, slots=True)
class Manifest:
    """The summary of an index: what is needed to open it rightly."""

    format_version: int
    created_by: str  # program version
    created: str  # ISO 8601, UTC
    model: ModelSpec
    weights_path: str | None  # where a local weights file lay when the index was made
    params: IndexParams
    graph: GraphFile | None  # of the full frames
    regions: str | None = None  # the scheme of the regions it holds, see `regions`; None: full frames only
    region_graph: GraphFile | None = None
    calibration: Calibration | None = None  # measured on the pictures of this index
    block: BlockFile | None = None  # of the full frames
    region_block: BlockFile | None = None

    def graph_of(self, frames: Frames) -> GraphFile | None:
        """Return the graph of the full frames, or that of the regions."""
        return self.graph if frames is Frames.FULL else self.region_graph

    def block_of(self, frames: Frames) -> BlockFile | None:
        """Return the block of the full frames, or that of the regions."""
        return self.block if frames is Frames.FULL else self.region_block

    @property
    def blocks(self) -> tuple[BlockFile, ...]:
        """The blocks there are."""
        return tuple(block for block in (self.block, self.region_block) if block)

    @property
    def graphs(self) -> tuple[GraphFile, ...]:
        """The graphs there are."""
        return tuple(graph for graph in (self.graph, self.region_graph) if graph)


@dataclass(frozen=True, slots=True)
class Root:
    """A folder given to `index`. Paths of images are stored relative to it."""

    id: int
    path: str  # absolute, where it is now
    device: str  # of the folder when last seen, to tell an empty mount point from the mounted disk
    inode: str  # of the folder when last seen, to recognise it after a rename


@dataclass(frozen=True, slots=True)
class FileKey:
    """Where a file lies: a root, and the path below it with "/" between the parts."""

    root_id: int
    relpath: str


KnownFile: TypeAlias = tuple[bytes, int, int, int, bool, "str | None"]
"""What the catalog remembers of a file that is, or was, at a place: the absolute path in the bytes of the
system with "/" between its parts, id, size, mtime_ns, whether it was missing at the last look, and the reason
if it was skipped: then the id is that of a skipped file, else that of an image.

A tuple, because a run over an unchanged folder reads one for each file and keeps none.
"""


@dataclass(frozen=True, slots=True)
class NewContent:
    """A content met for the first time: its vector and what the decoder said."""

    hash: bytes
    width: int
    height: int
    format: str
    vector: npt.NDArray[np.float32]  # shape (dim,), of the full frame
    regions: Embeddings | None = None  # shape (r, dim), of the regions 1 to r


@dataclass(frozen=True, slots=True)
class FileUpdate:
    """A file to write down: new, changed, or found unusable."""

    key: FileKey
    size: int
    mtime_ns: int
    content: NewContent | bytes | None  # bytes: the hash of a content already stored
    reason: str | None = None  # why it was skipped, if content is None


@dataclass(frozen=True, slots=True)
class StoredVectors:
    """Vectors with what they show, by id. Rows of the four arrays belong together."""

    ids: VectorIds
    content_ids: npt.NDArray[np.int64]
    regions: npt.NDArray[np.int64]  # the region each vector shows; FULL_FRAME for the whole picture
    vectors: Embeddings


@dataclass(frozen=True, slots=True)
class Source:
    """What a vector shows: a content, or a region of it."""

    content_id: int
    region: int


@dataclass(frozen=True, slots=True)
class Counts:
    """How much is in the index."""

    images: int  # present files
    missing: int
    skipped: int
    contents: int
    vectors: int  # of full frames
    region_vectors: int = 0


class Catalog(Protocol):
    """The catalog, for reading. Every method sees the last committed state."""

    def snapshot(self) -> AbstractContextManager[None]:
        """Let all reads inside see one and the same state."""

    def close(self) -> None:
        """Let go of the file."""

    def manifest(self) -> Manifest: ...
    def roots(self) -> list[Root]: ...
    def counts(self, root_id: int | None = None) -> Counts: ...
    def skipped(self) -> list[SkippedImage]: ...

    def known_files(self, place: FileKey) -> Iterator[KnownFile]:
        """Yield what is remembered of the files at a place and below it, sorted by the bytes of their paths.

        Memory does not grow with their number, and no lock is held between two of them.
        """

    def stretches(self, place: FileKey) -> Iterator[Stretch]:
        """Yield the same in stretches, which follow each other without a gap: all that is known at the place
        lies in one of them."""

    def image(self, key: FileKey) -> ImageRecord | None:
        """Return the record of a present image."""

    def has_content(self, content_hash: bytes) -> bool:
        """Tell whether the vector of a content is stored."""

    def content_id(self, content_hash: bytes) -> int | None:
        """Return the id of a content, or None if it is not stored."""

    def content_vector(self, content_hash: bytes) -> Embeddings | None:
        """Return the full frame's vector of a content, shape (1, dim), or None if it is not stored."""

    def content_regions(self, content_hash: bytes) -> Embeddings | None:
        """Return the vectors of a content's regions, shape (r, dim) by number, or None if it has none."""

    def vectors(
        self, within: FileKey | None = None, after_id: int = 0, frames: Frames = Frames.FULL
    ) -> StoredVectors:
        """Return the vectors with a larger id, of contents with a present file (below a place)."""

    def all_vectors(
        self, after_id: int = 0, frames: Frames = Frames.FULL, limit: int | None = None
    ) -> StoredVectors:
        """Return the first vectors with a larger id, also of contents whose files are missing."""

    def vector_count(self, after_id: int = 0, frames: Frames = Frames.FULL) -> int:
        """Count the stored vectors with a larger id, whether their files are present or not."""

    def sources_of(self, ids: Iterable[int]) -> dict[int, Source]:
        """Map the ids of embeddings, of both frames, to what they show; unknown ids are left out."""

    def contents_without_regions(self) -> list[int]:
        """Return the ids of contents that have no vectors of their regions, in order."""

    def images_of(
        self, contents: Iterable[int], within: FileKey | None = None
    ) -> Mapping[int, list[ImageRecord]]:
        """Return the present images of each content, by path."""

    def files_per_content(self, within: Sequence[FileKey], min_size: int = 0) -> Mapping[int, int]:
        """Return how many present files below some places, of at least `min_size` bytes, each content has."""

    def problems(self) -> list[str]:
        """Verify everything that can be verified without the images; say what is wrong."""


class WritableCatalog(Catalog, Protocol):
    """The catalog, for the one process that holds the lock. Each method is one transaction."""

    def add_root(self, path: Path) -> Root: ...
    def move_root(self, root_id: int, path: Path) -> Root: ...

    def write(self, updates: Sequence[FileUpdate], present: Sequence[int] = ()) -> list[int]:
        """Commit files that are new, changed or unusable, and ids of known images that are back.

        Returns the image ids of the updates, without those that were skipped.
        """

    def vanish(self, images: Sequence[int], skipped: Sequence[int]) -> int:
        """Mark images as missing, and forget skipped files, so that one that comes back is tried again.

        Both are given by their ids. Returns how many images were there until now.
        """

    def summarize(self, *, rebuild: bool = False) -> None:
        """Write the summaries of stretches of files that have none; with `rebuild`, of all anew."""

    def set_graph(self, graph: GraphFile | None, frames: Frames = Frames.FULL) -> None: ...

    def set_block(self, block: BlockFile | None, frames: Frames = Frames.FULL) -> None: ...

    def set_calibration(self, calibration: Calibration) -> None:
        """Keep what was measured on the pictures of this index."""

    def set_regions(self, scheme: str) -> None:
        """Make this an index that holds regions, cut by a scheme. Contents may lack theirs for now."""

    def add_regions(self, found: Sequence[tuple[int, Embeddings]]) -> None:
        """Store the vectors of regions, shape (r, dim) for the regions 1 to r, of contents that lack them."""

    def prune(self, root_id: int | None = None) -> int:
        """Forget missing files (or a whole root) and the contents nothing refers to. Returns the files."""
