"""How right the label of the nearest pictures is: each picture of a known class, named by all others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from visualsearch_cli.evaluation.evaluation import SCALE, scored_blocks
from visualsearch_cli.evaluation.ranking import Numbers
from visualsearch_cli.progress import Progress
from visualsearch_cli.search.labelling import NEIGHBORS, vote


@dataclass(frozen=True, slots=True)
class ClassMeasures:
    """How well pictures of one class are told from others."""

    name: str
    pictures: int  # of this class
    precision: float | None  # the share of pictures named so that are of it; None: none was
    recall: float  # the share of its pictures that were named so
    f1: float  # the harmonic mean of both; 0 where none was right
    taken_for: str | None  # the class that its pictures were most often wrongly named


@dataclass(frozen=True, slots=True)
class Classification:
    """What came of naming every picture by its neighbors, itself left out."""

    k: int  # neighbors that vote
    pictures: int  # of a known class
    accuracy: float  # the share that was named rightly
    classes: tuple[ClassMeasures, ...]  # by name
    confusion: tuple[tuple[int, ...], ...]
    """A row for each class, with how many of its pictures were given each, in the order of `classes`."""


def classify(
    oriented: npt.NDArray[np.float32],
    contents: Numbers,
    names: Sequence[str | None],
    progress: Progress,
    k: int = NEIGHBORS,
) -> Classification:
    """Name each of n pictures as `match` does, without a cut-off, by its k nearest of a known class.

    oriented, contents: as for `evaluate`. names: the class of each picture; None: it has no part in this.

    Raises ValueError if fewer than two pictures have a class.
    """
    known = np.array([name is not None for name in names])
    if known.sum() < 2:
        raise ValueError("fewer than two pictures have a class, so there is nothing to name one by")
    classes = sorted({name for name in names if name is not None})
    numbers = {name: number for number, name in enumerate(classes)}
    confusion = np.zeros((len(classes), len(classes)), np.int64)
    with progress.step("Naming", len(names)) as advance:
        for rows, scores in scored_blocks(oriented, contents):
            scores = scores.copy()
            scores[:, ~known] = -1
            scores[np.arange(len(rows)), rows] = -1
            order = np.argsort(-scores, axis=1, kind="stable")[:, : min(k, int(known.sum()) - 1)]
            for row, nearest in zip(rows.tolist(), order.tolist(), strict=True):
                own = names[row]
                if own is None:
                    continue
                at = row - int(rows[0])
                distances = [1 - (int(scores[at, other]) - SCALE) / SCALE for other in nearest]
                votes = [[name] for other in nearest if (name := names[other]) is not None]
                label = vote(distances, votes, 2.0).label
                assert label is not None
                confusion[numbers[own], numbers[label]] += 1
            advance(len(rows))
    return Classification(
        k,
        int(confusion.sum()),
        float(np.trace(confusion) / confusion.sum()),
        tuple(_measures(name, number, classes, confusion) for name, number in numbers.items()),
        tuple(map(tuple, confusion.tolist())),
    )


def _measures(
    name: str, number: int, classes: Sequence[str], confusion: npt.NDArray[np.int64]
) -> ClassMeasures:
    right, pictures = int(confusion[number, number]), int(confusion[number].sum())
    named = int(confusion[:, number].sum())
    wrong = confusion[number].copy()
    wrong[number] = 0
    worst = int(wrong.argmax())
    return ClassMeasures(
        name,
        pictures,
        right / named if named else None,
        right / pictures,
        2 * right / (named + pictures),
        classes[worst] if wrong[worst] else None,
    )
