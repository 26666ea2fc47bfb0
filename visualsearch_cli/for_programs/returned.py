"""What the library returns that no other package makes."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from visualsearch_cli.pictures.image import SkippedImage
from visualsearch_cli.search.matches import Match

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from visualsearch_cli.detectors.parts import Part
    from visualsearch_cli.evaluation.measures import MeasuresAtK


@dataclass(frozen=True, slots=True)
class Added:
    """What `Index.add` did."""

    found: int  # image files met
    unchanged: int  # of them
    embedded: int  # distinct contents that were new
    reused: int  # new or changed files whose content was known
    missing: int  # files of the index that are no longer there
    skipped: tuple[SkippedImage, ...]  # files that cannot be used, by path
    offline: tuple[Path, ...]  # folders whose disk is not mounted: what the index knows of them stays


@dataclass(frozen=True, slots=True)
class Answer:
    """What is near to a picture."""

    matches: tuple[Match, ...]  # proved copies, the best original first, then the nearest first
    skipped: tuple[SkippedImage, ...]  # near, but could not be read where a level asks for proof
    part: Part | None = None  # of the picture that was looked for, in its pixels; None: all of it


@dataclass(frozen=True, slots=True, eq=False)
class Embedded:
    """Pictures as unit vectors: the distance of two of them is `1 - vectors[a] @ vectors[b]`."""

    paths: tuple[Path, ...]  # (n,), in the order in which they were found
    vectors: npt.NDArray[np.float32]  # (n, dim), a row for each path
    model: str
    skipped: tuple[SkippedImage, ...]


@dataclass(frozen=True, slots=True)
class Adapted:
    """A model that was learned from labels, and what it is worth on pictures whose labels it never saw."""

    file: Path
    pictures: int  # that it was judged by
    before: float  # the share of them whose nearest other one has their label, with the vectors as they were
    after: float
    chance: float  # how often chance brings about as much of a gain


@dataclass(frozen=True, slots=True)
class Shortened:
    """A model that makes vectors shorter, and what that keeps."""

    file: Path
    pictures: int  # that its axes were learned from
    variance: float  # the share that lies along the axes
    neighbors: float  # the share of the ten nearest pictures that are among the ten nearest by it


@dataclass(frozen=True, slots=True)
class Labelled:
    """What came of labels that were given to many pictures, or taken away from them."""

    labels: int  # that are new, or are no more
    pictures: int  # distinct ones that were named
    strangers: int  # of them, not in the index: their labels count once it knows them
    skipped: tuple[SkippedImage, ...]  # files that cannot be read, and folders that cannot be labels


@dataclass(frozen=True, slots=True, eq=False)
class Evaluated:
    """How well pictures of an index that have a label find each other, each asked for among all others."""

    pictures: int  # that have one label
    hit_at_1: float  # the share whose nearest picture has the same label
    mean_average_precision: float  # over the full rankings
    accuracy: float  # the share that `match` would name rightly, without a cut-off
    labels: tuple[str, ...]  # sorted
    precision: tuple[float | None, ...]  # of each label; None: no picture was given it
    recall: tuple[float, ...]  # likewise
    confusion: npt.NDArray[
        np.int64
    ]  # (labels, labels): a row for what pictures have, a column for what they got
    at: tuple[MeasuresAtK, ...]  # precision, recall, hit rate and mAP at each k that was asked for, sorted
