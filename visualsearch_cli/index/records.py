"""The catalog: what the index knows about files, contents and vectors. It is the truth of the index.

Every command that reads an index loads all of this before it begins. What is but a few numbers or texts is
a named tuple, therefore: to make a dataclass takes five times as long, a third of a millisecond.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import TYPE_CHECKING, TypeAlias

from visualsearch_cli.calibration.levels import Calibration
from visualsearch_cli.embedders.embedder import ModelSpec
from visualsearch_cli.named_tuples import NamedTuple
from visualsearch_cli.vectors.index import FULL_BITS, Embeddings, IndexParams, VectorIds

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

INDEX_FOLDER = ".visualsearch"
"""What the folder of an index is called, inside the photographs it is of."""

IGNORE_FILE = ".visualsearchignore"
"""A file in a folder that says, as a .gitignore file does, what is left out of it."""


class Frames(Enum):
    """Which vectors of a content: that of its full frame, or those of its regions."""

    FULL = "full"
    REGIONS = "regions"


class GraphFile(NamedTuple):
    """A saved HNSW graph. It holds the embeddings up to `last_id`; later ones are searched beside it."""

    generation: int
    name: str  # file name inside the index folder
    checksum: str  # of the file, see hnsw.file_checksum
    vectors: int  # inside
    last_id: int


class BlockFile(NamedTuple):
    """A file of vectors in rows. Its first `vectors` rows are the embeddings up to `last_id`."""

    name: str  # file name inside the index folder
    vectors: int
    last_id: int


class Manifest(NamedTuple):
    """The summary of an index: what is needed to open it rightly."""

    format_version: int
    created_by: str  # program version
    created: str  # ISO 8601, UTC
    model: ModelSpec
    weights_path: str | None  # where a weights file lay when the index was made: told, never loaded
    params: IndexParams
    graph: GraphFile | None  # of the full frames
    regions: str | None = None  # the scheme of the regions it holds, see `regions`; None: full frames only
    region_graph: GraphFile | None = None
    calibration: Calibration | None = None  # measured on the pictures of this index
    block: BlockFile | None = None  # of the full frames
    region_block: BlockFile | None = None
    other: Manifest | None = None  # the same, as it is for the other model of the index, if it has two
    bits: int = FULL_BITS  # that are kept of a value of a vector, whichever model made it

    def graph_of(self, frames: Frames) -> GraphFile | None:
        """Return the graph of the full frames, or that of the regions."""
        return self.graph if frames is Frames.FULL else self.region_graph

    def block_of(self, frames: Frames) -> BlockFile | None:
        """Return the block of the full frames, or that of the regions."""
        return self.block if frames is Frames.FULL else self.region_block

    @property
    def blocks(self) -> tuple[BlockFile, ...]:
        """The blocks of this model."""
        return tuple(block for block in (self.block, self.region_block) if block)

    @property
    def graphs(self) -> tuple[GraphFile, ...]:
        """The graphs of this model."""
        return tuple(graph for graph in (self.graph, self.region_graph) if graph)

    @property
    def all_graphs(self) -> tuple[GraphFile, ...]:
        """The graphs of all models: their files have one count of generations."""
        return self.graphs + (self.other.graphs if self.other else ())

    @property
    def all_blocks(self) -> tuple[BlockFile, ...]:
        """The blocks of all models: their files are numbered by one count."""
        return self.blocks + (self.other.blocks if self.other else ())


class Root(NamedTuple):
    """A folder given to `index`. Paths of images are stored relative to it."""

    id: int
    path: str  # absolute, where it is now
    device: str  # of the folder when last seen, to tell an empty mount point from the mounted disk
    inode: str  # of the folder when last seen, to recognise it after a rename


class PassedOver(NamedTuple):
    """What a scan left out for one reason."""

    folders: int  # that were not entered
    files: int  # image files: those in these folders, and others
    is_all: bool = True  # whether all folders were looked through; else there may be more files


class FileKey(NamedTuple):
    """Where a file lies: a root, and the path below it with "/" between the parts."""

    root_id: int
    relpath: str


class Circle(NamedTuple):
    """All places that are as near to one as that."""

    latitude: float  # degrees, WGS 84
    longitude: float
    kilometers: float


class Filter(NamedTuple):
    """Which images count. Each part that is not empty must hold; of a picture that says nothing of it, none
    does."""

    within: FileKey | None = None  # at or below it
    after: str = ""  # captured then or later: the beginning of a date of ISO 8601, local time
    before: str = ""  # captured earlier
    cameras: tuple[str, ...] = ()  # any of these texts stands in maker and model, in lower case
    formats: tuple[str, ...] = ()  # any of these, as the catalog has them
    min_width: int = 0  # pixels, upright
    larger_than: int = 0  # bytes
    labels: tuple[str, ...] = ()  # any of these
    near: Circle | None = None
    in_full: bool = False  # `cameras` are whole names, not texts that stand in them

    @property
    def needs_facts(self) -> bool:
        """Whether it is about what files say of their pictures, or people do."""
        return bool(self.after or self.before or self.cameras or self.labels or self.near)


EVERYTHING = Filter()


class Facts(NamedTuple):
    """What a content says of its picture, that is searched by. What is not known is empty."""

    content_id: int
    size: int  # bytes
    captured: str = ""  # ISO 8601, local time
    camera: str = ""  # maker and model, in lower case
    latitude: float | None = None  # degrees, WGS 84
    longitude: float | None = None


class NewContent(NamedTuple):
    """A content met for the first time: its vector and what the decoder said."""

    hash: bytes
    width: int
    height: int
    format: str
    vector: npt.NDArray[np.float32]  # shape (dim,), of the full frame
    regions: Embeddings | None = None  # shape (r, dim), of the regions 1 to r
    second: npt.NDArray[np.float32] | None = None  # shape (dim,), by the second model of the index


class FileUpdate(NamedTuple):
    """A file to write down: new, changed, or found unusable."""

    key: FileKey
    size: int
    mtime_ns: int
    content: NewContent | bytes | None  # bytes: the hash of a content already stored
    reason: str | None = None  # why it was skipped, if content is None


class StoredVectors(NamedTuple):
    """Vectors with what they show, by id. Rows of the four arrays belong together."""

    ids: VectorIds
    content_ids: npt.NDArray[np.int64]
    regions: npt.NDArray[np.int64]  # the region each vector shows; FULL_FRAME for the whole picture
    vectors: Embeddings

    def part(self, rows: npt.NDArray[np.bool_]) -> StoredVectors:
        """Return some of them."""
        return StoredVectors(self.ids[rows], self.content_ids[rows], self.regions[rows], self.vectors[rows])


class Source(NamedTuple):
    """What a vector shows: a content, or a region of it."""

    content_id: int
    region: int


class Counts(NamedTuple):
    """How much is in the index."""

    images: int  # present files
    missing: int
    skipped: int
    contents: int
    vectors: int  # of full frames
    region_vectors: int = 0


Pictures: TypeAlias = Mapping[str, int]
"""Content hashes, hexadecimal, and how many files each has."""


class Decision(NamedTuple):
    """Pictures that were said to be no duplicates of each other."""

    id: int
    created: str  # ISO 8601, UTC
    pictures: Pictures


Turned = tuple[int, int, Embeddings]
"""A content id, a way, and the vector of that content turned that way, shape (dim,)."""
