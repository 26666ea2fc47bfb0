"""From loaded files to vectors, in batches."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from visualsearch_cli.ahead import ahead, workers
from visualsearch_cli.embedders.embedder import Embedder
from visualsearch_cli.index.records import NewContent
from visualsearch_cli.indexing.loading import LoadedFile
from visualsearch_cli.pictures.image import ScannedFile
from visualsearch_cli.watched import WATCH

if TYPE_CHECKING:
    import numpy.typing as npt

BATCH = 32
BATCH_SECONDS = 2.0  # a batch that takes longer to fill is embedded as it is: an interruption costs no more


@dataclass(frozen=True, slots=True)
class EmbeddedFile:
    """A file with the vector of its content, a content known already, or the reason for neither."""

    file: ScannedFile
    content: NewContent | bytes | None
    error: str | None = None


def embed_images(
    loaded: Iterable[LoadedFile],
    embedder: Callable[[], Embedder],
    second: Callable[[], Embedder] | None = None,
) -> Generator[list[EmbeddedFile], None, None]:
    """Yield the files in order, a batch at a time; a new content comes before the files that repeat it.

    With a second model, contents have its vectors too.

    While a batch is embedded, the next one is loaded: one of them waits, so memory is bounded.
    """
    failed: dict[bytes, str] = {}
    with workers(1, "embed batches") as pool:
        batches = _batches(loaded, failed)
        yield from ahead(batches, lambda batch: pool.submit(_embed, batch, embedder, second, failed), most=2)


def _batches(loaded: Iterable[LoadedFile], failed: dict[bytes, str]) -> Iterator[list[LoadedFile]]:
    """Yield batches of up to BATCH pictures to embed, and note the contents that could not be decoded."""
    batch: list[LoadedFile] = []
    new = 0
    started = time.monotonic()
    for item in loaded:
        if item.error is not None and item.content_hash is not None:
            failed[item.content_hash] = item.error
        batch.append(item)
        new += item.decoded is not None
        if new >= BATCH or len(batch) >= 32 * BATCH or time.monotonic() - started > BATCH_SECONDS:
            yield batch
            batch, new, started = [], 0, time.monotonic()
    if batch:
        yield batch


def _embed(
    batch: list[LoadedFile],
    embedder: Callable[[], Embedder],
    second: Callable[[], Embedder] | None,
    failed: dict[bytes, str],
) -> list[EmbeddedFile]:
    inputs = [
        frame for item in batch if item.decoded for frame in (item.decoded.model_input, *item.decoded.regions)
    ]
    with WATCH.working():
        vectors = iter(embedder().embed(inputs)) if inputs else iter(())
        of_second = [item.decoded.second_input for item in batch if item.decoded]
        wanted = [each for each in of_second if each is not None]
        others = iter(second().embed(wanted)) if second and wanted else iter(())
    return [_result(item, vectors, others, failed) for item in batch]


def _result(
    item: LoadedFile,
    vectors: Iterator[npt.NDArray[np.float32]],
    others: Iterator[npt.NDArray[np.float32]],
    failed: dict[bytes, str],
) -> EmbeddedFile:
    if item.content_hash is None or item.error is not None:
        return EmbeddedFile(item.file, None, item.error)
    if item.decoded is not None:
        decoded = item.decoded
        full = next(vectors)
        regions = np.stack([next(vectors) for _ in decoded.regions]) if decoded.regions else None
        second = None if decoded.second_input is None else next(others)
        size = decoded.width, decoded.height
        content = NewContent(item.content_hash, *size, decoded.format, full, regions, second)
        return EmbeddedFile(item.file, content)
    error = failed.get(item.content_hash)  # the same bytes failed earlier in this run
    return EmbeddedFile(item.file, None if error else item.content_hash, error)
