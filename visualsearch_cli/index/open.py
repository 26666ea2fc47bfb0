"""Opens what an index holds: its catalog, for reading or for writing, and what is remembered beside it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, nullcontext
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from visualsearch_cli import __version__
from visualsearch_cli.calibration.known import calibration
from visualsearch_cli.index.model import Use
from visualsearch_cli.index.records import Manifest
from visualsearch_cli.named_tuples import NamedTuple
from visualsearch_cli.progress import UNHEARD, Messages

if TYPE_CHECKING:
    from pathlib import Path

    from visualsearch_cli.calibration.levels import Calibration
    from visualsearch_cli.index.catalog import Catalog
    from visualsearch_cli.index.folder import IndexFolder
    from visualsearch_cli.index.model import LazyEmbedder, ModelChoice
    from visualsearch_cli.index.records import Filter
    from visualsearch_cli.index.sqlite.database import Database, Writer
    from visualsearch_cli.index.sqlite.ignored import IgnoredPictures
    from visualsearch_cli.index.sqlite.labels import Labels
    from visualsearch_cli.index.sqlite.turned import SqliteTurned
    from visualsearch_cli.index.writer import CatalogWriter
    from visualsearch_cli.pictures.image import ImageReader
    from visualsearch_cli.pictures.reader import Decoding
    from visualsearch_cli.pictures.regions import RegionScheme
    from visualsearch_cli.vectors.index import Searchable
    from visualsearch_cli.verdicts.comparison import FindingsCache
    from visualsearch_cli.verdicts.judge import PictureJudge

AnyCatalog = TypeVar("AnyCatalog", bound="Catalog")


@contextmanager
def open_reader(folder: IndexFolder) -> Iterator[Catalog]:
    """Open the catalog of an index for reading."""
    from visualsearch_cli.index.catalog import Catalog

    catalog = Catalog(folder.catalog_path)
    try:
        yield catalog
    finally:
        catalog.close()


class OpenIndex(NamedTuple):
    """An index that is open for reading, and what looks at pictures for it. The latter loads late."""

    folder: IndexFolder
    catalog: Catalog
    embedder: LazyEmbedder  # makes vectors that can be compared with those of the index
    reader: ImageReader
    threads: int  # that decode pictures
    messages: Messages = UNHEARD
    joined_of: tuple[IndexFolder, ...] = ()  # it was made of these for this run alone
    memory: IndexFolder | None = None  # then: what keeps what is found out, if anything does
    engine: Callable[[Filter], Searchable] | None = None  # what is searched, if no file of the folder is


@contextmanager
def open_index(
    folder: IndexFolder,
    choice: ModelChoice,
    decoding: Decoding,
    messages: Messages = UNHEARD,
    use: Use = Use.COPIES,
) -> Iterator[OpenIndex]:
    """Open an index for reading, with one of its models: the one asked for, else the one for the use.

    Raises IndexNotFound, IndexCorrupt or IndexVersionUnsupported, and ModelMismatch, before any model loads,
    if another model is asked for than made its vectors.
    """
    with open_reader(folder) as opened:
        catalog = seen_for(opened, choice, folder.path, use)
        embedder = choice.of_index(catalog.manifest(), folder.path, messages)
        yield OpenIndex(folder, catalog, embedder, decoding.reader(), decoding.threads, messages)


def seen_for(catalog: AnyCatalog, choice: ModelChoice, where: Path, use: Use) -> AnyCatalog:
    """Return a catalog with the model that was asked for, else with the one for the use."""
    first = catalog.seen(second=False)
    return first.seen(second=choice.is_second(first.manifest(), where, use))


def used_for(index: OpenIndex, choice: ModelChoice, use: Use) -> OpenIndex:
    """Return an open index with the model for another use, where that is another one. Its file is opened
    once."""
    catalog = seen_for(index.catalog, choice, index.folder.path, use)
    if catalog.is_second == index.catalog.is_second:
        return index
    embedder = choice.of_index(catalog.manifest(), index.folder.path, index.messages)
    return index._replace(catalog=catalog, embedder=embedder)


@contextmanager
def open_several(
    folders: Sequence[IndexFolder], choice: ModelChoice, decoding: Decoding, messages: Messages
) -> Iterator[list[OpenIndex]]:
    """Open indexes side by side, each with its model for copies if none is asked for: they are of one model,
    and share what makes vectors.

    Raises what `open_index` does, and ModelMismatch if their models differ.
    """
    with ExitStack() as stack:
        found: list[OpenIndex] = []
        for folder in folders:
            opened = stack.enter_context(open_index(folder, choice, decoding, messages))
            if found:
                from visualsearch_cli.index.joined.merging import check_one_model  # late: most ask one index

                check_one_model(found[0].catalog, opened.catalog)
                opened = opened._replace(embedder=found[0].embedder)
            found.append(opened)
        yield found


@contextmanager
def open_writer(folder: IndexFolder) -> Iterator[CatalogWriter]:
    """Open the catalog of an existing index for writing, in the current format. The caller holds the lock."""
    from visualsearch_cli.index.writer import CatalogWriter

    folder.migrate()
    catalog = CatalogWriter(folder.catalog_path)
    try:
        yield catalog
    finally:
        catalog.close()


@contextmanager
def catalog_writer(
    folder: IndexFolder, *, needed: bool = False, messages: Messages = UNHEARD
) -> Iterator[Database | None]:
    """Hold the lock of an index, and give its catalog opened for writing, in the current format.

    Where that cannot be, raises IndexLocked or IndexStoreError if it is needed; if not, gives None and
    says so.
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
            messages.detail(f"not remembered: {error}")
        yield database


def region_scheme(manifest: Manifest) -> RegionScheme | None:
    """Return how the pictures of an index are cut into regions, None if they are not.

    Raises IndexVersionUnsupported if this version does not know the scheme.
    """
    if manifest.regions is None:
        return None
    from visualsearch_cli.pictures.regions import scheme_of

    return scheme_of(manifest.regions)


def calibration_of(manifest: Manifest) -> Calibration | None:
    """Return what was measured on the index's own pictures, else on others with its model, if anything."""
    own = manifest.calibration
    return own if own is not None and own.is_of_use else calibration(manifest.model)


def open_judge(index: OpenIndex, *, keeps: bool = True) -> PictureJudge:
    """Return who says what pairs of an index are. What it finds out of pictures is kept in the catalog, so
    it must not judge while this process reads a snapshot. One that does not keep it writes nothing, and looks
    no longer than it takes to tell a verdict."""
    from visualsearch_cli.index.sqlite.caches import SqliteTraits
    from visualsearch_cli.verdicts.comparison import FEATURES
    from visualsearch_cli.verdicts.judge import PictureJudge

    writer: Writer = partial(catalog_writer, index.folder, messages=index.messages) if keeps else nullcontext
    levels = calibration_of(index.catalog.manifest())
    return PictureJudge(
        index.reader,
        cache=SqliteTraits(index.folder.catalog_path, FEATURES, writer),
        findings=open_findings(index, keeps=keeps),
        threads=index.threads,
        similar_distance=None if levels is None else levels.similar,
        origins=keeps,
    )


def open_findings(index: OpenIndex, *, keeps: bool = True) -> FindingsCache:
    """Return what is remembered of pairs that were compared, by the same rules as today's. One that keeps
    nothing new writes nothing."""
    from visualsearch_cli.index.sqlite.caches import FindingsOfSeveral, SqliteFindings
    from visualsearch_cli.verdicts.comparison import FEATURES
    from visualsearch_cli.verdicts.rules import VERSION

    version = " ".join((__version__, FEATURES, VERSION))
    kept_in = index.memory or index.folder
    writer: Writer = partial(catalog_writer, kept_in, messages=index.messages) if keeps else nullcontext
    own = SqliteFindings(kept_in.catalog_path, version, writer, adds=index.memory is not None)
    if not index.joined_of:
        return own
    others = [SqliteFindings(each.catalog_path, version, nullcontext) for each in index.joined_of]
    return FindingsOfSeveral(own, others)


def open_ignored(
    folder: IndexFolder, *, needed: bool = False, messages: Messages = UNHEARD
) -> IgnoredPictures:
    """Return what the user decided about groups. If it is `needed`, what cannot be written is an error."""
    from visualsearch_cli.index.sqlite.ignored import IgnoredPictures

    return IgnoredPictures(
        folder.catalog_path, partial(catalog_writer, folder, needed=needed, messages=messages)
    )


def open_labels(folder: IndexFolder, *, messages: Messages = UNHEARD) -> Labels:
    """Return what people call pictures of an index. What cannot be written is an error."""
    from visualsearch_cli.index.sqlite.labels import Labels

    return Labels(folder.catalog_path, partial(catalog_writer, folder, needed=True, messages=messages))


def open_turned(index: OpenIndex) -> SqliteTurned:
    """Return the vectors of turned pictures that are kept."""
    from visualsearch_cli.index.sqlite.turned import SqliteTurned

    writer = partial(catalog_writer, index.folder, messages=index.messages)
    catalog = index.catalog
    manifest = catalog.manifest()
    return SqliteTurned(
        index.folder.catalog_path,
        manifest.model.dim,
        writer,
        second=catalog.is_second,
        bits=manifest.bits,
    )
