"""`visualsearch index`"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from visualsearch_cli.cli import options, wiring
from visualsearch_cli.cli.exit_codes import ExitCode
from visualsearch_cli.cli.locating import find_index_to_write, remember
from visualsearch_cli.cli.output.console import MESSAGES, RichProgress, note, note_skipped, note_unmatched
from visualsearch_cli.cli.paths import absolute, given_paths
from visualsearch_cli.embedders.specs import described
from visualsearch_cli.errors import ModelMismatch, VisualSearchError
from visualsearch_cli.index.model import embedder_of, new_embedder
from visualsearch_cli.index.open import open_writer
from visualsearch_cli.index.roots import find_targets, is_below, no_such_path

if TYPE_CHECKING:
    from visualsearch_cli.index.folder import IndexFolder
    from visualsearch_cli.index.writer import CatalogWriter
    from visualsearch_cli.indexing.scanner import Scanner
    from visualsearch_cli.indexing.summary import IndexReport

MOST_NAMED = 5  # pictures without regions


def index(
    paths: options.Paths = None,
    index: options.IndexDir = None,
    from_file: Annotated[
        Path | None,
        typer.Option("--from", metavar="FILE", help="Take the embeddings of `embed -o FILE`; - reads stdin."),
    ] = None,
    model: options.Model = None,
    weights: options.Weights = None,
    device: options.DeviceOption = options.Device.AUTO,
    exclude: options.Exclude = None,
    hidden: options.Hidden = False,
    follow_symlinks: options.FollowSymlinks = False,
    max_pixels: options.MaxPixels = None,
    threads: options.Threads = None,
    thorough: Annotated[
        bool,
        typer.Option(
            "--thorough",
            help="Also embed five regions of every picture, by which small crops are found. "
            "It takes up to six times as long, and an index stays thorough.",
        ),
    ] = False,
    retry_skipped: Annotated[
        bool, typer.Option("--retry-skipped", help="Try files again that could not be read before.")
    ] = False,
    null: options.Null = False,
    json: options.Json = False,
) -> ExitCode:
    """Build the index, or append what is new to it.

    Unchanged files are skipped, moved and copied ones reuse their vector, vanished ones are marked as
    missing (`prune` forgets them). Without PATH, everything the index knows is brought up to date.
    """
    from visualsearch_cli.cli.wiring import scanner_for
    from visualsearch_cli.indexing.build import run_index

    given = [absolute(path) for path in given_paths(paths, null=null)]
    if paths and not given:
        raise typer.BadParameter("stdin named no PATH")
    if from_file is not None:
        if thorough:
            raise typer.BadParameter(
                "--from has full frames only: run `visualsearch index --thorough` afterwards"
            )
        return _index_from(from_file, index, given, json=json)
    scanner = scanner_for(exclude, hidden, follow_symlinks)
    folder = find_index_to_write(index, given[0] if given else None)
    first = new_embedder(model, weights, device.value, MESSAGES)
    if not folder.exists():
        _require_images(given, scanner)
        first()  # a model that cannot be had leaves no folder behind
    with folder.lock():
        is_new = not folder.exists()
        if is_new:
            wiring.create_index(folder, first)
        with open_writer(folder) as catalog:
            manifest = catalog.manifest()
            embedder = embedder_of(manifest, model, weights, device.value, folder.path, MESSAGES)
            targets, offline = find_targets(catalog, given)
            for root in offline:
                known = catalog.counts(root.id).images
                note(f"{root.path} is offline: its {known} images are left alone")
            if offline and not targets and given:
                raise VisualSearchError(
                    f"{offline[0].path} is not there: mount it and run this again, or forget it with "
                    f"`visualsearch prune --root {offline[0].path}`"
                )
            if thorough:
                wiring.make_thorough(catalog, first if is_new else embedder)
            report = run_index(
                targets,
                catalog,
                folder,
                scanner,
                wiring.LazyReader(max_pixels),
                first if is_new else embedder,
                wiring.thread_count(threads),
                RichProgress(),
                retry_skipped=retry_skipped,
            )
            report.offline = offline
            note_unmatched(scanner.unmatched, "the indexed folder")
            if given and not report.found and not report.missing:
                raise VisualSearchError(_nothing(given))
            return _finish(report, folder, catalog, json=json)


def _index_from(file: Path, index: Path | None, given: list[str], *, json: bool) -> ExitCode:
    """Take the embeddings of a file. With paths, only of images at or below them."""
    from visualsearch_cli.indexing.from_file import add_embedded
    from visualsearch_cli.indexing.vector_file import read_vectors
    from visualsearch_cli.vectors.index import IndexParams

    model, records = read_vectors(file, sys.stdin.buffer)
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
        with open_writer(folder) as catalog:
            manifest = catalog.manifest()
            if manifest.model != model:
                raise ModelMismatch(
                    f"{folder.path} was built with {described(manifest.model)}, "
                    f"{file} has {described(model)}: build a new index with --index DIR"
                )
            report = add_embedded(records, catalog, folder, RichProgress())
            if manifest.regions is not None and (lacking := catalog.contents_without_regions()):
                note(f"pictures without regions: {len(lacking)}; `visualsearch index` adds them")
            return _finish(report, folder, catalog, json=json)


def _finish(report: IndexReport, folder: IndexFolder, catalog: CatalogWriter, *, json: bool) -> ExitCode:
    """Tell what a run did, and return its exit code."""
    from visualsearch_cli.cli.output.index import print_index_report

    remember(folder)
    note_skipped(report.skipped, "see `visualsearch info --skipped`")
    _note_without_regions(report)
    print_index_report(report, folder.path, catalog.manifest(), catalog.counts(), json=json)
    return ExitCode.INCOMPLETE if report.skipped else ExitCode.DONE


def _note_without_regions(report: IndexReport) -> None:
    if report.missing_without_regions:
        note(
            f"missing pictures without regions: {report.missing_without_regions}; "
            "`visualsearch prune` forgets them"
        )
    for item in report.without_regions[:MOST_NAMED]:
        note(f"no regions of {item.path}: {item.reason}")
    if len(report.without_regions) > MOST_NAMED:
        note(f"and of {len(report.without_regions) - MOST_NAMED} more pictures")


def _require_images(paths: list[str], scanner: Scanner) -> None:
    """Make no index for nothing."""
    for path in paths:
        if not Path(path).exists():
            raise no_such_path(path)
    if not any(next(iter(scanner.files(path)), None) for path in paths):
        raise VisualSearchError(_nothing(paths))


def _nothing(paths: list[str]) -> str:
    from visualsearch_cli.pictures.formats import PICTURE_EXTENSIONS

    empty = len(paths) == 1 and Path(paths[0]).is_dir() and not any(Path(paths[0]).iterdir())
    what = "is empty" if empty else "has no images"
    some = ", ".join(sorted(PICTURE_EXTENSIONS))
    return f"{', '.join(paths)} {what}: name a folder with files ending in {some}, or with a camera's RAW"
