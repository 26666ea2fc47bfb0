"""What a projection is learned from: vectors of an index, and which of them are of one class."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from visualsearch_cli.errors import VisualSearchError
from visualsearch_cli.named_tuples import NamedTuple
from visualsearch_cli.search.naming import named_in

if TYPE_CHECKING:
    import numpy.typing as npt

    from visualsearch_cli.index.open import OpenIndex
    from visualsearch_cli.learning.descent import Rows
    from visualsearch_cli.reports.report import Report
    from visualsearch_cli.vectors.index import Embeddings

LEAST_CLASSES = 10  # of two pictures and more: fewer cannot be parted in three and say anything
MOST_PICTURES = 200  # of a class: more would only take longer
SHARES = (0.6, 0.8)  # of the classes: the first are learned from, those to the second end the learning


class Part(NamedTuple):
    """Pictures of some classes."""

    vectors: Embeddings  # (n, dim)
    classes: Rows  # (n,)

    @property
    def class_count(self) -> int:
        """How many classes there are."""
        return len(np.unique(self.classes))


class Parts(NamedTuple):
    """Three parts of all pictures; none has a class of another."""

    learned: Part
    ending: Part  # says when to end
    judged: Part  # says what came of it


class Classed(NamedTuple):
    """The pictures of an index whose class is known: the first of their labels, by name, or their group."""

    vectors: Embeddings  # (n, dim)
    names: Sequence[str]  # (n,)
    advice: str = "Label more with `visualsearch label`"  # where they are too few


def by_labels(index: OpenIndex) -> Classed:
    """Return the pictures that have a label. Raises NoLabels if there are none."""
    named = named_in(index)
    return Classed(named.vectors, [names[0] for names in named.names])


def by_groups(index: OpenIndex, report: Report) -> Classed:
    """Return the pictures of the groups in a report of `dupes`.

    Raises VisualSearchError if the index knows none of them.
    """
    groups: Mapping[str, str] = {
        member.content_hash: str(group.id) for group in report.groups for member in group.members
    }
    ids = {
        id: name
        for content_hash, name in groups.items()
        if (id := index.catalog.content_id(bytes.fromhex(content_hash))) is not None
    }
    vectors = index.catalog.vectors_of(ids)
    if not vectors:
        raise VisualSearchError(f"{index.folder.path} knows none of the pictures in the groups of the report")
    return Classed(
        np.array(list(vectors.values())),
        [ids[id] for id in vectors],
        "Name a report with more groups, such as one of `visualsearch dupes --level similar`, or label "
        "pictures, and leave --groups out",
    )


def parted(classed: Classed) -> Parts:
    """Part the classes in three by the hashes of their names, the same way every time. Those of one picture
    are left out.

    Raises VisualSearchError if there are too few.
    """
    counts = Counter(classed.names)
    usable = sorted(
        (name for name, count in counts.items() if count > 1),
        key=lambda name: hashlib.sha256(name.encode("utf-8", "surrogateescape")).digest(),
    )
    if len(usable) < LEAST_CLASSES:
        raise VisualSearchError(
            f"{len(usable)} of {len(counts)} classes have two pictures and more, expected {LEAST_CLASSES} at "
            f"least: some are learned from, and others must say whether it helps. {classed.advice}"
        )
    order = {name: number for number, name in enumerate(usable)}
    taken: Counter[str] = Counter()
    rows: list[int] = []
    for row, name in enumerate(classed.names):
        if name in order and taken[name] < MOST_PICTURES:
            taken[name] += 1
            rows.append(row)
    chosen = np.array(rows)
    classes = np.array([order[classed.names[row]] for row in rows])
    first, second = (round(share * len(usable)) for share in SHARES)
    vectors = classed.vectors[chosen]

    def part(of: npt.NDArray[np.bool_]) -> Part:
        return Part(vectors[of], classes[of])

    return Parts(
        part(classes < first), part((classes >= first) & (classes < second)), part(classes >= second)
    )
