"""When the block files of an index are written, and in which order.

There is one of the full frames and, in an index that holds them, one of the regions. A run ends by adding
what is new to their ends, which costs what is new; a block that is lost costs time, never an answer.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Protocol

from visualsearch_cli.errors import IndexStoreError
from visualsearch_cli.graphs import in_parts
from visualsearch_cli.index.records import BlockFile, Catalog, Frames, StoredVectors, WritableCatalog
from visualsearch_cli.progress import Progress
from visualsearch_cli.vectors.index import VectorIds

STALE_SHARE = 0.2  # of the rows that belong to nothing: then the block is written from scratch
CHUNK = 8_192  # vectors in memory at once
WORTH_WRITING = 1_000  # fewer vectors are read from the catalog in 2 ms: no file is made for them


class Block(Protocol):
    """The rows of a block file."""

    @property
    def ids(self) -> VectorIds: ...
    def part(self, rows: slice) -> StoredVectors: ...
    def __len__(self) -> int: ...


class BlockStore(Protocol):
    """The block files of one index folder."""

    def open(self, block: BlockFile, dim: int) -> Block:
        """Return the rows of a block. Raises IndexCorrupt, or IndexNotFound if the file is not there."""

    def exists(self, block: BlockFile) -> bool:
        """Tell whether the file of a block is there."""

    def append(
        self, block: BlockFile | None, parts: Iterable[StoredVectors], number: int, dim: int
    ) -> BlockFile | None:
        """Write vectors behind those of a block, or into a new file; return what the catalog is to name."""

    def sweep(self, keep: Sequence[BlockFile]) -> None:
        """Delete the other block files."""


def update_blocks(
    catalog: WritableCatalog, store: BlockStore, progress: Progress, *, rebuild: bool = False
) -> list[BlockFile]:
    """Bring each block up to date. Returns those that changed.

    Order: rows behind the last one that counts, synced; the catalog says that they count (the commit). A
    block that is damaged, or much of which belongs to nothing, becomes a new file; older files go last.
    """
    changed = [_updated(catalog, store, progress, frames, rebuild) for frames in Frames]
    store.sweep(keep=catalog.manifest().blocks)
    return [block for block in changed if block]


def _updated(
    catalog: WritableCatalog, store: BlockStore, progress: Progress, frames: Frames, rebuild: bool
) -> BlockFile | None:
    manifest = catalog.manifest()
    block = None if rebuild else manifest.block_of(frames)
    if block and (_is_stale(catalog, block, frames) or not store.exists(block)):
        block = None
    total = catalog.vector_count(block.last_id if block else 0, frames)
    if block and total and not _can_grow(store, block, manifest.model.dim):
        block, total = None, catalog.vector_count(frames=frames)
    after = block.last_id if block else 0
    if not total:
        if not block and manifest.block_of(frames):
            catalog.set_block(None, frames)
        return None
    if not block and total < WORTH_WRITING and not manifest.block_of(frames):
        return None
    number = 1 + max((int(known.name.split(".")[1]) for known in manifest.blocks), default=0)
    with progress.step("Writing vectors", total) as advance:

        def parts() -> Iterator[StoredVectors]:
            for stored in in_parts(catalog, after, frames, CHUNK):
                yield stored
                advance(len(stored.ids))

        written = store.append(block, parts(), number, manifest.model.dim)
    catalog.set_block(written, frames)
    return written


def _is_stale(catalog: Catalog, block: BlockFile, frames: Frames) -> bool:
    """Tell whether too many of the rows belong to nothing any more."""
    inside = catalog.vector_count(frames=frames) - catalog.vector_count(block.last_id, frames)
    return inside < block.count * (1 - STALE_SHARE)


def _can_grow(store: BlockStore, block: BlockFile, dim: int) -> bool:
    """Tell whether a block is what it should be, as far as that is seen at once."""
    try:
        store.open(block, dim)
    except IndexStoreError:
        return False  # derived data: it is written again
    return True


def _up_to(catalog: Catalog, last: int, frames: Frames) -> Iterator[StoredVectors]:
    """Yield the vectors up to an id, part by part."""
    import numpy as np

    for stored in in_parts(catalog, 0, frames, CHUNK):
        count = int(np.searchsorted(stored.ids, last, side="right"))
        if count:
            yield StoredVectors(
                stored.ids[:count],
                stored.content_ids[:count],
                stored.regions[:count],
                stored.vectors[:count],
            )
        if count < len(stored.ids):
            return


def block_problems(catalog: Catalog, store: BlockStore) -> list[str]:
    """Compare every row of the blocks with the catalog; say what is wrong."""
    manifest = catalog.manifest()
    found = []
    for frames in Frames:
        if block := manifest.block_of(frames):
            try:
                rows = store.open(block, manifest.model.dim)
                found += _differences(catalog, rows, block, frames)
            except IndexStoreError as error:
                found.append(str(error))
    return found


def _differences(catalog: Catalog, rows: Block, block: BlockFile, frames: Frames) -> list[str]:
    import numpy as np  # here, because a run that finds nothing new has no need of it

    ids = np.ascontiguousarray(rows.ids)
    if (np.diff(ids) <= 0).any():
        return [f"{block.name} has vectors that are not in the order of their ids"]
    wrong = 0
    for stored in _up_to(catalog, block.last_id, frames):
        places = np.searchsorted(ids, stored.ids)  # rows of what was forgotten since lie between them
        if places[-1] >= len(ids) or (ids[places] != stored.ids).any():
            return [f"{block.name} lacks vectors of the catalog"]
        first = int(places[0])
        copy = rows.part(slice(first, int(places[-1]) + 1))
        here = places - first
        differ = (copy.vectors[here] != stored.vectors).any(axis=1)
        differ |= (copy.content_ids[here] != stored.content_ids) | (copy.regions[here] != stored.regions)
        wrong += int(differ.sum())
    return [f"{block.name} has {wrong} vectors that are not those of the catalog"] if wrong else []
