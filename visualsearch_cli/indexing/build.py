"""Build an index or append to it: what is new is embedded, what is known is not."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from typing import TYPE_CHECKING

from visualsearch_cli.embedders.embedder import Embedder
from visualsearch_cli.errors import ImageError
from visualsearch_cli.index.committing import Committing
from visualsearch_cli.index.open import region_scheme
from visualsearch_cli.index.records import FileUpdate, NewContent, Root
from visualsearch_cli.index.roots import Target, key_of
from visualsearch_cli.indexing.changes import Changes, find_changes
from visualsearch_cli.indexing.scanner import Scanner
from visualsearch_cli.indexing.summary import IndexReport
from visualsearch_cli.pictures.image import ImageReader, ScannedFile, SkippedImage
from visualsearch_cli.pictures.reading import read_file
from visualsearch_cli.progress import UNHEARD, Advance, Messages, Progress

if TYPE_CHECKING:
    from visualsearch_cli.index.catalog import Catalog
    from visualsearch_cli.index.folder import IndexFolder
    from visualsearch_cli.index.writer import CatalogWriter
    from visualsearch_cli.indexing.embedding import EmbeddedFile
    from visualsearch_cli.pictures.regions import RegionScheme


def index_files(
    targets: Sequence[Target],
    catalog: CatalogWriter,
    scanner: Scanner,
    reader: ImageReader,
    embedder: Callable[[], Embedder],
    threads: int,
    progress: Progress,
    *,
    retry_skipped: bool = False,
    checksum: bool = False,
    scheme: RegionScheme | None = None,
    second: Callable[[], Embedder] | None = None,
) -> IndexReport:
    """Index what is at the targets, committing about once a second. An interruption loses no more.

    Files that could not be used are tried again when they change, or with `retry_skipped`. With `checksum`,
    all files are read: a content may change while size and mtime stay. With a scheme,
    new contents get the vectors of their regions too, and with a second model those of it; `later` sees to
    those known before.
    """
    changes = find_changes(targets, catalog, scanner, progress, retry_skipped=retry_skipped, doubt=checksum)
    told_before = frozenset(item.path for item in changes.skipped)
    _look_again(changes, catalog, threads, progress)
    report = IndexReport(
        changes.found,
        changes.unchanged,
        skipped=changes.skipped + scanner.unread,
        told_before=told_before,
        left_out=dict(scanner.left_out),
        rewritten=list(changes.rewritten),
    )
    catalog.write((), changes.back)
    if changes.new:
        _index_new(changes.new, catalog, reader, embedder, threads, progress, report, scheme, second)
    catalog.set_passed_over(
        {
            key.root_id: scanner.passed_over(target.path)
            for target in targets
            for key in target.scope
            if key.relpath in ("", ".") and len(target.scope) == 1
        }
    )
    report.missing = catalog.vanish(changes.gone, changes.gone_skipped)
    report.skipped.sort(key=lambda item: item.path)
    return report


def _look_again(changes: Changes, catalog: Catalog, threads: int, progress: Progress) -> None:
    """Read the files whose contents are in doubt: those with another one are new."""
    if not changes.doubted:
        return
    from visualsearch_cli.ahead import ahead, workers

    roots = catalog.roots()
    with workers(threads, "hash") as pool, progress.step("Reading again", len(changes.doubted)) as advance:
        hashed = ahead(changes.doubted, lambda file: pool.submit(_hash_of, file), 2 * threads)
        for file, found in zip(changes.doubted, hashed, strict=True):
            key = key_of(file.path, roots)
            known = None if key is None else catalog.image(key)
            if isinstance(found, ImageError):
                changes.skipped.append(SkippedImage(file.path, f"{found}: what the index knows of it stays"))
            elif known is not None and known.content_hash == found:
                changes.unchanged += 1
            else:
                changes.rewritten.append(file.path)
                changes.new.append(file)
            advance(1)
    changes.new.sort(key=lambda file: file.path)


def _hash_of(file: ScannedFile) -> str | ImageError:
    try:
        return read_file(file.path).content_hash.hex()
    except ImageError as error:
        return error


def _index_new(
    new: Sequence[ScannedFile],
    catalog: CatalogWriter,
    reader: ImageReader,
    embedder: Callable[[], Embedder],
    threads: int,
    progress: Progress,
    report: IndexReport,
    scheme: RegionScheme | None,
    second: Callable[[], Embedder] | None,
) -> None:
    from visualsearch_cli.indexing.embedding import (
        embed_images,  # late: a run that finds nothing new needs no numpy
    )
    from visualsearch_cli.indexing.loading import load_images

    files = load_images(new, reader, embedder, catalog.has_content, threads, scheme, second)
    batches = embed_images(files, embedder, second)
    with progress.step("Embedding", len(new)) as advance, closing(files), closing(batches):
        write_batches(batches, catalog.roots(), catalog, report, advance)


def write_batches(
    batches: Iterable[Sequence[EmbeddedFile]],
    roots: Sequence[Root],
    catalog: CatalogWriter,
    report: IndexReport,
    advance: Advance,
) -> None:
    """Commit files as they come, about once a second and at the end."""
    with Committing[FileUpdate](catalog.write) as committing:
        for batch in batches:
            for item in batch:
                _count(item, report)
            advance(len(batch))
            committing.add([_update(item, roots) for item in batch])


def _update(item: EmbeddedFile, roots: Sequence[Root]) -> FileUpdate:
    key = key_of(item.file.path, roots)
    assert key is not None  # every target lies below a root
    return FileUpdate(key, item.file.size, item.file.mtime_ns, item.content, item.error)


def _count(item: EmbeddedFile, report: IndexReport) -> None:
    if item.content is None:
        report.skipped.append(SkippedImage(item.file.path, item.error or "unknown"))
    elif isinstance(item.content, NewContent):
        report.embedded += 1
    else:
        report.reused += 1


def run_index(
    targets: Sequence[Target],
    catalog: CatalogWriter,
    folder: IndexFolder,
    scanner: Scanner,
    reader: ImageReader,
    embedder: Callable[[], Embedder],
    threads: int,
    progress: Progress,
    messages: Messages = UNHEARD,
    *,
    retry_skipped: bool = False,
    checksum: bool = False,
    second: Callable[[], Embedder] | None = None,
) -> IndexReport:
    """Index files, then what contents lack: regions in a thorough index, with a second model its vectors.
    Then bring the derived files up to date."""
    from visualsearch_cli.index.block_files import BlockFolder
    from visualsearch_cli.index.derived import update_derived
    from visualsearch_cli.index.graph_files import GraphFolder

    scheme = region_scheme(catalog.manifest())
    report = index_files(
        targets,
        catalog,
        scanner,
        reader,
        embedder,
        threads,
        progress,
        retry_skipped=retry_skipped,
        checksum=checksum,
        scheme=scheme,
        second=second,
    )
    if scheme is not None:
        from visualsearch_cli.indexing.later.region_vectors import add_regions

        add_regions(catalog, reader, embedder, threads, scheme, report, progress)
    if second is not None:
        from visualsearch_cli.indexing.later.second_vectors import add_second_vectors

        add_second_vectors(catalog, reader, second, threads, report, progress)
    from visualsearch_cli.indexing.later.captures import look_at_captures

    look_at_captures(catalog, reader, progress)
    update_derived(catalog, BlockFolder(folder.path), GraphFolder(folder.path), progress, messages)
    return report
