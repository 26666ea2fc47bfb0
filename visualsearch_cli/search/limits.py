"""Which distances count, for the model and the pictures of an index."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum
from typing import TYPE_CHECKING

from visualsearch_cli.calibration.known import candidate_distances
from visualsearch_cli.errors import VisualSearchError
from visualsearch_cli.index.open import calibration_of
from visualsearch_cli.verdicts.verdict import Verdict

if TYPE_CHECKING:
    from visualsearch_cli.calibration.levels import Calibration
    from visualsearch_cli.index.catalog import Catalog
    from visualsearch_cli.index.records import Manifest

PROVED = frozenset({Verdict.PIXELS, Verdict.SAME, Verdict.EDITED})
"""The verdicts that the pictures themselves are compared for."""


class Looks(str, Enum):
    """Which neighbors are looked at where no level asks for proof."""

    NEAREST = "nearest"  # until one is the same picture, a few at most
    ALL = "all"  # that are near enough to be copies
    NONE = "none"


class NotCalibrated(VisualSearchError):
    """Nobody knows what a distance means to this model."""


def require_calibration(manifest: Manifest, asked: str) -> Calibration:
    """Return the calibration that is needed for what was asked, said in words.

    Raises NotCalibrated if there is none.
    """
    found = calibration_of(manifest)
    if found is None:
        raise NotCalibrated(
            f"{asked}: no distances are known for the model {manifest.model.name}: "
            "run `visualsearch calibrate` once, or say how far (--max-distance)"
        )
    return found


def furthest(
    manifest: Manifest,
    catalogs: Sequence[Catalog],
    level: Verdict | None,
    max_distance: float | None,
    precision: float | None,
) -> float | None:
    """Return the distance up to which a query looks for what it was asked for, None if all are looked at.

    The manifest is that of the index whose levels count; the catalogs are all that are asked together.

    Raises NotCalibrated if levels are needed and there are none.
    """
    limits = [] if max_distance is None else [max_distance]
    if level is Verdict.SIMILAR:
        limits.append(require_calibration(manifest, "level similar").similar)
    elif level in PROVED and max_distance is None:
        similar = require_calibration(manifest, f"level {level.value}").similar
        looked_at = candidate_distances(manifest.model.name, similar)
        limits.append(looked_at.edited if level is Verdict.EDITED else looked_at.same)
    if precision is not None:
        limits.append(precise_distance(precision, manifest, catalogs))
    return min(limits, default=None)


def precise_distance(precision: float, manifest: Manifest, catalogs: Sequence[Catalog]) -> float:
    """Return the largest distance at which that share of the answers are expected to be copies.

    Raises NotCalibrated if there are no levels to tell it from.
    """
    levels = require_calibration(manifest, f"precision {precision:g}")
    return levels.at_precision(precision, sum(catalog.counts().contents for catalog in catalogs))
