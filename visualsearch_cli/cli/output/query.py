"""Results as tables, JSON, CSV or paths."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from visualsearch_cli.cli.output.console import note, stdout
from visualsearch_cli.cli.output.formats import OutputFormat, to_json
from visualsearch_cli.cli.output.text import (
    Lines,
    broken_path,
    print_paths,
    printable_text,
    short_path,
    verdict_text,
)
from visualsearch_cli.search.matches import Match, QueryResult, neighbor_record
from visualsearch_cli.verdicts.verdict import Verdict
from visualsearch_cli.wording import counted, printable, short_size

if TYPE_CHECKING:
    from rich.console import Console, ConsoleOptions, RenderResult
    from rich.measure import Measurement

    from visualsearch_cli.index.open import OpenIndex
    from visualsearch_cli.pictures.image import SkippedImage

SCHEMA = "visualsearch/query/1"
VERDICT = "verdict"
RIGHT = {"", "distance", "pixels", "size", "copies"}
NOTHING_NEAR = "nothing near enough in the index"
NOTHING_PASSES = "nothing in the index passes the filter and is near enough"
NO_PART = "no {} was found in it, so nothing was looked for"
STRANGER = "stranger"
NO_WRAP = 10_000  # columns, when a table goes into a pipe: a path broken over lines is of no use there


def result_record(result: QueryResult) -> dict[str, Any]:
    """Return a query and its neighbors as JSON has them."""
    neighbors = [neighbor_record(rank, match) for rank, match in enumerate(result.matches, start=1)]
    part = result.part
    return {
        "query": str(result.query) if result.words is None else result.words,
        "neighbors": neighbors,
        "error": result.error,
        "part": None if part is None else part._asdict(),
    }


def asked(result: QueryResult) -> str:
    """Return what was asked for: words, the path of a picture, or that and a part of it."""
    return _asked(result, str(result.query))


def _asked(result: QueryResult, path: str) -> str:
    if result.words is not None:
        return result.words
    if result.part is None:
        return path
    from visualsearch_cli.detectors.parts import with_part  # late: most look for whole pictures

    return with_part(path, result.part)


class QueryPrinter:
    """Prints results as they come where the format allows it; `finish` prints what is left."""

    def __init__(
        self,
        format: OutputFormat,
        index: Path | str,
        model: str,
        *,
        null: bool,
        far_too: bool = False,
        schema: str = SCHEMA,
        filtered: bool = False,
        parts: str = "",
    ) -> None:
        """With `far_too`, paths of strangers are printed as well: the user said how far. `filtered` says that
        the user wants only some pictures, and `parts` what is looked for in each picture that is asked with,
        such as "face"."""
        self.schema = schema
        self.format = format
        self.index = index
        self.model = model
        self.end = "\0" if null else "\n"
        self.far_too = far_too
        self.parts = parts
        self.nothing = NOTHING_PASSES if filtered else NOTHING_NEAR
        self._records: list[dict[str, Any]] = []
        self._started = False

    def add(self, results: Sequence[QueryResult]) -> None:
        """Take the results of some queries."""
        for result in results:
            if self.format is OutputFormat.JSON:
                self._records.append(result_record(result))
            elif self.format is OutputFormat.JSONL:
                print(to_json(result_record(result)), flush=True)
            elif self.format is OutputFormat.CSV:
                self._print_csv(result)
            elif self.format is OutputFormat.PATHS:
                print_paths(map(str, self._paths(result)), self.end)
            elif result.error is None:
                lacks_part = self.parts and result.part is None
                print_table(result, NO_PART.format(self.parts) if lacks_part else self.nothing)

    def _paths(self, result: QueryResult) -> Iterator[Path]:
        """Yield what other programs may open: near, and there."""
        for match in result.matches:
            if (self.far_too or not match.is_stranger) and not match.offline and not match.missing:
                yield match.image.path

    def finish(self) -> None:
        """Print what can only be printed as a whole."""
        if self.format is OutputFormat.JSON:
            document = {
                "schema": self.schema,
                "index": self.index if isinstance(self.index, str) else str(self.index.absolute()),
                "model": self.model,
                "results": self._records,
            }
            print(to_json(document, indent=2))

    def _print_csv(self, result: QueryResult) -> None:
        import csv

        rows = csv.writer(Lines())
        if not self._started:
            keys = (
                "rank",
                "path",
                "distance",
                "similarity",
                "verdict",
                "width",
                "height",
                "bytes",
                "mtime",
                "region",
                "query_region",
                "reason",
                "looked_at",
                "stranger",
                "offline",
                "missing",
                "copies",
            )
            rows.writerow(("query", *keys))
            self._started = True
        for rank, match in enumerate(result.matches, start=1):
            values = {**neighbor_record(rank, match), "copies": len(match.copies)}.values()
            rows.writerow((printable_text(asked(result)), *(printable_text(value) for value in values)))


def print_table(result: QueryResult, nothing: str) -> None:
    """Print the neighbors of one query for people, or that there is `nothing`."""
    columns = _columns(result)
    headings = tuple(columns)
    rows = [
        [cell(rank, match) for cell in columns.values()] for rank, match in enumerate(result.matches, start=1)
    ]
    remarks = [remark_on(match) for match in result.matches]
    query = printable(_asked(result, short_path(result.query)))
    # rich takes as long to import as a small index to search: only a terminal has a use for it
    if sys.stdout.isatty() or "FORCE_COLOR" in os.environ:
        _print_rich(query, headings, rows, remarks, result.matches, nothing)
    else:
        if any(remarks):  # the path stays the last of a line
            headings = (*headings[:-1], "why", headings[-1])
            rows = [[*row[:-1], remark, row[-1]] for row, remark in zip(rows, remarks, strict=True)]
        _print_plain(query, headings, rows, nothing)


Cell: TypeAlias = Callable[[int, Match], str]


def _columns(result: QueryResult) -> dict[str, Cell]:
    """Return the columns of a table, those that say something, by their headings."""
    by_region = any(match.region or match.query_region for match in result.matches)
    has_copies = any(match.copies for match in result.matches)
    columns: dict[str, Cell] = {
        "": lambda rank, _: str(rank),
        "distance": lambda _, match: f"{match.distance:.4f}",
    }
    if result.words is None:
        columns[VERDICT] = lambda _, match: _verdict_word(match)
    columns["pixels"] = lambda _, match: f"{match.image.width}×{match.image.height}"
    columns["size"] = lambda _, match: short_size(match.image.size)
    if has_copies:
        columns["copies"] = lambda _, match: f"+{len(match.copies)}" if match.copies else ""
    if by_region:
        columns["near by"] = lambda _, match: near_by(match)
    columns["path"] = lambda _, match: printable(short_path(match.image.path))
    return columns


def _verdict_word(match: Match) -> str:
    return match.verdict.value if match.verdict else STRANGER if match.is_far else "–"


def remark_on(match: Match) -> str:
    """Say why a verdict is what it is, and what is the matter with the file, if anything."""
    there = "offline: its disk is not mounted" if match.offline else "missing" if match.missing else ""
    why = "" if match.verdict is Verdict.IDENTICAL else match.reason
    return printable("; ".join(part for part in (why, there) if part))


def _print_plain(query: str, headings: Sequence[str], rows: Sequence[Sequence[str]], nothing: str) -> None:
    """Print a table into a pipe: a line for each row, whatever its length."""
    print(query)
    if not rows:
        print(f"  {nothing}")
        return
    columns = list(zip(headings, *rows, strict=True))[:-1]
    widths = [max(map(len, column)) for column in columns]
    for row in (headings, *rows):
        cells = [
            cell.rjust(width) if heading in RIGHT else cell.ljust(width)
            for heading, cell, width in zip(headings, row, widths, strict=False)
        ]
        print(" " + "   ".join([*cells, row[-1]]))


def _print_rich(
    query: str,
    headings: Sequence[str],
    rows: Sequence[Sequence[str]],
    remarks: Sequence[str],
    matches: Sequence[Match],
    nothing: str,
) -> None:
    from rich import box
    from rich.table import Table
    from rich.text import Text

    console = stdout()
    console.print(Text(query, style="bold"), soft_wrap=True)
    if not rows:
        console.print(f"  {nothing}", style="dim")
        return
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=True)
    for heading in headings[:-1]:
        table.add_column(
            heading,
            justify="right" if heading in RIGHT else "left",
            no_wrap=bool(heading),
            style=None if heading else "dim",
        )
    table.add_column(headings[-1], overflow="fold", ratio=1)
    for cells, remark, match in zip(rows, remarks, matches, strict=True):
        shown: list[Text | str] = list(cells)
        if VERDICT in headings:
            place = headings.index(VERDICT)
            shown[place] = verdict_text(match.verdict) if match.verdict else Text(cells[place], style="dim")
        table.add_row(*shown[:-1], _PathCell(cells[-1], remark))
    console.print(table)


class _PathCell:
    """A path in as many lines as it needs, and below it what is to be said of the file."""

    def __init__(self, path: str, remark: str) -> None:
        self._path = path
        self._remark = remark

    def __rich_measure__(self, console: Console, options: ConsoleOptions) -> Measurement:
        from rich.cells import cell_len
        from rich.measure import Measurement

        return Measurement(1, max(cell_len(self._path), cell_len(self._remark)))

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        from rich.text import Text

        yield Text(broken_path(self._path, options.max_width), overflow="fold")
        if self._remark:
            yield Text(self._remark, style="dim")


def near_by(match: Match) -> str:
    """Say which part of which picture is near, if not all of both."""
    if match.query_region is not None:
        return f"query's {match.query_region}"
    return "" if match.region is None else f"its {match.region}"


def note_unreachable(results: Sequence[QueryResult]) -> None:
    """Count what is not among the printed paths for not being there."""
    near = [match for result in results for match in result.matches if not match.is_stranger]
    for count, why in (
        (sum(match.offline for match in near), "on disks that are not mounted"),
        (sum(match.missing for match in near), "gone since the last look (`visualsearch index` looks again)"),
    ):
        if count:
            note(f"left out: {counted(count, 'near picture')} {why}")


def check_page(file: Path | None) -> None:
    """Check that the page that --html names may be written, before any work."""
    if file is not None:
        from visualsearch_cli.cli.paths import checked_output
        from visualsearch_cli.plots.neighbors_page import NEIGHBORS

        checked_output("--html", file, NEIGHBORS, (".html", ".htm"))


def write_page(results: Sequence[QueryResult], index: OpenIndex, file: Path) -> list[SkippedImage]:
    """Write the page; return the files that have no picture in it."""
    from visualsearch_cli.cli.output.console import RichProgress
    from visualsearch_cli.plots.neighbors_page import write_neighbors

    unseen = write_neighbors(results, index.reader, file, RichProgress(), index.threads)
    note(f"wrote {printable(str(file))}: {counted(len(results), 'query', 'queries')}")
    return unseen


def show_found(
    results: Sequence[QueryResult],
    found: Sequence[Sequence[Match]],
    open_: bool,
    open_with: str | None,
    preview: bool,
) -> None:
    """Show small pictures of all results, and open the nearest of what was found, if that is asked for."""
    if preview:
        from visualsearch_cli.cli.output.preview import show

        for result in results:
            show(result)
    if open_ or open_with is not None:
        from visualsearch_cli.cli.output.opener import open_files

        there = [[match for match in matches if not match.offline] for matches in found]
        if not any(there):
            note("nothing near was found: there is nothing to open")
            return
        open_files([matches[0].image.path for matches in there if matches], open_with)
