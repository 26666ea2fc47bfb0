"""What tells contents apart: BLAKE2b (RFC 7693) with 32 bytes, for which no collisions can be found."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

from visualsearch_cli.errors import ImageUnreadable
from visualsearch_cli.pictures.image import DecodedImage, ImageRecord, ScannedFile


def new_content_hash() -> hashlib.blake2b:
    """Return a hash to feed a content to, a block at a time."""
    return hashlib.blake2b(digest_size=32)


def hash_content(data: bytes) -> bytes:
    """Return the hash of a content that is in memory."""
    return hashlib.blake2b(data, digest_size=32).digest()


def read_file(path: str) -> tuple[ScannedFile, bytes]:
    """Return a file's bytes, and its size and mtime as of that moment.

    Raises ImageUnreadable if it cannot be read or changes meanwhile.
    """
    try:
        with open(path, "rb") as stream:
            before = os.fstat(stream.fileno())
            data = stream.read()
            after = os.fstat(stream.fileno())
    except FileNotFoundError as error:
        raise ImageUnreadable("does not exist: check the path, or that its disk is mounted") from error
    except OSError as error:
        raise ImageUnreadable(f"cannot be read: {error.strerror or error}") from error
    if (before.st_mtime_ns, before.st_size) != (after.st_mtime_ns, len(data)):
        raise ImageUnreadable("changed while it was read: index again when it is complete")
    return ScannedFile(path, after.st_size, after.st_mtime_ns), data


def record_of(number: int, file: ScannedFile, data: bytes, image: DecodedImage) -> ImageRecord:
    """Return the record of a file that was read: `number` tells it from others in one comparison."""
    return ImageRecord(
        id=number,
        content_id=number,
        path=Path(file.path),
        size=file.size,
        mtime_ns=file.mtime_ns,
        content_hash=hash_content(data).hex(),
        width=image.width,
        height=image.height,
        format=image.format,
    )
