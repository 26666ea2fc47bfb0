"""Puts the parts together for a command: index, model, reader. Heavy imports happen here, late."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from visualsearch_cli import __version__
from visualsearch_cli.cli.distances import calibration_of
from visualsearch_cli.cli.output.console import detail
from visualsearch_cli.embedders.registry import ModelRequest, identity, load
from visualsearch_cli.errors import ModelMismatch
from visualsearch_cli.index.records import Manifest

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from visualsearch_cli.embedders.embedder import Embedder, ModelSpec
    from visualsearch_cli.embedders.specs import ModelIdentity
    from visualsearch_cli.index.catalog import SqliteCatalog
    from visualsearch_cli.index.folder import IndexFolder
    from visualsearch_cli.index.roots import Target
    from visualsearch_cli.index.sqlite.database import Database
    from visualsearch_cli.index.writer import SqliteCatalogWriter
    from visualsearch_cli.indexing.build import IndexReport
    from visualsearch_cli.indexing.scanner import Scanner
    from visualsearch_cli.pictures.image import DecodedImage, ImageReader
    from visualsearch_cli.pictures.regions import RegionScheme
    from visualsearch_cli.progress import Progress
    from visualsearch_cli.verdicts.comparison import FindingsCache, TraitsCache
    from visualsearch_cli.verdicts.judge import PictureJudge

DEFAULT_MODEL = "bundled"
MAX_THREADS = 8  # more decoders than that wait for each other and for the disk


@contextmanager
def open_reader(folder: IndexFolder) -> Iterator[SqliteCatalog]:
    """Open the catalog of an index for reading."""
    from visualsearch_cli.index.catalog import SqliteCatalog

    catalog = SqliteCatalog(folder.catalog_path)
    try:
        yield catalog
    finally:
        catalog.close()


@contextmanager
def open_writer(folder: IndexFolder) -> Iterator[SqliteCatalogWriter]:
    """Open the catalog of an existing index for writing, in the current format. The caller holds the lock."""
    from visualsearch_cli.index.writer import SqliteCatalogWriter

    folder.migrate()
    catalog = SqliteCatalogWriter(folder.catalog_path)
    try:
        yield catalog
    finally:
        catalog.close()


@contextmanager
def catalog_writer(folder: IndexFolder, *, needed: bool = False) -> Iterator[Database | None]:
    """Hold the lock of an index, and give its catalog opened for writing, in the current format.

    Where that cannot be, raises IndexLocked or IndexStoreError if it is needed, and gives None if not.
    """
    from visualsearch_cli.errors import IndexStoreError
    from visualsearch_cli.index.sqlite.database import Database

    with ExitStack() as stack:
        database = None
        try:
            stack.enter_context(folder.lock())
            folder.migrate()
            database = Database(folder.catalog_path, writable=True)
            stack.callback(database.close)
        except IndexStoreError as error:
            if needed:
                raise
            detail(f"not remembered: {error}")
        yield database


def new_embedder(model: str | None, weights: Path | None, device: str) -> LazyEmbedder:
    """Return a model that no index restricts."""
    return LazyEmbedder(ModelRequest(model or DEFAULT_MODEL, weights, device))


def embedder_of(
    manifest: Manifest, model: str | None, weights: Path | None, device: str, where: Path
) -> LazyEmbedder:
    """Return the model to use with an index: the index's own, if none is asked for.

    Raises ModelMismatch, before any model loads, if another one is.
    """
    if model is None and weights is None:
        weights = Path(manifest.weights_path) if manifest.weights_path else None
        return LazyEmbedder(ModelRequest(manifest.model.name, weights, device), (manifest, where))
    request = ModelRequest(model or manifest.model.name, weights, device)
    check_model(request, manifest, where)
    return LazyEmbedder(request, (manifest, where))


def check_model(request: ModelRequest, manifest: Manifest, where: Path) -> None:
    """Refuse a model whose vectors cannot be compared with those of an index."""
    asked = identity(request)
    if asked.matches(manifest.model):
        return
    advice = f"leave --model and --weights out, or build a new index with --index DIR --model {asked.name}"
    if asked.name == manifest.model.name and request.weights is None:
        advice = (
            f"this version has another {asked.name}; delete {where}, or pass --index DIR, and index again"
        )
    raise ModelMismatch(
        f"{where} was built with {described(manifest.model)}, not with {described(asked)}: {advice}"
    )


def described(model: ModelSpec | ModelIdentity) -> str:
    """Return what tells a model from others, for a message."""
    return f"{model.name} ({model.weights[:19]}, {model.preprocessing})"


class LazyEmbedder:
    """Loads a model at the first call, if its vectors can be compared with those of the index."""

    def __init__(self, request: ModelRequest, index: tuple[Manifest, Path] | None = None) -> None:
        """`index` is the manifest of the index and where it is, if there is one."""
        self.request = request
        self._index = index
        self._embedder: Embedder | None = None

    def __call__(self) -> Embedder:
        """Return the model.

        Raises ModelMismatch if this version's model of that name is not the index's, ModelUnavailable
        if its weights are not here.
        """
        if self._embedder is None:
            if self._index is not None:
                check_model(self.request, *self._index)
            else:
                identity(self.request)  # a wrong name or a missing file shows before torch loads
            detail(f"loading {self.request.name}")
            self._embedder = load(self.request)
        return self._embedder


def region_scheme(manifest: Manifest) -> RegionScheme | None:
    """Return how the pictures of an index are cut into regions, None if they are not.

    Raises IndexVersionUnsupported if this version does not know the scheme.
    """
    if manifest.regions is None:
        return None
    from visualsearch_cli.pictures.regions import scheme_of

    return scheme_of(manifest.regions)


def make_thorough(catalog: SqliteCatalogWriter, embedder: LazyEmbedder) -> None:
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


def new_judge(
    reader: ImageReader,
    similar_distance: float | None,
    threads: int,
    cache: TraitsCache | None = None,
    findings: FindingsCache | None = None,
) -> PictureJudge:
    """Return who says what pairs of images are. At `similar_distance` the model calls two of them similar."""
    from visualsearch_cli.verdicts.judge import PictureJudge
    from visualsearch_cli.verdicts.opencv.comparer import OpenCvComparer

    comparer = OpenCvComparer()
    return PictureJudge(
        reader,
        comparer,
        cache=cache,
        findings=findings,
        threads=threads,
        similar_distance=similar_distance,
    )


def judge_of(folder: IndexFolder, manifest: Manifest, max_pixels: int | None) -> PictureJudge:
    """Return who says what pairs of an index are. What it finds out of pictures is kept in the catalog, so
    it must not judge while this process reads a snapshot."""
    from visualsearch_cli.sqlite.findings import SqliteFindings
    from visualsearch_cli.sqlite.traits import SqliteTraits
    from visualsearch_cli.verdicts.opencv.comparer import OpenCvComparer
    from visualsearch_cli.verdicts.rules import VERSION

    def writer() -> AbstractContextManager[Database | None]:
        return catalog_writer(folder)

    version = " ".join((__version__, OpenCvComparer.version, VERSION))
    cache = SqliteTraits(folder.catalog_path, OpenCvComparer.version, writer)
    findings = SqliteFindings(folder.catalog_path, version, writer)
    calibration = calibration_of(manifest)
    similar = None if calibration is None else calibration.similar
    return new_judge(image_reader(max_pixels), similar, thread_count(None), cache, findings)


def thread_count(given: int | None) -> int:
    """Return how many decoder threads to use."""
    return given or min(MAX_THREADS, os.cpu_count() or 1)


def create_index(folder: IndexFolder, embedder: LazyEmbedder) -> None:
    """Make an empty index for a model. The caller holds the lock."""
    from visualsearch_cli.vectors.index import IndexParams

    folder.create(embedder().spec, embedder.request.weights, IndexParams())


def run_index(
    targets: Sequence[Target],
    catalog: SqliteCatalogWriter,
    folder: IndexFolder,
    scanner: Scanner,
    reader: ImageReader,
    embedder: LazyEmbedder,
    threads: int,
    progress: Progress,
    *,
    retry_skipped: bool = False,
) -> IndexReport:
    """Index files, in a thorough index all regions that lack, then bring the derived files up to date."""
    from visualsearch_cli.index.block_files import BlockFolder
    from visualsearch_cli.index.derived import update_derived
    from visualsearch_cli.index.graph_files import GraphFolder
    from visualsearch_cli.indexing.build import index_files

    scheme = region_scheme(catalog.manifest())
    report = index_files(
        targets,
        catalog,
        scanner,
        reader,
        embedder,
        threads,
        progress,
        retry_skipped=retry_skipped,
        scheme=scheme,
    )
    if scheme is not None:
        from visualsearch_cli.indexing.region_vectors import add_regions

        add_regions(catalog, reader, embedder, threads, scheme, report, progress)
    update_derived(catalog, BlockFolder(folder.path), GraphFolder(folder.path), progress)
    return report
