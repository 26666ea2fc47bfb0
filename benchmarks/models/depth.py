"""What do shorter vectors and fewer bits lose, and what do they save? And would LSH or IVF win anywhere?

    python -m benchmarks.models.depth PHOTOS [--model NAME --weights FILE] [--count N] [--values-only]

Five edits of each photograph of PHOTOS look for their original among all of them, by the vectors of
`bundled`, or of another model: all values or those along the axes of most variance. Those of the originals
are kept in float32 or fewer bits, by 8 and 16 as `index --bits` does, or by product quantization that was
learned from drawn vectors. Two figures say what is found: how often the original comes first (recall@1), and
how often it is nearer than all but one of a million strangers are (recall at FPR 1e-6). What a search costs
is measured on N drawn vectors, one query at a time, on one thread. For LSH and IVF it is measured which share
of these must be compared to find 95 % of the ten nearest: what is saved at best, whatever library does it.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

import numpy as np

from benchmarks.material.editing import saved
from benchmarks.material.edits import edited
from benchmarks.material.photographs import find_photographs
from benchmarks.models.report import table
from benchmarks.scale.vectors import draw
from visualsearch_cli.embedders.arrays import unit_rows
from visualsearch_cli.embedders.registry import ModelRequest, load
from visualsearch_cli.search.thinning import COPY_DISTANCE
from visualsearch_cli.vectors.index import Embeddings, number_type
from visualsearch_cli.vectors.stored_values import RoundedRows, scales_of, to_stored, values_of

if TYPE_CHECKING:
    import numpy.typing as npt

EDITS = ("jpeg8", "crop50", "crop70", "logo25", "rot10crop")
QUALITIES = (95, 90, 75)  # of copies that are hardly edited
DIMS = (256, 128, 64, 32)
BITS = (32, 16, 8, 1)
QUERIES = 300
TARGET = 0.95
K = 10
ROUNDS = 25
FALSE = 1e-6  # share of the pairs of strangers that pass
PARTS = 32  # that product quantization cuts a vector into

Choice = Callable[[int], "npt.NDArray[np.int64]"]
"""From the number of a query to the rows that it is compared with."""


def embedded(photos: Path, model: ModelRequest) -> tuple[Embeddings, Embeddings, Embeddings]:
    """Return the vectors of photographs, (n, dim), of their edits, (edits, n, dim), and of copies that were
    saved anew, (qualities, n, dim)."""
    embedder = load(model, threads=1)
    originals: list[Embeddings] = []
    edits: list[Embeddings] = []
    for photograph in find_photographs(photos):
        image = photograph.read()
        if image is None:
            continue
        ways = [image, *(edited(image, edit, image, "0") for edit in EDITS)]
        ways += [saved(image, "JPEG", quality=quality) for quality in QUALITIES]
        vectors = embedder.embed([embedder.prepare(np.asarray(way)) for way in ways])
        originals.append(vectors[0])
        edits.append(vectors[1:])
    found = np.stack(edits, axis=1)
    return np.stack(originals), found[: len(EDITS)], found[len(EDITS) :]


def shortened(vectors: Embeddings, axes: npt.NDArray[np.float32]) -> Embeddings:
    """Return vectors along some axes, (n, dim), rows of unit length."""
    return unit_rows(vectors @ axes)


def with_bits(vectors: Embeddings, bits: int) -> Embeddings:
    """Return what is left of vectors of unit length in so many bits a value, as float32."""
    return unit_rows(np.sign(vectors)) if bits == 1 else values_of(to_stored(vectors, bits))


def as_asked(queries: Embeddings, bits: int) -> Embeddings:
    """Return vectors of queries as they are compared with such: a bit is compared with a bit."""
    return with_bits(queries, bits) if bits == 1 else queries


def distance_errors(index: Embeddings, edits: Embeddings, bits: int) -> tuple[float, float]:
    """Return by how much distances are off with so many bits a value, in the mean and at most: those of all
    vectors, (n, dim), to each other, and to their edits, (edits, n, dim), which are asked with all bits."""
    few, exact = with_bits(index, bits).astype(np.float64), index.astype(np.float64)
    off = [np.abs(few @ few.T - exact @ exact.T).ravel()]
    off += [np.abs((few - exact) @ rows.T.astype(np.float64)).ravel() for rows in edits]
    joined = np.concatenate(off)
    return float(joined.mean()), float(joined.max())


class Quantizer:
    """Product quantization (Jégou et al., TPAMI 2011): each part of a vector is the nearest of 256."""

    def __init__(self, learned_from: Embeddings) -> None:
        """Learn them from vectors, float32 (n, dim)."""
        from sklearn.cluster import MiniBatchKMeans

        self._means = [
            MiniBatchKMeans(256, random_state=0, n_init=1, batch_size=4096).fit(part).cluster_centers_
            for part in np.split(learned_from, PARTS, axis=1)
        ]

    def codes(self, vectors: Embeddings) -> npt.NDArray[np.uint8]:
        """Return vectors, (n, dim), in a byte a part, (n, PARTS)."""
        parts = zip(np.split(vectors, PARTS, axis=1), self._means, strict=True)
        nearest = [(part @ means.T - (means**2).sum(axis=1) / 2).argmax(axis=1) for part, means in parts]
        return np.stack(nearest, axis=1).astype(np.uint8)

    def similarities(self, query: npt.NDArray[np.float32], codes: npt.NDArray[np.uint8]) -> Embeddings:
        """Return the products of a query, (dim,), with what vectors are by their codes: (n,)."""
        products = [means @ part for part, means in zip(np.split(query, PARTS), self._means, strict=True)]
        total = np.zeros(len(codes), np.float32)
        for number, values in enumerate(products):
            total += values.astype(np.float32)[codes[:, number]]
        return total


def quantized(index: Embeddings, edits: Embeddings, drawn: Embeddings) -> tuple[float, float]:
    """Return recall@1 by product quantization that was learned from drawn vectors, and how many milliseconds
    one query takes among these."""
    quantizer = Quantizer(drawn)
    codes = quantizer.codes(index)
    nearest = [[quantizer.similarities(row, codes).argmax() for row in rows] for rows in edits]
    many, times = quantizer.codes(drawn), []
    for _ in range(ROUNDS):
        start = time.thread_time()
        quantizer.similarities(index[0], many)
        times.append(time.thread_time() - start)
    return float((np.array(nearest) == np.arange(len(index))).mean()), median(times) * 1000


def recall_at_1(index: Embeddings, queries: Embeddings) -> float:
    """Return the share of queries, (edits, n, dim), whose nearest of (n, dim) is the one of their row."""
    nearest = np.stack([(rows @ index.T).argmax(axis=1) for rows in queries])
    return float((nearest == np.arange(len(index))).mean())


def recall_at_fpr(index: Embeddings, queries: Embeddings) -> float:
    """Return the share of queries, (edits, n, dim), that are nearer to the one of their row of (n, dim) than
    one in a million pairs of strangers is. Among fewer pairs, the nearest one sets the bound."""
    own, passing = [], np.empty(0, np.float32)
    most = int(FALSE * len(queries) * len(index) * (len(index) - 1))
    for rows in queries:
        products = rows @ index.T
        own.append(products.diagonal().copy())
        np.fill_diagonal(products, -1)
        found = np.concatenate([passing, products.ravel()])
        passing = np.partition(found, -(most + 1))[-(most + 1) :]
    return float((np.stack(own) > passing.min()).mean())


def milliseconds(count: int, dim: int, bits: int) -> float:
    """Return how long one query takes to be compared with so many vectors, the median of some runs."""
    chance = np.random.default_rng(0)
    if bits == 1:
        words = chance.integers(0, 2**63, (count, dim // 64 or 1), dtype=np.int64).view(np.uint64)
        asked = words[0]
        compare: Callable[[], object] = lambda: np.bitwise_count(words ^ asked).sum(axis=1)  # noqa: E731
    elif bits == 32:
        values = chance.normal(size=(count, dim)).astype(np.float32)
        compare = lambda: values[:1] @ values.T  # noqa: E731
    else:
        numbers = chance.integers(-127, 128, (count, dim)).astype(number_type(bits))
        rows = RoundedRows(numbers, scales_of(numbers))
        row = numbers[:1].astype(np.float32)
        compare = lambda: rows.products(row, 0, count)  # noqa: E731

    times = []
    for _ in range(ROUNDS):
        start = time.thread_time()
        compare()
        times.append(time.thread_time() - start)
    return median(times) * 1000


def share_for_recall(
    truth: npt.NDArray[np.int64], candidates: Sequence[Choice], count: int
) -> tuple[int, float, float]:
    """Return the first of rising ways to choose candidates that holds enough of the true neighbors, (n, k):
    its number, which share of the vectors it compares, and which share of the neighbors it finds."""
    share = found = 0.0
    for number, choose in enumerate(candidates):
        chosen = [choose(query) for query in range(len(truth))]
        found = float(np.mean([np.isin(rows, its).mean() for rows, its in zip(truth, chosen, strict=True)]))
        share = float(np.mean([len(its) for its in chosen])) / count
        if found >= TARGET:
            return number, share, found
    return len(candidates), share, found


def hashed(
    index: Embeddings, queries: Embeddings, bits: int, tables: int
) -> Callable[[int], npt.NDArray[np.int64]]:
    """Return what chooses by LSH: vectors on the same side of random planes as the query, in any of the
    tables."""
    planes = np.random.default_rng(bits).normal(size=(tables, index.shape[1], bits)).astype(np.float32)
    powers = 1 << np.arange(bits)
    keys = [((index @ plane > 0) @ powers, (queries @ plane > 0) @ powers) for plane in planes]
    return lambda query: np.unique(np.concatenate([np.flatnonzero(all_ == own[query]) for all_, own in keys]))


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("photos", type=Path)
    parser.add_argument("--model", default="bundled")
    parser.add_argument("--weights", type=Path, help="of a model that takes a file")
    parser.add_argument("--count", type=int, default=100_000)
    parser.add_argument("--values-only", action="store_true", help="leave out what needs a structure")
    options = parser.parse_args()
    index, edits, copies = embedded(options.photos, ModelRequest(options.model, options.weights))
    _, axes = np.linalg.eigh(np.cov(index.T.astype(np.float64)))
    rows = []
    for dim in sorted({index.shape[1], *(dim for dim in DIMS if dim < index.shape[1])}, reverse=True):
        chosen = (
            axes[:, ::-1][:, :dim].astype(np.float32)
            if dim < index.shape[1]
            else np.eye(dim, dtype=np.float32)
        )
        cells = [str(dim)]
        for bits in BITS:
            kept = with_bits(shortened(index, chosen), bits)
            asked = np.stack([as_asked(shortened(part, chosen), bits) for part in edits])
            recalls = f"{recall_at_1(kept, asked):.3f}, {recall_at_fpr(kept, asked):.3f}"
            took = milliseconds(options.count, dim, bits)
            cells.append(f"{recalls}, {dim * bits // 8:,} B, {took:.1f} ms")
        rows.append(tuple(cells))
    print(table(("values", *(f"{bits} bits" for bits in BITS)), rows), flush=True)
    for bits in BITS[1:3]:
        mean, most = distance_errors(index, edits, bits)
        print(f"distances by {bits} bits are off by {mean:.6f} in the mean, {most:.5f} at most")
        own = 1 - (with_bits(index, bits) * index).sum(axis=1, dtype=np.float64)
        print(f"a vector is {own.mean():.6f} from what is kept of it, {own.max():.6f} at most")
    for quality, rows in zip(QUALITIES, copies, strict=True):
        shares = []
        for bits in BITS[:3]:
            distances = 1 - (with_bits(index, bits) * with_bits(rows, bits)).sum(axis=1, dtype=np.float64)
            shares.append(f"{(distances <= COPY_DISTANCE).mean():.1%} by {bits} bits")
        print(f"within {COPY_DISTANCE} of what was saved as JPEG at {quality}: {', '.join(shares)}")
    if options.values_only:
        return

    from sklearn.cluster import MiniBatchKMeans

    vectors = draw(options.count + QUERIES, 0)
    held, asked = vectors[:-QUERIES], vectors[-QUERIES:]
    recall, took = quantized(index, edits, held)
    beside = took / milliseconds(options.count, index.shape[1], 32)
    print(f"\nproduct quantization, {PARTS} B: recall@1 {recall:.3f}, {beside:.1f} times as long as 32 bits")
    truth = np.argsort(-(asked @ held.T), axis=1)[:, :K]
    cells_count = round(options.count**0.5)
    means = MiniBatchKMeans(cells_count, random_state=0, n_init=1, batch_size=4096).fit(held)
    own = means.labels_
    order = np.argsort(-(asked @ means.cluster_centers_.T), axis=1)
    probes = [1, 2, 4, 8, 16, 32, 64, 128, 256]
    ways = [lambda query, many=many: np.flatnonzero(np.isin(own, order[query, :many])) for many in probes]
    number, share, found = share_for_recall(truth, ways, len(held))
    looked = probes[min(number, len(probes) - 1)]
    print(f"\nIVF, {looked} of {cells_count} cells: {share:.1%} compared, recall@{K} {found:.3f}")
    tables = [1, 2, 4, 8, 16, 32, 64, 128]
    for bits in (8, 12):
        number, share, found = share_for_recall(
            truth, [hashed(held, asked, bits, many) for many in tables], len(held)
        )
        used = tables[min(number, len(tables) - 1)]
        print(f"LSH, {used} tables of {bits} bits: {share:.1%} compared, recall@{K} {found:.3f}")


if __name__ == "__main__":
    main()
