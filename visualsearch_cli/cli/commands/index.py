"""`visualsearch index`"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from visualsearch_cli.cli import options
from visualsearch_cli.cli.exit_codes import ExitCode
from visualsearch_cli.cli.locating import find_index, find_index_to_write, remember
from visualsearch_cli.cli.output.console import (
    MESSAGES,
    RichProgress,
    name_skipped,
    note,
    note_skipped,
    settings,
)
from visualsearch_cli.cli.paths import files_and_places, given_paths
from visualsearch_cli.embedders.registry import ModelRequest, full_name, is_complete, resolve
from visualsearch_cli.embedders.specs import BUILT_IN, OF_FILES
from visualsearch_cli.index.model import ModelChoice
from visualsearch_cli.index.roots import absolute
from visualsearch_cli.named_tuples import NamedTuple
from visualsearch_cli.wording import counted

if TYPE_CHECKING:
    from visualsearch_cli.cli.storing.pushed_index import StoreBeside
    from visualsearch_cli.index.folder import IndexFolder
    from visualsearch_cli.indexing.adding import Indexed
    from visualsearch_cli.indexing.summary import Lacking

MOST_NAMED = 5  # pictures without regions, or without a vector of the second model


class Bits(str, Enum):
    """How many bits of a value an index keeps."""

    EIGHT = "8"
    SIXTEEN = "16"
    ALL = "32"


OF_PICTURES = (
    "model",
    "weights",
    "tokenizer",
    "device",
    "hidden",
    "follow_symlinks",
    "include_stores",
    "max_pixels",
    "threads",
    "retry_skipped",
    "checksum",
)
"""Options that say which pictures are read, and how."""


def index(
    context: typer.Context,
    paths: options.Paths = None,
    index: options.IndexDir = None,
    from_file: Annotated[
        list[Path] | None,
        typer.Option(
            "--from",
            metavar="FILE",
            help="Take the embeddings of `embed -o FILE`, of several such files (also --from *.npz), or all "
            "that the index in a folder knows; - reads stdin.",
        ),
    ] = None,
    map_: Annotated[
        list[str] | None,
        typer.Option(
            "--map",
            metavar="THEIRS=OURS",
            help="With --from FILE: the folder that the machine which embedded it calls THEIRS is OURS here. "
            "With --store: the folder that the store calls so.",
        ),
    ] = None,
    store: Annotated[
        str | None,
        typer.Option(
            "--store",
            metavar="ADDRESS",
            envvar=options.STORE_VARIABLE,
            help="Then also bring an engine up to date, which many machines write to and ask: "
            "milvus:FILE.db, or milvus:http://HOST:PORT.",
            show_default=False,
        ),
    ] = None,
    model: options.Models = None,
    weights: options.WeightsOfModels = None,
    tokenizer: options.Tokenizer = None,
    device: options.DeviceOption = options.Device.AUTO,
    dim: Annotated[
        int | None,
        typer.Option(
            "--dim",
            min=2,
            max=4096,
            metavar="N",
            help="Of a new index: make vectors shorter, along the N axes in which the pictures differ most "
            "(PCA). The index keeps that length.",
            show_default=False,
        ),
    ] = None,
    whiten: Annotated[
        bool, typer.Option("--whiten", help="With --dim: let all of its axes count alike.")
    ] = False,
    bits: Annotated[
        Bits | None,
        typer.Option(
            "--bits",
            metavar="N",
            help="Of a new index: keep 8, 16 or 32 bits of a value (32 if nothing is said). With 8, vectors "
            "take a quarter of the place, and distances are a little off. The index keeps that number.",
            show_default=False,
        ),
    ] = None,
    exclude: options.Exclude = None,
    no_exclude: Annotated[
        bool,
        typer.Option("--no-exclude", help="Forget what earlier runs left out of these folders by --exclude."),
    ] = False,
    hidden: options.Hidden = False,
    follow_symlinks: options.FollowSymlinks = False,
    include_stores: options.IncludeStores = False,
    max_pixels: options.MaxPixels = None,
    threads: options.Threads = None,
    thorough: Annotated[
        bool,
        typer.Option(
            "--thorough",
            help="Also embed five regions of every picture, by which small crops are found. "
            "It takes up to six times as long, and the index stays thorough.",
        ),
    ] = False,
    retry_skipped: Annotated[
        bool, typer.Option("--retry-skipped", help="Try files again that could not be read before.")
    ] = False,
    checksum: Annotated[
        bool,
        typer.Option(
            "--checksum", help="Read all files again: a content may change while size and time stay."
        ),
    ] = False,
    null: options.Null = False,
    json: options.Json = False,
) -> ExitCode:
    """Build the index, or append what is new to it.

    Unchanged files are skipped, moved and copied ones reuse their vector, vanished ones are marked as
    missing (`prune` forgets them). Without PATH, everything the index knows is brought up to date.

    What --exclude leaves out stays left out in later runs. Files named .visualsearchignore in folders are
    followed as git follows its own.
    """
    from visualsearch_cli.indexing.adding import add_paths, no_images
    from visualsearch_cli.pictures.reader import Decoding

    parts, places = list[Path](), given_paths(paths, null=null)
    if from_file:
        from visualsearch_cli.indexing.parts.vector_file import VECTORS

        parts, places = files_and_places(from_file, places, VECTORS)
    given = [absolute(path) for path in places]
    if paths and not given and not parts:
        raise typer.BadParameter("no PATH was given on stdin")
    if whiten and dim is None:
        raise typer.BadParameter("--whiten is for --dim, which says how many axes there are")
    wanted = _Bits(bits, is_typed=options.is_typed(context, "bits"))
    mounts = _mounts(map_ or [])
    beside: StoreBeside | None = None
    if store is not None:
        from visualsearch_cli.cli.storing.pushed_index import StoreBeside as Beside  # late: few have a store

        beside = Beside(store, map_, thorough=thorough, dim=dim is not None, models=len(model or []))
    elif mounts and (not parts or parts[0].is_dir()):
        raise typer.BadParameter(
            "--map is for --from FILE, which was written where folders lie elsewhere, or for --store"
        )
    if parts:
        _check_options_beside_from(context)
        if dim is not None:
            raise typer.BadParameter(
                "--dim learns from pictures, and --from reads none: run `visualsearch adapt FILE --pca --dim "
                f"{dim} --into DIR` afterwards"
            )
        if thorough:
            raise typer.BadParameter(
                "--from has full frames only: run `visualsearch index --thorough` afterwards"
            )
        if parts[0].is_dir():
            if len(parts) > 1:
                raise typer.BadParameter(f"--from takes one index, or files: {len(parts)} are named")
            return _index_from_index(
                parts[0], index, given, exclude or [], beside, wanted, anew=no_exclude, json=json
            )
        return _index_from(
            parts, index, given, exclude or [], mounts, beside, wanted, anew=no_exclude, json=json
        )
    folder = _folder_to_write(index, given[0] if given else None, beside)
    kept = wanted(folder)
    scanner = options.scanner_for(exclude, hidden, follow_symlinks, include_stores)
    choices = _choices(model or [], weights or [], device.value, tokenizer)
    decoding = Decoding(max_pixels, threads)
    if dim is not None:
        from visualsearch_cli.learning.shortening import shortened

        if len(choices) > 1:
            raise typer.BadParameter(f"--dim is for an index of one model, and --model names {len(choices)}")
        (choice,) = choices
        choices = [
            shortened(
                *(folder, given, choice, scanner, decoding, dim, RichProgress(), MESSAGES),
                whiten=whiten,
                bits=kept,
            )
        ]
    indexed = add_paths(
        folder,
        given,
        choices,
        scanner,
        decoding,
        RichProgress(),
        MESSAGES,
        thorough=thorough,
        retry_skipped=retry_skipped,
        exclude_anew=no_exclude,
        checksum=checksum,
        bits=kept,
    )
    if given and not indexed.report.found and not indexed.report.missing:
        raise no_images(given, scanner)
    return _finish(indexed, folder, beside, json=json)


class _Bits(NamedTuple):
    """How many bits of a value were asked for, and how that came about."""

    asked: Bits | None
    is_typed: bool

    def __call__(self, folder: IndexFolder) -> int | None:
        """Return what to ask of an index. What the settings say is for new ones alone."""
        is_asked = self.asked is not None and (self.is_typed or not folder.exists())
        return int(self.asked.value) if self.asked is not None and is_asked else None


def _check_options_beside_from(context: typer.Context) -> None:
    """Raise BadParameter if something was typed that is for pictures, of which --from reads none."""
    for parameter in context.command.params:
        if parameter.name in OF_PICTURES and options.is_typed(context, parameter.name):
            raise typer.BadParameter(
                f"{parameter.opts[0]} is for pictures that are read, and --from takes embeddings as they "
                "were made: leave it out"
            )


def _folder_to_write(index: Path | None, first: str | None, beside: StoreBeside | None) -> IndexFolder:
    """Return the index to write to. A store that could not take it in is an error now, not after hours."""
    folder = find_index_to_write(index, first)
    if beside is not None:
        beside.check(folder)
    return folder


def _mounts(given: Sequence[str]) -> list[tuple[str, str]]:
    """Return where folders are here that others embedded. Raises BadParameter for what says no such thing."""
    if not given:
        return []
    from visualsearch_cli.indexing.parts.mounts import mount_given

    try:
        return [mount_given(text) for text in given]
    except ValueError as error:
        raise typer.BadParameter(f"--map: {error}") from error


def _index_from(
    files: Sequence[Path],
    index: Path | None,
    given: list[str],
    exclude: list[str],
    mounts: Sequence[tuple[str, str]],
    beside: StoreBeside | None,
    wanted: _Bits,
    *,
    anew: bool,
    json: bool,
) -> ExitCode:
    from visualsearch_cli.indexing.parts.from_file import Embedded, add_embedded
    from visualsearch_cli.indexing.parts.mounts import Mounts

    embedded = Embedded(files, sys.stdin.buffer, given, exclude, MESSAGES, Mounts(mounts))
    folder = _folder_to_write(index, embedded.roots[0], beside)
    indexed = add_embedded(
        embedded, folder, RichProgress(), MESSAGES, exclude, exclude_anew=anew, bits=wanted(folder)
    )
    code = _finish(indexed, folder, beside, json=json)
    return code if embedded.is_whole else ExitCode.INCOMPLETE


def _index_from_index(
    source: Path,
    index: Path | None,
    given: list[str],
    exclude: list[str],
    beside: StoreBeside | None,
    wanted: _Bits,
    *,
    anew: bool,
    json: bool,
) -> ExitCode:
    from visualsearch_cli.indexing.parts.from_file import add_index

    theirs = find_index(source)
    folder = _folder_to_write(index, str(source) if index else given[0] if given else None, beside)
    indexed = add_index(
        *(theirs, folder, given, RichProgress(), MESSAGES, exclude),
        exclude_anew=anew,
        bits=wanted(folder),
    )
    return _finish(indexed, folder, beside, json=json)


def _finish(indexed: Indexed, folder: IndexFolder, beside: StoreBeside | None, *, json: bool) -> ExitCode:
    """Tell what a run did, bring the store up to date, and return the exit code."""
    from visualsearch_cli.cli.output.index import print_index_report

    remember(folder)
    report = indexed.report
    for path in report.rewritten:
        note(f"{path} has another content than it had, with the same size and time: disks do this, or people")
    if settings.quiet:  # every night: once is enough
        name_skipped([item for item in report.skipped if item.path not in report.told_before])
    else:
        note_skipped(report.skipped, "see `visualsearch info --skipped`")
    _note_lacking(report.lacking_regions, "regions")
    _note_lacking(report.lacking_second, "a vector of the second model")
    if json or not settings.quiet:
        print_index_report(report, folder.path, indexed.manifest, indexed.counts, json=json)
    if beside is not None:
        beside.push(folder)
    return ExitCode.INCOMPLETE if report.skipped else ExitCode.DONE


def _note_lacking(lacking: Lacking, what: str) -> None:
    """Say which pictures still lack something: regions, or a vector of the second model."""
    if lacking.missing:
        note(f"missing pictures without {what}: {lacking.missing}; `visualsearch prune` forgets them")
    for item in lacking.left[:MOST_NAMED]:
        note(f"no {what.removeprefix('a ')} for {item.path}: {item.reason}")
    if len(lacking.left) > MOST_NAMED:
        note(f"and of {len(lacking.left) - MOST_NAMED} more pictures")


def _choices(
    models: Sequence[str], weights: Sequence[Path], device: str, tokenizer: Path | None
) -> list[ModelChoice]:
    """Return the models that were asked for, each with its file of weights: of two models, files are of those
    that take one, in order, or if they are fewer, of those that need one.

    Raises BadParameter for more files than models, or fewer, and for models that cannot be one index.
    """
    from visualsearch_cli.indexing.chosen_models import checked

    if len(models) < 2:
        if len(weights) > 1:
            raise typer.BadParameter(f"--weights names {len(weights)} files for one model: name both models")
        name, file = models[0] if models else None, weights[0] if weights else None
        return [ModelChoice(name, file, device, tokenizer)]
    take = [name for name in models if full_name(name) not in BUILT_IN]
    need = [name for name in take if not is_complete(name)]
    of = take if len(weights) == len(take) else need
    if len(weights) != len(of):
        for name in need:  # what is wrong with a name comes before how many files there are
            if name not in OF_FILES:  # which only lack theirs
                resolve(ModelRequest(name, weights[0] if weights else None))
        raise typer.BadParameter(
            f"--weights names {counted(len(weights), 'file')} for {' and '.join(models)}: expected one for "
            f"each of {', '.join(take)}, in this order"
        )
    files = iter(weights)
    chosen = [ModelChoice(name, next(files) if name in of else None, device, tokenizer) for name in models]
    try:
        return checked(chosen)
    except ValueError as error:
        raise typer.BadParameter(f"--model: {error}") from error
