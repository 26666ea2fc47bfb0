"""`visualsearch adapt`"""

from __future__ import annotations

from enum import Enum
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from visualsearch_cli.cli import options
from visualsearch_cli.cli.exit_codes import ExitCode
from visualsearch_cli.cli.locating import find_index, find_index_to_write
from visualsearch_cli.cli.output.console import MESSAGES, RichProgress
from visualsearch_cli.cli.output.formats import to_json
from visualsearch_cli.cli.paths import checked_output
from visualsearch_cli.index.model import ModelChoice, Use
from visualsearch_cli.index.open import open_index
from visualsearch_cli.wording import counted, printable

if TYPE_CHECKING:
    from visualsearch_cli.embedders.projection import Projection

SCHEMA = "visualsearch/adaptation/1"


class LossName(str, Enum):
    """What is made small."""

    TRIPLET = "triplet"
    PN = "pn"
    MULTI_SIMILARITY = "multi-similarity"
    CIRCLE = "circle"


def adapt(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="Where the adapted model is written.", show_default=False)
    ],
    index: options.IndexDir = None,
    model: options.ModelOfTwo = None,
    into: Annotated[
        Path | None,
        typer.Option(
            "--into",
            metavar="DIR",
            help="Also make an index of the adapted model here. No picture is embedded again.",
            show_default=False,
        ),
    ] = None,
    groups: Annotated[
        Path | None,
        typer.Option(
            "--groups",
            metavar="REPORT",
            help="Learn from the groups in a report of `dupes`, and not from labels.",
            show_default=False,
        ),
    ] = None,
    loss: Annotated[
        LossName | None,
        typer.Option(
            "--loss",
            metavar="LOSS",
            help="triplet, pn, multi-similarity or circle. Default: triplet.",
            show_default=False,
        ),
    ] = None,
    pca: Annotated[
        bool,
        typer.Option(
            "--pca",
            help="Only make vectors shorter, without labels: along the --dim axes in which the pictures of "
            "the index differ most.",
        ),
    ] = False,
    whiten: Annotated[
        bool, typer.Option("--whiten", help="With --pca: let all of these axes count alike.")
    ] = False,
    dim: Annotated[
        int | None,
        typer.Option(
            "--dim",
            min=2,
            max=4096,
            metavar="N",
            help="How many values a vector has. Default: 128, or as many as there are.",
            show_default=False,
        ),
    ] = None,
    json: options.Json = False,
) -> ExitCode:
    """Learn from labels which pictures belong together, and make a model of that.

    A small projection of the vectors in the index is learned. A fifth of the labels is held back, and judges
    it: if it finds pictures of these no better, nothing is written. With --pca, vectors become shorter, and
    what that keeps of neighbors is said.
    """
    from visualsearch_cli.learning.adapting import KIND, Outcome, adapt
    from visualsearch_cli.learning.classes import by_groups, by_labels, parted
    from visualsearch_cli.learning.components import Kept, components_of
    from visualsearch_cli.learning.descent import DIM, Settings
    from visualsearch_cli.learning.making import make_model
    from visualsearch_cli.pictures.reader import Decoding
    from visualsearch_cli.reports.report_json import report_in

    if whiten and not pca:
        raise typer.BadParameter("--whiten is for --pca, which learns from no labels")
    if pca and groups is not None:
        raise typer.BadParameter("--pca learns from no groups: leave --groups or --pca out")
    if pca and loss is not None:
        raise typer.BadParameter("--loss is for learning from labels or groups: leave --loss or --pca out")
    checked_output("FILE", file, KIND)
    folder = find_index(index)
    target = None if into is None else find_index_to_write(into, str(into))
    if target is not None and target.exists():
        raise typer.BadParameter(f"{into} is an index already: name another folder with --into")
    with open_index(folder, ModelChoice(model), Decoding(None), MESSAGES, Use.MEANING) as opened:
        base = opened.catalog.manifest()
        progress = RichProgress()
        outcome: Outcome | Kept

        def from_classes() -> tuple[Projection, Outcome]:
            classed = by_labels(opened) if groups is None else by_groups(opened, report_in(groups))
            return adapt(parted(classed), Settings((loss or LossName.TRIPLET).value, dim), progress)

        if pca:
            components = partial(components_of, opened, dim or DIM, whiten=whiten)
            outcome, made = make_model(opened, file, target, components, progress, MESSAGES)
        else:
            outcome, made = make_model(opened, file, target, from_classes, progress, MESSAGES)
    where = None if target is None else str(target.path.absolute())
    if json:
        head = {
            "schema": SCHEMA,
            "file": str(file.absolute()),
            "model": made.model.preprocessing,
            "dim": made.model.dim,
        }
        print(to_json({**head, **outcome._asdict(), "into": where}, indent=2))
        return ExitCode.DONE
    of = f" of the vectors of {printable(base.model.name)}" if base.other is not None else ""
    print(f"{printable(str(file))}{of}: {outcome.said()}")
    if where is not None:
        print(f"{printable(where)}: {counted(made.contents or 0, 'picture')}, none of them embedded again")
    return ExitCode.DONE
