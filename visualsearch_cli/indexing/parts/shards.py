"""A tree in shards: which part of the work is whose, the same on every machine, without asking anybody.

A file belongs to shard 1 + h mod N of N, where h is the number that the first eight bytes of the SHA-256 of
its path are, the first byte the highest. The path is the one below the folder that was named, with "/"
between its parts, in UTF-8 and in Unicode's normal form C: macOS writes names otherwise than Linux. Names
that are no text count as the bytes that they are.
"""

from __future__ import annotations

import hashlib
import os
import re
import unicodedata
from collections.abc import Iterable

from visualsearch_cli.fields import Fields, Malformed
from visualsearch_cli.named_tuples import NamedTuple

MOST = 1_000_000  # shards

_GIVEN = re.compile(r"([0-9]{1,7})/([0-9]{1,7})")


class Shard(NamedTuple):
    """One part of a tree of some."""

    part: int  # from 1
    of: int

    def has(self, path: str, root: str) -> bool:
        """Tell whether a file is in it, given by its absolute path, below a folder."""
        return 1 + number_of(os.path.relpath(path, root)) % self.of == self.part

    def __str__(self) -> str:
        """Return it as it is typed."""
        return f"{self.part}/{self.of}"


class ShardOf(NamedTuple):
    """Which shard a file of embeddings holds, and of what."""

    shard: Shard
    paths: tuple[str, ...]  # that were named


def shard_given(text: str) -> Shard:
    """Return the shard that a user typed, as I/N. Raises ValueError."""
    match = _GIVEN.fullmatch(text)
    shard = Shard(int(match[1]), int(match[2])) if match else Shard(0, 0)
    if not 1 <= shard.part <= shard.of <= MOST:
        raise ValueError(f"{text!r} is no shard: expected I/N, such as 3/8, with I from 1 to N")
    return shard


def number_of(relpath: str) -> int:
    """Return the number of a path below a root, by which it finds its shard."""
    path = relpath.replace(os.sep, "/")
    try:
        name = unicodedata.normalize("NFC", path).encode()
    except UnicodeEncodeError:  # surrogates: it is no text
        name = os.fsencode(path)
    return int.from_bytes(hashlib.sha256(name).digest()[:8], "big")


def shard_record(found: ShardOf) -> dict[str, object]:
    """Return what a file of embeddings says of its shard, for JSON."""
    return {"part": found.shard.part, "of": found.shard.of, "paths": list(found.paths)}


def shard_of(fields: Fields) -> ShardOf:
    """Read that. Raises Malformed."""
    shard = Shard(fields.integer("part", least=1), fields.integer("of", least=1, most=MOST))
    if shard.part > shard.of:
        raise Malformed(f"shard {shard} is none")
    return ShardOf(shard, fields.texts("paths"))


def absent(found: Iterable[ShardOf]) -> list[ShardOf]:
    """Return the shards that are not among some, of the same paths."""
    parts: dict[tuple[int, tuple[str, ...]], set[int]] = {}
    for each in found:
        parts.setdefault((each.shard.of, each.paths), set()).add(each.shard.part)
    return [
        ShardOf(Shard(part, of), paths)
        for (of, paths), there in parts.items()
        for part in range(1, of + 1)
        if part not in there
    ]
