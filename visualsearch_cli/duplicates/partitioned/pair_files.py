"""The pairs that a partition found, in a file of their own: a .npz, which needs no pickle.

Contents are named by their hashes, so that every machine, and every index, knows which are meant.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import numpy as np
import numpy.typing as npt

from visualsearch_cli.atomic import OutputKind, regular, written_whole
from visualsearch_cli.embedders.embedder import ModelSpec, model_of
from visualsearch_cli.errors import VisualSearchError
from visualsearch_cli.fields import Fields, Malformed, parsed
from visualsearch_cli.indexing.parts.shards import MOST, Shard
from visualsearch_cli.indexing.parts.vector_file import is_npz_of, of_numpy, refusing
from visualsearch_cli.vectors.pairs import Pairs

if TYPE_CHECKING:
    from typing import TypeAlias

    Hashes: TypeAlias = "npt.NDArray[np.bytes_]"

SCHEMA = "visualsearch/pairs/1"
HASH = "S32"  # numpy compares such values as all of their bytes, and gives them without zeros at the end


class PairFileError(VisualSearchError):
    """A file of pairs cannot be read, or does not go with the others."""


@dataclass(frozen=True, slots=True)
class PartitionPairs:
    """What one partition found.

    home: the hashes of the contents that are its own, S32 (h,): all partitions together have each content
    once, or a few of them twice. named: the hashes that its pairs are of, S32 (m,). pairs: of rows of it.
    """

    partition: Shard
    model: ModelSpec
    max_distance: float  # cosine distance up to which it has all pairs
    compared: str  # names all that was compared, and how: equal in the parts that belong together
    home: Hashes
    named: Hashes
    pairs: Pairs


def is_pairs(stream: BinaryIO) -> bool:
    """Tell whether a file is one of ours, a .npz whose first array and last are known."""
    return is_npz_of(stream, "home", SCHEMA.rpartition("/")[0])


PAIRS = OutputKind("a file of pairs that `visualsearch dupes --partition` wrote", is_pairs)


def write_pairs(path: Path, found: PartitionPairs) -> None:
    """Write what a partition found, at once or not at all.

    Raises OutputRefused if another file is there, and VisualSearchError if it cannot be written.
    """
    about = {
        "part": found.partition.part,
        "of": found.partition.of,
        "max_distance": found.max_distance,
        "compared": found.compared,
        "model": found.model._asdict(),
    }
    columns: dict[str, Any] = {
        "home": found.home,
        "named": found.named,
        "a": found.pairs.a,
        "b": found.pairs.b,
        "distances": found.pairs.distances,
        "about": np.array(json.dumps(about)),
        "schema": np.array(SCHEMA),
    }
    with written_whole(path, PAIRS) as stream:
        np.savez(stream, **columns)


def read_pairs(path: Path) -> PartitionPairs:
    """Read what a partition found. Raises PairFileError for anything else."""
    with refusing(path, "visualsearch dupes --partition -o", PairFileError), regular(path) as stream:
        return _read(stream)


def _read(stream: BinaryIO) -> PartitionPairs:
    with of_numpy(), np.load(stream, allow_pickle=False) as archive:
        columns = {name: archive[name] for name in ("home", "named", "a", "b", "distances")}
        schema, about_text = str(archive["schema"]), str(archive["about"])
    if schema != SCHEMA:
        raise Malformed(f"schema {schema!r}, expected {SCHEMA!r}")
    for name, kind in (("home", HASH), ("named", HASH), ("a", "i4"), ("b", "i4"), ("distances", "f4")):
        if columns[name].ndim != 1 or columns[name].dtype != np.dtype(kind):
            raise Malformed(f"{name} is {columns[name].dtype} of shape {columns[name].shape}")
    named, a, b, distances = (columns[name] for name in ("named", "a", "b", "distances"))
    if not len(a) == len(b) == len(distances):
        raise Malformed(f"pairs of {len(a)}, {len(b)} and {len(distances)} rows")
    for rows in (a, b):
        if len(rows) and not (rows.min() >= 0 and rows.max() < len(named)):
            raise Malformed(f"a pair of rows up to {rows.max()}, of {len(named)}")
    if not ((distances >= 0) & (distances <= 2)).all():
        raise Malformed("a distance that is none")
    about = Fields(parsed(about_text), "about.")
    partition = Shard(about.integer("part", least=1), about.integer("of", least=1, most=MOST))
    if partition.part > partition.of:
        raise Malformed(f"partition {partition} is none")
    return PartitionPairs(
        partition,
        model_of(about.inner("model")),
        about.number("max_distance"),
        about.text("compared"),
        columns["home"],
        named,
        Pairs(a, b, distances),
    )
