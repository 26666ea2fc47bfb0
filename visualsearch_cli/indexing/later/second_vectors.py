"""Give the contents of an index the vectors of its second model, where they lack them."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from contextlib import closing
from typing import TYPE_CHECKING

from visualsearch_cli.embedders.embedder import Embedder
from visualsearch_cli.index.committing import Committing
from visualsearch_cli.index.records import Frames, NewContent
from visualsearch_cli.indexing.embedding import EmbeddedFile, embed_images
from visualsearch_cli.indexing.later.region_vectors import NOT_THERE, files_of
from visualsearch_cli.indexing.loading import load_images
from visualsearch_cli.pictures.image import ImageReader, ImageRecord, SkippedImage
from visualsearch_cli.progress import Progress

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from visualsearch_cli.index.writer import CatalogWriter
    from visualsearch_cli.indexing.summary import IndexReport, Lacking


def add_second_vectors(
    catalog: CatalogWriter,
    reader: ImageReader,
    second: Callable[[], Embedder],
    threads: int,
    report: IndexReport,
    progress: Progress,
) -> None:
    """Embed all contents that lack a vector of the second model and have a file, committing about once a
    second: those that were known before the index had two models, or came without a picture.

    The report counts what was added, and names a file of each content that was left.
    """
    seen = catalog.seen(second=True)
    lacking = seen.contents_without(Frames.FULL)
    if not lacking:
        return
    told = report.lacking_second
    asked: deque[ImageRecord] = deque()
    loaded = load_images(files_of(lacking, catalog, asked, told), reader, second, lambda _: False, threads)
    batches = embed_images(loaded, second)
    with (
        progress.step("Embedding with the second model", len(lacking)) as advance,
        closing(loaded),
        closing(batches),
        Committing[tuple[int, "npt.NDArray[np.float32]"]](seen.add_vectors) as committing,
    ):
        for batch in batches:
            found = [pair for item in batch if (pair := _pair(item, asked.popleft(), told))]
            told.added += len(found)
            advance(len(batch))
            committing.add(found)
    told.left.sort(key=lambda item: item.path)


def _pair(
    item: EmbeddedFile, record: ImageRecord, told: Lacking
) -> tuple[int, npt.NDArray[np.float32]] | None:
    """Return the content and its vector, if the file was still that content."""
    new = item.content
    if isinstance(new, NewContent) and new.hash.hex() == record.content_hash:
        return record.content_id, new.vector
    told.left.append(SkippedImage(str(record.path), item.error or NOT_THERE))
    return None
