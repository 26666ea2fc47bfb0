"""Build an index or append to it: what is new is embedded, what is known is not."""

from __future__ import annotations

import time
from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field

import numpy as np

from visualsearch_cli.catalog import FileUpdate, KnownFile, NewContent, Root, WritableCatalog
from visualsearch_cli.embedder import Embedder
from visualsearch_cli.embedding import EmbeddedFile, embed_images
from visualsearch_cli.filesystem import Scanner
from visualsearch_cli.image import ImageReader, ScannedFile, SkippedImage
from visualsearch_cli.loading import load_images
from visualsearch_cli.progress import Advance, Progress
from visualsearch_cli.regions import RegionScheme
from visualsearch_cli.roots import Target, place

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
    report = IndexReport()
    new, seen, back = _compare(targets, catalog, scanner, report, progress, retry_skipped)
    roots = catalog.roots()
    catalog.write((), back)
    if new:
        files = load_images(new, reader, embedder, catalog.has_content, threads, scheme)
        batches = embed_images(files, embedder)
        with progress.step("Embedding", len(new)) as advance, closing(files), closing(batches):
            seen.extend(write_batches(batches, roots, catalog, report, advance))
    scope = [key for target in targets for key in target.scope]
    unread = [key for item in scanner.unread if (key := place(item.path, roots))]
    report.skipped += scanner.unread
    if scope:
        report.missing = catalog.vanish(np.frombuffer(seen, dtype=np.int64), scope, unread)
    report.skipped.sort(key=lambda item: item.path)
    return report


def _compare(
    targets: Sequence[Target],
    catalog: WritableCatalog,
    scanner: Scanner,
    report: IndexReport,
    progress: Progress,
    retry_skipped: bool,
) -> tuple[list[ScannedFile], array[int], list[int]]:
    """Return the files that are new or changed, and the ids of the images that are unchanged, or back."""
    new: list[ScannedFile] = []
    seen = array("q")
    back: list[int] = []
    roots = catalog.roots()
    with progress.step("Scanning") as advance:
        for file in _each_once(targets, scanner):
            advance(1)
            report.found += 1
            key = place(file.path, roots)
            known = catalog.known_file(key) if key else None
            if known is None or _is_worth_a_look(known, file, retry_skipped):
                new.append(file)
            elif known.skipped is not None:
                report.skipped.append(SkippedImage(file.path, known.skipped))
            else:
                report.unchanged += 1
                seen.append(known.id)
                if known.missing:
                    back.append(known.id)
    return new, seen, back


def _is_worth_a_look(known: KnownFile, file: ScannedFile, retry_skipped: bool) -> bool:
    changed = (known.size, known.mtime_ns) != (file.size, file.mtime_ns)
    return changed or (retry_skipped and known.skipped is not None)


def _each_once(targets: Sequence[Target], scanner: Scanner) -> Iterator[ScannedFile]:
    """Targets may lie inside each other; one target, the usual case, needs no memory of paths."""
    if len(targets) == 1:
        yield from scanner.files(targets[0].path)
        return
    met: set[str] = set()
    for target in targets:
        for file in scanner.files(target.path):
            if file.path not in met:
                met.add(file.path)
                yield file


def write_batches(
    batches: Iterable[Sequence[EmbeddedFile]],
    roots: Sequence[Root],
    catalog: WritableCatalog,
    report: IndexReport,
    advance: Advance,
) -> list[int]:
    """Commit files as they come, about once a second and at the end. Returns the ids of the images."""
    ids: list[int] = []
    pending: list[FileUpdate] = []
    committed = time.monotonic()
    try:
        for batch in batches:
            for item in batch:
                pending.append(_update(item, roots))
                _count(item, report)
            advance(len(batch))
            if time.monotonic() - committed > COMMIT_SECONDS:
                ids += catalog.write(pending)
                pending = []
                committed = time.monotonic()
    finally:  # also when interrupted: what is done is kept
        ids += catalog.write(pending)
    return ids


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
