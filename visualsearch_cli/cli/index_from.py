"""`visualsearch index --from FILE`: an index from embeddings that were made before."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from visualsearch_cli.cli import wiring
from visualsearch_cli.cli.commands.index import finish
from visualsearch_cli.cli.locating import find_index_to_write
from visualsearch_cli.cli.output.console import RichProgress, note
from visualsearch_cli.errors import ModelMismatch, VisualSearchError
from visualsearch_cli.index.roots import is_below

if TYPE_CHECKING:
    from visualsearch_cli.index.records import WritableCatalog
    from visualsearch_cli.indexing.embedding import EmbeddedFile
    from visualsearch_cli.indexing.vector_file import VectorRecord


def index_from(file: Path, index: Path | None, given: Sequence[str], *, json: bool) -> int:
    """Take the embeddings of a file, of those images that are still as they were.

    With paths, only of images at or below them.
    """
    from visualsearch_cli.index.block_files import BlockFolder
    from visualsearch_cli.index.derived import update_derived
    from visualsearch_cli.index.graph_files import GraphFolder
    from visualsearch_cli.index.roots import find_targets
    from visualsearch_cli.indexing.build import IndexReport, write_batches
    from visualsearch_cli.indexing.vector_file import read_vectors
    from visualsearch_cli.vectors.index import IndexParams

    model, records = read_vectors(file)
    if given:
        records = [r for r in records if any(is_below(r.path, path) for path in given)]
    if not records:
        raise VisualSearchError(f"{file} has no embeddings" + (f" of {', '.join(given)}" if given else ""))
    roots = sorted({record.root for record in records})
    for root in roots:
        if not os.path.isdir(root):
            raise VisualSearchError(
                f"{file} has images of {root}, which is not there: mount it, or embed again"
            )
    folder = find_index_to_write(index, roots[0])
    with folder.lock():
        if not folder.exists():
            folder.create(model, None, IndexParams())
        with wiring.open_writer(folder) as catalog:
            manifest = catalog.manifest()
            if manifest.model != model:
                raise ModelMismatch(
                    f"{folder.path} was built with {wiring.described(manifest.model)}, "
                    f"{file} has {wiring.described(model)}: "
                    "build a new index with --index DIR"
                )
            find_targets(catalog, roots)
            report = IndexReport(found=len(records))
            progress = RichProgress()
            with progress.step("Reading", len(records)) as advance:
                batches = _batches(records, catalog)
                write_batches(batches, catalog.roots(), catalog, report, advance)
            update_derived(catalog, BlockFolder(folder.path), GraphFolder(folder.path), progress)
            report.reused += report.embedded
            report.embedded = 0  # nothing was: the vectors were there
            if manifest.regions is not None and (lacking := catalog.contents_without_regions()):
                note(f"pictures without regions: {len(lacking)}; `visualsearch index` adds them")
            return finish(report, folder, catalog, json=json)


def _batches(records: Sequence[VectorRecord], catalog: WritableCatalog) -> Iterator[list[EmbeddedFile]]:
    from visualsearch_cli.index.records import NewContent
    from visualsearch_cli.indexing.embedding import EmbeddedFile
    from visualsearch_cli.pictures.image import ScannedFile

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
