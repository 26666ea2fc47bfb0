"""Files that need not be in any index, as the records that judges compare."""

from __future__ import annotations

from pathlib import Path

from visualsearch_cli.indexing.loading import hash_content
from visualsearch_cli.pictures.image import DecodedImage, ImageRecord, ScannedFile


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
