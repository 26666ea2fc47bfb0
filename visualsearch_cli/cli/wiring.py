"""Puts the parts together for a command: index, model, reader. Heavy imports happen here, late."""

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from visualsearch_cli.calibration.known import MIRROR_INVARIANT
from visualsearch_cli.cli.output.console import MESSAGES, RichProgress
from visualsearch_cli.index.model import LazyEmbedder, embedder_of
from visualsearch_cli.index.open import open_judge, open_turned
from visualsearch_cli.index.records import Manifest

if TYPE_CHECKING:
    from visualsearch_cli.duplicates.keeping import Facts
    from visualsearch_cli.duplicates.turned import Turner
    from visualsearch_cli.index.folder import IndexFolder
    from visualsearch_cli.index.writer import CatalogWriter
    from visualsearch_cli.indexing.scanner import Scanner
    from visualsearch_cli.pictures.image import DecodedImage, ImageReader
    from visualsearch_cli.pictures.orientations import Transforms
    from visualsearch_cli.verdicts.judge import PictureJudge


MAX_THREADS = 8  # more decoders than that wait for each other and for the disk


def make_thorough(catalog: CatalogWriter, embedder: LazyEmbedder) -> None:
    """Let an index hold regions from now on. A model that cannot be had changes nothing."""
    from visualsearch_cli.pictures.regions import CORNERS

    if catalog.manifest().regions is None:
        embedder()
        catalog.set_regions(CORNERS.name)


class LazyReader:
    """An ImageReader that is loaded with the first image: a folder without a new one needs no Pillow."""

    def __init__(self, max_pixels: int | None) -> None:
        self._max_pixels = max_pixels

    def read(self, data: bytes, min_side: int | None = None) -> DecodedImage:
        """As the reader inside."""
        return self._reader.read(data, min_side)

    @cached_property
    def _reader(self) -> ImageReader:
        return image_reader(self._max_pixels)


def image_reader(max_pixels: int | None) -> ImageReader:
    """Return the reader of images."""
    from visualsearch_cli.pictures.reader import AnyImageReader

    return AnyImageReader() if max_pixels is None else AnyImageReader(max_pixels)


def new_judge(reader: ImageReader, similar_distance: float | None) -> PictureJudge:
    """Return who says what two files are. At `similar_distance` the model calls two of them similar."""
    from visualsearch_cli.verdicts.judge import PictureJudge, new_comparer

    return PictureJudge(reader, new_comparer(), similar_distance=similar_distance)


def judge_of(folder: IndexFolder, manifest: Manifest, max_pixels: int | None) -> PictureJudge:
    """Return who says what pairs of an index are."""
    return open_judge(folder, manifest, image_reader(max_pixels), thread_count(None), MESSAGES)


def thread_count(given: int | None) -> int:
    """Return how many decoder threads to use."""
    return given or min(MAX_THREADS, os.cpu_count() or 1)


def create_index(folder: IndexFolder, embedder: LazyEmbedder) -> None:
    """Make an empty index for a model. The caller holds the lock."""
    from visualsearch_cli.vectors.index import IndexParams

    folder.create(embedder().spec, embedder.request.weights, IndexParams())


def turner(manifest: Manifest, transforms: Transforms, folder: IndexFolder) -> Turner | None:
    """Return what looks for turned copies, if that needs turned pictures with this model."""
    from visualsearch_cli.duplicates.turned import Turner, ways_of

    ways = ways_of(transforms, mirror_invariant=manifest.model.name in MIRROR_INVARIANT)
    if not ways:
        return None
    store = open_turned(folder, manifest, MESSAGES)
    embedder = embedder_of(manifest, None, None, "auto", folder.path, MESSAGES)
    return Turner(ways, store, embedder, image_reader(None), thread_count(None), RichProgress())


def picture_facts() -> Facts:
    """Return what files tell about their pictures."""
    from visualsearch_cli.pictures.facts import PictureFacts

    return PictureFacts(image_reader(None))


def scanner_for(exclude: Sequence[str] | None, hidden: bool, follow_symlinks: bool) -> Scanner:
    """Return a scanner."""
    from visualsearch_cli.indexing.scanner import Scanner, ScanOptions

    return Scanner(ScanOptions(hidden, follow_symlinks, tuple(exclude or ())))
