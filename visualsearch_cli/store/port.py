"""What any store can do: the catalog of an index does it, and so does an engine."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Protocol, TypeVar

from visualsearch_cli.index.records import EVERYTHING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from visualsearch_cli.index.carried.carried_rows import CarriedContent, CarriedFile
    from visualsearch_cli.index.records import Counts, Filter, Manifest
    from visualsearch_cli.vectors.index import Embeddings

BATCH = 1000  # rows that are sent, or asked for, together

Row = TypeVar("Row")


def batches(rows: Iterable[Row]) -> Iterator[list[Row]]:
    """Yield rows as they are sent, or asked for, together."""
    source = iter(rows)
    while batch := list(islice(source, BATCH)):
        yield batch


class Store(Protocol):
    """Contents by hash and files by root and path. What is written twice is there once, as it was last."""

    def manifest(self) -> Manifest:
        """Return what its vectors are of."""

    def counts(self) -> Counts:
        """Count what is there."""

    def roots(self) -> list[str]:
        """Return the names of the roots: the paths that they had where they were written."""

    def files(self, root: str, below: bytes = b"") -> Iterator[CarriedFile]:
        """Yield the files of a root, or those at a path in it and below, in no order."""

    def file(self, root: str, relpath: bytes) -> CarriedFile | None:
        """Return what is known of one file."""

    def files_of(self, hashes: Iterable[bytes]) -> Iterator[CarriedFile]:
        """Yield the files of some contents, in no order."""

    def hashes(self) -> Iterator[bytes]:
        """Yield the hashes of all contents."""

    def known(self, hashes: Iterable[bytes]) -> set[bytes]:
        """Return those of some hashes of which the content is there."""

    def contents(self, hashes: Iterable[bytes] | None = None) -> Iterator[CarriedContent]:
        """Yield some contents, or all, in no order; those that are not there are left out."""

    def nearest(self, queries: Embeddings, k: int, filter: Filter = EVERYTHING) -> list[list[bytes]]:
        """Return the hashes of the k nearest contents of each query, (n, dim), nearest first, of those that a
        filter lets through, and perhaps some more. Fewer only if there are no more."""

    def put_roots(self, roots: Iterable[str]) -> None:
        """Remember folders as roots."""

    def put_contents(self, contents: Sequence[CarriedContent]) -> None:
        """Take contents in."""

    def put_files(self, files: Sequence[CarriedFile]) -> None:
        """Take files in, whose roots and contents are there. What was known of them is replaced."""

    def forget_files(self, files: Iterable[CarriedFile]) -> None:
        """Forget what is known of some files."""

    def forget_contents(self, hashes: Iterable[bytes]) -> None:
        """Forget contents that no file has."""

    def forget_roots(self, roots: Iterable[str]) -> None:
        """Forget roots, and all their files."""

    def flush(self) -> None:
        """Let what was written be searched quickly."""
