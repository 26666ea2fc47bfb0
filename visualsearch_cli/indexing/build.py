"""Build an index or append to it: what is new is embedded, what is known is not."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from visualsearch_cli.embedders.embedder import Embedder
from visualsearch_cli.index.records import FileUpdate, NewContent, Root, WritableCatalog
from visualsearch_cli.index.roots import Target, place
from visualsearch_cli.indexing.changes import find_changes
from visualsearch_cli.indexing.scanner import Scanner
from visualsearch_cli.pictures.image import ImageReader, ScannedFile, SkippedImage
from visualsearch_cli.progress import Advance, Progress

if TYPE_CHECKING:
    from visualsearch_cli.indexing.embedding import EmbeddedFile
    from visualsearch_cli.pictures.regions import RegionScheme

COMMIT_SECONDS = 1.0  # what a killed run loses at most, besides the batch on its way


@dataclass(slots=True)
class IndexReport:
    """What an indexing run did."""

    found: int = 0  # image files met
    unchanged: int = 0
    embedded: int = 0  # distinct contents that were embedded
    reused: int = 0  # new or changed files whose content had a vector already
    missing: int = 0  # images newly marked as missing
    regions: int = 0  # contents that were known and got the vectors of their regions
    without_regions: list[SkippedImage] = field(default_factory=list)  # a file of each that still lacks them
    missing_without_regions: int = 0  # contents that lack them, and whose files are all missing
    skipped: list[SkippedImage] = field(default_factory=list)  # in this run, or remembered
    offline: list[Root] = field(default_factory=list)


def index_files(
    targets: Sequence[Target],
    catalog: WritableCatalog,
    scanner: Scanner,
    reader: ImageReader,
    embedder: Callable[[], Embedder],
    threads: int,
    progress: Progress,
    *,
    retry_skipped: bool = False,
    scheme: RegionScheme | None = None,
) -> IndexReport:
    """Index what is at the targets, committing every few seconds. An interruption loses no more.

    Files that could not be used are tried again when they change, or with `retry_skipped`. With a scheme,
    new contents get the vectors of their regions too; `region_indexing` sees to those known before.
    """
    changes = find_changes(targets, catalog, scanner, progress, retry_skipped=retry_skipped)
    report = IndexReport(changes.found, changes.unchanged, skipped=changes.skipped + scanner.unread)
    catalog.write((), changes.back)
    if changes.new:
        _index_new(changes.new, catalog, reader, embedder, threads, progress, report, scheme)
    report.missing = catalog.vanish(changes.gone, changes.gone_skipped)
    report.skipped.sort(key=lambda item: item.path)
    return report


def _index_new(
    new: Sequence[ScannedFile],
    catalog: WritableCatalog,
    reader: ImageReader,
    embedder: Callable[[], Embedder],
    threads: int,
    progress: Progress,
    report: IndexReport,
    scheme: RegionScheme | None,
) -> None:
    from visualsearch_cli.indexing.embedding import (
        embed_images,  # late: a run that finds nothing new needs no numpy
    )
    from visualsearch_cli.indexing.loading import load_images

    files = load_images(new, reader, embedder, catalog.has_content, threads, scheme)
    batches = embed_images(files, embedder)
    with progress.step("Embedding", len(new)) as advance, closing(files), closing(batches):
        write_batches(batches, catalog.roots(), catalog, report, advance)


def write_batches(
    batches: Iterable[Sequence[EmbeddedFile]],
    roots: Sequence[Root],
    catalog: WritableCatalog,
    report: IndexReport,
    advance: Advance,
) -> None:
    """Commit files as they come, about once a second and at the end."""
    pending: list[FileUpdate] = []
    committed = time.monotonic()
    try:
        for batch in batches:
            for item in batch:
                pending.append(_update(item, roots))
                _count(item, report)
            advance(len(batch))
            if time.monotonic() - committed > COMMIT_SECONDS:
                catalog.write(pending)
                pending = []
                committed = time.monotonic()
    finally:  # also when interrupted: what is done is kept
        catalog.write(pending)


def _update(item: EmbeddedFile, roots: Sequence[Root]) -> FileUpdate:
    key = place(item.file.path, roots)
    assert key is not None  # every target lies below a root
    return FileUpdate(key, item.file.size, item.file.mtime_ns, item.content, item.error)


def _count(item: EmbeddedFile, report: IndexReport) -> None:
    if item.content is None:
        report.skipped.append(SkippedImage(item.file.path, item.error or "unknown"))
    elif isinstance(item.content, NewContent):
        report.embedded += 1
    else:
        report.reused += 1
