"""All kinds of shots in pairs, by name, and what they are counted with."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

from benchmarks.accuracy.hard_negatives import recolored
from benchmarks.documents.sheet import Picture
from benchmarks.documents.shots import frames, goods
from benchmarks.documents.shots.camera import written
from benchmarks.documents.shots.frames import Shots, Take
from benchmarks.material.photographs import Photograph

PHOTOGRAPH = "photograph"
"""The kind that there are only copies of."""

RECOLORED = "recolored photograph"
"""The kind that needs photographs."""


def recolored_photograph(chance: Random, photographs: Sequence[Photograph]) -> Shots:
    """A photograph, and it again with another color for the thing in the middle."""
    for _ in range(200):
        picture = chance.choice(photographs).read()
        if picture is not None and (pair := recolored(picture, chance, picture)):
            quality = chance.choice((85, 90, 95))
            return Shots("another hue", written(pair[0], quality), written(pair[1], quality))
    raise SystemExit("none of 200 photographs has a color to change: name a folder of others")


SHOTS: dict[str, dict[str, Take]] = {
    "bursts": {
        "burst by day": frames.burst,
        "burst in the dark": frames.dark_burst,
        "two readings": frames.two_readings,
        "static camera": frames.static_camera,
    },
    "brackets with EXIF": {"bracket with EXIF": frames.bracket_with_exif},
    "brackets": {"bracket": frames.bracket},
    "goods": {
        "goods in other colors": goods.other_color,
        "goods in other patterns": goods.other_pattern,
        RECOLORED: recolored_photograph,
    },
    "other shots": {
        "focus stack": frames.focus_stack,
        "hand-held": frames.hand_held,
        "film": frames.film,
        "blink": goods.blink,
    },
}
TAKES: dict[str, Take] = {kind: take for takes in SHOTS.values() for kind, take in takes.items()}


def photograph(chance: Random, photographs: Sequence[Photograph]) -> Picture:
    """One shot of a place, or a photograph as it is."""
    if photographs and chance.random() < 0.5:
        picture = chance.choice(photographs).read()
        if picture is not None:
            return picture
    return frames.single(chance)
