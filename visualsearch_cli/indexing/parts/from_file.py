"""An index from embeddings that were made before, or from another index: the way of `index --from`."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from visualsearch_cli.embedders.specs import described
from visualsearch_cli.errors import ModelMismatch, VisualSearchError
from visualsearch_cli.index.block_files import BlockFolder
from visualsearch_cli.index.derived import update_derived
from visualsearch_cli.index.exclusion import Exclusion, Patterns, warn_of_unmatched
from visualsearch_cli.index.graph_files import GraphFolder
from visualsearch_cli.index.joined.merging import merge
from visualsearch_cli.index.open import open_reader, open_writer
from visualsearch_cli.index.records import Frames, NewContent
from visualsearch_cli.index.roots import find_targets, is_below
from visualsearch_cli.indexing.adding import Indexed, leave_out
from visualsearch_cli.indexing.build import write_batches
from visualsearch_cli.indexing.chosen_models import check_bits
from visualsearch_cli.indexing.embedding import EmbeddedFile
from visualsearch_cli.indexing.parts.mounts import Mounts
from visualsearch_cli.indexing.parts.shards import absent
from visualsearch_cli.indexing.parts.vector_file import VectorFile
from visualsearch_cli.indexing.scanner import Scanner, ScanOptions
from visualsearch_cli.indexing.summary import IndexReport
from visualsearch_cli.pictures.image import ScannedFile, is_same_time, mtime_of
from visualsearch_cli.progress import UNHEARD, Messages, Progress
from visualsearch_cli.vectors.index import FULL_BITS, IndexParams
from visualsearch_cli.wording import counted

if TYPE_CHECKING:
    from visualsearch_cli.index.catalog import Catalog
    from visualsearch_cli.index.folder import IndexFolder
    from visualsearch_cli.index.writer import CatalogWriter
    from visualsearch_cli.indexing.parts.vector_file import VectorRecord


class Embedded:
    """What files of embeddings hold of images: with absolute paths, only of those at or below them, and
    without those that patterns leave out. It is read again for each look, so memory does not grow with it."""

    def __init__(
        self,
        files: Sequence[Path],
        stdin: BinaryIO,
        paths: Sequence[str],
        exclude: Sequence[str] = (),
        messages: Messages = UNHEARD,
        mounts: Mounts | None = None,
    ) -> None:
        """Read all of it once, before anything is taken. Paths are those that `mounts` gives them here.

        Raises VisualSearchError if that is nothing, or of folders that are not there, or not what it should
        be; ModelMismatch if the files have vectors of several models.
        """
        self._mounts = mounts = mounts or Mounts()
        self._files = [VectorFile(file, stdin) for file in files]
        self._paths = paths
        self.name = files[0] if len(files) == 1 else f"{files[0]} and {len(files) - 1} more"
        self.model = self._files[0].model
        for file in self._files:
            if file.model != self.model:
                raise ModelMismatch(
                    f"{files[0]} has {described(self.model)}, {file.path} has {described(file.model)}: "
                    "distances of two models cannot be compared, so embed again with one"
                )
        self._exclusion: Exclusion | None = None
        if exclude:
            patterns = Patterns(exclude)
            self._exclusion = Exclusion(patterns, sorted({record.root for record in self._at_paths()}))
        self.count, roots = 0, set()
        for record in self:
            self.count += 1
            roots.add(record.root)
        self.roots = sorted(roots)
        if exclude:
            warn_of_unmatched(patterns.unmatched, "the folder that was embedded", messages)
        if mounts.unused:
            raise VisualSearchError(
                f"{self.name} has nothing below {', '.join(mounts.unused)}, but images of "
                f"{', '.join(self.roots) or 'nothing'}: --map takes a path as the files have it"
            )
        if not self.count:
            where = f" of {', '.join(paths)}" if paths else ""
            raise VisualSearchError(f"{self.name} has no embeddings{where}")
        for root in self.roots:
            if not os.path.isdir(root):
                raise VisualSearchError(
                    f"{self.name} has images of {root}, which is not there: mount it, or say where it is "
                    f"with --map {root}=FOLDER"
                )
        lacking = absent(
            shard._replace(paths=tuple(map(mounts.here, shard.paths)))
            for shard in (file.shard for file in self._files)
            if shard is not None
        )
        self.is_whole = not lacking  # of what was embedded in parts, all are there
        for shard, places in lacking:
            messages.note(f"part {shard} of {', '.join(places)} is not among the files: take it, too")

    def __iter__(self) -> Iterator[VectorRecord]:
        """Yield the records."""
        for record in self._at_paths():
            if self._exclusion is None or not self._exclusion.leaves_out(record.path):
                yield record

    def _at_paths(self) -> Iterator[VectorRecord]:
        for record in map(self._mounts.record, chain.from_iterable(self._files)):
            if not self._paths or any(is_below(record.path, path) for path in self._paths):
                yield record


def add_embedded(
    embedded: Embedded,
    folder: IndexFolder,
    progress: Progress,
    messages: Messages,
    exclude: Sequence[str] = (),
    *,
    exclude_anew: bool = False,
    bits: int | None = None,
) -> Indexed:
    """Take the embeddings that files hold of images, into an index that is made if there is none. Of a value
    it keeps so many bits, or 32.

    What patterns leave out of their folders, these and those of earlier runs, is not taken, and they are
    remembered; with `exclude_anew` those of earlier runs are forgotten.

    Raises ModelMismatch if another model made the index's own, IndexIncompatible if it keeps other bits than
    were asked for, IndexLocked if another process writes to it.
    """
    with folder.lock():
        if not folder.exists():
            folder.create(embedded.model, None, IndexParams(), bits=bits or FULL_BITS)
        with open_writer(folder) as catalog:
            manifest = catalog.manifest()
            check_bits(manifest, folder.path, bits)
            if manifest.model != embedded.model:
                raise ModelMismatch(
                    f"{folder.path} was built with {described(manifest.model)}, "
                    f"{embedded.name} has {described(embedded.model)}: build a new index with --index DIR"
                )  # that of a second model alone is not enough: a content has one of the first
            scanner = Scanner(ScanOptions(exclude=tuple(exclude)))
            targets, _ = find_targets(catalog, embedded.roots)
            leave_out(catalog, targets, scanner, messages, anew=exclude_anew)
            exclusion = Exclusion(scanner.patterns, [root.path for root in catalog.roots()])
            report = IndexReport()
            wanted = (record for record in embedded if not exclusion.leaves_out(record.path))
            with progress.step("Reading", embedded.count) as advance:
                write_batches(_batches(wanted, catalog), catalog.roots(), catalog, report, advance)
            report.reused += report.embedded
            report.embedded = 0  # nothing was: the vectors were there
            report.brought = True
            report.found = report.reused + len(report.skipped)
            _say_what_is_left_out(embedded.count - report.found, messages)
            update_derived(catalog, BlockFolder(folder.path), GraphFolder(folder.path), progress, messages)
            _say_what_lacks(catalog, messages)
            return Indexed(report, catalog.manifest(), catalog.counts())


def _say_what_lacks(catalog: Catalog, messages: Messages) -> None:
    """Say of how many pictures vectors are still to be made: they came without pictures."""
    for seen in catalog.models():
        manifest = seen.manifest()
        if manifest.regions is not None and (lacking := seen.contents_without(Frames.REGIONS)):
            messages.note(f"pictures without regions: {len(lacking)}; `visualsearch index` adds them")
        if seen.is_second and (lacking := seen.contents_without(Frames.FULL)):
            messages.note(
                f"pictures without a vector of {manifest.model.name}: {len(lacking)}; `visualsearch index` "
                "adds them"
            )


def _say_what_is_left_out(count: int, messages: Messages) -> None:
    if count:
        messages.note(
            f"{counted(count, 'file')} left out by patterns: `visualsearch info` shows those that are "
            "remembered, and --no-exclude forgets them"
        )


def add_index(
    source: IndexFolder,
    folder: IndexFolder,
    places: Sequence[str],
    progress: Progress,
    messages: Messages,
    exclude: Sequence[str] = (),
    *,
    exclude_anew: bool = False,
    bits: int | None = None,
) -> Indexed:
    """Take what another index knows into an index, which is made if there is none; with absolute places, only
    of files at or below them. No picture is read: what changed since is seen by the next run of `index`. Of a
    value a new index keeps so many bits, or as many as the other one.

    Patterns leave out what they do in `add_embedded`.

    Raises ModelMismatch if another model made the index's own, IndexIncompatible if it keeps other bits than
    were asked for, IndexLocked if another process writes to it.
    """
    if os.path.realpath(source.path) == os.path.realpath(folder.path):
        raise VisualSearchError(
            f"{source.path} is the index to take from, and also the one to write to: "
            "name the latter with --index DIR"
        )
    with open_reader(source) as theirs, folder.lock():
        if not folder.exists():
            manifest = theirs.manifest()
            second = None if manifest.other is None else (manifest.other.model, None)
            folder.take_projection(source, manifest.model)
            folder.create(manifest.model, None, manifest.params, second=second, bits=bits or manifest.bits)
        with open_writer(folder) as catalog:
            check_bits(catalog.manifest(), folder.path, bits)
            scheme = theirs.manifest().regions
            if scheme is not None and not catalog.counts().vectors:
                catalog.set_regions(scheme)
            left_out = _LeftOut(catalog, theirs, exclude, anew=exclude_anew)
            merged = merge(theirs, catalog, places, left_out)
            left_out.remember(catalog)
            warn_of_unmatched(left_out.patterns.unmatched, "the indexed folder", messages)
            _say_what_is_left_out(left_out.count, messages)
            if not merged.files and not merged.known and not merged.skipped:
                where = f" at {', '.join(places)}" if places else ""
                raise VisualSearchError(f"{source.path} knows of no files{where}: see `visualsearch info`")
            update_derived(catalog, BlockFolder(folder.path), GraphFolder(folder.path), progress, messages)
            _say_what_lacks(catalog, messages)
            report = IndexReport(
                found=merged.files + merged.known + len(merged.skipped),
                unchanged=merged.known,
                reused=merged.files,
                skipped=list(merged.skipped),
                told_before=frozenset(item.path for item in merged.skipped),
            )
            return Indexed(report, catalog.manifest(), catalog.counts())


class _LeftOut:
    """Tells which files of another index are left out by patterns, and counts them."""

    def __init__(self, ours: CatalogWriter, theirs: Catalog, exclude: Sequence[str], *, anew: bool) -> None:
        """With `anew`, what is remembered of their roots is forgotten first."""
        self._theirs = [root.path for root in theirs.roots()]
        roots = {root.id: root.path for root in ours.roots()}
        known = {id: lines for id, lines in ours.exclude().items() if id in roots}
        if anew:
            known = {id: lines for id, lines in known.items() if roots[id] not in self._theirs}
            ours.set_exclude(known)
        self.patterns = Patterns(exclude, {roots[id]: lines for id, lines in known.items()})
        self._exclusion = Exclusion(self.patterns, [*roots.values(), *self._theirs])
        self.count = 0

    def __call__(self, path: str) -> bool:
        is_left_out = self._exclusion.leaves_out(path)
        self.count += is_left_out
        return is_left_out

    def remember(self, catalog: CatalogWriter) -> None:
        """Keep the patterns of this run with their roots, beside those that came along."""
        known = catalog.exclude()
        for root in catalog.roots() if self.patterns.given else ():
            if root.path in self._theirs:
                before = {root.path: known.get(root.id, [])}
                known[root.id] = Patterns(self.patterns.given, before).lines(root.path)
        if known != catalog.exclude():
            catalog.set_exclude(known)


def _batches(records: Iterable[VectorRecord], catalog: CatalogWriter) -> Iterator[list[EmbeddedFile]]:
    """Take those of images that are still as they were."""
    for record in records:
        file = ScannedFile(record.path, record.size, record.mtime_ns)
        content_hash = bytes.fromhex(record.content_hash)
        if reason := _stale(record):
            yield [EmbeddedFile(file, None, reason)]
        elif catalog.has_content(content_hash):
            yield [EmbeddedFile(file, content_hash)]
        else:
            new = NewContent(content_hash, record.width, record.height, record.format, record.vector)
            yield [EmbeddedFile(file, new)]


def _stale(record: VectorRecord) -> str | None:
    """Return why the file is not the one that was embedded."""
    try:
        state = os.stat(record.path)
    except OSError as error:
        return f"cannot be read: {error.strerror}"
    if state.st_size != record.size or not is_same_time(mtime_of(state), record.mtime_ns):
        return "changed since it was embedded: index its folder to embed it anew"
    return None
