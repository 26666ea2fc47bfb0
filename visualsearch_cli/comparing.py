"""Compare two files that need not be in any index."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from visualsearch_cli.embedder import Embedder, Embeddings
from visualsearch_cli.errors import ImageError
from visualsearch_cli.evidence import CandidatePair, Evidence, Judge
from visualsearch_cli.image import ImageReader, ImageRecord, Pixels
from visualsearch_cli.loading import hash_content, read_file
from visualsearch_cli.transforms import Transforms, turned

DRAWN_SIDE = 480  # pixels, of a picture that is to be looked at


@dataclass(frozen=True, slots=True)
class ComparedFiles:
    """Two files, and what the second one is to the first."""

    a: ImageRecord
    b: ImageRecord
    evidence: Evidence


def compare_files(
    a: Path, b: Path, reader: ImageReader, embedder: Callable[[], Embedder], judge: Judge
) -> ComparedFiles:
    """Say what file B is to file A. The distance is the least over the eight orientations of B.

    Raises ImageError if either cannot be read.
    """
    data_a, data_b = _bytes(a), _bytes(b)
    if data_a == data_b:
        embed, distance = None, 0.0
    else:
        embed = embedder()
    record_a, vectors_a = _record(1, a, data_a, reader, embed, Transforms.NONE)
    record_b, vectors_b = _record(2, b, data_b, reader, embed, Transforms.ALL)
    if embed is not None:
        distance = max(0.0, round(1 - float((vectors_b @ vectors_a[0]).max()), 6))
    (evidence,) = judge.judge([CandidatePair(record_a, record_b, distance)])
    return ComparedFiles(record_a, record_b, evidence)


def read_picture(path: Path, reader: ImageReader) -> Pixels:
    """Return a picture, perhaps at a reduced scale. Raises ImageError."""
    return reader.read(_bytes(path), DRAWN_SIDE).pixels


def _bytes(path: Path) -> bytes:
    try:
        return read_file(str(path))[1]
    except ImageError as error:
        raise type(error)(f"{path}: {error}") from error


def _record(
    id: int, path: Path, data: bytes, reader: ImageReader, embedder: Embedder | None, transforms: Transforms
) -> tuple[ImageRecord, Embeddings]:
    try:
        image = reader.read(data, embedder.input_side if embedder else 1)
    except ImageError as error:
        raise type(error)(f"{path}: {error}") from error
    vectors = np.empty((0, 0), np.float32)
    if embedder is not None:
        ways = [np.ascontiguousarray(way) for way in turned(image.pixels, transforms)]
        vectors = embedder.embed([embedder.prepare(way) for way in ways])
    state = path.stat()
    record = ImageRecord(
        id=id,
        content_id=id,
        path=path,
        size=len(data),
        mtime_ns=state.st_mtime_ns,
        content_hash=hash_content(data).hex(),
        width=image.width,
        height=image.height,
        format=image.format,
    )
    return record, vectors
