"""`visualsearch embed`"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from io import TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from visualsearch_cli.atomic import written_whole
from visualsearch_cli.cli import options, wiring
from visualsearch_cli.cli.exit_codes import ExitCode
from visualsearch_cli.cli.output.console import MESSAGES, RichProgress, note, note_unmatched
from visualsearch_cli.cli.paths import absolute, checked_output, given_paths
from visualsearch_cli.errors import VisualSearchError
from visualsearch_cli.index.model import LazyEmbedder, new_embedder
from visualsearch_cli.index.roots import no_such_path
from visualsearch_cli.pictures.image import ScannedFile, SkippedImage

if TYPE_CHECKING:
    from visualsearch_cli.indexing.vector_file import VectorRecord
    from visualsearch_cli.pictures.image import ImageReader


def embed(
    output: Annotated[
        str,
        typer.Option("--output", "-o", metavar="FILE", help="FILE.npz, FILE.jsonl, or - for JSON lines."),
    ],
    paths: options.Paths = None,
    model: options.Model = None,
    weights: options.Weights = None,
    device: options.DeviceOption = options.Device.AUTO,
    exclude: options.Exclude = None,
    hidden: options.Hidden = False,
    follow_symlinks: options.FollowSymlinks = False,
    max_pixels: options.MaxPixels = None,
    threads: options.Threads = None,
    null: options.Null = False,
) -> ExitCode:
    """Write the embeddings of images to a file, for other tools or for `index --from`."""
    from visualsearch_cli.cli.wiring import scanner_for
    from visualsearch_cli.indexing.vector_file import SUFFIXES, VECTORS, write_jsonl, write_npz

    given = [absolute(path) for path in given_paths(paths, null=null)]
    if not given:
        raise typer.BadParameter("no PATH was given")
    format = "" if output == "-" else checked_output("-o", Path(output), VECTORS, SUFFIXES)
    for path in given:
        if not os.path.lexists(path):
            raise no_such_path(path)
    embedder = new_embedder(model, weights, device.value, MESSAGES)
    skipped: list[SkippedImage] = []
    scanner = scanner_for(exclude, hidden, follow_symlinks)
    files = [(file, _root(path)) for path in given for file in scanner.files(path)]
    note_unmatched(scanner.unmatched, "PATH")
    if not files:
        raise VisualSearchError(f"{', '.join(given)}: no images there")
    reader = wiring.image_reader(max_pixels)
    records = _records(files, embedder, reader, wiring.thread_count(threads), skipped)
    spec = embedder().spec
    if output == "-":
        write_jsonl(sys.stdout, spec, records)
    elif format == ".jsonl":
        with written_whole(Path(output), VECTORS) as stream, TextIOWrapper(stream, "ascii") as text:
            write_jsonl(text, spec, records)
    else:
        write_npz(Path(output), spec, list(records))
    skipped += scanner.unread
    for item in skipped:
        note(f"skipped {item.path}: {item.reason}")
    note(f"{len(files) - len(skipped)} embeddings of {spec.name}, {spec.dim} values each")
    return ExitCode.INCOMPLETE if skipped else ExitCode.DONE


def _root(path: str) -> str:
    return path if os.path.isdir(path) else os.path.dirname(path)


def _records(
    files: Sequence[tuple[ScannedFile, str]],
    embedder: LazyEmbedder,
    reader: ImageReader,
    threads: int,
    skipped: list[SkippedImage],
) -> Iterator[VectorRecord]:
    """Yield a record for each file that can be read, in order."""
    from visualsearch_cli.index.records import NewContent
    from visualsearch_cli.indexing.embedding import embed_images
    from visualsearch_cli.indexing.loading import load_images
    from visualsearch_cli.indexing.vector_file import VectorRecord

    contents: dict[bytes, NewContent] = {}
    roots = iter(files)
    loaded = load_images((file for file, _ in files), reader, embedder, lambda _: False, threads)
    with RichProgress().step("Embedding", len(files)) as advance:
        for batch in embed_images(loaded, embedder):
            for item in batch:
                _, root = next(roots)
                content = item.content
                if content is None:
                    skipped.append(SkippedImage(item.file.path, item.error or "unknown"))
                    continue
                if isinstance(content, NewContent):
                    contents[content.hash] = content
                else:
                    content = contents[content]
                yield VectorRecord(
                    item.file.path,
                    root,
                    item.file.size,
                    item.file.mtime_ns,
                    content.hash.hex(),
                    content.width,
                    content.height,
                    content.format,
                    content.vector,
                )
            advance(len(batch))
