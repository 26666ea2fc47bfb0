"""Options that several commands share, written once."""

from __future__ import annotations

import math
import os
from collections.abc import Sequence
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from visualsearch_cli.cli.output.formats import OutputFormat

if TYPE_CHECKING:
    from visualsearch_cli.indexing.scanner import Scanner
    from visualsearch_cli.store.address import Address


INDEX_VARIABLE = "VISUALSEARCH_INDEX"
STORE_VARIABLE = "VISUALSEARCH_STORE"


def _indexes(incomplete: str) -> list[str]:
    from visualsearch_cli.cli.completing import indexes  # late, as the Tab key alone needs it

    return indexes(incomplete)


def _models(incomplete: str) -> list[str]:
    from visualsearch_cli.cli.completing import models

    return models(incomplete)


Images = Annotated[
    list[str] | None,
    typer.Argument(metavar="IMAGE...", help="Image files; - reads paths from stdin.", show_default=False),
]
Paths = Annotated[
    list[str] | None,
    typer.Argument(metavar="PATH...", help="Folders or files; - reads paths from stdin.", show_default=False),
]
IndexDir = Annotated[
    Path | None,
    typer.Option(
        "--index",
        metavar="DIR",
        envvar=INDEX_VARIABLE,
        help="The index folder. Default: the nearest .visualsearch in or above the current folder.",
        show_default=False,
        autocompletion=_indexes,
    ),
]


def _one_of_environment(context: typer.Context, value: Sequence[Path] | None) -> Sequence[Path] | None:
    """Take the variable as the path of one index: a path may hold what parts several in such variables."""
    source = context.get_parameter_source("index")
    if source is not None and source.name == "ENVIRONMENT":
        return [Path(os.environ[INDEX_VARIABLE])]
    return value


def is_typed(context: typer.Context, option: str) -> bool:
    """Tell whether an option was typed, and is not of the environment or the settings."""
    source = context.get_parameter_source(option)
    return source is not None and source.name == "COMMANDLINE"


class NamedStore(str):
    """The address of a store, and how the options beside it came about: what is typed comes first."""

    context: typer.Context | None = None

    def is_typed(self, option: str) -> bool:
        """Tell whether an option beside it was typed."""
        return self.context is not None and is_typed(self.context, option)


def store_of(text: str | None) -> Address | None:
    """Return the store that a command asks; None: an index. Raises BadParameter."""
    if text is None:
        return None
    from visualsearch_cli.cli.storing.named_store import chosen_store  # late: few have a store

    return chosen_store(text)


def _with_context(context: typer.Context, value: str | None) -> str | None:
    if value is None:
        return None
    named = NamedStore(value)
    named.context = context
    return named


Store = Annotated[
    str | None,
    typer.Option(
        "--store",
        metavar="ADDRESS",
        envvar=STORE_VARIABLE,
        help="Ask an engine in place of an index: milvus:FILE.db, or milvus:http://HOST:PORT.",
        show_default=False,
        callback=_with_context,
    ),
]
StoreMap = Annotated[
    list[str] | None,
    typer.Option(
        "--map",
        metavar="THEIRS=OURS",
        help="With --store: the folder that the store calls THEIRS is OURS here; repeatable.",
    ),
]
Indexes = Annotated[
    list[Path] | None,
    typer.Option(
        "--index",
        metavar="DIR",
        envvar=INDEX_VARIABLE,
        help="The index folder; several of one model are asked together. Default: the nearest .visualsearch "
        "in or above the current folder.",
        show_default=False,
        autocompletion=_indexes,
        callback=_one_of_environment,
    ),
]
Null = Annotated[bool, typer.Option("--null", "-0", help="Paths end with NUL, in and out.")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]
Format = Annotated[
    OutputFormat,
    typer.Option(
        "--format", metavar="FORMAT", help="How to print: as table, json, jsonl, csv or only paths."
    ),
]
JsonFormat = Annotated[bool, typer.Option("--json", help="Short for --format json.")]
Model = Annotated[
    str | None,
    typer.Option(
        "--model",
        metavar="NAME",
        help="The embedder, see `visualsearch models`. Default: the index's own, else bundled.",
        show_default=False,
        autocompletion=_models,
    ),
]
Models = Annotated[
    list[str] | None,
    typer.Option(
        "--model",
        metavar="NAME",
        help="The embedder, see `visualsearch models`; given twice, the index has two, such as one for "
        "copies and one for words. Default: the index's own, else bundled.",
        show_default=False,
        autocompletion=_models,
    ),
]
"""Of `index`: one, or two that share what is decoded."""

ModelOfTwo = Annotated[
    str | None,
    typer.Option(
        "--model",
        metavar="NAME",
        help="Of an index of two models, which one.",
        show_default=False,
        autocompletion=_models,
    ),
]
"""Of commands that ask an index for what it knows already."""

ModelAlone = Annotated[
    str | None,
    typer.Option(
        "--model",
        metavar="NAME",
        help="The embedder, see `visualsearch models`. Default: bundled.",
        show_default=False,
        autocompletion=_models,
    ),
]
"""Of commands that ask no index."""

Weights = Annotated[
    Path | None,
    typer.Option("--weights", metavar="FILE", help="Local weights for --model.", show_default=False),
]
WeightsOfModels = Annotated[
    list[Path] | None,
    typer.Option(
        "--weights",
        metavar="FILE",
        help="Local weights for --model; of two models, for those that take a file, in order.",
        show_default=False,
    ),
]
Tokenizer = Annotated[
    Path | None,
    typer.Option(
        "--tokenizer",
        metavar="FILE",
        help="The tokenizer.json of --weights image.onnx,text.onnx.",
        show_default=False,
    ),
]


def _a_number(value: float | None) -> float | None:
    if value is not None and math.isnan(value):  # no bound of a range is above or below it
        raise typer.BadParameter("nan is not a distance: expected a number between 0 and 2")
    return value


MaxDistance = Annotated[
    float | None,
    typer.Option(
        "--max-distance",
        min=0,
        max=2,
        metavar="D",
        callback=_a_number,
        help="Only pairs up to this cosine distance.",
        show_default=False,
    ),
]


class Device(str, Enum):
    """Where a torch model runs."""

    AUTO = "auto"
    CPU = "cpu"
    CUDA = "cuda"
    MPS = "mps"


DeviceOption = Annotated[
    Device,
    typer.Option("--device", metavar="DEVICE", help="Where a torch model runs: auto, cpu, cuda or mps."),
]
Threads = Annotated[
    int | None,
    typer.Option("--threads", min=1, metavar="N", help="Decoder threads. Default: one per core, at most 8."),
]
MaxPixels = Annotated[
    int | None,
    typer.Option(
        "--max-pixels",
        min=1,
        metavar="N",
        help="Refuse images with more pixels than this, which may be decompression bombs.",
        show_default=False,
    ),
]
Preview = Annotated[bool, typer.Option("--preview", help="Show small pictures in the terminal.")]
Exclude = Annotated[
    list[str] | None,
    typer.Option(
        "--exclude",
        metavar="PATTERN",
        help="Leave out what matches, as in a .gitignore of the root; repeatable.",
    ),
]
Hidden = Annotated[bool, typer.Option("--hidden", help="Also take names that begin with a dot.")]
FollowSymlinks = Annotated[
    bool, typer.Option("--follow-symlinks", help="Follow symbolic links, even if they lead out of PATH.")
]


IncludeStores = Annotated[
    bool,
    typer.Option(
        "--include-stores",
        help="Also recycle bins, snapshots, thumbnails and what else other programs made.",
    ),
]


def scanner_for(
    exclude: Sequence[str] | None, hidden: bool, follow_symlinks: bool, stores: bool = False
) -> Scanner:
    """Return what finds images, as --exclude, --hidden, --follow-symlinks and --include-stores say."""
    from visualsearch_cli.indexing.scanner import Scanner, ScanOptions

    return Scanner(ScanOptions(hidden, follow_symlinks, tuple(exclude or ()), stores))
