"""Add pictures to an index, which is made if there is none: the way of `index PATH...`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from visualsearch_cli.errors import NotThere
from visualsearch_cli.index.disks.volumes import Volumes
from visualsearch_cli.index.exclusion import Exclusion, warn_of_unmatched
from visualsearch_cli.index.open import open_writer
from visualsearch_cli.index.records import IGNORE_FILE, FileKey
from visualsearch_cli.index.roots import away_mounts, find_targets, is_emptied, key_of, no_such_path
from visualsearch_cli.indexing.build import run_index
from visualsearch_cli.indexing.chosen_models import (
    check_bits,
    checked,
    create_index,
    models_for,
    new_models,
)
from visualsearch_cli.indexing.exchanged import note_volumes, settle_exchanged
from visualsearch_cli.indexing.scanner import EXCLUDED, native
from visualsearch_cli.named_tuples import NamedTuple
from visualsearch_cli.pictures.formats import PICTURE_EXTENSIONS
from visualsearch_cli.pictures.regions import CORNERS
from visualsearch_cli.progress import UNHEARD, Messages, Progress
from visualsearch_cli.wording import counted, typed

if TYPE_CHECKING:
    from visualsearch_cli.index.catalog import Catalog
    from visualsearch_cli.index.folder import IndexFolder
    from visualsearch_cli.index.model import LazyEmbedder, ModelChoice
    from visualsearch_cli.index.records import Counts, Manifest, Root
    from visualsearch_cli.index.roots import Target
    from visualsearch_cli.index.writer import CatalogWriter
    from visualsearch_cli.indexing.scanner import Scanner
    from visualsearch_cli.indexing.summary import IndexReport
    from visualsearch_cli.pictures.reader import Decoding


class Indexed(NamedTuple):
    """What a run did, and the index after it."""

    report: IndexReport
    manifest: Manifest
    counts: Counts


def add_paths(
    folder: IndexFolder,
    paths: Sequence[str],
    choices: Sequence[ModelChoice],
    scanner: Scanner,
    decoding: Decoding,
    progress: Progress,
    messages: Messages = UNHEARD,
    *,
    thorough: bool = False,
    retry_skipped: bool = False,
    exclude_anew: bool = False,
    checksum: bool = False,
    bits: int | None = None,
) -> Indexed:
    """Bring an index up to date with what is at absolute paths; without one, with all that it knows.

    An index is made if there is none, but not for paths without images. A thorough one holds regions too, of
    its first model. `choices` are what was asked for: one model, or two, which share what is decoded.

    What the scanner leaves out by patterns is left out from now on: of the roots of these paths they are
    remembered, and with `exclude_anew` those of earlier runs are forgotten. With `checksum`, files are read
    though size and mtime are as they were. Files of models that `choices` name are tried and remembered, also
    where nothing is embedded. Of each value of a vector a new index keeps so many `bits`, or 32.

    Raises NotThere for a path that is not there, or without images, ModelMismatch or ModelUnavailable for a
    model that cannot be used, IndexIncompatible if the index keeps other bits than were asked for,
    IndexLocked if another process writes to it.
    """
    choices = checked(choices)
    models = new_models(choices, messages)
    if not folder.exists():
        _require_images(paths, scanner)
        models.load()  # a model that cannot be had leaves no folder behind
    with folder.lock():
        is_new = not folder.exists()
        if folder.path != folder.asked:
            messages.note(f"{folder.asked} refuses the locks of an index, which is in {folder.path}")
        if is_new:
            create_index(folder, models, bits)
        with open_writer(folder) as catalog:
            if not is_new:
                check_bits(catalog.manifest(), folder.path, bits)
                models = models_for(catalog, folder, choices, messages)
                models.try_named()
            volumes = Volumes()
            settle_exchanged(catalog, paths, volumes, messages.note)
            targets, offline = find_targets(catalog, paths, messages.note, volumes)
            _say_what_is_away(catalog, offline, messages)
            if offline and not targets and paths:
                raise _offline_error(offline[0], catalog)
            if thorough:
                _make_thorough(catalog, models.first)
            leave_out(catalog, targets, scanner, messages, anew=exclude_anew)
            report = run_index(
                targets,
                catalog,
                folder,
                scanner,
                decoding.reader(),
                models.first,
                decoding.threads,
                progress,
                messages,
                retry_skipped=retry_skipped,
                checksum=checksum,
                second=models.second,
            )
            report.offline = offline
            _note_mounts(catalog, volumes)
            note_volumes(catalog, volumes, paths)
            for path in scanner.excluded:
                messages.note(
                    f"{path} is left out, by --exclude or by a file {IGNORE_FILE} above it: "
                    "`visualsearch info` shows the former, and --no-exclude forgets it"
                )
            warn_of_unmatched(scanner.unmatched, "the indexed folder", messages)
            return Indexed(report, catalog.manifest(), catalog.counts())


def _say_what_is_away(catalog: Catalog, offline: Iterable[Root], messages: Messages) -> None:
    for root in offline:
        known = _left_alone(catalog.counts(root.id).images)
        if is_emptied(root, catalog):
            messages.note(
                f"{root.path} holds no file, as if its disk were not mounted: its {known}; "
                "if they were deleted, `visualsearch prune --yes` forgets them"
            )
        else:
            messages.note(f"{root.path} is offline: its {known}")
    for path, key in away_mounts(catalog).items():
        known = _left_alone(sum(1 for file in catalog.known_files(key) if not file[4]))
        messages.note(
            f"{path}, where another disk was mounted, is offline: its {known}; "
            f"`visualsearch prune --root {typed(path)}` forgets them"
        )


def _left_alone(images: int) -> str:
    return f"{counted(images, 'image')} {'is' if images == 1 else 'are'} left alone"


def leave_out(
    catalog: CatalogWriter, targets: Sequence[Target], scanner: Scanner, messages: Messages, *, anew: bool
) -> None:
    """Let the scanner leave out what was left out before, and remember what it is to leave out from now on.

    That is written down before the walk: an interruption must not let the next run take these files in.
    """
    roots = {root.id: root.path for root in catalog.roots()}
    touched = {target.scope[0].root_id for target in targets}
    before = {id: lines for id, lines in catalog.exclude().items() if id in roots}
    kept = {id: lines for id, lines in before.items() if not anew or id not in touched}
    scanner.recall({roots[id]: lines for id, lines in kept.items()})
    for id in touched:
        scanner.patterns.check(roots[id])
    after = {**kept, **{id: lines for id in touched if (lines := scanner.patterns.lines(roots[id]))}}
    if after == before:
        return
    catalog.set_exclude(after)
    for id in sorted(touched):
        if after.get(id, []) != before.get(id, []) and id in after:
            messages.note(
                f"{roots[id]}: from now on `visualsearch index` leaves out {', '.join(after[id])} "
                "(--no-exclude forgets that)"
            )
    exclusion = Exclusion(scanner.patterns, [roots[id] for id in touched])
    known = (file for id in touched for file in catalog.known_files(FileKey(id, ".")))
    stay = sum(1 for path, *_, missing, _ in known if not missing and exclusion.leaves_out(native(path)))
    if stay:
        messages.note(
            f"{counted(stay, 'file')} of the index would be left out now: `visualsearch prune` forgets them"
        )


def _note_mounts(catalog: CatalogWriter, volumes: Volumes) -> None:
    """Keep which folders inside roots are on disks of their own, each of which may be offline by itself."""
    roots = catalog.roots()
    tops = {root.path for root in roots}
    keys = (key_of(point, roots) for point in volumes.mounts.points() if point not in tops)
    here = {key for key in keys if key and next(iter(catalog.known_files(key)), None)}
    before = catalog.mounts()
    after = sorted(here.union(away_mounts(catalog).values()))
    if after != before:
        catalog.set_mounts(after)


def no_images(paths: Sequence[str], scanner: Scanner) -> NotThere:
    """Return the error for paths at which a scanner found nothing but what it leaves out."""
    if scanner.excluded or any(EXCLUDED in scanner.passed_over(path) for path in paths):
        return NotThere(
            f"{', '.join(paths)} has no images but what patterns leave out, of --exclude or of files named "
            f"{IGNORE_FILE}: see `visualsearch info`, or pass --no-exclude"
        )
    if places := ", ".join(scanner.left_out):
        return NotThere(
            f"{', '.join(paths)} has no images but in what is left out ({places}): "
            "name a folder in there, or pass --include-stores"
        )
    empty = len(paths) == 1 and Path(paths[0]).is_dir() and not any(Path(paths[0]).iterdir())
    what = "is empty" if empty else "has no images"
    some = ", ".join(sorted(PICTURE_EXTENSIONS))
    return NotThere(
        f"{', '.join(paths)} {what}: name a folder with files ending in {some}, or with RAW files"
    )


def _offline_error(root: Root, catalog: Catalog) -> NotThere:
    state = "holds no file" if is_emptied(root, catalog) else "is not there"
    return NotThere(
        f"{root.path} {state}: mount it and run this again, or forget it with "
        f"`visualsearch prune --root {typed(root.path)}`"
    )


def _require_images(paths: Sequence[str], scanner: Scanner) -> None:
    """Make no index for nothing."""
    for path in paths:
        if not Path(path).exists():
            raise no_such_path(path)
    if not any(next(iter(scanner.files(path)), None) for path in paths):
        raise no_images(paths, scanner)


def _make_thorough(catalog: CatalogWriter, embedder: LazyEmbedder) -> None:
    """Let an index hold regions from now on. A model that cannot be had changes nothing."""
    if catalog.manifest().regions is None:
        embedder()
        catalog.set_regions(CORNERS.name)
