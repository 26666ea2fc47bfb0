"""`visualsearch embed`"""

from __future__ import annotations

import sys
from io import TextIOWrapper
from pathlib import Path
from typing import Annotated

import typer

from visualsearch_cli.atomic import written_whole
from visualsearch_cli.cli import options
from visualsearch_cli.cli.exit_codes import ExitCode
from visualsearch_cli.cli.output.console import MESSAGES, RichProgress, note
from visualsearch_cli.cli.paths import checked_output, given_paths
from visualsearch_cli.errors import VisualSearchError
from visualsearch_cli.index.model import ModelChoice
from visualsearch_cli.index.roots import absolute


def embed(
    output: Annotated[
        str,
        typer.Option("--output", "-o", metavar="FILE", help="FILE.npz, FILE.jsonl, or - for JSON lines."),
    ],
    paths: options.Paths = None,
    model: options.ModelAlone = None,
    weights: options.Weights = None,
    device: options.DeviceOption = options.Device.AUTO,
    exclude: options.Exclude = None,
    hidden: options.Hidden = False,
    follow_symlinks: options.FollowSymlinks = False,
    include_stores: options.IncludeStores = False,
    max_pixels: options.MaxPixels = None,
    threads: options.Threads = None,
    null: options.Null = False,
) -> ExitCode:
    """Write the embeddings of images to a file, for other tools or for `index --from`."""
    from visualsearch_cli.indexing.embed_files import FilesToEmbed
    from visualsearch_cli.indexing.vector_file import SUFFIXES, VECTORS, write_jsonl, write_npz
    from visualsearch_cli.pictures.reader import Decoding

    given = [absolute(path) for path in given_paths(paths, null=null)]
    if not given:
        raise typer.BadParameter("no PATH was given")
    format = "" if output == "-" else checked_output("-o", Path(output), VECTORS, SUFFIXES)
    embedder = ModelChoice(model, weights, device.value).new(MESSAGES)
    found = FilesToEmbed(
        given, options.scanner_for(exclude, hidden, follow_symlinks, include_stores), MESSAGES
    )
    if not found.files:
        raise VisualSearchError(f"{', '.join(given)}: there are no images there")
    spec = embedder().spec
    records = found.records(embedder, Decoding(max_pixels, threads), RichProgress())
    if output == "-":
        write_jsonl(sys.stdout, spec, records)
    elif format == ".jsonl":
        with written_whole(Path(output), VECTORS) as stream, TextIOWrapper(stream, "ascii") as text:
            write_jsonl(text, spec, records)
    else:
        write_npz(Path(output), spec, list(records))
    for item in found.skipped:
        note(f"skipped {item.path}: {item.reason}")
    note(f"{len(found.files) - len(found.unread)} embeddings of {spec.name}, {spec.dim} values each")
    return ExitCode.INCOMPLETE if found.skipped else ExitCode.DONE
