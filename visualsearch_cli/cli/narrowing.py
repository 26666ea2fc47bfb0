"""What the commands that search have in common: which answers are shown, and how it is typed."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from visualsearch_cli.search.plan import Method

if TYPE_CHECKING:
    from visualsearch_cli.search.filtering import Where

DEFAULT_BALANCE = "0.5"

Distinct = Annotated[
    bool,
    typer.Option("--distinct/--no-distinct", help="Show copies of one picture as one row."),
]
Diverse = Annotated[
    float | None,
    typer.Option(
        "--diverse",
        min=0,
        max=1,
        metavar="[B]",
        help="Show what differs, too: nearness counts B, from 1 (nothing else) to 0, difference the rest; "
        f"{DEFAULT_BALANCE} if B is left out.",
        show_default=False,
    ),
]

Exact = Annotated[bool, typer.Option("--exact", help="Compare with every vector.")]
Hnsw = Annotated[bool, typer.Option("--hnsw", help="Search through the graph.")]
Open = Annotated[bool, typer.Option("--open", help="Open the nearest in the desktop viewer.")]
OpenWith = Annotated[
    str | None, typer.Option("--open-with", metavar="CMD", help="Open the nearest with CMD.")
]
NeighborsPage = Annotated[
    Path | None,
    typer.Option(
        "--html",
        metavar="FILE",
        help="Also write a page that shows what was found, with the pictures inside.",
        show_default=False,
    ),
]

Within = Annotated[
    str | None,
    typer.Option("--within", metavar="PATH", help="Only pictures at or below PATH.", show_default=False),
]
After = Annotated[
    str | None,
    typer.Option(
        "--after",
        metavar="DATE",
        help="Only what was taken on that day or later, such as 2019, 2019-07 or 2019-07-03T18.",
        show_default=False,
    ),
]
Before = Annotated[
    str | None,
    typer.Option("--before", metavar="DATE", help="Only what was taken before that.", show_default=False),
]
Camera = Annotated[
    list[str] | None,
    typer.Option(
        "--camera",
        metavar="TEXT",
        help="Only what a camera took in whose maker and model this stands; repeatable.",
        show_default=False,
    ),
]
Type = Annotated[
    list[str] | None,
    typer.Option(
        "--type",
        metavar="TYPE",
        help="Only such files, as jpeg, png, heic or raw; repeatable.",
        show_default=False,
    ),
]
MinWidth = Annotated[
    int,
    typer.Option(
        "--min-width", min=0, metavar="PIXELS", help="Only pictures as wide as that.", show_default=False
    ),
]
LargerThan = Annotated[
    str,
    typer.Option(
        "--larger-than", metavar="SIZE", help="Only larger files, such as 500k or 2M.", show_default=False
    ),
]
OfLabel = Annotated[
    list[str] | None,
    typer.Option("--label", metavar="NAME", help="Only what has this label; repeatable.", show_default=False),
]
GpsNear = Annotated[
    str | None,
    typer.Option(
        "--gps-near",
        metavar="LAT,LON,KM",
        help="Only what was taken so near to a place, such as 48.137,11.575,20.",
        show_default=False,
    ),
]


def method_of(*, exact: bool, hnsw: bool) -> Method:
    """Return how to search. Raises BadParameter for both ways at once."""
    if exact and hnsw:
        raise typer.BadParameter("--exact and --hnsw exclude each other")
    return Method.EXACT if exact else Method.HNSW if hnsw else Method.AUTO


def check_viewer(open_with: str | None) -> None:
    """Refuse what is no command, before anything is searched for. Raises BadParameter."""
    if open_with is not None:
        from visualsearch_cli.cli.output.opener import split_command

        split_command(open_with)


def where_of(
    within: str | None,
    after: str | None,
    before: str | None,
    camera: Sequence[str] | None,
    types: Sequence[str] | None,
    min_width: int,
    larger_than: str,
    label: Sequence[str] | None,
    gps_near: str | None,
) -> Where:
    """Return which pictures count, as options say it. Raises BadParameter for what cannot be meant."""
    from visualsearch_cli.index.roots import absolute
    from visualsearch_cli.search.filtering import Where

    try:
        return Where(
            None if within is None else absolute(within),
            after,
            before,
            tuple(camera or ()),
            tuple(types or ()),
            min_width,
            _bytes(larger_than) if larger_than else 0,
            tuple(label or ()),
            None if gps_near is None else _place(gps_near),
        ).checked()
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error


def _bytes(text: str) -> int:
    # Late: it imports what finds duplicates.
    from visualsearch_cli.cli.for_dupes.dupes_options import parsed_size

    return parsed_size(text, "--larger-than")


def _place(text: str) -> tuple[float, float, float]:
    try:
        latitude, longitude, kilometers = map(float, text.split(","))
    except ValueError:
        raise ValueError(
            f"--gps-near '{text}': expected latitude, longitude and kilometers, such as 48.137,11.575,20"
        ) from None
    return latitude, longitude, kilometers


_NUMBER = re.compile(r"\d*\.?\d+").fullmatch
_ABBREVIATED = re.compile(r"-k\d+").fullmatch


def spelled_out(command: str, arguments: Sequence[str]) -> list[str]:
    """Return arguments as the parser takes them: --diverse with a number, and words behind a minus, for which
    `search` has an option."""
    spelled: list[str] = []
    for position, argument in enumerate(arguments):
        if argument == "--":
            return [*spelled, *arguments[position:]]
        following = arguments[position + 1 : position + 2]
        if argument == "--diverse" and not any(map(_NUMBER, following)):
            spelled.append(f"--diverse={DEFAULT_BALANCE}")
        elif command == "search" and is_minus_words(argument):
            spelled.append(f"--without={argument[1:]}")
        else:
            spelled.append(argument)
    return spelled


def is_minus_words(argument: str) -> bool:
    """Tell whether an argument is words behind a minus, and not options of one letter."""
    return len(argument) > 2 and argument[0] == "-" != argument[1] and not _ABBREVIATED(argument)
