"""A folder of photographs, copies of some of them, and look-alikes, of which the truth is known."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from dataclasses import astuple, dataclass
from pathlib import Path
from random import Random

from benchmarks.accuracy.hard_negatives import HARD_NEGATIVES
from benchmarks.material.editing import Picture
from benchmarks.material.edits import DIHEDRAL, UPRIGHT, edited
from benchmarks.material.photographs import Photograph

EDITS = (*UPRIGHT, *DIHEDRAL)
PASTED = "overlay50"
FORMATS = {"jpeg30": (".jpg", 30), "jpeg8": (".jpg", 8), "webp40": (".webp", 40), "gif64": (".gif", 0)}
"""Edits that are a format and a quality: the file is written so, once."""


@dataclass(frozen=True, slots=True)
class Truth:
    """What a file of the folder is."""

    name: str  # of the file: says nothing
    original: int  # number of the photograph it was made of
    edit: str  # "" for the photograph itself, else the edit, or a hard negative's name and side: "burst 2"
    behind: int = -1  # number of the photograph that it was pasted onto, if it was
    photograph: str = ""  # the name of the photograph it was made of

    @property
    def hard(self) -> str:
        """The kind of hard negative, or "" for a photograph or an edit of one."""
        kind = self.edit.partition(" ")[0]
        return kind if kind in HARD_NEGATIVES else ""


@dataclass(frozen=True, slots=True)
class Plan:
    """How much of what is made."""

    edited: float = 1 / 3  # the share of the photographs that have copies
    copies: int = 6  # of each
    hard: int = 100  # pairs of each kind of hard negative


def build_folder(photographs: Sequence[Photograph], folder: Path, plan: Plan, seed: str) -> list[Truth]:
    """Write the folder, the same one for the same seed, and `FOLDER.csv` beside it. Returns the truth."""
    folder.mkdir(parents=True)
    order = Random(f"{seed} roles").sample(photographs, len(photographs))
    count = int(len(order) * plan.edited)
    roles = _roles(len(order), count, plan)
    numbers = Random(f"{seed} names").sample(range(100_000), len(order) * (plan.copies + 2))
    truths: list[Truth] = []
    for place, photograph in enumerate(order):
        picture, other = photograph.read(), order[place - 1].read()
        if picture is None or other is None:
            continue
        for edit, made in _made(picture, other, roles[place], place, seed, plan):
            name = f"IMG_{numbers[len(truths)]:05}{_save(made, folder, numbers[len(truths)], edit)}"
            behind = (place - 1) % len(order) if edit == PASTED else -1
            truths.append(Truth(name, place, edit, behind, photograph.name))
    with folder.with_suffix(".csv").open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(("name", "original", "edit", "behind", "photograph"))
        rows.writerows(astuple(truth) for truth in truths)
    return truths


def _roles(photographs: int, count: int, plan: Plan) -> list[str]:
    """Return what each photograph is for: "edits", the name of a hard negative, or "" to stay as it is."""
    hard = [name for name in HARD_NEGATIVES for _ in range(plan.hard)]
    roles = ["edits"] * count + hard[: photographs - count]
    return roles + [""] * (photographs - len(roles))


def _made(
    picture: Picture, other: Picture, role: str, place: int, seed: str, plan: Plan
) -> Iterator[tuple[str, Picture]]:
    if role in HARD_NEGATIVES:
        pair = HARD_NEGATIVES[role](picture, Random(f"{seed} {role} {place}"), other)
        if pair is not None:
            yield from ((f"{role} {side}", frame) for side, frame in enumerate(pair, start=1))
            return
    yield "", picture
    if role == "edits":
        for edit in Random(f"{seed} edits {place}").sample(EDITS, plan.copies):
            yield edit, edited(picture, edit, other, f"{seed} {place}")


def _save(picture: Picture, folder: Path, number: int, edit: str) -> str:
    """Write a picture, and return the ending of its name."""
    suffix, quality = FORMATS.get(edit, (".jpg", 92))
    picture.save(folder / f"IMG_{number:05}{suffix}", quality=quality)
    return suffix
