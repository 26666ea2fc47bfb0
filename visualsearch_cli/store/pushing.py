"""Brings a store up to date with a local index: what one run of `index` found out goes to all who ask.

Contents are written before the files that have them, each under its hash, so a run that is killed leaves
nothing wrong behind, and the next one goes on. What lies between is compared, not remembered: nothing says
that something was written but that it is there.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from visualsearch_cli.embedders.specs import ADAPTED, described
from visualsearch_cli.errors import IndexIncompatible, ModelMismatch
from visualsearch_cli.index.roots import away_mounts, is_below, is_offline
from visualsearch_cli.named_tuples import NamedTuple
from visualsearch_cli.store.mounted import path_of_file
from visualsearch_cli.store.port import batches

if TYPE_CHECKING:
    from pathlib import Path

    from visualsearch_cli.index.carried.carried_rows import CarriedFile
    from visualsearch_cli.index.carried.catalog_store import CatalogStore
    from visualsearch_cli.index.records import Manifest
    from visualsearch_cli.progress import Progress
    from visualsearch_cli.store.mounted import MountedRoots
    from visualsearch_cli.store.port import Store


class Pushed(NamedTuple):
    """What was written to a store."""

    contents: int
    files: int  # new or changed, those that vanished among them
    unchanged: int


def check_carried(manifest: Manifest, where: Path) -> None:
    """Raise IndexIncompatible for an index that holds what a store cannot: it would be lost in silence."""
    what = None
    if manifest.regions is not None:
        what = "regions, and a store holds full frames alone: make one without --thorough"
    elif manifest.other is not None:
        what = "vectors of two models, and a store holds those of one: make one with one --model"
    elif manifest.model.name == ADAPTED:
        what = "vectors of its own projection, which no store has: make one without --dim or `adapt`"
    if what is not None:
        raise IndexIncompatible(f"{where} holds {what}, in another folder by --index DIR")


def check_same_model(ours: Manifest, where: Path, theirs: Manifest, store: str) -> None:
    """Raise ModelMismatch if an index and a store hold vectors of two models."""
    if ours.model != theirs.model:
        raise ModelMismatch(
            f"{where} was built with {described(ours.model)}, and {store} with {described(theirs.model)}: "
            "index with that model into a folder of its own (--index DIR), or name another store"
        )


def push(source: CatalogStore, target: Store, mounts: MountedRoots, progress: Progress) -> Pushed:
    """Write to a store what a local index knows of its roots that are there.

    A file that the store knows and the index does not is another writer's: it stays if it is there, and is
    marked as missing if not. What lies on disks that are not mounted stays as it is.
    """
    catalog = source.catalog
    roots = [root.path for root in catalog.roots() if not is_offline(root, catalog)]
    away = list(away_mounts(catalog))
    target.put_roots(sorted({*map(mounts.there, roots)} - set(target.roots())))
    written = Pushed(0, 0, 0)
    with progress.step("Writing to the store", catalog.counts().images) as advance:
        for root in roots:
            known = {file.key: file for file in target.files(mounts.there(root))}
            for batch in batches(source.files(root)):
                files = [
                    (file, mounts.file_there(file))
                    for file in batch
                    if not _is_away(path_of_file(file), away)
                ]
                before = {there.key: known.pop(there.key, None) for _, there in files}
                contents = {there.content for _, there in files if there.content is not None}
                lacking = contents - target.known(contents)
                new = list(source.contents(lacking))
                if new:
                    target.put_contents(new)
                changed = [
                    there
                    for _, there in files
                    if (old := before[there.key]) is None or old.state != there.state
                ]
                if changed:
                    target.put_files(changed)
                written = Pushed(
                    written.contents + len(new),
                    written.files + len(changed),
                    written.unchanged + len(files) - len(changed),
                )
                advance(len(batch))
            gone = list(_vanished(known.values(), mounts, away))
            target.put_files(gone)
            written = written._replace(files=written.files + len(gone))
    if written.files or written.contents:
        target.flush()
    return written


def _vanished(known: Iterable[CarriedFile], mounts: MountedRoots, away: list[str]) -> Iterator[CarriedFile]:
    for file in known:
        path = path_of_file(mounts.file_here(file))
        if not file.missing and not _is_away(path, away) and not os.path.lexists(path):
            yield file._replace(missing=True)


def _is_away(path: str, away: list[str]) -> bool:
    return any(is_below(path, folder) for folder in away)
