"""`visualsearch embed`"""

from __future__ import annotations

import sys
from io import TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from visualsearch_cli.atomic import written_whole
from visualsearch_cli.cli import options
from visualsearch_cli.cli.exit_codes import ExitCode
from visualsearch_cli.cli.output.console import MESSAGES, RichProgress, note
from visualsearch_cli.cli.paths import checked_output, given_paths
from visualsearch_cli.errors import VisualSearchError
from visualsearch_cli.index.model import ModelChoice
from visualsearch_cli.index.roots import absolute

if TYPE_CHECKING:
    from visualsearch_cli.indexing.parts.shards import Shard


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
    shard: Annotated[
        str | None,
        typer.Option(
            "--shard",
            metavar="I/N",
            help="Only the I-th of N parts of the files: which those are is the same on every machine.",
        ),
    ] = None,
) -> ExitCode:
    """Write the embeddings of images to a file, for other tools or for `index --from`.

    With --shard, N machines, or N processes, each embed their part of a tree. `index --from` takes the parts.
    A PATH may be s3://BUCKET/FOLDER, which is only read.
    """
    from visualsearch_cli.indexing.parts.embed_files import FilesToEmbed
    from visualsearch_cli.indexing.parts.shards import ShardOf
    from visualsearch_cli.indexing.parts.vector_file import SUFFIXES, VECTORS, write_jsonl, write_npz
    from visualsearch_cli.pictures.reader import Decoding

    given = [_absolute(path) for path in given_paths(paths, null=null, objects=True)]
    if not given:
        raise typer.BadParameter("no PATH was given")
    part = _shard(shard, output)
    format = "" if output == "-" else checked_output("-o", Path(output), VECTORS, SUFFIXES)
    embedder = ModelChoice(model, weights, device.value).new(MESSAGES)
    found = FilesToEmbed(
        given, options.scanner_for(exclude, hidden, follow_symlinks, include_stores), MESSAGES, part
    )
    if not found.files and part is None:
        raise VisualSearchError(f"{', '.join(given)}: there are no images there")
    spec = embedder().spec
    records = found.records(embedder, Decoding(max_pixels, threads), RichProgress())
    if output == "-":
        write_jsonl(sys.stdout, spec, records)
    elif format == ".jsonl":
        with written_whole(Path(output), VECTORS) as stream, TextIOWrapper(stream, "ascii") as text:
            write_jsonl(text, spec, records)
    else:
        of = None if part is None else ShardOf(part, tuple(given))
        write_npz(Path(output), spec, list(records), of)
    for item in found.skipped:
        note(f"skipped {item.path}: {item.reason}")
    note(f"{len(found.files) - len(found.unread)} embeddings of {spec.name}, {spec.dim} values each")
    return ExitCode.INCOMPLETE if found.skipped else ExitCode.DONE


def _absolute(path: str) -> str:
    """Return an absolute path, or the address of objects. Raises BadParameter for one that is none."""
    from visualsearch_cli.indexing.parts.object_paths import is_object, object_given

    if not is_object(path):
        return absolute(path)
    try:
        return object_given(path)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error


def _shard(text: str | None, output: str) -> Shard | None:
    """Return the shard that was asked for. Raises BadParameter."""
    if text is None:
        return None
    from visualsearch_cli.indexing.parts.shards import shard_given

    if not output.lower().endswith(".npz"):
        raise typer.BadParameter(f"--shard writes a .npz, which says what part it is, and -o names {output}")
    try:
        return shard_given(text)
    except ValueError as error:
        raise typer.BadParameter(f"--shard: {error}") from error
