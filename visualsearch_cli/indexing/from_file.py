"""An index from embeddings that were made before: the way of `index --from FILE`."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from visualsearch_cli.index.block_files import BlockFolder
from visualsearch_cli.index.derived import update_derived
from visualsearch_cli.index.graph_files import GraphFolder
from visualsearch_cli.index.records import NewContent
from visualsearch_cli.index.roots import find_targets
from visualsearch_cli.indexing.build import write_batches
from visualsearch_cli.indexing.embedding import EmbeddedFile
from visualsearch_cli.indexing.summary import IndexReport
from visualsearch_cli.pictures.image import ScannedFile
from visualsearch_cli.progress import Progress

if TYPE_CHECKING:
    from visualsearch_cli.index.folder import IndexFolder
    from visualsearch_cli.index.writer import CatalogWriter
    from visualsearch_cli.indexing.vector_file import VectorRecord


def add_embedded(
    records: Sequence[VectorRecord], catalog: CatalogWriter, folder: IndexFolder, progress: Progress
) -> IndexReport:
    """Take the embeddings of images that are still as they were, then bring the derived files up to date.

    The caller has compared the models, and holds the lock.
    """
    find_targets(catalog, sorted({record.root for record in records}))
    report = IndexReport(found=len(records))
    with progress.step("Reading", len(records)) as advance:
        write_batches(_batches(records, catalog), catalog.roots(), catalog, report, advance)
    update_derived(catalog, BlockFolder(folder.path), GraphFolder(folder.path), progress)
    report.reused += report.embedded
    report.embedded = 0  # nothing was: the vectors were there
    return report


def _batches(records: Sequence[VectorRecord], catalog: CatalogWriter) -> Iterator[list[EmbeddedFile]]:
    met: set[bytes] = set()
    for record in records:
        file = ScannedFile(record.path, record.size, record.mtime_ns)
        content_hash = bytes.fromhex(record.content_hash)
        if reason := _stale(record):
            yield [EmbeddedFile(file, None, reason)]
        elif content_hash in met or catalog.has_content(content_hash):
            yield [EmbeddedFile(file, content_hash)]
        else:
            met.add(content_hash)
            new = NewContent(content_hash, record.width, record.height, record.format, record.vector)
            yield [EmbeddedFile(file, new)]


def _stale(record: VectorRecord) -> str | None:
    """Return why the file is not the one that was embedded."""
    try:
        state = os.stat(record.path)
    except OSError as error:
        return f"cannot be read: {error.strerror}"
    if (state.st_size, state.st_mtime_ns) != (record.size, record.mtime_ns):
        return "changed since it was embedded: index its folder to embed it anew"
    return None
