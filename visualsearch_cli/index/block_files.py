"""The block files in an index folder: the vectors of the catalog once more, in rows a query can map at once.

A file begins with a header of 64 bytes, then has a row for each vector, in the order of their ids. Rows are
only ever added at its end. How many count, the catalog says: what lies behind them is of a writer that did
not come to commit, and is written over.
"""

from __future__ import annotations

import os
import re
import struct
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from visualsearch_cli.atomic import READ, UPDATE, make_own, remove_leftovers, replacing, sync_folder
from visualsearch_cli.errors import IndexCorrupt, IndexNotFound, IndexStoreError
from visualsearch_cli.index.records import BlockFile, StoredVectors
from visualsearch_cli.vectors.index import FULL_BITS

if TYPE_CHECKING:  # it imports numpy, which a run that finds nothing new has no need of
    from visualsearch_cli.index.block_rows import VectorBlock

NAME = re.compile(r"vectors\.\d{6,18}\.(f32|i16|i8)")

HEADER = struct.Struct("<16sII40x")
VERSION = 1


class BlockFolder:
    """The block files of one index folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def open(self, block: BlockFile, dim: int, bits: int = FULL_BITS) -> VectorBlock:
        """Map the committed rows of a block file, of vectors with so many values of so many bits.

        Raises IndexNotFound if it is not there, IndexCorrupt if it cannot be the file that was committed.
        """
        import mmap

        import numpy as np

        from visualsearch_cli.index.block_rows import VectorBlock, damaged, row_type

        path = self._path(block)
        layout = row_type(dim, bits)
        size = HEADER.size + block.vectors * layout.itemsize
        try:
            with os.fdopen(os.open(path, READ), "rb") as file:
                if os.fstat(file.fileno()).st_size < size:
                    raise damaged(path, f"it has {os.fstat(file.fileno()).st_size} bytes, expected {size}")
                # Never empty: the header is there. A page is read when it is looked at.
                mapped = mmap.mmap(file.fileno(), size, access=mmap.ACCESS_READ)
        except FileNotFoundError as error:
            raise IndexNotFound(f"{path} is not there: `visualsearch index` writes it again") from error
        except OSError as error:
            raise IndexStoreError(f"{path} cannot be read: {error.strerror or error}") from error
        if mapped[: HEADER.size] != _header(dim, bits):
            raise damaged(path, f"it does not begin like a file with {dim} values per vector, of {bits} bits")
        rows = np.frombuffer(mapped, layout, block.vectors, HEADER.size)
        if block.vectors and rows["id"][-1] != block.last_id:
            raise damaged(path, f"its last vector is {rows['id'][-1]}, expected {block.last_id}")
        return VectorBlock(path, rows)

    def append(
        self,
        block: BlockFile | None,
        parts: Iterable[StoredVectors],
        number: int,
        dim: int,
        bits: int = FULL_BITS,
    ) -> BlockFile | None:
        """Write vectors, of rising ids, behind those of a block, or into a new file of this number.

        Returns what the catalog is to name: until then, nothing has changed for anybody. None if there is
        nothing to write. Raises IndexStoreError if the disk is full, or the like.
        """
        from visualsearch_cli.index.block_rows import row_type, rows_of

        layout = row_type(dim, bits)
        count, last_id = (block.vectors, block.last_id) if block else (0, 0)
        path = self._path(block) if block else self.folder / f"vectors.{number:06d}.{_kind(bits)}"
        written = 0
        try:
            with self._opened(path, _header(dim, bits), is_new=block is None) as file:
                file.seek(HEADER.size + count * layout.itemsize)
                for part in parts:
                    file.write(rows_of(part, layout).tobytes())
                    written += len(part.ids)
                    last_id = int(part.ids[-1]) if len(part.ids) else last_id
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise IndexStoreError(
                f"{path} could not be written ({error.strerror or error}): is there room left on the disk?"
            ) from error
        return BlockFile(path.name, count + written, last_id) if written else None

    @contextmanager
    def _opened(self, path: Path, header: bytes, *, is_new: bool) -> Iterator[BinaryIO]:
        """Open a file to add rows to. A new one has its name when it is whole."""
        if not is_new:
            make_own(path)
            with os.fdopen(os.open(path, UPDATE), "r+b") as file:
                yield file
            return
        with replacing(path) as temporary, temporary.open("r+b") as file:
            file.write(header)
            yield file
        sync_folder(self.folder)

    def exists(self, block: BlockFile) -> bool:
        """Tell whether the file of a block is there."""
        return bool(NAME.fullmatch(block.name)) and (self.folder / block.name).is_file()

    def sweep(self, keep: Sequence[BlockFile]) -> None:
        """Delete the other block files, and what an interrupted run left."""
        remove_leftovers(self.folder)
        kept = {block.name for block in keep}
        for path in self.folder.iterdir():
            if NAME.fullmatch(path.name) and path.name not in kept:
                with suppress(PermissionError):  # Windows, while a reader has it mapped: the next time
                    path.unlink(missing_ok=True)

    def number_of(self, block: BlockFile) -> int:
        """Return the number in the name of a block. Raises IndexCorrupt if it has none."""
        return int(self._path(block).name.split(".")[1])

    def _path(self, block: BlockFile) -> Path:
        if not NAME.fullmatch(block.name):
            raise IndexCorrupt(f"{self.folder}: {block.name!r} is not the name of a block file")
        return self.folder / block.name


def _kind(bits: int) -> str:
    """Return what values of so many bits are called: f32, i16 or i8."""
    return f"{'f' if bits == FULL_BITS else 'i'}{bits}"


def _header(dim: int, bits: int) -> bytes:
    return HEADER.pack(f"visualsearch {_kind(bits)}".encode().ljust(16), VERSION, dim)
