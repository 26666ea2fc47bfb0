"""Puts the parts together that look for duplicates, and remember them. Heavy imports happen here, late."""

from __future__ import annotations

from typing import TYPE_CHECKING

from visualsearch_cli.cli import wiring
from visualsearch_cli.cli.output.console import RichProgress
from visualsearch_cli.embedders.registry import MIRROR_INVARIANT

if TYPE_CHECKING:
    from visualsearch_cli.duplicates.ignored import ReviewMemory
    from visualsearch_cli.duplicates.keeping import Facts
    from visualsearch_cli.duplicates.turned import Turner
    from visualsearch_cli.index.folder import IndexFolder
    from visualsearch_cli.index.records import Manifest
    from visualsearch_cli.pictures.orientations import Transforms


def review_memory(folder: IndexFolder, *, needed: bool = False) -> ReviewMemory:
    """Return what the user decided about groups. If it is `needed`, what cannot be written is an error."""
    from visualsearch_cli.index.sqlite.ignored import SqliteReview

    return SqliteReview(folder.catalog_path, lambda: wiring.catalog_writer(folder, needed=needed))


def turner(manifest: Manifest, transforms: Transforms, folder: IndexFolder) -> Turner | None:
    """Return what looks for turned copies, if that needs turned pictures with this model."""
    from visualsearch_cli.duplicates.turned import Turner, ways_of
    from visualsearch_cli.index.sqlite.turned import SqliteTurned

    ways = ways_of(transforms, mirror_invariant=manifest.model.name in MIRROR_INVARIANT)
    if not ways:
        return None
    store = SqliteTurned(folder.catalog_path, manifest.model.dim, lambda: wiring.catalog_writer(folder))
    embedder = wiring.embedder_of(manifest, None, None, "auto", folder.path)
    return Turner(ways, store, embedder, wiring.image_reader(None), wiring.thread_count(None), RichProgress())


def picture_facts() -> Facts:
    """Return what files tell about their pictures."""
    from visualsearch_cli.pictures.facts import PictureFacts

    return PictureFacts(wiring.image_reader(None))
