"""The pictures of an index, with all that a map shows of them."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import numpy as np

from visualsearch_cli.errors import VisualSearchError
from visualsearch_cli.index.open import calibration_of, open_labels
from visualsearch_cli.named_tuples import NamedTuple
from visualsearch_cli.plots.layout import Layout, Places, copies_among, laid_out

if TYPE_CHECKING:
    from collections.abc import Sequence

    from visualsearch_cli.index.open import OpenIndex
    from visualsearch_cli.pictures.image import ImageRecord
    from visualsearch_cli.vectors.index import Embeddings

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


def map_of(indexes: Sequence[OpenIndex], layout: Layout, most: int) -> Map:
    """Return a map of some indexes of one model, of `most` pictures that are evenly chosen by their paths if
    there are more.

    Raises VisualSearchError if there are no pictures, LayoutUnavailable if a library is missing.
    """
    found: dict[str, Shown] = {}  # by content hash: what several know is shown once
    vectors: dict[str, Embeddings] = {}
    for index in indexes:
        stored = index.catalog.vectors()
        images = index.catalog.images_of(stored.content_ids.tolist())
        names = open_labels(index.folder).of_contents()
        for row, content in enumerate(stored.content_ids.tolist()):
            if files := images.get(content):
                hash = files[0].content_hash
                known = found.get(hash, Shown(files[0], 0, next(iter(names.get(hash, ())), "")))
                found[hash] = known._replace(files=known.files + len(files))
                vectors[hash] = stored.vectors[row]
    if not found:
        raise VisualSearchError(
            f"{indexes[0].folder.path} knows of no pictures: run `visualsearch index PATH` first"
        )
    ordered = sorted(found.values(), key=lambda shown: str(shown.image.path))
    places = np.unique(np.linspace(0, len(ordered) - 1, min(most, len(ordered))).astype(int))
    pictures = [ordered[place] for place in places]
    chosen = np.array([vectors[shown.image.content_hash] for shown in pictures])
    levels = calibration_of(indexes[0].catalog.manifest())
    distance = NEAR if levels is None else levels.full.distance_at(STRICT)
    counts = Counter(shown.label for shown in pictures if shown.label)
    return Map(
        pictures,
        laid_out(chosen, layout),
        copies_among(chosen, distance),
        distance,
        len(ordered) - len(pictures),
        sorted(counts.items(), key=lambda item: (-item[1], item[0])),
    )
