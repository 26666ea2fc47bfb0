"""What was measured on the embedders that come with the program: levels, distances to look at, margins."""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from visualsearch_cli.embedders.specs import BUNDLED
from visualsearch_cli.fields import Fields
from visualsearch_cli.named_tuples import NamedTuple

if TYPE_CHECKING:
    from visualsearch_cli.calibration.levels import Calibration
    from visualsearch_cli.embedders.embedder import ModelSpec

CALIBRATIONS = Path(__file__).with_name("calibrations.json")
"""The calibration of each embedder, written by `make calibrate-embedders`."""


@lru_cache(maxsize=8)
def calibration(model: ModelSpec) -> Calibration | None:
    """Return which distances mean something to a model; None if nobody measured it, with these weights."""
    from visualsearch_cli.calibration.levels import of_document

    entry = json.loads(CALIBRATIONS.read_text(encoding="utf-8")).get(model.name)
    if entry is None or (entry["weights"], entry["preprocessing"]) != (model.weights, model.preprocessing):
        return None
    return of_document(Fields(entry).inner("calibration"))


class CandidateDistances(NamedTuple):  # no dataclass, which every query would wait for
    """How far apart two pictures may be to be looked at. Cosine distances."""

    same: float  # to be the same
    edited: float  # to be edits
    regions: float | None  # a full frame and a region of another picture, to be edits; None: not looked at
    close: float  # a thorough query and one of the few that are nearest to it


CANDIDATE_DISTANCES = {BUNDLED.name: CandidateDistances(0.45, 0.55, 0.45, 0.75)}
"""docs/duplicates.md says what that costs and what it misses."""

REGION_MARGINS = {BUNDLED.name: 0.05}
"""How much nearer a full frame comes to the best of another picture's regions than to its full frame, where
they show different things: 0.02 to 0.09, by photographs and rate (docs/regions.md). To repeat it:
make bench-region-margin PHOTOS=HELD_OUT DISTRACTORS=TRAINING"""

MIRROR_INVARIANT = frozenset({BUNDLED.name})
"""Models to which a picture and its mirror image are nearly the same: docs/embedders-measured.md."""


TURN_MARGINS = {BUNDLED.name: 0.07}
"""How much farther a query that was turned or mirrored must be than one that is asked as it is: eight ways to
ask are eight chances to come near a different picture. Chosen so that as many upright edits as possible find
their original first, and no fewer turned ones (docs/design/queries-in-several-ways.md). To repeat it:
make bench-turn-margin PHOTOS=dir"""


WINDOW_MARGINS = {BUNDLED.name: 0.07}
"""How much farther than another part of a query one of its 35 windows must be. Of 0.03, 0.07 and 0.11, for 17
edits of 24 photographs among 1,500 of the training sets, the smallest that leaves what other ways find
(docs/regions.md)."""


def candidate_distances(name: str, similar: float) -> CandidateDistances:
    """Return which pairs are looked at: of models that nobody measured, what is similar to them."""
    return CANDIDATE_DISTANCES.get(name, CandidateDistances(similar, similar, None, similar))


def region_margin(name: str) -> float:
    """Return what is added to the distance of a region before it is compared with that of a full frame."""
    return REGION_MARGINS.get(name, 0.0)


def turn_margin(name: str) -> float:
    """Return what is added to the distance of a query that was turned, before it is ranked."""
    return TURN_MARGINS.get(name, 0.0)


def window_margin(name: str) -> float | None:
    """Return what is added to the distance of a small part of a query, beside the margin of a region; None if
    nobody knows, and such parts would only be noise."""
    return WINDOW_MARGINS.get(name)
