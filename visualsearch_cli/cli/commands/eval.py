"""`visualsearch eval`"""

from __future__ import annotations

import os
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from visualsearch_cli.cli import options
from visualsearch_cli.cli.exit_codes import ExitCode
from visualsearch_cli.cli.output.console import MESSAGES, RichProgress, note, note_skipped
from visualsearch_cli.cli.paths import checked_output
from visualsearch_cli.errors import VisualSearchError
from visualsearch_cli.index.model import ModelChoice
from visualsearch_cli.index.roots import absolute, no_such_path
from visualsearch_cli.pictures.orientations import Transforms

if TYPE_CHECKING:
    from collections.abc import Sequence

    from visualsearch_cli.evaluation.labels import Label
    from visualsearch_cli.pictures.image import ScannedFile

DEFAULT_K = 10


class Breakdown(str, Enum):
    """What figures can be broken down by."""

    CLASS = "class"
    RELATION = "relation"


def eval_folder(
    folder: Annotated[
        str,
        typer.Argument(metavar="FOLDER", help="Pictures, in one subfolder per class.", show_default=False),
    ],
    truth: Annotated[
        Path | None,
        typer.Option(
            "--truth",
            metavar="FILE.csv",
            help="Known copies instead of classes: columns file, original and, if wanted, relation.",
            show_default=False,
        ),
    ] = None,
    k: Annotated[
        list[int] | None,
        typer.Option("-k", min=1, metavar="N", help="Measure at N neighbors; repeatable. Default: 10."),
    ] = None,
    by: Annotated[
        Breakdown | None,
        typer.Option(
            "--by",
            metavar="PART",
            help="Also show each class, or each relation of --truth.",
            show_default=False,
        ),
    ] = None,
    confusion: Annotated[
        bool,
        typer.Option("--confusion", help="Also show which class was taken for which, in a matrix."),
    ] = False,
    transforms: Annotated[
        Transforms,
        typer.Option(
            "--transforms",
            metavar="WHICH",
            help="Also try each query mirrored (mirror), or turned too (all), or neither (none).",
        ),
    ] = Transforms.NONE,
    model: options.ModelAlone = None,
    weights: options.Weights = None,
    device: options.DeviceOption = options.Device.AUTO,
    exclude: options.Exclude = None,
    max_pixels: options.MaxPixels = None,
    threads: options.Threads = None,
    plot: Annotated[
        Path | None,
        typer.Option(
            "--plot", metavar="FILE.svg", help="Also draw the measures, and the matrix.", show_default=False
        ),
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> ExitCode:
    """Measure how well a model finds what belongs together, on labelled pictures. No index is needed or made.

    Each picture is a query against all others. The right answers are the
    pictures of the same class, or with --truth the copies of the same original.
    Classes are also told by the five nearest pictures, as `match` does it:
    --by class shows precision and recall of each, --confusion the matrix.
    """
    if confusion and truth is not None:
        raise typer.BadParameter("--confusion is about classes, which come without --truth")
    if not folder:
        raise typer.BadParameter("an empty path was given")
    if by is not None and (by is Breakdown.RELATION) != (truth is not None):
        raise typer.BadParameter(f"--by {by.value}: relations come with --truth, classes without it")
    start = absolute(folder)
    _check_folder(start)
    if plot is not None:
        from visualsearch_cli.plots.evaluation_drawing import DRAWING

        checked_output("--plot", plot, DRAWING, (".svg",))

    import numpy as np

    from visualsearch_cli.cli.output.evaluation import Report, print_report, write_plot
    from visualsearch_cli.evaluation.collection import embed_collection
    from visualsearch_cli.evaluation.evaluation import default_graph_recall, evaluate
    from visualsearch_cli.evaluation.labels import has_relevant
    from visualsearch_cli.index.exclusion import warn_of_unmatched
    from visualsearch_cli.pictures.reader import Decoding

    scanner = options.scanner_for(exclude, hidden=False, follow_symlinks=False)
    files = list(scanner.files(start))
    warn_of_unmatched(scanner.unmatched, "FOLDER", MESSAGES)
    if not files:
        raise VisualSearchError(f"{start}: there are no images there")
    labels = _labels(start, truth, files, by)
    embedder = ModelChoice(model, weights, device.value).new(MESSAGES)
    progress = RichProgress()
    decoding = Decoding(max_pixels, threads)
    reader = decoding.reader()
    collection = embed_collection(files, reader, embedder, transforms, decoding.threads, progress)
    skipped = [*collection.skipped, *scanner.unread]
    note_skipped(skipped, "--verbose names them")
    used = [labels[row] for row in collection.rows.tolist()]
    if not has_relevant(used):
        raise VisualSearchError(
            f"{start}: of {len(files)} pictures {len(used)} could be read, and no two of them belong "
            "together: see why the others were skipped"
        )
    ks = sorted(set(k or [DEFAULT_K]))
    evaluation = evaluate(
        collection.oriented,
        collection.contents,
        np.array([label.group for label in used], dtype=np.int64),
        [label.part if by else None for label in used],
        ks,
        progress,
    )
    classification = None
    if truth is None:
        from visualsearch_cli.evaluation.classification import classify

        names = [label.part for label in used]
        classification = classify(collection.oriented, collection.contents, names, progress)
    report = Report(
        folder=start,
        truth=None if truth is None else absolute(str(truth)),
        model=embedder().spec,
        transforms=transforms,
        by=by.value if by else None,
        pictures=len(used),
        contents=len(collection.oriented),
        evaluation=evaluation,
        graph=default_graph_recall(collection.vectors, ks, progress, MESSAGES),
        skipped=skipped,
        classification=classification,
    )
    print_report(report, json=json, confusion=confusion)
    if plot is not None:
        write_plot(report, plot)
    return ExitCode.INCOMPLETE if skipped else ExitCode.DONE


def _check_folder(folder: str) -> None:
    if not os.path.lexists(folder):
        raise no_such_path(folder)
    if not os.path.isdir(folder):
        raise VisualSearchError(f"{folder} is a file, expected a folder of labelled pictures")


def _labels(
    folder: str, truth: Path | None, files: Sequence[ScannedFile], by: Breakdown | None
) -> Sequence[Label]:
    """Return the labels of the files, before anything is embedded."""
    from visualsearch_cli.evaluation.labels import LabelError, labels_by_folder, labels_by_truth

    paths = [file.path for file in files]
    if truth is None:
        return labels_by_folder(folder, paths).of_files
    labels = labels_by_truth(truth, folder, paths)
    if by is Breakdown.RELATION and all(label.part is None for label in labels.of_files):
        raise LabelError(
            f"{truth} does not say the relation of any picture, which --by relation needs: "
            "add a column relation, or leave --by out"
        )
    if labels.unused:
        note(
            f"{labels.unused} files of {truth} are left out: excluded, hidden, or not images by their suffix"
        )
    return labels.of_files
