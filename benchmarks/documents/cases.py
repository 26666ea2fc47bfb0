"""Pairs of files of known truth, made from a kind and a seed, the same ones every time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from random import Random

import numpy as np

from benchmarks.documents.changes import LEAST_X_HEIGHT, Change, other_changes, small_change
from benchmarks.documents.copies import COPIES, File, jpeg, png, scaled, scan, webp
from benchmarks.documents.kinds.registry import KINDS
from benchmarks.documents.sheet import Box, Picture, Sheet

ALL = "all of it"
LEAST_CONTRAST = 64  # levels of 255, by which a pixel of a legible difference differs at least


class Truth(str, Enum):
    """What two files are to each other, at most or at least."""

    OTHER = "other"  # at most `similar`
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
    dress: str = ""  # how the files of a pair that differs were written


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
        options = [*other_changes(first.fields, chance, scale), Change(ALL, {})]
        change = chance.choice(options)
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


def differing(kind: str, seed: str, small: bool) -> Case:
    """Make a pair of files that show other content in one form."""
    chance = Random(f"{kind} {seed} dress")
    dress = chance.choices(
        ("png", "jpeg, png", "jpeg", "webp, jpeg", "reduced", "scan", "scans"), (6, 3, 3, 1, 3, 1, 1)
    )[0]
    scale = 1.0
    if dress == "reduced":
        unit = Sheet(kind, seed, "").unit
        scale = chance.uniform(max(0.5, LEAST_X_HEIGHT / unit), 1.0)
    pair = differing_pair(kind, seed, small, scale)
    qualities = [chance.choice((50, 60, 75, 85, 90, 95)) for _ in range(2)]
    a, b = pair.a, pair.b
    if dress == "png":
        files = png(a), png(b)
    elif dress == "jpeg, png":
        files = jpeg(a, qualities[0]), png(b)
    elif dress == "jpeg":
        files = jpeg(a, qualities[0]), jpeg(b, qualities[1])
    elif dress == "webp, jpeg":
        files = webp(a, 80), jpeg(b, qualities[1])
    elif dress == "reduced":
        files = jpeg(a, qualities[0]), png(scaled(b, scale))
    elif dress == "scan":
        files = png(a), jpeg(scan(b, chance), 85)
    else:
        files = jpeg(scan(a, chance), 85), jpeg(scan(b, chance), 85)
    if chance.random() < 0.5:
        files = files[::-1]
        a, b = b, a
    box_b = None if pair.box is None else _scaled(pair.box, scale)
    boxes = (pair.box, box_b) if files[0].picture().size == a.size else (box_b, pair.box)
    return Case(
        kind, seed, pair.what, Truth.OTHER, *files, *boxes, legible=pair.legible, dress=f"{dress} {scale:.2f}"
    )


def copy(kind: str, seed: str, how: str) -> Case:
    """Make a pair of files of which the second is a copy of the first."""
    original = sheet(kind, seed).picture
    made = COPIES[how]
    copied = made.make(original, Random(f"{kind} {seed} {how}"))
    return Case(kind, seed, how, Truth.SAME if made.same else Truth.EDITED, png(original), copied)


def _contrast(a: Picture, b: Picture, box: Box | None) -> bool:
    one, two = (np.asarray(picture.crop(box) if box else picture, np.int16) for picture in (a, b))
    return one.shape != two.shape or int(np.abs(one - two).max()) >= LEAST_CONTRAST


def _scaled(box: Box, scale: float) -> Box:
    left, top, right, bottom = box
    return int(left * scale), int(top * scale), int(right * scale) + 1, int(bottom * scale) + 1
