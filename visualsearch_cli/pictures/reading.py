"""From a path to bytes, their hash, pixels and a record: the one place where pictures' files are read."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from visualsearch_cli.atomic import regular
from visualsearch_cli.errors import ImageError, ImageUnreadable
from visualsearch_cli.pictures.codecs.jpegxl import is_jpegxl
from visualsearch_cli.pictures.held.boxes import HEAD, PICTURE_BRANDS, brands_of
from visualsearch_cli.pictures.image import (
    BLOCK,
    DecodedImage,
    ImageReader,
    ImageRecord,
    LargeFile,
    ScannedFile,
    mtime_of,
)
from visualsearch_cli.watched import WATCH
from visualsearch_cli.wording import short_size

SHORT_OF_MEMORY = "takes more memory than there is: index again when less else is running"

LARGEST_FILE = 2 << 30
"""Bytes of a file that is looked at: what the largest picture has, with 16 bits in each of four channels. A
disk image with a picture's name, or a sparse file, is told by its size alone."""

LARGEST_UNSEEN = 64 << 20
"""Bytes of a file that is read whole without a look at its head."""

LARGEST_BESIDE = 64 << 20
"""Bytes of a file beside a picture: no sidecar, JSON of Takeout or list comes near it."""

LARGEST_WHOLE = 1 << 30
"""Bytes of a file that is read whole since its reader, or what is looked for behind its picture, needs that.
Of others, such as TIFF, PNG and RAW, what is asked for is read."""

_JPEG = b"\xff\xd8\xff"  # decoded from a stream; a film behind it is looked for in all of it
_NEEDED_WHOLE = (_JPEG, b"RIFF", b"\0\0\0\x0cjP  ", b"\xff\x4f\xff\x51")  # and WebP, JPEG 2000


def new_content_hash() -> hashlib.blake2b:
    """Return a hash to feed a content to, a block at a time: BLAKE2b (RFC 7693) with 32 bytes.

    It tells contents apart: no two with the same hash can be found.
    """
    return hashlib.blake2b(digest_size=32)


def hash_content(data: bytes) -> bytes:
    """Return the hash of a content that is in memory, 32 bytes."""
    return hashlib.blake2b(data, digest_size=32).digest()


class FileRead:
    """A file's bytes, and its size and mtime as of the moment they were read."""

    __slots__ = ("_content_hash", "data", "file")

    def __init__(self, file: ScannedFile, data: bytes, content_hash: bytes | None = None) -> None:
        self.file = file
        self.data = data
        self._content_hash = content_hash

    @property
    def content_hash(self) -> bytes:
        """32 bytes. Hashed once.

        No cached_property: before Python 3.12 it holds one lock for all files, and threads hash in turns.
        """
        if self._content_hash is None:
            self._content_hash = hash_content(self.data)
        return self._content_hash

    def hashed(self) -> FileRead:
        """Hash it now, in the thread that calls, and return it."""
        assert self.content_hash
        return self

    def decoded(self, reader: ImageReader, min_side: int | None = None) -> DecodedImage:
        """Decode it, perhaps at a reduced scale with sides of at least `min_side`. Raises ImageError."""
        with WATCH.decoding(self.file.path):
            return reader.read(self.data, min_side)

    def record(self, number: int, image: DecodedImage) -> ImageRecord:
        """Return its record, with what was decoded: `number` tells it from others in one comparison."""
        return ImageRecord(
            id=number,
            content_id=number,
            path=Path(self.file.path),
            size=self.file.size,
            mtime_ns=self.file.mtime_ns,
            content_hash=self.content_hash.hex(),
            width=image.width,
            height=image.height,
            format=image.format,
        )


def read_beside(path: Path) -> bytes:
    """Return the bytes of a file beside a picture; none if it is larger than what says something of one.

    Raises ImageUnreadable, without the path, if it cannot be read or changes meanwhile.
    """
    with suppress(OSError):  # that it is not there is said below
        if os.stat(path).st_size > LARGEST_BESIDE:
            return b""
    return read_file(path).data


def read_file(path: str | Path, unseen: int | None = None, *, to_decode: bool = False) -> FileRead:
    """Read a file: whole, or of a large one what is asked for. Up to `unseen` bytes, none is large.

    What is read only `to_decode` it stays on the disk as far as its decoder lets it.

    Raises ImageUnreadable, without the path, if it cannot be read or changes meanwhile.
    """
    content_hash = None
    try:
        with regular(path) as stream:
            before = os.fstat(stream.fileno())
            if before.st_size > LARGEST_FILE:
                raise ImageUnreadable(
                    f"has {short_size(before.st_size)}: files are read as pictures up to "
                    f"{short_size(LARGEST_FILE)}"
                )
            if before.st_size <= (LARGEST_UNSEEN if unseen is None else unseen) or _is_needed_whole(
                stream, before.st_size, to_decode=to_decode
            ):
                data = stream.read()
            else:
                data = LargeFile.of(stream.read(BLOCK), path, before)
                content_hash = _hash_of(stream)
            size = stream.tell()
            after = os.fstat(stream.fileno())
    except MemoryError as error:
        raise ImageUnreadable(SHORT_OF_MEMORY) from error
    except FileNotFoundError as error:
        raise ImageUnreadable("does not exist: check the path, or that its disk is mounted") from error
    except OSError as error:
        if isinstance(error, IsADirectoryError):
            raise ImageUnreadable("is a folder: name image files") from error
        raise ImageUnreadable(f"cannot be read: {error.strerror or error}") from error
    read = FileRead(ScannedFile(str(path), before.st_size, mtime_of(before)), data, content_hash)
    if before.st_size != size or (before.st_mtime_ns != after.st_mtime_ns and not _is_still(read)):
        raise ImageUnreadable("changed while it was read: index again when it is complete")
    return read


def require_size(path: str) -> None:
    """Look at the head and the size of a large file. Raises OSError if it cannot be read.

    Raises ImageUnreadable for one that would have to be read whole, and is too large for that.
    """
    with regular(path) as stream:
        _is_needed_whole(stream, os.fstat(stream.fileno()).st_size)


def _is_needed_whole(stream: BinaryIO, size: int, *, to_decode: bool = False) -> bool:
    """Tell by its head whether all of a large file has to be in memory. Raises ImageUnreadable for one that
    is too large for that."""
    head = stream.read(HEAD)
    stream.seek(0)
    if to_decode and head.startswith(_JPEG):
        return False
    if not (head.startswith(_NEEDED_WHOLE) or is_jpegxl(head) or brands_of(head) & PICTURE_BRANDS):
        return False
    if size > LARGEST_WHOLE:
        raise ImageUnreadable(
            f"has {short_size(size)}: files of its format are read up to {short_size(LARGEST_WHOLE)}"
        )
    return True


def _hash_of(stream: BinaryIO) -> bytes:
    """Return the hash of all of a stream, and leave it at its end."""
    digest = new_content_hash()
    stream.seek(0)
    while block := stream.read(BLOCK):
        digest.update(block)
    return digest.digest()


def _is_still(read: FileRead) -> bool:
    """Tell whether a file that got another mtime while it was read holds the same: a mount of rclone shows
    that of the moment until it has written a new file back."""
    with suppress(OSError), regular(read.file.path) as stream:
        return _hash_of(stream) == read.content_hash
    return False


def read_picture(path: str | Path, reader: ImageReader, min_side: int | None = None) -> DecodedImage:
    """Read and decode a file, perhaps at a reduced scale with sides of at least `min_side`.

    Raises ImageError, without the path.
    """
    return read_file(path).decoded(reader, min_side)


@contextmanager
def named(path: str | Path) -> Iterator[None]:
    """Put a path before what is wrong with its picture."""
    try:
        yield
    except ImageError as error:
        raise type(error)(f"{path}: {error}") from error
