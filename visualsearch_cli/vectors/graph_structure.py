"""Is a file a graph through and through? hnswlib believes every number of it, and reads and writes there.

The checksum of a graph lies in the catalog beside it, and whoever made the one made the other. So before
hnswlib gets to a file, each count in it, each link and each layer has to be one that a graph of this size can
have.
"""

from __future__ import annotations

import math
import struct
from bisect import bisect_left
from pathlib import Path

import numpy as np
import numpy.typing as npt

from visualsearch_cli.named_tuples import NamedTuple
from visualsearch_cli.vectors.checks import checksum_of
from visualsearch_cli.vectors.index import IndexParams, VectorIds

# hnswlib 0.8, HierarchicalNSW::saveIndex: offset of the ground layer, capacity, count, bytes per vector,
# offsets of its label and its values, highest layer, entry point, links per upper layer, links on the
# ground layer, M, 1 / ln M, ef_construction.
HEADER = struct.Struct("=6QiI3QdQ")
WORD = 4  # bytes of a link, of the count before links, and of what says how long the upper layers are
LABEL = 8  # bytes
MOST_LAYERS = 64  # the chance of one more is one in M
ROWS = 16_384  # that are looked at at once

Words = npt.NDArray[np.uint32]


def least_size(dim: int, count: int, M: int) -> int:
    """Return how many bytes a graph of so many vectors has at least: those of its ground layer."""
    return HEADER.size + count * (_row_bytes(dim, M) + WORD)


def most_size(dim: int, count: int, M: int) -> int:
    """Return how many bytes it has at most, with as many layers as any graph has."""
    return least_size(dim, count, M) + count * MOST_LAYERS * WORD * (1 + M)


class Examined(NamedTuple):
    """What a file of a graph turned out to be."""

    checksum: str
    problem: str | None  # what hnswlib must not read in it; None: nothing, or it was not looked for
    ids: VectorIds  # of its vectors, int64 (n,), in their order; none where there is a problem


def examine(path: Path, dim: int, count: int, params: IndexParams, checksum: str) -> Examined:
    """Look through a file that may be the graph of some vectors. It is mapped once: its checksum and its
    structure are both told from the same pages. What has another checksum is looked at no further.

    Raises OSError.
    """
    none = np.empty(0, np.int64)
    if not path.stat().st_size:  # nothing can be mapped
        return Examined(checksum_of(b""), f"has 0 bytes, expected at least {HEADER.size}", none)
    content = np.asarray(np.memmap(path, np.uint8, "r"))
    actual = checksum_of(content.data)
    if actual != checksum:
        return Examined(actual, None, none)
    problem = _problem(content, dim, count, params.M)
    ids = none if problem or not count else _rows(content, dim, count, params.M)[:, -LABEL // WORD :]
    return Examined(actual, problem, np.ascontiguousarray(ids).view(np.int64).reshape(-1))


def _problem(content: npt.NDArray[np.uint8], dim: int, count: int, M: int) -> str | None:
    size = len(content)
    if size < HEADER.size:
        return f"has {size} bytes, expected at least {HEADER.size}"
    fields = HEADER.unpack_from(content.data)
    if problem := _header_problem(fields, dim, count, M):
        return problem
    if size < least_size(dim, count, M) or size % WORD:
        return f"has {size} bytes, expected at least {least_size(dim, count, M)}"
    if not count:
        return None if size == HEADER.size else f"has {size} bytes, expected {HEADER.size}"
    rows = _rows(content, dim, count, M)
    upper = content[HEADER.size + rows.nbytes :].view(np.uint32)
    return _ground_problem(rows, dim, count, M) or _upper_problem(upper, fields[6], fields[7], count, M)


def _rows(content: npt.NDArray[np.uint8], dim: int, count: int, M: int) -> Words:
    """Return what is said of each vector on the ground layer: its links, its values and its id."""
    end = HEADER.size + count * _row_bytes(dim, M)
    return content[HEADER.size : end].view(np.uint32).reshape(count, -1)


def _row_bytes(dim: int, M: int) -> int:
    return WORD + 2 * M * WORD + dim * WORD + LABEL


def _header_problem(fields: tuple[float, ...], dim: int, count: int, M: int) -> str | None:
    links = WORD + 2 * M * WORD
    values = fields[4] - fields[5]
    for name, actual, expected in (
        ("M", fields[10], M),
        ("dimension", values / 4, dim),
        ("count", fields[2], count),
        ("offset of the ground layer", fields[0], 0),
        ("bytes per vector", fields[3], _row_bytes(dim, M)),
        ("offset of values", fields[5], links),
        ("links per upper layer", fields[8], M),
        ("links on the ground layer", fields[9], 2 * M),
    ):
        if actual != expected:
            return f"has {name} {actual:g}, expected {expected:g}"
    if not math.isclose(fields[11], 1 / math.log(M), rel_tol=1e-6):
        return f"has a scale of layers of {fields[11]:g}, expected {1 / math.log(M):g}"
    if count and not (-1 < fields[6] <= MOST_LAYERS and fields[7] < count):
        return f"begins at vector {fields[7]} of {count}, on layer {fields[6]}"
    return None


def _ground_problem(rows: Words, dim: int, count: int, M: int) -> str | None:
    """Look at the links of each vector on the ground layer, and at its values."""
    for start in range(0, count, ROWS):
        part = rows[start : start + ROWS]
        links = part[:, 1 : 1 + 2 * M]
        # A mark above the number of links says that a vector is deleted, which none of ours is.
        if part[:, 0].max() > 2 * M:
            return "has a vector with more links than there are, or a deleted one"
        # Mostly all words are below the count, those behind the links too: this is quicker to find out.
        if links.max() >= count and ((links >= count) & (np.arange(2 * M) < part[:, :1])).any():
            return f"has a link beyond its {count} vectors"
        values = part[:, 1 + 2 * M : 1 + 2 * M + dim].view(np.float32)
        with np.errstate(over="ignore", invalid="ignore"):
            is_finite = math.isfinite(values.sum())  # one look instead of three; too large a sum is none
        if not is_finite and not np.isfinite(values).all():
            return "has values that are no numbers"
    return None


def _upper_problem(words: Words, top: float, entry: float, count: int, M: int) -> str | None:
    """Look at the links of the few vectors that are on upper layers."""
    layers = np.zeros(count, np.int64)
    row = 1 + M  # words of a vector on one layer
    rows: list[int] = []  # where they begin
    of_layers: list[int] = []  # that these are of
    place = number = 0
    marks = np.flatnonzero(words).tolist()  # of a vector that is on the ground layer alone, there is a 0
    while True:
        at = bisect_left(marks, place)
        zeros = (marks[at] if at < len(marks) else len(words)) - place
        skipped = min(zeros, count - number)
        place, number = place + skipped, number + skipped
        if number == count or place == len(words):
            break
        size = int(words[place])
        found, rest = divmod(size, WORD * row)
        end = place + 1 + size // WORD
        if rest or found > MOST_LAYERS or end > len(words):
            return f"has {size} bytes of upper layers for a vector"
        rows += range(place + 1, end, row)
        of_layers += range(1, found + 1)
        layers[number] = found
        place, number = end, number + 1
    if number != count or place != len(words):
        return f"has upper layers of {number} vectors and {WORD * (len(words) - place)} bytes behind them"
    if layers[int(entry)] != top or layers.max() != top:
        return f"begins on layer {top:g}, and its vectors are on up to {layers.max()}"
    return (
        _links_problem(words[np.add.outer(rows, np.arange(row))], np.array(of_layers), layers)
        if rows
        else None
    )


def _links_problem(
    rows: Words, of_layers: npt.NDArray[np.int64], layers: npt.NDArray[np.int64]
) -> str | None:
    """Look at the links of vectors on upper layers: a count and M links, shape (n, 1 + M), on the layer that
    `of_layers`, (n,), says. `layers` says of each vector of the graph up to which one it is there."""
    M = rows.shape[1] - 1
    counts = rows[:, 0] & 0xFFFF
    if counts.max() > M:
        return "has a vector with more links on an upper layer than there are"
    is_link = np.arange(M) < counts[:, np.newaxis]
    linked = rows[:, 1:][is_link]
    wanted = np.broadcast_to(of_layers[:, np.newaxis], is_link.shape)[is_link]
    if linked.size and (linked.max() >= len(layers) or (layers[linked] < wanted).any()):
        return "has a link on an upper layer to a vector that is not there"
    return None
