"""From a path to a query: what the index knows is not read or embedded again.

A picture that the index does not know is asked in more ways than the index holds of its own: in those by
which the model gains, and without its border, if it has one.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from visualsearch_cli.embedders.embedder import AskingEmbedder, Embedder
from visualsearch_cli.index.roots import key_of
from visualsearch_cli.pictures.borders import without_border
from visualsearch_cli.pictures.image import ImageReader, ImageRecord, Pixels, is_as_indexed
from visualsearch_cli.pictures.orientations import Transforms, orientations_of, turned_freely
from visualsearch_cli.pictures.regions import (
    FULL_FRAME,
    SMALLEST_WINDOW,
    WINDOWS,
    WITHIN_BORDER,
    Cutting,
    RegionScheme,
)
from visualsearch_cli.search.likeness import Chance, Parts, chances_of_ways
from visualsearch_cli.search.neighbors import Query
from visualsearch_cli.vectors.index import Embeddings

if TYPE_CHECKING:
    from visualsearch_cli.detectors.parts import Detector, Part
    from visualsearch_cli.index.catalog import Catalog
    from visualsearch_cli.pictures.reading import FileRead

NO_VECTORS = np.empty((0, 0), np.float32)

LEAST_WINDOW = 32  # pixels of a side
LOOKED_AT = 256  # pixels of the shorter side by which it is told whether a window is plain
PLAIN = 6.0  # levels of standard deviation in each channel: such a window shows nothing

Seen: TypeAlias = "tuple[int, Chance, Pixels]"
"""A part of a query: the number of its region, one of how many ways it is, what it shows."""

Vectors: TypeAlias = "tuple[Embeddings, Parts | None]"
"""Of a query: of its full frame, in all ways it is seen, and of its parts."""


class SharedVectors:
    """What readers of several indexes tell each other, so that no picture is embedded twice."""

    def __init__(self) -> None:
        self.readers: list[QueryReader] = []
        self.made: dict[bytes, Vectors] = {}  # by the hash of the content
        self.cut: dict[bytes, Part] = {}  # likewise: the part that was named, of what was made


class QueryReader:
    """Turns paths into queries. An image that is in the index, by path or by content, needs no model."""

    def __init__(
        self,
        catalog: Catalog,
        embedder: Callable[[], Embedder],
        reader: ImageReader,
        transforms: Transforms,
        *,
        by_hash: bool = False,
        scheme: RegionScheme | None = None,
        shared: SharedVectors | None = None,
        cutting: Cutting | None = None,
        detector: Detector | None = None,
        is_close: bool = False,
    ) -> None:
        """With `by_hash`, queries have no vectors: who looks for equal bytes needs none.

        With a scheme, that of the index if it holds regions, queries have vectors of their regions too.

        shared: what readers of other indexes know and made, all for the same kind of queries.
        cutting: the part of each picture that is looked for; None: all of it.
        detector: finds the parts of each picture that are looked for, each for itself.
        is_close: whether queries are also seen through windows, turned by any angle, and as negatives. All
            are embedded then, since an index holds no such vectors.
        """
        self.catalog = catalog
        self.embedder = embedder
        self.reader = reader
        self.transforms = transforms
        self.by_hash = by_hash
        self.scheme = scheme
        self.cutting = cutting
        self.detector = detector
        self.is_close = is_close
        self._shared = SharedVectors() if shared is None else shared
        self._shared.readers.append(self)
        self._roots = catalog.roots()

    def read_each(self, path: Path) -> list[Query]:
        """Return the queries of one image: one, or one for each part that the detector finds in it.

        Raises ImageError if it cannot be read, ModelUnavailable if the detector does not work.
        """
        if self.detector is None:
            return [self.read(path)]
        from visualsearch_cli.pictures.reading import named, read_file

        key = key_of(str(path), self._roots)
        record = self.catalog.image(key) if key else None
        with named(path):
            read = read_file(path)
            image = read.decoded(self.reader)
        found = []
        for part in self.detector.find(image.pixels):
            place = read.content_hash + part.region.encode()
            made = self._shared.made.get(place)
            if made is None:
                made = self._shared_with_others(place, self._vectors_of(part.of(image.pixels)))
            full, parts = made
            known = read.record(0, image)
            found.append(Query(path, full, None, record.id if record else None, parts, known, part))
        return found

    def read(self, path: Path) -> Query:
        """Return the query of one image.

        Raises ImageError if it cannot be read.
        """
        key = key_of(str(path), self._roots)
        record = self.catalog.image(key) if key else None
        id = record.id if record else None  # also of a changed file: it is no neighbor of itself
        known = record is not None and is_as_indexed(record)
        if record and known and self.by_hash:
            return Query(path, NO_VECTORS, record.content_hash, id)
        is_whole = self.cutting is None
        vectors = self._known(bytes.fromhex(record.content_hash)) if record and known and is_whole else None
        if record and vectors:
            return Query(path, vectors[0], record.content_hash, id, vectors[1])
        from visualsearch_cli.pictures.reading import named, read_file

        with named(path):
            read = read_file(path)
            if self.by_hash:
                return Query(path, NO_VECTORS, read.content_hash.hex(), id)
            # A copy of the picture is no copy of a part of it: what an index has of that tells nothing.
            made = self._known(read.content_hash) if is_whole else self._shared.made.get(read.content_hash)
            image = None
            if made is None:
                made, image = self._embedded(read)
            full, parts = made
            content_hash = read.content_hash.hex() if is_whole else None
            part = self._shared.cut.get(read.content_hash)
            if len(self._shared.readers) == 1:  # nobody else asks for it
                self._shared.cut.clear()
            return Query(path, full, content_hash, id, parts, image, part)

    def _known(self, content_hash: bytes) -> Vectors | None:
        """Return what this index has of a content, or another one, or what was made for another one."""
        for reader in self._shared.readers:
            if (found := reader._stored(content_hash)) is not None:
                return found
        return self._shared.made.get(content_hash)

    def _stored(self, content_hash: bytes) -> Vectors | None:
        """Return what the catalog has of a content, if that is all that is asked for."""
        if self.transforms is not Transforms.NONE or self.is_close:
            return None
        full = self.catalog.content_vector(content_hash)
        if full is None or self.scheme is None:
            return None if full is None else (full, None)
        regions = self.catalog.content_regions(content_hash)
        if regions is None:
            return None
        return full, Parts(regions, _numbers(len(regions)))

    def _embedded(self, read: FileRead) -> tuple[Vectors, ImageRecord]:
        side = self.embedder().input_side
        least = self._least_side(side)
        image = read.decoded(self.reader, least)
        pixels = image.pixels
        if self.cutting:
            part = _part_named(self.cutting, pixels)
            self._shared.cut[read.content_hash] = part
            pixels = part.of(pixels)
        made = self._shared_with_others(read.content_hash, self._vectors_of(pixels))
        return made, read.record(0, image)

    def _least_side(self, input_side: int) -> int | None:
        """Return how many pixels the shorter side needs for what is embedded; None: all there are."""
        if self.cutting:
            return None
        if self.is_close:
            return math.ceil(input_side / SMALLEST_WINDOW)
        return self.scheme.min_side(input_side) if self.scheme else input_side

    def _shared_with_others(self, place: bytes, made: Vectors) -> Vectors:
        if len(self._shared.readers) > 1:  # nobody else would ask, and queries may be many
            self._shared.made[place] = made
        return made

    def _vectors_of(self, pixels: Pixels) -> Vectors:
        """Return the vectors of a picture, or of a part of one, in all ways that it is asked with."""
        embedder = self.embedder()
        ways = self._turned(pixels)
        seen = [*ways, *turned_freely(pixels), _negative(pixels)] if self.is_close else ways
        full = embedder.embed([embedder.prepare(way) for way in seen])
        numbers, chances, prepared = [], [], []
        # One by one: together, the parts of a large picture are many times as large as it is.
        parts = chain(self._regions(ways), self._within_border(pixels), self._windows(pixels))
        for number, chance, part in parts:
            numbers.append(number)
            chances.append(chance)
            prepared.append(embedder.prepare(part))
        vectors = [embedder.embed(prepared)] if prepared else []
        if isinstance(embedder, AskingEmbedder):
            vectors.append(embedder.embed_otherwise(ways))
            numbers += [FULL_FRAME] * len(vectors[-1])
            chances += chances_of_ways(len(ways)) * (len(vectors[-1]) // len(ways))
        return full, Parts(np.concatenate(vectors), numbers, chances) if vectors else None

    def _regions(self, ways: Sequence[Pixels]) -> Iterator[Seen]:
        for way, chance in zip(ways, chances_of_ways(len(ways)), strict=True):
            for number, part in enumerate(self.scheme.parts(way) if self.scheme else (), FULL_FRAME + 1):
                yield number, chance, part

    def _within_border(self, pixels: Pixels) -> Iterator[Seen]:
        inside = without_border(pixels)
        if inside is not None:
            ways = self._turned(inside)
            yield from zip([WITHIN_BORDER] * len(ways), chances_of_ways(len(ways)), ways, strict=True)

    def _windows(self, pixels: Pixels) -> Iterator[Seen]:
        """Yield the windows of a picture, and what lies within the rim of each: a collage has rims."""
        height, width = pixels.shape[:2]
        for window in WINDOWS if self.is_close else ():
            left, top, right, bottom = window.box(width, height)
            part = pixels[top:bottom, left:right]
            side = min(part.shape[:2])
            step = max(1, side // LOOKED_AT)
            if side < LEAST_WINDOW or part[::step, ::step].std(axis=(0, 1)).max() < PLAIN:
                continue
            for seen in (part, without_border(part)):
                if seen is not None:
                    yield window.number, Chance.WINDOW, seen.copy()

    def _turned(self, pixels: Pixels) -> list[Pixels]:
        return [np.ascontiguousarray(way) for way in orientations_of(pixels, self.transforms)]


def _part_named(cutting: Cutting, pixels: Pixels) -> Part:
    from visualsearch_cli.detectors.parts import Kind, Part  # late: most look for whole pictures

    height, width = pixels.shape[:2]
    left, top, right, bottom = cutting.box(width, height)
    return Part(Kind.REGION, left, top, right - left, bottom - top, 1.0)


def _negative(pixels: Pixels) -> Pixels:
    negative: Pixels = 255 - pixels
    return negative


def _numbers(count: int) -> list[int]:
    """Return the numbers of so many regions of a scheme."""
    return list(range(FULL_FRAME + 1, FULL_FRAME + 1 + count))
