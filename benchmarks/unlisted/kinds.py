"""All kinds, by name, and the files that are made of them."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from benchmarks.documents.copies import File, jpeg
from benchmarks.material.editing import Picture
from benchmarks.material.edits import Edit
from benchmarks.unlisted.controls import CONTROLS
from benchmarks.unlisted.details import DETAILS
from benchmarks.unlisted.marks import MARKS
from benchmarks.unlisted.replacing import REPLACING
from benchmarks.unlisted.shapes import SHAPES
from benchmarks.unlisted.tones import TONES

FAMILIES: dict[str, dict[str, Edit]] = {
    "tones": TONES,
    "details": DETAILS,
    "marks": MARKS,
    "replaced": REPLACING,
    "shapes": SHAPES,
}
EDITS = {kind: edit for family in FAMILIES.values() for kind, edit in family.items()}
ORDINARY = 90  # of JPEG, at which what was edited is saved
AS_SAVED = {"JPEG 3": 3}
"""Edits that are a quality: they are written so, once."""


@dataclass(frozen=True, slots=True)
class Original:
    """A photograph, as it was found."""

    name: str
    file: File
    picture: Picture


def edited(original: Original, kind: str, other: Picture, seed: str) -> File:
    """Return the file of an edit. Its chances depend on the seed, the kind and the photograph alone."""
    if kind in AS_SAVED:
        return jpeg(original.picture, AS_SAVED[kind])
    chance = Random(f"{seed} {kind} {original.name}")
    return jpeg(EDITS[kind](original.picture, chance, other), ORDINARY)


def control(original: Original, kind: str, other: Picture, seed: str) -> tuple[File, File] | None:
    """Return two files that are no copies of each other; None if the photograph cannot be made into such."""
    pair = CONTROLS[kind](original.picture, Random(f"{seed} {kind} {original.name}"), other)
    return None if pair is None else (jpeg(pair[0], ORDINARY + 5), jpeg(pair[1], ORDINARY))
