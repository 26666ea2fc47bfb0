"""An index that a program has opened."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from visualsearch_cli.for_programs.arguments import (
    MESSAGES,
    AnyPath,
    Level,
    OnProgress,
    Steps,
    Transforms,
    absolute,
    all_absolute,
    choices_of,
    distance,
    one_of,
    scanner_of,
)
from visualsearch_cli.for_programs.labelled_index import LabelledIndex
from visualsearch_cli.for_programs.returned import Added
from visualsearch_cli.for_programs.searched_index import SearchedIndex
from visualsearch_cli.for_programs.taught_index import TaughtIndex
from visualsearch_cli.pictures.image import SkippedImage
from visualsearch_cli.vectors.index import BITS
from visualsearch_cli.verdicts.verdict import Verdict
from visualsearch_cli.wording import several

if TYPE_CHECKING:
    from visualsearch_cli.index.folder import IndexFolder
    from visualsearch_cli.index.model import ModelChoice
    from visualsearch_cli.reports.report import Report


def open_index(
    folder: AnyPath,
    *,
    create: bool = False,
    model: str | Iterable[str] | None = None,
    weights: AnyPath | Iterable[AnyPath | None] | None = None,
    tokenizer: AnyPath | None = None,
    device: str = "auto",
    threads: int | None = None,
    max_pixels: int | None = None,
    dim: int | None = None,
    whiten: bool = False,
    learn_from: AnyPath | Iterable[AnyPath] | None = None,
    bits: Literal[8, 16, 32] | None = None,
) -> Index:
    """Open the index of a folder; with `create` one is made, empty, if there is none.

    The index is `folder` itself, or the `.visualsearch` in it, where a new one goes too. No other folder is
    looked in. Close it, or use it in a `with` statement.

    model: name of the embedder, see `visualsearch models`; None: the index's own, for a new one "bundled". Of
        two names, such as ["bundled", "clip"], both make vectors of what is added, and each picture is
        decoded once: queries take the one for copies, words and labels the other one. In an index of two,
        one name says which is meant for everything.
    weights: a file of weights for it, or "image.onnx,text.onnx", with a tokenizer.json as `tokenizer`; for
        two models one for each, or None.
    device: "auto", "cpu", "cuda" or "mps", for torch models.
    threads: that decode pictures; None: one per core, at most 8.
    max_pixels: larger images are refused; None: 250 million.
    dim: how many values a vector has, if a new index is to have shorter ones than its model: those along the
        axes in which pictures differ most (PCA), all of which count alike if it is to `whiten`. The axes are
        learned from pictures at `learn_from`, or in the folder that the index is in. An index that is there
        must be such a one.
    bits: how many of a value a new index keeps: 32 by default, or 16 or 8, for files of a half or a quarter
        of the size. An index that is there must keep as many; None: as many as it keeps.

    Raises IndexNotFound if there is none, or no folder for one, ModelMismatch if another model made it,
    IndexIncompatible if it keeps other bits, IndexVersionUnsupported if a newer version made it, IndexCorrupt
    if it is damaged, ModelUnavailable if a new one needs what is not here.
    """
    from visualsearch_cli.errors import IndexNotFound
    from visualsearch_cli.index.folder import IndexFolder
    from visualsearch_cli.index.records import INDEX_FOLDER
    from visualsearch_cli.pictures.reader import Decoding

    place = Path(absolute(folder))
    found = IndexFolder(place)
    choices = choices_of(model, weights, tokenizer, device)
    decoding = Decoding(max_pixels, threads)
    if whiten and dim is None:
        raise ValueError("whiten is for dim, which says how many axes there are")
    if dim is not None and (len(choices) != 1 or dim < 2):
        raise ValueError(f"dim is {dim}, of {len(choices)} models: expected 2 or more, of one model")
    if bits is not None and bits not in BITS:
        raise ValueError(f"bits is {bits}, expected {', '.join(map(str, BITS))}")
    if bits is not None and found.exists():
        _check_bits(found, bits)
    if not found.exists():
        if not create:
            raise IndexNotFound(
                f"there is no index in {place}: pass create=True, or run `visualsearch index {place}` first"
            )
        inside = place if place.name == INDEX_FOLDER else place / INDEX_FOLDER
        if not inside.parent.is_dir():
            raise IndexNotFound(f"{inside.parent} is not a folder: make it first, then an index in it")
        found = IndexFolder(inside)
        if dim is None:
            _create(found, choices, bits)
    if dim is not None:
        from visualsearch_cli.indexing.scanner import Scanner
        from visualsearch_cli.learning.shortening import shortened

        given = all_absolute(found.path.parent if learn_from is None else learn_from)
        unheard = Steps(None), MESSAGES
        choices = [
            shortened(found, given, choices[0], Scanner(), decoding, dim, *unheard, whiten=whiten, bits=bits)
        ]
    return Index(found, choices, decoding)


class Index(SearchedIndex, LabelledIndex, TaughtIndex):
    """An index that `open_index` opened, for the thread that opened it. Each call sees what is in it then,
    also what other programs wrote."""

    def __enter__(self) -> Index:
        """Return the index itself."""
        return self

    def add(
        self,
        paths: AnyPath | Iterable[AnyPath],
        *,
        exclude: str | Iterable[str] = (),
        hidden: bool = False,
        follow_symlinks: bool = False,
        include_stores: bool = False,
        thorough: bool = False,
        retry_skipped: bool = False,
        progress: OnProgress = None,
    ) -> Added:
        """Bring the index up to date with images and folders: new and changed files are embedded, unchanged
        ones skipped, and what is gone is no longer found. It can be called again at any time.

        exclude: patterns of what is left out, as in a .gitignore file there, from now on: they are remembered
            in the index. hidden: also names that begin with a dot.
        follow_symlinks: also what symbolic links lead to.
        include_stores: also recycle bins, snapshots, thumbnails and what else other programs made.
        thorough: the vectors of five regions of every picture are kept as well, from now on for all: small
            crops are found by them, and it takes up to six times as long.
        retry_skipped: files that could not be read are tried again, though they did not change.
        progress: called with what is being done, how many are done, and of how many, or None.

        Once a second, what is done is committed: an interruption loses no more.

        Raises VisualSearchError if a path is not there, IndexLocked if another process writes to the index.
        """
        from visualsearch_cli.indexing.adding import add_paths

        index, given = self._opened, all_absolute(paths)
        if not given:
            return Added(0, 0, 0, 0, 0, (), ())
        report = add_paths(
            index.folder,
            given,
            self._choices,
            scanner_of(exclude, hidden, follow_symlinks, include_stores),
            self._decoding,
            Steps(progress),
            MESSAGES,
            thorough=thorough,
            retry_skipped=retry_skipped,
        ).report
        return Added(
            report.found,
            report.unchanged,
            report.embedded,
            report.reused,
            report.missing,
            tuple(report.skipped),
            tuple(Path(root.path) for root in report.offline),
        )

    def forget(self, paths: AnyPath | Iterable[AnyPath], *, progress: OnProgress = None) -> int:
        """Forget pictures, and all that is known of folders, whether they are there or not. No file is
        touched; what is there is taken in again by `add`. Returns how many files were forgotten.

        Raises VisualSearchError, and forgets nothing, if the index knows of nothing at a path, IndexLocked if
        another process writes to it.
        """
        from visualsearch_cli.indexing.upkeep import forget

        index, given = self._opened, list(dict.fromkeys(all_absolute(paths)))
        return forget(index.folder, given, Steps(progress), MESSAGES).files if given else 0

    def index(
        self,
        paths: AnyPath | Iterable[AnyPath],
        labels: str | Iterable[str] | None = None,
        *,
        progress: OnProgress = None,
    ) -> Added:
        """Add pictures and folders, as `add` does, and give them labels: one for all, or one for each."""
        given = [paths] if isinstance(paths, (str, os.PathLike)) else list(paths)
        names = [labels] * len(given) if isinstance(labels, str) else None if labels is None else list(labels)
        if names is not None and len(names) != len(given):
            raise ValueError(
                f"{len(names)} labels for {len(given)} paths: expected one for each, or one for all"
            )
        added = self.add(given, progress=progress)
        for path, name in zip(given, names or (), strict=bool(names)):
            self.label(path, str(name))
        return added

    def map(
        self, file: AnyPath, *, layout: Literal["pca", "tsne", "umap"] = "pca", most: int = 2000
    ) -> tuple[SkippedImage, ...]:
        """Draw the pictures of the index, so that what is alike lies together: as a page if the name of the
        file ends in .html, as SVG if in .svg. Returns the files that have no picture in it.

        Raises OutputRefused if another file is there, ValueError for another name, and VisualSearchError if
        the library for the layout is not installed.
        """
        from visualsearch_cli.plots.layout import Layout
        from visualsearch_cli.plots.map_files import write_page, write_svg
        from visualsearch_cli.plots.mapped import map_of

        path = Path(os.fspath(file))
        if path.suffix not in (".html", ".svg"):
            raise ValueError(f"{path} ends in neither .html nor .svg: name a page or a drawing")
        shown = map_of([self._opened], one_of(Layout, layout, "layout"), most)
        title = f"Map of {self.path.name}, {self.model}, {layout}"
        if path.suffix == ".svg":
            write_svg(shown, title, path)
            return ()
        return tuple(write_page(shown, title, self._opened.reader, path, Steps(None), self._opened.threads))

    def duplicates(
        self,
        level: Level | None = None,
        *,
        paths: AnyPath | Iterable[AnyPath] | None = None,
        references: AnyPath | Iterable[AnyPath] = (),
        keep: str | Iterable[str] | None = None,
        exclude: str | Iterable[str] = (),
        transforms: Transforms = "none",
        max_distance: float | None = None,
        progress: OnProgress = None,
    ) -> Report:
        """Return the groups of duplicates in the index: the file to keep, and what the others are to it.

        Groups that `visualsearch ignore` hides are left out. Nothing is removed.

        level: the weakest verdict that makes a duplicate. None: "same", or "edited" with transforms.
        paths: only what is indexed there; None: all. references: folders whose files are never offered for
            removal, and are kept before others.
        keep: what chooses the file to keep, first what counts most, as `visualsearch dupes --keep` has it.
        exclude: patterns of what is left out, as for `add`.
        transforms: "mirror" also looks for mirrored copies, "all" for turned ones too.
        max_distance: only pairs up to this distance are looked at; None: what is known of the model.
        progress: as for `add`.

        Raises VisualSearchError for a path that the index does not know, or a reference that is no folder.
        """
        from visualsearch_cli.duplicates.keeping import DEFAULT_KEEP, keys_named
        from visualsearch_cli.duplicates.of_index import Asked, report_duplicates
        from visualsearch_cli.index.scope import ScopeOptions
        from visualsearch_cli.pictures.orientations import Transforms

        places = () if paths is None else tuple(all_absolute(paths))
        if paths is not None and not places:
            raise ValueError("paths is empty: leave it out to look everywhere")
        ways = one_of(Transforms, transforms, "transforms")
        default = Verdict.SAME if ways is Transforms.NONE else Verdict.EDITED
        weakest = default if level is None else one_of(Verdict, level, "level")
        if weakest.reaches(Verdict.SAME) and ways is not Transforms.NONE:
            raise ValueError(f"turned copies are edits: with the level {weakest.value} none would be found")
        asked = Asked(
            weakest,
            DEFAULT_KEEP if keep is None else keys_named(several(keep)),
            ScopeOptions(places, None, several(exclude)),
            tuple(all_absolute(references)),
            transforms=ways,
            max_distance=distance(max_distance),
        )
        return report_duplicates(self._opened, asked, __name__, Steps(progress))


def _check_bits(folder: IndexFolder, bits: int) -> None:
    from visualsearch_cli.index.open import open_reader
    from visualsearch_cli.indexing.chosen_models import check_bits

    with open_reader(folder) as catalog:
        check_bits(catalog.manifest(), folder.path, bits)


def _create(folder: IndexFolder, choices: Sequence[ModelChoice], bits: int | None) -> None:
    from visualsearch_cli.indexing.chosen_models import create_index, new_models

    models = new_models(choices, MESSAGES)
    models.load()  # a model that cannot be had leaves no folder behind
    with folder.lock():
        if not folder.exists():
            create_index(folder, models, bits)
