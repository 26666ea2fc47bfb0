"""Learn from an index's own pictures which distances mean something: the way of `calibrate`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from random import Random
from typing import TYPE_CHECKING

import numpy as np

from visualsearch_cli.calibration.edited_copies import edited_copies
from visualsearch_cli.calibration.learning import (
    levels_among,
    measured_copies,
    require_found,
    require_pictures,
)
from visualsearch_cli.calibration.levels import THIS_INDEX, Calibration
from visualsearch_cli.errors import ImageError
from visualsearch_cli.index.model import ModelChoice, Use
from visualsearch_cli.index.open import open_writer, seen_for
from visualsearch_cli.index.records import Frames
from visualsearch_cli.pictures.reading import read_picture

if TYPE_CHECKING:
    import numpy.typing as npt

    from visualsearch_cli.index.catalog import Catalog
    from visualsearch_cli.index.folder import IndexFolder
    from visualsearch_cli.pictures.image import ImageReader, ImageRecord, Pixels
    from visualsearch_cli.progress import Advance, Messages, Progress
    from visualsearch_cli.vectors.index import Embeddings

DECODED = 512  # pixels, at least: edits are made of the picture, not of a model's input


def calibrate_index(
    folder: IndexFolder,
    choice: ModelChoice,
    reader: ImageReader,
    sample: int,
    progress: Progress,
    messages: Messages,
) -> tuple[Calibration, int]:
    """Learn how near different pictures of an index come, and by editing `sample` of them, how far copies.

    Returns what was learned, which is kept in the index, and from how many contents.

    Raises TooFewPictures, and NotLearned if it would not find the edited copies.
    """
    with folder.lock(), open_writer(folder) as opened:
        catalog = seen_for(opened, choice, folder.path, Use.COPIES)
        embedder = choice.of_index(catalog.manifest(), folder.path, messages)
        frames, regions = _vectors(catalog, messages)
        require_pictures(len(frames))
        records = _sample(catalog, sample, Random(0))
        with progress.step("Editing a sample", len(records)) as advance:
            decoded = _decoded(records, reader, advance, messages)
            copies = measured_copies(decoded, embedder(), edited_copies)
        full, of_regions, pictures = levels_among(frames, regions, copies)
        require_found(full, copies)
        catalog.set_calibration(Calibration(full, of_regions, pictures, THIS_INDEX, copies))
        kept = catalog.manifest().calibration  # rounded
    assert kept is not None
    return kept, len(frames)


def _vectors(catalog: Catalog, messages: Messages) -> tuple[Embeddings, npt.NDArray[np.float32] | None]:
    """Return present contents' full frames (n, dim), and with their regions (n, r, dim) if all have them."""
    stored = catalog.vectors()
    if catalog.manifest().regions is None:
        return stored.vectors, None
    parts = catalog.vectors(frames=Frames.REGIONS)
    numbers = np.unique(parts.regions)
    order = np.lexsort((parts.regions, parts.content_ids))
    if len(parts.ids) != len(numbers) * len(stored.ids):
        messages.note("some pictures have no vectors of their regions yet: `visualsearch index` makes them")
        return stored.vectors, None
    rows = np.argsort(stored.content_ids)
    frames = stored.vectors[rows]
    cut = parts.vectors[order].reshape(len(rows), len(numbers), -1)
    return frames, np.concatenate([frames[:, np.newaxis], cut], axis=1)


def _sample(catalog: Catalog, count: int, chance: Random) -> list[ImageRecord]:
    """Return one image of each of some contents, drawn by chance."""
    contents = sorted(set(catalog.vectors().content_ids.tolist()))
    drawn = chance.sample(contents, min(count, len(contents)))
    images = catalog.images_of(drawn)
    return [images[content][0] for content in drawn if images.get(content)]


def _decoded(
    records: Sequence[ImageRecord], reader: ImageReader, advance: Advance, messages: Messages
) -> Iterator[tuple[str, Pixels]]:
    """Yield the pictures that can be read; a disk that is not mounted leaves fewer."""
    for record in records:
        try:
            yield record.content_hash, read_picture(record.path, reader, DECODED).pixels
        except ImageError as error:
            messages.note(f"skipped {record.path}: {error}")
        advance(1)
