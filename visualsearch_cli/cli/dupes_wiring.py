"""Puts the parts together that look for duplicates, and remember them. Heavy imports happen here, late."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

from visualsearch_cli.cli import wiring
from visualsearch_cli.cli.console import RichProgress, detail
from visualsearch_cli.embedders.registry import MIRROR_INVARIANT

if TYPE_CHECKING:
    from visualsearch_cli.catalog import Manifest
    from visualsearch_cli.evidence import Judge
    from visualsearch_cli.index_folder import IndexFolder
    from visualsearch_cli.keeping import Facts
    from visualsearch_cli.review import ReviewMemory
    from visualsearch_cli.sqlite.database import Database
    from visualsearch_cli.transforms import Transforms
    from visualsearch_cli.turns import Turner


@contextmanager
def catalog_writer(folder: IndexFolder) -> Iterator[Callable[[], Database | None]]:
    """Give what opens the catalog for writing when it is first called, and holds the lock from then on.

    It returns None where the index is locked or cannot be written: what would be kept is then not kept.
    """
    from visualsearch_cli.errors import IndexStoreError
    from visualsearch_cli.sqlite.database import Database

    opened: list[Database | None] = []
    with ExitStack() as stack:

        def writer() -> Database | None:
            if not opened:
                try:
                    stack.enter_context(folder.lock())
                    folder.migrate()
                    database = Database(folder.catalog_path, writable=True)
                    stack.callback(database.close)
                    opened.append(database)
                except IndexStoreError as error:
                    detail(f"nothing is remembered of this run: {error}")
                    opened.append(None)
            return opened[0]

        yield writer


@contextmanager
def locked_writer(folder: IndexFolder) -> Iterator[Callable[[], Database]]:
    """Give the catalog opened for writing, in the current format, and hold the lock meanwhile.

    Raises IndexLocked or IndexStoreError if that cannot be.
    """
    from visualsearch_cli.sqlite.database import Database

    with folder.lock():
        folder.migrate()
        database = Database(folder.catalog_path, writable=True)
        try:
            yield lambda: database
        finally:
            database.close()


def review_memory(folder: IndexFolder, writer: Callable[[], Database | None]) -> ReviewMemory:
    """Return what the user decided about groups."""
    from visualsearch_cli.sqlite.review import SqliteReview

    return SqliteReview(folder.catalog_path, writer)


def turner(
    manifest: Manifest, transforms: Transforms, folder: IndexFolder, writer: Callable[[], Database | None]
) -> Turner | None:
    """Return what looks for turned copies, if that needs turned pictures with this model."""
    from visualsearch_cli.sqlite.turned import SqliteTurned
    from visualsearch_cli.turns import Turner, ways_of

    ways = ways_of(transforms, mirror_invariant=manifest.model.name in MIRROR_INVARIANT)
    if not ways:
        return None
    store = SqliteTurned(folder.catalog_path, manifest.model.dim, writer)
    embedder = wiring.embedder_of(manifest, None, None, "auto", folder.path)
    return Turner(ways, store, embedder, wiring.image_reader(None), wiring.thread_count(None), RichProgress())


def judge(manifest: Manifest) -> Judge:
    """Return who says what pairs of pictures are."""
    reader = wiring.image_reader(None)
    return wiring.new_judge(reader, manifest.model.name, wiring.thread_count(None))


def picture_facts() -> Facts:
    """Return what files tell about their pictures."""
    from visualsearch_cli.picture_facts import PictureFacts

    return PictureFacts(wiring.image_reader(None))
