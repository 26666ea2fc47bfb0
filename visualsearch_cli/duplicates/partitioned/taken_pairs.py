"""The pairs that partitions found, in place of comparing all with all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from visualsearch_cli.duplicates.partitioned.pair_files import HASH, PairFileError, read_pairs
from visualsearch_cli.embedders.specs import described
from visualsearch_cli.errors import ModelMismatch
from visualsearch_cli.vectors.pairs import Nodes, Pairs, pairs_between
from visualsearch_cli.vectors.partitions import merged_pairs
from visualsearch_cli.wording import counted

if TYPE_CHECKING:
    from visualsearch_cli.duplicates.partitioned.pair_files import PartitionPairs
    from visualsearch_cli.index.catalog import Catalog
    from visualsearch_cli.progress import Advance, Messages
    from visualsearch_cli.vectors.index import Embeddings


class TakenPairs:
    """All pairs that partitions found, by the hashes of contents. What came since is compared here."""

    def __init__(self, paths: Sequence[Path], messages: Messages) -> None:
        """Read the files of all partitions, in any order.

        Raises PairFileError if one is none, if they were not made of the same, or if any is not among them.
        """
        self._messages = messages
        self._parts = {path: read_pairs(path) for path in paths}
        first, *others = self._parts
        self._name, self._first = first, self._parts[first]
        for path in others:
            _require_same(first, self._first, path, self._parts[path])
        of = self._first.partition.of
        there = {found.partition.part for found in self._parts.values()}
        if lacking := sorted(set(range(1, of + 1)) - there):
            raise PairFileError(
                f"partition {lacking[0]}/{of} is not among the files"
                f"{f', nor are {len(lacking) - 1} others' if len(lacking) > 1 else ''}: without it "
                "pairs would be missing, so take what `visualsearch dupes --partition "
                f"{lacking[0]}/{of}` writes, too"
            )

    def pairs(
        self, catalog: Catalog, ids: Nodes, vectors: Embeddings, max_distance: float, advance: Advance
    ) -> Pairs:
        """Return every pair a < b of rows at most `max_distance` apart, as `pairs_within` does.

        ids: content ids (n,). vectors: float32 (n, dim). `advance` is told the rows that are done.

        Raises ModelMismatch if the pairs are of another model, PairFileError if they do not reach as far.
        """
        model = catalog.manifest().model
        if model != self._first.model:
            raise ModelMismatch(
                f"{self._name} has pairs of {described(self._first.model)}, the index was built with "
                f"{described(model)}: write the partitions again"
            )
        if max_distance > self._first.max_distance:
            raise PairFileError(
                f"{self._name} has pairs up to a distance of {self._first.max_distance:g}, and what is asked "
                f"for needs {max_distance:g}: write the partitions with the same options"
            )
        of_content = catalog.content_hashes()
        rows = {of_content[content]: row for row, content in enumerate(ids.tolist())}
        parts = [_placed(found, rows) for found in self._parts.values()]
        new = self._new(rows)
        advance(len(ids) - len(new))
        if len(new):
            self._messages.note(
                f"{counted(len(new), 'content')} came since the partitions were made: compared here with all"
            )
            near = pairs_between(vectors[new], vectors, max_distance, advance)
            parts.append(Pairs(new[near.a].astype(np.int32), near.b, near.distances))
        found = merged_pairs(parts)
        kept = (found.distances <= max_distance) & (found.a != found.b)
        return Pairs(found.a[kept], found.b[kept], found.distances[kept])

    def _new(self, rows: Mapping[bytes, int]) -> Nodes:
        """Return the rows of contents that no partition knew, rising."""
        known: set[bytes] = set()
        for found in self._parts.values():
            known.update(_whole(hash_) for hash_ in found.home.tolist())
        return np.array([row for hash_, row in rows.items() if hash_ not in known], np.int64)


def _placed(found: PartitionPairs, rows: Mapping[bytes, int]) -> Pairs:
    """Return the pairs of a partition as pairs of rows, without contents that are gone."""
    places = np.array([rows.get(_whole(hash_), -1) for hash_ in found.named.tolist()], np.int32)
    a, b = places[found.pairs.a], places[found.pairs.b]
    there = (a >= 0) & (b >= 0)
    return Pairs(a[there], b[there], found.pairs.distances[there])


def _whole(hash_: bytes) -> bytes:
    """Return a hash with the zeros at its end, which numpy leaves out."""
    return hash_.ljust(np.dtype(HASH).itemsize, b"\0")


def _require_same(first: Path, its: PartitionPairs, path: Path, other: PartitionPairs) -> None:
    """Refuse partitions of which pairs could be missing between them. Raises PairFileError."""
    if its.model != other.model:
        what = f"{described(its.model)} and {described(other.model)}"
    elif its.partition.of != other.partition.of:
        what = f"{its.partition.of} and {other.partition.of} partitions"
    elif its.max_distance != other.max_distance:
        what = f"distances up to {its.max_distance:g} and {other.max_distance:g}"
    elif its.compared != other.compared:
        what = "contents that are not the same"
    else:
        return
    raise PairFileError(
        f"{first} and {path} do not belong together, they are of {what}: write them again, with the same "
        "options and from the same state of the index"
    )
