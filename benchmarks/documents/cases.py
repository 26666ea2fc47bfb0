"""Pairs of files of known truth, made from a kind and a seed, the same ones every time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from math import ceil
from random import Random

import numpy as np

from benchmarks.documents.changes import LEAST_X_HEIGHT, Change, other_changes, small_change
from benchmarks.documents.copies import COPIES, File, jpeg, png, scaled, scan, webp
from benchmarks.documents.kinds.registry import KINDS
from benchmarks.documents.sheet import Box, Picture, Sheet
from benchmarks.documents.shots.copies import PHOTO_COPIES
from benchmarks.documents.shots.registry import PHOTOGRAPH, TAKES, photograph
from benchmarks.material.photographs import Photograph

ALL = "all of it"
LEAST_CONTRAST = 64  # levels of 255, by which a pixel of a legible difference differs at least
SPLITS = ("train", "test")
DRESSES = {"png": 6, "jpeg, png": 3, "jpeg": 3, "webp, jpeg": 1, "reduced": 3, "scan": 1, "scans": 1}
"""How the files of a pair that differs are written, and how often."""
QUALITIES = (50, 60, 75, 85, 90, 95)


class Truth(str, Enum):
    """What two files are to each other."""

    OTHER = "other"  # at most `similar`
    EDIT = "edit"  # `edited`, and nothing stronger
    EDITED = "edited"  # a copy: `edited` or stronger
    SAME = "same"  # a copy: `same` or stronger


@dataclass(frozen=True, slots=True)
class Case:
    """Two files and what they are to each other."""

    kind: str
    seed: str
    what: str  # what differs, or how it was copied
    truth: Truth
    a: File
    b: File
    box_a: Box | None = None  # in pixels of A, that all of the difference lies in; None: anywhere
    box_b: Box | None = None
    legible: bool = False  # the difference, in the smaller of both
    dress: str = ""  # how the files of a pair that differ were written


@dataclass(frozen=True, slots=True)
class Pair:
    """Two sheets before they are written to files."""

    what: str
    a: Picture
    b: Picture
    box: Box | None  # that all of the difference lies in; None: anywhere
    legible: bool


def token(split: str, seed: int, number: int) -> str:
    """Name a seed. Bounds are chosen on the split "train" and reported on "test": no sheet is in both."""
    return f"{split}-{seed}-{number}"


def sheet(
    kind: str, form: str, content: str = "", changes: Mapping[int, str] | None = None, unit: float = 0.0
) -> Sheet:
    """Draw one thing."""
    drawn = Sheet(kind, form, content, changes, unit=unit)
    KINDS[kind](drawn)
    return drawn


def differing_pair(kind: str, seed: str, small: bool, scale: float = 1.0) -> Pair:
    """Draw two sheets of one form that differ: in one digit or letter if `small`, else in more.

    The difference is legible where the sheets are shown at `scale`.
    """
    chance = Random(f"{kind} {seed} change")
    first = sheet(kind, seed)
    change: Change | None
    if small:
        change = small_change(first.fields, chance, scale)
    else:
        change = chance.choice([*other_changes(first.fields, chance, scale), Change(ALL, {})])
    if change is None or change.what == ALL:
        second = sheet(kind, seed, "another")
        return Pair(ALL, first.picture, second.picture, None, _contrast(first.picture, second.picture, None))
    second = sheet(kind, seed, "", change.contents)
    boxes = [second.fields[number].box for number in change.contents]
    width, height = first.picture.size
    box = (
        max(0, min(box[0] for box in boxes)),
        max(0, min(box[1] for box in boxes)),
        min(width, max(box[2] for box in boxes)),
        min(height, max(box[3] for box in boxes)),
    )
    return Pair(
        change.what, first.picture, second.picture, box, _contrast(first.picture, second.picture, box)
    )


def differing(kind: str, seed: str, small: bool, photographs: Sequence[Photograph] = ()) -> Case:
    """Make a pair of files that are `similar` at most: sheets of one form, or two shots."""
    chance = Random(f"{kind} {seed} dress")
    if kind in TAKES:
        shots = TAKES[kind](chance, photographs)
        return Case(
            kind, seed, shots.what, Truth.OTHER, shots.a, shots.b, shots.box, shots.box, legible=shots.legible
        )
    dress = chance.choices(list(DRESSES), list(DRESSES.values()))[0]
    scale = 1.0
    if dress == "reduced":
        unit = Sheet(kind, seed, "").unit
        scale = chance.uniform(max(0.5, LEAST_X_HEIGHT / unit), 1.0)
    pair = differing_pair(kind, seed, small, scale)
    a, b = pair.a, pair.b
    quality_a, quality_b = (chance.choice(QUALITIES) for _ in range(2))
    if dress == "png":
        files = png(a), png(b)
    elif dress == "jpeg, png":
        files = jpeg(a, quality_a), png(b)
    elif dress == "jpeg":
        files = jpeg(a, quality_a), jpeg(b, quality_b)
    elif dress == "webp, jpeg":
        files = webp(a, 80), jpeg(b, quality_b)
    elif dress == "reduced":
        files = jpeg(a, quality_a), png(scaled(b, scale))
    elif dress == "scan":
        files = png(a), jpeg(scan(b, chance), 85)
    else:
        files = jpeg(scan(a, chance), 85), jpeg(scan(b, chance), 85)
    boxes = pair.box, None if pair.box is None else _scaled(pair.box, scale)
    if chance.random() < 0.5:
        files, boxes = files[::-1], boxes[::-1]
    how = f"{dress} {scale:.2f}" if dress == "reduced" else dress
    return Case(kind, seed, pair.what, Truth.OTHER, *files, *boxes, legible=pair.legible, dress=how)


def copy(kind: str, seed: str, how: str, photographs: Sequence[Photograph] = ()) -> Case:
    """Make a pair of files of which the second is a copy of the first, or what its owner made of it."""
    chance = Random(f"{kind} {seed} {how}")
    if kind == PHOTOGRAPH:
        made = PHOTO_COPIES[how]
        original, copied = made.make(photograph(Random(f"{kind} {seed}"), photographs), chance)
        return Case(kind, seed, how, Truth(made.asked), original, copied)
    picture = sheet(kind, seed).picture
    copying = COPIES[how]
    first, second = copying.first(picture, chance), copying.make(picture, chance)
    same = copying.same
    if same is None:
        same = second.picture().tobytes() == picture.tobytes()
    return Case(kind, seed, how, Truth.SAME if same else Truth.EDITED, first, second)


def _contrast(a: Picture, b: Picture, box: Box | None) -> bool:
    one, two = (np.asarray(picture.crop(box) if box else picture, np.int16) for picture in (a, b))
    return one.shape != two.shape or int(np.abs(one - two).max()) >= LEAST_CONTRAST


def _scaled(box: Box, scale: float) -> Box:
    left, top, right, bottom = box
    return int(left * scale), int(top * scale), ceil(right * scale), ceil(bottom * scale)
