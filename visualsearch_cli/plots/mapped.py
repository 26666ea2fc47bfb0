"""The pictures of an index, with all that a map shows of them."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from visualsearch_cli.errors import VisualSearchError
from visualsearch_cli.index.open import calibration_of, open_labels
from visualsearch_cli.plots.layout import Layout, Places, copies_among, laid_out

if TYPE_CHECKING:
    from collections.abc import Sequence

    from visualsearch_cli.index.open import OpenIndex
    from visualsearch_cli.pictures.image import ImageRecord

NEAR = 0.002  # cosine distance of copies, where nobody knows one of the model
STRICT = 1e-6  # the rate of false pairs at which pictures are taken for copies


class Shown(NamedTuple):
    """A picture on a map."""

    image: ImageRecord  # the first of its files, by path
    files: int  # with the same bytes
    label: str  # "" for none


class Map(NamedTuple):
    """Pictures with their places."""

    pictures: Sequence[Shown]
    places: Places  # (n, 2), from 0 to 1
    near: Sequence[tuple[int, int]]  # pairs of pictures that are probably copies
    distance: float  # how far these are from each other, at most
    left_out: int  # pictures that are in the index, and not on the map
    labels: Sequence[tuple[str, int]]  # with the number of pictures, those of most first


def map_of(index: OpenIndex, layout: Layout, most: int) -> Map:
    """Return a map of an index, of `most` pictures that are evenly chosen by their paths if there are more.

    Raises VisualSearchError if there are no pictures, LayoutUnavailable if a library is missing.
    """
    catalog = index.catalog
    stored = catalog.vectors()
    images = catalog.images_of(stored.content_ids.tolist())
    rows = [row for row, content in enumerate(stored.content_ids.tolist()) if images.get(content)]
    if not rows:
        raise VisualSearchError(
            f"{index.folder.path} knows of no pictures: run `visualsearch index PATH` first"
        )
    contents = stored.content_ids
    rows.sort(key=lambda row: str(images[int(contents[row])][0].path))
    chosen = [rows[at] for at in np.unique(np.linspace(0, len(rows) - 1, min(most, len(rows))).astype(int))]
    names = open_labels(index.folder).of_contents()
    pictures = []
    for row in chosen:
        files = images[int(contents[row])]
        pictures.append(Shown(files[0], len(files), next(iter(names.get(files[0].content_hash, ())), "")))
    vectors = stored.vectors[chosen]
    levels = calibration_of(catalog.manifest())
    distance = NEAR if levels is None else levels.full.distance_at(STRICT)
    counts = Counter(shown.label for shown in pictures if shown.label)
    return Map(
        pictures,
        laid_out(vectors, layout),
        copies_among(vectors, distance),
        distance,
        len(rows) - len(chosen),
        sorted(counts.items(), key=lambda item: (-item[1], item[0])),
    )
