"""One partition of all pairs of an index: the way of `dupes --partition`."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import numpy as np

from visualsearch_cli.duplicates.find import Stored
from visualsearch_cli.duplicates.of_index import check_known, options_of
from visualsearch_cli.duplicates.partitioned.pair_files import HASH, PartitionPairs
from visualsearch_cli.errors import VisualSearchError
from visualsearch_cli.index.scope import Scope
from visualsearch_cli.vectors.pairs import Pairs
from visualsearch_cli.vectors.partitions import cuts_of, pairs_of_partition, rows_of_partition

if TYPE_CHECKING:
    from visualsearch_cli.duplicates.of_index import Asked
    from visualsearch_cli.duplicates.partitioned.pair_files import Hashes
    from visualsearch_cli.embedders.embedder import ModelSpec
    from visualsearch_cli.index.open import OpenIndex
    from visualsearch_cli.indexing.parts.shards import Shard
    from visualsearch_cli.progress import Progress
    from visualsearch_cli.vectors.index import Embeddings


def pairs_of_index(index: OpenIndex, asked: Asked, partition: Shard, progress: Progress) -> PartitionPairs:
    """Return the pairs of contents that one partition finds, of those that `report_duplicates` would compare.

    Raises what that does, and VisualSearchError if it would compare no vectors.
    """
    options = options_of(index, asked)
    if options.by_bytes:
        raise VisualSearchError(
            "equal bytes are all that is looked for, and they are found without comparing vectors: "
            "run `visualsearch dupes` without --partition"
        )
    check_known(index.catalog, (*asked.scope.places, *asked.references), index.messages)
    with index.catalog.snapshot():
        stored = Stored.of(index.catalog, Scope(index.catalog, options.scope), options, regions=False)
        of_content = index.catalog.content_hashes()
        model = index.catalog.manifest().model
    hashes = np.array([of_content[content] for content in stored.ids.tolist()], HASH)
    order = np.argsort(hashes, kind="stable")  # whatever numbers contents have: an order that machines share
    hashes, vectors = hashes[order], stored.vectors[order]
    cuts = cuts_of(vectors, partition.of)
    rows = rows_of_partition(vectors, cuts, partition.part - 1, options.max_distance)
    with progress.step("Comparing", 2 * len(rows.home)) as advance:
        pairs = pairs_of_partition(vectors, rows, options.max_distance, advance)
    named, places = np.unique(np.concatenate([pairs.a, pairs.b]), return_inverse=True)
    a, b = places.reshape(2, -1).astype(np.int32)
    return PartitionPairs(
        partition,
        model,
        options.max_distance,
        _name_of_all(model, options.max_distance, partition.of, hashes, vectors),
        hashes[rows.home],
        hashes[named],
        Pairs(a, b, pairs.distances),
    )


def _name_of_all(
    model: ModelSpec, max_distance: float, count: int, hashes: Hashes, vectors: Embeddings
) -> str:
    """Return what is equal for partitions that were made of the same contents, vectors and options: only
    together, these have all pairs."""
    digest = hashlib.blake2b(repr((model, max_distance, count)).encode(), digest_size=32)
    digest.update(hashes.tobytes())
    for start in range(0, len(vectors), 4096):
        digest.update(np.ascontiguousarray(vectors[start : start + 4096], "<f4").tobytes())
    return digest.hexdigest()
