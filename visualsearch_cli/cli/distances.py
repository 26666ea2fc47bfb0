"""Which distances count, for the model and the pictures of an index."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from visualsearch_cli.calibration.known import candidate_distances
from visualsearch_cli.calibration.levels import RATES
from visualsearch_cli.errors import VisualSearchError
from visualsearch_cli.index.open import calibration_of
from visualsearch_cli.verdicts.verdict import Verdict

if TYPE_CHECKING:
    from visualsearch_cli.calibration.levels import Calibration
    from visualsearch_cli.index.catalog import Catalog
    from visualsearch_cli.index.records import Manifest

THIS_INDEX = "this index"
"""The source of a calibration that `calibrate` made."""

PROVED = frozenset({Verdict.PIXELS, Verdict.SAME, Verdict.EDITED})
"""The verdicts that the pictures themselves are compared for."""

Precision = Annotated[
    float | None,
    typer.Option(
        "--precision",
        metavar="P",
        help="Only as far as a share P of what is found is expected to be copies: 0.99.",
        show_default=False,
    ),
]


class NotCalibrated(VisualSearchError):
    """Nobody knows what a distance means to this model."""


def require_calibration(manifest: Manifest, option: str) -> Calibration:
    """Return the calibration that an option needs.

    Raises NotCalibrated if there is none.
    """
    found = calibration_of(manifest)
    if found is None:
        raise NotCalibrated(
            f"{option}: no distances are known for the model {manifest.model.name}: "
            "run `visualsearch calibrate` once, or use --max-distance"
        )
    return found


def furthest(
    manifest: Manifest,
    catalog: Catalog,
    level: Verdict | None,
    max_distance: float | None,
    precision: float | None,
) -> float | None:
    """Return the distance up to which a query looks for what it was asked for, None if all are looked at.

    Raises NotCalibrated if an option needs levels and there are none.
    """
    limits = [] if max_distance is None else [max_distance]
    if level is Verdict.SIMILAR:
        limits.append(require_calibration(manifest, "--level similar").similar)
    elif level in PROVED and max_distance is None:
        similar = require_calibration(manifest, f"--level {level.value}").similar
        looked_at = candidate_distances(manifest.model.name, similar)
        limits.append(looked_at.edited if level is Verdict.EDITED else looked_at.same)
    if precision is not None:
        limits.append(precise_distance(precision, manifest, catalog))
    return min(limits, default=None)


def precise_distance(precision: float, manifest: Manifest, catalog: Catalog) -> float:
    """Return the largest distance at which that share of the answers are expected to be copies.

    Raises NotCalibrated if there are no levels to tell it from.
    """
    levels = require_calibration(manifest, "--precision")
    return levels.at_precision(precision, catalog.counts().contents)


def check_precision(precision: float | None, max_distance: float | None) -> None:
    """Refuse what cannot be meant."""
    if precision is None:
        return
    if not 0 < precision < 1:
        raise typer.BadParameter(f"--precision {precision:g}: a number between 0 and 1, such as 0.99")
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
