"""Distances in options and in what is printed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from visualsearch_cli.calibration.levels import RATES

if TYPE_CHECKING:
    from visualsearch_cli.calibration.levels import Calibration

Precision = Annotated[
    float | None,
    typer.Option(
        "--precision",
        metavar="P",
        help="Only as far as a share P of the results is expected to be copies, such as 0.99.",
        show_default=False,
    ),
]


def check_precision(precision: float | None, max_distance: float | None) -> None:
    """Refuse what cannot be meant."""
    if precision is None:
        return
    if not 0 < precision < 1:
        raise typer.BadParameter(
            f"--precision {precision:g}: expected a number between 0 and 1, such as 0.99"
        )
    if max_distance is not None:
        raise typer.BadParameter("--precision and --max-distance exclude each other: both choose a distance")


def described_levels(calibration: Calibration, contents: int) -> dict[str, Any]:
    """Return a calibration as JSON has it, with what it means for that many distinct pictures."""
    pairs = contents * (contents - 1) // 2
    copies, intervals = calibration.copies, calibration.full.intervals or [None] * len(RATES)
    regions = calibration.regions.distances if calibration.regions else [None] * len(RATES)
    return {
        "source": calibration.source,
        "pictures": calibration.pictures,
        "contents": contents,
        "similar": round(calibration.similar, 5),
        "levels": [
            {
                "rate": rate,
                "distance": round(distance, 5),
                "interval": interval and [round(end, 5) for end in interval],
                "distance_regions": None if region is None else round(region, 5),
                "false_pairs": float(f"{pairs * rate:.3g}"),
                "edited_copies_found": None if copies is None else round(copies.recall_at(distance), 4),
            }
            for rate, distance, interval, region in zip(
                RATES, calibration.full.distances, intervals, regions, strict=True
            )
        ],
    }
