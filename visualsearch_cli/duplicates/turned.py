"""Vectors of turned pictures: what a copy that was turned or mirrored is compared with."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from visualsearch_cli.ahead import ahead, workers
from visualsearch_cli.embedders.embedder import Embedder, ModelInput
from visualsearch_cli.errors import ImageError
from visualsearch_cli.index.committing import Committing
from visualsearch_cli.index.records import Turned
from visualsearch_cli.pictures.image import ImageReader, ImageRecord
from visualsearch_cli.pictures.orientations import Transforms, orientations_of
from visualsearch_cli.pictures.reading import read_picture
from visualsearch_cli.progress import Progress
from visualsearch_cli.vectors.index import Embeddings
from visualsearch_cli.vectors.pairs import Nodes, Pairs, pairs_between

BATCH = 32  # model inputs embedded at once

QUARTER, HALF = 1, 2  # positions in what `orientations_of` returns
MIRRORED = (4, 5, 6, 7)


def ways_of(transforms: Transforms, *, mirror_invariant: bool) -> tuple[int, ...]:
    """Return the ways in which one picture of each pair must be turned, as numbers of the orientations.

    Turning A by a quarter to the left and comparing it with B is turning B to the right: one of both will do,
    as long as every picture is turned. A model to which a picture and its mirror image are the same needs
    no mirrored ones.
    """
    if transforms is Transforms.NONE:
        return ()
    if transforms is Transforms.MIRROR:
        return () if mirror_invariant else MIRRORED[:1]
    return (QUARTER, HALF, *(() if mirror_invariant else MIRRORED))


class TurnedStore(Protocol):
    """Keeps the vectors of turned pictures."""

    def load(self, way: int) -> tuple[Nodes, Embeddings]:
        """Return the content ids, int64 (n,), and vectors, float32 (n, dim), of one way."""

    def as_kept(self, vectors: Embeddings) -> Embeddings:
        """Return vectors, (n, dim), as `load` will: they may be kept with fewer bits."""

    def save(self, found: Sequence[Turned]) -> None:
        """Keep vectors, in one transaction, if that is possible here."""


@dataclass(frozen=True, slots=True)
class Turner:
    """Compares turned pictures with untouched ones."""

    ways: tuple[int, ...]
    store: TurnedStore
    embedder: Callable[[], Embedder]  # called only if a picture must be embedded
    reader: ImageReader
    threads: int
    progress: Progress

    def pairs(
        self,
        ids: Nodes,
        vectors: Embeddings,
        images_of: Callable[[Iterable[int]], Mapping[int, Sequence[ImageRecord]]],
        max_distance: float,
    ) -> Pairs:
        """Return the pairs of rows of which one, turned, is near to the other. A pair may come twice.

        ids: content ids (n,). vectors: of their full frames, (n, dim). `images_of` gives the files of
        contents whose turned vectors are not stored; files that cannot be read have none.
        """
        if not len(ids):
            return Pairs.none()
        found = [self.store.load(way) for way in self.ways]
        todo: dict[int, list[int]] = {}
        for way, (known, _) in zip(self.ways, found, strict=True):
            for content in ids[~np.isin(ids, known)].tolist():
                todo.setdefault(content, []).append(way)
        new = self._embedded(todo, images_of(todo)) if todo else []
        parts = []
        for way, (known, its) in zip(self.ways, found, strict=True):
            fresh = [(content, vector) for content, made, vector in new if made == way]
            contents = np.concatenate([known, np.array([content for content, _ in fresh], np.int64)])
            turns = np.concatenate([its.reshape(-1, vectors.shape[1]), *(v[np.newaxis] for _, v in fresh)])
            here = np.isin(contents, ids)
            rows = np.searchsorted(ids, contents[here])
            with self.progress.step("Comparing turned", len(rows)) as advance:
                pairs = pairs_between(turns[here], vectors, max_distance, advance)
            parts.append(Pairs(rows[pairs.a].astype(np.int32), pairs.b, pairs.distances))
        return Pairs.joined(parts)

    def _embedded(
        self, todo: Mapping[int, Sequence[int]], images: Mapping[int, Sequence[ImageRecord]]
    ) -> list[Turned]:
        """Return the vectors that were missing, stored about once a second."""
        new: list[Turned] = []
        files = [(images[content][0], ways) for content, ways in todo.items() if images.get(content)]
        with (
            self.progress.step("Turning", len(files)) as advance,
            closing(self._prepared(files)) as prepared,
            Committing[Turned](self.store.save) as committing,
        ):
            for batch in prepared:
                embedded = self.store.as_kept(
                    self.embedder().embed([model_input for *_, model_input in batch])
                )
                made = [
                    (content, way, vector) for (content, way, _), vector in zip(batch, embedded, strict=True)
                ]
                new += made
                advance(len({content for content, *_ in batch}))
                committing.add(made)
        return new

    def _prepared(
        self, files: Sequence[tuple[ImageRecord, Sequence[int]]]
    ) -> Generator[list[tuple[int, int, ModelInput]], None, None]:
        """Yield batches of content, way and model input, decoded in a few threads, a few files ahead."""
        embedder = self.embedder()  # here, and not in each thread: loading it twice would be a waste
        batch: list[tuple[int, int, ModelInput]] = []
        with workers(self.threads, "turn") as pool:
            prepared = ahead(
                files, lambda file: pool.submit(self._prepare, *file, embedder), 2 * self.threads
            )
            for inputs in prepared:
                batch += inputs
                if len(batch) >= BATCH:
                    yield batch
                    batch = []
        if batch:
            yield batch

    def _prepare(
        self, image: ImageRecord, ways: Sequence[int], embedder: Embedder
    ) -> list[tuple[int, int, ModelInput]]:
        try:
            pixels = read_picture(image.path, self.reader, embedder.input_side).pixels
        except ImageError:  # it is said elsewhere that the file is gone or changed
            return []
        all_ways = orientations_of(pixels, Transforms.ALL)
        return [
            (image.content_id, way, embedder.prepare(np.ascontiguousarray(all_ways[way]))) for way in ways
        ]
