"""What `visualsearch eval` prints."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from visualsearch_cli.cli.output.console import note, stdout
from visualsearch_cli.cli.output.formats import to_json
from visualsearch_cli.cli.output.query import NO_WRAP
from visualsearch_cli.vectors.index import IndexParams
from visualsearch_cli.wording import counted, printable

if TYPE_CHECKING:
    from rich.console import Console

    from visualsearch_cli.embedders.embedder import ModelSpec
    from visualsearch_cli.evaluation.classification import Classification
    from visualsearch_cli.evaluation.evaluation import Evaluation
    from visualsearch_cli.pictures.image import SkippedImage
    from visualsearch_cli.pictures.orientations import Transforms

SCHEMA = "visualsearch/eval/1"


@dataclass(frozen=True, slots=True)
class Report:
    """What was evaluated, and how it came out."""

    folder: str
    truth: str | None
    model: ModelSpec
    transforms: Transforms
    by: str | None
    pictures: int
    contents: int
    evaluation: Evaluation
    graph: Sequence[float] | None  # recall@k of HNSW against exact search, for each k
    skipped: Sequence[SkippedImage]
    classification: Classification | None = None  # of classes; None: relations were asked for


def print_report(report: Report, *, json: bool, confusion: bool = False) -> None:
    """Print the measures, and the matrix of classes if that is asked for; JSON has it anyway."""
    if json:
        print(to_json(_document(report), indent=2))
        return
    from rich import box
    from rich.table import Table
    from rich.text import Text

    console = stdout()
    if not console.is_terminal:
        console.width = NO_WRAP
    overall = report.evaluation.overall
    labels = "copies of the same original" if report.truth else "pictures of the same subfolder"
    console.print(
        Text(
            f"{report.model.name}: {report.pictures} pictures, {overall.queries} of them with relevant ones "
            f"({labels})"
        ),
        soft_wrap=True,
    )
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=True)
    table.add_column("measure", no_wrap=True)
    table.add_column("value", justify="right", no_wrap=True)
    table.add_column("meaning", style="dim", overflow="fold")
    for name, value, meaning in _lines(report):
        table.add_row(name, f"{value:.4f}", meaning)
    console.print(table)
    if report.by:
        _print_parts(console, report)
        if report.classification is not None:
            _print_classes(console, report.classification)
    if confusion and report.classification is not None:
        _print_confusion(console, report.classification)


def write_plot(report: Report, file: Path) -> None:
    """Draw the measures, of each part too, and the matrix of classes. Raises VisualSearchError."""
    from visualsearch_cli.plots.evaluation_drawing import Bars, write_drawing

    parts = [Bars("All pictures", [(name, value) for name, value, _ in _lines(report)])]
    if report.by:
        for heading, measure in (("hit@1", "hit_at_1"), ("mAP", "mean_average_precision")):
            values = [(name, getattr(part, measure)) for name, part in report.evaluation.parts.items()]
            parts.append(Bars(f"{heading}, by {report.by}", values))
    title = f"{report.model.name}: {counted(report.pictures, 'picture')} of {Path(report.folder).name}"
    write_drawing(title, parts, report.classification, file)
    note(f"wrote {printable(str(file))}")


def _lines(report: Report) -> Iterator[tuple[str, float, str]]:
    """Yield the measures: name, value, meaning."""
    overall = report.evaluation.overall
    yield "hit@1", overall.hit_at_1, "queries whose nearest picture is relevant (recall@1 of many papers)"
    for at in overall.at:
        k = at.k
        if k > 1:
            yield f"hit@{k}", at.hit_rate, f"queries with a relevant picture among the {k} nearest"
        yield f"precision@{k}", at.precision, f"share of the {k} nearest that are relevant"
        yield f"recall@{k}", at.recall, f"share of the relevant pictures that are among the {k} nearest"
        yield f"mAP@{k}", at.mean_average_precision, f"mean average precision over the first {k} ranks"
    if report.classification is not None:
        its = report.classification
        yield "accuracy", its.accuracy, f"pictures whose class the {its.k} nearest vote for, as `match` does"
    yield "mAP", overall.mean_average_precision, "mean average precision over the full rankings"
    yield "µAP", report.evaluation.micro_average_precision, "average precision of all pairs in one ranking"
    for at, value in zip(overall.at, report.graph or (), strict=False):
        yield (
            f"HNSW recall@{at.k}",
            value,
            f"share of the {at.k} nearest by exact search that the graph finds",
        )


def _print_parts(console: Console, report: Report) -> None:
    from rich import box
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=True)
    table.add_column(report.by or "", overflow="fold")
    ks = [at.k for at in report.evaluation.overall.at]
    headings = [f"{name}@{k}" for k in ks for name in ("precision", "recall", "mAP")]
    for heading in ("queries", "hit@1", *headings, "mAP"):
        table.add_column(heading, justify="right", no_wrap=True)
    for name, part in report.evaluation.parts.items():
        rest = [v for at in part.at for v in (at.precision, at.recall, at.mean_average_precision)]
        values = (part.hit_at_1, *rest, part.mean_average_precision)
        table.add_row(Text(printable(name)), str(part.queries), *(f"{value:.4f}" for value in values))
    console.print()
    console.print(table)


def _print_classes(console: Console, classification: Classification) -> None:
    """Print how right the label of the nearest pictures is, class by class."""
    from rich import box
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=True)
    table.add_column("class", overflow="fold")
    for heading in ("pictures", "precision", "recall", "F1"):
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_column("most often taken for", overflow="fold")
    for its in classification.classes:
        precision = "–" if its.precision is None else f"{its.precision:.4f}"
        values = (str(its.pictures), precision, f"{its.recall:.4f}", f"{its.f1:.4f}")
        table.add_row(Text(printable(its.name)), *values, Text(printable(its.taken_for or "")))
    console.print()
    console.print(table)


def _print_confusion(console: Console, classification: Classification) -> None:
    """Print the matrix: a row for what pictures are, a column for what they were taken for."""
    from rich import box
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=True)
    table.add_column("is \\ taken for", overflow="fold")
    for its in classification.classes:
        table.add_column(Text(printable(its.name)), justify="right")
    for its, counts in zip(classification.classes, classification.confusion, strict=True):
        table.add_row(Text(printable(its.name)), *(str(count) if count else "·" for count in counts))
    console.print()
    console.print(table)


def _document(report: Report) -> dict[str, Any]:
    """Return the report as JSON has it."""
    params = IndexParams()._asdict()
    recalls = zip((at.k for at in report.evaluation.overall.at), report.graph or (), strict=False)
    return {
        "schema": SCHEMA,
        "folder": report.folder,
        "truth": report.truth,
        "model": report.model._asdict(),
        "transforms": report.transforms.value,
        "pictures": report.pictures,
        "contents": report.contents,
        **asdict(report.evaluation.overall),
        "micro_average_precision": report.evaluation.micro_average_precision,
        "hnsw": report.graph and {**params, "at": [{"k": k, "recall": value} for k, value in recalls]},
        "by": report.by,
        "parts": [{"name": name, **asdict(part)} for name, part in report.evaluation.parts.items()],
        "classification": report.classification and asdict(report.classification),
        "skipped": [{"path": item.path, "reason": item.reason} for item in report.skipped],
    }
