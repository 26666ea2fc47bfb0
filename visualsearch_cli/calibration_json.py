"""A calibration as JSON: beside the embedders, and in the manifest of an index."""

from __future__ import annotations

from typing import Any

from visualsearch_cli.calibration.levels import RATES, SHARES, Calibration, Copies, Levels


def to_document(calibration: Calibration) -> dict[str, Any]:
    """Return a calibration as JSON has it."""
    copies = calibration.copies
    return {
        "full": _levels(calibration.full),
        "regions": None if calibration.regions is None else _levels(calibration.regions),
        "pictures": calibration.pictures,
        "source": calibration.source,
        "copies": copies and {"distances": [round(d, 5) for d in copies.distances], "edits": copies.edits},
    }


def of_document(document: Any) -> Calibration:
    """Return the calibration of a document. Raises KeyError, TypeError or ValueError if it is none."""
    copies = document["copies"]
    return Calibration(
        full=_levels_of(document["full"]),
        regions=None if document["regions"] is None else _levels_of(document["regions"]),
        pictures=int(document["pictures"]),
        source=str(document["source"]),
        copies=copies and Copies(_numbers(copies["distances"], len(SHARES)), int(copies["edits"])),
    )


def _levels(levels: Levels) -> dict[str, Any]:
    return {
        "distances": [round(distance, 5) for distance in levels.distances],
        "intervals": [[round(low, 5), round(high, 5)] for low, high in levels.intervals],
    }


def _levels_of(document: Any) -> Levels:
    intervals = [_numbers(interval, 2) for interval in document["intervals"]]
    return Levels(_numbers(document["distances"], len(RATES)), tuple((low, high) for low, high in intervals))


def _numbers(values: Any, count: int) -> tuple[float, ...]:
    if len(values) != count:
        raise ValueError(f"{len(values)} values, expected {count}")
    return tuple(float(value) for value in values)
