"""Give the contents of an index the vectors of their regions, where they lack them."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from typing import TYPE_CHECKING

from visualsearch_cli.embedders.embedder import Embedder
from visualsearch_cli.index.committing import Committing
from visualsearch_cli.index.records import Frames, NewContent
from visualsearch_cli.indexing.embedding import EmbeddedFile, embed_images
from visualsearch_cli.indexing.loading import load_images
from visualsearch_cli.indexing.summary import IndexReport, Lacking
from visualsearch_cli.pictures.image import ImageReader, ImageRecord, ScannedFile, SkippedImage, is_as_indexed
from visualsearch_cli.pictures.regions import RegionScheme
from visualsearch_cli.progress import Progress
from visualsearch_cli.vectors.index import Embeddings

if TYPE_CHECKING:
    from visualsearch_cli.index.writer import CatalogWriter

LOOK_UP = 500  # contents whose files are looked up at a time

NOT_THERE = "missing, or changed since it was indexed: mount its disk, or index its folder again"


def add_regions(
    catalog: CatalogWriter,
    reader: ImageReader,
    embedder: Callable[[], Embedder],
    threads: int,
    scheme: RegionScheme,
    report: IndexReport,
    progress: Progress,
) -> None:
    """Embed the regions of all contents that lack them and have a file, committing about once a second.

    So an index becomes thorough, and a run that was interrupted goes on. The report counts what was added,
    and names a file of each content that was left because none was there as it was indexed.
    """
    lacking = catalog.contents_without(Frames.REGIONS)
    if not lacking:
        return
    asked: deque[ImageRecord] = deque()
    files = files_of(lacking, catalog, asked, report.lacking_regions)
    loaded = load_images(files, reader, embedder, lambda _: False, threads, scheme)
    batches = embed_images(loaded, embedder)
    with (
        progress.step("Embedding regions", len(lacking)) as advance,
        closing(loaded),
        closing(batches),
        Committing[tuple[int, Embeddings]](catalog.add_regions) as committing,
    ):
        for batch in batches:
            found = [pair for item in batch if (pair := _pair(item, asked.popleft(), report))]
            report.lacking_regions.added += len(found)
            advance(len(batch))
            committing.add(found)
    report.lacking_regions.left.sort(key=lambda item: item.path)


def files_of(
    lacking: Sequence[int], catalog: CatalogWriter, asked: deque[ImageRecord], report: Lacking
) -> Iterator[ScannedFile]:
    """Yield a file of each content that has one as it was indexed, and append its record to `asked`."""
    for start in range(0, len(lacking), LOOK_UP):
        contents = lacking[start : start + LOOK_UP]
        images = catalog.images_of(contents)
        for content in contents:
            records = images.get(content, [])
            record = next((record for record in records if is_as_indexed(record)), None)
            if record is not None:
                asked.append(record)
                yield ScannedFile(str(record.path), record.size, record.mtime_ns)
            elif records:
                report.left.append(SkippedImage(str(records[0].path), NOT_THERE))
            else:
                report.missing += 1


def _pair(item: EmbeddedFile, record: ImageRecord, report: IndexReport) -> tuple[int, Embeddings] | None:
    """Return the content and the vectors of its regions, if the file was still that content."""
    new = item.content
    if isinstance(new, NewContent) and new.hash.hex() == record.content_hash and new.regions is not None:
        return record.content_id, new.regions
    report.lacking_regions.left.append(SkippedImage(str(record.path), item.error or NOT_THERE))
    return None
